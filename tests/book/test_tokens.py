"""Colours, sizes and faces are written in one table, src/aebook/widgets/lib/tokens.css, and nowhere else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "src" / "aebook" / "widgets" / "lib" / "tokens.css"
SHEETS = [path for folder in ("book/assets", "src/aebook/widgets") for path in (ROOT / folder).rglob("*.css")]
OWN = {
    "a colour": r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(",
    "a size of type": r"font-size: *+(?!var\(|inherit|75%)[^;]+|font: *+(?!var\(|inherit)[^;]+",
    "a face": r"font-family: *+(?!var\(|inherit)[^;]+",
    "a weight of type": r"font-weight: *+(?!var\(|inherit)[^;]+",
}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def written(text):
    """What a sheet writes of its own that belongs into the table."""
    rules = COMMENT.sub("", text)
    return [found for kind in OWN.values() for found in re.findall(kind, rules, re.IGNORECASE)]


@pytest.mark.parametrize(
    "sheet",
    [path for path in SHEETS if path != TABLE],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_a_sheet_takes_its_looks_from_the_table(sheet):
    assert written(sheet.read_text(encoding="utf-8")) == []


def test_the_table_itself_would_be_found():
    assert len(written(TABLE.read_text(encoding="utf-8"))) > 30
    assert written("a { font-size: 12px; font-family: serif; font-weight: 700; color: rgb(1 2 3) }") != []


def test_every_name_that_the_pages_ask_for_is_in_the_table_or_their_own():
    pages = [path for path in SHEETS if path.parent.name == "assets"]
    known = set(re.findall(r"(--[\w-]+):", "".join(path.read_text(encoding="utf-8") for path in [*pages, TABLE])))
    asked = {name for path in pages for name in re.findall(r"var\((--[\w-]+)", path.read_text(encoding="utf-8"))}
    assert len(asked) > 30 and asked - known == {"--drawn-width"}  # aebook_drawings.py has it


def test_figures_write_no_colour():
    package = ROOT / "src" / "aebook"
    files = [package / "looks.py", package / "sheet.py", *package.glob("*figures.py")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    assert len(files) == 5
    assert re.findall(r"#[0-9a-f]{6}", source, re.IGNORECASE) == []
    assert len(re.findall(r"font\.size", source)) == 2  # set once, and once asked for
