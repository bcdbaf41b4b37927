"""Our JavaScript is held to what Python is: a formatter, a linter, short functions, tests without a browser."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from deno import find_deno_bin

ROOT = Path(__file__).parents[1]
PLACES = ("src/aebook/widgets/*.js", "src/aebook/widgets/*/*.js", "book/assets/*.js", "tests/*.js")
SOURCES = sorted(source for place in PLACES for source in ROOT.glob(place))
WIDEST, LONGEST_FILE, LONGEST_FUNCTION = 115, 400, 35
# How a function of several lines begins, laid out as ours are; it ends with a bracket below its first letter.
BEGINS = re.compile(r"^( *)(?!if|for|while|switch|catch|else)\S.*(?:\)|=>) (?:=> )?\{$")


def deno(*arguments):
    """Runs deno on all our JavaScript, without the network; what it says where it fails."""
    environment = os.environ | {"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    command = [find_deno_bin(), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_there_is_javascript_to_look_at():
    assert len(SOURCES) > 20


def test_it_is_laid_out_as_the_formatter_lays_it_out():
    assert deno("fmt", "--check", "--no-config", f"--line-width={WIDEST}", *SOURCES) == ""


def test_the_linter_finds_nothing():
    assert deno("lint", "--no-config", *SOURCES) == ""


def test_what_needs_no_page_does_what_its_tests_say(tmp_path):
    tests = sorted((ROOT / "tests").glob("*_test.js"))
    assert tests
    assert deno("test", "--no-config", "--no-lock", "--allow-read", *tests) == ""


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_lines_functions_and_files_are_short(source):
    lines = source.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > WIDEST] == []
    assert [line for line in lines if line.count("`") % 2] == []  # pages carry the lines without their indentation
    assert len(lines) <= LONGEST_FILE
    assert {name: length for name, length in functions(lines) if length > LONGEST_FUNCTION} == {}


def functions(lines):
    """The first line and the number of lines of each function."""
    for start, line in enumerate(lines):
        if line == "(() => {":
            continue  # around a whole file
        if found := BEGINS.match(line):
            ends = (at for at, end in enumerate(lines[start:], 1) if re.match(rf"{found[1]}\}}", end))
            yield line.strip(), next(ends, len(lines))


def test_a_function_that_is_too_long_is_found():
    long = ["export function f(a) {", *["  a++;"] * 40, "}"]
    arrow = ["const f = (a) => {", *["  a++;"] * 40, "};"]
    method = ["class A {", "  f(a) {", *["    a++;"] * 40, "  }", "}"]
    assert [length for text in (long, arrow, method) for _, length in functions(text)] == [42, 42, 42]
