"""Writes safetensors files whose bytes depend only on their content.

The safetensors package orders metadata by a randomly seeded hash, so its files differ between runs.
Here all keys are sorted.
"""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open


def write(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Stores `tensors`, rounded to float32, and `metadata`; the header is padded to 8 bytes."""
    header: dict[str, dict] = {"__metadata__": dict(sorted(metadata.items()))}
    body = bytearray()
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().to(torch.float32).contiguous().numpy().astype("<f4", copy=False)
        start = len(body)
        body += values.tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [start, len(body)],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(np.uint64(len(text)).astype("<u8").tobytes() + text + body)


def read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return tensors, file.metadata() or {}
