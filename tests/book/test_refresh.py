import base64
import copy
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import refresh
import storing
from nbconvert import HTMLExporter
from nbformat.v4 import new_output
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from refresh import tidy, tidy_outputs
from storing import NotStorable

from aebook import data, figures

BOOK = storing.BOOK
VIEW = {"application/vnd.jupyter.widget-view+json": {"model_id": "1f0c", "version_major": 2, "version_minor": 0}}

BARS = [
    "\r  0%|          | 0/235 [00:00<?, ?it/s]\r100%|██████████| 235/235 [00:01<00:00, 200.01it/s]\n",
    "\repoch 1:  43%|████▎     | 101/235 [00:00<00:00, 512.10it/s, loss=0.0434]",
    "에폭 2/5: 100%|##########| 235/235 [00:00<00:00, 512.10it/s]\n",
    "\r 50%|█████     | 1.50k/3.00k [00:00<00:00, 9.9kB/s]\r                                  \r",
    "\r0it [00:00, ?it/s]\r300it [00:00, 2000.00it/s]\n",
    "12img [00:02,  6.00img/s]\n",
    "\n\r 10%|█         | 1/10 [00:00<00:00, 10.00it/s]\x1b[A",
    "\r  0%|          | 0/2 [00:00<?, ?it/s]\n\r  0%|          | 0/2 [00:00<?, ?it/s]\x1b[A\n",
]


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def display(**data):
    return new_output("display_data", data={key.replace("_", "/"): value for key, value in data.items()})


@pytest.mark.parametrize("bar", BARS)
def test_a_progress_bar_on_stderr_is_not_stored(bar):
    assert tidy_outputs([stream(bar, "stderr")]) == []
    kept = tidy_outputs([stream("before\n", "stderr"), stream(bar, "stderr"), stream("\nafter\n", "stderr")])
    assert [line for line in kept[0].text.splitlines() if line.strip()] == ["before", "after"]
    assert "\r" not in kept[0].text


@pytest.mark.parametrize(
    "text",
    [
        "UserWarning: 3 of 10 [see the manual]\n",
        "loss 5% | 0.1\n",
        "a\rb\n",
        "done in [00:03]\n",
        "\x1b[31mred\x1b[0m\n",
    ],
)
def test_other_words_on_stderr_stay_as_they_are(text):
    assert tidy_outputs([stream(text, "stderr")]) == [stream(text, "stderr")]


def test_what_a_cell_prints_is_never_taken_for_a_progress_bar():
    assert [tidy_outputs([stream(bar)]) for bar in BARS] == [[stream(bar)] for bar in BARS]


def test_a_widget_is_stored_as_its_html_or_not_at_all():
    bar = new_output("display_data", data={"text/plain": "  0%|          | 0/235", **VIEW})
    widget = new_output("display_data", data={"text/plain": "Explorer()", "text/html": "<div></div>", **VIEW})
    kept = tidy_outputs([bar, widget])
    assert [output.data for output in kept] == [{"text/plain": "Explorer()", "text/html": "<div></div>"}]


def test_streams_that_follow_each_other_become_one_whichever_came_first():
    parts = [stream("a\n"), stream("w\n", "stderr"), stream("b\n"), display(text_plain="1"), stream("c\n")]
    expected = [stream("a\nb\n"), stream("w\n", "stderr"), display(text_plain="1"), stream("c\n")]
    assert tidy_outputs(parts) == expected
    assert tidy_outputs([parts[1], parts[0], *parts[2:]]) == expected


def test_a_bar_between_two_prints_leaves_one_print():
    assert tidy_outputs([stream("a\n"), stream(BARS[0], "stderr"), stream("b\n")]) == [stream("a\nb\n")]


def test_an_error_keeps_its_name_and_words_and_nothing_of_the_machine():
    raw = new_output(
        "error",
        ename="ValueError",
        evalue="\x1b[31m3 is odd\x1b[0m",
        traceback=["\x1b[0;31m---", "File /home/me/x.py"],
    )
    kept = tidy_outputs([raw, new_output("error", ename="AssertionError", evalue="", traceback=["x"])])
    assert [output.traceback for output in kept] == [["ValueError: 3 is odd"], ["AssertionError"]]
    assert kept[0].evalue == "3 is odd"


def picture(array, **notes):
    """An array (H, W, 4) as a PNG in base64, with notes in it."""
    info, buffer = PngInfo(), io.BytesIO()
    for key, value in notes.items():
        info.add_text(key, value)
    Image.fromarray(array).save(buffer, "PNG", pnginfo=info)
    return base64.b64encode(buffer.getvalue()).decode()


def opaque(colours):
    """A picture with that many colours, none of them transparent."""
    array = np.zeros((24, 40, 4), dtype=np.uint8)
    index = np.arange(24 * 40).reshape(24, 40) % colours
    array[..., 0], array[..., 1], array[..., 3] = index % 256, index // 256, 255
    return array


@pytest.mark.parametrize(
    ("array", "mode"),
    [
        (opaque(2), "P"),
        (opaque(256), "P"),
        (opaque(257), "RGB"),
        (opaque(900), "RGB"),
        (opaque(20) - np.array([0, 0, 0, 9], dtype=np.uint8), "RGBA"),
    ],
)
def test_a_png_is_stored_smaller_without_its_notes_and_with_its_pixels(array, mode):
    raw = picture(array, Software="Matplotlib")
    stored = refresh.compact_png(raw)
    image = Image.open(io.BytesIO(base64.b64decode(stored)))
    assert (image.mode, image.info.get("Software")) == (mode, None)
    assert np.array_equal(np.asarray(image.convert("RGBA")), array)


def test_a_figure_of_digits_is_stored_in_two_thirds_of_its_bytes():
    buffer = io.BytesIO()
    figures.digits(data.mnist(train=False).images[:30]).savefig(buffer, format="png")
    raw = base64.b64encode(buffer.getvalue()).decode()
    assert len(refresh.compact_png(raw)) < len(raw) * 2 / 3


@pytest.mark.parametrize("data", ["R0lGODlh", picture(opaque(900))[:100], ""])
def test_a_broken_png_is_refused(data):
    with pytest.raises(NotStorable, match="its image/png cannot be read"):
        refresh.compact_png(data)


@pytest.mark.parametrize(
    "text",
    [
        "<Model object at 0x7f3a5c0d1e50>",
        "<function f at 0x000001F2A4B3C9D0>",
        "/home/me/book/x.py:3: UserWarning: slow",
        "saved to /tmp/tmpab12/model.pt",
        "File '/Users/me/x.py'",
        r"C:\Users\me\x.py",
        "lib/python3.11/site-packages/torch/nn.py",
    ],
)
@pytest.mark.parametrize("where", ["stdout", "stderr", "text/plain", "text/html", "evalue"])
def test_what_differs_on_the_next_machine_is_refused_by_cell(text, where, code, notebook):
    output = {
        "stdout": lambda: stream(text),
        "stderr": lambda: stream(text, "stderr"),
        "evalue": lambda: new_output("error", ename="E", evalue=text, traceback=[]),
    }.get(where, lambda: new_output("display_data", data={where: text}))()
    with pytest.raises(NotStorable, match=r"cell shown: its output holds a (memory address|path of this machine)"):
        tidy(notebook(code("x", [output], cell_id="shown")))


@pytest.mark.parametrize(
    "text",
    [
        "0xff at 0x10",
        "https://example.org/home/me/x",
        "<p>a</p><var>x</var>",
        "and/or/both",
        "/ 784",
        "1/tmp",
        "x:\\alpha",
    ],
)
def test_what_only_looks_like_an_address_or_a_path_is_stored(text, code, notebook):
    assert tidy(notebook(code("x", [stream(text)]))).cells[0].outputs[0].text == text


def test_notes_of_editors_and_runners_go_and_the_rest_of_the_metadata_stays(code, notebook):
    cell = code("1", tags=["kept"], execution={"iopub.execute_input": "2019"}, collapsed=True, scrolled=True)
    cell.metadata["aebook"] = {"ko": "1", "en": "2"}
    raw = notebook(
        cell,
        title="kept",
        widgets={"state": {}},
        kernelspec={"name": "mine", "display_name": "Mine"},
        language_info={"name": "python", "version": "3.11.9"},
    )
    kept = tidy(raw)
    assert kept.cells[0].metadata == {"tags": ["kept"], "aebook": {"ko": "1", "en": "2"}}
    assert kept.metadata.title == "kept"
    assert kept.metadata.kernelspec.name == "python3"
    assert "widgets" not in kept.metadata and kept.metadata.language_info.version == "3.11.9"


def test_cells_are_counted_in_their_order_and_empty_ones_are_not(code, words, notebook):
    result = new_output("execute_result", data={"text/plain": "1"}, execution_count=41)
    cells = [code("1", [result], cell_id="a"), words("w", "b"), code(" \n", cell_id="c"), code("2", cell_id="d")]
    cells[0].execution_count, cells[3].execution_count = 41, 7
    kept = tidy(notebook(*cells))
    assert [cell.get("execution_count") for cell in kept.cells] == [1, None, None, 2]
    assert kept.cells[0].outputs[0].execution_count == 1


def test_tidying_leaves_its_argument_sources_and_ids_alone_and_twice_is_once(code, words, notebook):
    outputs = [stream("a"), stream(BARS[1], "stderr"), display(image_png=picture(opaque(2)))]
    raw = notebook(words("# 제목", "head"), code("f()", outputs, cell_id="run"), widgets={})
    before = nbformat.writes(raw)
    once = tidy(raw)
    assert nbformat.writes(raw) == before != nbformat.writes(once)
    assert [(cell.id, cell.source) for cell in once.cells] == [("head", "# 제목"), ("run", "f()")]
    assert tidy(once) == once


def test_a_stored_notebook_is_sorted_unescaped_json_with_a_final_newline(code, notebook, tmp_path):
    path = tmp_path / "한글.ipynb"
    assert storing.store_notebook(tidy(notebook(code("print('가')", [stream("가\n")]))), path)
    text = path.read_bytes().decode("utf-8")
    content = json.loads(text)
    assert text == json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    assert "가" in text and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cells: cells[1].update(id="a"), "Non-unique cell id 'a'"),
        (lambda cells: cells[1].pop("id"), "missing an id"),
    ],
)
def test_cells_without_an_id_of_their_own_are_refused_not_given_a_random_one(
    change, message, code, notebook, write
):
    content = json.loads(nbformat.writes(notebook(code("1", cell_id="a"), code("2", cell_id="b"))))
    change(content["cells"])
    path = write("ko/a.ipynb", json.dumps(content))
    with pytest.raises(NotStorable, match=f"ko/a.ipynb is not a notebook that can be read: .*{message}"):
        storing.read_notebook(path)


def test_a_file_that_holds_the_same_is_not_touched(code, notebook, tmp_path):
    path = tmp_path / "a.ipynb"
    content = tidy(notebook(code("1")))
    assert storing.store_notebook(content, path)
    before = os.stat(path)
    assert not storing.store_notebook(content, path)
    assert (os.stat(path).st_ino, os.stat(path).st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_notebook_over_500_kB_is_refused_and_the_file_stays(code, notebook, write, tmp_path):
    path = write("a.ipynb", "old")
    with pytest.raises(NotStorable, match=r"would be 6\d\d kB; accepted are 500 kB"):
        storing.store_notebook(notebook(code("x", [stream("가" * 200_000)])), path)
    assert path.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_leaves_no_half_written_one(monkeypatch, write, tmp_path):
    path = write("a.md", "old")
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(PermissionError("held open")))
    with pytest.raises(PermissionError):
        storing.store_text("new", path)
    assert path.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [path]


RUN = """import sys, pathlib
from tqdm.auto import tqdm
print("began")
for step in tqdm(range(3)):
    pass
for step in __import__("tqdm").tqdm(range(3)):
    pass
print("ended")
pathlib.Path("where").write_text(sys.executable)
__import__("ipywidgets").IntSlider()"""


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """A notebook that shows bars, a widget, a figure and an error, refreshed once: its path and its bytes."""
    cell, folder = nbformat.v4.new_code_cell, tmp_path_factory.mktemp("refreshed")
    cells = [
        cell(RUN, id="bars"),
        cell("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])", id="figure"),
        cell("1 / 0", id="error", metadata={"tags": ["nbval-ignore-output", "raises-exception"]}),
        cell("raise ValueError('ours')", id="ours", metadata={"tags": ["raises-exception"]}),
        cell("40 + 2", id="result"),
    ]
    path = folder / "run.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert refresh.refresh(path)
    return path, path.read_bytes()


def test_a_chapter_is_run_in_its_folder_and_in_this_environment(refreshed):
    assert Path((refreshed[0].parent / "where").read_text()).samefile(sys.executable)


def test_a_chapter_is_stored_with_what_it_shows_and_without_its_bars(refreshed):
    cells = {cell.id: cell for cell in nbformat.reads(refreshed[1].decode(), as_version=4).cells}
    assert cells["bars"].outputs == [stream("began\nended\n")]
    assert list(cells["figure"].outputs[0].data) == ["image/png", "text/plain"]
    assert cells["ours"].outputs[0].traceback == ["ValueError: ours"]
    assert len(cells["error"].outputs[0].traceback) == 1
    assert cells["result"].outputs[0].data == {"text/plain": "42"}
    assert [cell.execution_count for cell in cells.values()] == [1, 2, 3, 4, 5]


def test_a_second_refresh_changes_nothing(refreshed, capsys):
    path, first = refreshed
    assert refresh.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert capsys.readouterr().out.startswith(f"{path}: unchanged (")


def test_a_chapter_that_fails_is_named_with_its_cell_and_its_file_stays(code, notebook, write, capsys):
    raw = notebook(code("2", cell_id="fine"), code("{}['없음']", cell_id="broken"))
    path = write("failing.ipynb", raw)
    before = path.read_bytes()
    assert refresh.main([str(path), str(path.with_name("absent.ipynb"))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{path}: FAILED, the file is as it was: cell broken failed: KeyError: '없음'")
    assert "absent.ipynb is not a notebook that can be read" in lines[1] and len(lines) == 2
    assert path.read_bytes() == before


def test_a_refusal_in_the_words_of_a_library_is_not_stored_without_its_tag(code, notebook, write):
    path = write("a.ipynb", notebook(code("int('a')", tags=["raises-exception"], cell_id="theirs")))
    with pytest.raises(NotStorable, match=r"cell theirs: .* is not in the book's words.* tag nbval-ignore-output"):
        refresh.refresh(path)


def run_nbval(folder):
    """The outcomes of a folder's cells, as pytest names them, under the book's own conftest."""
    (folder / "conftest.py").write_bytes((BOOK / "conftest.py").read_bytes())
    options = ["--nbval", "--nbval-current-env", "-rA", "--color=no", "--rootdir=.", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "."],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(BOOK / "_tools"), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    lines = [line.split(" - ")[0] for line in run.stdout.splitlines() if "::" in line]
    outcomes = dict(reversed(line.split(" ", 1)) for line in lines if line.startswith(("FAILED", "PASSED")))
    assert outcomes, run.stdout
    return outcomes


def failing(outcomes):
    return sorted(name for name, outcome in outcomes.items() if outcome == "FAILED")


def test_nbval_compares_all_of_a_cell_but_its_bars_and_tracebacks(refreshed, tmp_path):
    """A changed print beside a bar fails, so does a changed error; a changed traceback and the bars do not."""
    stored = nbformat.reads(refreshed[1].decode(), as_version=4)
    stored.cells[3].outputs[0].traceback = ["another"]
    nbformat.write(stored, tmp_path / "same.ipynb")
    stored.cells[0].outputs[0].text = "began\nfinished\n"
    stored.cells[3].outputs[0].evalue = "yours"
    stored.cells[4].outputs[0].data["text/plain"] = "43"
    nbformat.write(stored, tmp_path / "changed.ipynb")
    outcomes = run_nbval(tmp_path)
    assert failing(outcomes) == [f"changed.ipynb::Cell {index}" for index in (0, 3, 4)]
    assert len(outcomes) == 10


def test_a_refusal_by_a_library_is_compared_by_its_kind_whatever_its_words(refreshed, tmp_path):
    """Another wording passes; another kind of error, no error at all, or a missing tag does not."""
    stored = nbformat.reads(refreshed[1].decode(), as_version=4)
    stored.cells = [stored.cells[2]]
    for name, change in {
        "words": lambda cell: cell.outputs[0].update(evalue="as another version says it"),
        "kind": lambda cell: cell.outputs[0].update(ename="ValueError"),
        "none": lambda cell: cell.update(source="1 / 1"),
        "untagged": lambda cell: cell.metadata.update(tags=["raises-exception"]),
    }.items():
        changed = copy.deepcopy(stored)
        change(changed.cells[0])
        nbformat.write(changed, tmp_path / f"{name}.ipynb")
    assert failing(run_nbval(tmp_path)) == [f"{name}.ipynb::Cell 0" for name in ("kind", "none", "untagged")]


def test_a_picture_has_its_words_where_nbconvert_looks_and_only_there(code, words, notebook):
    told = code("f()", [display(image_png=picture(opaque(2)))], mystnb={"image": {"alt": 'a <5> & "6"'}})
    plain = code("f()", [display(image_png=picture(opaque(2)), text_plain="x")], cell_id="plain")
    plain.outputs[0].metadata = nbformat.from_dict({"image/png": {"alt": "old", "width": 20}})
    kept = tidy(notebook(told, plain))
    assert kept.cells[0].outputs[0].metadata == {"image/png": {"alt": 'a <5> & "6"'}}
    assert kept.cells[1].outputs[0].metadata == {"image/png": {"width": 20}}


def untold(path):
    """How many pictures of a notebook nbconvert finds no words for."""
    page, _ = HTMLExporter(template_name="classic").from_filename(str(path))
    return page.count("No description has been provided for this image")


def test_nbconvert_counts_a_picture_without_words(code, notebook, write):
    cells = [code("f()", [display(image_png=picture(opaque(2)))], cell_id=name) for name in ("told", "untold")]
    cells[0].metadata["mystnb"] = {"image": {"alt": "a"}}
    assert untold(write("a.ipynb", tidy(notebook(*cells)))) == 1


@pytest.mark.parametrize("path", storing.chapters(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nbconvert_finds_words_for_every_picture_of_a_chapter(path):
    assert untold(path) == 0


def test_folded_outputs_are_noted_in_both_ways_that_jupyterlab_knows(code, notebook):
    folded = code("1", jupyter={"outputs_hidden": True}, cell_id="a")
    open_cell = code("2", jupyter={"outputs_hidden": False}, collapsed=True, cell_id="b")
    kept = tidy(notebook(folded, open_cell))
    assert [cell.metadata.get("collapsed") for cell in kept.cells] == [True, None]


def test_the_python_that_a_file_names_stays_whichever_runs_it(code, notebook, write):
    path = write("a.ipynb", notebook(code("1"), language_info={"name": "python", "version": "3.11.0"}))
    assert refresh.refresh(path)
    assert storing.read_notebook(path).metadata.language_info == refresh.LANGUAGE | {"version": "3.11.0"}
