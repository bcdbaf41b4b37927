"""Formulas as MathML, written when the book is built: the page needs no script to show them.

latex2mathml does the work. What it does not understand it passes through as text without a word, so its result
is checked: a formula that did not come out whole is a warning of the build, and is shown as it was typed.
"""

import html
import re
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml import commands, converter
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "mover": 2, "munder": 2, "munderover": 3}
THIN = "0.17em"
logger = logging.getLogger(__name__)


def mathml(latex, display="inline"):
    r"""The ``<math>`` element of a formula, ``display`` being "inline" or "block".

    Raises:
        ValueError: what in the formula cannot be written as MathML.
    """
    latex = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", latex)  # the same thing; only split is known
    check_source(latex)
    try:
        math = converter.Converter(display=display).convert_to_element(latex)
    except Exception as error:  # latex2mathml's own errors share no base class
        raise ValueError(type(error).__name__) from error
    for element in math.iter():
        if len(element) != CHILDREN.get(element.tag, len(element)):
            raise ValueError(f"{element.tag} with {len(element)} of its {CHILDREN[element.tag]} parts")
        element.text = readable(element)
        if element.text == "⊤":  # as an operator it rises into the line above
            element.tag, element.text = "mi", "T"
            element.set("mathvariant", "normal")
        elif element.tag == "mtext":  # a name; beside mere text a sign has no space around it
            element.tag = "mi"
            element.set("mathvariant", "normal")
        elif element.text == "~":  # which latex2mathml takes for a letter
            element.tag, element.text = "mo", "∼"
    for row in list(math.iter()):
        space_functions(row)
    del math.attrib["xmlns"]  # not needed inside HTML
    return ElementTree.tostring(math, encoding="unicode")


def space_functions(row):
    """A thin space between the name of a function and what stands beside it, as LaTeX has it.

    There is none between it and a sign, or a bracket that opens behind it.
    """
    if row.tag in CHILDREN:
        return
    for part in list(row):
        name = part[0] if part.tag in ("msub", "msup", "msubsup") else part
        if name.tag not in ("mi", "mo") or not re.fullmatch("[a-z]{2,}", name.text or ""):
            continue
        name.tag = "mi"
        place = list(row).index(part)
        for beside, at in ((place + 1, place + 1), (place - 1, place)):  # what comes after first: places stay
            if not 0 <= beside < len(row) or row[beside].find("mo[@fence]") is not None:
                continue
            if row[beside].tag != "mo" or (beside < place and row[beside].text == ")"):
                row.insert(at, ElementTree.Element("mspace", width=THIN))


def check_source(latex):
    """Raises ValueError for what latex2mathml would drop in silence."""
    braces = re.sub(r"\\.", "", latex)
    if braces.count("{") != braces.count("}"):
        raise ValueError("unbalanced braces")
    for environment in re.findall(r"\\begin\{(.*?)\}", latex):
        if "\\" + environment not in commands.MATRICES:
            raise ValueError(f"unknown environment {environment}")


def readable(element):
    r"""The element's text, with real characters for entities and for the ``\_`` of a ``\text{...}``."""
    text = element.text or ""
    if element.tag == "mtext":
        text = re.sub(r"\\([_%$&#{}])", r"\1", text)
    elif text in ("&", "{", "}"):
        raise ValueError(f"a stray {text}")
    if "\\" in text:
        raise ValueError(text)
    return html.unescape(text) or None


def converted(node, latex, display):
    """The formula as MathML, or, with a warning that quotes it, as it was typed."""
    try:
        return mathml(latex, display)
    except ValueError as error:
        logger.warning("formula not converted to MathML: %s, in: %s", error, latex, location=node)
        return f"<code>{html.escape(latex)}</code>"


def visit_inline(translator, node):
    """Writes a formula within a line."""
    translator.body.append(converted(node, node.astext(), "inline"))
    raise nodes.SkipNode


def visit_block(translator, node):
    """Writes a formula on lines of its own, with its number where it has a label."""
    latex = node.astext().strip()
    if r"\\" in latex and r"\begin{" not in latex:  # several lines, aligned at & as Sphinx has it
        latex = rf"\begin{{split}}{latex}\end{{split}}"
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append(converted(node, latex, "block") + "</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Called by Sphinx; ``html_math_renderer: mathml`` in the configuration chooses this one."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
