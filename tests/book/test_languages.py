import json
import shutil
import subprocess
import sys

import comparing
import languages
import nbformat
import pytest
from jupyter_book.config import get_final_config
from nbformat.v4 import new_output
from reading import PARSER, SITE, read_sections

BOOK = languages.BOOK

KOREAN = """# 데이터

숫자 $x_{\\text{정확}} = 0.5$와 6만 장의 그림, 오차는 **0.0434**로 3.5 %입니다.
![손글씨](figures/digits.svg) [출처](../references.md#mnist)

```python
print("가")  # 인쇄
```
"""
ENGLISH = """# The data

The error is 0.0434, or 3.5%, over 60,000 pictures, where $x_{\\text{exact}} = 0.5$.
See [the source](../references.md#mnist). ![digits](figures/digits.svg)

```python
print("a")
```
"""
KOREAN_CODE = """language = "ko"
# 손실을 그립니다
plot(losses, title="손실", label=f"오차 {loss:.3f}, {epochs} 에폭", color="black", size=3)"""
ENGLISH_CODE = """language = "en"
plot(losses, title="loss", label=f"{epochs} epochs, error {loss:.3f}", color="black", size=3)  # draw"""
KOREAN_PAGE = "# 준비\n\n설치합니다.\n\n## CPU\n\n약 2.5분입니다.\n\n```sh\nmake book  # 짓기\n```\n"
ENGLISH_PAGE = "# Setup\n\nInstall.\n\n## CPU\n\nAbout 2.5 minutes.\n\n```sh\nmake book\n```\n"
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><title>{title}</title>
<style>rect {{ fill: red }}</style><rect width="{width}" height="2"/><text x="{x}" y="5"
class="{kind}">{words}</text>
</svg>"""


@pytest.fixture
def book(tmp_path, code, words, notebook):
    """A book of one chapter, one page and one drawing in both languages, all of it looked at."""
    sides = {
        "ko": (
            KOREAN,
            KOREAN_CODE,
            KOREAN_PAGE,
            SVG.format(title="그림", width=1, x=2, kind="a", words="코드 1,000"),
        ),
        "en": (
            ENGLISH,
            ENGLISH_CODE,
            ENGLISH_PAGE,
            SVG.format(title="x", width=1, x=3, kind="a", words="code 1000"),
        ),
    }
    for language, (text, source, page, drawing) in sides.items():
        folder = tmp_path / language
        (folder / "figures").mkdir(parents=True)
        cells = [
            words(text, "data", tags=["t"]),
            code(source, [new_output("stream", text="0.0434\n")], cell_id="plot"),
            words("끝" if language == "ko" else "The end", "end"),
        ]
        nbformat.write(notebook(*cells), folder / "01-chapter.ipynb")
        (folder / "setup.md").write_text(page, encoding="utf-8")
        (folder / "figures" / "digits.svg").write_text(drawing, encoding="utf-8")
    assert languages.main(["looked-at", "all"], tmp_path) == 0
    return tmp_path


def rewrite(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text)
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    change(notebook, cells)
    nbformat.write(notebook, path)


def replace_in(cell_id, old, new):
    """A change of one cell's source."""

    def change(notebook, cells):
        assert cells[cell_id].source.count(old) == 1
        cells[cell_id].source = cells[cell_id].source.replace(old, new)

    return change


def test_two_languages_that_agree_are_silent(book, capsys):
    assert languages.problems(book) == []
    assert languages.main([], book) == 0
    assert "agree in 5 places" in capsys.readouterr().out


def test_digests_of_both_texts_lie_in_the_korean_cells_and_in_one_file_for_pages(book):
    sides = [nbformat.read(book / side / "01-chapter.ipynb", as_version=4) for side in ("ko", "en")]
    for korean, english in zip(*(side.cells for side in sides), strict=True):
        digests = {"ko": languages.digest(korean.source), "en": languages.digest(english.source)}
        assert korean.metadata["aebook"] == digests and "aebook" not in english.metadata
    reviewed = json.loads((book / "reviewed.json").read_text(encoding="utf-8"))
    assert {page: list(sections) for page, sections in reviewed.items()} == {"setup": ["setup", "cpu"]}
    assert all(len(value) == 12 for entry in reviewed["setup"].values() for value in entry.values())


def test_a_digest_is_the_same_for_every_line_ending():
    assert languages.digest("a\r\nb") == languages.digest("a\nb") != languages.digest("a\nc")


CHANGED_WORDS = [
    ("ko", replace_in("data", "그림", "사진"), "data", "the Korean text changed"),
    ("en", replace_in("data", "pictures", "images"), "data", "the English text changed"),
    ("ko", replace_in("plot", "손실을 그립니다", "그림"), "plot", "the Korean text changed"),
    ("en", replace_in("plot", "# draw", "# paint"), "plot", "the English text changed"),
    ("ko", replace_in("plot", '"손실"', '"학습 손실"'), "plot", "the Korean text changed"),
    ("ko", replace_in("plot", "에폭", "번"), "plot", "the Korean text changed"),
    ("en", replace_in("plot", '"loss"', '"training loss"'), "plot", "the English text changed"),
    ("en", replace_in("data", "{exact}", "{precise}"), "data", "the English text changed"),
]


@pytest.mark.parametrize(("side", "change", "cell", "message"), CHANGED_WORDS)
def test_a_word_changed_on_one_side_is_reported_until_it_was_looked_at(side, change, cell, message, book, capsys):
    edit(book / side / "01-chapter.ipynb", change)
    (problem,) = languages.problems(book)
    assert problem.place == f"01-chapter#{cell}" and message in problem.message
    assert f"python book/_tools/languages.py looked-at 01-chapter#{cell}" in problem.message
    assert languages.main(["looked-at", f"01-chapter#{cell}"], book) == 0
    assert languages.problems(book) == []


def test_words_changed_on_both_sides_are_reported_with_the_first_lines_of_both(book):
    edit(book / "ko" / "01-chapter.ipynb", replace_in("end", "끝", "\n마지막"))
    edit(book / "en" / "01-chapter.ipynb", replace_in("end", "The end", "It ends"))
    (problem,) = languages.problems(book)
    assert problem.place == "01-chapter#end" and "both texts changed" in problem.message
    assert "ko: 마지막\n" in problem.message and "en: It ends\n" in problem.message


def test_a_change_that_is_taken_back_is_no_change(book):
    edit(book / "ko" / "01-chapter.ipynb", replace_in("data", "그림", "사진"))
    assert languages.problems(book)
    edit(book / "ko" / "01-chapter.ipynb", replace_in("data", "사진", "그림"))
    assert languages.problems(book) == []


def drop(notebook, cells):
    del notebook.cells[1]


def swap(notebook, cells):
    notebook.cells.reverse()


def retype(notebook, cells):
    notebook.cells[1] = nbformat.v4.new_markdown_cell(cells["plot"].source, id="plot")


STRUCTURE = [
    (replace_in("data", "0.0434", "0.0435"), "data", "numbers differ"),
    (replace_in("data", "3.5", "3.6"), "data", "numbers differ"),
    (replace_in("data", "= 0.5", "= 0.6"), "data", "equations differ"),
    (replace_in("data", "x_", "y_"), "data", "equations differ"),
    (replace_in("data", "#mnist", "#data"), "data", "links differ"),
    (replace_in("data", "digits.svg", "digit.svg"), "data", "images differ"),
    (
        lambda notebook, cells: cells["data"].update(source="#" + cells["data"].source),
        "data",
        "heading levels differ",
    ),
    (replace_in("data", "```python\nprint", "```python\nwrite"), "data", "code differs"),
    (lambda notebook, cells: cells["data"].metadata.tags.append("more"), "data", "tags differ"),
    (lambda notebook, cells: cells["end"].update(id="fin"), "end", "this cell is only in"),
    (lambda notebook, cells: cells["end"].update(id="fin"), "fin", "this cell is only in"),
    (drop, "plot", "this cell is only in"),
    (swap, "", "cells stand in another order"),
    (retype, "plot", "cell types differ"),
    (replace_in("plot", "size=3", "size=4"), "plot", "code differs"),
    (replace_in("plot", "losses,", "loss,"), "plot", "code differs"),
    (replace_in("plot", '"black"', '"red"'), "plot", "code differs"),
    (replace_in("plot", "loss:.3f", "loss:.4f"), "plot", "code differs"),
    (replace_in("plot", "plot(", "plot(("), "plot", "code cannot be parsed"),
    (replace_in("plot", "language", "lang"), "plot", "code differs"),
]


@pytest.mark.parametrize("side", ["ko", "en"])
@pytest.mark.parametrize(("change", "cell", "message"), STRUCTURE)
def test_more_than_words_changed_on_one_side_is_reported_and_cannot_be_waved_through(
    side, change, cell, message, book, capsys
):
    edit(book / side / "01-chapter.ipynb", change)
    place = f"01-chapter#{cell}" if cell else "01-chapter"
    found = languages.problems(book)
    assert any(problem.place == place and message in problem.message for problem in found), found
    files = {path: path.read_bytes() for path in book.rglob("*") if path.is_file()}
    for chosen in ("01-chapter", "all"):
        capsys.readouterr()
        assert languages.main(["looked-at", chosen], book) == 1
        assert "nothing was recorded" in (said := capsys.readouterr().out) and message in said
    assert {path: path.read_bytes() for path in book.rglob("*") if path.is_file()} == files


def test_the_language_setting_is_ko_in_korean_and_en_in_english(book):
    edit(book / "en" / "01-chapter.ipynb", replace_in("plot", '"en"', '"ko"'))
    (problem,) = languages.problems(book)
    assert problem.place == "01-chapter#plot"
    assert "language = 'ko' in Korean, language = 'ko' in English" in problem.message


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ('x = "손실"', 'x = "loss"'),
        ('x = f"{a} 손실 {b}"', 'x = f"loss {b} of {a}"'),
        ("x = 1  # 하나", "x = 1  # one"),
        ('"""문서."""', '"""Text."""'),
        ("%matplotlib inline\nx", "%matplotlib inline\nx  # y"),
        ("x = (1,\n     2)", "x = (1, 2)"),
        ('x = {"손실": 1}', 'x = {"loss": 1}'),
    ],
)
def test_code_is_the_same_where_only_words_and_layout_differ(korean, english):
    assert comparing.compare_code(korean, english) == []


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ('x = "loss"', 'x = "error"'),
        ('x = "loss"', 'x = "손실"'),
        ('x = "손실"', "x = 3"),
        ('x = "손실"', "x = loss"),
        ('x = f"손실 {a}"', 'x = f"loss {b}"'),
        ('x = f"손실 {a}"', 'x = f"loss {a} {a}"'),
        ('x = f"loss {a}"', 'x = f"error {a}"'),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 1\ny", "x = 1"),
        ("%matplotlib inline\nx", "%matplotlib widget\nx"),
        ("x = 0.5", "x = .05"),
        ("f(a, b=1)", "f(a, c=1)"),
    ],
)
def test_code_that_differs_in_anything_else_is_reported_in_both_directions(korean, english):
    assert len(comparing.compare_code(korean, english)) == 1


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("6만 5천 장", "65,000 images"),
        ("77만 1,425개", "771425 of them"),
        ("`2e-4`로", "at `2e-4`"),
        ("3.5퍼센트", "3.5 percent"),
        ("a $x$와 $y$", "$y$ and $x$"),
        ("```sh\nmake book  # 책\n\n# 끝\n```", "```sh\nmake book\n```"),
        ("```sh\njupyter lab book/ko/01.ipynb\n```", "```sh\njupyter lab book/en/01.ipynb\n```"),
        (":::{note} 제목\n:class: a\n글\n:::", ":::{note} Title\n:class: a\ntext\n:::"),
        ("<details><summary>답</summary></details>", "<details><summary>Answer</summary></details>"),
        ("| 가 | 1 |\n|---|---|\n| 나 | 0.5 |", "| a | 1 |\n|---|---|\n| b | 0.5 |"),
    ],
)
def test_markdown_is_the_same_where_only_words_and_their_order_differ(korean, english):
    assert comparing.compare_markdown(korean, english) == []


@pytest.mark.parametrize(
    ("korean", "english", "message"),
    [
        ("6만 장", "65,000 images", "numbers differ: only in Korean: 60,000; only in English: 65,000"),
        ("0.0434", "0.04340", "numbers differ"),
        ("3.5", "3.5%", "numbers differ"),
        ("`lr=0.5`로", "at `lr=0.6`", "numbers differ"),
        ("0.5와 0.5", "0.5", "numbers differ: only in Korean: 0.5"),
        ("![그림 0.5](a.svg)", "![picture](a.svg)", "numbers differ"),
        ("$$x + 1$$", "$$x + 2$$", "equations differ"),
        ("$x$", "x", "equations differ: only in Korean: x"),
        ("[가](#a)", "[a](#b)", "links differ: only in Korean: #a; only in English: #b"),
        ('<a href="a">가</a>', '<a href="b">a</a>', "links differ"),
        ("https://a.org 참고", "see https://b.org", "links differ"),
        ('<img src="a.svg" alt="x">', '<img src="b.svg" alt="x">', "images differ"),
        ("(a)=\n# 가", "(b)=\n# A", "link targets differ"),
        ("# 가\n## 나", "# A\n### B", "heading levels differ"),
        ("```sh\nmake book\n```", "```sh\nmake test\n```", "'make book' in Korean, 'make test' in English"),
        ("```sh\nls book/ko/\n```", "```sh\nls book/ko/\n```", "code blocks differ"),
        ("```sh\na\n```", "```sh\na\nb\n```", "code blocks differ: 'nothing' in Korean, 'b' in English"),
        ("```sh\nmake\n```", "```text\nmake\n```", "code blocks differ"),
        ("```sh\nmake\n```", "make", "code blocks differ"),
        (":::{note}\n글\n:::", ":::{tip}\ntext\n:::", "directives differ"),
        (":::{figure} a.svg\n:::", ":::{figure} b.svg\n:::", "images differ"),
        (":::{note}\n0.5\n:::", ":::{note}\n0.6\n:::", "numbers differ"),
    ],
)
def test_markdown_that_differs_in_more_than_words_is_reported(korean, english, message):
    found = comparing.compare_markdown(korean, english)
    assert len(found) == 1 and message in found[0]


@pytest.mark.parametrize("side", ["ko", "en"])
@pytest.mark.parametrize(
    ("name", "place"),
    [("setup.md", "setup"), ("01-chapter.ipynb", "01-chapter"), ("figures/digits.svg", "figures/digits.svg")],
)
def test_a_file_on_one_side_only_is_reported(side, name, place, book):
    (book / side / name).unlink()
    (problem,) = languages.problems(book)
    assert problem.place == place and f"not in book/{side}" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('width="1"', 'width="2"', "drawings differ"),
        ('y="5"', 'y="6"', "drawings differ"),
        ('class="a"', 'class="b"', "drawings differ"),
        ("fill: red", "fill: blue", "drawings differ"),
        ("</text>", "</text><g/>", "drawings differ"),
        ("<rect", "<path", "drawings differ"),
        ("code 1000", "code 1001", "numbers differ"),
        ("</svg>", "", "not an SVG drawing"),
    ],
)
def test_a_drawing_that_differs_in_more_than_its_words_is_reported(old, new, message, book):
    rewrite(book / "en" / "figures" / "digits.svg", old, new)
    (problem,) = languages.problems(book)
    assert problem.place == "figures/digits.svg" and message in problem.message


@pytest.mark.parametrize("side", ["ko", "en"])
@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("2.5", "2.6", "setup#cpu", "numbers differ"),
        ("make book", "make test", "setup#cpu", "code blocks differ"),
        ("## CPU", "### CPU", "setup", "heading levels differ"),
        ("## CPU", "CPU", "setup", "heading levels differ"),
        ("## CPU", "[x](y)\n\n## CPU", "setup#setup", "links differ"),
    ],
)
def test_a_page_that_differs_is_reported_by_section(side, old, new, place, message, book):
    rewrite(book / side / "setup.md", old, new)
    (problem,) = languages.problems(book)
    assert problem.place == place and message in problem.message
    with pytest.raises(ValueError, match="nothing was recorded"):
        languages.look(["setup"], book)


@pytest.mark.parametrize(("side", "old"), [("ko", "설치합니다"), ("en", "Install")])
def test_a_word_of_a_page_is_reported_by_section_until_it_was_looked_at(side, old, book):
    rewrite(book / side / "setup.md", old, "Download")
    (problem,) = languages.problems(book)
    assert problem.place == "setup#setup" and "looked-at setup#setup" in problem.message
    assert languages.look(["setup#setup"], book) == ["setup#setup"]
    assert languages.problems(book) == []


def test_sections_are_called_by_their_headings_and_begin_with_their_labels():
    head = "---\nx: y\n---\n\nBefore.\n\n(a)=\n(b)=\n# The *page*\n\n"
    page = head + "## On CPU\n\n```sh\n# no heading\n```\n\n## On CPU\n"
    assert [(section.key, section.text) for section in read_sections(page)] == [
        ("top", "---\nx: y\n---\n\nBefore."),
        ("the-page", "(a)=\n(b)=\n# The *page*"),
        ("on-cpu", "## On CPU\n\n```sh\n# no heading\n```"),
        ("on-cpu-2", "## On CPU"),
    ]


def test_a_section_added_to_a_page_leaves_what_was_looked_at_and_a_removed_one_is_forgotten(book):
    for side, heading in (("ko", "## 새 절"), ("en", "## New")):
        rewrite(book / side / "setup.md", "## CPU", f"{heading}\n\n## CPU")
    assert [problem.place for problem in languages.problems(book)] == ["setup#new"]
    languages.look(["setup#new"], book)
    assert languages.problems(book) == []
    for side, heading in (("ko", "## 새 절"), ("en", "## New")):
        rewrite(book / side / "setup.md", f"{heading}\n\n", "")
    languages.look(["setup"], book)
    assert "new" not in json.loads((book / "reviewed.json").read_text(encoding="utf-8"))["setup"]


def test_looking_at_one_place_leaves_the_others_to_be_looked_at(book):
    for cell, old in (("data", "그림"), ("end", "끝")):
        edit(book / "ko" / "01-chapter.ipynb", replace_in(cell, old, "새 글"))
    rewrite(book / "ko" / "setup.md", "설치합니다", "받습니다")
    rewrite(book / "ko" / "setup.md", "약", "대략")
    languages.look(["01-chapter#end", "setup#cpu"], book)
    assert [problem.place for problem in languages.problems(book)] == ["01-chapter#data", "setup#setup"]
    assert languages.look(["01-chapter", "setup"], book) == [
        "01-chapter#data",
        "01-chapter#end",
        "01-chapter#plot",
        "setup#cpu",
        "setup#setup",
    ]
    assert languages.problems(book) == []


def test_a_number_that_differs_in_one_cell_does_not_stop_another_from_being_looked_at(book):
    edit(book / "ko" / "01-chapter.ipynb", replace_in("data", "0.0434", "0.0435"))
    edit(book / "ko" / "01-chapter.ipynb", replace_in("end", "끝", "마지막"))
    assert languages.look(["01-chapter#end"], book) == ["01-chapter#end"]
    assert [problem.place for problem in languages.problems(book)] == ["01-chapter#data"]


@pytest.mark.parametrize("side", ["ko", "en"])
def test_while_cells_stand_in_another_order_no_cell_of_the_chapter_can_be_looked_at(side, book):
    edit(book / side / "01-chapter.ipynb", swap)
    with pytest.raises(ValueError, match="nothing was recorded"):
        languages.look(["01-chapter#data"], book)
    assert languages.look(["setup"], book) == ["setup#cpu", "setup#setup"]


def test_looking_leaves_the_english_notebook_and_all_outputs_as_they_are(book):
    english = (book / "en" / "01-chapter.ipynb").read_bytes()
    korean = nbformat.read(book / "ko" / "01-chapter.ipynb", as_version=4)
    edit(book / "ko" / "01-chapter.ipynb", replace_in("data", "그림", "사진"))
    languages.look(["all"], book)
    after = nbformat.read(book / "ko" / "01-chapter.ipynb", as_version=4)
    assert (book / "en" / "01-chapter.ipynb").read_bytes() == english
    assert after.cells[1:] == korean.cells[1:] and after.metadata == korean.metadata


@pytest.mark.parametrize(
    ("place", "accepted"),
    [
        ("01-chapter#nothing", "01-chapter#data, 01-chapter#plot, 01-chapter#end"),
        ("setup#nothing", "setup#setup, setup#cpu"),
        ("02-other", "all, 01-chapter, setup"),
        ("figures/digits.svg", "all, 01-chapter, setup"),
    ],
)
def test_a_place_that_does_not_exist_is_refused_with_those_that_do(place, accepted, book, capsys):
    assert languages.main(["looked-at", "01-chapter#data", place], book) == 1
    assert f"no place {place!r} in both languages; accepted are: {accepted}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["looked-at"], ["look", "all"], ["all"]])
def test_other_commands_are_refused(arguments, book, capsys):
    assert languages.main(arguments, book) == 1
    assert "accepted are: nothing, or looked-at PLACE..." in capsys.readouterr().out


def test_the_command_says_what_differs_and_where_a_notebook_cannot_be_read(book, capsys):
    edit(book / "ko" / "01-chapter.ipynb", replace_in("end", "끝", "마지막"))
    assert languages.main([], book) == 1
    assert "01-chapter#end: the Korean text changed" in capsys.readouterr().out
    (book / "en" / "01-chapter.ipynb").write_text("{", encoding="utf-8")
    assert languages.main([], book) == 1
    assert "01-chapter.ipynb is not a notebook" in capsys.readouterr().out


def test_a_chapter_never_looked_at_says_so(book, code, notebook):
    for side in ("ko", "en"):
        nbformat.write(notebook(code("1", cell_id="one")), book / side / "02-new.ipynb")
    (problem,) = languages.problems(book)
    assert problem.place == "02-new#one" and "never looked at together" in problem.message


def test_hidden_files_and_caches_are_not_part_of_the_book(book):
    for name in (".ipynb_checkpoints/01-chapter.ipynb", ".DS_Store", "__pycache__/x.pyc"):
        path = book / "ko" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    assert languages.problems(book) == []


def test_the_book_says_the_same_in_both_languages():
    found = languages.problems(BOOK)
    assert not found, "\n" + "\n".join(map(str, found))
    chapters = {path.stem for path in (BOOK / "ko").glob("*.ipynb")}
    compared = {pair.place.partition("#")[0] for pair in languages.pairs(BOOK)}
    assert chapters <= compared and {path.stem for path in (BOOK / "ko").glob("*.md")} <= compared


def test_breaking_one_cell_of_the_book_is_seen(tmp_path):
    """The real chapters, one word of each changed in one language: the cell is named."""
    for language in ("ko", "en"):
        shutil.copytree(BOOK / language, tmp_path / language)
    first = {}
    for chapter in (tmp_path / "en").glob("*.ipynb"):
        notebook = nbformat.read(chapter, as_version=4)
        cell = next(cell for cell in notebook.cells if cell.cell_type == "markdown")
        first[f"{chapter.stem}#{cell.id}"] = chapter, notebook, cell
    languages.look(list(first), tmp_path)
    assert not first.keys() & {problem.place for problem in languages.problems(tmp_path)}
    for chapter, notebook, cell in first.values():
        cell.source += " Surprise."
        nbformat.write(notebook, chapter)
    assert first.keys() <= {problem.place for problem in languages.problems(tmp_path)}


def test_comparing_the_languages_needs_nothing_that_executes_chapters():
    needed = "import sys; sys.path.insert(0, sys.argv[1]); import languages; print(*sys.modules)"
    folder = str(BOOK / "_tools")
    modules = subprocess.run([sys.executable, "-c", needed, folder], capture_output=True, text=True, check=True)
    assert "nbformat" in modules.stdout.split()
    assert not {"nbclient", "jupyter_client", "numpy", "PIL", "torch"} & set(modules.stdout.split())


def test_markdown_is_read_by_the_extensions_of_the_site():
    site, _ = get_final_config(
        user_yaml=BOOK.parent / "_config.yml", cli_config={"latex_individualpages": False}, sourcedir=BOOK.parent
    )
    assert site["myst_enable_extensions"] == SITE["parse"]["myst_enable_extensions"] != []
    assert PARSER.options["myst_config"].enable_extensions == set(site["myst_enable_extensions"])
