"""The extension that brings widgets into pages, on a book of a few pages."""

import hashlib
import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import aebook_widgets
import pytest
from sphinx.testing.util import SphinxTestApp
from sphinx.util.console import strip_colors

from aebook.widgets import spec as specs
from aebook.widgets.explorer import ConvTransposeExplorer

FALLBACK = ConvTransposeExplorer.spec.fallback

REGISTERS = re.compile(r"^'(.*?)':'(.*)',$", re.MULTILINE)
PLACE = '<div data-aebook-widget="explorer" data-state="{}">fallback</div>'
PAGES = {
    "index": "first\n=====\n\n.. toctree::\n\n   alive\n   below\n   book/ko/home\n   book/en/home\n",
    "alive": f"alive\n=====\n\n.. raw:: html\n\n   {PLACE}\n",
    "below": f"below\n=====\n\nmore\n----\n\n.. raw:: html\n\n   {PLACE}\n",
    "book/ko/home": "home\n====\n\n.. explorer::\n   :input_size: 7\n   :stride: 2\n",
    "book/en/home": "home\n====\n\n.. explorer::\n",
}


def build(folder, pages):
    """The folder of the pages' HTML, and the warnings of their build."""
    (folder / "conf.py").touch()
    for name, text in pages.items():
        page = folder / f"{name}.rst"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    app = SphinxTestApp("html", srcdir=folder, confoverrides={"extensions": ["aebook_widgets"]})
    app.build()
    app.cleanup()
    return app.outdir, strip_colors(app.warning.getvalue())


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The folder of a built book: pages with a widget, and one without."""
    built, warnings = build(tmp_path_factory.mktemp("book"), PAGES)
    assert warnings == ""
    return built


@pytest.mark.parametrize(("page", "count"), [("alive", 1), ("book/ko/home", 1), ("book/en/home", 1), ("index", 0)])
def test_only_a_page_with_a_widget_loads_the_scripts(pages, page, count):
    text = (pages / f"{page}.html").read_text(encoding="utf-8")
    assert (text.count("widgets/explorer.js"), text.count("widgets/mount.js")) == (count, count)


def test_scripts_of_a_widget_below_a_second_heading_come_later_each_in_a_version_of_its_own(pages):
    text = (pages / "below.html").read_text(encoding="utf-8")
    assert (text.count('src="_static/widgets/explorer.js'), text.count("widgets/mount.js")) == (0, 1)
    later = json.loads(unescape(re.search('data-later="(.*?)"', text)[1]))
    files = [script.partition("?v=") for script in later["explorer"]]
    assert {"explorer.js", "explorer.en.js"} <= {name for name, _, _ in files}
    for name, _, version in files:
        script = (pages / "_static" / "widgets" / name).read_bytes()
        assert hashlib.sha256(script).hexdigest().startswith(version) and len(version) == 8
    assert "data-later" not in (pages / "alive.html").read_text(encoding="utf-8")


def test_the_scripts_carry_the_modules_but_for_their_comments_and_space(pages):
    carried = {}
    for script in (pages / "_static" / "widgets").rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        if "aebookBytes" not in text:  # weights or data
            carried |= dict(REGISTERS.findall(text))
    sources = {path: unquoted(text) for path, text in carried.items()}
    for path, text in sources.items():
        source = (specs.WIDGETS / path).read_text(encoding="utf-8")
        if path.endswith(".json"):
            said, whole = json.loads(text), json.loads(source)
            assert said == (whole if path.count("/spec.json") == 0 else {"settings": whole["settings"]}), path
        else:
            assert without_space(text) == without_space(code(source)), path
            asked = [specs.IMPORT.findall(each) for each in (text, source)]
            assert asked[0] == asked[1], path
    assert sources.keys() >= {f"explorer/{path.name}" for path in (specs.WIDGETS / "explorer").glob("*.js")}


def unquoted(text):
    """What JavaScript reads between single quotes."""
    return json.loads('"' + text.replace(r"\'", "'").replace('"', r"\"") + '"')


def code(source):
    """A module without its comments, as our modules write them: lines of their own, or behind code that ends."""
    kept, within = [], False
    for line in map(str.strip, source.splitlines()):
        within = within or line.startswith("/*")
        if not within and not line.startswith("//"):
            kept.append(re.sub(r"(?<=[^:\"'`\\]) // .*$", "", line))
        within = within and not line.endswith("*/")
    return "\n".join(kept)


def without_space(text):
    """The text, its spaces and line breaks left out."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(("language", "settings"), [("ko", {"input_size": 7, "stride": 2}), ("en", {})])
def test_the_directive_leaves_what_a_notebooks_widget_leaves_with_the_settings_named(pages, language, settings):
    ours = mounts((pages / "book" / language / "home.html").read_text(encoding="utf-8"))
    theirs = mounts(ConvTransposeExplorer(language=language, **settings)._repr_mimebundle_()[0]["text/html"])
    assert [words for _, words in ours] == [words for _, words in theirs] == [FALLBACK[language]]
    assert [state for state, _ in ours] == [settings]
    assert settings.items() <= theirs[0][0].items()


def mounts(page):
    """The state and the words of each place in a page where a widget is mounted."""
    found = re.findall(r'<div data-aebook-widget="explorer" data-state="(.*?)">(.*?)</div>', page)
    return [(json.loads(unescape(state)), words) for state, words in found]


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("stride: 6", "must be from 1 to 5"),
        ("stride: two", "invalid literal"),
        ("size: 3", 'unknown option: "size"'),
    ],
)
def test_a_setting_that_the_explorer_does_not_take_is_a_warning(tmp_path, option, complaint):
    _, warnings = build(tmp_path, {"index": f"first\n=====\n\n.. explorer::\n   :{option}\n"})
    assert complaint in warnings
    assert "index.rst:4" in warnings


def test_the_extension_needs_no_pytorch():
    program = "import sys, aebook_widgets; print({'torch', 'anywidget', 'traitlets'} & set(sys.modules))"
    folder = Path(aebook_widgets.__file__).parent
    said = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
