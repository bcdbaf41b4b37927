"""Whose words a refusal speaks: the book's own, or a library's, which its next version may word otherwise.

A cell with the tag ``raises-exception`` fails on purpose, and its message is stored and compared word for word.
That will do for a message that the cell or aebook writes. For one by PyTorch, NumPy, another library or Python
itself the cell has the tag ``nbval-ignore-output`` too: the page shows the message, and the tests hold the kind of
error alone.
"""

import ast
import re

from nbformat import NotebookNode
from reading import read_code

ANSI = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"^ *(?:(?:Cell|Input) In *\[\d+\]|File (?P<path>.+?\.\w+):\d+)", re.MULTILINE)
ARROW = re.compile(r"^-+> *\d+ +(.*)$", re.MULTILINE)
OUR_FILE = re.compile(r"[\\/]aebook[\\/](?:\w+[\\/])*\w+\.py$")  # not what lies below a checkout of that name
BY_CAUSE = "The above exception was the direct cause of the following exception"
WORDS_OF_CAUSE = re.compile(r"^(?:\w+\.)*\w+: (\S.*)$", re.MULTILINE)


def in_our_words(error: NotebookNode) -> bool:
    """Whether the message of an error output, with its whole traceback, was written by its cell or by aebook.

    It was where the innermost line is a ``raise`` or an ``assert`` of theirs, and the message does not quote the
    error that it was raised from. A traceback that cannot be read says no.
    """
    cause, _, traceback = ANSI.sub("", "\n".join(error.traceback)).rpartition(BY_CAUSE)
    frames, lines = list(FRAME.finditer(traceback)), ARROW.findall(traceback)
    if not frames or not lines or not re.match(r"(raise|assert)\b", lines[-1]):
        return False
    path = frames[-1]["path"]
    quoted = WORDS_OF_CAUSE.findall(cause)[-1:]
    return (path is None or bool(OUR_FILE.search(path))) and not any(words in error.evalue for words in quoted)


def fault(cell: NotebookNode, outputs: list[NotebookNode]) -> str | None:
    """What is wrong with how a cell that fails on purpose has just failed, or None."""
    tags = cell.metadata.get("tags", [])
    if "raises-exception" not in tags:
        return None
    fresh, stored = ([one for one in some if one.output_type == "error"] for some in (outputs, cell.outputs))
    if "nbval-ignore-output" not in tags:
        foreign = [error for error in fresh if not in_our_words(error)]
        return (
            f"{_said(foreign)}: not the book's words, so it needs the tag nbval-ignore-output" if foreign else None
        )
    if [error.ename for error in fresh] != [error.ename for error in stored]:
        return f"{_said(fresh)}; stored is: {_said(stored)}"
    return None


def _said(errors: list[NotebookNode]) -> str:
    return "; ".join(f"it says {error.ename}: {error.evalue}" for error in errors) or "it does not fail"


def shows_caught_words(source: str) -> bool:
    """Whether a cell's code uses an error that it has caught, for more than its type or to raise from it."""
    return any(
        _uses_words(handler)
        for handler in ast.walk(read_code(source))
        if isinstance(handler, ast.ExceptHandler) and handler.name
    )


def _uses_words(handler: ast.ExceptHandler) -> bool:
    nodes = [node for statement in handler.body for node in ast.walk(statement)]
    harmless = {id(node.cause) for node in nodes if isinstance(node, ast.Raise)}
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("type", "isinstance") and node.args:
            harmless.add(id(node.args[0]))
    uses = (node for node in nodes if isinstance(node, ast.Name) and node.id == handler.name)
    return any(id(node) not in harmless for node in uses)
