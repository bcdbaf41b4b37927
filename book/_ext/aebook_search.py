"""Search: one page in each language, and the text of the book, which its script looks through.

Sphinx's own search splits a text at its spaces, so that 손실 does not find 손실은, and it fetches what it quotes,
which a page opened from the disk may not. Here the text itself travels in one script file that the search pages
alone load; ``search.js`` finds in it, and says by which rules.
"""

import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

from aebook_math import mathml
from aebook_site import LANGUAGES, language_of
from aebook_words import SAY
from docutils import nodes
from sphinx.util.console import strip_colors

TEXTS = "search-texts.js"
TEMPLATE = "search-page.html"


def search_page(language):
    """The name of the search page in that language."""
    return f"book/{language}/search"


def add_pages(app):
    """Writes the text to search, and hands Sphinx the search pages, which have no source file."""
    texts = [page_text(app.env, page) for page in sorted(app.env.found_docs) if language_of(page)]
    script = f"window.aebookTexts = {json.dumps(texts, ensure_ascii=False)};\n"
    write_whole(Path(app.outdir, "_static", TEXTS), script)
    for language in LANGUAGES:
        code = next(code for code in LANGUAGES if code != language)
        other = {"code": code, "name": LANGUAGES[code], "href": f"../{code}/search.html"}
        said = {"title": SAY[language]["search"], "description": SAY[language]["search_description"]}
        yield search_page(language), {**said, "other_language": other, "languages": LANGUAGES}, TEMPLATE


def page_text(env, page):
    """What can be found on a page: its sections in their order, the first with the page's own title."""
    return {"page": page, "language": language_of(page), "sections": sections(env.get_doctree(page))}


def sections(doctree):
    """Each section's anchor, heading and text; what stands in its subsections is theirs."""
    texts = {section: [] for section in doctree.findall(nodes.section)}
    for block in doctree.findall(is_block):
        if (section := closest(block, nodes.section)) is not None:
            texts[section].append(plain(block))
    return [entry(section, text) for section, text in texts.items()]


def entry(section, texts):
    """The section, as search.js reads it."""
    heading = plain(section.next_node(nodes.title))
    return {"anchor": section["ids"][0], "heading": tidy(heading), "text": tidy(" ".join(texts))}


def is_block(node):
    """Whether the node is a text that is no part of another: a paragraph, code, a formula, an output."""
    if not isinstance(node, nodes.TextElement) or closest(node, nodes.TextElement):
        return False
    if isinstance(node, nodes.title) and isinstance(node.parent, nodes.section):
        return False
    bundle = closest(node, nodes.container, nb_element="mime_bundle")
    return bundle is None or len(bundle) == 1  # of an output in several forms, the text is not the one shown


def closest(node, kind, **attributes):
    """The innermost node of that kind, with those attributes, that the node stands in; or None."""
    while (node := node.parent) is not None:
        if isinstance(node, kind) and attributes.items() <= node.attributes.items():
            return node
    return None


def plain(node):
    """The text as a page shows it: formulas without LaTeX's commands, pictures and raw HTML left out."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.math | nodes.math_block):
        return formula(node.astext())
    if isinstance(node, nodes.raw | nodes.Invisible):
        return ""
    return "".join(plain(child) for child in node.children)


def formula(latex):
    """The characters of a formula; as it was typed where it cannot be converted, which aebook_math reports."""
    try:
        return "".join(ElementTree.fromstring(mathml(latex)).itertext())
    except ValueError:
        return latex


def tidy(text):
    """The text on one line, without a terminal's colours, in characters that search.js compares one by one."""
    whole = strip_colors(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # no half characters
    whole = re.sub("[\uff00-\uffef]+", lambda wide: unicodedata.normalize("NFKC", wide[0]), whole)
    return " ".join("".join(map(comparable, unicodedata.normalize("NFC", whole))).split())


def comparable(character):
    """The character; the letters it stands for (ﬁ, ½); nothing where it is not seen (a soft hyphen)."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    plain = unicodedata.normalize("NFKC", character)
    is_longer = len(plain.encode("utf-16")) != len(character.encode("utf-16"))
    return plain if is_longer and any(map(str.isalnum, plain)) else character


def write_whole(path, text):
    """Writes the file in one step, so that no page finds half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def add_scripts(app, page, template, context, doctree):
    """Loads the text, what looks through it, and its style on the search pages alone."""
    if template == TEMPLATE:
        app.add_css_file("search.css")
        for script in (TEXTS, "search.js"):
            app.add_js_file(script, loading_method="defer")


def leave_out_sphinx_search(app):
    """Keeps Sphinx from writing its index and its search page, which nothing here reads."""
    app.builder.search = False


def setup(app):
    """Called by Sphinx."""
    app.connect("builder-inited", leave_out_sphinx_search)
    app.connect("html-collect-pages", add_pages)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
