"""The face of the text, for each language in a style sheet that holds the characters its pages show, and no more.

The font is the package's own, ``src/aebook/fonts``, which the figures use too. It travels in the sheet, because
a page that is opened from the disk loads no font file. Characters that it lacks come from the reader's own fonts.
"""

import base64
import hashlib
import io
import re
from html import unescape
from pathlib import Path

from aebook_site import LANGUAGES, language_of
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[2]
FONT = ROOT / "src" / "aebook" / "fonts" / "aebookGothic.ttf"
WIDGETS = ROOT / "src" / "aebook"
FACE = """/* {name}, a subset of Pretendard under the SIL Open Font License: src/aebook/fonts/OFL.txt */
@font-face {{
  font-family: "aebook Gothic";
  font-weight: 400 600;
  src: url(data:font/woff2;base64,{data}) format("woff2");
}}
"""
LINK = re.compile(r'_static/(face-[a-z]+\.css)(\?v=[0-9a-f]+)?"')
ALWAYS = {chr(code) for code in range(0x20, 0x7F)} | set("−×·…“”‘’–—±√")


def sheet_of(page):
    """The name of the page's sheet: its language's; where both languages are shown, the one that holds both."""
    both = page.endswith("/search") or language_of(page) is None
    return f"face-{'ko' if both else language_of(page)}.css"


def name_sheet(app, page, template, context, doctree):
    """Says to the layout which sheet to load."""
    context["face"] = context["pathto"](f"_static/{sheet_of(page)}", resource=True)


def write_sheets(app, error):
    """Writes the sheets when all pages are there, and into each page which version of its sheet it asks for."""
    if error or app.builder.format != "html":
        return
    pages = [page for page in Path(app.outdir).rglob("*.html") if "_static" not in page.parts]
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    english = [text for page, text in texts.items() if page.parent.name == "en"]
    shown = {
        "en": characters(english + widget_words("en")),
        "ko": characters([*texts.values(), *widget_words("*")]),
    }
    versions = {}
    for language in LANGUAGES:
        sheet = face(shown[language])
        Path(app.outdir, "_static", f"face-{language}.css").write_text(sheet, encoding="utf-8")
        versions[f"face-{language}.css"] = hashlib.sha256(sheet.encode()).hexdigest()[:8]
    for page, text in texts.items():
        page.write_text(LINK.sub(lambda link: f'_static/{link[1]}?v={versions[link[1]]}"', text), encoding="utf-8")


def widget_words(language):
    """The sources of the widgets, which stand in no page, with the words of that language, or of all."""
    words = "words.*.js"
    paths = [
        path for path in WIDGETS.rglob("*.js") if not path.match(words) or path.match(words.replace("*", language))
    ]
    return [path.read_text(encoding="utf-8") for path in paths]


def characters(texts):
    """Every character that occurs there, and all that can be typed in English."""
    return ALWAYS.union(*(unescape(text) for text in texts))


def face(shown):
    """The style sheet with the font, as far as it has those characters."""
    font = TTFont(FONT)
    options = Options(layout_features=["kern", "ccmp", "locl", "tnum"], name_IDs=[], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(map(ord, shown)))
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(packed := io.BytesIO())
    return FACE.format(name="aebook Gothic", data=base64.b64encode(packed.getvalue()).decode())


def setup(app):
    """Called by Sphinx."""
    app.connect("html-page-context", name_sheet)
    app.connect("build-finished", write_sheets, priority=900)  # when the first page stands at the root too
    return {"parallel_read_safe": True, "parallel_write_safe": True}
