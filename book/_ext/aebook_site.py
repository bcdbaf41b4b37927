"""Two languages in one site: each page says its own, links to its other side, and shares its anchors with it.

A page of the book is ``book/<language>/<name>``; its other side is the same name under the other language.
Every other page (the first page, the search page) is in Sphinx's own ``language``.
"""

from docutils import nodes
from sphinx.util import logging

LANGUAGES = {"ko": "한국어", "en": "English"}
logger = logging.getLogger(__name__)


def language_of(page):
    """The language of a page of the book, or None for a page that has no other side."""
    book, _, rest = page.partition("/")
    language, _, name = rest.partition("/")
    return language if book == "book" and name and language in LANGUAGES else None


def in_language(page, language):
    """The same page in that language: ``book/ko/setup``, ``en`` → ``book/en/setup``."""
    return f"book/{language}/{page.split('/', 2)[2]}"


def name_languages(app, page, template, context, doctree):
    """Sets ``<html lang>``, and links the page to its other side: in its header, and as ``rel=alternate``.

    Runs before the theme's own handlers (priority 500), which render the header once to see if it is empty.
    """
    own = language_of(page)
    if own is None:
        return
    context["language"] = own
    other = next(code for code in LANGUAGES if code != own)
    if (side := in_language(page, other)) in app.env.found_docs:
        link = {"code": other, "name": LANGUAGES[other], "href": context["pathto"](side)}
        context["other_language"] = link
        context["metatags"] += '\n<link rel="alternate" hreflang="{code}" href="{href}" />'.format(**link)


def share_anchors(app, doctree):
    """Gives each section of a Korean page the id of the section at the same place of the English page.

    docutils makes ids of Latin letters only, so a heading in Hangul would be ``id1`` and a link to it would
    break with the next heading. English pages are read first, because Sphinx reads in alphabetical order; this
    runs before the table of contents is collected (priority 500). Labels written in the page are kept.
    """
    page = app.env.docname
    if language_of(page) != "ko" or (english := in_language(page, "en")) not in app.env.found_docs:
        return
    app.env.note_dependency(app.env.doc2path(english))
    ours = list(doctree.findall(nodes.section))
    theirs = list(app.env.get_doctree(english).findall(nodes.section))
    if len(ours) != len(theirs):
        logger.warning("%s has %d sections, %s has %d", page, len(ours), english, len(theirs), location=page)
    labels = {doctree.nameids[name] for name, explicit in doctree.nametypes.items() if explicit}
    for own, other in zip(ours, theirs, strict=False):
        kept = [anchor for anchor in own["ids"] if anchor in labels and anchor not in other["ids"]]
        own["ids"] = [*other["ids"], *kept]


def setup(app):
    """Called by Sphinx."""
    app.connect("html-page-context", name_languages, priority=400)
    app.connect("doctree-read", share_anchors, priority=400)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
