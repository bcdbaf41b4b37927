"""Notebooks made on the spot, for the tests of the tools."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


@pytest.fixture
def code():
    """Makes a code cell out of its source, its outputs and its tags."""

    def make(source, outputs=(), tags=(), cell_id="cell", **metadata):
        return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags), **metadata}, id=cell_id)

    return make


@pytest.fixture
def words():
    """Makes a Markdown cell out of its text."""

    def make(source, cell_id="cell", tags=()):
        return new_markdown_cell(source, metadata={"tags": list(tags)}, id=cell_id)

    return make


@pytest.fixture
def notebook():
    """Makes a notebook out of cells."""

    def make(*cells, **metadata):
        return new_notebook(cells=list(cells), metadata=metadata)

    return make


@pytest.fixture
def write(tmp_path):
    """Writes a notebook or a text under a temporary folder, as it is given."""

    def make(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else nbformat.writes(content) + "\n"
        path.write_text(text, encoding="utf-8")
        return path

    return make
