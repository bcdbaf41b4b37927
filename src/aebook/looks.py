"""How every figure looks: the colours of the pages, the face that ships, one size of words."""

import re
from pathlib import Path

from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap

# The colours of the pages: each name is a line of the one table, of which the lighter scheme is taken.
TABLE = (Path(__file__).parent / "widgets" / "lib" / "tokens.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}),", TABLE))
SIGNED = LinearSegmentedColormap.from_list("signed", [COLOURS[name] for name in ("code", "paper", "net")], 255)

# matplotlib's own font has no Hangul; where ours lacks a sign, matplotlib's fills in.
font_manager.fontManager.addfont(Path(__file__).parent / "fonts" / "aebookGothic.ttf")
STYLE = {
    "font.family": ["aebook Gothic", "DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": "medium",
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.edgecolor": COLOURS["control-line"],
    "axes.labelcolor": COLOURS["ink"],
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["muted"],
    "ytick.color": COLOURS["muted"],
    "grid.color": COLOURS["hairline"],
    "figure.facecolor": COLOURS["paper"],
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    "figure.dpi": 192,  # twice what a page shows, so that it is sharp on a screen with two pixels for one
    "figure.constrained_layout.use": True,
}
CURVES = [(COLOURS["m-linear"], ":", "s"), (COLOURS["m-stacked"], "-.", "^"), (COLOURS["net"], "-", "o")]
WIDTH = 4.8  # inches: narrower than a page's column, so that a phone need not shrink its words by much


def of_words(hue: str) -> str:
    """The colour of the name of a line of that colour: a grey that will do for a line is too pale for words."""
    return COLOURS["muted"] if hue == COLOURS["m-linear"] else hue
