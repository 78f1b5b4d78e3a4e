"""Optimizers over forty steps on the parameters of a small network, with given gradients.

torch.optim has SGD, Adam, AdamW and RMSprop. SGD with decoupled weight decay, Lion and Muon are
written here by the formulas of their papers.
"""

from dataclasses import dataclass, field
from typing import Callable

import torch
from torch import nn

from fixture import Draws, Fixture

STEPS = 40
STORED = (1, STEPS)

# The parameters of conv(4,3) conv(37,2,padding=valid) globalavg fc(4) fc(classes). conv2 has more outputs
# than inputs, and fills more than one panel of 32 columns.
SHAPES = {
    "conv1.weight": (4, 3, 3, 3),
    "conv1.bias": (4,),
    "conv2.weight": (37, 4, 2, 2),
    "conv2.bias": (37,),
    "fc1.weight": (4, 37),
    "fc1.bias": (4,),
    "fc2.weight": (3, 4),
    "fc2.bias": (3,),
}
MATRICES = ("conv1.weight", "conv2.weight", "fc1.weight")


class FormulaOptimizer(torch.optim.Optimizer):
    """An optimizer whose update is `move`, with `step_number` from 1."""

    def __init__(self, params, **defaults):
        super().__init__(params, {"lr": 0.0, "weight_decay": 0.0, **defaults})
        self.step_number = 0

    @torch.no_grad()
    def step(self):
        self.step_number += 1
        for group in self.param_groups:
            for parameter in group["params"]:
                self.move(parameter, parameter.grad, group, self.state[parameter])


class DecoupledSGD(FormulaOptimizer):
    """SGDW: Loshchilov and Hutter 2019, algorithm 1, with a decay in proportion to the rate."""

    def move(self, p, g, group, state):
        v = state.setdefault("v", torch.zeros_like(p))
        v.mul_(group["momentum"]).add_(g)
        step = g + group["momentum"] * v if group["nesterov"] else v
        p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * step)


class Lion(FormulaOptimizer):
    """Chen et al. 2023, algorithm 2."""

    def move(self, p, g, group, state):
        first, second = group["betas"]
        m = state.setdefault("m", torch.zeros_like(p))
        c = first * m + (1 - first) * g
        # A sign must not depend on the last bit.
        assert float(c.abs().min()) > 1e-6
        p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * c.sign())
        m.mul_(second).add_((1 - second) * g)


class Muon(FormulaOptimizer):
    """The form of airbench94_muon.py, in double."""

    def move(self, p, g, group, state):
        v = state.setdefault("v", torch.zeros_like(p))
        v.mul_(group["momentum"]).add_(g)
        u = g + group["momentum"] * v if group["nesterov"] else v
        first, growth = group["rescale"]
        every = first + growth * self.step_number // STEPS
        if first and self.step_number % every == 0:
            p.mul_(len(p) ** 0.5 / p.norm())
        p.mul_(1 - group["lr"] * group["weight_decay"])
        direction = orthogonalized(u.reshape(len(u), -1), group["coefficients"])
        p.sub_(group["lr"] * direction.reshape(p.shape))


def orthogonalized(gradient: torch.Tensor, coefficients: tuple[float, float, float]) -> torch.Tensor:
    """Three steps of Newton and Schulz from the gradient divided by its norm."""
    a, b, c = coefficients
    x = gradient / (gradient.norm() + 1e-7)
    if x.shape[0] > x.shape[1]:
        x = x.T
    for _ in range(3):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if gradient.shape[0] > gradient.shape[1] else x


@dataclass
class Case:
    """The flags of a run, and the same in PyTorch's terms."""

    flags: str
    # The optimizer of all parameters, and of the matrices if it is another.
    rest: Callable[..., torch.optim.Optimizer]
    matrices: Callable[..., torch.optim.Optimizer] | None = None
    lr: float = 0.01
    weight_decay: float = 0.0
    # Options of single parameters; `lr` is a rate.
    options: dict[str, dict[str, float]] = field(default_factory=dict)
    clip_norm: float | None = None
    clip_value: float | None = None


def sgd(**options):
    return lambda groups: torch.optim.SGD(groups, **options)


def muon(momentum=0.0, nesterov=False, coefficients=(3.4445, -4.7750, 2.0315), rescale=(1, 0)):
    return lambda groups: Muon(
        groups, momentum=momentum, nesterov=nesterov, coefficients=coefficients, rescale=rescale
    )


GROUPS = "bias: lr=x4, wd=0.1; fc2.weight: lr=0.05, momentum=0.5; conv weight: wd=0.3"
BIASES = [name for name in SHAPES if name.endswith("bias")]
GROUP_OPTIONS = {
    **{name: {"lr": 0.04, "weight_decay": 0.1} for name in BIASES},
    "fc2.weight": {"lr": 0.05, "momentum": 0.5},
    "conv1.weight": {"weight_decay": 0.3},
    "conv2.weight": {"weight_decay": 0.3},
}
# The groups of airbench94-muon: rates, and decay in proportion to 1/rate.
MUON_GROUPS = (
    "bias: lr=0.053, wd=0.0754717, momentum=0.85; "
    "fc2.weight: lr=0.67, wd=0.00597015, momentum=0.85"
)
MUON_OPTIONS = {
    **{name: {"lr": 0.053, "weight_decay": 0.0754717, "momentum": 0.85} for name in BIASES},
    "fc2.weight": {"lr": 0.67, "weight_decay": 0.00597015, "momentum": 0.85},
}

CASES = {
    "sgd-momentum": Case(
        "momentum=0.9|weight-decay=0.1", sgd(momentum=0.9), weight_decay=0.1),
    "sgd-nesterov-groups": Case(
        f"momentum=0.9|nesterov=true|groups={GROUPS}",
        sgd(momentum=0.9, nesterov=True), options=GROUP_OPTIONS),
    "sgd-decoupled": Case(
        "momentum=0.9|weight-decay=0.5|decoupled-weight-decay=true",
        lambda groups: DecoupledSGD(groups, momentum=0.9, nesterov=False), weight_decay=0.5),
    "sgd-decoupled-nesterov": Case(
        "momentum=0.85|nesterov=true|weight-decay=0.5|decoupled-weight-decay=true",
        lambda groups: DecoupledSGD(groups, momentum=0.85, nesterov=True), weight_decay=0.5),
    "sgd-clip-norm": Case(
        "momentum=0.9|weight-decay=0.1|clip-norm=20", sgd(momentum=0.9), weight_decay=0.1,
        clip_norm=20),
    "sgd-clip-value": Case("momentum=0.5|clip-value=0.7", sgd(momentum=0.5), clip_value=0.7),
    "sgd-clip-both": Case(
        "momentum=0|clip-value=0.7|clip-norm=10", sgd(), clip_value=0.7, clip_norm=10),
    "adam": Case("opt=adam", torch.optim.Adam),
    "adam-decay": Case(
        "opt=adam|betas=0.7,0.95|eps=0.001|weight-decay=0.1|clip-norm=20",
        lambda groups: torch.optim.Adam(groups, betas=(0.7, 0.95), eps=0.001), weight_decay=0.1,
        clip_norm=20),
    "adamw": Case(
        "opt=adamw|weight-decay=0.5",
        lambda groups: torch.optim.AdamW(groups, weight_decay=0), weight_decay=0.5),
    "adamw-groups": Case(
        f"opt=adamw|betas=0,0.9|groups={GROUPS.replace(', momentum=0.5', '')}",
        lambda groups: torch.optim.AdamW(groups, betas=(0.0, 0.9), weight_decay=0),
        options=GROUP_OPTIONS),
    "rmsprop": Case("opt=rmsprop", torch.optim.RMSprop),
    "rmsprop-momentum": Case(
        f"opt=rmsprop|momentum=0.8|alpha=0.9|eps=0.01|groups={GROUPS}",
        lambda groups: torch.optim.RMSprop(groups, momentum=0.8, alpha=0.9, eps=0.01),
        options=GROUP_OPTIONS),
    "lion": Case(
        "opt=lion|weight-decay=0.5", lambda groups: Lion(groups, betas=(0.9, 0.99)),
        weight_decay=0.5),
    "lion-betas": Case(
        f"opt=lion|betas=0.6,0.8|groups={GROUPS.replace(', momentum=0.5', '')}",
        lambda groups: Lion(groups, betas=(0.6, 0.8)), options=GROUP_OPTIONS),
    "muon": Case(
        f"opt=muon|momentum=0.6|nesterov=true|groups={MUON_GROUPS}",
        sgd(momentum=0.85, nesterov=True), muon(0.6, True), lr=0.24, options=MUON_OPTIONS),
    "muon-coefficients": Case(
        "opt=muon|momentum=0.655|weight-decay=0.5|muon-rescale=2+15"
        "|muon-coefficients=3.4576,-4.7391,2.0843",
        sgd(momentum=0.655), muon(0.655, False, (3.4576, -4.7391, 2.0843), (2, 15)),
        weight_decay=0.5),
    "muon-adamw": Case(
        "opt=muon|momentum=0|muon-rest=adamw|muon-rescale=never|weight-decay=0.1|eps=1e-06",
        lambda groups: torch.optim.AdamW(groups, eps=1e-6), muon(rescale=(0, 0)),
        weight_decay=0.1),
}


def optimizers() -> Fixture:
    """`initial.<parameter>` and `gradients.<parameter>` `[40, ...]` of all cases, and the parameters
    `<case>.p1.<parameter>` and `<case>.p40.<parameter>` after as many steps.

    The learning rate falls linearly, from the case's at the first step.
    """
    fixture = Fixture()
    draws = Draws("optimizers")
    initial = {name: draws.normal(*shape, scale=0.5) for name, shape in SHAPES.items()}
    trend = {name: draws.normal(*shape) for name, shape in SHAPES.items()}
    fixture.tensors |= {f"initial.{name}": value for name, value in initial.items()}
    gradients = []
    for step in range(STEPS):
        size = 0.25 + 1.5 * step / STEPS
        gradients.append({
            name: ((trend[name] + draws.normal(*shape)) * size).float().double()
            for name, shape in SHAPES.items()
        })
    for name in SHAPES:
        fixture.tensors[f"gradients.{name}"] = torch.stack([g[name] for g in gradients])
    for name, case in CASES.items():
        fixture.add(name, f"lr={case.lr:g}|{case.flags}", run(case, initial, gradients))
    return fixture


def run(case: Case, initial, gradients) -> dict[str, torch.Tensor]:
    parameters = {name: nn.Parameter(value.clone()) for name, value in initial.items()}

    def groups(names):
        return [
            {
                "params": [parameters[name]],
                "lr": case.lr,
                "weight_decay": case.weight_decay if name.endswith("weight") else 0.0,
                **case.options.get(name, {}),
            }
            for name in names
        ]

    matrices = MATRICES if case.matrices else ()
    chosen = [case.rest(groups([name for name in SHAPES if name not in matrices]))]
    if case.matrices:
        chosen.append(case.matrices(groups(matrices)))
    rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in chosen]
    stored = {}
    for step in range(STEPS):
        for name, parameter in parameters.items():
            parameter.grad = gradients[step][name].clone()
        if case.clip_value:
            nn.utils.clip_grad_value_(parameters.values(), case.clip_value)
        if case.clip_norm:
            nn.utils.clip_grad_norm_(parameters.values(), case.clip_norm)
        for optimizer, starts in zip(chosen, rates):
            for group, start in zip(optimizer.param_groups, starts):
                group["lr"] = start * (1 - step / STEPS)
            optimizer.step()
        if step + 1 in STORED:
            for name, parameter in parameters.items():
                stored[f"p{step + 1}.{name}"] = parameter.detach().clone()
    return stored
