"""Read the events of `train --tensorboard` with TensorBoard's own readers, and compare them with the run's files.

usage: check_tensorboard.py LECTURE_CNN

Called by scripts/check-tensorboard. Trains on the sample of MNIST that the program brings along.
"""
import io
import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader, RawEventFileLoader
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.hparams import api_pb2, metadata as hparams_metadata
from tensorboard.util import tensor_util

PROGRAM = sys.argv[1]
PER_STEP = {"loss/step": "loss", "accuracy/step": "accuracy", "learning_rate": "rate"}
PER_EPOCH = {"loss/train": "train_loss", "accuracy/train": "train_accuracy",
             "loss/validation": "validation_loss", "accuracy/validation": "validation_accuracy"}
TEST = {"test/loss": "loss", "test/accuracy": "accuracy", "test/single_view_loss": "single_view_loss",
        "test/single_view_accuracy": "single_view_accuracy"}


def train(*arguments):
    result = subprocess.run([PROGRAM, "train", "--progress", "none", *arguments], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"error: train {' '.join(arguments)}: {result.stderr}")


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def expected_scalars(run):
    """Step and value of every scalar, from the run's own files."""
    series = {}

    def add(tag, step, value):
        series.setdefault(tag, []).append((step, value))

    metrics = lines(run / "metrics.jsonl")
    last = max(line["step"] for line in metrics if "step" in line)
    for line in metrics:
        tags = {"step": PER_STEP, "epoch": PER_EPOCH, "test": TEST}[line["kind"]]
        for tag, key in tags.items():
            if key in line:
                add(tag, line.get("step", last), line[key])
    for line in lines(run / "statistics.jsonl"):
        if line["kind"] == "step":
            add("gradient_norm", line["step"], line["gradient_norm"])
        elif line["kind"] == "epoch":
            for item in line["parameters"]:
                add(f"gradient_norm/{item['name']}", line["step"], item["gradient_norm"])
                if item["weight_norm"] > 0:
                    add(f"update_ratio/{item['name']}", line["step"], item["update_norm"] / item["weight_norm"])
        else:
            for layer in line["layers"]:
                add(f"dead_relus/{layer['name']}", line["step"], layer["dead"] / layer["channels"])
    for line in lines(run / "timing.jsonl"):
        add("images_per_second", line["step"], line["images_per_second"])
    return series


def check_scalars(run, accumulator):
    expected = expected_scalars(run)
    found = accumulator.Tags()["scalars"]
    assert sorted(found) == sorted(expected), set(found) ^ set(expected)
    count = 0
    for tag, series in expected.items():
        events = accumulator.Scalars(tag)
        assert [event.step for event in events] == [step for step, _ in series], tag
        for event, (step, value) in zip(events, series):
            assert event.value == np.float32(value), (tag, step, event.value, value)
            assert time.time() - 3600 < event.wall_time <= time.time() + 1
            count += 1
    print(f"{run.name}: {count} values of {len(expected)} scalars are those of the run's files")


def check_images(run, accumulator, epochs):
    """The images are the files of the run, pixel by pixel."""
    tags = accumulator.Tags()["images"]
    count = 0
    for tag in tags:
        events = accumulator.Images(tag)
        assert len(events) == epochs + 1, (tag, len(events))
        for epoch, event in enumerate(events):
            name = f"epoch-{epoch:03}" + ("" if tag == "reconstructions" else f"-{tag.split('/')[1]}")
            own = Image.open(run / tag.split("/")[0] / f"{name}.png")
            image = Image.open(io.BytesIO(event.encoded_image_string))
            assert (event.width, event.height) == image.size == own.size
            assert np.array_equal(np.asarray(image), np.asarray(own)), (tag, epoch)
            count += 1
    assert tags
    print(f"{run.name}: {count} images of {', '.join(tags)} are the run's files")


def check_histograms(run, accumulator, epochs):
    """The buckets lie side by side, and hold all elements of each tensor."""
    shapes = {}
    newest = max((run / "checkpoints").glob("step-*.safetensors"))
    data = newest.read_bytes()
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    count = 0
    for name, entry in header.items():
        if name != "__metadata__" and not name.startswith("optim."):
            shapes[name] = math.prod(entry["shape"])
    statistics = {line["step"]: {item["name"]: item for item in line["parameters"]}
                  for line in lines(run / "statistics.jsonl") if line["kind"] == "epoch"}
    tags = [tag for tag in accumulator.Tags()["tensors"] if not tag.startswith("_hparams_")]
    assert {tag.split("/")[0] for tag in tags} == {"weights", "gradients"}, tags
    for tag in tags:
        assert accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "histograms"
        kind, name = tag.split("/", 1)
        events = accumulator.Tensors(tag)
        assert len(events) == epochs + (kind == "weights"), (tag, len(events))
        for event in events:
            buckets = tensor_util.make_ndarray(event.tensor_proto)
            assert buckets.shape[1] == 3 and buckets.dtype == np.float64
            assert buckets[:, 2].sum() == shapes[name], (tag, event.step)
            assert np.allclose(buckets[1:, 0], buckets[:-1, 1])
            if kind == "gradients":
                low, high = statistics[event.step][name]["gradient_range"]
                if low < high:
                    assert buckets[0, 0] == low and buckets[-1, 1] == high, (tag, event.step)
            count += 1
    print(f"{run.name}: {count} histograms of {len(tags)} tensors hold all their elements")


def check_hyperparameters(run, accumulator, epochs):
    def content(tag):
        return accumulator.SummaryMetadata(f"_hparams_/{tag}").plugin_data.content

    start = hparams_metadata.parse_session_start_info_plugin_data(content("session_start_info"))
    experiment = hparams_metadata.parse_experiment_plugin_data(content("experiment"))
    end = hparams_metadata.parse_session_end_info_plugin_data(content("session_end_info"))
    assert end.status == api_pb2.STATUS_SUCCESS and end.end_time_secs >= start.start_time_secs
    settings = {}
    for line in (run / "config.yaml").read_text().split("# How")[0].splitlines():
        if not line.startswith("#"):
            key, value = line.split(": ", 1)
            settings[key] = json.loads(value) if value.startswith('"') else value
    if settings.get("augment") == "none":  # config.yaml says so of a run without augmentation
        del settings["augment"]
    assert set(start.hparams) == set(settings), set(start.hparams) ^ set(settings)
    kinds = {info.name: info.type for info in experiment.hparam_infos}
    assert set(kinds) == set(settings)
    for key, value in start.hparams.items():
        kind = value.WhichOneof("kind")
        text = settings[key]
        assert kinds[key] == {"number_value": api_pb2.DATA_TYPE_FLOAT64, "string_value": api_pb2.DATA_TYPE_STRING,
                              "bool_value": api_pb2.DATA_TYPE_BOOL}[kind]
        assert {"number_value": lambda: float(text) == value.number_value,
                "string_value": lambda: text == value.string_value,
                "bool_value": lambda: (text == "true") == value.bool_value}[kind](), (key, text, value)
    assert start.hparams["epochs"].number_value == epochs
    for info in experiment.metric_infos:
        assert info.name.tag in accumulator.Tags()["scalars"], info.name.tag
    print(f"{run.name}: {len(settings)} settings and {len(experiment.metric_infos)} results for hparams")


def check(run, epochs):
    folder = run / "tensorboard"
    for file in sorted(folder.iterdir()):
        for event in EventFileLoader(str(file)).Load():
            assert event.wall_time > 0
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0, "images": 0})
    accumulator.Reload()
    check_scalars(run, accumulator)
    check_images(run, accumulator, epochs)
    check_histograms(run, accumulator, epochs)
    check_hyperparameters(run, accumulator, epochs)


def timeless(run):
    """All values of a run, without the times."""
    found = []
    for file in sorted((run / "tensorboard").iterdir()):
        for data in RawEventFileLoader(str(file)).Load():
            event = event_pb2.Event.FromString(data)
            for value in event.summary.value:
                if value.tag != "images_per_second" and not value.tag.startswith("_hparams_/session"):
                    found.append((event.step, value.SerializeToString()))
    return found


def check_cut_off(run):
    """Every start of a file is read up to its last whole event, without an error that ends TensorBoard."""
    file = max((run / "tensorboard").iterdir())
    data = file.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.out.tfevents.000001"
        counts = []
        for length in sorted({*range(0, len(data), len(data) // 100), *range(len(data) - 300, len(data), 7)}):
            path.write_bytes(data[:length])
            counts.append(sum(1 for _ in EventFileLoader(str(path)).Load()) if length else 0)
        assert counts == sorted(counts) and counts[-1] > 10, counts
    print(f"{run.name}: files that end within an event are read up to it, at {len(counts)} lengths")


def check_server(folder):
    """The server finds the runs and answers with their scalars, images, histograms and hyperparameters."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--port", str(port), "--host", "127.0.0.1",
         "--samples_per_plugin", "scalars=100000,images=1000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def get(path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/data/{path}", data=body,
                                         headers={"Content-Type": "application/json"} if body else {})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    try:
        runs = sorted(f"{path.name}/tensorboard" for path in folder.iterdir() if path.is_dir())
        for _ in range(120):
            try:
                if sorted(get("runs")) == runs and all(
                        "test/loss" in tags for tags in get("plugin/scalars/tags").values()):
                    break
            except OSError:
                pass
            time.sleep(0.5)
        for run in runs:
            expected = expected_scalars(folder / run.split("/")[0])
            for tag, series in expected.items():
                values = get(f"plugin/scalars/scalars?run={run}&tag={tag}")
                assert [value[1] for value in values] == [step for step, _ in series], (run, tag)
                assert [np.float32(value[2]) for value in values] == [np.float32(v) for _, v in series], (run, tag)
        images, histograms = get("plugin/images/tags"), get("plugin/histograms/tags")
        assert sorted(images) == sorted(histograms) == runs
        body = json.dumps({"colParams": [{"hparam": "lr"}], "sliceSize": 100, "startIndex": 0,
                           "allowedStatuses": ["STATUS_SUCCESS", "STATUS_UNKNOWN"]}).encode()
        groups = get("plugin/hparams/session_groups", body)["sessionGroups"]
        assert len(groups) == len(runs), len(groups)
        metrics = {(value["name"]["group"], value["name"]["tag"]) for group in groups
                   for value in group.get("metricValues", [])}
        assert ("", "test/loss") in metrics, metrics
    finally:
        server.terminate()
        server.wait()
    print(f"server: {len(runs)} runs with scalars, images, histograms and hyperparameters")


def main():
    with tempfile.TemporaryDirectory(prefix="check-tensorboard-") as temporary:
        folder = Path(temporary)
        os.chdir(folder)
        arguments = ["--dataset", "mnist", "--model", "fer-mnist", "--epochs", "3", "--limit-train", "600",
                     "--val-split", "100", "--threads", "2", "--tensorboard"]
        runs = folder / "runs"
        train(*arguments, "--run-dir", "runs/whole", "--tta", "mirror")
        train(*arguments, "--run-dir", "runs/stopped", "--tta", "mirror", "--max-steps", "17")
        train("--resume", "runs/stopped", "--max-steps", "30")
        train("--resume", "runs/stopped", "--max-steps", "1000")
        killed = subprocess.Popen(
            [PROGRAM, "train", "--progress", "none", *arguments, "--run-dir", "runs/killed", "--tta", "mirror"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while killed.poll() is None and not (runs / "killed/filters/epoch-001-conv1.png").exists():
            time.sleep(0.001)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        train("--resume", "runs/killed")
        train("--dataset", "mnist", "--arch",
              "conv(4,3,stride=2) bn relu upsample(2,mode=bilinear) conv(1,3)", "--loss", "mse", "--mean", "0",
              "--std", "1", "--lr", "0.1", "--epochs", "2", "--limit-train", "500", "--run-dir", "runs/autoencoder",
              "--tensorboard")
        for run, epochs in [("whole", 3), ("stopped", 3), ("killed", 3), ("autoencoder", 2)]:
            check(runs / run, epochs)
        for run in ["stopped", "killed"]:
            assert timeless(runs / run) == timeless(runs / "whole"), run
        print(f"stopped and killed: the same {len(timeless(runs / 'whole'))} values as without a stop")
        check_cut_off(runs / "whole")
        check_server(runs)
    print("check-tensorboard: ok")


main()
