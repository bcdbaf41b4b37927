"""Drawings (.svg) are written into the page itself, so that their colours can follow its light or dark theme.

A drawing takes colours from the page, with a fallback for where there is none (JupyterLab, GitHub):
``style="fill: var(--ink, #1f2328)"``, and the page's face. Ids, classes and style sheets would reach into the page
and into its other drawings, so a drawing does without them.
"""

import html
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.util import logging

SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)
logger = logging.getLogger(__name__)


def put_inline(app, doctree, page):
    """Replaces every image that is an SVG file of the book."""
    if app.builder.format != "html":
        return
    for image in list(doctree.findall(nodes.image)):
        if image["uri"].endswith(".svg") and image["uri"] in app.env.images:  # not missing, not remote
            svg = ElementTree.parse(Path(app.srcdir, image["uri"])).getroot()
            for fault in faults(svg, image):
                logger.warning("%s: drawing with %s", image["uri"], fault, location=image.parent)
            image.replace_self(nodes.raw("", framed(svg, image.get("alt", "")), format="html"))


def faults(svg, image):
    """What keeps a drawing from being shown to everybody, on every screen, beside others."""
    if not image.get("alt"):
        yield "no text that says what it shows"
    if "viewBox" not in svg.attrib:
        yield "no viewBox, so that it cannot scale"
    if any("id" in part.attrib or "class" in part.attrib or part.tag == f"{{{SVG}}}style" for part in svg.iter()):
        yield "an id, a class or a style sheet, which would reach into the page"


def framed(svg, name):
    """The drawing's source, in a frame as wide as the page has room for, with its name for who cannot see it."""
    width = svg.get("viewBox", "").split()[2:3] or [svg.get("width")]
    for taken in ("height", "font-family"):
        svg.attrib.pop(taken, None)
    svg.set("style", f"--drawn-width: {width[0]}px")
    drawing = ElementTree.tostring(svg, encoding="unicode")
    return f'<span class="drawing" role="img" aria-label="{html.escape(name)}">{drawing}</span>'


def setup(app):
    """Called by Sphinx."""
    app.connect("doctree-resolved", put_inline)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
