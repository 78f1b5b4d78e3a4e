#!/usr/bin/env python3
"""Trains `fer-mnist` like the project, from the same weights on the same batches, and compares.

    compare_training.py initial --output initial.safetensors
    compare_training.py train --initial initial.safetensors --data-dir DIR --output reference
    compare_training.py compare --reference reference --metrics metrics.jsonl --checkpoint FILE

Batches are taken in the training set's own order: examples 0 ..< B in step 1, B ..< 2B in step 2,
and so on. `train` writes `losses.jsonl`, with the loss of each step's batch before its update, and
`step-<n>.safetensors`, the parameters after step n, including the initial ones. `compare` fails with
exit code 1 unless

- each parameter tensor is within 1e-5 of the reference, as the largest difference between elements
  over the reference's largest element, and
- each step's loss is within 1e-3 of the reference's, relative to the reference's.

Training amplifies rounding errors: if two elements of a pooling region differ only by rounding, another
one may be the maximum, and at a high learning rate the difference grows until the curves separate. At
the default learning rate and the default seed of `initial`, PyTorch's float32 stays within these limits
of its own float64; README.md has the measurements.
"""

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch.nn import functional

import tensor_file
from idx import DataError, read_split
from models import decayed_weights, fer_mnist, initialize, parameter_groups

PARAMETER_TOLERANCE = 1e-5
LOSS_TOLERANCE = 1e-3


class InputError(Exception):
    """A file lacks data that the command needs; the message is one sentence."""


def write_initial(arguments: argparse.Namespace) -> int:
    """Writes parameters of `fer-mnist`, drawn by the selected scheme."""
    torch.manual_seed(arguments.seed)
    model = fer_mnist()
    if arguments.scheme == "he":
        initialize(model, arguments.seed)
    tensor_file.write(arguments.output, model.state_dict(), {})
    return 0


def train(arguments: argparse.Namespace) -> int:
    """Trains, and writes the losses and the parameters after the selected steps."""
    torch.set_num_threads(arguments.threads)
    dtype = torch.float64 if arguments.double else torch.float32
    model = fer_mnist().to(dtype)
    model.load_state_dict(model_tensors(arguments.initial, model.state_dict()))
    optimizer = torch.optim.SGD(
        parameter_groups(model, arguments.weight_decay, decayed_weights(model)),
        lr=arguments.lr,
        momentum=arguments.momentum,
        nesterov=arguments.nesterov,
    )
    batch = arguments.batch_size
    data = read_split(arguments.data_dir, "mnist", "train", count=arguments.steps * batch)
    images = data.images.to(dtype)

    arguments.output.mkdir(parents=True, exist_ok=True)
    tensor_file.write(step_file(arguments.output, 0), model.state_dict(), {})
    kept = set(arguments.keep or [1, arguments.steps])
    with open(arguments.output / "losses.jsonl", "w") as losses:
        for step in range(1, arguments.steps + 1):
            examples = slice((step - 1) * batch, step * batch)
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images[examples]), data.labels[examples])
            loss.backward()
            optimizer.step()
            record = {"kind": "step", "step": step, "epoch": 1, "loss": loss.item()}
            losses.write(json.dumps(record, separators=(",", ":")) + "\n")
            if step in kept:
                tensor_file.write(step_file(arguments.output, step), model.state_dict(), {})
    print(f"loss {loss.item():.6f} at step {arguments.steps}; see {arguments.output}")
    return 0


def step_file(directory: Path, step: int) -> Path:
    """The path of the parameters after `step`."""
    return directory / f"step-{step}.safetensors"


def model_tensors(path: Path, expected: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint that belong to a model, without optimizer state."""
    try:
        tensors, _ = tensor_file.read(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except SafetensorError as error:
        raise InputError(f"{path}: not a safetensors file ({error})") from error
    for name, tensor in expected.items():
        if name not in tensors:
            raise InputError(f"{path}: has no tensor {name}")
        if tensors[name].shape != tensor.shape:
            raise InputError(
                f"{path}: {name} is {list(tensors[name].shape)}, expected {list(tensor.shape)}"
            )
    return {name: tensors[name] for name in expected}


def read_losses(path: Path) -> dict[int, float]:
    """The loss of every record of kind `step`, by step; a repeated step is an error."""
    losses: dict[int, float] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        try:
            record = json.loads(line)
            if record["kind"] == "step":
                step, loss = int(record["step"]), float(record["loss"])
            else:
                continue
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: line {number} is not a metrics record") from error
        if step in losses:
            raise InputError(f"{path}: line {number} repeats step {step}")
        losses[step] = loss
    return losses


@dataclass
class Verdict:
    """The worst relative difference of one comparison, and its verdict."""

    subject: str
    worst: float
    place: str
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.worst <= self.tolerance

    def __str__(self) -> str:
        word = "pass" if self.passed else "FAIL"
        return f"{word}  {self.subject}: worst {self.worst:.3g} at {self.place} (at most {self.tolerance:g})"


def compare(arguments: argparse.Namespace) -> int:
    """Compares a run of the project with the reference, and prints a verdict for each."""
    verdicts = []
    if arguments.checkpoint:
        verdicts.append(compare_parameters(arguments))
    if arguments.metrics:
        verdicts.append(compare_losses(arguments))
    if not verdicts:
        raise InputError("nothing to compare: give --checkpoint, --metrics or both")
    for verdict in verdicts:
        print(verdict)
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def compare_parameters(arguments: argparse.Namespace) -> Verdict:
    """Compares a checkpoint with the reference's parameters after `--step`, tensor by tensor.

    Besides the judged figure it prints the difference over the largest change since the start, which
    a low rate does not flatter.
    """
    shapes = fer_mnist().state_dict()
    reference = model_tensors(step_file(arguments.reference, arguments.step), shapes)
    initial = model_tensors(step_file(arguments.reference, 0), shapes)
    found = model_tensors(arguments.checkpoint, shapes)
    worst = (-1.0, "")
    for name, expected in reference.items():
        expected, actual = expected.double(), found[name].double()
        distance = (actual - expected).abs()
        relative = finite(float(distance.max() / expected.abs().max()))
        of_change = float(distance.max() / (expected - initial[name].double()).abs().max())
        print(f"      {name}: {relative:.3g} of the largest element, {of_change:.3g} of the change")
        worst = max(worst, (relative, name))
    return Verdict(f"parameters after step {arguments.step}", *worst, PARAMETER_TOLERANCE)


def compare_losses(arguments: argparse.Namespace) -> Verdict:
    """Compares the loss curves over all steps of the reference."""
    reference = read_losses(arguments.reference / "losses.jsonl")
    found = read_losses(arguments.metrics)
    missing = sorted(reference.keys() - found.keys())
    if missing:
        raise InputError(
            f"{arguments.metrics}: has no loss for step {missing[0]} ({len(missing)} of"
            f" {len(reference)} steps are missing; was it written for every step?)"
        )
    relative = {
        step: finite(abs(found[step] - expected) / abs(expected))
        for step, expected in reference.items()
    }
    for bound in (1e-6, 1e-5, 1e-4):
        first = next((step for step in sorted(relative) if relative[step] > bound), None)
        print(f"      loss: over {bound:g} apart from step {first}" if first
              else f"      loss: never over {bound:g} apart")
    worst = max((difference, f"step {step}") for step, difference in relative.items())
    return Verdict(f"loss over {len(reference)} steps", *worst, LOSS_TOLERANCE)


def finite(difference: float) -> float:
    """`difference`, or infinity for NaN, which `max` would ignore."""
    return math.inf if math.isnan(difference) else difference


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    modes = parser.add_subparsers(required=True, metavar="initial|train|compare")

    mode = modes.add_parser("initial", help="write initial weights for both to start from")
    mode.add_argument("--output", type=Path, required=True, metavar="FILE")
    mode.add_argument("--seed", type=int, default=2)
    mode.add_argument(
        "--scheme", choices=["he", "pytorch"], default="he",
        help="U(±sqrt(6/fan_in)) and no biases, or PyTorch's own U(±1/sqrt(fan_in)) for both",
    )
    mode.set_defaults(run=write_initial)

    mode = modes.add_parser("train", help="train with PyTorch and write the reference")
    mode.add_argument("--initial", type=Path, required=True, metavar="FILE")
    mode.add_argument("--data-dir", type=Path, required=True, metavar="DIR", help="MNIST's IDX files")
    mode.add_argument("--output", type=Path, required=True, metavar="DIR")
    mode.add_argument("--batch-size", type=int, default=50)
    mode.add_argument("--steps", type=int, default=200)
    mode.add_argument("--lr", type=float, default=1e-3)
    mode.add_argument("--momentum", type=float, default=0.0)
    mode.add_argument("--nesterov", action="store_true")
    mode.add_argument("--weight-decay", type=float, default=1e-3, help="of the first three weights")
    mode.add_argument("--double", action="store_true", help="compute in float64")
    mode.add_argument("--threads", type=int, default=1)
    mode.add_argument(
        "--keep", type=int, action="append", metavar="STEP",
        help="write the parameters after this step; may be repeated (default: the first and the last)",
    )
    mode.set_defaults(run=train)

    mode = modes.add_parser("compare", help="compare a run with the reference")
    mode.add_argument("--reference", type=Path, required=True, metavar="DIR")
    mode.add_argument("--metrics", type=Path, metavar="FILE")
    mode.add_argument("--checkpoint", type=Path, metavar="FILE")
    mode.add_argument("--step", type=int, default=1, help="the step that the checkpoint follows")
    mode.set_defaults(run=compare)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    try:
        return arguments.run(arguments)
    except (InputError, DataError) as error:
        print(f"error: {error}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
