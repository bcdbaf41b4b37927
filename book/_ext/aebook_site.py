"""Two languages in one site: each page speaks its own, links to its other side, and shares its anchors with it.

A page of the book is ``book/<language>/<name>``; its other side is the same name under the other language.
Every other page (the first page) is in Sphinx's own ``language``.
"""

import gettext
import hashlib
import re
from pathlib import Path

from aebook_words import SAY, SPHINX
from docutils import nodes
from sphinx import locale
from sphinx.util import logging

LANGUAGES = {"ko": "한국어", "en": "English"}
BOOK = Path(__file__).parents[1]
MADE_OF = (BOOK / "_ext", BOOK / "assets", BOOK.parent / "src" / "aebook" / "widgets")
logger = logging.getLogger(__name__)


def language_of(page):
    """The language of a page of the book, or None for a page that has no other side."""
    book, _, rest = page.partition("/")
    language, _, name = rest.partition("/")
    return language if book == "book" and name and language in LANGUAGES else None


def in_language(page, language):
    """The same page in that language: ``book/ko/setup``, ``en`` → ``book/en/setup``."""
    return f"book/{language}/{page.split('/', 2)[2]}"


class Messages(gettext.NullTranslations):
    """What Sphinx writes into a page (the titles of admonitions and the like), in one language."""

    def __init__(self, language):
        super().__init__()
        self.messages = SPHINX[language]

    def gettext(self, message):
        """The message in that language, or as Sphinx has it."""
        return self.messages.get(message, message)


def speak(app, doctree, page):
    """Sphinx has one language for a whole site: this gives it the page's own, just before it writes the page."""
    locale.translators["general", "sphinx"] = Messages(language_of(page) or app.config.language)


def name_languages(app, page, template, context, doctree):
    """Says the page's language and the site's words in it; keeps its links to other pages within the language.

    The link to the other side is the one that leaves it.
    """
    own = language_of(page)
    context["language"] = own or app.config.language
    context["say"] = SAY[context["language"]]
    if own is None:
        return
    other = next(code for code in LANGUAGES if code != own)
    if (side := in_language(page, other)) in app.env.found_docs:
        context["other_language"] = {"code": other, "name": LANGUAGES[other], "href": context["pathto"](side)}
    context["contents"] = contents(app.env, own)
    _, *neighbours = app.builder.relations.get(page, (None, None, None))
    for side, neighbour in zip(("prev", "next"), neighbours, strict=True):
        if language_of(neighbour or "") != own:
            context[side] = None


def contents(env, language):
    """The pages in that language but for its home, in the order of ``_toc.yml``; chapters have numbers."""
    listed = env.toctree_includes.get(env.config.root_doc, [])
    pages = [page for page in listed if language_of(page) == language and not page.endswith("/index")]
    return [
        {
            "name": page,
            "title": env.titles[page].astext(),
            "number": number(page),
            "is_chapter": bool(number(page)),
        }
        for page in pages
    ]


def number(page):
    """A chapter's number, with which its file begins; None for any other page."""
    begins = re.match(r"(\d+)-", page.rpartition("/")[2])
    return int(begins[1]) if begins else None


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


def name_sections(app, doctree):
    """Lets a link name a section by its id, as in ``setup.md#install``, in both languages the same.

    MyST would have it named by its heading, which is another one in each language; this runs after the ids are
    shared. A link to a section that is not there is a warning of the build.
    """
    app.env.metadata[app.env.docname]["myst_slugs"] = {
        anchor: (section.line, anchor, section.next_node(nodes.title).astext())
        for section in doctree.findall(nodes.section)
        for anchor in section["ids"]
    }


def made_of():
    """What tells the files that pages are made of, their own sources aside, from others.

    Sphinx looks at a page's source alone: after a change to a widget, a script or a rule it would build nothing.
    """
    places = (place for folder in MADE_OF for place in sorted(folder.rglob("*")) if place.is_file())
    compiled = "__pycache__"  # which comes and goes by itself
    digests = (hashlib.sha256(place.read_bytes()).hexdigest() for place in places if compiled not in place.parts)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def setup(app):
    """Called by Sphinx."""
    app.add_config_value("aebook_made_of", made_of(), "env")
    app.connect("doctree-read", share_anchors, priority=400)
    app.connect("doctree-read", name_sections, priority=410)
    app.connect("doctree-resolved", speak)
    app.connect("html-page-context", name_languages)
    return {"parallel_read_safe": False, "parallel_write_safe": False}  # one page, and one language, after another
