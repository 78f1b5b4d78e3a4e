"""Random networks of all layers of the notation, with random options (docs/notation.md)."""

import random


def one_in(draw: random.Random, count: int) -> bool:
    return draw.randrange(count) == 0


def extent(draw: random.Random, values: list[int]) -> str:
    """A number for both axes, or height and width."""
    first, second = draw.choice(values), draw.choice(values)
    return f"{first}x{second}" if one_in(draw, 3) else str(first)


def layer(name: str, numbers: list[object], options: dict[str, object]) -> str:
    inside = [str(number) for number in numbers] + [f"{key}={value}" for key, value in options.items()]
    return f"{name}({','.join(inside)})" if inside else name


def window(draw: random.Random, name: str, values: list[int], stride: bool) -> str:
    """A pooling layer; a stride of its own leaves windows that overlap or gaps between them."""
    options: dict[str, object] = {}
    if one_in(draw, 4):
        options["padding"] = 1
    if one_in(draw, 3):
        options["mode"] = "ceil"
    if name == "avgpool" and one_in(draw, 3):
        options["countpadding"] = "no"
    numbers = [extent(draw, values)] + ([extent(draw, [1, 2, 3])] if stride else [])
    return layer(name, numbers, options)


def convolution(draw: random.Random, channels: int) -> tuple[str, int]:
    """A convolution of so many channels, and the number of its outputs."""
    options: dict[str, object] = {}
    if one_in(draw, 3):
        options["stride"] = extent(draw, [1, 2, 3])
    if one_in(draw, 3):
        options["padding"] = draw.choice(["valid", "1", "0x1"])
    if one_in(draw, 4):
        options["bias"] = "no"
    kernel = extent(draw, list(range(1, 10)))
    kind = draw.choice(["conv"] * 5 + ["dwconv", "convt"])
    if kind == "dwconv":
        return layer(kind, [kernel], options), channels
    outputs = draw.choice([1, 2, 3, 5, 8, 13, 16, 20, 33, 40])
    if kind == "convt":
        options["stride"] = "2"
        options["padding"] = draw.choice(["0", "1", "1x0"])
        if one_in(draw, 2):
            options["outpad"] = draw.choice(["1", "1x0"])
        return layer(kind, [outputs, extent(draw, [2, 3, 4, 5])], options), outputs
    groups = draw.choice([number for number in range(1, channels + 1) if channels % number == 0])
    if groups > 1 and one_in(draw, 2):
        outputs = groups * draw.choice([1, 2, 3])
        options["groups"] = groups
    return layer(kind, [outputs, kernel], options), outputs


def norm(draw: random.Random, channels: int) -> str:
    if one_in(draw, 2):
        return layer("bn", [], draw.choice([{}, {"epsilon": 0.01}, {"scale": "no"}]))
    groups = [number for number in range(1, channels + 1) if channels % number == 0]
    return layer("gn", [draw.choice(groups)], {})


def block(draw: random.Random, channels: int) -> str:
    """A residual block, whose layers keep the shape."""
    inside = [f"conv({channels},{draw.choice([1, 3, 5])})"]
    if one_in(draw, 2):
        inside.append(norm(draw, channels))
    if one_in(draw, 2):
        inside += [activation(draw), f"dwconv({extent(draw, [1, 2, 3])})"]
    if one_in(draw, 4):
        inside.append("droppath(0.2)")
    return f"res({' '.join(inside)})"


def activation(draw: random.Random) -> str:
    return draw.choice(["relu", "gelu", "silu", "sigmoid", "tanh"])


def of_images(draw: random.Random, channels: int) -> list[str]:
    layers = []
    for _ in range(draw.randrange(1, 5)):
        text, channels = convolution(draw, channels)
        layers.append(text)
        rest = [activation(draw)]
        if one_in(draw, 2):
            rest.insert(draw.randrange(2), norm(draw, channels))
        if one_in(draw, 4):
            rest.append(block(draw, channels))
        if one_in(draw, 2):
            rest.insert(draw.randrange(len(rest) + 1), window(
                draw, draw.choice(["pool", "avgpool"]), [1, 2, 3, 4, 5], stride=one_in(draw, 2)))
        elif one_in(draw, 4):
            rest.append(layer("upsample", [extent(draw, [1, 2, 3])], draw.choice([{}, {"mode": "bilinear"}])))
        if one_in(draw, 6):
            rest.append("dropout(0.3)")
        if one_in(draw, 8):
            rest.append("scale(0.5)")
        layers += rest
    return layers


def of_signals(draw: random.Random) -> list[str]:
    layers, channels = ["signal"], 1
    for _ in range(draw.randrange(1, 4)):
        channels = draw.choice([2, 3, 8, 12, 17])
        options: dict[str, object] = {"stride": draw.choice([1, 2, 3])}
        if one_in(draw, 2):
            options["padding"] = draw.choice(["valid", "1"])
        layers += [layer("conv1d", [channels, draw.randrange(1, 12)], options), activation(draw)]
        if one_in(draw, 2):
            layers.append(norm(draw, channels))
        if one_in(draw, 2):
            layers.append(layer("pool1d", [draw.choice([2, 3])], draw.choice([{}, {"mode": "ceil"}])))
    return layers


def network(seed: int, channels: int) -> str:
    """The network of a seed, for images of so many channels. Not each accepts an image of each size."""
    draw = random.Random(seed)
    signals = channels == 1 and one_in(draw, 6)
    layers = of_signals(draw) if signals else of_images(draw, channels)
    end = draw.choice(["globalavg", "globalmax", "flatten", "fc(21) tanh", "fc(33) bn relu", "fc(12) gn(3)", ""])
    return " ".join([*layers, end, draw.choice(["fc(classes)", "fc(classes,bias=no)", "fc(classes) scale(1/3)"])]).replace(
        "  ", " ")
