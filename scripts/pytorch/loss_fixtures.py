"""The losses other than plain softmax cross-entropy: float32 inputs, results computed in float64."""

import torch
from torch.nn import functional

from fixture import Draws, Fixture

# Rows, outputs, scale of the outputs.
SHAPES = [(1, 1, 1.0), (3, 2, 1.0), (8, 10, 1.0), (5, 10, 30.0), (2, 17, 3.0), (33, 5, 0.01)]
PICTURES = (3, 785, 4.0)


def losses() -> Fixture:
    """Every loss: the loss of each row, the mean, and its gradient with respect to the outputs."""
    fixture = Fixture()
    for shape in SHAPES + [PICTURES]:
        for loss in ("mse", "bce"):
            add_values(fixture, loss, *shape)
    for n, width, scale in SHAPES:
        for loss in ("mse", "bce", "hinge", "cross-entropy"):
            add_labels(fixture, loss, n, width, scale)
        for smoothing in (0.1, 0.5):
            add_labels(fixture, "cross-entropy", n, width, scale, smoothing=smoothing)
            add_labels(fixture, "cross-entropy", n, width, scale, smoothing=smoothing, weighted=True)
        add_labels(fixture, "cross-entropy", n, width, scale, weighted=True)
        for smoothing in (0.0, 0.1):
            add_mixed(fixture, n, width, scale, smoothing, weighted=False)
            add_mixed(fixture, n, width, scale, smoothing, weighted=True)
    return fixture


def draw_outputs(draws: Draws, n: int, width: int, scale: float) -> torch.Tensor:
    return draws.normal(n, width, scale=scale)


def add(
    fixture: Fixture, case: str, metadata: str, outputs: torch.Tensor, inputs: dict, function
) -> None:
    """Stores a case; `function(outputs, reduction)` is the loss."""
    leaf = outputs.clone().requires_grad_()
    mean = function(leaf, "mean")
    mean.backward()
    rows = function(outputs, "none").reshape(len(outputs), -1).mean(1)
    tensors = {"outputs": outputs, **inputs, "losses": rows, "mean_loss": mean.reshape(1)}
    fixture.add(case, metadata, {**tensors, "doutputs": leaf.grad})


def add_values(fixture: Fixture, loss: str, n: int, width: int, scale: float) -> None:
    """Targets in 0...1, including both ends."""
    case = f"{loss}-values-{n}x{width}-scale{scale:g}"
    draws = Draws(case)
    outputs = draw_outputs(draws, n, width, scale)
    targets = draws.normal(n, width).clamp(-1, 1).float().add(1).div(2).double()
    function = {"mse": functional.mse_loss, "bce": functional.binary_cross_entropy_with_logits}[loss]
    add(
        fixture, case, f"loss={loss}", outputs, {"targets": targets},
        lambda s, reduction: function(s, targets, reduction=reduction),
    )


def add_labels(
    fixture: Fixture, loss: str, n: int, width: int, scale: float, smoothing: float = 0.0,
    weighted: bool = False,
) -> None:
    """One label per row; for mse and bce the target is its one-hot row."""
    case = f"{loss}-labels-{n}x{width}-scale{scale:g}-smoothing{smoothing:g}"
    case += "-weights" if weighted else ""
    draws = Draws(case)
    outputs = draw_outputs(draws, n, width, scale)
    labels = draws.integers(0, width - 1, n)
    inputs = {"labels": labels}
    weights = draws.normal(width).abs() + 0.1 if weighted else None
    if weighted:
        weights = weights.float().double()
        inputs["weights"] = weights
    index = labels.long()
    rows = functional.one_hot(index, width).double()
    functions = {
        "mse": lambda s, reduction: functional.mse_loss(s, rows, reduction=reduction),
        "bce": lambda s, reduction: functional.binary_cross_entropy_with_logits(
            s, rows, reduction=reduction
        ),
        "hinge": lambda s, reduction: functional.multi_margin_loss(s, index, reduction=reduction),
        "cross-entropy": lambda s, reduction: functional.cross_entropy(
            s, index, weight=weights, label_smoothing=smoothing, reduction=reduction
        ),
    }
    metadata = f"loss={loss} smoothing={smoothing!r}"
    add(fixture, case, metadata, outputs, inputs, functions[loss])


def add_mixed(
    fixture: Fixture, n: int, width: int, scale: float, smoothing: float, weighted: bool
) -> None:
    """Two labels per row, the first with a share: the target has probabilities."""
    case = f"cross-entropy-mixed-{n}x{width}-scale{scale:g}-smoothing{smoothing:g}"
    case += "-weights" if weighted else ""
    draws = Draws(case)
    outputs = draw_outputs(draws, n, width, scale)
    labels, others = draws.integers(0, width - 1, n), draws.integers(0, width - 1, n)
    shares = draws.normal(n).abs().clamp(max=1)
    inputs = {"labels": labels, "others": others, "shares": shares}
    weights = None
    if weighted:
        weights = (draws.normal(width).abs() + 0.1).float().double()
        inputs["weights"] = weights
    first = functional.one_hot(labels.long(), width).double()
    second = functional.one_hot(others.long(), width).double()
    rows = shares[:, None] * first + (1 - shares[:, None]) * second
    add(
        fixture, case, f"loss=cross-entropy smoothing={smoothing!r}", outputs, inputs,
        lambda s, reduction: functional.cross_entropy(
            s, rows, weight=weights, label_smoothing=smoothing, reduction=reduction
        ),
    )
