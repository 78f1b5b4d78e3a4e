"""Transposed and one-dimensional convolutions: float32 inputs, results computed in float64."""

import torch
from torch.nn import functional

from fixture import Draws, Fixture, differentiate, layer, yes_or_no

# Images in a batch, input channels, height, width; output channels, kernel (height, width), stride,
# padding, output padding, bias.
TRANSPOSED = [
    (1, 1, 1, 1, 1, (1, 1), (1, 1), (0, 0), (0, 0), True),
    (2, 3, 4, 5, 5, (1, 1), (1, 1), (0, 0), (0, 0), False),
    (1, 5, 3, 4, 2, (1, 1), (2, 3), (0, 0), (1, 2), True),
    (2, 16, 7, 7, 4, (2, 2), (2, 2), (0, 0), (0, 0), True),
    (1, 4, 6, 5, 3, (2, 2), (3, 3), (1, 1), (2, 1), True),
    # The shapes of an autoencoder's decoder: enlarged twice and four times.
    (2, 16, 7, 7, 8, (4, 4), (2, 2), (1, 1), (0, 0), True),
    (2, 8, 14, 14, 1, (4, 4), (2, 2), (1, 1), (0, 0), True),
    (1, 16, 7, 7, 4, (3, 3), (2, 2), (1, 1), (1, 1), True),
    (1, 33, 4, 3, 17, (5, 5), (2, 2), (2, 2), (1, 1), True),
    (1, 2, 3, 4, 3, (8, 8), (4, 4), (2, 2), (0, 0), False),
    # Stride 1
    (1, 1, 5, 7, 2, (3, 3), (1, 1), (1, 1), (0, 0), True),
    (2, 3, 6, 5, 16, (3, 3), (1, 1), (0, 0), (0, 0), True),
    (1, 16, 9, 8, 17, (3, 3), (1, 1), (1, 1), (0, 0), True),
    (1, 32, 6, 7, 16, (3, 3), (1, 1), (2, 2), (0, 0), False),
    (2, 16, 5, 6, 8, (5, 5), (1, 1), (2, 2), (0, 0), True),
    (1, 2, 4, 4, 3, (7, 7), (1, 1), (3, 3), (0, 0), True),
    # Strides beyond the kernel leave gaps.
    (1, 3, 4, 3, 5, (2, 2), (4, 4), (0, 0), (3, 0), True),
    (2, 2, 3, 5, 6, (1, 3), (3, 4), (0, 1), (2, 3), True),
    # Not square
    (1, 5, 4, 6, 3, (1, 7), (1, 2), (0, 3), (0, 1), True),
    (1, 6, 5, 3, 2, (5, 2), (3, 1), (2, 0), (1, 0), False),
    (3, 3, 2, 7, 4, (3, 4), (2, 3), (1, 2), (0, 2), True),
    (1, 17, 1, 9, 33, (4, 3), (2, 2), (1, 1), (1, 0), True),
]

# As above, with whole numbers so small that float32 sums them exactly in any order.
EXACT_TRANSPOSED = [
    (2, 3, 5, 4, 2, (4, 4), (2, 2), (1, 1), (0, 0), True),
    (1, 17, 3, 4, 16, (3, 3), (2, 2), (1, 1), (1, 1), True),
    (1, 5, 4, 3, 33, (2, 5), (3, 2), (0, 2), (2, 1), False),
]

# Signals in a batch, input channels, length; output channels, kernel, stride, padding, bias.
SIGNALS = [
    (1, 1, 1, 1, 1, 1, 0, True),
    (2, 1, 28, 3, 5, 1, 2, True),
    (1, 1, 100, 16, 9, 2, 4, True),
    (2, 16, 49, 32, 9, 2, 4, True),
    (1, 17, 20, 5, 3, 3, 0, False),
    (3, 2, 11, 33, 4, 1, 3, True),
    (1, 5, 9, 2, 9, 1, 0, True),
    (1, 32, 13, 16, 2, 2, 1, True),
    (2, 3, 17, 4, 1, 2, 0, False),
]


def transposed_convolution() -> Fixture:
    """`conv_transpose2d`; cases named `exact-` have whole numbers."""
    fixture = Fixture()
    for prefix, cases in (("", TRANSPOSED), ("exact-", EXACT_TRANSPOSED)):
        for n, cin, h, w, cout, kernel, stride, padding, output_padding, bias in cases:
            case = (
                f"{prefix}k{kernel[0]}x{kernel[1]}-s{stride[0]}x{stride[1]}"
                f"-p{padding[0]}x{padding[1]}-o{output_padding[0]}x{output_padding[1]}"
                f"-{cin}to{cout}-{h}x{w}-n{n}"
            ) + ("" if bias else "-nobias")
            draws = Draws(f"transposed-{case}")
            if prefix:
                inputs = {
                    "x": draws.integers(-8, 8, n, cin, h, w),
                    "weight": draws.integers(-8, 8, cin, cout, *kernel),
                }
                if bias:
                    inputs["bias"] = draws.integers(-100, 100, cout)
                draw_dy = lambda *shape: draws.integers(-8, 8, *shape)
            else:
                fan_in = cin * kernel[0] * kernel[1]
                inputs = {
                    "x": draws.normal(n, cin, h, w),
                    "weight": draws.normal(cin, cout, *kernel, scale=fan_in**-0.5),
                }
                if bias:
                    inputs["bias"] = draws.normal(cout)
                draw_dy = draws.normal

            def convolve(x, weight, bias=None):
                return functional.conv_transpose2d(
                    x, weight, bias, stride=stride, padding=padding, output_padding=output_padding
                )

            settings = (("stride", stride), ("padding", padding), ("outpad", output_padding))
            fixture.add(
                case,
                " ".join(f"{key}={pair[0]},{pair[1]}" for key, pair in settings),
                differentiate(convolve, inputs, draw_dy),
            )
    return fixture


def convolution_1d() -> Fixture:
    """`conv1d`; signals `[n, c, w]` are stored as images of one row, `[n, c, 1, w]`."""
    fixture = Fixture()
    for n, cin, length, cout, kernel, stride, padding, bias in SIGNALS:
        case = f"k{kernel}-s{stride}-p{padding}-{cin}to{cout}-{length}-n{n}" + (
            "" if bias else "-nobias"
        )
        draws = Draws(f"signal-{case}")
        inputs = {
            "x": draws.normal(n, cin, 1, length),
            "weight": draws.normal(cout, cin, kernel, scale=(cin * kernel) ** -0.5),
        }
        if bias:
            inputs["bias"] = draws.normal(cout)

        def convolve(x: torch.Tensor, weight, bias=None):
            return functional.conv1d(
                x.squeeze(2), weight, bias, stride=stride, padding=padding
            ).unsqueeze(2)

        fixture.add(
            case,
            layer(
                f"conv1d({cout},{kernel},stride={stride},padding={padding},bias={yes_or_no(bias)})",
                within=1e-6,
            ),
            differentiate(convolve, inputs, draws.normal),
        )
    return fixture
