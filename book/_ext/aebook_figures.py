"""Figures that a chapter stores: half as large as they are stored, and before the code that does nothing but draw.

They hold 192 dots an inch, two for each pixel of a page, so that they are sharp where a screen has two. Their
captions are MyST-NB's: ``"mystnb": {"figure": {"caption": "…"}}`` in the metadata of the cell.
"""

import ast
import html
import posixpath
from pathlib import Path
from urllib.parse import quote

from aebook_site import language_of
from aebook_words import SAY
from docutils import nodes
from sphinx.util.images import get_image_size

DRAWS = "tag_draws"  # MyST-NB's class for a cell with the tag `draws`


def fold_drawings(app, doctree, page):
    """Puts the code of each cell that only draws behind its figure, folded."""
    if app.builder.format != "html":
        return
    say = SAY[language_of(page) or app.config.language]
    for cell in list(doctree.findall(is_cell)):
        source, output = part(cell, "cell_code_source"), part(cell, "cell_code_output")
        if source and output and only_draws(cell, source.astext()) and is_one_figure(output):
            summary = f'<details class="drawn-by"><summary>{say["drawn_by"]}</summary>\n'
            cell.remove(source)
            cell += [nodes.raw("", summary, format="html"), source, nodes.raw("", "</details>\n", format="html")]


def is_cell(node):
    """Whether the node is a code cell that nothing else folds."""
    return node_is(node, "cell_code") and "hide_mode" not in node and not node_is(node.parent, "cell_code")


def node_is(node, element):
    """Whether the node is that element of a notebook, by MyST-NB's name for it."""
    return isinstance(node, nodes.container) and node.get("nb_element") == element


def part(cell, element):
    """The cell's part of that name, or None."""
    return next((child for child in cell.children if node_is(child, element)), None)


def only_draws(cell, source):
    """Whether a cell says so, or is a single call of ``figures``."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return False
    call = statements[0].value if len(statements) == 1 and isinstance(statements[0], ast.Expr) else None
    called = call.func if isinstance(call, ast.Call) else None
    return DRAWS in cell["classes"] or (
        isinstance(called, ast.Attribute) and ast.unparse(called.value) == "figures"
    )


def is_one_figure(output):
    """Whether the output is an image and no more."""
    return len(list(output.findall(nodes.image))) == 1 and not list(output.findall(nodes.literal_block))


def visit_image(translator, node):
    """An image that has its place before it is loaded, so that the text does not jump, and loads near to sight."""
    builder, path = translator.builder, node["uri"]
    source = posixpath.join(builder.imgpath, quote(builder.images[path])) if path in builder.images else path
    size = get_image_size(str(Path(builder.srcdir, path))) or ()
    scale = 2 if is_stored(node) else 1
    sides = [(side, round(pixels / scale)) for side, pixels in zip(("width", "height"), size, strict=False)]
    shape = "".join(f' {side}="{pixels}"' for side, pixels in sides)
    name = html.escape(node.get("alt", ""))
    translator.body.append(f'<img src="{source}" alt="{name}"{shape} loading="lazy" decoding="async">\n')


def is_stored(node):
    """Whether the image is what a cell drew."""
    while node is not None and not node_is(node, "cell_code_output"):
        node = node.parent
    return node is not None


def number_nothing(app, config):
    """No "Fig. 3" before a caption: figures say what they show.

    Jupyter Book switches numbers on for LaTeX's sake after it has read ``_config.yml``.
    """
    config.numfig = False


def setup(app):
    """Called by Sphinx."""
    app.connect("config-inited", number_nothing, priority=900)
    app.add_node(nodes.image, override=True, html=(visit_image, lambda translator, node: None))
    app.connect("doctree-resolved", fold_drawings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
