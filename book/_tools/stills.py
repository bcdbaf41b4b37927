"""Draws what stands in a widget's place until it is there: a still of what it shows first, as one drawing.

``python book/_tools/stills.py`` writes ``picture.svg`` into the folders of the widgets, from the packed models,
and for Training from two courses of its own; a test finds them out of date where these have changed.
"""

import argparse
import json
import math
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from aebook import data, nets, trained
from aebook.models import LinearAutoencoder
from aebook.widgets import spec as specs

SIDE = 28
GREYS = 6  # between paper and ink: more would not be seen
MODELS = ("linear-20", "page-stacked-20", "light-20")
PAPER, INK, HAIRLINE = "var(--paper, #ffffff)", "var(--ink, #1f2328)", "var(--hairline, #d8dee6)"
NET, CODE = "var(--net, #2468e0)", "var(--code, #b8480a)"
MUTED, CONTROL_LINE = "var(--muted, #545d68)", "var(--control-line, #7a8490)"
SIZE_OF_TYPE = "font-size: var(--t-xs, 13px)"
BARS = (80, 48)
MAP, POINTS = 420, 300  # pixels; test digits
CHART = {"wide": 672, "high": 220, "left": 40, "right": 8, "top": 8, "bottom": 24}  # as training/chart.js has it
HIGHEST, STEPS, COLUMNS = 0.1, 2350, 94  # of the errors; ten of the chapter's epochs; points of a curve


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


def codemap() -> str:
    """The still of CodeMap: the labels of test digits at their codes of two numbers."""
    name, test = "page-stacked-2", data.mnist(train=False)
    known = trained.packed()[name]["codes"]
    low, high = torch.tensor(known["low"]), torch.tensor(known["high"])
    with torch.no_grad():
        codes = half(name, "encoder")(in_greys(test.images[:POINTS]))
    places = (((codes - (low + high) / 2) / (high - low) / 1.16 + 0.5) * MAP).round().int()
    inside = ((places > 5) & (places < MAP - 5)).all(1)
    path = f"M.5 .5h{MAP - 1}v{MAP - 1}h-{MAP - 1}z"
    parts = [f'<path d="{path}" style="fill: none; stroke: {CONTROL_LINE}"/>']
    for label in range(10):
        across, up = places[inside & (test.labels[:POINTS] == label)].T.tolist()
        x, y = " ".join(map(str, across)), " ".join(str(MAP + 4 - one) for one in up)
        parts.append(f'<text x="{x}" y="{y}">{str(label) * len(across)}</text>')
    return svg(MAP, MAP, [f'<g text-anchor="middle" style="fill: {INK}; {SIZE_OF_TYPE}">', *parts, "</g>"])


def training() -> str:
    """The still of Training: the losses of two courses, one for each of its recipes, and PCA's error."""
    best = json.loads((specs.WIDGETS / "training" / "pca.json").read_text(encoding="utf-8"))["training"][20]
    right, middle = CHART["wide"] - CHART["right"], "text-anchor: middle"
    parts = []
    for error in (0, 0.02, 0.04, 0.06, 0.08, 0.1):
        parts.append(f'<path d="M{CHART["left"]} {level(error):g}H{right}" style="stroke: {HAIRLINE}"/>')
        parts.append(word(34, level(error) + 4, f"{error:g}", MUTED, "text-anchor: end"))
    parts += [word(along(step), 214, f"{step:,}", MUTED, middle) for step in (0, 500, 1000, 1500, 2000)]
    dashed = f'style="stroke: {CODE}; stroke-width: 2; stroke-dasharray: 6 4"'
    parts.append(f'<path d="M{CHART["left"]} {level(best):.1f}H{right}" {dashed}/>')
    parts.append(word(right, level(best) + 15, f"PCA {best:.4f}", CODE, "text-anchor: end"))
    for rate, colour, step in ((0.0002, CONTROL_LINE, 900), (0.002, NET, 300)):
        losses = course(rate)
        points = " ".join(f"{along(at):.0f},{level(loss):.0f}" for at, loss in losses)
        parts.append(f'<polyline points="{points}" style="fill: none; stroke: {colour}; stroke-width: 2"/>')
        near = min(losses, key=lambda one, step=step: abs(one[0] - step))
        parts.append(word(along(step) + 6, level(near[1]) - 6, f"{rate:g}", colour if colour == NET else MUTED))
    return svg(CHART["wide"], CHART["high"], parts)


def course(learning_rate: float) -> list[tuple[float, float]]:
    """The losses of a linear autoencoder that learns as Training has it: a step and a mean for each point."""
    images = in_greys(data.mnist().images[:4000])
    torch.manual_seed(0)
    model = LinearAutoencoder(20)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=learning_rate), []
    while len(losses) < STEPS:
        for batch in images[torch.randperm(len(images))].split(256):
            loss = F.mse_loss(model(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    each = STEPS // COLUMNS
    means = torch.tensor(losses[: each * COLUMNS]).reshape(COLUMNS, each).mean(1).tolist()
    return [(each * (at + 0.5), mean) for at, mean in enumerate(means)]


def in_greys(images: Tensor) -> Tensor:
    """Images in the 16 greys in which digits travel, from 0 to 1."""
    return (images / 17).round() / 15


def along(step: float) -> float:
    """Where a step is on the chart, from its left edge."""
    return CHART["left"] + step / STEPS * (CHART["wide"] - CHART["left"] - CHART["right"])


def level(error: float) -> float:
    """Where an error is on the chart, from its top edge; what is higher than the chart is cut off there."""
    tall = CHART["high"] - CHART["top"] - CHART["bottom"]
    return CHART["top"] + (1 - min(error / HIGHEST, 1.05)) * tall


def word(x: float, y: float, text: str, colour: str, *more: str) -> str:
    """A number beside a line."""
    style = "; ".join([f"fill: {colour}", SIZE_OF_TYPE, *more])
    return f'<text x="{x:.0f}" y="{y:.0f}" style="{style}">{text}</text>'


def threshold() -> str:
    """The still of Threshold: both histograms of what it shows first, and the threshold between them."""
    carried = (specs.WIDGETS / "threshold" / "scores.bin").read_bytes()
    begin = 4 + int.from_bytes(carried[:4], "little")
    header, numbers = json.loads(carried[4:begin]), np.frombuffer(carried, "<u2", offset=begin)
    about = [header[role]["without-2"]["error"] for role in ("familiar", "unfamiliar")]
    powers = [math.log(a["low"]) + a["step"] * numbers[a["from"] :][: a["count"]] for a in about]
    low, high = min(map(np.min, powers)), max(map(np.max, powers))
    places = [432 * (each - (low + high) / 2) / (1.04 * (high - low)) + 216 for each in powers]
    paths = []
    for each, way, colour in zip(places, (-1, 1), (MUTED, NET), strict=True):
        counts, _ = np.histogram(each, 48, (0, 432))
        tall = way * 108 * counts / counts.max()
        bars = "".join(f"M{9 * at} 130h8v{height:.1f}h-8z" for at, height in enumerate(tall) if height)
        paths.append(f'<path style="fill: {colour}" d="{bars}"/>')
    at = np.quantile(places[0], 0.95)
    line = f'<path style="stroke: {CODE}; stroke-width: 2" d="M{at:.1f} 0v260"/>'
    return svg(672, 260, [*paths, f'<path style="stroke: {CONTROL_LINE}" d="M0 130h432"/>', line])


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
    """A picture of 28×28 numbers: for each grey the runs of pixels that have it, lines one wide, in a frame."""
    greys = image.reshape(SIDE, SIDE).clamp(0, 1).mul(GREYS).round().int().tolist()
    runs: dict[int, list[str]] = {}
    for row, line in enumerate(greys):
        column = 0
        for grey, same in groupby(line):
            length = len(list(same))
            if grey:
                runs.setdefault(grey, []).append(f"M{column} {row}h{length}")
            column += length
    paths = "".join(
        f'<path stroke-opacity="{grey / GREYS:.2g}" d="{"".join(runs[grey])}"/>' for grey in sorted(runs)
    )
    scale, look = side / SIDE, f"fill: {PAPER}; stroke: {HAIRLINE}; stroke-width: .1"
    frame = f'<rect width="{SIDE}" height="{SIDE}" y="-.5" style="{look}"/>'
    place = f'transform="translate({left} {top + scale / 2:.4g}) scale({scale:.4g})"'
    return f'<g {place} style="stroke: {INK}" shape-rendering="crispEdges">{frame}{paths}</g>'


def svg(width: int, height: int, parts: list[str]) -> str:
    """A drawing as wide as its place, and no wider than it is; the words beside it say what is to be seen."""
    style = f"display: block; width: 100%; max-width: {width}px; height: auto"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" aria-hidden="true"'
    return f'{head} style="{style}">{"".join(parts)}</svg>\n'


STILLS = {
    "drawing": drawing,
    "codes": codes,
    "codemap": codemap,
    "training": training,
    "threshold": threshold,
}


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
