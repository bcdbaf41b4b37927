"""The extension that brings widgets into pages, on a book of two pages."""

import json

import pytest
from _ext.aebook_widgets import MODULES, SCRIPT
from sphinx.testing.util import SphinxTestApp

PLACE = '<div data-aebook-widget="explorer" data-state="{}">fallback</div>'


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The folder of a built book: one page with a widget, one without."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "conf.py").touch()
    (folder / "index.rst").write_text("first\n=====\n\n.. toctree::\n\n   alive\n", encoding="utf-8")
    (folder / "alive.rst").write_text(f"alive\n=====\n\n.. raw:: html\n\n   {PLACE}\n", encoding="utf-8")
    app = SphinxTestApp("html", srcdir=folder, confoverrides={"extensions": ["_ext.aebook_widgets"]})
    app.build()
    app.cleanup()
    return app.outdir


@pytest.mark.parametrize(("page", "count"), [("alive", 1), ("index", 0)])
def test_only_a_page_with_a_widget_loads_the_scripts(pages, page, count):
    text = (pages / f"{page}.html").read_text(encoding="utf-8")
    assert (text.count(SCRIPT), text.count("mount.js")) == (count, count)


def test_the_script_carries_the_modules_as_they_are(pages):
    text = (pages / "_static" / SCRIPT).read_text(encoding="utf-8")
    sources = json.loads(text.removeprefix("window.aebookModules = ").rstrip().removesuffix(";"))
    assert sources == {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}
