import ast
import importlib.util
import json

import pytest
import refresh
import storing
from reading import html_images, read_code, read_markdown

BOOK = storing.BOOK
CHAPTERS = storing.chapters(BOOK)
PAGES = sorted([*BOOK.glob("*.md"), *BOOK.glob("*/*.md"), *BOOK.parent.glob("README.md")])
LONGEST_CELL = 12  # lines


def named(path):
    return path.relative_to(BOOK.parent).as_posix()


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def shows_something(source):
    """Whether a cell surely has an output: it ends in a value that is no call, or prints outside of functions."""
    body = read_code(source).body
    last = body[-1] if body else None
    is_value = isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call)
    return is_value or any(isinstance(node, ast.Expr) and is_print(node.value) for node in body)


def is_print(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "print"


def printed_literals(source):
    """The numbers that a cell formats as they stand in its code, as in ``f"{0.01:.0%}"``: no result at all."""
    nodes = [node.value for node in ast.walk(read_code(source)) if isinstance(node, ast.FormattedValue)]
    return [
        repr(node.value) for node in nodes if isinstance(node, ast.Constant) and not isinstance(node.value, str)
    ]


def private_names(source):
    """The names with an underscore before them that a cell uses, Python's own such as ``__init__`` aside."""
    nodes = ast.walk(read_code(source))
    names = [getattr(node, "attr", getattr(node, "id", None)) for node in nodes]
    return [name for name in names if name and name.startswith("_") and not name.endswith("_")]


def faults(notebook):
    """What is wrong with the code cells of a notebook, one line each."""
    lines = []
    for cell in code_cells(notebook):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        may_fail = "raises-exception" in cell.metadata.get("tags", [])
        if cell.execution_count is None:
            lines.append(f"{cell.id} was never run: python book/_tools/refresh.py")
        elif not cell.outputs and (may_fail or shows_something(cell.source)):
            lines.append(f"{cell.id} has no stored output: python book/_tools/refresh.py")
        if bool(errors) != may_fail and (errors or cell.outputs):
            lines.append(f"{cell.id} {'fails' if errors else 'does not fail'}, against its raises-exception tag")
        if len(cell.source.splitlines()) > LONGEST_CELL:
            lines.append(f"{cell.id} has {len(cell.source.splitlines())} lines; accepted are {LONGEST_CELL}")
        lines += [
            f"{cell.id} prints {number}, a number of its code, as if it were a result"
            for number in printed_literals(cell.source)
        ]
        lines += [f"{cell.id} uses {name}, a private name" for name in private_names(cell.source)]
        if cell.source.rstrip().endswith(";"):
            lines.append(f"{cell.id} ends in a semicolon, which nbval's kernel does not heed: assign to _ instead")
    return lines


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1", None),
        ("f(1)", None),
        ("def f():\n    print(1)", None),
        ("x", "has no stored output"),
        ("f'{x}'", "has no stored output"),
        ("x == 1", "has no stored output"),
        ("print(x)\ny = 1", "has no stored output"),
        ("f(1);", "ends in a semicolon"),
        ("x = f'{0.01:.0%}'", "prints 0.01, a number of its code"),
        ("x = f'{y:.0%} {60_000 % size} 0.01 {\"input\":8}'", None),
        ("import pickle\npickle._dumps(1)", "uses _dumps, a private name"),
        ("_ = f(1)", None),
        ("class A:\n    def __init__(self):\n        pass", None),
        ("\n".join(["x = 1"] * 12), None),
        ("\n".join(["x = 1"] * 13), "has 13 lines; accepted are 12"),
    ],
)
def test_a_cell_without_outputs_is_faulted_where_it_must_have_them(source, fault, code, notebook):
    cell = code(source, cell_id="this")
    cell.execution_count = 1
    found = faults(notebook(cell))
    assert [line.startswith("this") and fault in line for line in found] == [True] * bool(fault)


def test_a_cell_never_run_or_failing_against_its_tag_is_faulted(code, notebook):
    from nbformat.v4 import new_output

    error = new_output("error", ename="E", evalue="e", traceback=["E: e"])
    cells = [
        code("x", cell_id="unrun"),
        code("f()", [error], cell_id="fails"),
        code("f()", [new_output("stream", text="a")], tags=["raises-exception"], cell_id="does-not"),
        code("f()", tags=["raises-exception"], cell_id="silent"),
        code("f()", [error], tags=["raises-exception"], cell_id="right"),
    ]
    for cell in cells[1:]:
        cell.execution_count = 1
    assert [line.split(",")[0].split(":")[0] for line in faults(notebook(*cells))] == [
        "unrun was never run",
        "fails fails",
        "does-not does not fail",
        "silent has no stored output",
    ]


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_every_code_cell_is_short_and_has_the_outputs_it_must_have(path):
    notebook = storing.read_notebook(path)
    assert code_cells(notebook)
    found = faults(notebook)
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_a_chapter_without_the_package_says_in_its_first_cell_how_to_get_it(path, monkeypatch):
    first = code_cells(storing.read_notebook(path))[0].source
    exec(first, {})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError) as refusal:
        exec(first, {})
    assert "pip install -r requirements.txt" in str(refusal.value)
    assert (BOOK / path.parent.name / "setup.md").relative_to(BOOK.parent).as_posix() in str(refusal.value)


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_stored_outputs_are_tidy(path):
    notebook = storing.read_notebook(path)
    assert any(cell.outputs for cell in code_cells(notebook))
    assert refresh.tidy(notebook) == notebook, f"python book/_tools/refresh.py {named(path)}"


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_a_chapter_file_is_at_most_500_kB_and_written_as_refresh_writes_it(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.encode("utf-8")) <= storing.LARGEST_FILE
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def texts(path):
    """The Markdown texts of a file, and the HTML ones among a chapter's outputs."""
    if path.suffix == ".md":
        return [path.read_text(encoding="utf-8")], []
    cells = storing.read_notebook(path).cells
    outputs = [output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", [])]
    return [cell.source for cell in cells if cell.cell_type == "markdown"], outputs


def without_words(markdown, html):
    """The sources of pictures that no alt text stands for."""
    images = [image for text in markdown for image in read_markdown(text).images]
    images += [image for text in html for image in html_images(text)]
    return [image.source for image in images if not image.alt.strip()]


def test_a_picture_without_alt_text_is_named():
    markdown = [
        "![](a.svg) ![words](b.svg)",
        '<img src="c.svg">',
        ":::{figure} d.svg\n:::",
        '<img src="e" alt="x">',
    ]
    assert without_words(markdown, ['<img src="f.png">']) == ["a.svg", "c.svg", "d.svg", "f.png"]


@pytest.mark.parametrize("path", [*CHAPTERS, *PAGES], ids=named)
def test_every_picture_has_words_that_stand_for_it(path):
    assert without_words(*texts(path)) == []
