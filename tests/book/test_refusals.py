import nbformat
import pytest
import refresh
import storing
from nbformat.v4 import new_output
from refusals import fault, in_our_words, shows_caught_words

IN_CELL = "Cell In[3], line 2\n      1 x = 1\n----> 2 {}\n"
IN_FILE = "File {}:124, in f(size)\n    122 a = 1\n--> 124     {}\n    125         1\n"
SAYS = "E: the sky is green"


def error(*parts, ename="E", evalue="the sky is green"):
    return new_output("error", ename=ename, evalue=evalue, traceback=["-" * 75, *parts, f"{ename}: {evalue}"])


OURS = [
    [IN_CELL.format("raise E(")],
    [IN_CELL.format("assert shape == (8, 3), f'it is {shape}'")],
    [IN_CELL.format("f(3)"), IN_FILE.format("/home/a/src/aebook/transposed.py", "raise ValueError(")],
    [IN_CELL.format("f(3)"), IN_FILE.format(r"C:\book\site-packages\aebook\widgets\spec.py", "raise E(x)")],
    [f"\x1b[0;36mCell In[3], line 2\x1b[0m\n\x1b[32m----> 2\x1b[39m {'raise E(1)'}"],
    ["Input In [3], in <cell line: 2>()\n----> 2 raise E(1)"],
    [
        IN_CELL.format("g()"),
        "KeyError: 'x'\n\nThe above exception was the direct cause of the following exception:\n",
        IN_CELL.format("raise E(2)"),
    ],
]
THEIRS = [
    [IN_CELL.format("torch.ones(3).view(2, -1)")],
    [IN_CELL.format("raised = 1 / 0")],
    [
        IN_CELL.format("f(3)"),
        IN_FILE.format("~/x/.venv/lib/python3.11/site-packages/torch/serialization.py", "raise E(1)"),
    ],
    [
        IN_CELL.format("f(3)"),
        IN_FILE.format("/home/a/aebook/.venv/lib/python3.11/site-packages/torch/nn.py", "raise E(1)"),
    ],
    [IN_CELL.format("f(3)"), IN_FILE.format("/work/src/aebook/training.py", "return model(images)")],
    [
        IN_CELL.format("g()"),
        f"{SAYS}\n\nThe above exception was the direct cause of the following exception:\n",
        IN_CELL.format("f(3)"),
        IN_FILE.format("/work/src/aebook/checkpoints.py", 'raise E(f"not whole: {error}") from error'),
    ],
    [],
]


@pytest.mark.parametrize("parts", OURS)
def test_what_a_cell_or_the_package_raises_or_asserts_is_in_our_words(parts):
    assert in_our_words(error(*parts))


@pytest.mark.parametrize("parts", THEIRS)
def test_what_a_library_says_is_not_even_where_the_package_quotes_it(parts):
    assert not in_our_words(error(*parts))


def test_real_tracebacks_are_told_apart(code, notebook):
    """As the installed IPython writes them."""
    sources = {
        "raise ValueError(\n    'x'\n)": True,
        "assert 1 == 2": True,
        "from aebook import data\ndata.mnist('yes')": True,
        "int('a')": False,
        "import torch\ntorch.ones(3).view(2, -1)": False,
        "import torch\ntorch.load('absent')": False,
        "try:\n    int('a')\nexcept ValueError as e:\n    raise KeyError('b') from e": True,
        "try:\n    int('a')\nexcept ValueError as e:\n    raise RuntimeError(f'no: {e}') from e": False,
    }
    tags = ["nbval-ignore-output", "raises-exception"]
    ran = notebook(*(code(source, tags=tags, cell_id=f"c{n}") for n, source in enumerate(sources)))
    refresh.execute(ran, storing.BOOK)
    found = {cell.source: in_our_words(cell.outputs[-1]) for cell in ran.cells}
    assert found == sources


@pytest.mark.parametrize(
    ("tags", "stored", "fresh", "said"),
    [
        ([], [], [], None),
        (["raises-exception"], [error()], [error(*OURS[0])], None),
        (["raises-exception"], [error()], [error(*THEIRS[0])], f"it says {SAYS}: not the book's words"),
        (["raises-exception"], [error()], [], None),  # nbval itself compares
        (["raises-exception", "nbval-ignore-output"], [error()], [error(*THEIRS[0], evalue="else")], None),
        (
            ["raises-exception", "nbval-ignore-output"],
            [error()],
            [error(ename="F")],
            "it says F: the sky is green; stored",
        ),
        (["raises-exception", "nbval-ignore-output"], [error()], [], "it does not fail; stored is: it says"),
    ],
)
def test_a_refusal_is_held_to_its_words_where_they_are_ours_and_to_its_kind_otherwise(
    tags, stored, fresh, said, code
):
    found = fault(code("f()", stored, tags), [new_output("stream", text="before"), *fresh])
    assert found is None if said is None else found.startswith(said)


@pytest.mark.parametrize(
    ("handler", "shows"),
    [
        ("except E as error:\n    print(error)", True),
        ("except E as error:\n    print(f'{type(error).__name__}: {error}')", True),
        ("except E as error:\n    words = str(error).split()", True),
        ("except E as error:\n    print(error.args[0])", True),
        ("except E as error:\n    print(type(error).__name__)", False),
        ("except E as error:\n    raise ValueError('ours') from error", False),
        ("except E as error:\n    print(isinstance(error, KeyError))", False),
        ("except E as error:\n    raise ValueError(error) from error", True),
        ("except E:\n    print('refused')", False),
        ("except:\n    error = 1\n    print(error)", False),
    ],
)
def test_a_caught_error_that_is_shown_is_found(handler, shows):
    assert shows_caught_words(f"try:\n    f()\n{handler}") == shows


@pytest.mark.parametrize("path", storing.chapters(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_cell_is_compared_by_the_words_of_an_error_it_caught(path):
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    shown = [cell.id for cell in cells if shows_caught_words(cell.source)]
    ignored = [cell.id for cell in cells if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    assert sorted({*shown} - {*ignored}) == []
