"""On a machine without a Korean font every character of every page has its glyph, from the disk and over http."""

import os
import sys
from pathlib import Path

import matplotlib
import pytest
from contents import PAGES
from waking import wake

LATIN = Path(matplotlib.get_data_path(), "fonts", "ttf")  # DejaVu, which has no Hangul
WITH_FORMULAS = [
    "01-linear-autoencoder",
    "02-transposed-convolution",
    "03-convolutional-autoencoder",
    "07-clean-out-of-noisy",
    "09-digits-that-nobody-wrote",
]
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""

# Draws each character in each font that the page sets it in, and compares it with one that no font has. Where the
# page has it in a widget or in a form, that is text as well.
MISSING = r"""async () => {
  await document.fonts.ready;
  const pen = new OffscreenCanvas(40, 40).getContext("2d", { willReadFrequently: true });
  const drawn = (font, character) => {
    pen.clearRect(0, 0, 40, 40);
    pen.font = font;
    pen.fillText(character, 4, 30);
    return new Uint32Array(pen.getImageData(0, 0, 40, 40).data.buffer);
  };
  const said = (one) => ["placeholder", "title"].map((name) => one.getAttribute(name) ?? "");
  const texts = new Map();
  for (const one of document.body.querySelectorAll("*:not(script, style, math, math *)")) {
    const style = getComputedStyle(one), font = `${style.fontWeight} 20px ${style.fontFamily}`;
    const own = [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data);
    const known = texts.get(font) ?? texts.set(font, new Set()).get(font);
    for (const character of [...own, ...said(one)].join("")) known.add(character);
  }
  const missing = [];
  let looked = 0;
  for (const [font, characters] of texts) {
    const none = drawn(font, "\uF0F0");
    for (const character of characters) {
      if (/[\s\p{C}\u2060]/u.test(character)) continue;
      looked += 1;
      if (drawn(font, character).every((pixel, at) => pixel === none[at])) missing.push(character);
    }
  }
  return [looked, missing.join("")];
}"""


# How much of the height of each power lies beside what it stands at; without a font that knows: nothing.
BESIDE = r"""() => [...document.querySelectorAll("msup")].map((one) => {
  const [at, power] = [...one.children].map((part) => part.getBoundingClientRect());
  return (power.bottom - at.top) / power.height;
})"""


@pytest.fixture(scope="module")
def latin(start_browser, tmp_path_factory):
    """A browser that finds no font with Hangul."""
    if not sys.platform.startswith("linux"):
        pytest.skip("a browser takes its fonts from fontconfig on Linux alone")
    folder = tmp_path_factory.mktemp("fonts")
    config = folder / "fonts.conf"
    config.write_text(FONTCONFIG.format(fonts=LATIN, cache=folder / "cache"), encoding="utf-8")
    started = start_browser({**os.environ, "FONTCONFIG_FILE": str(config)})
    yield started
    started.close()


def look(browser, address, name, without=None):
    """How many characters the page shows, counted in each of its fonts, and those that have no glyph."""
    page = browser.new_context(locale="fr").new_page()
    if without:
        page.route(without, lambda route: route.abort())
    page.goto(f"{address}/{name}.html", wait_until="load")
    wake(page)
    found = page.evaluate(MISSING)
    page.context.close()
    return found


@pytest.mark.parametrize("over", ["disk", "http"])
@pytest.mark.parametrize("name", PAGES)
def test_no_glyph_is_missing(latin, site, served, name, over):
    looked, missing = look(latin, served if over == "http" else site.as_uri(), name)
    assert missing == ""
    assert looked > 50


def test_without_the_face_glyphs_are_missing(latin, served):
    _, missing = look(latin, served, "book/ko/index", without="**/face-ko.js*")
    assert {"책", "장"} <= set(missing)


def are_the_pages_own(page, selector):
    """Of all fonts that the browser has taken for the letters of those elements, whether the page brought them."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    found = devtools.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]
    taken = [devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in found]
    return {font["isCustomFont"] for fonts in taken for font in fonts}


@pytest.mark.parametrize("name", [f"book/{lang}/{page}" for lang in ("ko", "en") for page in WITH_FORMULAS])
def test_formulas_have_a_face_of_their_own_in_which_powers_stand_beside_their_base(latin, site, name):
    page = latin.new_page()
    page.goto(f"{site.as_uri()}/{name}.html", wait_until="load")
    page.evaluate("document.fonts.ready")
    own, beside = are_the_pages_own(page, "math :is(mi, mn, mo, mtext)"), page.evaluate(BESIDE)
    page.close()
    assert own == {True}
    assert min(beside) > 0.2
