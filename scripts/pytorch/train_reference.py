#!/usr/bin/env python3
"""Trains a named model with the course's recipe, to compare the accuracy with the project's.

8 epochs of batch 50; the learning rate is 1e-1, 1e-2, 1e-3, 1e-4 from epochs 1, 3, 5, 7; weight decay 1e-3
on the first three weight tensors; plain SGD. The last 5,000 training examples are for validation.
Weights start from U(±sqrt(6/fan_in)), biases from zero.

Prints a line per epoch, and at the end the accuracy on the test split, which is read once.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from idx import DataError, Split, STATISTICS, read_split
from models import MODELS, decayed_weights, initialize, parameter_groups

RATES = {1: 1e-1, 3: 1e-2, 5: 1e-3, 7: 1e-4}
"""The first epoch, counted from 1, of each learning rate."""

WEIGHT_DECAY = 1e-3
VALIDATION = 5000


def rate_of(epoch: int) -> float:
    """The learning rate of an epoch, counted from 1."""
    return RATES[max(first for first in RATES if first <= epoch)]


@torch.no_grad()
def evaluate(model: nn.Module, split: Split) -> tuple[float, float]:
    """Mean loss and accuracy over a split."""
    model.eval()
    loss, correct = 0.0, 0
    for images, labels in zip(split.images.split(500), split.labels.split(500)):
        logits = model(images)
        loss += functional.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(1) == labels).sum())
    return loss / len(split.labels), correct / len(split.labels)


def train(model: nn.Module, data: Split, arguments: argparse.Namespace, validation: Split) -> None:
    """Trains for the selected epochs, or until `--max-steps`."""
    optimizer = torch.optim.SGD(
        parameter_groups(model, WEIGHT_DECAY, decayed_weights(model)), lr=RATES[1]
    )
    shuffle = torch.Generator().manual_seed(arguments.seed)
    step = 0
    for epoch in range(1, arguments.epochs + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate_of(epoch)
        model.train()
        start, first_step, total, count = time.perf_counter(), step, 0.0, 0
        order = torch.randperm(len(data.labels), generator=shuffle)
        for examples in order.split(arguments.batch_size):
            if step == arguments.max_steps:
                break
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(data.images[examples]), data.labels[examples])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(examples)
            count += len(examples)
            step += 1
        if step == first_step:
            break
        seconds = time.perf_counter() - start
        validation_loss, validation_accuracy = evaluate(model, validation)
        print(
            f"epoch {epoch}  step {step}  rate {rate_of(epoch):g}  train loss {total / count:.4f}"
            f"  validation loss {validation_loss:.4f}  accuracy {validation_accuracy:.4f}"
            f"  {count / seconds:,.0f} images/s",
            flush=True,
        )


def load(arguments: argparse.Namespace) -> tuple[Split, Split, Split]:
    """Training, validation and test data in channels_last."""
    both = read_split(arguments.data_dir, arguments.dataset, "train")
    test = read_split(arguments.data_dir, arguments.dataset, "t10k")
    kept = len(both.labels) - VALIDATION
    parts = [
        (both.images[:kept], both.labels[:kept]),
        (both.images[kept:], both.labels[kept:]),
        (test.images, test.labels),
    ]
    training, validation, test = (
        Split(images.to(memory_format=torch.channels_last), labels)
        for images, labels in parts
    )
    return training, validation, test


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [name for name, model in MODELS.items() if model.image_shape == (1, 28, 28)]
    parser.add_argument("--model", choices=names, default="fer-mnist")
    parser.add_argument("--dataset", choices=list(STATISTICS), default="mnist")
    parser.add_argument("--data-dir", type=Path, required=True, metavar="DIR", help="IDX files")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--max-steps", type=int, metavar="N", help="stop after N steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    try:
        training, validation, test = load(arguments)
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    model = MODELS[arguments.model].make()
    initialize(model, arguments.seed)
    model = model.to(memory_format=torch.channels_last)
    train(model, training, arguments, validation)
    loss, accuracy = evaluate(model, test)
    print(f"test loss {loss:.4f}  accuracy {accuracy:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
