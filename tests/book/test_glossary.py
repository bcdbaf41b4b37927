"""The glossary in its two languages, the links to its terms, and its and the errata's links to the chapters."""

import functools
import re

import pytest
import storing
from docutils.nodes import make_id
from reading import read_markdown, read_sections

BOOK = storing.BOOK
LINK = re.compile(r"\[((?:[^\[\]])*)\]\(([\w.-]+)#([\w-]+)\)")
TRANSLATION = re.compile(r"\*\*(.+)\.\*\*")
CHAPTERS = storing.chapters(BOOK)


def texts(path):
    """The Markdown of a page, or of a chapter's cells."""
    if path.suffix == ".md":
        return [path.read_text(encoding="utf-8")]
    return [cell.source for cell in storing.read_notebook(path).cells if cell.cell_type == "markdown"]


def headings(path):
    """The lines that begin a section of a page or a chapter, with their signs."""
    sections = [section.text.splitlines()[0] for text in texts(path) for section in read_sections(text)]
    return [line for line in sections if line.startswith("#")]


def title(heading):
    return heading.lstrip("#").strip()


@functools.cache
def titles(language, name):
    """The titles of a page's or a chapter's sections in that language, by their ids."""
    ids = [make_id(title(heading)) for heading in headings(BOOK / "en" / name)]
    return dict(zip(ids, map(title, headings(BOOK / language / name)), strict=True))


def entries(language, name):
    """The text of every entry of a page, by its heading."""
    sections = read_sections((BOOK / language / name).read_text(encoding="utf-8"))
    found = [section.text.partition("\n") for section in sections]
    return {title(heading): text.strip() for heading, _, text in found if heading.startswith("### ")}


def terms(language):
    """The terms of a glossary with what stands beside them, and their definitions."""
    found = entries(language, "glossary.md").items()
    first_lines = [(heading, *text.partition("\n")[::2]) for heading, text in found]
    return [(heading, TRANSLATION.fullmatch(line)[1], text) for heading, line, text in first_lines]


def test_each_term_stands_beside_its_translation_in_the_same_place_of_both_glossaries():
    korean, english = ([(term, other) for term, other, _ in terms(language)] for language in ("ko", "en"))
    assert len(english) > 50
    assert [(english, korean) for korean, english in korean] == english
    assert all(re.fullmatch(r"[a-zA-Zé ,()-]+", term) and re.search("[가-힣]", other) for term, other in english)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_term_is_defined_in_one_or_two_sentences_and_says_where_it_is_explained(language):
    for term, _, text in terms(language):
        definition, _, places = text.partition("\n\n")
        assert len(definition.splitlines()) in (1, 2), term
        assert places.startswith("→ ["), term


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", ["glossary.md", "errata.md"])
def test_a_link_to_a_section_is_named_by_its_title(language, name):
    lines = [line for line in texts(BOOK / language / name)[0].splitlines() if line.startswith("→ ")]
    links = [link.groups() for line in lines for link in LINK.finditer(line)]
    assert len(links) >= len(lines) > 5
    for words, target, anchor in links:
        assert words == titles(language, target).get(anchor), f"{target}#{anchor}"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.relative_to(BOOK).as_posix())
def test_a_chapter_links_to_a_term_once_and_never_from_a_heading(path):
    known = titles("en", "glossary.md")
    linked = [link for text in texts(path) for link in read_markdown(text).links if link.startswith("glossary.md")]
    assert linked
    assert sorted(linked) == sorted(set(linked))
    assert [link for link in linked if link.removeprefix("glossary.md#") not in known] == []
    assert [heading for heading in headings(path) if "glossary.md" in heading] == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_errata_are_thirteen_mistakes_and_two_sentences_each_with_its_place_in_a_chapter(language):
    found = entries(language, "errata.md")
    assert len(found) == 15
    assert [heading for heading, text in found.items() if not re.search(r"^→ .*\.ipynb#", text, re.M)] == []
