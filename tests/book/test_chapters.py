"""What a reader may count on in a chapter: its length, and that its code fits the page and is the package's."""

import re
from itertools import product
from pathlib import Path

import pytest
import refresh
import torch
from reading import read_markdown
from torch import nn

from aebook.models import LinearAutoencoder

BOOK = Path(refresh.__file__).parents[1]
CHAPTERS = list(refresh.chapters(BOOK))
ENGLISH = [path for path in CHAPTERS if path.parent.name == "en"]
MOST_WORDS, MOST_HEADINGS = 4_500, 14  # of a chapter in English, title and figures aside
LONGEST_LINE = 78  # characters of code that a page 1,280 pixels wide shows whole
ARTICLE = re.compile(r"\barticle\b|원문")


def named(path):
    return path.relative_to(BOOK).as_posix()


def cells(path, kind):
    """The cells of a chapter that its page shows."""
    found = [cell for cell in refresh.read_notebook(path).cells if cell.cell_type == kind]
    return [cell for cell in found if "remove-cell" not in cell.metadata.get("tags", [])]


def source(name, cell_id):
    """The code of a cell of an English chapter."""
    (found,) = [cell.source for cell in cells(BOOK / "en" / f"{name}.ipynb", "code") if cell.id == cell_id]
    return found


@pytest.mark.parametrize("path", ENGLISH, ids=named)
def test_a_chapter_is_no_longer_than_can_be_read_at_a_sitting(path):
    texts = [cell.source for cell in cells(path, "markdown")]
    headings = [level for text in texts for level in read_markdown(text).headings if level > 1]
    words = sum(len(text.split()) for text in texts)
    assert 1_000 < words <= MOST_WORDS
    assert 2 < len(headings) <= MOST_HEADINGS


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_no_line_of_code_is_longer_than_the_page_shows(path):
    lines = [(cell.id, line) for cell in cells(path, "code") for line in cell.source.splitlines()]
    assert len(lines) > 50
    assert [(where, line) for where, line in lines if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_the_article_is_named_only_where_a_mistake_of_it_is_put_right(path):
    texts = {cell.id: cell.source for cell in cells(path, "markdown")}
    naming = [name for name, text in texts.items() if ARTICLE.search(read_markdown(text).prose)]
    assert naming or path.stem > "03"
    assert [name for name in naming if "](errata.md#" not in texts[name]] == []


@pytest.mark.parametrize("size", [1, 7, 256])
def test_the_class_of_the_first_chapter_is_the_one_of_the_package(size):
    names = {"nn": nn}
    exec(source("01-linear-autoencoder", "the-class"), names)
    by_hand, packaged = names["Autoencoder"](20), LinearAutoencoder(20)
    with torch.no_grad():
        for mine, theirs in zip(by_hand.parameters(), packaged.parameters(), strict=True):
            mine.copy_(theirs)
    images = torch.rand(size, 1, 28, 28)
    torch.testing.assert_close(by_hand(images), packaged(images))


def test_the_output_size_that_the_second_chapter_counts_is_conv2d_s():
    names = {"settings": {"kernel_size": 3, "stride": 2, "padding": 1}, "nn": nn, "torch": torch}
    exec(source("02-transposed-convolution", "conv-size-by-hand"), names)
    counted = 0
    for size, *setting in product(range(5, 20), (1, 2, 3, 5), (1, 2, 3), (0, 1, 2), (1, 2)):
        expected = names["conv_size"](size, *setting)
        if expected >= 1:
            layer = nn.Conv2d(1, 1, *setting, device="meta")
            assert layer(torch.empty(1, 1, size, size, device="meta")).shape[2] == expected
            counted += 1
    assert counted > 900
