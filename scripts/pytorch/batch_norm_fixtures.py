"""Batch normalization alone, and small networks with it over three training steps."""

import torch
from torch import nn

from fixture import Draws, Fixture
from models import (
    GlobalAveragePool,
    GlobalMaxPool,
    Scale,
    initialize,
    numbered,
    parameter_groups,
    residual,
)

# Shape of x, epsilon, momentum, whether the scale is trained (it is 1 otherwise).
BATCH_NORM = [
    ((4, 3, 5, 4), 1e-5, 0.1, True),
    ((3, 17, 3, 3), 1e-5, 0.1, True),
    ((5, 16, 2, 2), 1e-12, 0.4, False),
    ((2, 1, 2, 3), 1e-5, 0.1, True),
    ((1, 33, 3, 2), 1e-3, 0.25, True),
    ((9, 5), 1e-5, 0.1, True),
    ((6, 20), 1e-12, 0.4, False),
]


def batch_norm() -> Fixture:
    """Two batches in training and one in evaluation.

    `weight`, `bias`; of each batch k in training `x<k> y<k> dy<k> dx<k> dbias<k>`, with a trained
    scale `dweight<k>`, and after it `running_mean<k>` and `running_var<k>`; then `x y` in
    evaluation.
    """
    fixture = Fixture()
    for shape, epsilon, momentum, scale in BATCH_NORM:
        n, channels, *pixels = shape
        extents = "x".join(str(extent) for extent in (*pixels, channels))
        case = f"{extents}-n{n}" + ("" if scale else "-noscale")
        draws = Draws(f"batch-norm-{case}")
        make = nn.BatchNorm2d if pixels else nn.BatchNorm1d
        layer = make(channels, eps=epsilon, momentum=momentum).double()
        if scale:
            nn.init.normal_(layer.weight, generator=draws.generator)
        else:
            layer.weight.requires_grad_(False)
        nn.init.normal_(layer.bias, generator=draws.generator)
        for parameter in layer.parameters():
            parameter.data = parameter.data.float().double()
        tensors = {"weight": layer.weight.clone(), "bias": layer.bias.clone()}
        # Channels with different mean and std, like activations.
        middle = draws.normal(1, channels, *([1] * len(pixels)))
        for batch in range(2):
            layer.zero_grad()
            x = draws.normal(*shape).float() * (1 + batch) + middle.float()
            leaf = x.double().requires_grad_()
            y = layer(leaf)
            dy = draws.normal(*shape)
            y.backward(dy)
            tensors |= {
                f"x{batch}": leaf, f"y{batch}": y, f"dy{batch}": dy, f"dx{batch}": leaf.grad,
                f"dbias{batch}": layer.bias.grad.clone(),
                f"running_mean{batch}": layer.running_mean.clone(),
                f"running_var{batch}": layer.running_var.clone(),
            }
            if scale:
                tensors[f"dweight{batch}"] = layer.weight.grad.clone()
        layer.eval()
        x = draws.normal(*shape)
        tensors |= {"x": x, "y": layer(x)}
        fixture.add(
            case,
            f"epsilon={epsilon:g} momentum={momentum:g} scale={'yes' if scale else 'no'}",
            tensors,
        )
    return fixture


def vgg_like() -> nn.Sequential:
    return numbered(
        nn.Conv2d(3, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.GELU(),
        GlobalMaxPool(),
        nn.Linear(8, 10),
    )


def airbench_like() -> nn.Sequential:
    def norm(width: int) -> nn.BatchNorm2d:
        layer = nn.BatchNorm2d(width, eps=1e-12, momentum=0.4)
        layer.weight.requires_grad_(False)
        return layer

    whitening = nn.Conv2d(3, 5, 2)
    whitening.weight.requires_grad_(False)
    return numbered(
        whitening,
        nn.GELU(),
        nn.Conv2d(5, 16, 3, padding=1, bias=False),
        nn.MaxPool2d(2),
        norm(16),
        nn.GELU(),
        nn.Conv2d(16, 6, 3, padding=1, bias=False),
        norm(6),
        nn.GELU(),
        nn.MaxPool2d(3),
        nn.Flatten(),
        nn.Linear(6, 10, bias=False),
        Scale(1 / 9),
    )


def average_like() -> nn.Sequential:
    return numbered(
        nn.BatchNorm2d(3),
        nn.Conv2d(3, 7, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.BatchNorm2d(7),
        GlobalAveragePool(),
        nn.Linear(7, 10),
    )


def residual_like() -> nn.Sequential:
    def block(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
        return (nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))

    return numbered(
        *block(3, 8),
        nn.ReLU(),
        *residual(*block(8, 8), nn.ReLU(), *residual(*block(8, 8), nn.GELU()), *block(8, 8)),
        nn.ReLU(),
        nn.MaxPool2d(2),
        GlobalMaxPool(),
        *residual(nn.Linear(8, 8), nn.ReLU()),
        nn.Linear(8, 10),
    )


AIRBENCH_NORM = "bn(epsilon=1e-12,momentum=0.4,scale=no)"
# Name: constructor, notation, learning rate.
NETWORKS = {
    "vgg": (
        vgg_like,
        "conv(6,3,bias=no) bn relu pool(2) conv(8,3,bias=no) bn gelu globalmax fc(10)",
        0.1,
    ),
    "airbench": (
        airbench_like,
        f"conv(5,2,padding=valid,frozen=yes) gelu conv(16,3,bias=no) pool(2) {AIRBENCH_NORM} gelu"
        f" conv(6,3,bias=no) {AIRBENCH_NORM} gelu pool(3) fc(10,bias=no) scale(1/9)",
        0.5,
    ),
    "residual": (
        residual_like,
        "conv(8,3,bias=no) bn relu res(conv(8,3,bias=no) bn relu res(conv(8,3,bias=no) bn gelu)"
        " conv(8,3,bias=no) bn) relu pool(2) globalmax res(fc(8) relu) fc(10)",
        0.1,
    ),
    "average": (average_like, "bn conv(7,3,stride=2,padding=1) relu bn globalavg fc(10)", 0.1),
}

MOMENTUM, WEIGHT_DECAY, STEPS, BATCHES = 0.9, 1e-3, 3, (6, 6, 3)


def networks() -> Fixture:
    """Whole networks over three steps of SGD with Nesterov's momentum; the last batch is smaller.

    `initial.<name>` for each value of the state; of step k `images<k>`, `labels<k>`, `loss<k>` and
    `state<k>.<name>` after it; `gradient.<name>` of the first step, without weight decay, for what
    is trained; then `logits` of the first images in evaluation.
    """
    fixture = Fixture()
    for case, (make, notation, rate) in NETWORKS.items():
        model = make()
        initialize(model, seed=1)
        model.double()
        trained = {name for name, p in model.named_parameters() if p.requires_grad}
        decayed = [n for n, p in model.named_parameters() if n in trained and p.dim() > 1]
        optimizer = torch.optim.SGD(
            parameter_groups(model, WEIGHT_DECAY, decayed), lr=rate, momentum=MOMENTUM,
            nesterov=True,
        )
        draws = Draws(f"network-{case}")
        tensors = {f"initial.{name}": value for name, value in state(model).items()}
        images = {}
        for step, batch in enumerate(BATCHES):
            images[step] = draws.normal(batch, 3, 10, 9)
            labels = draws.integers(0, 9, batch)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[step]), labels.long())
            loss.backward()
            tensors |= {
                f"images{step}": images[step], f"labels{step}": labels,
                f"loss{step}": loss.detach().reshape(1),
            }
            if step == 0:
                tensors |= {
                    f"gradient.{name}": parameter.grad.clone()
                    for name, parameter in model.named_parameters()
                    if name in trained
                }
            optimizer.step()
            if step in (0, STEPS - 1):
                tensors |= {f"state{step}.{name}": v for name, v in state(model).items()}
        model.eval()
        tensors["logits"] = model(images[0])
        fixture.add(
            case, f"lr={rate:g} momentum={MOMENTUM:g} weight_decay={WEIGHT_DECAY:g}", tensors
        )
        fixture.metadata[f"model.{case}"] = notation
    return fixture


def state(model: nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and running averages, without PyTorch's counts of batches."""
    return {
        name: value.clone()
        for name, value in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
