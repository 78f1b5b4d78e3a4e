"""The arguments that the rivals of `benchmark --against` have in common."""

import argparse


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def extents(text: str) -> tuple[int, ...]:
    """Channels, height and width, for argparse."""
    values = tuple(positive(part) for part in text.split(","))
    if len(values) != 3:
        raise ValueError
    return values


def rival_parser(description: str, precisions: list[str], turn: str = "STEPS") -> argparse.ArgumentParser:
    """A parser of what every rival is told.

    description: the text of the help.
    precisions: the choices of --precision, the default first.
    turn: what a rival does in a turn, for the help.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", type=extents, default=(1, 28, 28), metavar="C,H,W")
    parser.add_argument("--batch", type=positive, default=128, metavar="N")
    parser.add_argument("--threads", type=positive, default=2, metavar="N")
    parser.add_argument("--precision", choices=precisions, default=precisions[0])
    parser.add_argument("--warm-up", type=positive, default=3, metavar=turn)
    return parser


def add_training(parser: argparse.ArgumentParser) -> None:
    """Adds what a rival is told that trains a network from a Python module."""
    parser.add_argument("--module", required=True, metavar="FILE", help="Python with the network")
    parser.add_argument("--classes", type=positive, default=10, metavar="N")
    parser.add_argument(
        "--fixed", type=lambda text: text.split(","), default=[], metavar="NAMES",
        help="parameters that are not trained, by PyTorch's names",
    )
    parser.add_argument("--forward-only", action="store_true", help="inference; no training step")
