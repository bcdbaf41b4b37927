"""The theme of the book: its own templates in ``theme``, and what they and a page's body need of Python.

Jupyter Book's theme sends each page 0.9 MB of scripts and half its words in English. This one is a page layout,
one style sheet and one script; the words are in aebook_words.py.
"""

import posixpath
import re
from pathlib import Path

from aebook_search import search_page
from aebook_site import language_of
from aebook_words import SAY
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

# Runs before anything is painted, so that a page in the reader's own colours does not flash in others first, and
# the note for whom the first page led to a home does not push it down: browsers know the target of an address only
# when all scripts have run. It is the only script inside a page: the Content-Security-Policy knows it by its hash,
# which a test compares.
BEFORE_PAINT = (
    'try { document.documentElement.dataset.theme = localStorage.theme ?? "auto"; } catch {} '
    'if (location.hash === "#browser-language") document.documentElement.dataset.followed = "yes";'
)
DESCRIPTION_LENGTH = 160


def fill_page(app, page, template, context, doctree):
    """What the layout needs beside what Sphinx gives it."""
    own = language_of(page)
    context["before_paint"] = BEFORE_PAINT
    context["home"] = f"book/{own}/index" if own else app.config.root_doc
    context["search_page"] = search_page(own or app.config.language)
    if context.get("sourcename", "").endswith(".ipynb"):
        context["notebook"] = context["pathto"](f"_sources/{context['sourcename']}", resource=True)
    if doctree is not None:
        parts = doctree.findall(nodes.container) if page == app.config.root_doc else [doctree]
        context["description"] = " ".join(map(description, parts))  # the first page is in both languages
    return "first.html" if page == app.config.root_doc else None


def repeat_first_page(app, error):
    """The first page once more, at the root of the site, where its links are relative to the root."""
    root = app.config.root_doc
    if error or app.builder.format != "html" or root == "index":
        return
    text = Path(app.builder.get_outfilename(root)).read_text(encoding="utf-8")
    folder = posixpath.dirname(root)
    text = re.sub(
        '(href|src)="(?!#|/|[a-z][a-z0-9+.-]*:)(.*?)"',  # whole addresses lead to the same from anywhere
        lambda link: f'{link[1]}="{posixpath.normpath(posixpath.join(folder, link[2]))}"',
        text,
    )
    Path(app.outdir, "index.html").write_text(text, encoding="utf-8")


def description(part):
    """The page's first paragraph, as many whole sentences of it as search engines show."""
    paragraphs = [one for one in part.findall(nodes.paragraph) if not isinstance(one[0], nodes.reference)]
    sentences = paragraphs[0].astext().split("\n") if paragraphs else []
    said = ""
    for sentence in sentences:
        if said and len(said) + len(sentence) >= DESCRIPTION_LENGTH:
            break
        said = f"{said} {sentence}".strip()
    return said


def frame_tables(app, doctree, page):
    """Puts each table in a frame of its own, in which it scrolls where the screen is too narrow for it."""
    for table in list(doctree.findall(nodes.table)):
        frame = nodes.container(classes=["table-frame"])
        table.replace_self(frame)
        frame.append(table)


def open_hidden_cell(translator, node):
    """A hidden cell is plain ``<details>``; MyST-NB would name it in English for screen readers."""
    say = SAY[language_of(translator.builder.current_docname) or translator.config.language]
    translator.body.append(f'<details class="hidden-cell"><summary>{say["hidden_cell"]}</summary>\n')


def close_hidden_cell(translator, node):
    """Ends what ``open_hidden_cell`` began."""
    translator.body.append("</details>\n")


def setup(app):
    """Called by Sphinx; ``html_theme: aebook`` in the configuration chooses the theme."""
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it, whether something reads it or not
    app.add_html_theme("aebook", str(Path(__file__).parent / "theme"))
    app.add_node(HideCodeCellNode, override=True, html=(open_hidden_cell, close_hidden_cell))
    app.connect("doctree-resolved", frame_tables)
    app.connect("html-page-context", fill_page)
    app.connect("build-finished", repeat_first_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
