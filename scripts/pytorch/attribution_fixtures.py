"""Attributions of two networks: saliency, Grad-CAM and occlusion, by the definitions of captum.

`scripts/check-visualize` compares whole models with captum itself.
"""

import math

import torch
from torch import nn

from batch_norm_fixtures import state
from fixture import Draws, Fixture
from models import initialize, numbered, residual

HEIGHT, WIDTH, CLASSES = 10, 9, 5


def plain() -> nn.Sequential:
    return numbered(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.5),
        nn.Conv2d(4, 6, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(24, 7),
        nn.ReLU(),
        nn.Linear(7, CLASSES),
    )


def normalized() -> nn.Sequential:
    return numbered(
        nn.Conv2d(3, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        *residual(nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6), nn.GELU()),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(160, CLASSES),
    )


# Name: constructor, notation, the layer of Grad-CAM, the window of occlusion and its stride.
NETWORKS = {
    "plain": (
        plain,
        "conv(4,3) relu pool(2) dropout(0.5) conv(6,3) pool(2) relu fc(7) relu fc(classes)",
        "conv2", 3, 2,
    ),
    "normalized": (
        normalized,
        "conv(6,3,bias=no) bn relu res(conv(6,3) bn gelu) pool(2) conv(8,3) bn relu fc(classes)",
        "bn3", 4, 3,
    ),
}


def occlusion(
    model: nn.Module, x: torch.Tensor, label: int, size: int, stride: int
) -> torch.Tensor:
    """`[h, w]`: the mean over windows of the loss of the logit while the window holds zeros."""
    whole = model(x)[0, label]
    total, count = torch.zeros_like(x[0, 0]), torch.zeros_like(x[0, 0])
    starts = [
        [i * stride for i in range(math.ceil((extent - size) / stride) + 1)]
        for extent in x.shape[2:]
    ]
    for top in starts[0]:
        for left in starts[1]:
            hidden = x.clone()
            hidden[:, :, top : top + size, left : left + size] = 0
            total[top : top + size, left : left + size] += whole - model(hidden)[0, label]
            count[top : top + size, left : left + size] += 1
    return total / count


def attribution() -> Fixture:
    """Of each case the state, `x`, and `saliency`, `cam`, `resized` and `occlusion` for each class."""
    fixture = Fixture()
    for case, (make, notation, layer, size, stride) in NETWORKS.items():
        model = make()
        initialize(model, seed=3)
        model.double().train()
        draws = Draws(f"attribution-{case}")
        for _ in range(4):  # running averages that differ from 0 and 1
            model(2 * draws.normal(8, 3, HEIGHT, WIDTH) + 0.3)
        model.eval()
        x = draws.normal(1, 3, HEIGHT, WIDTH)
        tensors = {f"state.{name}": value for name, value in state(model).items()} | {"x": x}
        for label in range(CLASSES):
            kept: list[torch.Tensor] = []
            hook = getattr(model, layer).register_forward_hook(
                lambda _module, _inputs, output: kept.append(output)
            )
            leaf = x.clone().requires_grad_()
            output = model(leaf)[0, label]
            hook.remove()
            dx, da = torch.autograd.grad(output, (leaf, kept[0]))
            weights = da.mean(dim=(2, 3), keepdim=True)
            cam = (weights * kept[0]).sum(dim=1, keepdim=True).relu()
            resized = nn.functional.interpolate(cam, (HEIGHT, WIDTH), mode="bilinear")
            tensors |= {
                f"saliency{label}": dx.abs().amax(dim=1)[0],
                f"cam{label}": cam[0, 0],
                f"resized{label}": resized[0, 0],
            }
            with torch.no_grad():
                tensors[f"occlusion{label}"] = occlusion(model, x, label, size, stride)
        fixture.add(case, f"layer={layer} window={size} stride={stride}", tensors)
        fixture.metadata[f"model.{case}"] = notation
    return fixture
