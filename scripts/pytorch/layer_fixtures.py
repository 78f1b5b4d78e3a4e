"""Layers other than convolution, and the loss: inputs are float32, results are computed in float64."""

from typing import Callable

import torch
from torch import nn
from torch.nn import functional

from fixture import Draws, Fixture, differentiate, extent, layer, yes_or_no


def window(size: tuple, stride: tuple, padding: tuple, ceil: bool) -> str:
    """A pooling window in the notation."""
    mode = "ceil" if ceil else "floor"
    return f"{extent(size)},{extent(stride)},padding={extent(padding)},mode={mode}"


# Images, channels, height, width; size, stride, padding, ceil. Ties follow in POOLING_TIES.
POOLING = [
    (1, 1, 2, 2, (2, 2), (2, 2), (0, 0), False),
    (2, 3, 8, 6, (2, 2), (2, 2), (0, 0), False),
    (2, 17, 7, 9, (2, 2), (2, 2), (0, 0), False),
    (2, 3, 7, 9, (2, 2), (2, 2), (0, 0), True),
    (1, 16, 9, 9, (3, 3), (2, 2), (0, 0), False),
    (1, 16, 8, 10, (3, 3), (2, 2), (0, 0), False),
    (1, 5, 8, 10, (3, 3), (2, 2), (0, 0), True),
    (1, 2, 16, 17, (3, 3), (2, 2), (0, 0), False),
    (1, 6, 8, 7, (3, 3), (2, 2), (1, 1), False),
    # Ceiling: the last region would start in the right padding, so PyTorch leaves it out.
    (1, 2, 4, 4, (2, 2), (3, 3), (1, 1), True),
    (1, 3, 5, 7, (3, 3), (1, 1), (1, 1), False),
    (3, 2, 7, 6, (3, 3), (1, 1), (0, 0), False),
    (1, 33, 7, 8, (3, 3), (3, 3), (0, 0), False),
    (1, 5, 7, 8, (3, 3), (3, 3), (0, 0), True),
    (1, 4, 11, 13, (4, 4), (4, 4), (0, 0), True),
    (1, 2, 9, 10, (4, 4), (3, 3), (2, 2), False),
    (2, 3, 9, 10, (4, 4), (3, 3), (2, 2), True),
    # A stride beyond the size skips elements, whose gradient is zero.
    (1, 3, 9, 8, (2, 2), (3, 3), (0, 0), False),
    (2, 2, 9, 8, (1, 1), (2, 2), (0, 0), False),
    (1, 3, 6, 9, (2, 3), (2, 1), (0, 1), False),
    (1, 3, 9, 6, (3, 2), (1, 2), (1, 0), True),
    (2, 5, 6, 7, (6, 7), (6, 7), (0, 0), False),
]

# Whole numbers in a small range: of equal largest elements, the first in reading order is used.
POOLING_TIES = [
    (2, 16, 8, 8, (2, 2), (2, 2), (0, 0), False),
    (1, 5, 9, 9, (3, 3), (2, 2), (0, 0), False),
    (1, 3, 8, 7, (3, 3), (2, 2), (1, 1), True),
]


def pooling() -> Fixture:
    """Max pooling; the cases named `ties-` have equal elements in most regions."""
    fixture = Fixture()
    for prefix, cases in (("", POOLING), ("ties-", POOLING_TIES)):
        for n, c, h, w, size, stride, padding, ceil in cases:
            case = (
                f"{prefix}{size[0]}x{size[1]}-s{stride[0]}x{stride[1]}-p{padding[0]}x{padding[1]}"
                f"-{h}x{w}x{c}-n{n}"
            ) + ("-ceil" if ceil else "")
            draws = Draws(case)
            x = draws.integers(-1, 1, n, c, h, w) if prefix else draws.normal(n, c, h, w)
            fixture.add(
                case,
                # Outputs are copies of inputs; gradients may be sums if windows overlap.
                layer(f"pool({window(size, stride, padding, ceil)})", within=0, gradients=1e-6),
                differentiate(
                    lambda x: functional.max_pool2d(x, size, stride, padding, ceil_mode=ceil),
                    {"x": x},
                    draws.normal,
                ),
            )
    return fixture


# Images, channels, height, width; size, stride, padding, ceil, count_include_pad.
AVERAGE_POOLING = [
    (2, 3, 8, 6, (2, 2), (2, 2), (0, 0), False, True),
    (2, 17, 7, 9, (2, 2), (2, 2), (0, 0), False, True),
    (2, 3, 7, 9, (2, 2), (2, 2), (0, 0), True, True),
    (1, 16, 9, 9, (3, 3), (2, 2), (0, 0), False, True),
    (1, 5, 8, 10, (3, 3), (2, 2), (0, 0), True, True),
    (1, 6, 8, 7, (3, 3), (2, 2), (1, 1), False, True),
    (1, 6, 8, 7, (3, 3), (2, 2), (1, 1), False, False),
    # Ceiling: the last region would start in the right padding, so PyTorch leaves it out.
    (1, 2, 4, 4, (2, 2), (3, 3), (1, 1), True, True),
    (1, 2, 4, 4, (2, 2), (3, 3), (1, 1), True, False),
    (1, 3, 5, 7, (3, 3), (1, 1), (1, 1), False, True),
    (1, 3, 5, 7, (3, 3), (1, 1), (1, 1), False, False),
    (1, 33, 7, 8, (3, 3), (3, 3), (0, 0), False, True),
    (1, 4, 11, 13, (4, 4), (4, 4), (0, 0), True, True),
    # Ceiling and padding: elements beyond the padding are never counted.
    (2, 3, 9, 10, (4, 4), (3, 3), (2, 2), True, True),
    (2, 3, 9, 10, (4, 4), (3, 3), (2, 2), True, False),
    # A stride beyond the size skips elements, whose gradient is zero.
    (1, 3, 9, 8, (2, 2), (3, 3), (0, 0), False, True),
    (2, 2, 9, 8, (1, 1), (2, 2), (0, 0), False, True),
    (1, 3, 6, 9, (2, 3), (2, 1), (0, 1), False, True),
    (1, 3, 9, 6, (3, 2), (1, 2), (1, 0), True, False),
    (2, 5, 6, 7, (6, 7), (6, 7), (0, 0), False, True),
]


def average_pooling() -> Fixture:
    """The mean of each window, with or without the padding."""
    fixture = Fixture()
    for n, c, h, w, size, stride, padding, ceil, counts in AVERAGE_POOLING:
        case = (
            f"{size[0]}x{size[1]}-s{stride[0]}x{stride[1]}-p{padding[0]}x{padding[1]}"
            f"-{h}x{w}x{c}-n{n}"
        ) + ("-ceil" if ceil else "") + ("" if counts else "-inside")
        draws = Draws(f"average-{case}")
        fixture.add(
            case,
            layer(
                f"avgpool({window(size, stride, padding, ceil)},countpadding={yes_or_no(counts)})",
                within=3e-7,
            ),
            differentiate(
                lambda x: functional.avg_pool2d(x, size, stride, padding, ceil, counts),
                {"x": draws.normal(n, c, h, w)},
                draws.normal,
            ),
        )
    return fixture


# Images, channels, height, width, factors.
UPSAMPLING = [
    (1, 1, 1, 1, (2, 2)),
    (2, 3, 4, 5, (2, 2)),
    (1, 17, 3, 2, (2, 2)),
    (1, 16, 5, 4, (3, 3)),
    (2, 5, 2, 3, (4, 4)),
    (1, 2, 3, 3, (5, 5)),
    (1, 33, 2, 2, (1, 3)),
    (1, 4, 3, 1, (3, 2)),
    (3, 2, 1, 6, (4, 1)),
    (1, 3, 2, 5, (8, 7)),
]


def upsampling() -> Fixture:
    """Enlargement by whole factors; bilinear with `align_corners=False`."""
    fixture = Fixture()
    for mode in ("nearest", "bilinear"):
        for n, c, h, w, factor in UPSAMPLING:
            case = f"{mode}-{factor[0]}x{factor[1]}-{h}x{w}x{c}-n{n}"
            draws = Draws(f"upsampling-{case}")
            size = (factor[0] * h, factor[1] * w)
            fixture.add(
                case,
                # The nearest mode copies inputs, and sums gradients.
                layer(
                    f"upsample({extent(factor)},mode={mode})",
                    within=0 if mode == "nearest" else 3e-7,
                    gradients=1e-6,
                ),
                differentiate(
                    lambda x: functional.interpolate(x, size, mode=mode),
                    {"x": draws.normal(n, c, h, w)},
                    draws.normal,
                ),
            )
    return fixture


# Rows, inputs, outputs, bias.
FULLY_CONNECTED = [
    (1, 1, 1, True),
    (1, 7, 5, True),
    (5, 1, 3, True),
    (2, 3, 1, False),
    (3, 16, 10, True),
    (4, 17, 33, True),
    (5, 33, 17, False),
    (13, 31, 32, True),
    (2, 100, 10, True),
    (50, 24, 10, True),
    (1, 64, 65, True),
]

# Rows, channels, height, width, outputs: features are flattened in (c, h, w) order before the product.
FLATTENED = [(2, 3, 4, 5, 7), (3, 5, 1, 2, 16), (1, 17, 3, 3, 10)]


def fully_connected() -> Fixture:
    """`y = x·weightᵀ + bias`; in cases named `flatten-`, `x` is `[n, c, h, w]`."""
    fixture = Fixture()
    shapes = [("", (n, inputs), outputs, bias) for n, inputs, outputs, bias in FULLY_CONNECTED]
    shapes += [("flatten-", (n, c, h, w), outputs, True) for n, c, h, w, outputs in FLATTENED]
    for prefix, x_shape, outputs, bias in shapes:
        extents = "x".join(str(extent) for extent in x_shape[1:])
        case = f"{prefix}{extents}to{outputs}-n{x_shape[0]}" + ("" if bias else "-nobias")
        draws = Draws(case)
        features = torch.Size(x_shape[1:]).numel()
        inputs = {
            "x": draws.normal(*x_shape),
            "weight": draws.normal(outputs, features, scale=features**-0.5),
        }
        if bias:
            inputs["bias"] = draws.normal(outputs)

        def multiply(x, weight, bias=None):
            return functional.linear(x.flatten(1), weight, bias)

        metadata = layer(f"fc({outputs},bias={yes_or_no(bias)})", within=1e-6)
        fixture.add(case, metadata, differentiate(multiply, inputs, draws.normal))
    return fixture


def relu() -> Fixture:
    """`max(0, x)`, whose gradient at zero is zero."""
    fixture = Fixture()
    smallest, largest = torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).max
    edges = [0.0, -0.0, 1.0, -1.0, smallest, -smallest, largest, -largest, 1e-10, -1e-10, 0.5]
    inputs = {
        "edges": torch.tensor([edges], dtype=torch.float64),
        "one": torch.tensor([[-2.0]], dtype=torch.float64),
        "rows-5x17": Draws("rows-5x17").normal(5, 17),
        "images-2x3x5x7": Draws("images-2x3x5x7").normal(2, 3, 5, 7),
        "images-1x33x4x5": Draws("images-1x33x4x5").normal(1, 33, 4, 5),
        "whole-3x4x6x6": Draws("whole-3x4x6x6").integers(-1, 1, 3, 4, 6, 6),
    }
    for case, x in inputs.items():
        draws = Draws(case + ".dy")
        tensors = differentiate(lambda x: functional.relu(x), {"x": x}, draws.normal)
        fixture.add(case, layer("relu", within=0), tensors)
    return fixture


def gelu() -> Fixture:
    """`x·Φ(x)`, exact; from values where it equals `x` to values where it is 0."""
    fixture = Fixture()
    smallest, largest = torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).max
    edges = [0.0, -0.0, smallest, -smallest, 1e-10, -1e-10, 0.5, -0.5, 1.0, -1.0, -0.7517916]
    edges += [5.49, -5.49, 5.51, -5.51, 5.7, -5.7, 20.0, -20.0, 1e10, -1e10, largest, -largest]
    inputs = {
        "edges": torch.tensor([edges]).double(),
        "one": torch.tensor([[-2.0]], dtype=torch.float64),
        "rows-5x17": Draws("gelu-rows-5x17").normal(5, 17),
        "wide-3x101": Draws("gelu-wide-3x101").normal(3, 101, scale=3),
        "narrow-2x33": Draws("gelu-narrow-2x33").normal(2, 33, scale=1e-3),
        "images-2x3x5x7": Draws("gelu-images-2x3x5x7").normal(2, 3, 5, 7),
    }
    for case, x in inputs.items():
        draws = Draws(f"gelu-{case}.dy")
        fixture.add(case, "", differentiate(lambda x: functional.gelu(x), {"x": x}, draws.normal))
    return fixture


def saturating(name: str, function: Callable[[torch.Tensor], torch.Tensor]) -> Fixture:
    """A function that is constant at both ends, including values there."""
    fixture = Fixture()
    smallest, largest = torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).max
    edges = [0.0, -0.0, smallest, -smallest, 1e-10, -1e-10, 0.5, -0.5, 1.0, -1.0, 8.5, -8.5, 9.5]
    edges += [-9.5, 20.0, -20.0, 80.0, -80.0, -87.5, -95.0, -104.0, 1e10, -1e10, largest, -largest]
    inputs = {
        "edges": torch.tensor([edges]).double(),
        "one": torch.tensor([[-2.0]], dtype=torch.float64),
        "rows-5x17": Draws(f"{name}-rows-5x17").normal(5, 17),
        "wide-3x101": Draws(f"{name}-wide-3x101").normal(3, 101, scale=4),
        "narrow-2x33": Draws(f"{name}-narrow-2x33").normal(2, 33, scale=1e-3),
        "images-2x3x5x7": Draws(f"{name}-images-2x3x5x7").normal(2, 3, 5, 7),
    }
    for case, x in inputs.items():
        draws = Draws(f"{name}-{case}.dy")
        fixture.add(case, "", differentiate(lambda x: function(x), {"x": x}, draws.normal))
    return fixture


def sigmoid() -> Fixture:
    """`1/(1 + exp(-x))`"""
    return saturating("sigmoid", torch.sigmoid)


def tanh() -> Fixture:
    """The hyperbolic tangent."""
    return saturating("tanh", torch.tanh)


# Images, channels, height, width.
GLOBAL_POOLING = [(1, 1, 1, 1), (3, 5, 4, 3), (2, 17, 4, 5), (1, 33, 1, 9), (5, 16, 8, 2)]


def global_pooling() -> Fixture:
    """One value per channel, by `mode`; the first of equal largest elements gets the gradient."""
    fixture = Fixture()

    def largest(x: torch.Tensor) -> torch.Tensor:
        # amax would divide the gradient among equal elements.
        return functional.max_pool2d(x, x.shape[2:]).flatten(1)

    def mean(x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=(2, 3))

    for mode, function in (("max", largest), ("average", mean)):
        for n, c, h, w in GLOBAL_POOLING:
            for ties in (False, True) if mode == "max" else (False,):
                case = f"{mode}-{'ties-' if ties else ''}{h}x{w}x{c}-n{n}"
                draws = Draws(f"global-{case}")
                x = draws.integers(-1, 1, n, c, h, w) if ties else draws.normal(n, c, h, w)
                metadata = (
                    layer("globalmax", within=0) if mode == "max" else layer("globalavg", within=3e-7)
                )
                fixture.add(case, metadata, differentiate(function, {"x": x}, draws.normal))
    return fixture


def scale() -> Fixture:
    """Multiplication by `factor`."""
    fixture = Fixture()
    for case, factor, notation, shape in (
        ("ninth", 1 / 9, "1/9", (5, 10)),
        ("half", 0.5, "0.5", (1, 1)),
        ("images", 3.25, "3.25", (2, 3, 4, 5)),
    ):
        draws = Draws(f"scale-{case}")
        tensors = differentiate(lambda x: x * factor, {"x": draws.normal(*shape)}, draws.normal)
        fixture.add(case, layer(f"scale({notation})", within=1.5e-7), tensors)
    return fixture


# Rows, classes, scale of the logits.
CROSS_ENTROPIES = [
    (1, 1, 1.0),
    (4, 1, 100.0),
    (1, 2, 1.0),
    (5, 2, 10.0),
    (3, 3, 1.0),
    (8, 10, 1.0),
    (7, 10, 0.01),
    (6, 10, 30.0),
    (5, 10, 1e4),
    (2, 17, 3.0),
    (33, 5, 2.0),
    (4, 100, 1.0),
    (3, 100, 1e3),
]


def softmax_cross_entropy() -> Fixture:
    """`losses` of each row, `mean_loss`, and `dlogits`, the gradient of the mean."""
    fixture = Fixture()
    for n, classes, scale in CROSS_ENTROPIES:
        case = f"{n}x{classes}-scale{scale:g}"
        draws = Draws(case)
        logits, labels = draws.normal(n, classes, scale=scale), draws.integers(0, classes - 1, n)
        fixture.add(case, f"classes={classes}", cross_entropy_case(logits, labels))

    high, low = 1e4, -1e4
    extreme = {
        "extreme-right": ([[high, low, 0.0], [low, high, 0.0]], [0, 1]),
        "extreme-wrong": ([[high, low, 0.0], [low, high, 0.0]], [1, 0]),
        "extreme-equal": ([[high, high, high], [low, low, low], [0.0, 0.0, 0.0]], [2, 0, 1]),
        "extreme-close": ([[high, high - 1, low], [low, low + 1, low - 1]], [1, 2]),
        "one-class": ([[high], [low]], [0, 0]),
    }
    for case, (rows, labels) in extreme.items():
        logits = torch.tensor(rows, dtype=torch.float64)
        fixture.add(case, f"classes={logits.shape[1]}", cross_entropy_case(logits, torch.tensor(labels)))
    return fixture


def cross_entropy_case(logits: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
    """Softmax cross-entropy of `[n, classes]` logits against `[n]` labels, and its gradient."""
    leaf = logits.clone().requires_grad_()
    losses = nn.CrossEntropyLoss(reduction="none")(leaf, labels.long())
    losses.mean().backward()
    return {
        "logits": logits,
        "labels": labels,
        "losses": losses,
        "mean_loss": losses.mean().reshape(1),
        "dlogits": leaf.grad,
    }


# Channels, groups, epsilon, then images and their extents; none for rows of features.
GROUP_NORMALIZATION = [
    (4, 2, 1e-5, 2, (5, 3)),
    (6, 1, 1e-5, 1, (4, 4)),
    (16, 16, 1e-3, 3, (2, 5)),
    (33, 3, 1e-5, 2, (3, 3)),
    (64, 8, 1e-5, 1, (8, 8)),
    (12, 4, 1e-5, 5, ()),
]


def group_normalization() -> Fixture:
    """`nn.GroupNorm`, of images and of rows."""
    fixture = Fixture()
    for channels, groups, epsilon, n, extents in GROUP_NORMALIZATION:
        size = "x".join(str(e) for e in (*extents, channels))
        case = f"{groups}-of-{size}-n{n}"
        draws = Draws(f"group-normalization-{case}")
        inputs = {
            "x": draws.normal(n, channels, *extents) + 1,
            "weight": draws.normal(channels),
            "bias": draws.normal(channels),
        }

        def normalize(x, weight, bias):
            return functional.group_norm(x, groups, weight, bias, epsilon)

        metadata = layer(f"gn({groups},epsilon={epsilon:g})", within=1e-6, gradients=2e-6)
        fixture.add(case, metadata, differentiate(normalize, inputs, draws.normal))
    return fixture


def silu() -> Fixture:
    """`nn.SiLU`, from where it is `x` to where it is nothing."""
    fixture = Fixture()
    edges = [0.0, 1e-10, -1e-10, 0.5, -0.5, 1.0, -1.0, -1.2784645, 9.5, -9.5, 20.0, -20.0, -87.5]
    inputs = {
        "edges": torch.tensor([edges]).double(),
        "rows-5x17": Draws("silu-rows-5x17").normal(5, 17),
        "wide-3x101": Draws("silu-wide-3x101").normal(3, 101, scale=4),
        "narrow-2x33": Draws("silu-narrow-2x33").normal(2, 33, scale=1e-3),
        "images-2x3x5x7": Draws("silu-images-2x3x5x7").normal(2, 3, 5, 7),
    }
    for case, x in inputs.items():
        draws = Draws(f"silu-{case}.dy")
        tensors = differentiate(lambda x: functional.silu(x), {"x": x}, draws.normal)
        fixture.add(case, layer("silu", within=2.5e-7, gradients=5e-7), tensors)
    return fixture


# Images, channels, height, width, kernel, stride, padding, bias.
DEPTHWISE = [
    (2, 3, 7, 6, (3, 3), (1, 1), (1, 1), True),
    (1, 16, 9, 12, (3, 3), (1, 1), (1, 1), False),
    (2, 33, 8, 7, (3, 3), (2, 2), (1, 1), True),
    (1, 5, 9, 10, (5, 5), (1, 1), (2, 2), True),
    (1, 17, 11, 8, (5, 3), (2, 1), (0, 1), True),
    (3, 40, 5, 5, (1, 1), (1, 1), (0, 0), True),
    (1, 2, 9, 9, (7, 2), (3, 3), (3, 0), False),
    (1, 64, 4, 21, (3, 3), (1, 1), (0, 0), True),
]


def depthwise_convolution() -> Fixture:
    """`conv2d` with as many groups as channels."""
    fixture = Fixture()
    for n, c, h, w, kernel, stride, padding, bias in DEPTHWISE:
        case = (
            f"k{extent(kernel)}-s{extent(stride)}-p{extent(padding)}-{h}x{w}x{c}-n{n}"
        ) + ("" if bias else "-nobias")
        draws = Draws(f"depthwise-{case}")
        inputs = {"x": draws.normal(n, c, h, w), "weight": draws.normal(c, 1, *kernel, scale=0.3)}
        if bias:
            inputs["bias"] = draws.normal(c)

        def convolve(x, weight, bias=None):
            return functional.conv2d(x, weight, bias, stride, padding, groups=c)

        notation = (
            f"dwconv({extent(kernel)},stride={extent(stride)},padding={extent(padding)}"
            f",bias={yes_or_no(bias)})"
        )
        metadata = layer(notation, within=1e-6)
        fixture.add(case, metadata, differentiate(convolve, inputs, draws.normal))
    return fixture


# Images, inputs, height, width, outputs, kernel, stride, padding, groups, bias.
GROUPED = [
    (2, 4, 7, 6, 6, (3, 3), (1, 1), (1, 1), 2, True),
    (1, 32, 6, 7, 32, (3, 3), (1, 1), (1, 1), 4, False),
    (2, 12, 8, 7, 20, (3, 3), (2, 2), (1, 1), 4, True),
    (1, 10, 7, 8, 70, (5, 5), (1, 1), (2, 2), 2, True),
    (1, 6, 11, 8, 9, (5, 3), (2, 1), (0, 1), 3, True),
    (3, 40, 5, 5, 16, (1, 1), (1, 1), (0, 0), 8, True),
    (1, 64, 5, 5, 64, (3, 3), (1, 1), (1, 1), 16, False),
    (2, 40, 6, 6, 64, (3, 3), (1, 1), (1, 1), 2, True),
    (1, 5, 9, 9, 10, (3, 3), (1, 1), (1, 1), 5, True),
    (1, 17, 6, 21, 17, (3, 3), (1, 1), (0, 0), 17, True),
    (2, 8, 9, 9, 24, (7, 2), (3, 3), (3, 0), 8, False),
]


def grouped_convolution() -> Fixture:
    """`conv2d` with groups of channels."""
    fixture = Fixture()
    for n, cin, h, w, cout, kernel, stride, padding, groups, bias in GROUPED:
        case = (
            f"k{extent(kernel)}-s{extent(stride)}-p{extent(padding)}-g{groups}-{cin}to{cout}-{h}x{w}-n{n}"
        ) + ("" if bias else "-nobias")
        draws = Draws(f"grouped-{case}")
        fan_in = cin // groups * kernel[0] * kernel[1]
        inputs = {
            "x": draws.normal(n, cin, h, w),
            "weight": draws.normal(cout, cin // groups, *kernel, scale=fan_in**-0.5),
        }
        if bias:
            inputs["bias"] = draws.normal(cout)

        def convolve(x, weight, bias=None):
            return functional.conv2d(x, weight, bias, stride, padding, groups=groups)

        notation = (
            f"conv({cout},{extent(kernel)},stride={extent(stride)},padding={extent(padding)}"
            f",groups={groups},bias={yes_or_no(bias)})"
        )
        # Winograd may compute blocks of several channels with its largest tiles; see docs/numerics.md.
        is_winograd = kernel == (3, 3) and stride == (1, 1) and cin > groups
        metadata = layer(notation, within=2e-5 if is_winograd else 1e-6)
        fixture.add(case, metadata, differentiate(convolve, inputs, draws.normal))
    return fixture


# The files that the functions here make, by name.
FIXTURES = {
    "pooling": pooling,
    "average_pooling": average_pooling,
    "global_pooling": global_pooling,
    "upsampling": upsampling,
    "fully_connected": fully_connected,
    "group_normalization": group_normalization,
    "silu": silu,
    "depthwise_convolution": depthwise_convolution,
    "grouped_convolution": grouped_convolution,
    "relu": relu,
    "gelu": gelu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "scale": scale,
    "softmax_cross_entropy": softmax_cross_entropy,
}
