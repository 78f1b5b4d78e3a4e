"""The content of a fixture file: named cases, random inputs, and their gradients in float64."""

import zlib
from dataclasses import dataclass, field
from typing import Callable

import torch


@dataclass
class Fixture:
    """The content of one fixture file."""

    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    def add(self, case: str, metadata: str, tensors: dict[str, torch.Tensor]) -> None:
        """Stores `tensors` under `case.`, and `metadata` under `case`."""
        if case in self.metadata:
            raise ValueError(f"two cases are named {case}")
        self.metadata[case] = metadata
        for name, tensor in tensors.items():
            self.tensors[f"{case}.{name}"] = tensor.detach()


class Draws:
    """Random float32 values, as float64, that depend only on the case's name."""

    def __init__(self, case: str):
        self.generator = torch.Generator().manual_seed(zlib.crc32(case.encode()))

    def normal(self, *shape: int, scale: float = 1) -> torch.Tensor:
        return (torch.randn(shape, generator=self.generator) * scale).double()

    def integers(self, low: int, high: int, *shape: int) -> torch.Tensor:
        """Whole numbers, including both bounds."""
        return torch.randint(low, high + 1, shape, generator=self.generator).double()


def differentiate(
    function: Callable[..., torch.Tensor],
    inputs: dict[str, torch.Tensor],
    draw_dy: Callable[..., torch.Tensor],
) -> dict[str, torch.Tensor]:
    """`inputs`, the output `y`, a random `dy`, and `d<input>` for every input."""
    leaves = {name: value.clone().requires_grad_() for name, value in inputs.items()}
    y = function(**leaves)
    dy = draw_dy(*y.shape)
    y.backward(dy)
    gradients = {f"d{name}": leaf.grad for name, leaf in leaves.items()}
    return {**inputs, "y": y, "dy": dy, **gradients}


def layer(notation: str, within: float, gradients: float | None = None) -> str:
    """The metadata of a case that one layer is compared with: the layer, and the greatest differences.

    A difference is a part of the tensor's greatest element. `gradients` is `within` unless given.
    """
    text = f"notation={notation} within={within:g}"
    return text if gradients is None else f"{text} gradients={gradients:g}"


def extent(pair: tuple[int, int]) -> str:
    """A height and a width in the notation: `3x5`."""
    return f"{pair[0]}x{pair[1]}"


def yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
