"""What differs between the two languages of a text, a code cell, a chapter, a page or a drawing.

Words are free; what carries meaning across languages is not: headings, equations, images, links and measured
numbers; ids, types and tags of cells; code, but for comments, ``language = "ko"``, and strings that hold Hangul
on the Korean side; the shapes of drawings.
"""

import ast
import itertools
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from measured import Number, measured
from nbformat import NotebookNode
from reading import Parts, read_code, read_markdown, read_sections

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
TEXT_IN_EQUATION = re.compile(r"\\text\{[^{}]*\}")
COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
SVG_WORDS = ("title", "desc", "text", "tspan", "textPath")
SVG_FREE = {
    "text": ("font-size", "x", "textLength"),
    "tspan": ("font-size", "x", "textLength"),
    "svg": ("lang", "aria-label"),
}


class Difference(NamedTuple):
    """Something that is not the same in the two languages, and where."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


# Texts


def compare_markdown(korean: str, english: str) -> list[str]:
    """What differs between two Markdown texts, apart from their words."""
    ko, en = read_markdown(korean), read_markdown(english)
    found = []
    if ko.headings != en.headings:
        found.append(f"heading levels differ: {ko.headings} in Korean, {en.headings} in English")
    if ko.directives != en.directives:
        found.append(f"directives differ: {ko.directives} in Korean, {en.directives} in English")
    for kind, of in _COUNTED.items():
        found += _only_on_one_side(kind, of(ko), of(en))
    return found + _compare_blocks(ko.blocks, en.blocks)


def _equations(parts: Parts) -> list[str]:
    return [" ".join(TEXT_IN_EQUATION.sub(r"\\text{}", equation).split()) for equation in parts.equations]


def _numbers(parts: Parts) -> list[str]:
    return [_plain(number) for text in (parts.prose, *parts.inline_code) for number in measured(text)]


def _plain(number: Number) -> str:
    """A number in one spelling: 6만 and 60,000 are the same, 0.43 and 0.430 are not."""
    return f"{number.value:,f}" + "%" * number.percent


_COUNTED = {
    "equations": _equations,
    "images": lambda parts: [image.source for image in parts.images],
    "links": lambda parts: parts.links,
    "link targets": lambda parts: parts.labels,
    "numbers": _numbers,
}


def _only_on_one_side(kind: str, korean: Iterable[str], english: Iterable[str]) -> list[str]:
    """A sentence on what one side has and the other has not, in any order: word order is a language's own."""
    ko, en = Counter(korean), Counter(english)
    sides = [
        f"only in {language}: {', '.join(extra.elements())}"
        for language, extra in (("Korean", ko - en), ("English", en - ko))
        if extra
    ]
    return [f"{kind} differ: {'; '.join(sides)}"] if sides else []


def _compare_blocks(korean: list[tuple[str, str]], english: list[tuple[str, str]]) -> list[str]:
    """What differs between code blocks: Python as code cells do, others but for comments after #."""
    if [language for language, _ in korean] != [language for language, _ in english]:
        return [f"code blocks differ: {len(korean)} in Korean, {len(english)} in English, or their languages"]
    found = []
    for (language, ko), (_, en) in zip(korean, english, strict=True):
        if language in ("python", "py"):
            found += compare_code(ko, en)
        else:
            found += _compare_lines(ko, en)
    return found


def _compare_lines(korean: str, english: str) -> list[str]:
    """The first line that is not the same in two blocks of code, comments and each language's folder aside."""
    korean = korean.replace("book/ko/", "book/en/")
    sides = [[COMMENT.sub("", line).rstrip() for line in code.splitlines()] for code in (korean, english)]
    kept = [filter(None, lines) for lines in sides]
    for ko, en in itertools.zip_longest(*kept, fillvalue="nothing"):
        if ko != en:
            return [f"code blocks differ: {ko!r} in Korean, {en!r} in English"]
    return []


def first_line(text: str) -> str:
    """The first line of a text that holds anything, for a message."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "(empty)")


# Code


def compare_code(korean: str, english: str) -> list[str]:
    """What differs between two code cells: their first statements that are not the same."""
    try:
        ko, en = read_code(korean).body, read_code(english).body
    except SyntaxError as error:
        return [f"code cannot be parsed: {error}"]
    for mine, theirs in itertools.zip_longest(ko, en):
        if mine is None or theirs is None or not _same_code(mine, theirs):
            words = [first_line(ast.unparse(side)) if side else "nothing" for side in (mine, theirs)]
            return [f"code differs: {words[0]} in Korean, {words[1]} in English"]
    return []


def _same_code(korean: object, english: object) -> bool:
    """Whether two syntax trees are the same, except the language setting and strings in Hangul."""
    if type(korean) is not type(english):
        return False
    if isinstance(korean, list):
        return len(korean) == len(english) and all(map(_same_code, korean, english))
    if not isinstance(korean, ast.AST):
        return korean == english
    if _sets_language(korean) and _sets_language(english):
        return (korean.value.value, english.value.value) == ("ko", "en")
    if _is_hangul(korean) and isinstance(english.value, str):
        return True
    if isinstance(korean, ast.JoinedStr) and any(map(_is_hangul, korean.values)):
        return _same_placeholders(korean, english)
    return all(_same_code(getattr(korean, name, None), getattr(english, name, None)) for name in korean._fields)


def _sets_language(node: ast.AST) -> bool:
    """Whether a statement is ``language = "..."``."""
    return (
        isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == ["language"]
        and isinstance(node.value, ast.Constant)
    )


def _is_hangul(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(HANGUL.search(node.value))


def _same_placeholders(korean: ast.JoinedStr, english: ast.JoinedStr) -> bool:
    """Whether two f-strings show the same values, in any order."""
    sides = [
        sorted(ast.dump(part) for part in side.values if isinstance(part, ast.FormattedValue))
        for side in (korean, english)
    ]
    return sides[0] == sides[1]


# Chapters


def compare_chapters(name: str, korean: NotebookNode, english: NotebookNode) -> list[Difference]:
    """What differs between a chapter's two notebooks, cell by cell."""
    ko, en = ([cell.id for cell in notebook.cells] for notebook in (korean, english))
    found = [
        Difference(f"{name}#{cell_id}", f"this cell is only in {language}")
        for language, mine, theirs in (("Korean", ko, en), ("English", en, ko))
        for cell_id in mine
        if cell_id not in theirs
    ]
    common = ([cell_id for cell_id in ko if cell_id in en], [cell_id for cell_id in en if cell_id in ko])
    for mine, theirs in zip(*common, strict=True):
        if mine != theirs:
            order = f"cells stand in another order: {mine} in Korean, {theirs} in English"
            found.append(Difference(name, order))
            break
    return found + [
        Difference(f"{name}#{ko.id}", message)
        for ko, en in cell_pairs(korean, english)
        for message in compare_cells(ko, en)
    ]


def cell_pairs(korean: NotebookNode, english: NotebookNode) -> list[tuple[NotebookNode, NotebookNode]]:
    """The cells that both notebooks of a chapter have, in the Korean order."""
    theirs = {cell.id: cell for cell in english.cells}
    return [(cell, theirs[cell.id]) for cell in korean.cells if cell.id in theirs]


def compare_cells(korean: NotebookNode, english: NotebookNode) -> list[str]:
    """What differs between the two languages of one cell: its type, its tags, its text or code."""
    if korean.cell_type != english.cell_type:
        return [f"cell types differ: {korean.cell_type} in Korean, {english.cell_type} in English"]
    tags = [sorted(cell.metadata.get("tags", [])) for cell in (korean, english)]
    found = [f"tags differ: {tags[0]} in Korean, {tags[1]} in English"] if tags[0] != tags[1] else []
    compare = compare_code if korean.cell_type == "code" else compare_markdown
    return found + compare(korean.source, english.source)


# Pages


def compare_pages(name: str, korean: str, english: str) -> list[Difference]:
    """What differs between the two languages of a Markdown page, section by section."""
    levels = [read_markdown(text).headings for text in (korean, english)]
    sections = [read_sections(text) for text in (korean, english)]
    if levels[0] != levels[1] or len(sections[0]) != len(sections[1]):
        return [Difference(name, f"heading levels differ: {levels[0]} in Korean, {levels[1]} in English")]
    return [
        Difference(f"{name}#{en.key}", message)
        for ko, en in zip(*sections, strict=True)
        for message in compare_markdown(ko.text, en.text)
    ]


# Drawings


def compare_drawings(korean: str, english: str) -> list[str]:
    """What differs between two SVG texts: only words, and how large and how far left they stand, may."""
    try:
        trees = [ElementTree.fromstring(text) for text in (korean, english)]
    except ElementTree.ParseError as error:
        return [f"not an SVG drawing: {error}"]
    for ko, en in itertools.zip_longest(*(tree.iter() for tree in trees)):
        shapes = [_shape(element) for element in (ko, en)]
        if shapes[0] != shapes[1]:
            return [f"drawings differ: {shapes[0]} in Korean, {shapes[1]} in English"]
    words = [" ".join(tree.itertext()) for tree in trees]
    return _only_on_one_side("numbers", *([_plain(number) for number in measured(text)] for text in words))


def _shape(element: ElementTree.Element | None) -> str:
    """What must be the same of an element of a drawing."""
    if element is None:
        return "nothing"
    tag = _local(element.tag)
    attributes = {_local(key): value for key, value in element.attrib.items()}
    same = [f'{key}="{value}"' for key, value in sorted(attributes.items()) if key not in SVG_FREE.get(tag, ())]
    content = "" if tag in SVG_WORDS else " ".join((element.text or "").split())
    return f"<{' '.join([tag, *same])}>{content}" + f" with {len(element)} inside" * bool(len(element))


def _local(name: str) -> str:
    """A name without its XML namespace."""
    return name.rpartition("}")[2]
