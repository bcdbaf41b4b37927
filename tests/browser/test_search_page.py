"""The search pages: every query of ``search_queries.json`` finds what it should, from the disk and over http.

A query there stands under the rule that it is about, with the page it must find and, after #, the section.
"""

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import axe
import pytest
from aebook_search import tidy
from contents import CHAPTERS, in_language, language_of
from playwright.sync_api import expect
from rjsmin import jsmin

QUERIES = json.loads((Path(__file__).parents[1] / "search_queries.json").read_text(encoding="utf-8"))
FIRST = 3  # the place has to be shown on one of so many pages
NAMES = {"ko": "한국어", "en": "English"}
ASK = """queries => JSON.stringify(queries.map(query => {
  const field = document.querySelector(".search-form input");
  field.value = query;
  field.dispatchEvent(new Event("input"));
  return [...document.querySelectorAll(".search-results > li")].map(page => ({
    language: page.lang,
    badge: page.querySelector(".badge").checkVisibility() ? page.querySelector(".badge").textContent : null,
    links: [...page.querySelectorAll(":scope > h2 a, :scope > ul a")].map(link => link.href),
    excerpts: [...page.querySelectorAll(":scope > ul p")].map(excerpt => excerpt.textContent),
    marks: [...page.querySelectorAll("mark")].map(mark => mark.textContent),
  }));
}))"""


def search_all(page, queries):
    """What the search page answers to each query, asked one after another without being painted in between."""
    return json.loads(page.evaluate(ASK, queries))


def search(page, query):
    """What the search page answers: the pages it names, in their order."""
    return search_all(page, [query])[0]


def found(results, place, language):
    """Whether the place is among the links shown of the first results."""
    name, _, anchor = place.partition("#")
    wanted = address(name if "/" in name else f"{language}/{name}") + (f"#{anchor}" if anchor else "")
    return any(link.endswith(wanted) for result in results[:FIRST] for link in result["links"])


def address(name):
    return f"/book/{name}.html"


# Each query of a language with the place it should find.
ASKED = {language: [pair for rule in QUERIES[language].values() for pair in rule.items()] for language in NAMES}


def missed(answers, language):
    """The queries of that language that, so answered, do not find what they should."""
    asked = zip(ASKED[language], answers, strict=True)
    return [query for (query, place), results in asked if not found(results, place, language)]


@pytest.fixture
def search_page(open_page):
    """A function that opens the search page of a language."""
    return lambda language, *rest, **named: open_page(f"book/{language}/search", *rest, **named)


@pytest.fixture(scope="module", params=NAMES)
def answered(request, visit_once, site):
    """Each language, its page from the disk, and what that answers to every query of the language."""
    page = visit_once(f"book/{request.param}/search", site.as_uri()).page
    return request.param, page, search_all(page, [query for query, _ in ASKED[request.param]])


def test_the_queries_are_many_and_each_rule_has_some():
    counts = {language: sum(map(len, rules.values())) for language, rules in QUERIES.items()}
    assert counts["ko"] >= 60
    assert counts["en"] >= 20
    assert all(queries for rules in QUERIES.values() for queries in rules.values())


def test_every_query_finds_its_place_from_the_disk(answered):
    language, _, answers = answered
    assert missed(answers, language) == []


@pytest.mark.parametrize("language", NAMES)
def test_every_query_finds_its_place_over_http(search_page, served, language):
    answers = search_all(search_page(language, served), [query for query, _ in ASKED[language]])
    assert missed(answers, language) == []


@pytest.mark.parametrize("language", NAMES)
def test_every_heading_of_several_words_finds_its_section_and_a_title_its_page_first(search_page, language):
    page = search_page(language)
    asked = []
    texts = [text for text in page.evaluate("window.aebookTexts") if text["language"] == language]
    often = Counter(section["heading"] for text in texts for section in text["sections"])
    for text in texts:
        name = text["page"].removeprefix("book/")
        for number, section in enumerate(text["sections"]):
            if number and (" " not in section["heading"] or often[section["heading"]] > FIRST):
                continue  # one word, such as "Training", stands in many a heading; "연습 문제" in many a chapter
            asked.append((section["heading"], name, f"#{section['anchor']}" if number else ""))
    answers = search_all(page, [heading for heading, _, _ in asked])
    for (heading, name, anchor), results in zip(asked, answers, strict=True):
        assert found(results, name + anchor, language), heading
        assert anchor or results[0]["links"][0].endswith(address(name))
    assert len(asked) > 40


# A piece of search.js, what stands there when its rule is left out, and a query that the rule is for.
RULES = [
    ('word.replace(KOREAN_ENDING, "")', "word", "주성분들의"),
    ("word.match(ENGLISH_STEM)", "null", "bottlenecks"),
    ("/[은는을를]$/.test(word) || ", "", "디코더의 크기를 정하는 법"),
    ('.replace(/[가-힣]/g, " ?$&")', "", "출력패딩"),
    ("? [row, ...words] : words", "? words : words", "검증 이미지"),
    ("? 4 : 2;", "? 4 : 0;", "합성"),
    ("inside ? 1", "inside ? 0", "벡터"),
    ("grade < 4 && ", "false && ", "디코더 출력 23 24"),
    ("(holds(term) || holds(terms[0]))", "holds(term)", "주 성분"),
    ("* (1 + Math.log2(worths.length) / 4)", "", "row"),
    ("+ (title ? 8 : 4) * sum(inHeading)", "", "정오표"),
    ("Math.log(1 + sections.length / (term.worths.size || 1))", "1", "what are the principal components"),
    (")) / 2;", ")) - 0.5;", "디코더의 크기를 정하는 법"),
]


@pytest.mark.parametrize(("piece", "left_out", "query"), RULES, ids=[query for _, _, query in RULES])
def test_a_query_is_missed_when_its_rule_is_left_out(search_page, site, piece, left_out, query):
    source, piece = (site / "_static" / "search.js").read_text(encoding="utf-8"), jsmin(piece)
    assert source.count(piece) == 1
    language, place = next(
        (code, rule[query]) for code, rules in QUERIES.items() for rule in rules.values() if query in rule
    )
    page = search_page(language)
    assert found(search(page, query), place, language)
    page.add_script_tag(content=source.replace(piece, left_out))  # it listens too, and has the last word
    assert not found(search(page, query), place, language)


@pytest.mark.parametrize(
    ("query", "name"), [("방법", "ko/setup"), ("output_padding", "ko/02-transposed-convolution")]
)
def test_a_page_about_it_comes_before_pages_that_mention_it(search_page, query, name):
    results = search(search_page("ko"), query)
    assert results[0]["links"][0].endswith(address(name))
    assert len(results) > 2


@pytest.fixture(scope="module")
def with_rare_words(visit_once, site):
    """The Korean search page over a text that has words more."""
    page = visit_once("book/ko/search", site.as_uri()).page
    page.evaluate("window.aebookTexts[0].sections[0].text += ' Poincaré, 1e−3, ×2, output_padding'")
    return page


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("Hinton", "Hinton은"),
        ("ConvTranspose2d", "ConvTranspose2d에서는"),
        ("전치 합성곱", unicodedata.normalize("NFD", "전치 합성곱")),
        ("output_padding", "  OUTPUT padding!"),
        ("output_padding", "ｏｕｔｐｕｔ＿ｐａｄｄｉｎｇ"),
        ("output padding", "output\u2011padding"),
        ("output padding", "“output” — ‘padding’"),
        ("output padding", "out\u00adput\u3000pad\u200bding"),
        ("ConvTranspose2d", "ＣｏｎｖＴｒａｎｓｐｏｓｅ２ｄ"),
        ("ConvTranspose2d", "ConvTranspose２d에서는"),
        ("28x28", "28×28"),
        ("28x28", "28 × 28"),
        ("28x28", "28 X 28"),
        ("28x28", "２８ｘ２８"),
        ("28x28", "28✕28은"),
        ("2x", "×2"),
        ("2x", "2×"),
        ("1e-3", "1e−3"),
        ("PCA", "ＰＣＡ를"),
        ("Poincare", "Poincaré"),
        ("손실", "손실ㅇ"),
        ("손실", "\ufeff손실\ud800🙂"),
    ],
)
def test_what_is_typed_otherwise_finds_the_same(with_rare_words, query, same):
    results, again = search_all(with_rare_words, [query, same])
    assert results
    assert again == results


WRITE = """text => {
  const write = (section) => Object.assign(section, { heading: "", text });
  aebookTexts.forEach(({ sections }) => sections.forEach(write));
}"""

# Pieces of text that are written in more than one way, or hardly at all; each is looked for in a text of its own.
ASIDE = ["28 × 28", "28×28", "1 × 28 × 28", "×2", "2 ×", "x2", "stride=2", "½", "x²", "x̂", "H₂O", "30 ℃", "１／２"]
WIDE = ["ＰＣＡ", "２８", "ﾃﾞｺｰﾀﾞ", "ﬁne ﬂow", "㈜", "㎜", "①", "Ⅳ", "Ａ１", "ｃｏｄｅ，size", "𝑥𝟏", "ª"]
LETTERS = [
    "Poincaré",
    "İstanbul",
    "STRASSE",
    "ΟΔΟΣ",
    "σ",
    "λ₁",
    "漢字",
    "кот",
    "ça",
    "naïve",
    "Ångström",
]
SIGNS = [
    "a‐b",
    "a−b",
    "don’t",
    "“코드”",
    "co\u00adde",
    "e\u200bf",
    "g\ufe0f1",
    "코드…",
    "\ud800a",
    "b\udc00",
    "1e−3",
    "a_b",
]
HANGUL = [
    "전치 합성곱",
    unicodedata.normalize("NFD", "전치 합성곱"),
    "손실은",
    "28×28은",
    "ㄱ a",
    "각",
    "2배",
    "층",
    "Adam을",
]
NO_WORDS = [
    "()",
    "…",
    "🙂",
    "👩‍💻",
    "%",
    "  ",
    "\u3000",
    "\ud800",
    "\udc00\ud800",
    "ㅅ",
    "−",
    "“”",
    "\\",
    "<b>"[0],
    "\0",
    "×",
]


@pytest.mark.parametrize("language", NAMES)
def test_whatever_is_written_is_found_as_it_is_written(search_page, language):
    """The text as the build stores it, the query as it is typed: both sides have to think the same alike."""
    page = search_page(language)
    missed = []
    for text in [*ASIDE, *WIDE, *LETTERS, *SIGNS, *HANGUL]:
        page.evaluate(WRITE, tidy(f"here ({text}) there"))
        forms = [unicodedata.normalize(form, text) for form in ("NFKC", "NFD")]
        queries = list({text, text.upper(), *forms})
        answers = search_all(page, queries)
        missed += [(text, query) for query, results in zip(queries, answers, strict=True) if not results]
    assert missed == []


@pytest.mark.parametrize(
    ("language", "said"), [("ko", "낱말이나 숫자를 입력하세요."), ("en", "Type a word or a number.")]
)
def test_what_holds_no_word_is_answered_by_a_sentence(search_page, language, said):
    page = search_page(language)
    for query in NO_WORDS:
        assert search(page, query) == [], query
        expect(page.get_by_role("status")).to_have_text(said)


LONG = {
    "가" * 10_000: 0,
    "a" * 10_000: 0,
    "합성곱" * 5000: 0,
    "ed" * 10_000: 0,
    "1x" * 10_000: 0,
    "x" * 10_000 + " 손실": 1,
    "손실 " * 5000: 1,
    " ".join(f"w{number}" for number in range(3000)): 0,
    "(" * 100_000: None,
}


def test_a_query_of_any_length_is_answered(visit, site):
    opened = visit("book/ko/search", site.as_uri())
    for query, finds in LONG.items():
        results = search(opened.page, query)
        assert bool(results) == bool(finds), query[:20]
        said = {None: "입력하세요", 0: "없습니다", 1: "찾았습니다"}[finds]
        expect(opened.page.get_by_role("status")).to_contain_text(said)
    assert opened.complaints == []


@pytest.mark.parametrize(
    "query", ["q=%", "q=%E0%A4%A", "q=%ED%A0%80", "%", "q=a&q=%00", "q=" + "%EA%B0%80" * 3000]
)
def test_an_address_that_cannot_be_read_is_answered_too(visit, served, query):
    opened = visit(f"book/en/search.html?{query}#100%", served)  # and .html behind it
    assert opened.complaints == []
    results = search(opened.page, "PCA")
    assert results and opened.complaints == []


def test_a_page_that_lacks_half_of_the_words_is_left_out(search_page):
    page = search_page("ko")
    assert len(search(page, "합성곱")) > 1
    assert len(search(page, "합성곱 서랍")) == 1


@pytest.fixture(scope="module")
def written_over(visit_once, site):
    """The Korean search page, whose texts each test writes over before it asks."""
    return visit_once("book/ko/search", site.as_uri()).page


@pytest.mark.parametrize(
    ("query", "whole", "inside"),
    [
        ("층을", "층은", "층층이"),
        ("20", "k=20", "200"),
        ("20", "20개", "120"),
        ("in", "in", "inside"),
        ("a", "(a)", "an"),
        ("x", "x", "2 × 2"),
        ("2x", "×2", "12x"),
        ("2x", "2 ×", "x28"),
        ("λ", "λ", "λσ"),
    ],
)
def test_a_syllable_a_number_or_two_letters_are_found_as_whole_words_only(written_over, query, whole, inside):
    written_over.evaluate(WRITE, f"here {inside} there")
    assert search(written_over, query) == []
    written_over.evaluate(WRITE, f"here {whole} there")
    assert search(written_over, query)


@pytest.mark.parametrize("language", NAMES)
def test_the_readers_language_comes_first_and_the_other_one_is_marked(search_page, language):
    page = search_page(language)
    for query in ("ConvTranspose2d", "PCA", "MNIST"):
        results = search(page, query)
        languages = [result["language"] for result in results]
        assert set(languages) == set(NAMES)
        assert languages == sorted(languages, key=lambda other: other != language)
        for result in results:
            assert result["badge"] == (None if result["language"] == language else NAMES[result["language"]])


def test_an_excerpt_shows_what_was_found(answered):
    language, page, answers = answered
    for (query, _), results in zip(ASKED[language], answers, strict=True):
        for result in results:
            assert result["marks"], query
            assert all(len(excerpt) < 300 for excerpt in result["excerpts"])
    (first, *_) = search(page, "eigenvalue")
    assert any("eigenvalue" in excerpt for excerpt in first["excerpts"])


def test_places_beyond_the_first_are_folded(search_page):
    page = search_page("ko")
    search(page, "오토인코더")
    folded = page.locator(".search-results details").first
    expect(folded.locator("li").first).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.locator("li").first).to_be_visible()
    count = int(re.search(r"\d+", folded.locator("summary").inner_text())[0])
    assert folded.locator("li").count() == count


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ko", ["2개 페이지에서 찾았습니다.", "1개 페이지에서 찾았습니다.", "찾는 말이 이 책에 없습니다."]),
        ("en", ["Found on 2 pages.", "Found on 1 page.", "Nothing in this book matches."]),
    ],
)
def test_it_says_how_much_was_found_in_the_pages_language(search_page, language, said):
    page = search_page(language)
    for query, expected in zip(["Bourlard", "합성곱 서랍", "qqq"], said, strict=True):
        search(page, query)
        expect(page.get_by_role("status")).to_contain_text(expected)
    search(page, "")
    expect(page.get_by_role("status")).to_be_empty()


@pytest.mark.parametrize("name", [in_language(CHAPTERS[-1], language) for language in NAMES])
@pytest.mark.parametrize("over_http", [False, True], ids=["file", "http"])
def test_a_search_from_a_page_stays_in_its_language_and_goes_to_the_section(open_page, served, name, over_http):
    page = open_page(name, served if over_http else None)
    form = page.locator("form[action$='search.html']").first
    form.evaluate("form => { form.querySelector('[name=q]').value = 'Bourlard'; form.requestSubmit(); }")
    expect(page.locator("html")).to_have_attribute("lang", language_of(name))
    expect(page.get_by_role("searchbox").last).to_have_value("Bourlard")
    page.locator(".search-results ul a").first.click()
    expect(page.locator("#papers")).to_be_in_viewport()
    assert page.url.endswith(f"{name}.html#papers")


def test_the_address_holds_the_query_and_the_other_language_takes_it_along(search_page):
    page = search_page("ko")
    results = search(page, "겹치는 도장 & <b>")
    assert page.url.endswith("/ko/search.html?q=" + quote("겹치는 도장 & <b>").replace("%20", "+"))
    page.reload()
    assert search(page, page.locator(".search-form input").input_value()) == results
    page.get_by_role("link", name="English", exact=True).first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".search-form input")).to_have_value("겹치는 도장 & <b>")
    expect(page.locator(".search-results > li").first).to_have_attribute("lang", "ko")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", NAMES)
def test_everybody_can_use_the_results(search_page, language, scheme):
    page = search_page(language, color_scheme=scheme)
    for query in ("체커보드", "checkerboard", "ConvTranspose2d", "qqq"):
        search(page, query)
        assert axe.violations(page.locator("html")) == []


@pytest.mark.parametrize("language", NAMES)
def test_without_scripts_it_says_what_it_lacks(search_page, language):
    page = search_page(language, java_script_enabled=False)
    expect(page.locator("article noscript p")).to_be_visible()
