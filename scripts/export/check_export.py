#!/usr/bin/env python3
"""Compares exported networks with the program; `scripts/check-export` runs it.

Each network is trained for two steps on random images, so that running averages are not their initial
values, and exported. Every output of another program may differ from this program's by 1e-5 of the
largest output, or 1e-4 for random networks, whose largest output can be much smaller than its terms.
"""

import argparse
import importlib.util
import itertools
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Callable, Iterator

import numpy as np
import onnx
import onnxruntime
import openvino
import torch
from PIL import Image
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/pytorch"))
import convert_checkpoint  # noqa: E402
import random_networks  # noqa: E402

TOLERANCE, RANDOM_TOLERANCE = 1e-5, 1e-4
# OpenVINO 2026.4 computes GELU and SiLU before max pooling instead of behind it, to fuse them with a convolution in front
# of the pooling. They are not monotonic, so the outputs differ by a percent and more.
WRONG_IN_OPENVINO = re.compile(
    r"\b(dw)?conv(1d)?\([^()]*\)( bn(\([^()]*\))?)? pool(1d)?\([^()]*\)( dropout\([^()]*\))? (gelu|silu)\b")
EXAMPLES = 20
CLASSES = 10
GRAY, COLOR = (28, 1), (32, 3)
RANDOM_SIZES = [GRAY, (17, 3), (12, 1), COLOR]


@dataclass(frozen=True)
class Case:
    name: str
    size: tuple[int, int]
    """Side and channels of the images."""
    network: list[str]
    """The flags of `train` that give the network."""
    is_autoencoder: bool = False
    model: str | None = None
    """The name of a named model."""


# Together they have every layer and every option of docs/notation.md; `uncovered_words` checks the layers.
LAYERS = {
    "windows": (
        GRAY, "conv(8,3x2,stride=2x1,padding=1,bias=no) bn(epsilon=0.01,scale=no) relu pool(3,2,padding=1)"
        " conv(6,4,groups=2) silu avgpool(3x2,2,padding=1,mode=ceil) gn(3) fc(classes)"),
    "channels": (
        GRAY, "dwconv(3,stride=2) conv(12,4,stride=3) gelu dwconv(2x3,padding=valid,bias=no) gn(4,epsilon=0.001)"
        " tanh globalmax bn fc(16) gn(4) sigmoid fc(classes,bias=no) scale(1/9)"),
    "signals": (
        GRAY, "signal conv1d(8,4,stride=2) bn relu pool1d(3,2,padding=1) res(conv1d(8,3,padding=1) gn(2))"
        " pool(1x2,mode=ceil) conv(4,1x3) conv1d(6,5,padding=valid,groups=2,bias=no) avgpool(1x3,1x2) dropout(0.5)"
        " flatten fc(classes)"),
    "blocks": (
        GRAY, "conv(8,3,stride=2) relu res(conv(8,3) bn relu res(tanh conv(8,1)) droppath(0.3)) upsample(2x3)"
        " convt(4,3,stride=2,padding=1,outpad=1) gelu avgpool(4,3,padding=2,mode=ceil,countpadding=no) globalavg"
        " fc(classes)"),
    "enlargement": (
        GRAY, "convt(3,4x3,stride=3x2,padding=1x0,bias=no) pool(5,4,mode=ceil) conv(10,3,frozen=yes)"
        " upsample(3x2,mode=bilinear) avgpool(3,5,mode=ceil) conv(10,1) globalmax"),
    "flattened-output": (GRAY, "conv(5,3) relu avgpool(14x28) flatten"),
    "signal-output": (GRAY, "signal conv1d(10,3) gelu globalmax"),
    "color": (
        COLOR, "conv(8,3) bn gelu avgpool(2) res(dwconv(5) silu) pool(2,2,mode=ceil) gn(8) flatten scale(0.5)"
        " fc(classes)"),
}


def cases(models: list[str]) -> list[Case]:
    found = [Case(name, size, ["--arch", notation]) for name, (size, notation) in LAYERS.items()]
    found.append(
        Case("pixel-autoencoder", GRAY, ["--arch", "conv(4,3) sigmoid conv(1,3)", "--loss", "bce", "--mean", "0",
                                         "--std", "1"], is_autoencoder=True))
    for model in models:
        channels, side, _ = convert_checkpoint.NETWORKS[model].image_shape
        found.append(
            Case(model, (side, channels), ["--model", model], is_autoencoder=model == "autoencoder", model=model))
    found.append(
        Case("autoencoder-bilinear", GRAY, ["--model", "autoencoder", "--decoder", "bilinear"], is_autoencoder=True,
             model="autoencoder"))
    return found


def uncovered_words() -> list[str]:
    """The layers of docs/notation.md that no network has."""
    page = (ROOT / "docs/notation.md").read_text()
    rows = page.split("<!-- layers -->")[1].split("<!-- end of layers -->")[0].strip().splitlines()[2:]
    words = {row.split("`")[1].split("(")[0] for row in rows}
    used = " ".join(notation for _, notation in LAYERS.values())
    for mark in "()":
        used = used.replace(mark, " ")
    return sorted(words - set(used.split()))


class Failure(Exception):
    pass


class Refusal(Failure):
    """The program says that a network cannot take its input."""


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, as a share of the largest expected element."""
    if found.shape != expected.shape:
        raise Failure(f"an output of {found.shape} (expected {expected.shape})")
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


class Check:
    """One case: its run, its exported files, and the program's outputs."""

    def __init__(self, case: Case, program: str, folder: Path, data: Path):
        self.case, self.program, self.folder, self.data = case, program, folder, data
        side, _ = case.size
        self.run(
            "train", "--dataset", "folder", "--data-dir", self.data, "--image-size", side, *case.network,
            "--max-steps", 2, "--batch-size", 10, "--progress", "none", "--run-dir", folder / "run")
        self.export("plain", "--example", EXAMPLES)
        example = load_file(folder / "plain/model-example.safetensors")
        self.pixels, self.images, self.outputs = (example[name] for name in ("pixels", "images", "outputs"))
        self.export("float", "--with-preprocessing", "float")
        self.export("bytes", "--with-preprocessing", "uint8", *([] if case.is_autoencoder else ["--softmax"]))
        self.export("torch", "--format", "torch")

    def run(self, *arguments: object) -> str:
        command = [self.program, *map(str, arguments)]
        outcome = subprocess.run(command, capture_output=True, text=True)
        if outcome.returncode:
            is_refusal = outcome.returncode == 2 and outcome.stderr.startswith("error: --arch: ")
            raise (Refusal if is_refusal else Failure)(f"{' '.join(command)}\n{outcome.stderr}")
        return outcome.stdout

    def export(self, name: str, *flags: object, source: Path | None = None) -> None:
        self.run("export", source or self.folder / "run", "--output", self.folder / name, *flags)

    def errors(self) -> dict[str, float]:
        """The errors of all programs."""
        errors: dict[str, float] = {}
        errors["onnxruntime"] = max(self.onnx_errors(infer_onnxruntime))
        if not WRONG_IN_OPENVINO.search(self.case.network[-1]):
            errors["openvino"] = max(self.onnx_errors(infer_openvino))
        errors["torch"] = self.torch_error()
        if self.case.model:
            errors["models.py"] = self.conversion_error()
        return errors

    def onnx_errors(self, infer: Callable[[Path, np.ndarray], np.ndarray]) -> list[float]:
        bytes_ = self.pixels.astype(np.uint8)
        last = self.outputs if self.case.is_autoencoder else softmax(self.outputs)
        errors = []
        for name, given, expected in [
            ("plain", self.images, self.outputs), ("plain", self.images[:1], self.outputs[:1]),
            ("float", self.pixels, self.outputs), ("bytes", bytes_, last),
        ]:
            path = self.folder / name / "model.onnx"
            onnx.checker.check_model(onnx.load(path), full_check=True)
            errors.append(relative(infer(path, given), expected))
        return errors

    @torch.inference_mode()
    def torch_error(self) -> float:
        module = load_module(self.folder / "torch/model.py")
        network = module.load()
        prepared = module.prepare(torch.from_numpy(self.pixels)).numpy()
        found = network(torch.from_numpy(self.images)).numpy()
        if not self.case.is_autoencoder:
            self.compare_prediction()
        return max(relative(prepared, self.images), relative(found, self.outputs))

    def compare_prediction(self) -> None:
        """The exported program for files must give the class that `predict` gives."""
        image = next(self.data.rglob("*.png"))
        said = json.loads(self.run("predict", self.folder / "run", image, "--json", "--prepare", "none"))
        expected = said["images"][0]["top"][0]
        shown = subprocess.run(
            [sys.executable, self.folder / "torch/model.py", image], capture_output=True, text=True, check=True).stdout
        name, share = shown.removeprefix(f"{image}: ").split(",")[0].split()
        if name != expected["class"] or abs(float(share[:-1]) / 100 - expected["probability"]) > 0.002:
            raise Failure(f"model.py gives {shown.strip()} (expected {expected})")

    @torch.inference_mode()
    def conversion_error(self) -> float:
        """The error of the checkpoint in models.py's network. Written back, it must give equal bits."""
        checkpoint = max((self.folder / "run/checkpoints").glob("step-*.safetensors"))
        network = convert_checkpoint.load(checkpoint)
        found = network(torch.from_numpy(self.images)).numpy()
        back = self.folder / "back.safetensors"
        convert_checkpoint.save(network.state_dict(), back, like=checkpoint)
        self.export("again", "--example", EXAMPLES, source=back)
        again = load_file(self.folder / "again/model-example.safetensors")["outputs"]
        if not np.array_equal(again, self.outputs):
            raise Failure("the checkpoint that was written back gives other outputs")
        return relative(found, self.outputs)


def infer_onnxruntime(path: Path, given: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: given})[0]


def infer_openvino(path: Path, given: np.ndarray) -> np.ndarray:
    core = openvino.Core()
    model = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return model(given)[0]


def load_module(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def write_images(folder: Path, side: int, channels: int) -> Path:
    """Random images of ten classes: smooth, so that classes differ."""
    random = np.random.default_rng(channels)
    for label in range(CLASSES):
        (folder / chr(ord("a") + label)).mkdir(parents=True)
        for number in range(4):
            small = random.integers(0, 256, (7, 7, 3 if channels == 3 else 1), dtype=np.uint8)
            image = Image.fromarray(small if channels == 3 else small[:, :, 0])
            image.resize((side, side), Image.Resampling.BILINEAR).save(
                folder / chr(ord("a") + label) / f"{number}.png")
    return folder


def named_models(program: str) -> list[str]:
    """The names that the program knows, from its message about a wrong one."""
    message = subprocess.run([program, "train", "--model", "?"], capture_output=True, text=True).stderr
    return message.split("expected one of ")[1].split(")")[0].split(", ")


def random_cases(count: int, seed: int) -> Iterator[Case]:
    """More than `count` cases: not each network accepts its images."""
    for number in range(seed, seed + 20 * count):
        size = RANDOM_SIZES[number % len(RANDOM_SIZES)]
        yield Case(f"random-{number}", size, ["--arch", random_networks.network(number, size[1])])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("names", nargs="*", help="models, layers, or random")
    parser.add_argument("--random", type=int, default=12, metavar="COUNT", help="the number of random networks")
    parser.add_argument("--seed", type=int, default=0, help="that of the first random network")
    arguments = parser.parse_intermixed_args()
    torch.set_num_threads(2)
    models = named_models(arguments.program)
    problems = [f"{word}: no network in LAYERS has this layer" for word in uncovered_words()]
    problems += [f"{name}: not in models.py" for name in models if name not in convert_checkpoint.NETWORKS]
    chosen = [
        case for case in cases([name for name in models if name in convert_checkpoint.NETWORKS])
        if not arguments.names or case.model in arguments.names or case.name in arguments.names
        or (case.model is None and "layers" in arguments.names)]
    compared = 0
    left = arguments.random if not arguments.names or "random" in arguments.names else 0
    with tempfile.TemporaryDirectory() as scratch:
        data = {size: write_images(Path(scratch) / "images-{}x{}".format(*size), *size) for size in RANDOM_SIZES}
        for case in itertools.chain(chosen, random_cases(left, arguments.seed)):
            is_random = case not in chosen
            if is_random and left == 0:
                break
            try:
                errors = Check(case, arguments.program, Path(scratch) / case.name, data[case.size]).errors()
            except Refusal as refusal:
                if not is_random:
                    problems.append(f"{case.name}: {refusal}")
                continue
            except Failure as failure:
                problems.append(f"{case.name}: {failure}")
                left -= is_random
                continue
            left -= is_random
            compared += 1
            shown = "  ".join(f"{name} {error:.1e}" for name, error in errors.items())
            print(f"{case.name:24}{shown}", flush=True)
            problems += [
                f"{case.name}: {name} differs by {error:.2g} of the largest output: {' '.join(case.network)}"
                for name, error in errors.items() if not error <= (RANDOM_TOLERANCE if is_random else TOLERANCE)]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
