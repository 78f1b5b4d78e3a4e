"""Compares `visualize` with captum and scikit-learn: see scripts/check-visualize."""

import csv
import gzip
import importlib.util
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from captum.attr import LayerAttribution, LayerGradCam, Occlusion, Saliency
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data/mnist-sample"

# Name: the network, the layers of Grad-CAM, the windows of occlusion and their strides.
NETWORKS = {
    "fer-mnist": (["--model", "fer-mnist"], ["conv1", "conv2"], [(7, 3), (5, 5)]),
    "residual": (
        [
            "--arch",
            "conv(16,3,bias=no) bn relu res(conv(16,3) bn relu) pool(2) conv(24,3,stride=2) bn gelu"
            " dropout(0.2) fc(64) relu fc(classes)",
        ],
        ["conv1", "conv2", "conv3"],
        [(6, 4), (28, 28)],
    ),
}
LIMIT = 1e-4
"""The greatest difference allowed, as a part of the greatest expected value."""


def sample(name: str, header: int) -> np.ndarray:
    """The bytes of an IDX file of the sample, without its header."""
    return np.frombuffer(gzip.open(SAMPLE / name).read()[header:], np.uint8)


def load_module(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(path.parent.name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.parent.name] = module
    specification.loader.exec_module(module)
    return module


class Check:
    """One trained network."""

    def __init__(self, program: str, folder: Path, name: str):
        self.program, self.folder, self.name = program, folder, name
        self.run_folder = folder / name
        self.failed = False

    def command(self, *arguments: object) -> str:
        return subprocess.run(
            [self.program, *map(str, arguments)], cwd=self.folder, check=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ).stdout

    def prepare(self) -> None:
        network, self.layers, self.windows = NETWORKS[self.name]
        self.command(
            "train", *network, "--data-dir", "data", "--epochs", 3, "--run-dir", self.run_folder,
            "--progress", "none",
        )
        self.command("export", self.run_folder, "--format", "torch")
        self.network = load_module(self.run_folder / "export/model.py").load().eval()
        pixels = self.pixels = sample("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
        self.labels = sample("t10k-labels-idx1-ubyte.gz", 8)
        self.images = (torch.from_numpy(pixels.copy()).float() / 255 - 0.1307) / 0.3081

    def report(self, what: str, found: np.ndarray, expected: np.ndarray) -> None:
        difference = np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-30)
        mark = "ok" if difference <= LIMIT else "FAILED"
        self.failed |= difference > LIMIT
        self.worst[what] = max(self.worst.get(what, 0), difference)
        if mark != "ok":
            print(f"{self.name}: {what}: {difference:.2e} {mark}")

    def values(self, *arguments: object) -> np.ndarray:
        """The values in the JSON file that the command wrote last."""
        lines = self.command("visualize", self.run_folder, *arguments).splitlines()
        content = json.loads((self.folder / lines[-1]).read_text())
        return np.array(content["values"]).reshape(content["height"], content["width"])

    def attributions(self) -> None:
        self.worst: dict[str, float] = {}
        noise = np.random.default_rng(1)
        for index in (0, 1, 17):
            # On the constant background of a digit all values of a pooling window are equal, and the
            # maximum's gradient may go to any of them; so within a stroke. Noise leaves one answer.
            pixels = (0.7 * self.pixels[index, 0] + noise.integers(0, 60, (28, 28))).astype(np.uint8)
            path = self.folder / f"{self.name}-{index}.png"
            Image.fromarray(pixels).save(path)
            x = (torch.from_numpy(pixels).float()[None, None] / 255 - 0.1307) / 0.3081
            predicted = int(self.network(x).argmax())
            for label in {predicted, (predicted + 3) % 10}:
                chosen = ["--image", path, "--class", label]
                expected = Saliency(self.network).attribute(x.clone(), target=label)
                self.report(
                    "saliency", self.values("saliency", *chosen), expected.amax(1)[0].numpy())
                for layer in self.layers:
                    method = LayerGradCam(self.network, getattr(self.network, layer))
                    expected = method.attribute(x, target=label, relu_attributions=True).detach()
                    found = self.values("grad-cam", *chosen, "--layer", layer)
                    self.report(f"grad-cam of {layer}", found, expected[0, 0].numpy())
                for size, stride in self.windows:
                    with torch.no_grad():
                        expected = Occlusion(self.network).attribute(
                            x, target=label, sliding_window_shapes=(1, size, size),
                            strides=(1, stride, stride), baselines=0,
                        )
                    found = self.values(
                        "occlusion", *chosen, "--window", size, "--stride", stride)
                    self.report(f"occlusion {size}/{stride}", found, expected[0, 0].numpy())
        for what, difference in self.worst.items():
            print(f"{self.name}: {what}: greatest difference {difference:.1e} of the greatest value")

    @torch.no_grad()
    def embedding(self) -> None:
        lines = self.command("visualize", self.run_folder, "embedding", "--data-dir", "data").splitlines()
        with open(self.folder / lines[-1]) as file:
            rows = list(csv.DictReader(file))
        kept: list[torch.Tensor] = []
        head = [module for module in self.network.modules() if isinstance(module, torch.nn.Linear)][-1]
        head.register_forward_pre_hook(lambda _module, inputs: kept.append(inputs[0].flatten(1)))
        self.network(self.images)
        features = kept[0].numpy().astype(np.float64)
        assert len(rows) == len(features)
        expected = PCA(2, svd_solver="full").fit_transform(features)
        found = np.array([[float(row["pca_1"]), float(row["pca_2"])] for row in rows])
        found *= np.sign((found * expected).sum(axis=0))
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        print(f"{self.name}: PCA: greatest difference {difference:.1e} of the greatest score")
        self.failed |= difference > LIMIT

        own = np.array([[float(row["tsne_1"]), float(row["tsne_2"])] for row in rows])
        other = TSNE(2, init="random", method="exact", random_state=0).fit_transform(
            features.astype(np.float32))
        for neighbors in (5, 12, 30):
            ours = trustworthiness(features, own, n_neighbors=neighbors)
            theirs = trustworthiness(features, other, n_neighbors=neighbors)
            print(
                f"{self.name}: t-SNE: trustworthiness of {neighbors} neighbors {ours:.4f},"
                f" scikit-learn's {theirs:.4f}")
            self.failed |= ours < theirs - 0.01

    def animation(self) -> None:
        for line in self.command("visualize", self.run_folder, "filters").splitlines():
            if not line.endswith("-animated.png"):
                continue
            with Image.open(self.folder / line) as image:
                frames, durations = image.n_frames, []
                for frame in range(frames):
                    image.seek(frame)
                    image.load()
                    durations.append(image.info["duration"])
            print(f"{self.name}: {Path(line).name}: {frames} frames, {durations} ms")
            self.failed |= frames != 4 or durations != [400, 400, 400, 2000]


def main() -> int:
    warnings.filterwarnings("ignore", message=".*required_grads.*|.*requires_grad.*")
    torch.set_num_threads(2)
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "data").mkdir()
        for path in SAMPLE.glob("*.gz"):
            (folder / "data" / path.name).symlink_to(path)
        for name in NETWORKS:
            check = Check(sys.argv[1], folder, name)
            check.prepare()
            check.attributions()
            check.embedding()
            check.animation()
            failed |= check.failed
    print("check-visualize: FAILED" if failed else "check-visualize: ok")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
