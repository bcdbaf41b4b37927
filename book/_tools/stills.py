"""Draws what stands in a widget's place until it is there: a still of what it shows first, as one drawing.

``python book/_tools/stills.py`` writes ``picture.svg`` into the folders of the widgets, from the packed models; a
test finds them out of date where these have changed.
"""

import argparse
from itertools import groupby
from pathlib import Path

import torch
from torch import Tensor

from aebook import nets, trained
from aebook.widgets import spec as specs

SIDE = 28
GREYS = 15  # between paper and ink: more would not be seen
MODELS = ("linear-20", "page-stacked-20", "light-20")
PAPER, INK, HAIRLINE = "var(--paper, #ffffff)", "var(--ink, #1f2328)", "var(--hairline, #d8dee6)"
NET, CODE = "var(--net, #2468e0)", "var(--code, #b8480a)"
BARS = (80, 48)


def drawing() -> str:
    """The still of Drawing: a test digit on the pad, and for each model its code and the digit drawn again."""
    image = first_digit("drawing")
    parts = [digit(image, 0, 0, 226)]
    for name, left in zip(MODELS, (258, 404, 550), strict=True):
        with torch.no_grad():
            code = half(name, "encoder")(image)
            again = half(name, "decoder")(code)
        parts += lane(left, bars(name, code[0]), again)
    return svg(672, 250, parts)


def codes() -> str:
    """The still of Codes: what each model draws of a test digit's code."""
    image, parts = first_digit("codes"), []
    for name, left in zip(MODELS, (0, 230, 460), strict=True):
        with torch.no_grad():
            parts.append(digit(half(name, "decoder")(half(name, "encoder")(image)), left, 0, 170))
    return svg(672, 170, parts)


def first_digit(widget: str) -> Tensor:
    """The test digit that a widget begins with, (1, 1, 28, 28), from 0 to 1."""
    folder = specs.WIDGETS / widget
    first = specs.read(folder).settings["digit"]["default"]
    greys = (folder / "digits.bin").read_bytes()[first * SIDE * SIDE :][: SIDE * SIDE]
    return torch.frombuffer(bytearray(greys), dtype=torch.uint8).reshape(1, 1, SIDE, SIDE) / 255


def half(name: str, which: str):
    """One half of a packed model."""
    return nets.unpacked(trained.net(name, which).read_bytes())


def lane(left: int, code: str, again: Tensor) -> list[str]:
    """A model's lane from the top: a trapezium, the bars of a code, a trapezium, the digit drawn again."""
    fill = f'style="fill: {NET}" fill-opacity="0.55"'
    return [
        f'<path {fill} d="M{left} 21h114l-16 20h-82z"/>',
        f'<path style="fill: {CODE}" transform="translate({left + 17} 41)" d="{code}"/>',
        f'<path {fill} d="M{left + 16} 89h82l16 20h-114z"/>',
        digit(again, left, 109, 114),
    ]


def bars(name: str, code: Tensor) -> str:
    """The bars of a code as ``drawing/lanes.js`` draws them."""
    width, height = BARS
    codes, apart = trained.packed()[name]["codes"], width / len(code)
    path = []
    for at, number in enumerate(code.tolist()):
        largest = max(1e-9, -codes["low"][at], codes["high"][at])
        tall = -max(-1, min(1, number / largest)) * height / 2
        path.append(f"M{at * apart + apart / 8:g} {height // 2}h{apart * 0.75:g}v{tall:.1f}h{-apart * 0.75:g}z")
    return "".join(path)


def digit(image: Tensor, left: int, top: int, side: int) -> str:
    """A picture of 28×28 numbers: for each grey the runs of pixels that have it, in a frame."""
    greys = image.reshape(SIDE, SIDE).clamp(0, 1).mul(GREYS).round().int().tolist()
    runs: dict[int, list[str]] = {}
    for row, line in enumerate(greys):
        column = 0
        for grey, same in groupby(line):
            length = len(list(same))
            if grey:
                runs.setdefault(grey, []).append(f"M{column} {row}h{length}v1h-{length}z")
            column += length
    paths = "".join(
        f'<path fill-opacity="{grey / GREYS:.2f}" d="{"".join(runs[grey])}"/>' for grey in sorted(runs)
    )
    frame = f'<rect width="{SIDE}" height="{SIDE}" style="fill: {PAPER}; stroke: {HAIRLINE}" stroke-width="0.1"/>'
    place = f'transform="translate({left} {top}) scale({side / SIDE:.4g})"'
    return f'<g {place} style="fill: {INK}" shape-rendering="crispEdges">{frame}{paths}</g>'


def svg(width: int, height: int, parts: list[str]) -> str:
    """A drawing as wide as its place, and no wider than it is; the words beside it say what is to be seen."""
    style = f"display: block; width: 100%; max-width: {width}px; height: auto"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" aria-hidden="true"'
    return f'{head} style="{style}">{"".join(parts)}</svg>\n'


STILLS = {"drawing": drawing, "codes": codes}


def place(name: str) -> Path:
    """The file that holds a widget's still."""
    return specs.WIDGETS / name / "picture.svg"


def main():
    """Writes the files."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    for name, drawn in STILLS.items():
        place(name).write_text(drawn(), encoding="utf-8")
        print(f"{place(name)}: {place(name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
