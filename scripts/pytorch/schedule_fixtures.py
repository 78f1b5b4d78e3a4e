"""Learning rates of PyTorch's schedulers."""

from typing import Callable

import torch
from torch.optim import lr_scheduler as schedulers

from fixture import Draws, Fixture

BASE, PER_EPOCH = 0.3, 7

Scheduler = Callable[[torch.optim.Optimizer], schedulers.LRScheduler]


def rates(total: int, make: Scheduler, by_epoch: bool = False) -> torch.Tensor:
    """The learning rates of `total` steps; the scheduler is stepped by the batch or by the epoch."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler = make(optimizer)
    found = []
    for step in range(1, total + 1):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < total and (not by_epoch or step % PER_EPOCH == 0):
            scheduler.step()
    return torch.tensor(found, dtype=torch.float64)


def triangle(total: int, start: float, end: float, peak: float) -> Callable[[int], float]:
    """The factor of a step as in airbench94's `triangle`."""
    top = int(peak * total)

    def factor(step: int) -> float:
        if step < top:
            return start + (1 - start) * step / top
        return 1 + (end - 1) * (step - top) / (total - top)

    return factor


def warmed(warmup: int, make: Scheduler) -> Scheduler:
    return lambda o: schedulers.SequentialLR(
        o,
        [schedulers.LinearLR(o, start_factor=1 / (warmup + 1), total_iters=warmup), make(o)],
        milestones=[warmup],
    )


def by_batch(factor: Callable[[int], float]) -> Scheduler:
    return lambda o: schedulers.LambdaLR(o, factor)


# Name: text of the schedule, steps, warm-up, whether the scheduler is stepped by the epoch, scheduler.
CASES: dict[str, tuple[str, int, int, bool, Scheduler]] = {
    "constant": ("constant", 9, 0, False, lambda o: schedulers.ConstantLR(o, factor=1)),
    "step": ("step(2,0.3)", 45, 0, True, lambda o: schedulers.StepLR(o, 2, 0.3)),
    "multistep": (
        "steps(1:0.3,3:0.03,4:0.003)",
        40,
        0,
        True,
        lambda o: schedulers.MultiStepLR(o, [2, 3], 0.1),
    ),
    "exponential": ("exponential(0.75)", 50, 0, True, lambda o: schedulers.ExponentialLR(o, 0.75)),
    "cosine": ("cosine", 40, 0, False, lambda o: schedulers.CosineAnnealingLR(o, 40)),
    "cosine-floor": (
        "cosine(floor=0.1)",
        33,
        0,
        False,
        lambda o: schedulers.CosineAnnealingLR(o, 33, eta_min=0.1 * BASE),
    ),
    "restarts": (
        "cosine(restart=2.0)",
        60,
        0,
        False,
        lambda o: schedulers.CosineAnnealingWarmRestarts(o, 2 * PER_EPOCH),
    ),
    "longer-restarts": (
        "cosine(floor=0.02,restart=5steps,times=3)",
        90,
        0,
        False,
        lambda o: schedulers.CosineAnnealingWarmRestarts(o, 5, 3, eta_min=0.02 * BASE),
    ),
    "linear": (
        "linear",
        30,
        0,
        False,
        lambda o: schedulers.LinearLR(o, 1, end_factor=0, total_iters=30),
    ),
    "linear-floor": (
        "linear(until=3.0,floor=0.05)",
        35,
        0,
        False,
        lambda o: schedulers.LinearLR(o, 1, end_factor=0.05, total_iters=3 * PER_EPOCH),
    ),
    "triangular": (
        "triangular(peak=0.23,start=0.2,floor=0.07)",
        70,
        0,
        False,
        by_batch(triangle(70, 0.2, 0.07, 0.23)),
    ),
    "one-cycle": (
        "one-cycle",
        50,
        0,
        False,
        lambda o: schedulers.OneCycleLR(o, BASE, total_steps=50, cycle_momentum=False),
    ),
    "one-cycle-own": (
        "one-cycle(max=3.0,peak=0.45,divide=10.0,end-divide=100.0)",
        43,
        0,
        False,
        lambda o: schedulers.OneCycleLR(
            o,
            3 * BASE,
            total_steps=43,
            pct_start=0.45,
            div_factor=10,
            final_div_factor=100,
            cycle_momentum=False,
        ),
    ),
    "warmup-cosine": (
        "cosine",
        30,
        6,
        False,
        warmed(6, lambda o: schedulers.CosineAnnealingLR(o, 24)),
    ),
    "warmup-linear": (
        "linear(floor=0.2)",
        30,
        4,
        False,
        warmed(4, lambda o: schedulers.LinearLR(o, 1, end_factor=0.2, total_iters=26)),
    ),
}

# Name: text of the schedule, PyTorch's arguments.
PLATEAUS = {
    "plateau": ("plateau(patience=2)", {"patience": 2}),
    "plateau-accuracy": (
        "plateau(on=accuracy,factor=0.5,patience=1,threshold=0.05)",
        {"mode": "max", "factor": 0.5, "patience": 1, "threshold": 0.05},
    ),
    "plateau-cooldown": (
        "plateau(factor=0.3,patience=0,cooldown=2,floor=0.05)",
        {"factor": 0.3, "patience": 0, "cooldown": 2, "min_lr": 0.05 * BASE},
    ),
}


def schedules() -> Fixture:
    """`rates [steps]`; of a plateau, `values [epochs]` of the validation and `rates [epochs]`."""
    fixture = Fixture()
    for name, (text, total, warmup, by_epoch, make) in CASES.items():
        metadata = f"schedule={text} base={BASE:g} per_epoch={PER_EPOCH} warmup={warmup}"
        fixture.add(name, metadata, {"rates": rates(total, make, by_epoch)})
    for name, (text, arguments) in PLATEAUS.items():
        draws = Draws(f"schedules.{name}")
        # Falls, and then only wavers.
        trend = torch.tensor([max(0.4, 1 - 0.1 * epoch) for epoch in range(30)])
        values = (trend + draws.normal(30, scale=0.03)).float().double()
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
        scheduler = schedulers.ReduceLROnPlateau(optimizer, **arguments)
        found = []
        for value in values.tolist():
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(1 - value if arguments.get("mode") == "max" else value)
        fixture.add(
            name,
            f"schedule={text} base={BASE:g}",
            {"values": values, "rates": torch.tensor(found, dtype=torch.float64)},
        )
    return fixture
