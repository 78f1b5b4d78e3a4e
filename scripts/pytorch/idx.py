"""Reads MNIST-like data sets: IDX files, gzipped or not."""

import gzip
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

STATISTICS = {"mnist": (0.1307, 0.3081), "fashion-mnist": (0.2860, 0.3530)}
"""Mean and std of the training pixels, scaled to 0...1."""


class DataError(Exception):
    """A data file is missing or invalid; the message is one sentence."""


@dataclass(frozen=True)
class Split:
    """Images `[n, 1, h, w]`, normalized, in float32; labels `[n]`."""

    images: torch.Tensor
    labels: torch.Tensor


def read_idx(path: Path) -> np.ndarray:
    """The unsigned bytes of an IDX file, in the shape in its header."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise DataError(f"{path}: damaged gzip data ({error})") from error
    if len(data) < 4 or data[:3] != b"\x00\x00\x08":
        raise DataError(f"{path}: not an IDX file of unsigned bytes (starts with {data[:4].hex()})")
    rank = data[3]
    header = 4 + 4 * rank
    if len(data) < header:
        raise DataError(f"{path}: ends inside its header")
    shape = struct.unpack(f">{rank}I", data[4:header])
    expected = int(np.prod(shape, dtype=np.uint64))
    if len(data) - header != expected:
        raise DataError(f"{path}: {len(data) - header} bytes of data, expected {expected}")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def find(directory: Path, stem: str) -> Path:
    """`stem` or `stem.gz` in `directory`."""
    for name in (stem + ".gz", stem):
        if (directory / name).is_file():
            return directory / name
    raise DataError(f"{directory}: has neither {stem}.gz nor {stem}")


def read_split(
    directory: Path, dataset: str, split: str, first: int = 0, count: int | None = None
) -> Split:
    """Examples `first ..< first + count`, in the file's order, as (x/255 - mean) / std.

    `split` is `train` or `t10k`. Each of the 256 quotients is computed in float64 and rounded once.
    """
    images = read_idx(find(directory, f"{split}-images-idx3-ubyte"))
    labels = read_idx(find(directory, f"{split}-labels-idx1-ubyte"))
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise DataError(
            f"{directory}: {split} images of shape {images.shape} and labels of shape {labels.shape}"
        )
    last = len(images) if count is None else first + count
    if last > len(images):
        raise DataError(f"{directory}: {split} has {len(images)} examples, {last} are needed")
    mean, deviation = STATISTICS[dataset]
    normalized = ((np.arange(256) / 255 - mean) / deviation).astype(np.float32)
    return Split(
        images=torch.from_numpy(normalized[images[first:last]]).unsqueeze(1),
        labels=torch.from_numpy(labels[first:last].astype(np.int64)),
    )
