"""The face of the text: for each language what most of its pages show, and in each page what it shows beside it.

The font is the package's own, ``src/aebook/fonts``, which the figures use too. It travels in a script, which gives
the browser its bytes before anything is painted: from a style sheet, even as a data URI, a font comes a moment
after the first words have been laid out in another, and all of them move. The page's own characters are in an
attribute of the script's element. Readers without scripts have a style sheet with all of the language's.
Characters that the font lacks come from the reader's own fonts.
"""

import base64
import hashlib
import io
import re
from collections import Counter
from html import unescape
from pathlib import Path

from aebook_site import LANGUAGES, language_of
from aebook_widgets import HOUSE, PLACE, spoken
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from aebook.widgets import spec as specs

ROOT = Path(__file__).parents[2]
FONT = ROOT / "src" / "aebook" / "fonts" / "aebookGothic.ttf"
UNITS = 512  # of an em, in which points lie: fewer bytes than with 2048, and no point a tenth of a pixel off
SHARE = 0.5  # of a language's pages: what fewer of them show, each has for itself
LICENCE = "/* aebook Gothic, a subset of Pretendard under the SIL Open Font License: src/aebook/fonts/OFL.txt */\n"
SHEET = """@font-face {{
  font-family: "aebook Gothic";
  font-weight: 400 600;
  src: url(data:font/woff2;base64,{data}) format("woff2");
}}
"""
SCRIPT = """(() => {{
  const add = (letters, range) => {{
    const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    document.fonts.add(new FontFace("aebook Gothic", bytes, {{ weight: "400 600", ...range }}));
  }};
  const {{ own, range }} = document.currentScript.dataset;
  add("{data}");
  if (own) add(own, {{ unicodeRange: range }});
}})();
"""
LINK = re.compile(r'_static/(face-[a-z]+\.(?:css|js))(\?v=[0-9a-f]+)?"(?: data-own="[^"]*" data-range="[^"]*")?')
ALWAYS = {chr(code) for code in range(0x20, 0x7F)} | set("−×·…“”‘’–—±√")


def sheet_of(page):
    """Whose language's face the page has; where both languages are shown, that which holds both."""
    both = page.endswith("/search") or language_of(page) is None
    return "ko" if both else language_of(page)


def name_face(app, page, template, context, doctree):
    """Says to the layout which face to load."""
    context["face"] = context["pathto"](f"_static/face-{sheet_of(page)}", resource=True)


def write_faces(app, error):
    """Writes the faces when all pages are there, and into each page its own part and the versions it asks for."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = {
        path.relative_to(out).with_suffix("").as_posix(): path
        for path in out.rglob("*.html")
        if "_static" not in path.parts
    }
    texts = {page: path.read_text(encoding="utf-8") for page, path in pages.items()}
    shown = {page: characters([text, *widget_words(text, language_of(page))]) for page, text in texts.items()}
    everything = set().union(*shown.values())
    shown |= {page: everything for page in shown if page.endswith("/search")}  # which shows parts of all pages
    for language in LANGUAGES:
        ours = {page: of_page for page, of_page in shown.items() if sheet_of(page) == language}
        common = usual(ours.values())
        versions = write_files(out / "_static", language, common, set().union(*ours.values()))
        for page, of_page in ours.items():
            filled = fill(texts[page], versions, attributes(of_page - common))
            pages[page].write_text(filled, encoding="utf-8")


def write_files(folder, language, common, everything):
    """Writes a language's script and sheet, and returns by their names which versions they are."""
    files = {
        f"face-{language}.js": LICENCE + SCRIPT.format(data=packed(common)),
        f"face-{language}.css": LICENCE + SHEET.format(data=packed(everything)),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: hashlib.sha256(text.encode()).hexdigest()[:8] for name, text in files.items()}


def fill(text, versions, own):
    """The page with the versions of the files that it asks for, and with its own part of the face."""

    def filled(link):
        return f'_static/{link[1]}?v={versions[link[1]]}"{own if link[1].endswith(".js") else ""}'

    return LINK.sub(filled, text)


def usual(pages):
    """The characters that many of the pages show."""
    counts = Counter(character for shown in pages for character in shown)
    return {character for character, count in counts.items() if count >= SHARE * len(pages)}


def attributes(shown):
    """What a page's script element says of the characters that are the page's own: the font, and its range."""
    if not (held := sorted(set(map(ord, shown)) & TTFont(FONT).getBestCmap().keys())):
        return ""
    return f' data-own="{packed(shown)}" data-range="{",".join(f"U+{code:X}" for code in held)}"'


def widget_words(text, language):
    """The sources of the widgets of a page, which stand in no page, with the words of that language, or of all."""
    return [
        source
        for widget in set(PLACE.findall(text))
        for path, source in specs.modules(specs.read(specs.WIDGETS / widget[0]), *HOUSE).items()
        if language is None or spoken(path) in (None, language)
    ]


def characters(texts):
    """Every character that occurs there, and all that can be typed in English."""
    return ALWAYS.union(*(unescape(text) for text in texts))


def packed(shown):
    """The font as far as it has those characters: WOFF2, in base64."""
    font = TTFont(FONT)
    of_one_width(font)
    options = Options(layout_features=["kern", "ccmp", "locl"], name_IDs=[], notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(map(ord, shown)))
    subsetter.subset(font)
    scale_upem(font, UNITS)
    font.flavor = "woff2"
    font.save(file := io.BytesIO())
    return base64.b64encode(file.getvalue()).decode()


def of_one_width(font):
    """Makes all digits as wide as each other, as the feature "tnum" does; text without one is laid out faster."""
    gsub = font["GSUB"].table
    (record,) = (one for one in gsub.FeatureList.FeatureRecord if one.FeatureTag == "tnum")
    lookups = [gsub.LookupList.Lookup[index] for index in record.Feature.LookupListIndex]
    of_tnum = {
        name: other for lookup in lookups for part in lookup.SubTable for name, other in part.mapping.items()
    }
    for table in font["cmap"].tables:
        table.cmap |= {code: of_tnum.get(name, name) for code, name in table.cmap.items() if chr(code).isdecimal()}


def setup(app):
    """Called by Sphinx."""
    app.connect("html-page-context", name_face)
    app.connect("build-finished", write_faces, priority=900)  # when the first page stands at the root too
    return {"parallel_read_safe": True, "parallel_write_safe": True}
