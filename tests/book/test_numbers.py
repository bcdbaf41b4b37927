import json
from decimal import Decimal
from pathlib import Path

import measured
import pytest
import storing
from measured import Claim, Number, claims_of_chapter, claims_of_page, numbers, supports, unsupported, unused
from nbformat.v4 import new_output

from aebook import trained

BOOK = Path(measured.__file__).parents[1]
ROOT = BOOK.parent
CURE = "Print or assert the number in a cell, as precisely, or add it to book/constants.json with its source."
CHAPTERS = storing.chapters(BOOK)
PAGES = sorted([*BOOK.glob("*.md"), *BOOK.glob("*/*.md"), *ROOT.glob("README.md")])

PROSE = {
    # Korean, with particles and counters attached
    "오차는 0.0434로 줄어듭니다.": ["0.0434"],
    "0.0434만 보면 됩니다": ["0.0434"],
    "**0.0434**라는 값": ["0.0434"],
    "학습 이미지 60,000장과 10,000장": ["60,000", "10,000"],
    "숫자 12,544개입니다": ["12,544"],
    "모두 3.5%는 맞고 12%가 틀립니다": ["3.5%", "12%"],
    "3.5 퍼센트는": ["3.5 퍼센트"],
    "학습률은 2e-4입니다": ["2e-4"],
    "6만 장": ["6만"],
    "6만 5천 장, 6만5천": ["6만 5천", "6만5천"],
    "77만 1,425개": ["77만 1,425"],
    "3천 장, 1억 개, 2백만 원": ["3천", "1억", "2백만"],
    "6만 개 중 784개": ["6만"],
    "약0.5초": ["0.5"],
    "2006년에": ["2006"],
    "28×28 픽셀, 784개, 숫자 20개만": [],
    "2019년 9월 24일": ["2019"],
    # English
    "the error falls from 0.0675 to 0.0434.": ["0.0675", "0.0434"],
    "60,000 images, 1000 steps, 32164 parameters": ["60,000", "1000", "32164"],
    "3.5%, 1 % and 84.25 percent": ["3.5%", "1 %", "84.25 percent"],
    "1.8 times; 2.5x; ~0.25s": ["1.8", "2.5", "0.25"],
    "Adam at 2e-4 or 1E-3": ["2e-4", "1E-3"],
    "between 0.1-0.5 and −0.75": ["0.1", "0.5", "0.75"],
    "(0.0434, 0.0235)": ["0.0434", "0.0235"],
    "784, 28×28, MNIST, Conv2d, x86, 20 numbers, 100 epochs": [],
    "layer1000 and fc_1000 and #127734": [],
    "on 2019-09-24, layers 784-1000-500-250-20": [],
    "Python 3.11 or newer, Python ≥ 3.11, PyTorch 2.14, CC BY-SA 3.0, CC BY 4.0": [],
    "matplotlib 3.11.2, jupyter-book>=1.0": [],
    "https://example.org/1000/0.5 and arXiv:1312.6114 and doi:10.1126/science.1127647": [],
    "percentile 5 percentiles": [],
    "0.0374 55%\n16 40% 17": ["0.0374", "55%", "40%"],
    "PyTorch 0.0434, Python 1000": ["0.0434", "1000"],
    # Markdown: what is prose and what is not
    "1. first\n2. second": [],
    "# 1.2 The 0.5 rule\n\n## 3. Next\n\n### 60,000 images": ["0.5", "60,000"],
    "![0.0434 on average](figures/0.0666.svg)": ["0.0434"],
    "[0.5](https://x.org/0.75 'title')": ["0.5"],
    "```python\nx = 0.5\n```\n\n    y = 0.75\n": [],
    '<img src="0.5.svg" width="1000" alt="0.25">\n\n<b style="x: 0.5">0.125</b>': ["0.25", "0.125"],
    "<details><summary>0.5</summary>\n\n0.75\n\n</details>": ["0.5", "0.75"],
    "`lr=0.5` and `torch.zeros(1000)`": [],
    "$0.0434$ and $60{,}000$ and $3.5\\%$ and $\\frac{1}{784}$": ["0.0434", "60,000", "3.5%"],
    "$$\\hspace{0} \\frac{x_1}{2}$$": [],
    "| error | 0.0434 |\n|---|---|\n| images | 60,000 |": ["0.0434", "60,000"],
    ":::{note} At 0.5\n:class: x\nand 0.75\n:::": ["0.5", "0.75"],
    "```{figure} 0.5.svg\n:alt: falls to 0.25\n:width: 1000\nA caption of 0.125.\n```": ["0.25", "0.125"],
    "% a comment of 0.5": [],
    "{ref}`the 0.5 rule <rule-0.75>`": ["0.5"],
    "text[^1]\n\n[^1]: in 2006, 0.5": ["2006", "0.5"],
}


@pytest.mark.parametrize(("text", "expected"), PROSE.items())
def test_measured_numbers_are_found_in_prose_and_nothing_else_is(text, expected):
    assert [claim.number.text for claim in claims_of_page("page", text)] == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6만", 60_000),
        ("6만 5천", 65_000),
        ("77만 1,425", 771_425),
        ("6만 2544", 62_544),
        ("1억 2천만", 120_000_000),
        ("3천", 3_000),
        ("60,000", 60_000),
        ("1,234,567", 1_234_567),
        ("2e-4", "0.0002"),
        ("1.5e3", 1_500),
        ("0.0430", "0.0430"),
        ("3.5%", "3.5"),
    ],
)
def test_a_number_is_read_as_what_it_means(text, value):
    (number,) = numbers(text)
    assert number.value == Decimal(value) and number.percent == text.endswith("%")


SUPPORT = {
    ("0.0434", "0.043"): True,
    ("0.0434", "0.0434"): True,
    ("0.0434", "0.04"): True,
    ("0.04338", "0.0434"): True,
    ("0.0434", "0.044"): False,
    ("0.0434", "0.0435"): False,
    ("0.043", "0.0434"): False,  # the prose would know more than was printed
    ("0.043", "0.0430"): False,
    ("0.0436", "0.043"): False,
    ("4.34e-02", "0.0434"): True,
    ("2.0000e-04", "2e-4"): True,
    ("2", "2.5"): False,
    ("60000", "60,000"): True,
    ("60000", "6만"): True,
    ("60001", "60,000"): False,
    ("59999.7", "60,000"): True,
    ("84.25%", "84%"): True,
    ("84.25%", "84.3%"): True,
    ("84.25%", "84.2%"): True,  # a tie may be rounded either way
    ("84.25", "84%"): False,
    ("84%", "84.0"): False,
    ("0.84", "84%"): False,
}


@pytest.mark.parametrize(("value", "number", "expected"), [(*pair, answer) for pair, answer in SUPPORT.items()])
def test_a_value_supports_a_number_at_the_precision_of_the_prose(value, number, expected):
    assert supports(numbers(value)[0], numbers(number)[0]) is expected


@pytest.mark.parametrize("exact", [0.0, 0.04338, 0.0434, 0.25, 1.005, 0.99951, 1234.5])
def test_a_value_supports_every_rounding_of_itself(exact):
    value = Number(repr(exact), Decimal(repr(exact)))
    for digits in range(value.decimals + 1):
        assert supports(value, numbers(f"{exact:.{digits}f}")[0])
        off = Decimal(f"{exact:.{digits}f}") + Decimal(2) / 10**digits
        assert not supports(value, numbers(f"{off:f}")[0])


@pytest.fixture
def chapter(code, words, notebook):
    """A chapter whose cells print and assert numbers in every way that counts, and show some that do not."""
    shown = [
        new_output("stream", text="test error 0.0434, 60,000 images, 84.5%\n"),
        new_output("display_data", data={"text/plain": "tensor(2.5000e-04)", "image/png": "0.1111"}),
        new_output("display_data", data={"text/html": '<td width="0.2222">0.3333</td><style>0.4444</style>'}),
        new_output("error", ename="RuntimeError", evalue="invalid for input of size 75264", traceback=["0.5555"]),
    ]
    source = "assert error < 0.0675 and words == f'{gap:.1%} of 97.5%', 'not 0.6666'\nlearning_rate = 7e-3"
    return notebook(words("0.0434", "first"), code(source, shown, cell_id="run"))


@pytest.mark.parametrize("text", ["0.0434", "6만 장", "84.5%", "0.00025", "0.3333", "75,264", "0.0675", "97.5%"])
def test_what_a_chapter_prints_or_asserts_is_known(text, chapter):
    values = measured.printed(chapter) + measured.asserted(chapter)
    assert unsupported([Claim("here", number) for number in numbers(text)], values) == []


@pytest.mark.parametrize("text", ["0.1111", "0.2222", "0.4444", "0.5555", "0.6666", "0.007", "0.0676", "84.6%"])
def test_pictures_markup_and_settings_are_not_values(text, chapter):
    values = measured.printed(chapter) + measured.asserted(chapter)
    assert len(unsupported([Claim("here", number) for number in numbers(text)], values)) == 1


def test_inline_code_may_repeat_what_the_code_says_and_prose_may_not(words, chapter):
    chapter.cells.append(words("`lr=7e-3`, 7e-3, `0.0434`, `lr=8e-3`, `torch>=2.6`, `28`, `233 % 10`", "second"))
    claims = claims_of_chapter("ch", chapter)
    values = measured.printed(chapter) + measured.asserted(chapter)
    lines = unsupported(claims, values, measured.literals(chapter))
    assert [line.split(" is not")[0] for line in lines] == ["ch#second: 7e-3", "ch#second: 8e-3"]


def test_a_failure_names_file_cell_number_and_the_closest_value(words, chapter):
    chapter.cells.append(words("오차는 0.0435로", "wrong"))
    claims = claims_of_chapter("book/ko/01.ipynb", chapter)
    assert len(claims) == 2
    (line,) = unsupported(claims, measured.printed(chapter))
    assert line.startswith("book/ko/01.ipynb#wrong: 0.0435 is not among the values of the code (closest: 0.0434)")
    assert "(closest: there are none)" in unsupported(claims, [])[0]


def test_a_claim_of_a_page_names_its_section():
    claims = claims_of_page("book/en/setup.md", "0.5\n\n# Setup\n\n0.25\n\n## On a GPU\n\n0.75")
    assert [(claim.place, claim.number.text) for claim in claims] == [
        ("book/en/setup.md#top", "0.5"),
        ("book/en/setup.md#setup", "0.25"),
        ("book/en/setup.md#on-a-gpu", "0.75"),
    ]


def test_constants_are_numbers_with_a_source_and_other_entries_are_refused(write):
    path = write("constants.json", '{"2006": "a paper", "50%": "a coin"}')
    assert measured.read_constants(path) == [Number("2006", Decimal(2006)), Number("50%", Decimal(50), True)]
    for wrong in ('{"784": "a picture"}', '{"2006": ""}', '{"in 2006": "a paper"}', '{"2006 2007": "papers"}'):
        with pytest.raises(ValueError, match="is not a measured number with its source"):
            measured.read_constants(write("wrong.json", wrong))


def test_a_constant_that_no_prose_uses_is_named():
    constants = numbers("2006 0.5 50%")
    claims = claims_of_page("page", "In 2006, 50% of them.")
    assert unused(constants, claims) == ["0.5"]


def test_every_number_of_the_results_is_a_value_and_a_missing_file_has_none(write, tmp_path):
    results = {"linear": {"mse": [0.02354, -1.5], "ok": True, "share": "84.5%"}, "images": 60000, "tiny": 2e-7}
    path = write("results.json", json.dumps(results))
    found = measured.read_results(path)
    assert [(float(number.value), number.percent) for number in found] == [
        (0.02354, False),
        (1.5, False),
        (84.5, True),
        (60000.0, False),
        (2e-7, False),
    ]
    assert measured.read_results(tmp_path / "absent.json") == []


def named(path):
    return path.relative_to(ROOT).as_posix()


def shared_values():
    return measured.read_constants(BOOK / "constants.json") + measured.read_results(trained.RESULTS)


def claims_of(path):
    if path.suffix == ".ipynb":
        return claims_of_chapter(named(path), storing.read_notebook(path))
    return claims_of_page(named(path), path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_every_measured_number_of_a_chapter_is_printed_or_asserted_in_it(path):
    notebook = storing.read_notebook(path)
    claims = claims_of(path)
    values = measured.printed(notebook) + measured.asserted(notebook) + shared_values()
    lines = unsupported(claims, values, measured.literals(notebook))
    assert claims and not lines, "\n".join(["", *lines, CURE])


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_measured_number_of_a_page_is_printed_or_asserted_in_some_chapter(path):
    notebooks = [storing.read_notebook(chapter) for chapter in CHAPTERS]
    values = [
        value for notebook in notebooks for value in measured.printed(notebook) + measured.asserted(notebook)
    ]
    lines = unsupported(claims_of(path), values + shared_values())
    assert not lines, "\n".join(["", *lines, CURE])


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_a_wrong_number_in_a_chapter_is_found(path, words):
    notebook = storing.read_notebook(path)
    notebook.cells.append(words("오차는 0.123456789로", "wrong"))
    values = measured.printed(notebook) + measured.asserted(notebook) + shared_values()
    lines = unsupported(claims_of_chapter(named(path), notebook), values, measured.literals(notebook))
    assert any(line.startswith(f"{named(path)}#wrong: 0.123456789 is not") for line in lines)


def test_every_shared_constant_is_used_in_some_prose():
    claims = [claim for path in [*CHAPTERS, *PAGES] for claim in claims_of(path)]
    assert unused(measured.read_constants(BOOK / "constants.json"), claims) == []
