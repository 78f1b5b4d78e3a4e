#!/usr/bin/env python3
"""Trains `autoencoder` like the project, to compare the errors.

    train_autoencoder.py initial --decoder transposed --output initial.safetensors
    train_autoencoder.py train --decoder transposed --initial initial.safetensors --data-dir DIR
    train_autoencoder.py evaluate --decoder transposed --checkpoint FILE --data-dir DIR

The network, its initial values and the settings are the same: all 60,000 training digits in a new order
each epoch, batches of 32, SGD with momentum 0.9, the mean squared error per pixel of pixels in 0...1, and
a learning rate that falls along half a cosine to 0 step by step. The orders of the examples differ, so
the curves differ too, and only the final errors can be compared. The project's run is

    swift run train --model autoencoder --decoder transposed --init initial.safetensors --val-split 0

`train` prints a line per epoch, and at the end the error on the test split, which is read once.

`evaluate` prints the test error of a checkpoint of either program, and a measure of grid patterns: the
mean power of the errors' Fourier transforms at periods of 2 and 4 pixels along either axis or both,
divided by that at the neighboring frequencies. Without a pattern of the decoder's strides it is about 1.
"""

import argparse
import math
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

import tensor_file
from idx import DataError, find, read_idx
from models import autoencoder


def write_initial(arguments: argparse.Namespace) -> int:
    """Writes PyTorch's own initial values of the network."""
    torch.manual_seed(arguments.seed)
    tensor_file.write(arguments.output, autoencoder(arguments.decoder).state_dict(), {})
    return 0


def images(directory: Path, split: str) -> torch.Tensor:
    """The images of a split, `[n, 1, h, w]`, in 0...1."""
    images = read_idx(find(directory, f"{split}-images-idx3-ubyte"))
    return (torch.from_numpy(images.copy()).float() / 255).unsqueeze(1)


@torch.no_grad()
def error(model: nn.Module, images: torch.Tensor) -> float:
    """The mean squared error per pixel."""
    model.eval()
    total = sum(
        functional.mse_loss(model(part), part, reduction="sum").double().item()
        for part in images.split(500)
    )
    return total / images.numel()


@torch.no_grad()
def grid_power(model: nn.Module, images: torch.Tensor) -> float:
    """Power of the errors at the decoder's periods, 2 and 4 pixels, over the neighboring frequencies'."""
    extent = images.shape[-1]
    power = torch.zeros(extent, extent, dtype=torch.float64)
    for part in images.split(500):
        errors = (model(part) - part).double().squeeze(1)
        power += torch.fft.fft2(errors).abs().square().sum(0)
    periods = {extent // 4, extent // 2, 3 * extent // 4}
    ratios = []
    for u in periods | {0}:
        for v in periods | {0}:
            if u == v == 0:
                continue
            around = [
                power[(u + i) % extent, (v + j) % extent]
                for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)
            ]
            ratios.append(power[u, v] / (sum(around) / len(around)))
    return float(sum(ratios) / len(ratios))


def evaluate(arguments: argparse.Namespace) -> int:
    """Prints the test error of a checkpoint, and its measure of grid patterns."""
    test = images(arguments.data_dir, "t10k")
    model = autoencoder(arguments.decoder)
    tensors, _ = tensor_file.read(arguments.checkpoint)
    model.load_state_dict({name: tensors[name] for name in model.state_dict()})
    print(f"test mse {error(model, test):.6f}  power at the grid's periods {grid_power(model, test):.2f}")
    return 0


def train(arguments: argparse.Namespace) -> int:
    """Trains, and prints the errors."""
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    training, test = images(arguments.data_dir, "train"), images(arguments.data_dir, "t10k")
    model = autoencoder(arguments.decoder)
    initial, _ = tensor_file.read(arguments.initial)
    model.load_state_dict(initial)
    optimizer = torch.optim.SGD(model.parameters(), lr=arguments.lr, momentum=arguments.momentum)
    shuffle = torch.Generator().manual_seed(arguments.seed)
    steps = arguments.epochs * math.ceil(len(training) / arguments.batch_size)
    step = 0
    for epoch in range(1, arguments.epochs + 1):
        model.train()
        start, total = time.perf_counter(), 0.0
        for examples in torch.randperm(len(training), generator=shuffle).split(arguments.batch_size):
            for group in optimizer.param_groups:
                group["lr"] = arguments.lr * 0.5 * (1 + math.cos(math.pi * step / steps))
            images = training[examples]
            optimizer.zero_grad()
            loss = functional.mse_loss(model(images), images)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(images)
            step += 1
        seconds = time.perf_counter() - start
        print(
            f"epoch {epoch}  step {step}  train mse {total / len(training):.6f}"
            f"  {len(training) / seconds:,.0f} images/s",
            flush=True,
        )
    print(f"test mse {error(model, test):.6f}  power at the grid's periods {grid_power(model, test):.2f}")
    if arguments.output:
        tensor_file.write(arguments.output, model.state_dict(), {})
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    modes = parser.add_subparsers(required=True, metavar="initial|train|evaluate")

    mode = modes.add_parser("initial", help="write initial values for both to start from")
    mode.add_argument("--decoder", choices=["transposed", "bilinear"], required=True)
    mode.add_argument("--output", type=Path, required=True, metavar="FILE")
    mode.add_argument("--seed", type=int, default=1)
    mode.set_defaults(run=write_initial)

    mode = modes.add_parser("train", help="train with PyTorch")
    mode.add_argument("--decoder", choices=["transposed", "bilinear"], required=True)
    mode.add_argument("--initial", type=Path, required=True, metavar="FILE")
    mode.add_argument("--data-dir", type=Path, required=True, metavar="DIR", help="MNIST's IDX files")
    mode.add_argument("--epochs", type=int, default=10)
    mode.add_argument("--batch-size", type=int, default=32)
    mode.add_argument("--lr", type=float, default=0.05)
    mode.add_argument("--momentum", type=float, default=0.9)
    mode.add_argument("--seed", type=int, default=1, help="of the orders of the examples")
    mode.add_argument("--threads", type=int, default=2)
    mode.add_argument("--output", type=Path, metavar="FILE", help="write the trained values here")
    mode.set_defaults(run=train)

    mode = modes.add_parser("evaluate", help="look at a checkpoint")
    mode.add_argument("--decoder", choices=["transposed", "bilinear"], required=True)
    mode.add_argument("--checkpoint", type=Path, required=True, metavar="FILE")
    mode.add_argument("--data-dir", type=Path, required=True, metavar="DIR", help="MNIST's IDX files")
    mode.set_defaults(run=evaluate)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    try:
        return arguments.run(arguments)
    except DataError as problem:
        print(f"error: {problem}", file=sys.stderr)
    except OSError as problem:
        print(f"error: {problem.filename}: {problem.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
