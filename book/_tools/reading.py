"""What a piece of the book says: the parts of a Markdown text, and the syntax tree of a code cell.

The Markdown is parsed by the parser that the site is built with, set as ``_config.yml`` sets it, so that code,
equations, links and words are told apart here exactly as they are on the page.
"""

import ast
import itertools
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import yaml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

SITE = yaml.safe_load((Path(__file__).parents[2] / "_config.yml").read_text(encoding="utf-8"))
PARSER = create_md_parser(MdParserConfig(enable_extensions=SITE["parse"]["myst_enable_extensions"]), RendererHTML)
DIRECTIVE = re.compile(r"\{([\w:.-]+)\}\s*(.*)")
OPTION = re.compile(r":([\w-]+):[ \t]*(.*)")
ROLE_TARGET = re.compile(r"<([^<>]+)>\s*$")
SECTION_NUMBER = re.compile(r"^\s*\d{1,2}(\.\d{1,2})*\.?\s")
URL = re.compile(r"https?://[^\s<>\"')\]]+")
CODE_DIRECTIVES = ("code", "code-block", "code-cell", "literalinclude")
PICTURE_DIRECTIVES = ("figure", "image")
EQUATIONS = ("math_inline", "math_block", "math_block_label")


class Image(NamedTuple):
    """A picture in a text: where it lies, and the words that stand for it."""

    source: str
    alt: str


@dataclass
class Parts:
    """What a Markdown text holds, each kind in the order of the text.

    ``prose`` is what is read as words (alt texts and the letters of equations among them), without code, targets
    and markup; ``blocks`` are pairs of a language and a code text; ``directives`` hold a name and its options.
    """

    prose: str = ""
    inline_code: list[str] = field(default_factory=list)
    equations: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    blocks: list[tuple[str, str]] = field(default_factory=list)
    directives: list[tuple[str, ...]] = field(default_factory=list)


def read_markdown(text: str) -> Parts:
    """Take a Markdown text apart."""
    parts = Parts()
    _read_blocks(text, parts)
    return parts


def _read_blocks(text: str, parts: Parts) -> None:
    in_heading = False
    for token in PARSER.parse(text):
        if token.type == "heading_open":
            parts.headings.append(int(token.tag[1]))
        elif token.type == "inline":
            words = "".join(_read_inline(child, parts) for child in token.children)
            # "1.2 The data": the number of a section is a name, not a measurement.
            parts.prose += (SECTION_NUMBER.sub("", words) if in_heading else words) + "\n\n"
        elif token.type in ("fence", "colon_fence"):
            _read_fence(token, parts)
        elif token.type == "code_block":
            parts.blocks.append(("", token.content))
        elif token.type == "html_block":
            parts.prose += _read_html(token.content, parts) + "\n\n"
        elif token.type == "myst_target":
            parts.labels.append(token.content)
        elif token.type in EQUATIONS:
            parts.prose += _read_equation(token, parts) + "\n\n"
        in_heading = token.type == "heading_open"


def _read_inline(token: Token, parts: Parts) -> str:
    """Take one token of a paragraph apart; what it adds to the prose comes back."""
    if token.type == "text":
        if not parts.links or parts.links[-1] != token.content:  # the text of <https://...> is its own target
            parts.links += URL.findall(token.content)
        return token.content
    if token.type == "code_inline":
        parts.inline_code.append(token.content)
    elif token.type in EQUATIONS:
        return _read_equation(token, parts)
    elif token.type == "image":
        parts.images.append(Image(token.attrs["src"], token.content))
        return f" {token.content} "
    elif token.type == "link_open":
        parts.links.append(token.attrs["href"])
        return ""
    elif token.type == "myst_role":
        return _read_role(token, parts)
    elif token.type == "html_inline":
        return _read_html(token.content, parts)
    return "" if token.nesting else " "


def _read_role(token: Token, parts: Parts) -> str:
    """``{ref}`words <target>``` is a link with words, ``{ref}`target``` one without."""
    target = ROLE_TARGET.search(token.content)
    parts.links.append(f"{token.meta['name']}:{target[1] if target else token.content}")
    return token.content[: target.start()] if target else " "


def _read_equation(token: Token, parts: Parts) -> str:
    r"""What remains of an equation as prose: no commands, ``60{,}000`` and ``3\%`` as they look."""
    parts.equations.append(token.content)
    if token.info and token.type == "math_block_label":
        parts.labels.append(token.info)
    looks = token.content.replace("{,}", ",").replace(r"\%", "%")
    return " " + re.sub(r"\\[A-Za-z]+|\\.", " ", looks) + " "


def _read_fence(token: Token, parts: Parts) -> None:
    directive = DIRECTIVE.match(token.info.strip())
    if not directive:
        parts.blocks.append((token.info.strip(), token.content))
        return
    name, argument = directive.groups()
    options, body = _split_options(token.content)
    alt = options.pop("alt", "")
    parts.directives.append((name, *(f"{key}={value}" for key, value in sorted(options.items()))))
    if name in CODE_DIRECTIVES:
        parts.blocks.append((f"{name} {argument}", body))
    elif name == "math":
        parts.prose += _read_equation(Token("math_block", "math", 0, content=f"{argument}{body}"), parts)
    else:
        if name in PICTURE_DIRECTIVES:
            parts.images.append(Image(argument, alt))
            argument = alt
        _read_blocks(argument, parts)
        _read_blocks(body, parts)


def _split_options(content: str) -> tuple[dict[str, str], str]:
    """A directive's leading ``:key: value`` lines, and the text after them."""
    lines, options = content.splitlines(keepends=True), {}
    while lines and (option := OPTION.match(lines[0])):
        options[option[1]] = option[2].strip()
        lines.pop(0)
    return options, "".join(lines)


class _Html(HTMLParser):
    """Collects the words of a piece of HTML, and the links and pictures in it."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.links, self.images, self.labels, self.unseen = [], [], [], [], 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.unseen += tag in ("script", "style")
        self.words.append(" ")
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if tag == "img":
            self.images.append(Image(attrs.get("src") or "", attrs.get("alt") or ""))
            self.words.append(f"{attrs.get('alt') or ''} ")
        if "id" in attrs:
            self.labels.append(attrs["id"])

    def handle_endtag(self, tag):
        self.unseen -= tag in ("script", "style")
        self.words.append(" ")

    def handle_data(self, data):
        if not self.unseen:
            self.words.append(data)


def _read_html(text: str, parts: Parts) -> str:
    html = _Html()
    html.feed(text)
    html.close()
    parts.links += html.links
    parts.images += html.images
    parts.labels += html.labels
    return "".join(html.words)


def html_words(text: str) -> str:
    """The words of a piece of HTML, without tags, attributes, scripts and styles."""
    return _read_html(text, Parts())


def html_images(text: str) -> list[Image]:
    """The pictures of a piece of HTML."""
    parts = Parts()
    _read_html(text, parts)
    return parts.images


def read_code(source: str) -> ast.Module:
    """The syntax tree of a code cell; a line for IPython (``%magic``, ``!command``) becomes a string.

    Raises:
        SyntaxError: where Python refuses the cell.
    """
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse(re.sub(r"(?m)^(\s*)([%!].*)$", lambda line: f"{line[1]}{line[2]!r}", source))


@dataclass
class Section:
    """One section of a page: its heading made into a key, and its text, heading and all."""

    key: str
    text: str


def read_sections(text: str) -> list[Section]:
    """The sections of a Markdown page, one a heading; what stands before the first heading is called ``top``."""
    lines, headings = text.splitlines(), _heading_lines(text)
    starts = [(0, "top"), *headings]
    ends = [start for start, _ in headings] + [len(lines)]
    found = [
        (title, "\n".join(lines[start:end]).strip()) for (start, title), end in zip(starts, ends, strict=True)
    ]
    return _keyed([(title, text) for title, text in found if text])


def _heading_lines(text: str) -> list[tuple[int, str]]:
    """Where each heading begins, and its title; a ``(label)=`` line right above belongs to its heading."""
    tokens, label_line, found = PARSER.parse(text), None, []
    for token, following in itertools.pairwise(tokens):
        if token.type == "myst_target" and token.level == 0:
            label_line = token.map[0] if label_line is None else label_line
            continue
        if token.type == "heading_open" and token.level == 0:
            found.append((token.map[0] if label_line is None else label_line, following.content))
        label_line = None
    return found


def _keyed(found: list[tuple[str, str]]) -> list[Section]:
    """Give each section a key that stays when others come and go: its title, and a count where it comes twice."""
    seen: dict[str, int] = {}
    sections = []
    for title, text in found:
        key = "-".join(re.findall(r"\w+", title.lower())) or "section"
        seen[key] = seen.get(key, 0) + 1
        sections.append(Section(key if seen[key] == 1 else f"{key}-{seen[key]}", text))
    return sections
