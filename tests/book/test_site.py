"""The book's Sphinx extensions, each on a book of a page or two; the real book is in tests/browser."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from _ext.aebook_math import mathml
from sphinx.testing.util import SphinxTestApp
from sphinx.util.console import strip_colors

BOX = '<rect width="9" height="9" style="fill: var(--pst-color-text-base, #24292f)"/>'
DRAWING = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30" viewBox="0 0 90 30">{BOX}</svg>'


SETTINGS = {
    "extensions": ["myst_parser", "_ext.aebook_site", "_ext.aebook_math", "_ext.aebook_drawings"],
    "myst_enable_extensions": ["dollarmath"],
    "html_math_renderer": "mathml",
}


@pytest.fixture
def build(tmp_path):
    """A function that writes the files given and builds them; returns its pages' HTML and its warnings."""

    def build(files):
        write(tmp_path, files)
        app = SphinxTestApp("html", srcdir=tmp_path, confoverrides=SETTINGS)
        app.build()
        app.cleanup()
        written = app.outdir.rglob("*.html")
        pages = {page.relative_to(app.outdir).as_posix(): page.read_text(encoding="utf-8") for page in written}
        return pages, strip_colors(app.warning.getvalue())

    return build


def write(folder, files):
    """The files, a first page that lists them, and an empty configuration."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "conf.py").touch()
    listed = "\n".join(page.relative_to(folder).as_posix() for page in sorted(folder.glob("**/[!i]*.md")))
    (folder / "index.md").write_text(f"# first page\n\n```{{toctree}}\n{listed}\n```\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\hat{x} = W_d W_e x", "x^=WdWex"),
        (r"\text{output\_padding} + 1", "output_padding+1"),
        (r"\text{a < b \& c}", "a\xa0<\xa0b\xa0&\xa0c"),
        (r"0 < k \le 20", "0<k≤20"),
        (r"\{1, 2\}", "{1,2}"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a=b=c"),
        (r"\begin{cases} a & b \\ c & d \end{cases}", "{abcd"),
    ],
)
def test_a_formula_becomes_mathml_with_its_characters_in_their_order(latex, text):
    assert "".join(ElementTree.fromstring(mathml(latex)).itertext()) == text


def test_aligned_lines_become_the_rows_of_a_table():
    table = ElementTree.fromstring(mathml(r"\begin{aligned} a &= b \\ &= c \end{aligned}", "block"))
    assert [len(row) for row in table.iter("mtr")] == [2, 2]
    assert table.get("display") == "block"


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\nosuch{x}", r"\nosuch"),
        (r"\text{a \nosuch b}", r"\nosuch"),
        (r"\begin{nosuch} x \end{nosuch}", "unknown environment nosuch"),
        (r"\frac{1}", "mfrac with 1 of its 2 parts"),
        ("x^", "MissingSuperScriptOrSubscriptError"),
        ("{x", "unbalanced braces"),
        ("a & b", "a stray &"),
        ("", "NoAvailableTokensError"),
    ],
)
def test_what_latex2mathml_would_pass_through_in_silence_is_an_error(latex, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        mathml(latex)


def test_a_formula_that_cannot_be_converted_is_a_warning_that_quotes_it_and_is_shown_as_typed(build):
    pages, warnings = build({"page.md": "# t\n\nhere $a < \\nosuch{x}$ and there $b$\n"})
    assert warnings.count("WARNING") == 1
    assert "page.md:3" in warnings
    assert r"a < \nosuch{x}" in warnings
    assert r"<code>a &lt; \nosuch{x}</code>" in pages["page.html"]
    assert '<math display="inline"><mrow><mi>b</mi></mrow></math>' in pages["page.html"]


def test_a_labelled_formula_has_its_number_and_can_be_referred_to(build):
    pages, warnings = build({"page.md": "# t\n\n$$\na\n$$ (energy)\n\nsee {eq}`energy`\n"})
    assert warnings == ""
    assert '<div class="math" id="equation-energy">\n<span class="eqno">(1)</span><math' in pages["page.html"]
    assert 'href="#equation-energy">(1)</a>' in pages["page.html"]


def test_drawings_stand_in_the_page_itself(build):
    page = '# t\n\n![first "one"](a.svg)\n\n![second](b.svg)\n'
    pages, warnings = build({"page.md": page, "a.svg": DRAWING, "b.svg": DRAWING})
    assert warnings == ""
    drawings = re.findall(r'<span class="drawing" role="img" aria-label="(.*?)">(.*?)</span>', pages["page.html"])
    assert [unescape(name) for name, _ in drawings] == ['first "one"', "second"]
    for _, drawing in drawings:
        svg = ElementTree.fromstring(drawing)
        assert (svg.get("width"), svg.get("height"), svg.get("viewBox")) == ("90", None, "0 0 90 30")
        assert svg[0].get("style") == "fill: var(--pst-color-text-base, #24292f)"
    assert "<img" not in pages["page.html"]


@pytest.mark.parametrize(
    ("page", "drawing", "complaint"),
    [
        ("![](a.svg)", DRAWING, "a.svg: drawing with no text that says what it shows"),
        ("![x](a.svg)", DRAWING.replace("viewBox", "data-box"), "a.svg: drawing with no viewBox"),
        (
            "![x](a.svg)",
            DRAWING.replace("<rect", '<rect id="box"'),
            "a.svg: drawing with an id, a class or a style",
        ),
        ("![x](a.svg)", DRAWING.replace("<rect", '<rect class="box"'), "a.svg: drawing with an id, a class or a"),
        ("![x](a.svg)", DRAWING.replace(BOX, f"<style>*{{}}</style>{BOX}"), "a.svg: drawing with an id, a class"),
        ("![x](none.svg)", DRAWING, "none.svg"),
    ],
)
def test_a_drawing_that_is_not_fit_to_show_is_a_warning_that_names_it(build, page, drawing, complaint):
    _, warnings = build({"page.md": f"# t\n\n{page}\n", "a.svg": drawing})
    assert complaint in warnings
    assert "page.md:3" in warnings


def section_ids(page):
    return re.findall(r'<section .*?id="(.*?)">', page)


ENGLISH = "# Setup\n\n## A drawing\n\n### Exercises\n\n## Exercises\n"
KOREAN = "# 준비\n\n## 그림 PCA\n\n### 연습\n\n(here)=\n## 연습\n\n[link](#here)\n"


def test_korean_sections_have_the_ids_of_the_english_ones_and_keep_their_labels(build):
    pages, warnings = build({"book/en/setup.md": ENGLISH, "book/ko/setup.md": KOREAN})
    assert warnings == ""
    korean = pages["book/ko/setup.html"]
    assert section_ids(korean) == ["setup", "a-drawing", "exercises", "id1"]
    assert section_ids(korean) == section_ids(pages["book/en/setup.html"])
    assert korean.count('id="here"') == 1
    assert len(re.findall('id="(.*?)"', korean)) == len(set(re.findall('id="(.*?)"', korean)))


def test_a_korean_page_follows_when_only_the_english_one_changes(build):
    build({"book/en/setup.md": ENGLISH, "book/ko/setup.md": KOREAN})
    pages, warnings = build({"book/en/setup.md": ENGLISH.replace("A drawing", "Two drawings")})
    assert warnings == ""
    assert section_ids(pages["book/ko/setup.html"]) == ["setup", "two-drawings", "exercises", "id1"]


def test_sections_that_do_not_match_are_a_warning(build):
    _, warnings = build({"book/en/setup.md": ENGLISH, "book/ko/setup.md": "# 준비\n"})
    assert "book/ko/setup has 1 sections, book/en/setup has 4" in warnings


def test_a_page_says_its_language_and_links_to_its_other_side_where_there_is_one(build):
    files = {"book/en/setup.md": "# Setup\n", "book/ko/setup.md": "# 준비\n", "book/ko/only.md": "# 하나\n"}
    pages, _ = build(files)
    seen = {
        name: (re.search('<html lang="(.*?)"', page)[1], re.findall('rel="alternate" (.*?) />', page))
        for name, page in pages.items()
    }
    assert seen["book/en/setup.html"] == ("en", ['hreflang="ko" href="../ko/setup.html"'])
    assert seen["book/ko/setup.html"] == ("ko", ['hreflang="en" href="../en/setup.html"'])
    assert seen["book/ko/only.html"] == ("ko", [])
    assert seen["index.html"] == seen["search.html"] == ("en", [])
