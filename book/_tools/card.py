"""Draws ``book/assets/card.png``, which social networks show beside a link: a digit squeezed through 20 numbers.

``python book/_tools/card.py``: a test digit, the two halves of a network, its code, and the digit drawn again by
the packed convolutional model. 1200 × 630 pixels, in the colours and the face of the pages.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Polygon, Rectangle
from stills import first_digit, half
from torch import Tensor

from aebook.looks import COLOURS, STYLE

MODEL = "light-20"
OUTPUT = Path(__file__).parents[1] / "assets" / "card.png"
SIDE, TOP = 290, 110  # of the two pictures, in pixels


def main() -> None:
    """Draw the card and write it."""
    image = first_digit("drawing")
    with torch.no_grad():
        code = half(MODEL, "encoder")(image)
        again = half(MODEL, "decoder")(code).clamp(0, 1)
    with plt.rc_context(STYLE | {"figure.constrained_layout.use": False}):
        figure = plt.figure(figsize=(12, 6.3), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 1200), ylim=(630, 0), frame_on=False)
        axes.set_axis_off()
        picture(axes, image, 80)
        picture(axes, again, 830)
        half_of_a_network(axes, 395, 535)
        half_of_a_network(axes, 805, 665)
        bars(axes, code[0], 550, 100)
        axes.text(600, 500, "aebook", ha="center", fontsize=46)
        words = "직접 만들고 측정하는 오토인코더  ·  Autoencoders, built and measured"
        axes.text(600, 566, words, ha="center", fontsize=23, color=COLOURS["muted"])
        figure.savefig(OUTPUT)
    plt.close(figure)


def picture(axes: Axes, image: Tensor, left: int) -> None:
    """An image (1, 1, 28, 28), ink on paper."""
    greys = LinearSegmentedColormap.from_list("ink", [COLOURS["paper"], COLOURS["ink"]])
    place = (left, left + SIDE, TOP + SIDE, TOP)
    axes.imshow(image[0, 0].numpy(), cmap=greys, vmin=0, vmax=1, extent=place, aspect="auto", zorder=1)
    axes.add_patch(Rectangle((left, TOP), SIDE, SIDE, fill=False, edgecolor=COLOURS["hairline"], linewidth=2))


def half_of_a_network(axes: Axes, wide: int, narrow: int) -> None:
    """A trapezium from its wide side to its narrow one, both in pixels from the left."""
    middle = TOP + SIDE / 2
    corners = [(wide, TOP), (narrow, middle - 50), (narrow, middle + 50), (wide, TOP + SIDE)]
    axes.add_patch(Polygon(corners, facecolor=COLOURS["net"], edgecolor="none"))


def bars(axes: Axes, code: Tensor, left: int, width: int) -> None:
    """The numbers of a code (code_size,), up where they are positive and down where they are negative."""
    step, middle = width / len(code), TOP + SIDE / 2
    for at, value in enumerate((code / code.abs().max()).tolist()):
        axes.add_patch(Rectangle((left + at * step, middle), step - 2, -90 * value, facecolor=COLOURS["code"]))


if __name__ == "__main__":
    main()
