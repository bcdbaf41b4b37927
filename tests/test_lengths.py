"""Code stays short: at most 35 lines a function, without its docstring, and at most 400 a file."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "book/_ext", "book/_tools", "book/assets")
LONGEST_FUNCTION, LONGEST_FILE = 35, 400
# The first line of a function in JavaScript, as a formatter lays it out: it ends at the next brace below its first
# letter. What a classic script wraps itself in, to have names of its own, is none.
OPENING = re.compile(
    r"(?!\(\(\) => \{)(?P<indent> *)(?:.*\bfunction\b.*[({]|.*=> \{"
    r"|(?!(?:if|for|while|switch|catch)\b)(?:(?:async|static|get|set) )*[#\w$]+\(.*\) \{)"
)


def code_files(*suffixes):
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]


def python_functions(source):
    """The functions of a Python text: their names and lengths in lines, without docstrings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node, clean=False) is not None:
                lines -= node.body[0].end_lineno - node.body[0].lineno + 1
            yield node.name, lines


def javascript_functions(source):
    """The functions of a JavaScript text, each by its first line, with their lengths in lines."""
    lines = source.splitlines()
    for start, line in enumerate(lines):
        if found := OPENING.fullmatch(line):
            closing = found["indent"] + "}"
            length = next((n for n, other in enumerate(lines[start + 1 :], 2) if other.startswith(closing)), 1)
            yield line.strip(), length


FUNCTIONS = {".py": python_functions, ".js": javascript_functions}


@pytest.mark.parametrize(
    ("suffix", "head", "line", "end"),
    [
        (".py", 'def f(a):\n    """Says.\n\n    More.\n    """\n', "    a += 1\n", "    return a"),
        (".py", "class A:\n    async def f(self):\n", "        pass\n", "        return"),
        (".js", "export function f(a) {\n", "  if (a) {\n    a();\n  }\n", "}"),
        (".js", "function f(\n", "  a,\n", "}"),
        (".js", "  const f = async (a) => {\n", "    a();\n", "  };"),
        (".js", "  at.listen('x', () => {\n", "    a();\n", "  });"),
        (".js", "class A {\n  static async #f(a) {\n", "    a();\n", "  }\n}"),
    ],
)
def test_a_functions_lines_are_counted_without_its_docstring(suffix, head, line, end):
    counted = {count: max(n for _, n in FUNCTIONS[suffix](head + line * count + end)) for count in (1, 40)}
    assert counted[40] - counted[1] == 39 * line.count("\n")
    assert counted[1] == 2 + line.count("\n") if suffix == ".js" else counted[1] == 3


def test_no_function_is_longer_than_it_may_be():
    functions = [
        (name, lines, path.relative_to(ROOT).as_posix())
        for path in code_files(*FUNCTIONS)
        for name, lines in FUNCTIONS[path.suffix](path.read_text(encoding="utf-8"))
    ]
    assert {path.rpartition(".")[2] for _, _, path in functions} == {"py", "js"}
    assert [function for function in functions if function[1] > LONGEST_FUNCTION] == []


def test_no_file_of_code_is_longer_than_it_may_be():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in code_files(".py", ".js")
    }
    longer = {name for name, length in lengths.items() if length > LONGEST_FILE}
    assert longer == set()
