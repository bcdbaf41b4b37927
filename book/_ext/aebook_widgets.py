"""Widgets that work in a page: their modules and rules, and the script that mounts them, where there is a widget.

A widget is a folder of ``src/aebook/widgets``; nothing here names one. A notebook's widget leaves
``<div data-aebook-widget="NAME" data-state="…">`` in its HTML output; a Markdown page has the directive
``{NAME}``, which leaves the same, with the settings to begin with as its options.
The modules are used by Jupyter and here alike; here their sources travel as text in script files, because a page
opened from the disk may load scripts but not import modules. ``mount.js`` asks for them when their widget comes
near the screen, but for one above the page's second heading, which is there from the beginning.
Weights and data travel so too, a file each, which ``mount.js`` asks for when a view does.
The other scripts of pages in ``book/assets`` may import from ``widgets/lib`` too; each becomes one classic script.
"""

import base64
import hashlib
import html
import json
import re
import sys
from pathlib import Path

from aebook_site import language_of
from docutils import nodes
from rjsmin import jsmin
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

PACKAGE = Path(__file__).parents[2] / "src"
ASSETS = Path(__file__).parents[1] / "assets"
sys.path.insert(0, str(PACKAGE))  # the package is not installed where the book is only built
from aebook import files as whole  # noqa: E402
from aebook.widgets import spec as specs  # noqa: E402

FOLDER = "widgets"  # of the static files
# What mount.js needs itself, and small things that most widgets need: they travel with it.
HOUSE = ("loader.js", *(f"lib/{name}.js" for name in ("dom", "palette", "state")))
IMPORTS = re.compile(r'^import\b[^;"]*"[^"]+";\n', re.MULTILINE)
BEGINNING = re.compile(r";(?=(?:import|export)\b)")
REMARKS = re.compile(r"/\*(?:(?!\*/)[\s\S])*\*/")  # of a style sheet, whose texts hold none
FIRST_PART = re.compile(r"(?:(?!<h2)[\s\S])*")  # of a page's body
PLACE = re.compile(r'<div data-aebook-widget="(\w+)" data-state="(.*?)">')
ROOM = """@media screen and (scripting: enabled) {{
  [data-aebook-widget="{name}"]:lang({language}):not([data-ready]) {{
    min-height: {wide}px;
    @media (width < 40rem) {{ min-height: {narrow}px; }}
  }}
}}
"""


def directive(spec):
    """The directive of a widget: it leaves the widget's place, in the language of the page."""

    def reader(setting):
        return lambda text: specs.from_text(setting, text)

    class Place(SphinxDirective):
        """What a notebook's cell would leave."""

        option_spec = {  # noqa: RUF012
            name: reader(setting) for name, setting in spec.settings.items() if setting["kind"] != "bytes"
        }

        def run(self):
            language = language_of(self.env.docname) or self.config.language
            return [nodes.raw("", specs.mount_point(spec, self.options, language), format="html")]

    return Place


def spoken(path: str) -> str | None:
    """The language of a module of words."""
    found = re.search(r"/words\.(\w+)\.js$", path)
    return found and found[1]


def script_of(path: str) -> str:
    """The script file that a module travels in: its widget's, that of a language's words, or one of its own."""
    folder = path.partition("/")[0]
    if path in HOUSE:
        return "mount.js"
    if folder in ("lib", "workers.js"):
        return path
    return f"{folder}.{spoken(path)}.js" if spoken(path) else f"{folder}.js"


def registered(table: str, texts: dict[str, str]) -> str:
    """A script that puts texts into one of the page's tables, one a line."""
    entries = "".join(f"'{path}':'{quoted(text)}',\n" for path, text in texts.items())
    return f"Object.assign(window.{table}??={{}},{{\n{entries}}});\n"


def quoted(text: str) -> str:
    """A text as it stands between single quotes, of which our modules hold fewer than of the others."""
    letters = json.dumps(text, ensure_ascii=False)[1:-1]
    return letters.replace('\\"', '"').replace("'", "\\'")


def slim(source: str) -> str:
    """A module without comments and needless space; imports and exports begin a line, as loader.js asks."""
    return BEGINNING.sub(";\n", jsmin(source))


def dense(sheet: str) -> str:
    """A style sheet without comments, and without space around what parts its rules."""
    return re.sub(r"\s*([{};,>])\s*|(?<=:)\s+", r"\1", REMARKS.sub("", sheet)).replace(";}", "}").strip()


def compact(text: str) -> str:
    """A ``spec.json`` with what its view and ``mount.js`` read; the rest is for Python."""
    said = json.loads(text)
    return json.dumps({"settings": said["settings"]} if "settings" in said else said, separators=(",", ":"))


def files_of(spec) -> dict[str, str]:
    """The static files of a widget, by their paths in the folder of them: scripts and the style sheet.

    Raises:
        ExtensionError: weights or data that the widget names are not there.
    """
    files = {path: dense(place.read_text(encoding="utf-8")) for path, place in specs.sheets(spec).items()}
    for language, heights in spec.room.items():
        files[f"{spec.name}.css"] += dense(ROOM.format(name=spec.name, language=language, **heights))
    scripts = {}
    for path, source in specs.modules(spec, *HOUSE).items():
        carried = compact(source) if path.endswith(".json") else slim(source)
        scripts.setdefault(script_of(path), {})[path] = carried
    files |= {name: registered("aebookModules", texts) for name, texts in scripts.items()}
    files["mount.js"] += jsmin((ASSETS / "mount.js").read_text(encoding="utf-8"))
    for path, place in spec.carried.items():
        if not place.is_file():
            raise ExtensionError(f"{spec.name}/spec.json names {path}, and there is no {place}")
        letters = base64.b64encode(place.read_bytes()).decode()
        files[f"{path}.js"] = registered("aebookBytes", {path: letters})
    return files


def needed(body: str, language: str) -> tuple[list[str], dict[str, list[str]]]:
    """The static files that a page's widgets need, for the languages that they speak there.

    Returns:
        those needed at once, ``mount.js`` last; and for each widget the scripts that come when it is near.
    """
    sheets, first, later = {}, {}, {}
    soon = FIRST_PART.match(body).end()
    for place in PLACE.finditer(body):
        name, state = place.groups()
        spec = specs.read(specs.WIDGETS / name)
        speaks = json.loads(html.unescape(state)).get("language", language)
        paths = [path for path in specs.modules(spec) if path not in HOUSE and spoken(path) in (None, speaks)]
        sheets |= dict.fromkeys(specs.sheets(spec))
        scripts = first if place.start() < soon else later.setdefault(name, {})
        scripts |= dict.fromkeys(map(script_of, paths))
    rest = {name: [script for script in scripts if script not in first] for name, scripts in later.items()}
    return [*sheets, *first, "mount.js"] if sheets else [], rest


def joined(script: Path) -> str:
    """A script of pages and the modules that it imports, which import nothing, as one classic script."""
    source = script.read_text(encoding="utf-8")
    modules = [(script.parent / lead).read_text(encoding="utf-8") for lead in specs.IMPORT.findall(source)]
    parts = [re.sub("^export ", "", module, flags=re.MULTILINE) for module in modules]
    return jsmin("\n".join(["(() => {", *parts, IMPORTS.sub("", source), "})();", ""]))


def write_files(app):
    """Writes scripts and rules to where Sphinx copies static files from, over those of ``book/assets``."""
    folder = Path(app.doctreedir).parent / "aebook-scripts"
    files = {f"{FOLDER}/{name}": text for spec in specs.found().values() for name, text in files_of(spec).items()}
    importing = [script for script in ASSETS.glob("*.js") if IMPORTS.search(script.read_text(encoding="utf-8"))]
    for name, text in {**files, **{script.name: joined(script) for script in importing}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        whole.replace(folder / name, text.encode())
    app.config.html_static_path.append(str(folder))


def add_files(app, page, template, context, doctree):
    """Has a page that holds widgets load what they need, and what mounts them."""
    files, later = needed(context.get("body", ""), language_of(page) or app.config.language)
    folder = Path(app.doctreedir).parent / "aebook-scripts" / FOLDER
    later = {widget: [versioned(folder, name) for name in scripts] for widget, scripts in later.items()}
    for name in files:
        if name.endswith(".css"):
            app.add_css_file(f"{FOLDER}/{name}")
        else:
            told = {"data-later": json.dumps(later)} if name == "mount.js" and later else {}
            app.add_js_file(f"{FOLDER}/{name}", loading_method="defer", **told)


def versioned(folder: Path, name: str) -> str:
    """The address of a script, which changes with it, as Sphinx has those that it puts into a page."""
    return f"{name}?v={hashlib.sha256((folder / name).read_bytes()).hexdigest()[:8]}"


def setup(app):
    """Called by Sphinx."""
    for spec in specs.found().values():
        app.add_directive(spec.name, directive(spec))
    app.connect("builder-inited", write_files)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
