#!/usr/bin/env python3
"""Trains airbench94 on CIFAR-10 by Muon in PyTorch, to compare accuracy and time with `--recipe airbench94`.

The network, the settings and the views of the evaluation are those of recipes/airbench94.yaml. The random numbers are
PyTorch's, and the configuration is the fastest one of rival.py for fp32.

Prints a line per epoch, and at the end the accuracy on the test split with and without the additional views.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models import MODELS, Scale
from optimizer_fixtures import orthogonalized
from rival import restart_with_allocator

INPUTS_OF_HEAD = 256
EXAMPLE_BYTES = 1 + 3 * 32 * 32
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
BATCH = 2000
SMOOTHING = 0.2
SHIFT = 2
"""The most pixels by which an image of training is translated."""
WHITENING_EXAMPLES, WHITENING_EPSILON, WHITENING_EPOCHS = 5000, 5e-4, 3
FILTER_RATE, FILTER_MOMENTUM = 0.24, 0.6
BIAS_RATE, HEAD_RATE, MOMENTUM = 0.053, 0.67, 0.85
DECAY = 2e-6 * BATCH
"""Weight decay times the learning rate."""
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def read(folder: Path, names: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Normalized images `[n, 3, 32, 32]` in channels_last, and labels `[n]`."""
    bytes_ = np.concatenate([np.fromfile(folder / name, np.uint8) for name in names])
    records = torch.from_numpy(bytes_.reshape(-1, EXAMPLE_BYTES))
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    images = (records[:, 1:].reshape(-1, 3, 32, 32) / 255 - mean) / std
    return images.contiguous(memory_format=torch.channels_last), records[:, 0].long()


# MARK: Network


def whitening(images: torch.Tensor) -> torch.Tensor:
    """Filters `[24, 3, 2, 2]` of unit variance: the patches' principal directions, and their negatives."""
    patches = functional.unfold(images, 2).transpose(1, 2).reshape(-1, 12)
    values, vectors = torch.linalg.eigh(torch.cov(patches.T))
    filters = (vectors / (values + WHITENING_EPSILON).sqrt()).T.flip(0).reshape(12, 3, 2, 2)
    return torch.cat([filters, -filters])


@torch.no_grad()
def make_network(images: torch.Tensor) -> nn.Sequential:
    network = MODELS["airbench94"].make()
    first, *convolutions = [layer for layer in network if isinstance(layer, nn.Conv2d)]
    first.weight.copy_(whitening(images[:WHITENING_EXAMPLES]))
    first.bias.zero_()
    for layer in convolutions:
        nn.init.dirac_(layer.weight[: layer.in_channels])
    head = next(layer for layer in network if isinstance(layer, nn.Linear))
    head.weight.div_(head.weight.std())
    next(layer for layer in network if isinstance(layer, Scale)).factor = 1 / INPUTS_OF_HEAD
    return network.to(memory_format=torch.channels_last)


# MARK: Optimizers


class Muon(torch.optim.Optimizer):
    """Orthogonalized Nesterov momentum for filters; each filter bank keeps the norm √cout."""

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                v = self.state[p].setdefault("v", torch.zeros_like(p))
                v.mul_(FILTER_MOMENTUM).add_(p.grad)
                u = p.grad.add(v, alpha=FILTER_MOMENTUM)
                p.mul_(len(p) ** 0.5 / p.norm())
                p.sub_(orthogonalized(u.reshape(len(u), -1), COEFFICIENTS).view_as(p), alpha=group["lr"])


def make_optimizers(network: nn.Sequential) -> list[torch.optim.Optimizer]:
    """One for the filters, and one for the rest. The first group of the second is the whitening bias."""
    first = network[0].bias
    filters = [p for p in network.parameters() if p.requires_grad and p.ndim == 4]
    heads = [p for p in network.parameters() if p.ndim == 2]
    biases = [p for p in network.parameters() if p.requires_grad and p.ndim == 1 and p is not first]
    groups = [
        {"params": params, "lr": rate, "weight_decay": DECAY / rate}
        for params, rate in (([first], BIAS_RATE), (biases, BIAS_RATE), (heads, HEAD_RATE))
    ]
    optimizers = [
        Muon(filters, {"lr": FILTER_RATE}),
        torch.optim.SGD(groups, momentum=MOMENTUM, nesterov=True, fused=True),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["first_rate"] = group["lr"]
    return optimizers


# MARK: Training


def translated(padded: torch.Tensor, side: int) -> torch.Tensor:
    """Each image's part of `side` pixels at a random place."""
    places = 2 * SHIFT + 1
    row, column = torch.randint(places, (2, len(padded)))
    found = torch.empty(len(padded), 3, side, side).to(memory_format=torch.channels_last)
    for y in range(places):
        for x in range(places):
            chosen = (row == y) & (column == x)
            found[chosen] = padded[chosen, :, y : y + side, x : x + side]
    return found


def train(network: nn.Sequential, images: torch.Tensor, labels: torch.Tensor, epochs: int) -> None:
    side = images.shape[-1]
    mirrored = torch.rand(len(images)) < 0.5
    images[mirrored] = images[mirrored].flip(3)
    padded = functional.pad(images, (SHIFT,) * 4, "reflect").contiguous(memory_format=torch.channels_last)
    optimizers = make_optimizers(network)
    steps = len(images) // BATCH
    for epoch in range(epochs):
        start, total = time.perf_counter(), 0.0
        network.train()
        if epoch == WHITENING_EPOCHS:
            network[0].bias.requires_grad_(False)
        examples = translated(padded, side)
        if epoch % 2:
            examples = examples.flip(3)
        for step, chosen in enumerate(torch.randperm(len(images))[: steps * BATCH].split(BATCH), epoch * steps):
            share = 1 - step / (epochs * steps)
            for group in (group for optimizer in optimizers for group in optimizer.param_groups):
                group["lr"] = group["first_rate"] * share
            optimizers[1].param_groups[0]["lr"] = BIAS_RATE * max(0, 1 - step / (WHITENING_EPOCHS * steps))
            loss = functional.cross_entropy(
                network(examples[chosen]), labels[chosen], label_smoothing=SMOOTHING, reduction="sum"
            )
            network.zero_grad(set_to_none=True)
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            total += loss.item()
        seconds = time.perf_counter() - start
        print(f"epoch {epoch + 1}  train loss {total / steps / BATCH:.4f}  {seconds:.1f} s", flush=True)


@torch.inference_mode()
def evaluate(network: nn.Sequential, images: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """The accuracy of the single view; and that of the mean of views: the image with half the weight, two diagonal
    shifts by a pixel with a quarter each, all of them and their mirror images."""
    network.eval()

    def both(x: torch.Tensor) -> torch.Tensor:
        return (network(x) + network(x.flip(3))) / 2

    correct = [0, 0]
    side = images.shape[-1]
    for x, y in zip(images.split(BATCH), labels.split(BATCH)):
        padded = functional.pad(x, (1,) * 4, "reflect")
        shifts = [padded[:, :, n : n + side, n : n + side] for n in (0, 2)]
        plain = network(x)
        views = (plain + network(x.flip(3))) / 4 + sum(both(shift) for shift in shifts) / 4
        for place, logits in enumerate((plain, views)):
            correct[place] += int((logits.argmax(1) == y).sum())
    single, mean = (count / len(labels) for count in correct)
    return single, mean


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, metavar="DIR", help="CIFAR-10's binary files")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    restart_with_allocator(arguments.threads)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    names = [f"data_batch_{number}.bin" for number in range(1, 6)]
    missing = [name for name in [*names, "test_batch.bin"] if not os.path.isfile(arguments.data_dir / name)]
    if missing:
        print(f"error: {arguments.data_dir}: has no {missing[0]} (expected CIFAR-10's binary files)", file=sys.stderr)
        return 1
    images, labels = read(arguments.data_dir, names)
    network = make_network(images)
    train(network, images, labels, arguments.epochs)
    single, mean = evaluate(network, *read(arguments.data_dir, ["test_batch.bin"]))
    print(f"test accuracy {mean:.4f}  single view {single:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
