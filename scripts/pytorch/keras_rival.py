#!/usr/bin/env python3
"""Keras on TensorFlow: whole training steps or forward passes, run in turn with another program.

turns.py describes how a driver asks for steps.

Both ways of TensorFlow are tried, a graph with oneDNN's kernels and one that XLA compiles (jit_compile), and
the faster is timed. Images are channels last. A step is forward, loss, backward and SGD with momentum
0.9 in one `tf.function`, on batches of synthetic images that are ready in memory.

Before that, the model gets the driver's values and must give the driver's outputs and losses for a few
examples. The program ends with one line if it does not.
"""

import argparse
import gc
import os
import runpy
import sys
import tempfile
import time

import numpy as np

from arguments import add_training, rival_parser
from rival import BATCHES, MOMENTUM, RATE, restart_with_allocator
from turns import peak_memory, serve

TRIAL_SECONDS, TRIAL_TURNS = 0.15, 3
LOGIT_TOLERANCE, LOSS_TOLERANCE, SECOND_LOSS_TOLERANCE = 1e-3, 1e-3, 1e-2


class Mistake(Exception):
    """What is wrong, in one line."""


def import_quietly(threads: int):
    """TensorFlow and Keras; TensorFlow's messages at its start are dropped."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="")
    with tempfile.TemporaryFile() as dropped:
        kept = os.dup(2)
        os.dup2(dropped.fileno(), 2)
        try:
            import tensorflow
            import keras

            tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
            tensorflow.config.threading.set_inter_op_parallelism_threads(1)
            tensorflow.zeros(1)
        finally:
            os.dup2(kept, 2)
            os.close(kept)
    tensorflow.get_logger().setLevel("ERROR")
    return tensorflow, keras


class PeakMemory:
    """The peak memory of this process since `restart`, where the system can tell it (Linux)."""

    @staticmethod
    def restart() -> None:
        gc.collect()
        try:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
        except OSError:
            pass

    @staticmethod
    def bytes() -> int:
        try:
            with open("/proc/self/status") as file:
                lines = dict(line.split(":", 1) for line in file)
            return int(lines["VmHWM"].split()[0]) * 1024
        except (OSError, KeyError):

            return peak_memory()


class Rival:
    """A model, its optimizer and synthetic batches."""

    def __init__(self, arguments: argparse.Namespace):
        self.tensorflow, self.keras = import_quietly(arguments.threads)
        tensorflow, keras = self.tensorflow, self.keras
        keras.utils.set_random_seed(1)
        self.batch, self.forward_only = arguments.batch, arguments.forward_only
        module = runpy.run_path(arguments.module)
        self.model, self.flattened = module["network"](), module["FLATTENED"]
        self.loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        if arguments.values:
            self.check(arguments)
        self.fix(arguments.fixed)
        height, width, channels = arguments.image[1], arguments.image[2], arguments.image[0]
        self.batches = [
            (
                tensorflow.random.normal((self.batch, height, width, channels)),
                tensorflow.random.uniform((self.batch,), 0, arguments.classes, tensorflow.int32),
            )
            for _ in range(BATCHES)
        ]
        self.next = 0
        self.choose(arguments.warm_up)

    # The same network

    def fix(self, names: list[str]) -> None:
        """Stops the training of parameters with PyTorch's names."""
        for name in names:
            layer, parameter = name.split(".")
            variable = self.variables(self.model.get_layer(layer)).get(parameter)
            if variable is not None:
                variable.trainable = False

    def variables(self, layer) -> dict:
        """A layer's variables by PyTorch's names."""
        names = {
            "kernel": "weight", "gamma": "weight", "beta": "bias", "bias": "bias",
            "moving_mean": "running_mean", "moving_variance": "running_var",
        }
        return {names[v.name]: v for v in layer.variables if v.name in names}

    def assign(self, values: dict) -> None:
        """Sets all variables from arrays in PyTorch's order."""
        for layer in self.model.layers:
            for name, variable in self.variables(layer).items():
                value = self.arranged(layer, name, values[f"{layer.name}.{name}"])
                if value.shape != tuple(variable.shape):
                    raise Mistake(f"{layer.name}: {name} is {tuple(variable.shape)}, not {value.shape}")
                variable.assign(value)

    def arranged(self, layer, name: str, value):
        """PyTorch's array in the order of Keras."""
        layers = self.keras.layers
        if name != "weight" or value.ndim == 1:
            return value
        if value.ndim == 2:
            if layer.name in self.flattened:
                image = value.reshape(len(value), *self.flattened[layer.name])
                value = image.transpose(0, 2, 3, 1).reshape(len(value), -1)
            return value.T
        if value.ndim == 3:
            value = value[:, :, None]
        if isinstance(layer, layers.DepthwiseConv2D):
            outputs, _, height, width = value.shape
            multiplier = layer.depth_multiplier
            value = value.reshape(outputs // multiplier, multiplier, height, width)
            return value.transpose(2, 3, 0, 1)
        return value.transpose(2, 3, 1, 0)

    def check(self, arguments: argparse.Namespace) -> None:
        """Compares outputs and losses of a few examples with the driver's."""
        from safetensors.numpy import load_file

        tensorflow = self.tensorflow
        values = load_file(arguments.values)
        self.assign(values)
        images = tensorflow.constant(values["check.images"])
        labels = tensorflow.constant(values["check.labels"].astype("int32"))
        outputs = values["check.outputs"]
        found = self.model(images, training=False).numpy()
        error = float(np.abs(found - outputs).max())
        if not error <= LOGIT_TOLERANCE * max(1, float(np.abs(outputs).max())):
            raise Mistake(f"the model gives other outputs than the driver's (they differ by {error:.3g})")
        if self.forward_only or "check.losses" not in values:
            return
        self.fix(arguments.fixed)
        optimizer = self.keras.optimizers.SGD(arguments.check_rate, momentum=MOMENTUM)
        optimizer.build(self.model.trainable_variables)
        tolerances = (LOSS_TOLERANCE, SECOND_LOSS_TOLERANCE)
        for number, (expected, tolerance) in enumerate(zip(values["check.losses"], tolerances), 1):
            loss = float(self.train(optimizer, images, labels))
            if not abs(loss - expected) <= tolerance * max(1, abs(expected)):
                raise Mistake(f"the loss of step {number} is {loss:.6g}, not the driver's {expected:.6g}")
        self.assign(values)

    # Steps

    def train(self, optimizer, images, labels):
        """One step; its loss."""
        with self.tensorflow.GradientTape() as tape:
            loss = self.loss_of(labels, self.model(images, training=True))
        variables = self.model.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    def function(self, jit_compile: bool):
        """A function from a batch to the loss of its step, or of its forward pass."""
        if self.forward_only:

            def run(images, labels):
                return self.loss_of(labels, self.model(images, training=False))
        else:
            optimizer = self.keras.optimizers.SGD(RATE, momentum=MOMENTUM)
            optimizer.build(self.model.trainable_variables)

            def run(images, labels):
                return self.train(optimizer, images, labels)

        return self.tensorflow.function(run, jit_compile=jit_compile)

    def choose(self, warm_up: int) -> None:
        """Takes the faster of the two ways, each timed in turn after some steps."""
        ways = {}
        for name, jit_compile in (("graph", False), ("jit_compile", True)):
            way = self.function(jit_compile)
            try:
                self.step = way
                self.run(1)
                count = max(1, int(TRIAL_SECONDS / self.run(warm_up)["seconds"] * warm_up))
            except self.tensorflow.errors.OpError as error:
                failure = str(error).splitlines()[0]
                continue
            ways[name] = (way, count, [])
        if not ways:
            raise Mistake(f"TensorFlow cannot compute the network ({failure})")
        if len(ways) > 1:
            for _ in range(TRIAL_TURNS):
                for way, count, seconds in ways.values():
                    self.step = way
                    seconds.append(self.run(count)["seconds"] / count)
        self.way = min(ways, key=lambda name: sorted(ways[name][2])[len(ways[name][2]) // 2:])
        self.step = ways[self.way][0]
        ways = way = None
        PeakMemory.restart()

    def run(self, steps: int) -> dict:
        """Runs `steps` steps and reports their speed."""
        start = time.perf_counter()
        for _ in range(steps):
            images, labels = self.batches[self.next]
            self.next = (self.next + 1) % BATCHES
            loss = float(self.step(images, labels))
        seconds = time.perf_counter() - start
        return {
            "steps": steps,
            "seconds": seconds,
            "images_per_second": steps * self.batch / seconds,
            "loss": loss,
            "configuration": getattr(self, "way", ""),
            "peak_memory_bytes": PeakMemory.bytes(),
        }


def parse_arguments() -> argparse.Namespace:
    parser = rival_parser(__doc__, ["fp32"])
    add_training(parser)
    parser.add_argument("--values", metavar="FILE", help="the driver's values and examples")
    parser.add_argument("--check-rate", type=float, default=0.01, help="the learning rate of the examples")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    restart_with_allocator(arguments.threads)
    try:
        rival = Rival(arguments)
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing: run scripts/pytorch/setup --keras")
        return 1
    except Mistake as mistake:
        print(mistake)
        return 1
    return serve(rival)


if __name__ == "__main__":
    sys.exit(main())
