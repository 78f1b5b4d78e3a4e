#!/usr/bin/env python3
"""Converts checkpoints of named models to PyTorch's state dictionaries, and back.

    convert_checkpoint.py to-pytorch CHECKPOINT STATE.pt
    convert_checkpoint.py to-checkpoint STATE.pt CHECKPOINT --like CHECKPOINT

STATE.pt holds the `state_dict()` of the network in `models.py`, or is a safetensors file of it. A
written checkpoint has the network's description and the settings of the checkpoint that it is like.
It has no state of an optimizer: `evaluate`, `predict`, `export` and `train --init` take it.

In Python, `load(path)` gives the network, and `save(state, path, like)` writes a checkpoint.
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch
from torch import nn

import tensor_file
from models import MODELS, Model, autoencoder

# The metadata that describes the network and its training data, not the progress of a run.
KEPT = ("architecture", "classes", "configuration", "data", "dataset", "input", "mean", "model", "std")
NETWORKS = {**MODELS, "autoencoder": Model(autoencoder, (1, 28, 28))}
FIXTURES = Path(__file__).resolve().parents[2] / "Tests/ExportTests/Fixtures"


def with_classes(network: nn.Sequential, classes: int) -> nn.Sequential:
    """The network with another number of outputs of its last linear layer."""
    name, layer = [(n, l) for n, l in network.named_children() if isinstance(l, nn.Linear)][-1]
    if layer.out_features != classes:
        setattr(network, name, nn.Linear(layer.in_features, classes, bias=layer.bias is not None))
    return network


def make(metadata: dict[str, str]) -> nn.Sequential:
    """The network that a checkpoint's metadata describes, with random values."""
    name = metadata["model"]
    if name == "autoencoder":
        return autoencoder("bilinear" if "upsample" in metadata["architecture"] else "transposed")
    if name not in NETWORKS:
        raise SystemExit(f"error: no named model (found {name}, expected one of {', '.join(NETWORKS)}).")
    return with_classes(NETWORKS[name].make(), len(json.loads(metadata["classes"])))


def load(path: Path) -> nn.Sequential:
    """The network of a checkpoint, in evaluation mode."""
    tensors, metadata = tensor_file.read(path)
    network = make(metadata)
    network.load_state_dict({name: t for name, t in tensors.items() if not name.startswith("optim.")})
    return network.eval()


def save(state: dict[str, torch.Tensor], path: Path, like: Path) -> None:
    """Writes a checkpoint with the values of `state` and the description of `like`."""
    tensors, metadata = tensor_file.read(like)
    write(path, state, {key: metadata[key] for key in KEPT if key in metadata})
    expected = {name: list(t.shape) for name, t in tensors.items() if not name.startswith("optim.")}
    found = {name: list(t.shape) for name, t in tensor_file.read(path)[0].items()}
    if found != expected:
        raise SystemExit(f"error: {path}: the tensors are not those of {like}.")


def write(path: Path, state: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Writes a checkpoint of format 1: the digest is that of the file with zeros in its place."""
    zeros = "0" * 64
    tensors = {name: t for name, t in state.items() if not name.endswith("num_batches_tracked")}
    tensor_file.write(path, tensors, {**metadata, "format": "1", "sha256": zeros})
    content = path.read_bytes()
    place = f'"sha256":"{zeros}"'.encode()
    digest = place.replace(zeros.encode(), hashlib.sha256(content).hexdigest().encode())
    path.write_bytes(content.replace(place, digest, 1))


def write_fixture() -> None:
    """Writes a small network of PyTorch as a checkpoint, and its outputs, for ConvertedCheckpointTests."""
    torch.manual_seed(1)
    network = nn.Sequential()
    network.add_module("conv1", nn.Conv2d(3, 4, 3, padding=1, bias=False))
    network.add_module("bn1", nn.BatchNorm2d(4))
    network.add_module("gelu1", nn.GELU())
    network.add_module("pool1", nn.MaxPool2d(2))
    network.add_module("flatten1", nn.Flatten())
    network.add_module("fc1", nn.Linear(4 * 3 * 4, 3))
    with torch.no_grad():
        for _ in range(3):
            network(torch.randn(8, 3, 6, 8) + 0.5)
    network.eval()
    images = torch.randn(5, 3, 6, 8)
    write(
        FIXTURES / "converted.safetensors", network.state_dict(),
        {
            "model": "custom", "architecture": "conv(4,3,bias=no) bn gelu pool(2) flatten fc(classes)",
            "input": "6,8,3", "classes": '["a","b","c"]', "dataset": "own", "mean": "0.5,0.4,0.3",
            "std": "0.2,0.2,0.25", "configuration": '{"arch":"conv(4,3,bias=no) bn gelu pool(2) flatten fc(classes)"}',
        })
    with torch.no_grad():
        outputs = network.double()(images.double())
    tensor_file.write(FIXTURES / "converted-outputs.safetensors", {"images": images, "outputs": outputs}, {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("to-pytorch", help="write the state dictionary of a checkpoint")
    command.add_argument("checkpoint", type=Path)
    command.add_argument("state", type=Path)
    command = commands.add_parser("to-checkpoint", help="write a checkpoint of a state dictionary")
    command.add_argument("state", type=Path)
    command.add_argument("checkpoint", type=Path)
    command.add_argument("--like", type=Path, required=True, help="a checkpoint of the same network")
    commands.add_parser("fixture", help="write the fixtures of ConvertedCheckpointTests")
    arguments = parser.parse_args()
    if arguments.command == "fixture":
        write_fixture()
    elif arguments.command == "to-pytorch":
        torch.save(load(arguments.checkpoint).state_dict(), arguments.state)
    elif arguments.state.suffix == ".safetensors":
        save(tensor_file.read(arguments.state)[0], arguments.checkpoint, arguments.like)
    else:
        save(torch.load(arguments.state, weights_only=True), arguments.checkpoint, arguments.like)


if __name__ == "__main__":
    main()
