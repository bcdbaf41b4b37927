"""Widgets that work in a page: their front-end modules, and the script that mounts them, where there is a widget.

A notebook's widget leaves ``<div data-aebook-widget="NAME" data-state="…">`` in its HTML output; a Markdown page
has the directive ``{explorer}``, which leaves the same, with the settings to begin with as its options.
The module NAME is one file, used by Jupyter and here alike; here its source travels as text in a script file,
because a page opened from the disk may load scripts but not import modules.
"""

import json
import sys
from pathlib import Path

from aebook_site import language_of
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

PACKAGE = Path(__file__).parents[2] / "src" / "aebook"
sys.path.insert(0, str(PACKAGE.parent))  # the package is not installed where the book is only built
from aebook.mounting import BOUNDS, mount_point  # noqa: E402

MODULES = {"explorer": PACKAGE / "explorer.js"}
SCRIPT = "aebook-modules.js"


def within(low, high):
    """Reads an option: an integer from ``low`` to ``high``."""

    def read(text):
        if not low <= int(text) <= high:
            raise ValueError(f"must be from {low} to {high}")
        return int(text)

    return read


class Explorer(SphinxDirective):
    """``{explorer}``: the ConvTranspose2d explorer, in the language of the page."""

    option_spec = {name: within(*bounds) for name, bounds in BOUNDS.items()}  # noqa: RUF012

    def run(self):
        """The place that a notebook's cell would leave."""
        language = language_of(self.env.docname) or self.config.language
        return [nodes.raw("", mount_point(self.options, language), format="html")]


def write_modules(app):
    """Puts the modules' sources into one script file, which Sphinx copies with the other static files."""
    sources = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}
    folder = Path(app.doctreedir).parent / "aebook-scripts"
    folder.mkdir(parents=True, exist_ok=True)
    text = f"window.aebookModules = {json.dumps(sources, ensure_ascii=False)};\n"
    partial = folder.with_name(f"{SCRIPT}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(folder / SCRIPT)
    app.config.html_static_path.append(str(folder))


def add_scripts(app, page, template, context, doctree):
    """Loads both scripts on a page that holds a widget."""
    if "data-aebook-widget=" in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")
        app.add_js_file("mount.js", loading_method="defer")


def setup(app):
    """Called by Sphinx."""
    app.add_directive("explorer", Explorer)
    app.connect("builder-inited", write_modules)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
