"""The book's Sphinx extensions, each on a book of a page or two; the real book is in tests/browser."""

import base64
import io
import re
from html import unescape
from types import SimpleNamespace
from xml.etree import ElementTree

import aebook_site
import pytest
from aebook_figures import fold_drawings
from aebook_fonts import attributes, formulas_face, of_formulas, text_face, usual
from aebook_math import mathml
from aebook_text import align_print
from aebook_theme import description
from aebook_words import SAY, SPHINX
from docutils import nodes
from fontTools.ttLib import TTFont
from sphinx.testing.util import SphinxTestApp
from sphinx.util.console import strip_colors

BOX = '<rect width="9" height="9" style="fill: var(--pst-color-text-base, #24292f)"/>'
DRAWING = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30" viewBox="0 0 90 30">{BOX}</svg>'


SETTINGS = {
    "extensions": [
        "myst_parser",
        "aebook_site",
        "aebook_theme",
        "aebook_sharing",
        "aebook_math",
        "aebook_drawings",
        "aebook_figures",
        "aebook_text",
    ],
    "myst_enable_extensions": ["dollarmath", "colon_fence", "deflist"],
    "html_theme": "aebook",
    "html_math_renderer": "mathml",
}


@pytest.fixture
def build(tmp_path):
    """A function that writes the files given and builds them; returns its pages' HTML and its warnings."""

    def build(files, **settings):
        write(tmp_path, files)
        app = SphinxTestApp("html", srcdir=tmp_path, confoverrides=SETTINGS | settings)
        app.build()
        app.cleanup()
        written = app.outdir.rglob("*.html")
        pages = {page.relative_to(app.outdir).as_posix(): page.read_text(encoding="utf-8") for page in written}
        return pages, strip_colors(app.warning.getvalue())

    return build


def write(folder, files):
    """The files, a first page that lists them, and an empty configuration."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
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
        (r"Q^\top V", "QTV"),
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


@pytest.mark.parametrize(
    ("latex", "spaced"),
    [
        (r"x \log y", "x_log_y"),
        (r"x \log \hat{y}", "x_log_y^"),
        (r"10 \log_{10} \frac{1}{m}", "10_log10_1m"),
        (r"(1 - x) \log(1 - x)", "(1−x)_log(1−x)"),
        (r"a + \operatorname{tr}\left(c\right)", "a+tr(c)"),
        (r"\frac{\log a}{b}", "log_ab"),
    ],
)
def test_the_name_of_a_function_stands_apart_from_what_is_no_sign(latex, spaced):
    formula = ElementTree.fromstring(mathml(latex))
    parts = ["_" if one.tag == "mspace" else one.text or "" for one in formula.iter()]
    assert "".join(parts) == spaced


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


def test_pages_are_built_again_when_what_they_are_made_of_changes_and_else_not(tmp_path, monkeypatch):
    def built():
        app = SphinxTestApp("html", srcdir=tmp_path, confoverrides=SETTINGS | {"html_static_path": ["assets"]})
        app.build()
        app.cleanup()
        return (app.outdir / "index.html").stat().st_mtime_ns, (app.outdir / "_static" / "rule.css").read_text()

    write(tmp_path, {"assets/rule.css": "p { color: red; }"})
    monkeypatch.setattr(aebook_site, "MADE_OF", [tmp_path / "assets"])
    first = built()
    assert built() == first
    (tmp_path / "assets" / "rule.css").write_text("p { color: blue; }")
    time, rule = built()
    assert time > first[0]
    assert rule == "p { color: blue; }"


def test_a_link_names_a_section_by_its_english_id_in_both_languages(build):
    link = "\n[there](setup.md#a-drawing) and [nowhere](setup.md#no-section)\n"
    files = {"book/en/setup.md": ENGLISH, "book/ko/setup.md": KOREAN}
    pages, warnings = build(files | {f"book/{language}/more.md": f"# t\n{link}" for language in ("ko", "en")})
    for language in ("ko", "en"):
        assert 'href="setup.html#a-drawing"' in pages[f"book/{language}/more.html"]
        assert f"local id not found in doc 'book/{language}/setup': 'no-section'" in warnings
    assert warnings.count("WARNING") == 2


def test_sections_that_do_not_match_are_a_warning(build):
    _, warnings = build({"book/en/setup.md": ENGLISH, "book/ko/setup.md": "# 준비\n"})
    assert "book/ko/setup has 1 sections, book/en/setup has 4" in warnings


BOOK = {
    f"book/{language}/{name}.md": f"# {name}\n" for language in ("ko", "en") for name in ("index", "one", "two")
}


def test_a_page_says_its_language_and_links_to_its_other_side_where_there_is_one(build):
    pages, _ = build({**BOOK, "book/ko/only.md": "# 하나\n"})
    seen = {
        name: (re.search('<html lang="(.*?)"', page)[1], re.findall('class="other-language" (.*?)>', page))
        for name, page in pages.items()
    }
    assert seen["book/en/one.html"] == ("en", ['href="../ko/one.html" lang="ko" hreflang="ko"'])
    assert seen["book/ko/one.html"] == ("ko", ['href="../en/one.html" lang="en" hreflang="en"'])
    assert seen["book/ko/only.html"] == ("ko", [])
    assert seen["index.html"] == ("en", [])


@pytest.mark.parametrize("language", SAY)
def test_contents_and_neighbours_stay_in_the_language(build, language):
    pages, _ = build(BOOK)
    order = ["one", "two"]  # as the first page of these tests lists them
    for place, name in enumerate(order):
        page = pages[f"book/{language}/{name}.html"]
        menu = re.search(rf'<nav aria-label="{SAY[language]["contents"]}">(.*?)</nav>', page, re.DOTALL)[1]
        assert re.findall('href="(.*?)"', menu) == ["#" if other == name else f"{other}.html" for other in order]
        assert re.findall('rel="prev" href="(.*?)"', page) == [f"{other}.html" for other in order[:place][-1:]]
        assert re.findall('rel="next" href="(.*?)"', page) == [f"{other}.html" for other in order[place + 1 :][:1]]


ADMONITIONS = ["attention", "caution", "danger", "error", "hint", "important", "note", "seealso", "tip", "warning"]
SPHINX_WRITES = "# 제목\n\n" + "\n".join(f":::{{{kind}}}\n내용\n:::\n" for kind in ADMONITIONS)
SPHINX_WRITES += """
```{glossary}
LANGUAGE
  뜻
```

```{table} 표
| 가 | 나 |
|---|---|
| 다 | 라 |
```

```{figure} a.png
그림
```

```{code-block} python
:caption: 코드
1
```

$$
x
$$ (LANGUAGE)
"""


def test_sphinx_speaks_korean_on_a_korean_page_and_english_on_an_english_one(build):
    pages, warnings = build(
        {
            f"book/{language}/{name}": content
            for language in SAY
            for name, content in {"page.md": SPHINX_WRITES.replace("LANGUAGE", language), "a.png": PIXEL}.items()
        }
    )
    assert warnings == ""
    korean, english = (said_by_sphinx(pages[f"book/{language}/page.html"]) for language in ("ko", "en"))
    assert set(english) == set(SPHINX["ko"])
    assert korean == [SPHINX["ko"][said] for said in english]


def said_by_sphinx(page):
    """The titles of admonitions, and what appears over the signs that stand for an address."""
    article = page[page.index("<article") : page.index("</article>")]
    return [
        said
        for both in re.findall('class="admonition-title">(.*?)<|title="(.*?)"', article)
        for said in both
        if said
    ]


def test_the_tables_of_words_have_the_same_keys():
    assert SAY["ko"].keys() == SAY["en"].keys()
    assert SPHINX.keys() == SAY.keys()
    assert all(said.strip() for words in SAY.values() for said in words.values())


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000003000000020802000000126816f80000000c4944415478da63f8ffff3f0005fe02fea735"
    "81840000000049454e44ae426082"
)


def test_an_image_has_its_size_so_that_the_text_does_not_jump(build):
    pages, _ = build({"page.md": "# t\n\n![a dot](a.png)\n", "a.png": PIXEL})
    assert '<img src="_images/a.png" alt="a dot" width="3" height="2" loading="lazy"' in pages["page.html"]


def test_a_table_has_a_frame_in_which_it_scrolls(build):
    pages, _ = build({"page.md": "# t\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"})
    assert re.search(r'<div class="[^"]*table-frame[^"]*">\s*<table', pages["page.html"])


def test_a_page_is_described_by_whole_sentences_of_its_first_paragraph(build):
    pages, _ = build(
        {"book/ko/one.md": "# 하나\n\n첫 문장 “하나”.\n둘째 <문장>.\n\n다음 문단.\n", "book/en/one.md": "# One\n"}
    )
    assert '<meta name="description" content="첫 문장 “하나”. 둘째 &lt;문장&gt;.">' in pages["book/ko/one.html"]
    assert "description" not in pages["book/en/one.html"]
    assert "<title>하나 — " in pages["book/ko/one.html"]


def test_a_description_is_as_long_as_search_engines_show():
    long = nodes.container("", nodes.paragraph("", "\n".join(["a" * 70] * 4)))
    assert description(long) == " ".join(["a" * 70] * 2)
    assert description(nodes.container("", nodes.paragraph("", "b" * 400))) == "b" * 400


def test_a_host_that_leaves_out_folders_beginning_with_an_underscore_is_told_not_to(build, tmp_path):
    build(BOOK)
    (told,) = tmp_path.rglob(".nojekyll")
    assert (told.parent / "index.html").is_file() and (told.parent / "_static").is_dir()


ABSOLUTE = re.compile('https?:[^"<> ]*')


@pytest.mark.parametrize(
    "base", ["https://example.org", "http://localhost:8000/a/b", "https://ko.example.org/한글/"]
)
def test_every_whole_address_of_a_site_leads_to_a_file_of_it(build, tmp_path, base):
    """On the first page at the root as well, which is a copy of one that lies deeper."""
    first = "# first\n\n<https://elsewhere.org/a//b/../c>\n\n```{toctree}\nko/one\nen/one\n```\n"
    files = {"book/ko/one.md": "# 하나\n", "book/en/one.md": "# One\n", "book/start.md": first, "a.png": PIXEL}
    pages, _ = build(files, root_doc="book/start", html_baseurl=base, html_static_path=["a.png"])
    root = base.rstrip("/") + "/"
    outdir = next(tmp_path.rglob("sitemap.xml")).parent
    (outdir / "_static" / "card.png").touch()
    texts = pages | {"sitemap.xml": (outdir / "sitemap.xml").read_text(encoding="utf-8")}
    for name, text in texts.items():
        found = {unescape(one) for one in ABSOLUTE.findall(text) if "w3.org" not in one and "sitemaps" not in one}
        outside = {one for one in found if not one.startswith(root)}
        assert outside <= {"https://elsewhere.org/a//b/../c"}
        files = [outdir / (one.removeprefix(root) or "index.html") for one in found - outside]
        assert [file for file in files if not file.is_file()] == []
        assert len(files) >= 2 or name in ("genindex.html", "search.html")  # Sphinx's own
    for name in ("index.html", "book/start.html"):
        assert re.findall('rel="canonical" href="(.*?)"', pages[name]) == [root]


def test_a_site_without_an_address_says_none(build, tmp_path):
    pages, _ = build(BOOK)
    assert len(pages) > len(BOOK)
    for page in pages.values():
        assert not re.search("canonical|og:|twitter:|rel=.alternate", page)
    assert not list(tmp_path.rglob("sitemap.xml"))


@pytest.mark.parametrize("base", ["https://example.org/book", "https://example.org/book/"])
def test_a_site_with_an_address_has_alternates_cards_and_a_site_map(build, tmp_path, base):
    pages, _ = build({**BOOK, "book/ko/only.md": "# 하나 & 둘\n"}, html_baseurl=base)
    root = "https://example.org/book/"
    sides = {code: f"{root}book/{code}/one.html" for code in ("ko", "en")} | {"x-default": root}
    for language, locale in (("ko", "ko_KR"), ("en", "en_GB")):
        page = pages[f"book/{language}/one.html"]
        assert dict(re.findall('rel="alternate" hreflang="(.*?)" href="(.*?)"', page)) == sides
        assert f'<link rel="canonical" href="{sides[language]}">' in page
        said = dict(re.findall('<meta property="og:(.*?)" content="(.*?)">', page))
        assert (said["title"], said["url"], said["locale"]) == ("one", sides[language], locale)
        assert said["image"] == f"{root}_static/card.png"
    assert 'content="하나 &amp; 둘"' in pages["book/ko/only.html"]
    sitemap = ElementTree.parse(next(tmp_path.rglob("sitemap.xml"))).getroot()
    listed = {entry[0].text: {side.get("hreflang"): side.get("href") for side in entry[1:]} for entry in sitemap}
    assert listed[root] == {}
    assert listed[sides["ko"]] == listed[sides["en"]] == sides
    assert listed[f"{root}book/ko/only.html"].keys() == {"ko", "x-default"}
    assert len(listed) == len(BOOK) + 2


def test_the_first_page_stands_at_the_root_too_and_its_links_lead_to_the_same_pages(build):
    first = "# first\n\n[here](#first) [한국어](ko/one.md)\n\n```{toctree}\nko/one\n```\n"
    pages, _ = build({"book/ko/one.md": "# 하나\n", "book/start.md": first}, root_doc="book/start")
    assert 'href="book/ko/one.html"' in pages["index.html"]
    assert 'href="#first"' in pages["index.html"]
    assert re.sub('(href|src)=".*?"', "", pages["index.html"]) == re.sub(
        '(href|src)=".*?"', "", pages["book/start.html"]
    )


TYPED = """# 제목

합성곱(convolution)은 `fit()`가 $x$의 일이고, 5 × 5 픽셀의 50%가 “답”이며 N(0, 1)은 `a)가 × b`입니다. (→ t-SNE)
"""


def test_no_line_begins_with_a_particle_and_none_ends_beside_a_times_sign(build):
    pages, _ = build({"book/ko/page.md": TYPED})
    page = re.search("<p>(합성곱.*?)</p>", pages["book/ko/page.html"])[1]
    assert re.search('<span class="together"><math.*?</math>의</span> 일이고', page)  # no joiner holds a formula
    text = re.sub("<.*?>", "", page)
    joined = re.findall("(.)\u2060(.)", text)
    assert joined == [(")", "은"), (")", "가"), ("%", "가"), ("”", "이"), (")", "은"), ("b", "입"), ("t", "-")]
    assert "(→\u00a0t\u2060-\u2060SNE)" in text
    assert "5\u00a0×\u00a05" in text and "a)가 × b" in text  # code stays as it was typed
    assert "N(0,\u00a01)\u2060은" in text


STREAM = """<div class="output stream highlight-myst-ansi notranslate"><div class="highlight"><pre><span></span>{}
</pre></div></div>"""


def test_a_column_behind_names_in_hangul_begins_where_python_put_it():
    lines = [
        "뒤집은 숫자    1 0.84",
        "PCA, 혼합 &amp;  2",
        "PCA            3",
        "    값 하나      4",
        "한 칸 5",
        "가  나  6",
    ]
    context = {"body": STREAM.format("\n".join(lines)) + "<pre>밖  0</pre>"}
    align_print(None, "page", "page.html", context, None)
    wide = dict(re.findall('<span class="field" style="width: ([0-9]+)ch">(.*?)</span>', context["body"]))
    assert wide == {"10": "뒤집은 숫자    ", "11": "PCA, 혼합 &amp;  ", "14": "    값 하나      ", "3": "가  "}
    plain = re.sub("<span class[^>]*>|(?<=  )</span>", "", context["body"])
    assert plain == STREAM.format("\n".join(lines)) + "<pre>밖  0</pre>"  # what is copied is what was printed


def test_heads_in_hangul_end_where_they_were_typed_to_end():
    lines = ["      검증   테스트 차이", "0.1   0.2  0.3", "  하나 2"]
    context = {"body": STREAM.format("\n".join(lines))}
    align_print(None, "page", "page.html", context, None)
    heads = re.findall('<span class="field head" style="width: ([0-9]+)ch">(.*?)</span>', context["body"])
    assert heads == [("4", "검증"), ("6", "테스트"), ("4", "차이")]
    printed = STREAM.format("\n".join(lines))
    assert re.sub("</?span.*?>", "", context["body"]) == re.sub("</?span.*?>", "", printed)


ENTRIES = """# 용어집

## 짜임

### 코드

**code.**
값의 목록입니다.

→ [거기](#terms)

### 층

**layer.**
단위입니다.
"""


def test_the_glossary_is_a_list_of_terms_with_their_translations_at_the_anchors_they_had(build):
    english = "# Terms\n\n## Parts\n\n### code\n\n**코드.**\nx\n\n### layer\n\n**층.**\ny\n"
    pages, _ = build({"book/ko/glossary.md": ENTRIES, "book/en/glossary.md": english})
    (terms,) = re.findall('<dl class="glossary.*?">(.*?)</dl>', pages["book/ko/glossary.html"], re.DOTALL)
    found = re.findall(
        '<dt id="(.*?)">(.*?)<span class="translation">(.*?)</span>.*?<dd><p>(.*?)</p>', terms, re.DOTALL
    )
    assert found == [("code", "코드", "code", "값의 목록입니다."), ("layer", "층", "layer", "단위입니다.")]
    assert "<h3" not in pages["book/ko/glossary.html"]


def test_chapters_are_numbered_and_stand_before_the_other_pages(build):
    names = ["01-first", "02-second", "setup", "index"]
    pages, _ = build({f"book/{language}/{name}.md": f"# {name}\n" for language in ("ko", "en") for name in names})
    menu = re.search('<nav aria-label="Contents">(.*?)</nav>', pages["book/en/setup.html"], re.DOTALL)[1]
    chapters, rest = re.findall("<(?:ol|ul) .*?</(?:ol|ul)>", menu, re.DOTALL)
    assert re.findall('data-number="(.*?)".*?>(.*?)</a>', chapters) == [("1", "01-first"), ("2", "02-second")]
    assert re.findall(">([^<>]+)</a>", rest) == ["setup"]


def cell(source, *shown, classes=()):
    """A code cell of a notebook as MyST-NB leaves it."""
    code = nodes.container("", nodes.literal_block(source, source), nb_element="cell_code_source")
    output = nodes.container("", *shown, nb_element="cell_code_output")
    return nodes.container("", code, output, nb_element="cell_code", classes=list(classes))


IMAGE = nodes.image(uri="a.png")
PRINTED = nodes.literal_block("1", "1")


@pytest.mark.parametrize(
    ("made", "folded"),
    [
        (cell("figures.digits(images[:30])", IMAGE), True),
        (cell("figures.pairs(some,\n  reconstruct(model, some))", IMAGE), True),
        (cell("x = 1\nfigures.digits(x)", IMAGE), False),
        (cell("x = 1\nfigures.digits(x)", IMAGE, classes=["tag_draws"]), True),
        (cell("figures.digits(images)", IMAGE, PRINTED), False),
        (cell("figures.digits(images)"), False),
        (cell("model.digits(images)", IMAGE), False),
        (cell("%matplotlib inline", IMAGE), False),
    ],
)
def test_code_that_only_draws_is_folded_behind_its_figure(made, folded):
    made = made.deepcopy()
    code, output = made.children
    application = SimpleNamespace(builder=SimpleNamespace(format="html"), config=SimpleNamespace(language="en"))
    fold_drawings(application, nodes.container("", made), "book/ko/page")
    assert (made.index(code) > made.index(output)) == folded
    raw = "".join(node.astext() for node in made.findall(nodes.raw))
    assert ("<details" in raw and f">{SAY['ko']['drawn_by']}<" in raw) == folded


def test_a_face_holds_the_characters_that_are_shown_in_all_its_weights():
    font = TTFont(io.BytesIO(base64.b64decode(text_face().packed({"가", "A", "←", "\U0001f600"}))))
    assert set(font.getBestCmap()) == {ord("가"), ord("A"), ord("←")}
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 400, 600)


def test_the_digits_of_a_face_are_as_wide_as_each_other():
    font = TTFont(io.BytesIO(base64.b64decode(text_face().packed(set("0123456789A")))))
    assert len({font["hmtx"][font.getBestCmap()[ord(digit)]][0] for digit in "0123456789"}) == 1


def test_a_face_of_formulas_holds_their_letters_upright_and_slanted_and_the_table_that_places_powers():
    shown = of_formulas(f"<p>no</p>{mathml('x^h')}<i>nor</i>{mathml(chr(92) + 'epsilon')}")
    assert shown == set("xhϵ𝑥ℎ𝜖")
    assert of_formulas(mathml(chr(92) + "sqrt{2}")) == set("2√")
    font = TTFont(io.BytesIO(base64.b64decode(formulas_face().packed(shown))))
    assert set(font.getBestCmap()) == set(map(ord, shown | {" "}))
    assert font["MATH"].table.MathConstants.SuperscriptShiftUp.Value > 0
    said = attributes(text_face(), set(), formulas_face(), shown)
    assert said == f' data-formulas="{formulas_face().packed(shown)}"'


def test_what_half_of_the_pages_show_is_common_and_a_page_says_which_characters_are_its_own():
    assert usual([set("가나"), set("가다"), set("라나"), set("마")]) == set("가나")
    letters, signs = text_face(), formulas_face()
    said = attributes(letters, {"나", "가", "\U0001f600"}, signs, set())
    assert re.search('data-range="(.*?)"', said)[1] == "U+AC00,U+B098"
    font = TTFont(io.BytesIO(base64.b64decode(re.search('data-own="(.*?)"', said)[1])))
    assert set(font.getBestCmap()) == {ord("가"), ord("나")}
    for nothing in ({"\U0001f600"}, set()):
        assert attributes(letters, nothing, signs, set()) == ""
