"""The book's files: chapters are read whole or refused, and what is stored is put in place whole or not at all."""

import warnings
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.warnings import DuplicateCellId, MissingIDFieldWarning

from aebook import files

BOOK = Path(__file__).parents[1]
LARGEST_FILE = 500_000  # bytes


class NotStorable(ValueError):
    """A chapter that cannot be read, run or stored; the message names the cell, where it is one."""


def chapters(book: Path = BOOK) -> list[Path]:
    """Every chapter of the book, the Korean ones first."""
    return [path for language in ("ko", "en") for path in sorted((book / language).glob("*.ipynb"))]


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook file whose cells all have ids of their own; nbformat would make up those that lack.

    Raises:
        NotStorable: where it is not such a notebook.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DuplicateCellId)
            warnings.simplefilter("error", MissingIDFieldWarning)
            return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError, DuplicateCellId, MissingIDFieldWarning) as error:
        name = f"{path.parent.name}/{path.name}"
        raise NotStorable(f"{name} is not a notebook that can be read: {error}") from error


def store_notebook(notebook: NotebookNode, path: Path) -> bool:
    """Write a notebook; False where the file holds the same already.

    Raises:
        NotStorable: where the file would be larger than 500 kB, or nbformat refuses the notebook.
    """
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise NotStorable(f"not a valid notebook: {error.message}") from error
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    size = len(text.encode("utf-8"))
    if size > LARGEST_FILE:
        raise NotStorable(
            f"the file would be {size / 1000:.0f} kB; accepted are {LARGEST_FILE / 1000:.0f} kB: "
            "show fewer or smaller pictures"
        )
    return store_text(text, path)


def store_text(text: str, path: Path) -> bool:
    """Put a text file in place whole; False where it holds the same already."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    files.replace(path, text.encode())
    return True
