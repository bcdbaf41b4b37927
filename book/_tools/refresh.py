"""Run chapters and store their outputs: ``python book/_tools/refresh.py [NOTEBOOK...]``, every chapter by default.

What is stored is tidied, so that running twice changes nothing: no progress bars, no widget state, no times, no
notes inside pictures, and nothing that differs between two runs or two machines.
A chapter that fails, or whose outputs cannot be stored that way, leaves its file as it was.
"""

import base64
import copy
import io
import itertools
import platform
import re
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from PIL import Image
from refusals import in_our_words
from storing import NotStorable, chapters, read_notebook, store_notebook

LONGEST_CELL = 900  # seconds: it ends what hangs; a busy machine takes many times what a quiet one does
# As JupyterLab writes them when it opens a chapter, which is then unchanged. It writes the version of the reader's
# Python too, and does so whatever is stored: the version that a file has stays, so that machines need not agree.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
PYTHON = platform.python_version()

WIDGET = "application/vnd.jupyter.widget-view+json"
# What an editor or a runner notes about a cell: when it ran, whether it was scrolled or trusted.
NOTES_ON_CELLS = ("execution", "ExecuteTime", "collapsed", "scrolled", "trusted")
BAR = re.compile(r"\d+%\|.*\| *\S+/\S+ \[.*\]|\d\S* \[[\d:]+\d, .*/s.*\]")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
UNSTABLE = {
    "a memory address": re.compile(r"\bat 0x[0-9a-fA-F]{6,}"),
    "a path of this machine": re.compile(
        r"(?<![\w.:/<])/(?:home|Users|root|tmp|private|var|opt|usr|mnt|work)/[^\s'\"]+"
        r"|\b[A-Za-z]:\\(?:Users|Temp|Windows|Program)[^\s'\"]*|[^\s'\"]*(?:site-packages|ipykernel_\d)[^\s'\"]*"
    ),
}


def tidy(notebook: NotebookNode) -> NotebookNode:
    """A copy of a notebook as it is stored: its sources and cell ids as they are, its outputs tidied.

    Raises:
        NotStorable: where an output holds a memory address or a path of this machine.
    """
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("widgets", None)
    version = notebook.metadata.get("language_info", {}).get("version", PYTHON)
    language = LANGUAGE | {"version": version}
    notebook.metadata.update(nbformat.from_dict({"kernelspec": KERNEL, "language_info": language}))
    executed = 0
    for cell in notebook.cells:
        for note in NOTES_ON_CELLS:
            cell.metadata.pop(note, None)
        if cell.metadata.get("jupyter", {}).get("outputs_hidden"):
            cell.metadata["collapsed"] = True  # JupyterLab adds it on opening
        if cell.cell_type == "code":
            runs = bool(cell.source.strip())
            executed += runs
            _tidy_code_cell(cell, executed if runs else None)
    return notebook


def _tidy_code_cell(cell: NotebookNode, count: int | None) -> None:
    try:
        cell.outputs = tidy_outputs(cell.outputs)
        _refuse_unstable(cell.outputs)
    except NotStorable as error:
        raise NotStorable(f"cell {cell.get('id')}: {error}") from error
    _tell_alternative_text(cell)
    cell.execution_count = count
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = count


def _tell_alternative_text(cell: NotebookNode) -> None:
    """Give each picture the cell's alternative text, which Jupyter Book reads, where nbconvert looks for it."""
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
    for output in cell.outputs:
        if "image/png" not in output.get("data", {}):
            continue
        notes = output.metadata.pop("image/png", NotebookNode())
        notes.pop("alt", None)
        if alt:
            notes["alt"] = alt
        if notes:
            output.metadata["image/png"] = notes


def tidy_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs of one cell as they are stored: no progress bars, one stream where several follow each other."""
    outputs = _merge_streams(copy.deepcopy(outputs))
    return _merge_streams([tidied for output in outputs if (tidied := _tidy_output(output)) is not None])


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join streams that follow each other, stdout first: how the two interleave is up to the machine."""
    merged = []
    for is_stream, group in itertools.groupby(outputs, lambda output: output.output_type == "stream"):
        if not is_stream:
            merged += group
            continue
        group = sorted(group, key=lambda output: output.name == "stderr")
        for name, same in itertools.groupby(group, lambda output: output.name):
            merged.append(nbformat.v4.new_output("stream", name=name, text="".join(part.text for part in same)))
    return merged


def _tidy_output(output: NotebookNode) -> NotebookNode | None:
    """One output as it is stored, or None where nothing of it is."""
    output.pop("transient", None)
    if output.output_type == "stream":
        if output.name == "stderr":
            output.text = _without_bars(output.text)
        return output if output.text else None
    if output.output_type == "error":
        output.evalue = ANSI.sub("", output.evalue)
        output.traceback = [f"{output.ename}: {output.evalue}".removesuffix(": ")]
        return output
    if output.data.pop(WIDGET, None) and "text/html" not in output.data:
        return None
    output.metadata.pop(WIDGET, None)
    return output


def _without_bars(text: str) -> str:
    """A text of stderr without progress bars, which end in a carriage return as often as in a new line."""
    pieces = re.split(r"(?<=[\r\n])", ANSI.sub("", text)) if "\r" in text or BAR.search(text) else [text]
    kept = [piece for piece in pieces if not BAR.search(piece) and not (piece.endswith("\r") and piece.isspace())]
    return "" if "".join(kept).isspace() else "".join(kept)


def _refuse_unstable(outputs: list[NotebookNode]) -> None:
    for output in outputs:
        data = [value for kind, value in output.get("data", {}).items() if not kind.startswith("image/")]
        texts = [output.get("text"), output.get("evalue"), *data]
        for text, (kind, pattern) in itertools.product(texts, UNSTABLE.items()):
            if isinstance(text, str) and (found := pattern.search(text)):
                raise NotStorable(
                    f"its output holds {kind} ({found[0]}), which is another one in the next run or on the next "
                    "machine; show something that stays the same"
                )


def compact_png(encoded: str) -> str:
    """A PNG in base64 with the same pixels in fewer bytes, and nothing but pixels: no words, no times.

    A picture without transparency goes from four channels to three, or to one and a palette where it has no more
    than 256 colours, as every picture of digits has.

    Raises:
        NotStorable: where it is no PNG, or a cut one.
    """
    try:
        image = Image.open(io.BytesIO(base64.b64decode(encoded)), formats=["PNG"]).convert("RGBA")
    except OSError as error:
        raise NotStorable(f"its image/png cannot be read: {error}") from error
    pixels = np.asarray(image)
    if (pixels[..., 3] == 255).all():
        colours, places = np.unique(pixels[..., :3].reshape(-1, 3), axis=0, return_inverse=True)
        image = image.convert("RGB")
        if len(colours) <= 256:
            image = Image.fromarray(places.reshape(pixels.shape[:2]).astype(np.uint8), mode="P")
            image.putpalette(colours.tobytes())
    compact = io.BytesIO()
    image.save(compact, "PNG", optimize=True)
    return base64.b64encode(compact.getvalue()).decode("ascii")


def _compact_pictures(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = compact_png(output.data["image/png"])


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run every cell of a notebook in a new kernel of this environment, started in ``folder``.

    Raises:
        NotStorable: where a cell fails that is not tagged ``raises-exception``, or fails in the words of a library
            without the tag ``nbval-ignore-output``; the message names it.
    """
    started: list[str] = []
    client = NotebookClient(
        notebook,
        timeout=LONGEST_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        on_cell_start=lambda cell, cell_index: started.append(cell.id),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise NotStorable(f"cell {started[-1]} failed: {error.ename}: {error.evalue}") from error
    except CellTimeoutError as error:
        raise NotStorable(f"cell {started[-1]} was still running after {LONGEST_CELL} s") from error
    except DeadKernelError as error:
        raise NotStorable(f"cell {started[-1]}: the kernel died") from error
    _refuse_foreign_words(notebook)


def _refuse_foreign_words(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "error" and not in_our_words(output):
                raise NotStorable(
                    f"cell {cell.id}: its message ({output.evalue}) is not in the book's words, and another "
                    "version of its library may word it otherwise; give the cell the tag nbval-ignore-output too"
                )


def refresh(path: Path) -> bool:
    """Run one chapter and store it; False where its file holds the same already.

    Raises:
        NotStorable: where it cannot be run or stored; the file is as it was.
    """
    notebook = read_notebook(path)
    version = notebook.metadata.get("language_info", {}).get("version", PYTHON)
    execute(notebook, path.parent)
    notebook.metadata.language_info = nbformat.from_dict({"version": version})
    _compact_pictures(notebook)
    return store_notebook(tidy(notebook), path)


def main(arguments: list[str]) -> int:
    """Refresh the notebooks named, or every chapter; one line for each, and 1 where one failed."""
    failed = False
    for path in [Path(argument) for argument in arguments] or chapters():
        began = time.monotonic()
        try:
            outcome = "stored" if refresh(path) else "unchanged"
        except NotStorable as error:
            failed, outcome = True, f"FAILED, the file is as it was: {error}"
        print(f"{path}: {outcome} ({time.monotonic() - began:.0f} s)", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
