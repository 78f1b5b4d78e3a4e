"""A network that was trained by lecture-cnn, and exported by its command `export`.

`load()` gives the network in evaluation mode, with the values of the safetensors file beside
this file. `python model.py IMAGE...` classifies images.

Needs torch and safetensors; reading files needs Pillow.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


# The layers in lecture-cnn's notation.
NOTATION = "conv(4,3,bias=no) bn gelu pool(2) flatten fc(classes)"
DATASET = "own"
# Channels, height and width of an image.
IMAGE_SHAPE = (3, 6, 8)
# Of each channel, of pixels scaled to 0...1.
MEAN = [0.5, 0.4, 0.3]
STD = [0.2, 0.2, 0.25]
CLASSES = ["a", "b", "c"]


class Network(nn.Module):
    """Maps prepared images, `[n, 3, 6, 8]`, to one logit for each class, `[n, 3]`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.fc1 = nn.Linear(48, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv1(x)  # [n, 4, 6, 8]
        x = self.bn1(x)
        x = F.gelu(x)
        x = F.max_pool2d(x, 2)  # [n, 4, 3, 4]
        x = x.flatten(1)  # [n, 48]
        x = self.fc1(x)  # [n, 3]
        return x


def load(path: Path | None = None) -> Network:
    """The network with the values of a safetensors file, in evaluation mode."""
    network = Network()
    network.load_state_dict(load_file(path or Path(__file__).with_suffix(".safetensors")))
    return network.eval()


def prepare(pixels: torch.Tensor) -> torch.Tensor:
    """The network's input for pixels 0...255, `[n, c, h, w]`: `(pixels / 255 - MEAN) / STD`."""
    mean, std = (torch.tensor(values).reshape(-1, 1, 1) for values in (MEAN, STD))
    return (pixels.float() / 255 - mean) / std


def read(path: str) -> torch.Tensor:
    """The pixels of an image file, `[1, c, h, w]`: scaled to fit, and centered on black."""
    from PIL import Image, ImageOps

    channels, height, width = IMAGE_SHAPE
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image)
    image = ImageOps.pad(image.convert("RGB"), (width, height), Image.Resampling.BILINEAR)
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return pixels.reshape(1, height, width, channels).permute(0, 3, 1, 2)


@torch.inference_mode()
def main(paths: list[str]) -> None:
    network = load()
    for path in paths:
        probabilities = network(prepare(read(path))).softmax(dim=1)[0]
        best = probabilities.topk(min(3, len(CLASSES)))
        shares = (f"{CLASSES[i]} {p:.1%}" for p, i in zip(*(b.tolist() for b in best)))
        print(f"{path}: {', '.join(shares)}")


if __name__ == "__main__":
    main(sys.argv[1:])
