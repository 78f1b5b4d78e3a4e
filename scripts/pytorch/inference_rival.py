#!/usr/bin/env python3
"""Forward passes of a model in ONNX by ONNX Runtime or OpenVINO, run in turn with another program.

turns.py describes how a driver asks for passes. Images are synthetic and ready in memory. Both
runtimes get their settings for the least time of one request at a time: all optimizations of the
graph, a fixed batch, and the threads of one request.
"""

import argparse
import os
import sys
import time

from arguments import rival_parser
from turns import peak_memory, serve

BATCHES = 4


class Rival:
    """A compiled model and synthetic batches."""

    def __init__(self, arguments: argparse.Namespace):
        import numpy as np  # Imported late, because a missing package is told by main.

        random = np.random.default_rng(1)
        shape = (arguments.batch, *arguments.image)
        self.batch = arguments.batch
        self.batches = [random.standard_normal(shape, dtype=np.float32) for _ in range(BATCHES)]
        self.next = 0
        compile_model = onnxruntime_model if arguments.runtime == "onnxruntime" else openvino_model
        self.infer = compile_model(arguments, shape)

    def run(self, steps: int) -> dict[str, float]:
        """Runs `steps` passes and reports their speed."""
        start = time.perf_counter()
        for _ in range(steps):
            self.infer(self.batches[self.next])
            self.next = (self.next + 1) % BATCHES
        seconds = time.perf_counter() - start
        return {
            "steps": steps,
            "seconds": seconds,
            "images_per_second": steps * self.batch / seconds,
            "peak_memory_bytes": peak_memory(),
        }


def onnxruntime_model(arguments: argparse.Namespace, shape: tuple[int, ...]):
    """A function from images to logits."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_free_dimension_override_by_name("N", shape[0])
    session = onnxruntime.InferenceSession(
        arguments.onnx, options, providers=["CPUExecutionProvider"]
    )
    return lambda images: session.run(None, {"images": images})


def openvino_model(arguments: argparse.Namespace, shape: tuple[int, ...]):
    """A function from images to logits."""
    import openvino

    core = openvino.Core()
    model = core.read_model(arguments.onnx)
    model.reshape(shape)
    compiled = core.compile_model(
        model,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[arguments.precision],
            "INFERENCE_NUM_THREADS": str(arguments.threads),
            "PERFORMANCE_HINT": "LATENCY",
        },
    )
    request = compiled.create_infer_request()
    return lambda images: request.infer([images], share_inputs=True, share_outputs=True)


def parse_arguments() -> argparse.Namespace:
    parser = rival_parser(__doc__, ["fp32", "bf16"], turn="PASSES")
    parser.add_argument("--onnx", required=True, metavar="FILE")
    parser.add_argument("--runtime", choices=["onnxruntime", "openvino"], required=True)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    try:
        rival = Rival(arguments)
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing: run scripts/pytorch/setup --inference")
        return 1
    rival.run(arguments.warm_up)
    return serve(rival)


if __name__ == "__main__":
    sys.exit(main())
