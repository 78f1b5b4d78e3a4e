"""Optimizers over ten steps, and one whole network's first training steps."""

import torch
from torch import nn

from fixture import Draws, Fixture
from models import decayed_weights, fer_mnist, initialize, parameter_groups

# Name: momentum, nesterov, weight decay, learning rate of each of the ten steps.
SGD_VARIANTS = {
    "plain": (0.0, False, 0.0, [0.1] * 10),
    "momentum": (0.9, False, 0.0, [0.1] * 10),
    "nesterov": (0.9, True, 0.0, [0.1] * 10),
    "decay": (0.0, False, 1e-3, [0.1] * 10),
    "momentum-decay": (0.9, False, 1e-3, [0.1] * 10),
    "nesterov-decay": (0.9, True, 1e-3, [0.1] * 10),
    # Such a strong decay shows errors in its effect on the momentum and on Nesterov's look-ahead.
    "momentum-strong-decay": (0.9, False, 0.5, [0.05] * 10),
    "nesterov-strong-decay": (0.9, True, 0.5, [0.05] * 10),
    # The momentum holds gradients and not steps, so a new learning rate applies to all of it at once.
    "momentum-falling-rate": (0.9, False, 1e-3, [0.1] * 3 + [0.01] * 4 + [0.001] * 3),
    "nesterov-falling-rate": (0.85, True, 1e-3, [0.1] * 3 + [0.01] * 4 + [0.001] * 3),
}


def sgd() -> Fixture:
    """Parameters `p0` ... `p10` of ten steps with the gradients `g0` ... `g9`.

    The gradients are those of `½(p - t)·diag(c)·(p - t)` with noise, rounded to float32.
    """
    fixture = Fixture()
    shapes = [(7, 5), (33,), (1,)]
    for number, (variant, (momentum, nesterov, decay, rates)) in enumerate(SGD_VARIANTS.items()):
        shape = shapes[number % len(shapes)]
        draws = Draws("sgd." + variant)
        target, curvature = draws.normal(*shape), draws.normal(*shape).abs() + 0.1
        parameter = nn.Parameter(draws.normal(*shape))
        optimizer = torch.optim.SGD(
            [parameter], lr=rates[0], momentum=momentum, nesterov=nesterov, weight_decay=decay
        )
        tensors = {"p0": parameter.detach().clone()}
        for step, rate in enumerate(rates):
            optimizer.param_groups[0]["lr"] = rate
            gradient = curvature * (parameter.detach() - target) + draws.normal(*shape, scale=0.1)
            parameter.grad = gradient.float().double()
            tensors[f"g{step}"] = parameter.grad.clone()
            optimizer.step()
            tensors[f"p{step + 1}"] = parameter.detach().clone()
        fixture.add(
            variant,
            f"momentum={momentum:g} nesterov={str(nesterov).lower()} weight_decay={decay:g}"
            f" rates={','.join(f'{rate:g}' for rate in rates)}",
            tensors,
        )
    return fixture


RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 1e-3
BATCH, STEPS = 8, 3


def fer_mnist_step() -> Fixture:
    """A narrow `fer-mnist` over three steps on one batch, in float32 and in float64.

    `initial.<parameter>`, `images [8, 1, 28, 28]`, `labels [8]`; then for each of `float32.` and
    `float64.`: `losses [3]` before each step, `gradient.<parameter>` of the first step, without
    weight decay, and `after1.<parameter>`; and of the third step `float64.after3.<parameter>`.
    """
    start = fer_mnist(channels=(4, 6), hidden=24)
    initialize(start, seed=1)
    decayed = decayed_weights(start)
    draws = Draws("fer_mnist_step")
    images, labels = drawn_digits(draws), draws.integers(0, 9, BATCH)

    fixture = Fixture(
        metadata={
            "model": "conv(4,5) pool(2) relu conv(6,5) pool(2) relu flatten fc(24) relu fc(10)",
            "lr": f"{RATE:g}",
            "momentum": f"{MOMENTUM:g}",
            "weight_decay": f"{WEIGHT_DECAY:g}",
            "decayed": ",".join(decayed),
        }
    )
    tensors = fixture.tensors
    tensors |= {"images": images, "labels": labels}
    tensors |= {f"initial.{name}": value.clone() for name, value in start.state_dict().items()}

    for precision, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        model = fer_mnist(channels=(4, 6), hidden=24)
        model.load_state_dict(start.state_dict())
        model.to(dtype)
        optimizer = torch.optim.SGD(
            parameter_groups(model, WEIGHT_DECAY, decayed), lr=RATE, momentum=MOMENTUM
        )
        losses = []
        for step in range(1, STEPS + 1):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images.to(dtype)), labels.long())
            loss.backward()
            losses.append(loss.detach())
            if step == 1:
                for name, parameter in model.named_parameters():
                    tensors[f"{precision}.gradient.{name}"] = parameter.grad.clone()
            optimizer.step()
            if step == 1 or (step == STEPS and dtype == torch.float64):
                for name, parameter in model.named_parameters():
                    tensors[f"{precision}.after{step}.{name}"] = parameter.detach().clone()
        tensors[f"{precision}.losses"] = torch.stack(losses)
    return fixture


def drawn_digits(draws: Draws) -> torch.Tensor:
    """Images like normalized MNIST: `[8, 1, 28, 28]`, random strokes on an even background.

    The background matters: there, all elements of a pooling region are equal.
    """
    images = torch.zeros(BATCH, 1, 28, 28, dtype=torch.float64)
    for image in images:
        row, column = (int(v) for v in draws.integers(8, 19, 2))
        for turn in range(4):
            down, right = ((0, 1), (1, 0), (0, -1), (-1, 0))[(turn + row) % 4]
            for _ in range(int(draws.integers(3, 9, 1))):
                ink = draws.integers(100, 255, 2, 2) / 255
                image[0, row : row + 2, column : column + 2] = ink
                row = min(max(row + down, 3), 23)
                column = min(max(column + right, 3), 23)
    return ((images - 0.1307) / 0.3081).float().double()
