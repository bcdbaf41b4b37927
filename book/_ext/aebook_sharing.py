"""The site for search engines and for links passed on: addresses, social cards and a site map.

All of that needs the site's own address (``html: baseurl:`` in ``_config.yml``); without one, a site that may be
opened from a disk or from anywhere, none of it is written.
"""

import posixpath
from xml.sax.saxutils import escape, quoteattr

from aebook_site import LANGUAGES, in_language, language_of

LOCALES = {"ko": "ko_KR", "en": "en_GB"}


def address(app, page):
    """The whole address of a page; the first page's is the site's own."""
    base = app.config.html_baseurl.rstrip("/") + "/"
    return base if page == app.config.root_doc else posixpath.join(base, app.builder.get_target_uri(page))


def alternates(app, page):
    """The addresses of a page's sides by their languages, and of the first page for every other language."""
    if language_of(page) is None:
        return {}
    sides = {code: in_language(page, code) for code in LANGUAGES}
    found = {code: address(app, side) for code, side in sides.items() if side in app.env.found_docs}
    return found | {"x-default": address(app, app.config.root_doc)}


def share_page(app, page, template, context, doctree):
    """What ``shared.html`` needs."""
    if app.config.html_baseurl and page in app.env.found_docs:
        context["shared"] = {
            "address": address(app, page),
            "alternates": alternates(app, page),
            "locale": LOCALES[language_of(page) or app.config.language],
            "card": posixpath.join(address(app, app.config.root_doc), "_static/card.png"),
        }


def write_sitemap(app, error):
    """Lists every page of the book, each with its other side."""
    if error or not app.config.html_baseurl:
        return
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
        *(sitemap_entry(app, page) for page in sorted(app.env.found_docs)),
        "</urlset>",
    ]
    (app.outdir / "sitemap.xml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def keep_folders(app, error):
    """Has GitHub Pages publish every folder; without this file it leaves out those that begin with ``_``."""
    if not error and app.builder.format == "html":
        (app.outdir / ".nojekyll").touch()


def sitemap_entry(app, page):
    """A page's line of the site map."""
    sides = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(side)}/>'
        for code, side in alternates(app, page).items()
    )
    return f"<url><loc>{escape(address(app, page))}</loc>{sides}</url>"


def setup(app):
    """Called by Sphinx."""
    app.connect("html-page-context", share_page)
    app.connect("build-finished", write_sitemap)
    app.connect("build-finished", keep_folders)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
