#!/usr/bin/env python3
"""Writes the PyTorch fixtures of the tests, or compares them with the committed ones.

Inputs are float32. Outputs and gradients are computed in float64 and rounded once to float32, which
is more exact than any computation in float32. Activations are in PyTorch's
order `[n, c, h, w]`, convolution weights `[cout, cin, kh, kw]`, fully connected ones `[out, in]`.
"""

import argparse
import sys
import warnings
from pathlib import Path

import torch

import attribution_fixtures
import batch_norm_fixtures
import convolution_fixtures
import layer_fixtures
import loss_fixtures
import optimizer_fixtures
import schedule_fixtures
import tensor_file
import training_fixtures
import transposed_and_1d_fixtures
from fixture import Fixture

FIXTURES = {
    "convolution": convolution_fixtures.convolution,
    "convolution_same": convolution_fixtures.convolution_same,
    "transposed_convolution": transposed_and_1d_fixtures.transposed_convolution,
    "convolution_1d": transposed_and_1d_fixtures.convolution_1d,
    **layer_fixtures.FIXTURES,
    "batch_norm": batch_norm_fixtures.batch_norm,
    "losses": loss_fixtures.losses,
    "sgd": training_fixtures.sgd,
    "optimizers": optimizer_fixtures.optimizers,
    "schedules": schedule_fixtures.schedules,
    "fer_mnist_step": training_fixtures.fer_mnist_step,
    "batch_norm_networks": batch_norm_fixtures.networks,
    "attribution": attribution_fixtures.attribution,
}

DEFAULT_DIRECTORY = Path(__file__).resolve().parents[2] / "Tests/PyTorchTests/Fixtures"


def differences(path: Path, fixture: Fixture) -> list[str]:
    """The differences of the file at `path` from `fixture`, one sentence each.

    Float64 results rounded to float32 may differ by one unit in the last place between
    processors; what was computed in float32 may differ by 1e-5 of the tensor's largest element.
    """
    if not path.is_file():
        return [f"{path}: missing"]
    tensors, metadata = tensor_file.read(path)
    found = []
    if metadata != fixture.metadata:
        found.append(f"{path}: the metadata differs")
    for name in sorted(tensors.keys() ^ fixture.tensors.keys()):
        found.append(f"{path}: {name} is in one of the two only")
    for name in sorted(tensors.keys() & fixture.tensors.keys()):
        stored, computed = tensors[name].double(), fixture.tensors[name].float().double()
        if stored.shape != computed.shape:
            found.append(f"{path}: {name} is {tuple(stored.shape)}, not {tuple(computed.shape)}")
            continue
        tolerance = 1e-5 if name.startswith("float32.") else 2**-23
        scale = float(computed.abs().max())
        error = float((stored - computed).abs().max())
        if not error <= tolerance * scale:
            found.append(f"{path}: {name} differs by {error:.3g}, its largest element is {scale:.3g}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=DEFAULT_DIRECTORY, metavar="DIR")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with DIR")
    arguments = parser.parse_args()

    warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    problems: list[str] = []
    for name, make in FIXTURES.items():
        path = arguments.output / f"{name}.safetensors"
        fixture = make()
        if arguments.check:
            problems += differences(path, fixture)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        tensor_file.write(path, fixture.tensors, fixture.metadata)
        print(f"{path.name}: {len(fixture.tensors)} tensors, {path.stat().st_size:,} bytes")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
