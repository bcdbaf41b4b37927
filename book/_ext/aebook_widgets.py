"""Widgets that work in a page: their front-end modules, and the script that mounts them, where there is a widget.

A notebook's widget leaves ``<div data-aebook-widget="NAME" data-state="…">`` in its HTML output. The module NAME
is one file, used by Jupyter and here alike; here its source travels as text in a script file, because a page
opened from the disk may load scripts but not import modules.
"""

import json
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "aebook"
MODULES = {"explorer": PACKAGE / "explorer.js"}
SCRIPT = "aebook-modules.js"


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
    app.connect("builder-inited", write_modules)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
