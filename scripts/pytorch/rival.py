#!/usr/bin/env python3
"""PyTorch's best CPU configuration for whole training steps, run in turn with another program.

turns.py describes how a driver asks for steps.

The configuration is the fastest found for fp32: eager, channels_last, an allocator that keeps its
pages, denormals flushed to zero. A step is forward, loss, backward and SGD with momentum 0.9, on
batches of synthetic images that are ready in memory. README.md says which optimizer is the fastest.
"""

import argparse
import os
import runpy
import sys
import time

from arguments import add_training, rival_parser
from turns import peak_memory, serve

ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "-1",
    "MALLOC_TOP_PAD_": "268435456",
}
"""Settings that glibc reads at its start: never return pages, so no page is faulted in twice."""

BATCHES = 4
RATE, MOMENTUM = 1e-3, 0.9


def restart_with_allocator(threads: int) -> None:
    """Restarts this program with the required environment, unless it is set already."""
    wanted = {**ALLOCATOR, "OMP_NUM_THREADS": str(threads)}
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.environ.update(wanted)
        os.execv(sys.executable, [sys.executable, *sys.argv])


class Rival:
    """A model, its optimizer and synthetic batches."""

    def __init__(self, arguments: argparse.Namespace):
        import torch  # Imported late, because the first process is replaced before it needs torch.

        from models import initialize

        torch.set_num_threads(arguments.threads)
        torch.set_flush_denormal(True)
        torch.manual_seed(1)
        self.torch = torch
        self.batch = arguments.batch
        self.bf16 = arguments.precision == "bf16"
        self.forward_only = arguments.forward_only

        self.model = runpy.run_path(arguments.module)["Network"]()
        initialize(self.model, seed=1)
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad_(name not in arguments.fixed)
        self.model = self.model.to(memory_format=torch.channels_last)
        self.model.train(not self.forward_only)
        choice = {"foreach": {"foreach": True}, "fused": {"fused": True}, "loop": {"foreach": False}}
        self.optimizer = torch.optim.SGD(
            [p for p in self.model.parameters() if p.requires_grad],
            lr=RATE,
            momentum=MOMENTUM,
            **choice[arguments.optimizer],
        )
        self.batches = [
            (
                torch.randn(self.batch, *arguments.image).to(memory_format=torch.channels_last),
                torch.randint(0, arguments.classes, (self.batch,)),
            )
            for _ in range(BATCHES)
        ]
        self.next = 0

    def step(self) -> float:
        """One step on the next batch, or one forward pass; its loss."""
        images, labels = self.batches[self.next]
        self.next = (self.next + 1) % BATCHES
        if self.forward_only:
            with self.torch.inference_mode():
                return self.loss(images, labels).item()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(images, labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def loss(self, images, labels):
        """The mean cross-entropy of a batch, in the selected precision."""
        with self.torch.autocast("cpu", dtype=self.torch.bfloat16, enabled=self.bf16):
            return self.torch.nn.functional.cross_entropy(self.model(images), labels)

    def run(self, steps: int) -> dict[str, float]:
        """Runs `steps` steps and reports their speed."""
        start = time.perf_counter()
        for _ in range(steps):
            loss = self.step()
        seconds = time.perf_counter() - start
        return {
            "steps": steps,
            "seconds": seconds,
            "images_per_second": steps * self.batch / seconds,
            "loss": loss,
            "peak_memory_bytes": peak_memory(),
        }


def parse_arguments() -> argparse.Namespace:
    parser = rival_parser(__doc__, ["fp32", "bf16"])
    add_training(parser)
    parser.add_argument("--optimizer", choices=["fused", "foreach", "loop"], default="fused")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    restart_with_allocator(arguments.threads)
    rival = Rival(arguments)
    rival.run(arguments.warm_up)
    return serve(rival)


if __name__ == "__main__":
    sys.exit(main())
