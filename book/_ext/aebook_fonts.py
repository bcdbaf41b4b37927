"""The face of the text: for each language what most of its pages show, and in each page what it shows beside it.

The font is the package's own, ``src/aebook/fonts``, which the figures use too. It travels in a script, which gives
the browser its bytes before anything is painted: from a style sheet, even as a data URI, a font comes a moment
after the first words have been laid out in another, and all of them move. The page's own characters are in an
attribute of the script's element. Readers without scripts have a style sheet with all of the language's.
Characters that the font lacks come from the reader's own fonts.

Formulas have a face of their own beside it: where a browser finds no font with a table of mathematics, as on most
phones and bare machines, powers float a line too high and no bracket grows with what it holds.
"""

import base64
import hashlib
import io
import re
import unicodedata
from collections import Counter
from functools import cache
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
FORMULAS = Path(__file__).parent / "fonts" / "NotoSansMath.woff2"
UNITS = 512  # of an em, in which points lie: fewer bytes than with 2048, and no point a tenth of a pixel off
SHARE = 0.5  # of a language's pages: what fewer of them show, each has for itself
LICENCE = """/* aebook Gothic, a subset of Pretendard under the SIL Open Font License: src/aebook/fonts/OFL.txt
   Noto Sans Math, a subset, under the same: book/_ext/fonts/OFL.txt */
"""
SHEET = """@font-face {{
  font-family: "aebook Gothic";
  font-weight: 400 600;
  src: url(data:font/woff2;base64,{text}) format("woff2");
}}
@font-face {{
  font-family: "Noto Sans Math";
  src: url(data:font/woff2;base64,{formulas}) format("woff2");
}}
"""
SCRIPT = """(() => {{
  const add = (family, letters, said) => {{
    const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    document.fonts.add(new FontFace(family, bytes, said));
  }};
  const weight = "400 600", {{ own, range, formulas }} = document.currentScript.dataset;
  add("aebook Gothic", "{text}", {{ weight }});
  if (own) add("aebook Gothic", own, {{ weight, unicodeRange: range }});
  if (formulas) add("Noto Sans Math", formulas);
}})();
"""
LINK = re.compile(r'_static/(face-[a-z]+\.(?:css|js))(\?v=[0-9a-f]+)?"((?: data-[a-z]+="[^"]*")*)')
FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
# What a browser sets a letter in that stands alone in a formula; the small h is not among the others.
ITALICS = map(chr, [0x210E, *range(0x1D434, 0x1D455), *range(0x1D456, 0x1D468), *range(0x1D6E2, 0x1D71C)])
ITALIC = {chr(int(unicodedata.decomposition(italic).split()[1], 16)): italic for italic in ITALICS}
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
    formulas = {page: of_formulas(text) for page, text in texts.items()}
    letters, signs = text_face().part(everything), formulas_face().part(set().union(*formulas.values()))
    for language in LANGUAGES:
        ours = {page: of_page for page, of_page in shown.items() if sheet_of(page) == language}
        common = usual(ours.values())
        data = {
            "text": letters.packed(set().union(*ours.values())),
            "formulas": signs.packed(set().union(*(formulas[page] for page in ours))),
        }
        versions = write_files(out / "_static", language, letters.packed(common), data)
        for page, of_page in ours.items():
            filled = fill(texts[page], versions, attributes(letters, of_page - common, signs, formulas[page]))
            pages[page].write_text(filled, encoding="utf-8")


def write_files(folder, language, common, everything):
    """Writes a language's script and sheet, and returns by their names which versions they are."""
    files = {
        f"face-{language}.js": LICENCE + SCRIPT.format(text=common),
        f"face-{language}.css": LICENCE + SHEET.format(**everything),
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


def attributes(letters, shown, signs, formulas):
    """What a page's script element says of the characters that are the page's own: the fonts, and a range.

    Args:
        letters: the face of the text.
        shown: the page's own characters of it.
        signs: the face of formulas.
        formulas: the characters of the page's formulas.
    """
    said = {}
    if held := letters.held(shown):
        said |= {"own": letters.packed(shown), "range": ",".join(f"U+{code:X}" for code in held)}
    if formulas:
        said |= {"formulas": signs.packed(formulas)}
    return "".join(f' data-{name}="{value}"' for name, value in said.items())


def of_formulas(text):
    """The characters of a page's formulas, each letter in its italic form too, and the sign that a root draws."""
    formulas = FORMULA.findall(text)
    shown = set().union(*(unescape(re.sub(r"<[^>]*>", "", formula)) for formula in formulas))
    shown |= {"√"} if any("<msqrt" in formula or "<mroot" in formula for formula in formulas) else set()
    return shown | {ITALIC[character] for character in shown if character in ITALIC}


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


class Face:
    """A font from which parts are cut; cut in two steps, as for a book and then its pages, it is read much less.

    Args:
        data: the font, TrueType.
        always: characters that every part of it has.
        options: of fontTools' Subsetter.
    """

    def __init__(self, data, always="", **options):
        self.data, self.always, self.options = data, always, options

    def held(self, shown):
        """Those of the characters that it has, sorted, as code points."""
        return sorted(set(map(ord, shown)) & self.opened().getBestCmap().keys())

    def part(self, shown):
        """What is left of it for those characters."""
        return Face(saved(self.cut(shown)), self.always, **self.options)

    def packed(self, shown):
        """What is left of it for those characters: WOFF2, in base64."""
        return base64.b64encode(saved(self.cut(shown), "woff2")).decode()

    def cut(self, shown):
        """The same, as fontTools has it."""
        subsetter, font = Subsetter(Options(name_IDs=[], notdef_outline=True, **self.options)), self.opened()
        subsetter.populate(unicodes=sorted(map(ord, {*shown, *self.always})))
        subsetter.subset(font)
        return font

    def opened(self):
        """The font, as fontTools has it; it keeps its date, so that the same part is always the same bytes."""
        return TTFont(io.BytesIO(self.data), recalcTimestamp=False)


@cache
def text_face():
    """The face of the text, with digits of one width, its points in UNITS."""
    font = TTFont(FONT, recalcTimestamp=False)
    of_one_width(font)
    scale_upem(font, UNITS)
    return Face(saved(font), layout_features=["kern"])


@cache
def formulas_face():
    """The face of formulas, with its table of mathematics and the larger forms of its brackets."""
    font = saved(TTFont(FORMULAS, recalcTimestamp=False))
    return Face(font, always=" ", layout_features=[], hinting=False)


def saved(font, flavor=None):
    """The font as the bytes of a file: TrueType, or of that flavor."""
    font.flavor = flavor
    font.save(file := io.BytesIO())
    return file.getvalue()


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
