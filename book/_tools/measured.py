"""The measured numbers of the book: found in its prose, and looked up among what its cells print and assert.

A measured number is a decimal (0.0434, 2.5, 2e-4), a percentage (3.5%, 1 %), or a count of four digits or more
(1000, 60,000, and 6만 or 6만 5천 in Korean). Not measured, and so free in prose, are:

- whole numbers below 1,000, and what hangs on a letter: 784, 28×28, Conv2d, x86;
- chains of three numbers or more joined by hyphens: dates as 2019-09-24, layers as 784-1000-500-20;
- versions: 3.11.2, Python 3.11, torch>=2.6, CC BY 4.0; the number a heading begins with; issues as #12345;
- addresses, arXiv and DOI names, code blocks, link targets, HTML attributes, LaTeX commands.

A sign is not part of a number, and a Korean unit follows whole numbers only ("0.0434만" is "only 0.0434").
"""

import ast
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode
from reading import html_words, read_code, read_markdown, read_sections

UNITS = {"천만": 10**7, "백만": 10**6, "십만": 10**5, "억": 10**8, "만": 10**4, "천": 10**3}
UNIT = "|".join(UNITS)
INTEGER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
TOKEN = re.compile(
    rf"(?<![A-Za-z0-9_#])(?<!\d\.)"
    rf"(?:(?P<korean>(?:{INTEGER}(?:{UNIT})\s?)*{INTEGER}(?:{UNIT}))(?:\s?(?P<rest>\d,?\d{{3}})(?![\d,.]))?"
    rf"|(?P<plain>{INTEGER}(?:\.\d+)?(?:[eE][-+−]?\d+)?)(?!\d)(?!\.\d)"
    rf"(?P<percent>%| (?:%(?! \d)|퍼센트|per ?cent(?![a-z]))|퍼센트)?)"
)
KOREAN_PART = re.compile(rf"({INTEGER})({UNIT})")
NAMES = re.compile(
    r"https?://\S+|\barxiv[:\s]\S+|\bdoi:\S+|\b10\.\d{4,}/\S+"
    r"|(?<![\d.])\d+(?:[-–]\d+){2,}(?![\d.]*\d)"
    r"|\b(?:Python|PyTorch|CUDA|make|CC BY|CC BY-SA)\s(?:[≥>]=?\s?)?\d{1,2}\.\d{1,2}(?![\d%])"
    r"|(?<=\w)(?:>=|<=|==|~=|!=)\d+(?:\.\d+)*",
    re.IGNORECASE,
)


class Number(NamedTuple):
    """A number as it is written, its size without sign, and whether a percent sign follows it."""

    text: str
    value: Decimal
    percent: bool = False

    @property
    def decimals(self) -> int:
        """How many digits stand after the decimal point."""
        return max(0, -self.value.as_tuple().exponent)

    @property
    def is_measured(self) -> bool:
        """Whether it is a decimal, a percentage or a count of four digits or more."""
        return self.percent or self.decimals > 0 or self.value >= 1000 or "e" in self.text.lower()


def numbers(text: str) -> list[Number]:
    """Every number in a text, in its order, measured or not."""
    return [_number(token) for token in TOKEN.finditer(NAMES.sub(" ", text))]


def measured(text: str) -> list[Number]:
    """The measured numbers in a text, in its order."""
    return [number for number in numbers(text) if number.is_measured]


def _number(token: re.Match) -> Number:
    text = token[0].strip()
    if token["plain"]:
        digits = token["plain"].replace(",", "").replace("−", "-")
        return Number(text, Decimal(digits), bool(token["percent"]))
    parts = KOREAN_PART.findall(token["korean"])
    total = sum(int(digits.replace(",", "")) * UNITS[unit] for digits, unit in parts)
    return Number(text, Decimal(total + int((token["rest"] or "0").replace(",", ""))))


def supports(value: Number, number: Number) -> bool:
    """Whether a printed value says what a number in prose says: the same at the precision of the prose.

    A number more precise than the value is not supported, and percentages support percentages only.
    """
    if value.percent != number.percent or number.decimals > value.decimals:
        return False
    return abs(value.value - number.value) * 2 * 10**number.decimals <= 1


def closest(number: Number, values: Iterable[Number]) -> Number | None:
    """The value nearest to a number, a percentage's among percentages where there is one."""
    return min(
        values, key=lambda value: (value.percent != number.percent, abs(value.value - number.value)), default=None
    )


def printed(notebook: NotebookNode) -> list[Number]:
    """Every number in the stored text outputs of a notebook."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [number for output in outputs for text in _texts(output) for number in numbers(text)]


def _texts(output: NotebookNode) -> list[str]:
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return [output.evalue]
    data = output.data
    return [data.get("text/plain", ""), html_words(data.get("text/html", ""))]


def asserted(notebook: NotebookNode) -> list[Number]:
    """Every number that stands in an ``assert`` of a notebook's code."""
    return [
        number
        for tree in _trees(notebook)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
        for number in _literals(node.test)
    ]


def literals(notebook: NotebookNode) -> list[Number]:
    """Every number that stands in a notebook's code."""
    return [number for tree in _trees(notebook) for number in _literals(tree)]


def _trees(notebook: NotebookNode) -> list[ast.Module]:
    return [read_code(cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def _literals(tree: ast.AST) -> list[Number]:
    found: list[Number] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            _collect(node.value, found)
    return found


def read_constants(path: Path) -> list[Number]:
    """The shared constants: a JSON object from a number, written as in prose, to where it comes from.

    Raises:
        ValueError: where a key is not one measured number, or has no source.
    """
    entries = json.loads(path.read_text(encoding="utf-8"))
    for key, source in entries.items():
        if [number.text for number in measured(key)] != [key] or not str(source).strip():
            raise ValueError(
                f"{path.name}: {key!r}: {source!r} is not a measured number with its source; accepted are "
                f'entries such as "2006": "year of Hinton and Salakhutdinov\'s paper"'
            )
    return [measured(key)[0] for key in entries]


def read_results(path: Path) -> list[Number]:
    """Every number in a JSON file of results, in its values and in their texts; none where there is no file."""
    if not path.exists():
        return []
    found: list[Number] = []
    _collect(json.loads(path.read_text(encoding="utf-8")), found)
    return found


def _collect(node: object, found: list[Number]) -> None:
    """Add the numbers of a JSON value or of a literal, those in its texts too."""
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            _collect(child, found)
    elif isinstance(node, str):
        found += numbers(node)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        found.append(Number(repr(node), abs(Decimal(repr(node)))))


class Claim(NamedTuple):
    """A measured number in prose or in inline code, and the place it stands in."""

    place: str
    number: Number
    in_code: bool = False


def claims_of_chapter(name: str, notebook: NotebookNode) -> list[Claim]:
    """What the Markdown cells of a chapter claim; numbers in inline code belong to it."""
    return [
        claim
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for claim in _claims(f"{name}#{cell.id}", cell.source, with_code=True)
    ]


def claims_of_page(name: str, text: str) -> list[Claim]:
    """What a page claims; its inline code is commands and versions, and claims nothing."""
    return [
        claim
        for section in read_sections(text)
        for claim in _claims(f"{name}#{section.key}", section.text, with_code=False)
    ]


def _claims(place: str, markdown: str, with_code: bool) -> list[Claim]:
    parts = read_markdown(markdown)
    claims = [Claim(place, number) for number in measured(parts.prose)]
    codes = parts.inline_code if with_code else []
    return claims + [Claim(place, number, in_code=True) for code in codes for number in measured(code)]


def unsupported(claims: list[Claim], values: list[Number], code: Iterable[Number] = ()) -> list[str]:
    """One line for each claim that no value supports; inline code may also repeat what stands in ``code``."""
    lines = []
    for place, number, in_code in claims:
        accepted = [*values, *code] if in_code else values
        if not any(supports(value, number) for value in accepted):
            near = closest(number, accepted)
            lines.append(
                f"{place}: {number.text} is not among the values of the code "
                f"(closest: {near.text if near else 'there are none'})"
            )
    return lines


def unused(constants: list[Number], claims: list[Claim]) -> list[str]:
    """The constants that no prose uses."""
    return [
        constant.text for constant in constants if not any(supports(constant, claim.number) for claim in claims)
    ]
