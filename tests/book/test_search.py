"""The text that the search looks through, and the search pages; how well it finds is in tests/browser."""

import json
import re
import unicodedata
from pathlib import Path

import aebook_search
import pytest
from aebook_words import SAY
from docutils import nodes
from docutils.utils import new_document
from sphinx.testing.util import SphinxTestApp

ASSETS = Path(__file__).parents[2] / "book" / "assets"
SETTINGS = {
    "extensions": ["myst_parser", "aebook_site", "aebook_theme", "aebook_math", "aebook_search"],
    "myst_enable_extensions": ["dollarmath"],
    "html_theme": "aebook",
    "html_math_renderer": "mathml",
    "html_static_path": [str(ASSETS)],
}
PAGE = r"""# Setup

Two lines,
*one* [paragraph](#code) with `code`.

% a comment
![a picture](a.png)
<b>raw</b>

(code)=
## Code

$$
\frac{a}{b}
$$

```python
print("a  b")
```

### A part

- its $x_1$ text
"""
TEXTS = [
    ("setup", "Setup", "Two lines, one paragraph with code. raw"),
    ("code", "Code", 'ab print("a b")'),
    ("a-part", "A part", "its x1 text"),
]


def texts_in(folder):
    """What the script file of the built pages holds."""
    script = (folder / "_static" / aebook_search.TEXTS).read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r"window\.aebookTexts = (.*);\n", script)[1])


@pytest.fixture
def build(tmp_path):
    """A function that builds pages in both languages and returns the folder they are in."""

    def build(**files):
        (tmp_path / "conf.py").touch()
        for language in ("en", "ko"):
            (tmp_path / "book" / language).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (tmp_path / "book" / f"{name.replace('_', '/')}.md").write_text(text, encoding="utf-8")
        listed = "\n".join(f"book/{name.replace('_', '/')}" for name in files)
        (tmp_path / "index.md").write_text(f"# First\n\n```{{toctree}}\n{listed}\n```\n", encoding="utf-8")
        app = SphinxTestApp("html", srcdir=tmp_path, confoverrides=SETTINGS)
        app.build()
        app.cleanup()
        return app.outdir

    return build


def test_a_section_has_its_own_text_as_the_page_shows_it(build):
    (page,) = texts_in(build(en_setup=PAGE))
    assert (page["page"], page["language"]) == ("book/en/setup", "en")
    found = [tuple(section.values()) for section in page["sections"]]
    assert found == TEXTS


def test_a_page_that_has_not_changed_stays_in_the_text(build):
    build(en_setup=PAGE, ko_setup=PAGE)
    pages = texts_in(build(en_setup="# Setup\n\nnew\n", ko_setup=PAGE))
    assert [(page["page"], page["sections"][0]["text"]) for page in pages] == [
        ("book/en/setup", "new"),
        ("book/ko/setup", TEXTS[0][2]),
    ]


def test_hangul_typed_as_single_letters_is_put_together(build):
    (page,) = texts_in(build(ko_setup=unicodedata.normalize("NFD", "# 준비\n\n전치 합성곱\n")))
    assert page["sections"][0]["heading"] == "준비"
    assert page["sections"][0]["text"] == "전치 합성곱"


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("ＣＮＮ　２８", "CNN 28"),
        ("ﾃﾞｺｰﾀﾞ ﬁne ½ ㎜ ㈜", "デコーダ fine 1⁄2 mm (주)"),
        ("co\u00adde e\u200bf x\u0302 \ufeffg\ufe0f", "code ef x g"),
        ("28 × 28 − x² … “Poincaré”", "28 × 28 − x² … “Poincaré”"),
        ("a\ud800b 🙂", "a\ufffdb 🙂"),
    ],
)
def test_a_text_is_stored_as_it_reads_in_characters_that_can_be_compared_one_by_one(text, tidied):
    assert aebook_search.tidy(text) == tidied


def test_of_an_output_only_what_the_page_shows_is_text():
    document = new_document("page")
    section = nodes.section("", nodes.title("", "Outputs"), ids=["outputs"])
    document += section
    for kinds in (["text/plain"], ["image/png", "text/plain"], ["text/html", "text/plain"]):
        bundle = nodes.container(nb_element="mime_bundle")
        for kind in kinds:
            text = f"\x1b[31m{kind}\x1b[0m beside {len(kinds) - 1}"
            bundle += nodes.container("", nodes.literal_block(text, text), mime_type=kind)
        section += bundle
    assert aebook_search.sections(document)[0]["text"] == "text/plain beside 0"


def test_a_page_leads_to_the_search_page_of_its_language_and_those_to_each_other(build):
    folder = build(en_setup=PAGE, ko_setup=PAGE)
    assert not (folder / "search.html").exists()
    assert not (folder / "searchindex.js").exists()
    for page in folder.glob("book/*/*.html"):
        text, language = page.read_text(encoding="utf-8"), page.parent.name
        other = {"ko": "en", "en": "ko"}[language]
        assert f'<html lang="{language}"' in text
        assert re.findall('<form role="search" action="(.*?)"', text) == [
            "#" if "search" in page.name else "search.html"
        ]
        if page.name == "search.html":
            assert f"<h1>{SAY[language]['search']}</h1>" in text
            assert f'<a class="other-language" href="../{other}/search.html"' in text


def test_only_the_search_pages_load_the_text(build):
    folder = build(en_setup=PAGE, ko_setup=PAGE)
    loading = {page.relative_to(folder).as_posix() for page in folder.rglob("*.html") if "search" in scripts(page)}
    assert loading == {"book/en/search.html", "book/ko/search.html"}


def scripts(page):
    """The addresses of the scripts that a page loads."""
    return " ".join(re.findall(r'<script[^>]*src="(.*?)"', page.read_text(encoding="utf-8")))


def test_every_section_of_the_book_is_in_the_text_under_its_own_anchor(site):
    pages = texts_in(site)
    assert len(pages) > 8
    for page in pages:
        html = (site / f"{page['page']}.html").read_text(encoding="utf-8")
        assert [section["anchor"] for section in page["sections"]] == re.findall(
            r'<(?:section|dt) [^>]*?id="(.*?)"', html
        )
        for section in page["sections"]:
            assert section["heading"]
            assert not re.search(r"\x1b|<Figure|\\frac|<div", section["text"])
