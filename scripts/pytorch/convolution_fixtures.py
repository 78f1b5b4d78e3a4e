"""Convolutions: inputs in float32, outputs and gradients computed by PyTorch in float64."""

import torch
from torch.nn import functional

from fixture import Draws, Fixture, differentiate

# Images in a batch, input channels, height, width; output channels, kernel (height, width),
# stride, padding, bias.
CONVOLUTIONS = [
    # Kernel 1
    (1, 1, 1, 1, 1, (1, 1), (1, 1), (0, 0), True),
    (2, 3, 5, 7, 5, (1, 1), (1, 1), (0, 0), True),
    (1, 33, 4, 5, 17, (1, 1), (1, 1), (0, 0), True),
    (2, 6, 7, 6, 16, (1, 1), (2, 2), (0, 0), False),
    (1, 2, 3, 4, 3, (1, 1), (1, 1), (2, 2), True),
    (1, 5, 8, 7, 2, (1, 1), (3, 3), (1, 1), True),
    # Kernel 2
    (2, 1, 6, 5, 3, (2, 2), (1, 1), (0, 0), True),
    (1, 3, 9, 9, 16, (2, 2), (1, 1), (1, 1), True),
    (3, 5, 7, 8, 6, (2, 2), (2, 2), (0, 0), False),
    (1, 16, 5, 5, 33, (2, 2), (2, 2), (1, 1), True),
    (2, 2, 8, 7, 5, (2, 2), (3, 3), (2, 2), True),
    # Kernel 3
    (5, 1, 7, 7, 2, (3, 3), (1, 1), (1, 1), True),
    (1, 1, 3, 3, 1, (3, 3), (1, 1), (0, 0), True),
    (2, 3, 8, 13, 16, (3, 3), (1, 1), (0, 0), True),
    (1, 16, 6, 15, 17, (3, 3), (1, 1), (1, 1), True),
    (1, 17, 5, 6, 16, (3, 3), (1, 1), (1, 1), False),
    (1, 32, 4, 5, 33, (3, 3), (1, 1), (1, 1), True),
    (1, 33, 5, 4, 6, (3, 3), (1, 1), (1, 1), True),
    (2, 6, 9, 8, 5, (3, 3), (2, 2), (1, 1), True),
    (1, 5, 10, 11, 3, (3, 3), (3, 3), (0, 0), True),
    (1, 2, 4, 3, 6, (3, 3), (1, 1), (4, 4), True),
    (1, 3, 12, 7, 5, (3, 3), (2, 1), (1, 0), True),
    (1, 2, 1, 14, 16, (3, 3), (1, 1), (1, 1), True),
    (1, 1, 3, 29, 17, (3, 3), (1, 1), (1, 1), False),
    # Kernel 4
    (2, 2, 8, 9, 3, (4, 4), (1, 1), (0, 0), True),
    (1, 3, 7, 7, 16, (4, 4), (1, 1), (2, 2), True),
    (1, 6, 9, 10, 5, (4, 4), (2, 2), (1, 1), True),
    (1, 5, 11, 9, 2, (4, 4), (3, 2), (3, 1), False),
    # Kernel 5
    (2, 1, 9, 11, 6, (5, 5), (1, 1), (0, 0), True),
    (1, 1, 6, 28, 16, (5, 5), (1, 1), (2, 2), True),
    (1, 16, 7, 7, 32, (5, 5), (1, 1), (2, 2), True),
    (1, 3, 10, 9, 17, (5, 5), (2, 2), (2, 2), True),
    (1, 2, 6, 5, 5, (5, 5), (1, 1), (4, 4), False),
    (2, 2, 13, 12, 3, (5, 5), (3, 3), (1, 1), True),
    # Kernel 7
    (1, 1, 9, 8, 5, (7, 7), (1, 1), (0, 0), True),
    (1, 3, 8, 9, 6, (7, 7), (1, 1), (3, 3), True),
    (1, 3, 15, 14, 16, (7, 7), (2, 2), (3, 3), True),
    (1, 2, 16, 13, 2, (7, 7), (3, 3), (5, 5), True),
    # Kernels that are not square
    (1, 5, 6, 9, 6, (1, 7), (1, 1), (0, 3), True),
    (1, 6, 9, 6, 5, (7, 1), (1, 1), (3, 0), True),
    (2, 3, 7, 8, 16, (3, 5), (1, 1), (1, 2), True),
    (1, 2, 9, 7, 17, (5, 3), (2, 1), (0, 2), True),
    (1, 3, 8, 10, 5, (2, 3), (1, 3), (1, 0), False),
    (1, 1, 10, 8, 3, (4, 1), (3, 1), (0, 0), True),
    (4, 2, 5, 6, 3, (3, 2), (1, 2), (1, 1), True),
]

# As above, with whole numbers so small that float32 sums them exactly in any order.
EXACT_CONVOLUTIONS = [
    (2, 1, 9, 8, 3, (5, 5), (1, 1), (2, 2), True),
    (1, 16, 6, 7, 33, (3, 3), (1, 1), (1, 1), True),
    (3, 5, 8, 9, 6, (4, 3), (2, 1), (1, 2), True),
    (1, 17, 5, 15, 2, (1, 1), (1, 1), (0, 0), False),
]

# With padding="same" the total padding is kernel - 1; an odd row or column is at the bottom or right.
SAME_CONVOLUTIONS = [
    (1, 2, 5, 6, 3, (1, 1), True),
    (2, 3, 6, 7, 5, (2, 2), True),
    (1, 5, 7, 4, 6, (3, 3), True),
    (1, 2, 8, 9, 16, (4, 4), True),
    (1, 3, 7, 8, 5, (5, 5), False),
    (1, 1, 9, 5, 3, (2, 7), True),
    (1, 6, 5, 8, 2, (4, 3), True),
]


def convolution() -> Fixture:
    """Convolutions with explicit padding; cases named `exact-` have whole numbers."""
    fixture = Fixture()
    for prefix, cases in (("", CONVOLUTIONS), ("exact-", EXACT_CONVOLUTIONS)):
        for n, cin, h, w, cout, kernel, stride, padding, bias in cases:
            case = (
                f"{prefix}k{kernel[0]}x{kernel[1]}-s{stride[0]}x{stride[1]}"
                f"-p{padding[0]}x{padding[1]}-{cin}to{cout}-{h}x{w}-n{n}"
            ) + ("" if bias else "-nobias")
            fixture.add(
                case,
                f"stride={stride[0]},{stride[1]} padding={padding[0]},{padding[1]}",
                convolution_case(
                    case, (n, cin, h, w), (cout, cin, *kernel), bias, stride, padding,
                    exact=prefix != "",
                ),
            )
    return fixture


def convolution_same() -> Fixture:
    """Convolutions with padding="same", including even kernels."""
    fixture = Fixture()
    for n, cin, h, w, cout, kernel, bias in SAME_CONVOLUTIONS:
        case = f"k{kernel[0]}x{kernel[1]}-{cin}to{cout}-{h}x{w}-n{n}" + ("" if bias else "-nobias")
        fixture.add(
            case,
            "stride=1,1 padding=same",
            convolution_case(case, (n, cin, h, w), (cout, cin, *kernel), bias, (1, 1), "same"),
        )
    return fixture


def convolution_case(
    case: str,
    x_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    bias: bool,
    stride: tuple[int, int],
    padding: tuple[int, int] | str,
    exact: bool = False,
) -> dict[str, torch.Tensor]:
    """One convolution and its gradients, with whole numbers if `exact`."""
    draws = Draws(case)
    cout, fan_in = weight_shape[0], weight_shape[1] * weight_shape[2] * weight_shape[3]
    if exact:
        inputs = {
            "x": draws.integers(-8, 8, *x_shape),
            "weight": draws.integers(-8, 8, *weight_shape),
        }
        if bias:
            inputs["bias"] = draws.integers(-100, 100, cout)
        draw_dy = lambda *shape: draws.integers(-8, 8, *shape)
    else:
        inputs = {
            "x": draws.normal(*x_shape),
            "weight": draws.normal(*weight_shape, scale=fan_in**-0.5),
        }
        if bias:
            inputs["bias"] = draws.normal(cout)
        draw_dy = draws.normal

    def convolve(x, weight, bias=None):
        return functional.conv2d(x, weight, bias, stride=stride, padding=padding)

    return differentiate(convolve, inputs, draw_dy)
