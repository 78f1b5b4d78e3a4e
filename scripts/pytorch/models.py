"""The networks that the scripts compare, under their names for `--model`.

Layers have the project's names (`conv1`, `bn1`, `fc1`, ... by kind and number), so that
`state_dict()` has the names, order and shapes of a checkpoint.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Callable

import torch
from torch import nn


class GlobalMaxPool(nn.Module):
    """`[n, c, h, w]` to `[n, c]`, the largest element of each channel."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.amax(dim=(2, 3))


class GlobalAveragePool(nn.Module):
    """`[n, c, h, w]` to `[n, c]`, the mean of each channel."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=(2, 3))


class Scale(nn.Module):
    """Multiplication by a constant."""

    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factor


class Signal(nn.Module):
    """`[n, c, h, w]` to `[n, c, h*w]`, row after row."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(2)


class Branch(nn.Module):
    """The start of a residual block; `Blocks` stores its input for the `Sum`."""


class Sum(nn.Module):
    """The end of a residual block, which adds the block's input."""


class Blocks(nn.Sequential):
    """A `Sequential` with residual blocks, each between a `Branch` and a `Sum`."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept: list[torch.Tensor] = []
        for layer in self:
            if isinstance(layer, Branch):
                kept.append(x)
            elif isinstance(layer, Sum):
                x = x + kept.pop()
            else:
                x = layer(x)
        return x


def residual(*layers: nn.Module) -> tuple[nn.Module, ...]:
    """The layers of the block `x + f(x)`."""
    return (Branch(), *layers, Sum())


def numbered(*layers: nn.Module) -> nn.Sequential:
    """The layers in order, named by kind and number."""
    kinds = {
        nn.Conv2d: "conv",
        nn.Conv1d: "conv",
        nn.ConvTranspose2d: "convt",
        nn.Upsample: "upsample",
        nn.BatchNorm2d: "bn",
        nn.BatchNorm1d: "bn",
        nn.Linear: "fc",
        nn.MaxPool2d: "pool",
        nn.MaxPool1d: "pool",
        nn.ReLU: "relu",
        nn.GELU: "gelu",
        nn.Dropout: "dropout",
        nn.Flatten: "flatten",
        GlobalMaxPool: "globalmax",
        GlobalAveragePool: "globalavg",
        Scale: "scale",
        Signal: "signal",
        Branch: "branch",
        Sum: "sum",
    }
    counts: dict[str, int] = {}
    open_blocks: list[int] = []
    named: OrderedDict[str, nn.Module] = OrderedDict()
    for layer in layers:
        kind = kinds[type(layer)]
        if kind == "sum":
            number = open_blocks.pop()
        else:
            number = counts[kind] = counts.get(kind, 0) + 1
        if kind == "branch":
            open_blocks.append(number)
        named[f"{kind}{number}"] = layer
    return Blocks(named) if "branch" in counts else nn.Sequential(named)


def fer_mnist(
    channels: tuple[int, int] = (16, 32), hidden: int = 512, classes: int = 10
) -> nn.Sequential:
    """The course's MNIST network; `channels` and `hidden` narrow it for small fixtures."""
    return numbered(
        nn.Conv2d(1, channels[0], 5, padding=2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(channels[0], channels[1], 5, padding=2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(channels[1] * 7 * 7, hidden),
        nn.ReLU(),
        nn.Linear(hidden, classes),
    )


def pytorch_mnist(dropout: bool = False) -> nn.Sequential:
    """The network of pytorch/examples, with or without its dropout."""
    layers = [
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(64 * 12 * 12, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    ]
    return numbered(*(layer for layer in layers if dropout or not isinstance(layer, nn.Dropout)))


def cdeotte() -> nn.Sequential:
    """Chris Deotte's network for MNIST; batch norm with Keras's defaults behind each ReLU."""
    layers: list[nn.Module] = []

    def convolution(inputs: int, outputs: int, kernel: int, **options: int) -> None:
        layers.extend([
            nn.Conv2d(inputs, outputs, kernel, **options),
            nn.ReLU(),
            nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
        ])

    inputs = 1
    for width in (32, 64):
        convolution(inputs, width, 3)
        convolution(width, width, 3)
        convolution(width, width, 5, stride=2, padding=2)
        layers.append(nn.Dropout(0.4))
        inputs = width
    convolution(inputs, 128, 4)
    return numbered(*layers, nn.Dropout(0.4), nn.Flatten(), nn.Linear(128, 10))


def fer_cifar(padding: int = 2) -> nn.Sequential:
    """The course's CIFAR-10 network; padding 2 keeps the size of the image, 0 is "valid"."""
    extent = 32
    for _ in range(2):
        extent = (extent + 2 * padding - 4 - 3) // 2 + 1
    return numbered(
        nn.Conv2d(3, 16, 5, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(16, 32, 5, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Flatten(),
        nn.Linear(32 * extent * extent, 256),
        nn.ReLU(),
        nn.Linear(256, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def mnist_small() -> nn.Sequential:
    """A quarter of `fer-mnist`'s parameters."""
    return numbered(
        nn.Conv2d(1, 24, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(24, 32, 3),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 5 * 5, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
    )


def lenet5() -> nn.Sequential:
    """LeNet-5 on 28x28 images, with ReLU and max pooling."""
    return numbered(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def autoencoder(decoder: str = "transposed") -> nn.Sequential:
    """An autoencoder of 28x28 digits with a 7x7x4 code; `decoder` is `transposed` or `bilinear`."""
    encoder = [
        nn.Conv2d(1, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 4, 3, padding=1),
    ]
    if decoder == "transposed":
        return numbered(
            *encoder,
            nn.ConvTranspose2d(4, 16, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )
    return numbered(
        *encoder,
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Conv2d(4, 16, 3, padding=1),
        nn.ReLU(),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Conv2d(16, 1, 3, padding=1),
    )


def vgg_small() -> nn.Sequential:
    """3x3 convolutions 64 64 P 128 128 P 256 256 P with batch norm and ReLU, global max, FC 10."""
    layers: list[nn.Module] = []
    inputs = 3
    for width in (64, 128, 256):
        for _ in range(2):
            layers += [
                nn.Conv2d(inputs, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            inputs = width
        layers.append(nn.MaxPool2d(2))
    return numbered(*layers, GlobalMaxPool(), nn.Linear(inputs, 10))


def resnet9() -> nn.Sequential:
    """David Page's network for CIFAR-10, as at DAWNBench."""

    def block(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
        return (
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )

    return numbered(
        *block(3, 64),
        *block(64, 128),
        nn.MaxPool2d(2),
        *residual(*block(128, 128), *block(128, 128)),
        *block(128, 256),
        nn.MaxPool2d(2),
        *block(256, 512),
        nn.MaxPool2d(2),
        *residual(*block(512, 512), *block(512, 512)),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Linear(512, 10, bias=False),
        Scale(1 / 8),
    )


def signal_cnn() -> nn.Sequential:
    """Digits as signals of 784 samples."""
    return numbered(
        Signal(),
        nn.Conv1d(1, 16, 9, stride=2, padding=4),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(16, 32, 9, padding=4),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(32, 64, 9, padding=4),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(64 * 49, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def airbench(
    widths: tuple[int, int, int] = (64, 256, 256), with_blocks: bool = False
) -> nn.Sequential:
    """Keller Jordan's airbench94: a frozen 2x2 whitening convolution, then three groups.

    `with_blocks` makes the groups of airbench96, whose last two of three convolutions are in a
    residual block. The whitening weights keep their random start here: only the cost of a step is
    of interest.
    """

    def batch_norm(width: int) -> nn.BatchNorm2d:
        norm = nn.BatchNorm2d(width, eps=1e-12, momentum=0.4)
        norm.weight.requires_grad_(False)
        return norm

    whitening = nn.Conv2d(3, 24, 2)
    whitening.weight.requires_grad_(False)
    layers: list[nn.Module] = [whitening, nn.GELU()]
    inputs = 24
    for width in widths:

        def convolution() -> list[nn.Module]:
            return [nn.Conv2d(width, width, 3, padding=1, bias=False), batch_norm(width)]

        layers += [
            nn.Conv2d(inputs, width, 3, padding=1, bias=False),
            nn.MaxPool2d(2),
            batch_norm(width),
            nn.GELU(),
        ]
        if with_blocks:
            layers += residual(*convolution(), nn.GELU(), *convolution())
        else:
            layers += convolution()
        layers.append(nn.GELU())
        inputs = width
    head = [nn.MaxPool2d(3), nn.Flatten(), nn.Linear(inputs, 10, bias=False), Scale(1 / 9)]
    return numbered(*layers, *head)


@dataclass(frozen=True)
class Model:
    """The constructor of a network, and its input size."""

    make: Callable[[], nn.Sequential]
    image_shape: tuple[int, int, int]
    """Channels, height, width."""


MODELS = {
    "fer-mnist": Model(fer_mnist, (1, 28, 28)),
    "pytorch-mnist": Model(pytorch_mnist, (1, 28, 28)),
    "pytorch-mnist-dropout": Model(lambda: pytorch_mnist(dropout=True), (1, 28, 28)),
    "cdeotte": Model(cdeotte, (1, 28, 28)),
    "lenet5": Model(lenet5, (1, 28, 28)),
    "mnist-small": Model(mnist_small, (1, 28, 28)),
    "signal-cnn": Model(signal_cnn, (1, 28, 28)),
    "fer-cifar": Model(fer_cifar, (3, 32, 32)),
    "vgg-small": Model(vgg_small, (3, 32, 32)),
    "airbench93": Model(lambda: airbench((64, 128, 128)), (3, 32, 32)),
    "airbench94": Model(airbench, (3, 32, 32)),
    "airbench95": Model(lambda: airbench((128, 384, 384)), (3, 32, 32)),
    "airbench96": Model(lambda: airbench((128, 384, 512), with_blocks=True), (3, 32, 32)),
    "resnet9": Model(resnet9, (3, 32, 32)),
}


def initialize(model: nn.Module, seed: int) -> None:
    """Draws weights from U(-sqrt(6/fan_in), sqrt(6/fan_in)) and sets biases to zero (He et al. 2015)."""
    generator = torch.Generator().manual_seed(seed)
    for layer in model.modules():
        if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def decayed_weights(model: nn.Module, count: int = 3) -> list[str]:
    """The names of the first `count` weights without biases, which decay in the course's recipe."""
    return [name for name, _ in model.named_parameters() if name.endswith(".weight")][:count]


def parameter_groups(model: nn.Module, weight_decay: float, decayed: list[str]) -> list[dict]:
    """Groups for a torch optimizer that decay the parameters named in `decayed` and no others."""
    chosen = [p for name, p in model.named_parameters() if name in decayed]
    others = [p for name, p in model.named_parameters() if name not in decayed]
    return [
        {"params": chosen, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
