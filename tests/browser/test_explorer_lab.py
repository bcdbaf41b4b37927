"""The explorer in JupyterLab: what is moved there and what Python holds go together, whichever moved it."""

import random
from pathlib import Path

import nbformat
import pytest
import torch
from axe import violations
from complaints import listen
from contrast import contrast, drawn
from lab_server import (
    change_theme,
    notebook_state,
    open_notebook,
    python,
    restart_kernel,
    save_and_shut_down,
    serving_lab,
    value,
)
from playwright.sync_api import expect

from aebook.widgets.explorer import BOUNDS, ConvTransposeExplorer

FALLBACK = ConvTransposeExplorer.spec.fallback

CHAPTER = Path(__file__).parents[2] / "book" / "en" / "02-transposed-convolution.ipynb"
CELLS = [
    'import ipywidgets\n\nexplorer = ConvTransposeExplorer(stride=2, input_kind="ramp")\nexplorer',
    # The same explorer once more, in a box with other widgets: one linked by Python, one by the page.
    """by_python = ipywidgets.IntSlider(1, 1, 5, description="by Python")
ipywidgets.link((explorer, "stride"), (by_python, "value"))
by_page = ipywidgets.IntSlider(0, 0, 6, description="by the page")
ipywidgets.jslink((explorer, "padding"), (by_page, "value"))
ipywidgets.VBox([explorer, by_python, by_page])""",
]
FIRST = {**{name: low for name, (low, _) in BOUNDS.items()}, "input_size": 3, "kernel_size": 3, "stride": 2}
VERSION = torch.__version__.partition("+")[0]
COLOURS = """(root, [property, variable]) => {
    const probe = root.parentElement.appendChild(document.createElement("i"));
    probe.style.setProperty(property, `var(${variable})`);
    const [shown, theme] = [root, probe].map(element => getComputedStyle(element).getPropertyValue(property));
    probe.remove();
    return shown === theme && shown !== "";
}"""
# As drags do it, but all sliders in one call.
MOVE = """(root, values) => Object.entries(values).forEach(([name, value]) => {
    const slider = root.querySelector(`input[type=range][aria-label="${name}"]`);
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """A page of JupyterLab with every cell run; what the page complains of fails the last test."""
    folder = tmp_path_factory.mktemp("lab")
    write_notebook(folder / "notebook.ipynb")
    complaints, context = [], browser.new_context(viewport={"width": 1280, "height": 1000})
    with serving_lab(folder) as address:
        page = context.new_page()
        listen(page, complaints, address)
        open_notebook(page, address, "notebook.ipynb")
        yield page
        context.close()
    # At a restart JupyterLab forgets all comms, and complains where the kernel that ends still closes them.
    assert [words for words in complaints if not words.startswith("Comm not found for comm id")] == []


def write_notebook(path):
    """The chapter's imports and explorers, after an explorer to be tried in every way."""
    chapter = nbformat.read(CHAPTER, as_version=4)
    code = [cell.source for cell in chapter.cells if cell.cell_type == "code"]
    imports = [source for source in code if "from aebook import" in source]
    explorers = [source for source in code if source.startswith("ConvTransposeExplorer(")]
    cells = [nbformat.v4.new_code_cell(source) for source in [*imports, *CELLS, *explorers]]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=chapter.metadata), path)
    single = nbformat.v4.new_code_cell("from aebook import ConvTransposeExplorer\n\nConvTransposeExplorer()")
    nbformat.write(
        nbformat.v4.new_notebook(cells=[single], metadata=chapter.metadata), path.with_name("single.ipynb")
    )


@pytest.fixture
def explorer(lab):
    """The first view of the explorer, at the settings that every test begins with, which were set in Python."""
    python(lab, f"for name, value in {FIRST!r}.items(): setattr(explorer, name, value)")
    python(lab, "explorer.input_kind, explorer.kernel_kind, explorer.bias = 'ramp', 'ones', False")
    explorer = lab.locator(".aebook-explorer").first
    expect(explorer.locator("code")).to_have_text("nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, bias=False)")
    explorer.scroll_into_view_if_needed()
    explorer.get_by_role("radio").first.check()  # the tab that shows the output
    agree(explorer)
    return explorer


def agree(explorer):
    """Waits until the view has from Python what PyTorch computes of the settings that it shows, and says so."""
    expect(explorer.locator(".agreement")).to_have_text(f"PyTorch {VERSION} agrees.")


def slider(explorer, name):
    return explorer.get_by_role("slider", name=name, exact=True)


def numbers(explorer, name):
    """What a grid shows, at most 16 cells each way."""
    rows = explorer.locator(f"[data-grid={name}] tbody tr")
    return rows.evaluate_all("rows => rows.map(row => [...row.querySelectorAll('td')].map(td => +td.textContent))")


def test_every_explorer_comes_alive_after_run_all_and_pytorch_agrees(lab):
    explorers = lab.locator(".aebook-explorer")
    expect(explorers).to_have_count(notebook_state(lab)[0] - 1)  # all cells but the imports
    assert explorers.count() > 5
    for explorer in explorers.all():
        agree(explorer)
        expect(explorer.get_by_role("radio", checked=True)).to_have_count(1)


def test_arrow_keys_move_a_slider_and_python_follows(lab, explorer):
    expected = {name: FIRST[name] + 1 for name in BOUNDS}
    for name, moved in expected.items():
        for key in ["ArrowUp", "ArrowRight", "ArrowLeft"]:
            slider(explorer, name).press(key)
        expect(slider(explorer, name)).to_have_value(f"{moved}")
    agree(explorer)
    assert settings_in_python(lab) == expected
    for name in BOUNDS:
        slider(explorer, name).press("ArrowDown")
    agree(explorer)
    assert settings_in_python(lab) == FIRST


def test_drags_move_a_slider_and_python_follows(lab, explorer):
    for name, (low, high) in BOUNDS.items():
        handle = slider(explorer, name)
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        thumb = 8 + (box["width"] - 16) * (FIRST[name] - low) / (high - low)
        lab.mouse.move(box["x"] + thumb, box["y"] + box["height"] / 2)
        lab.mouse.down()
        lab.mouse.move(box["x"] + box["width"] + 30, box["y"] + box["height"] / 2, steps=3)
        lab.mouse.up()
        expect(handle).to_have_value(f"{high}")
    agree(explorer)
    assert settings_in_python(lab) == {name: high for name, (_, high) in BOUNDS.items()}


def settings_in_python(lab):
    return value(lab, f"{{name: getattr(explorer, name) for name in {list(BOUNDS)}}}")


def test_a_trait_set_in_python_moves_the_slider_in_both_views(lab, explorer):
    views = [explorer, lab.locator(".aebook-explorer").nth(1)]
    python(lab, "explorer.output_padding = 1")
    for view in views:
        expect(slider(view, "output_padding")).to_have_value("1")
    python(lab, "explorer.kernel_size = (4, 2)")
    for view in views:
        expect(slider(view, "kernel_size H")).to_have_value("4")
        expect(slider(view, "kernel_size W")).to_have_value("2")
        agree(view)
    python(lab, "explorer.input = [[1, 2], [3, -4.5]]")
    for view in views:
        agree(view)
        assert numbers(view, "input") == [[1, 2], [3, -4.5]]


def test_a_slider_moved_in_one_view_moves_in_the_other(lab, explorer):
    other = lab.locator(".aebook-explorer").nth(1)
    slider(other, "padding").press("ArrowRight")
    expect(slider(explorer, "padding")).to_have_value("1")
    slider(explorer, "padding").press("ArrowRight")
    expect(slider(other, "padding")).to_have_value("2")
    agree(explorer)
    agree(other)
    assert numbers(explorer, "output") == numbers(other, "output") == value(lab, "explorer.output.tolist()")


def test_layer_and_output_are_what_the_grids_show(lab, explorer):
    generator, refused = random.Random(8), 0
    python(lab, "explorer.kernel_kind, explorer.bias, explorer.bias_value = 'random', True, 0.5")
    for _ in range(12):
        explorer.evaluate(MOVE, {name: generator.randint(low, low + 2) for name, (low, _) in BOUNDS.items()})
        agree(explorer)
        layer = eval(explorer.locator("code").inner_text(), {"nn": torch.nn})
        held = "[str(layer), layer.weight.tolist(), layer.bias.tolist()]"
        result = "[output.tolist() if output is not None else None, explorer.refusal]"
        assert value(lab, held, "layer = explorer.layer") == [str(layer), [[numbers(explorer, "kernel")]], [0.5]]
        output, refusal = value(lab, result, "output = explorer.output")
        if refusal:
            expect(explorer.get_by_role("status").first).to_contain_text(refusal)
            expect(explorer.locator("[data-grid=output]")).to_be_hidden()
            refused += 1
        assert output == (None if refusal else numbers(explorer, "output"))
    assert 2 < refused < 10


def test_what_pytorch_computes_is_compared_and_not_only_announced(lab, explorer):
    python(lab, "explorer.pytorch = {**explorer.pytorch, 'output': (explorer.output + 1).tolist()}")
    expect(explorer.locator(".agreement")).to_contain_text("disagrees")
    python(lab, "explorer.output_padding = 3")
    agree(explorer)
    expect(explorer.get_by_role("status").first).to_contain_text("output padding must be smaller than")
    python(lab, "explorer.pytorch = {**explorer.pytorch, 'refusal': None}")
    expect(explorer.locator(".agreement")).to_contain_text("disagrees")


@pytest.mark.parametrize(("trait", "label"), [("stride", "by Python"), ("padding", "by the page")])
def test_another_widget_is_linked_with_a_setting(lab, explorer, trait, label):
    other = lab.locator(".widget-slider").filter(has_text=label)
    before = int(other.locator(".widget-readout").inner_text())
    slider(explorer, trait).press("ArrowRight")
    expect(other.locator(".widget-readout")).to_have_text(f"{before + 1}")
    handle = other.get_by_role("slider")
    handle.focus()
    handle.press("ArrowRight")
    expect(slider(explorer, trait)).to_have_value(f"{before + 2}")
    agree(explorer)
    assert value(lab, f"explorer.{trait}") == before + 2


def test_a_cell_is_traced_by_arrow_keys(lab, explorer):
    explorer.locator("[data-grid=output] td[tabindex]").focus()
    for key in ["ArrowDown", "ArrowDown", "ArrowRight"]:
        lab.keyboard.press(key)
    expect(explorer.locator(".trace")).to_have_text("output[2, 1] = 1×1 + 4×1 = 5")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_its_colours_are_those_of_jupyterlabs_theme_and_stand_apart(lab, explorer, theme):
    change_theme(lab, theme)
    assert explorer.evaluate(COLOURS, ["background-color", "--jp-layout-color1"])
    assert explorer.evaluate(COLOURS, ["color", "--jp-ui-font-color0"])
    slider(explorer, "output_padding").fill("3")
    explorer.locator("summary").evaluate_all("all => all.forEach(summary => summary.parentElement.open = true)")
    assert violations(explorer) == []
    for control in explorer.locator("button, select, input[type=number]").all()[:4]:
        pixels = drawn(control, margin=4)
        across_its_edge = pixels[len(pixels) // 2, :8]
        assert contrast(across_its_edge, pixels[0, 0]).max() > 3


def test_no_key_pressed_in_the_explorer_does_anything_to_the_notebook(lab, explorer):
    explorer.locator("summary").evaluate_all("all => all.forEach(summary => summary.parentElement.open = true)")
    controls = explorer.locator("button, select, input, summary, textarea, td[tabindex]").all()
    kinds = {}
    for control in controls:
        kinds.setdefault(control.evaluate("element => element.tagName + (element.type ?? '')"), control)
    assert len(kinds) > 7
    before = notebook_state(lab)
    for kind, control in kinds.items():
        for key in ("b", "ArrowDown", "Enter"):  # a cell below, the next cell, edit mode
            control.focus()
            lab.keyboard.press(key)
            assert notebook_state(lab) == before, f"{key} on {kind}"


@pytest.mark.parametrize("name", ["input", "kernel"])
def test_enter_begins_a_new_row_in_the_boxes_for_numbers(lab, explorer, name):
    explorer.locator("summary").first.evaluate("summary => summary.parentElement.open = true")
    box = explorer.get_by_label(f"{name}, a row a line")
    box.fill("")
    before = notebook_state(lab)
    for key in ["1", " ", "2", " ", "3", "Enter", "4", " ", "5", " ", "6"]:
        box.press("Space" if key == " " else key)
    expect(box).to_have_value("1 2 3\n4 5 6")
    assert notebook_state(lab) == before
    agree(explorer)
    assert value(lab, f"[explorer.{name}, explorer.{name}_size]") == [[[1, 2, 3], [4, 5, 6]], [2, 3]]


def test_the_solver_sends_python_nothing_that_the_sliders_cannot_show(lab, explorer):
    explorer.locator("summary").last.evaluate("summary => summary.parentElement.open = true")
    for name, size in {"from": "32", "to": "64"}.items():
        explorer.get_by_label(name, exact=True).fill(size)
    lines = explorer.locator(".found li")
    expect(lines.first).to_have_text("kernel_size=2, stride=2: even, no overlap")
    lines.first.click()
    explorer.get_by_label("from", exact=True).fill("16")
    assert settings_in_python(lab) == FIRST
    explorer.locator(".found button").first.click()
    agree(explorer)
    assert settings_in_python(lab) == {**FIRST, "input_size": 16, "kernel_size": 4, "stride": 4}


def test_where_a_widget_is_shown_the_words_in_its_place_are_not(lab, explorer):
    expect(lab.get_by_text(FALLBACK["en"])).to_have_count(1 + notebook_state(lab)[0] - 3)
    for words in lab.get_by_text(FALLBACK["en"]).all():
        expect(words).to_be_hidden()


def test_without_its_kernel_the_explorer_says_so_and_goes_on_computing(lab, explorer):
    restart_kernel(lab)
    expect(explorer.locator(".agreement")).to_contain_text("The kernel is gone.")
    slider(explorer, "padding").press("ArrowRight")
    expect(explorer.locator("code")).to_have_text(
        "nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, padding=1, bias=False)"
    )
    assert len(numbers(explorer, "output")) == 5
    expect(explorer.locator(".agreement")).to_contain_text(
        "goes on computing by itself; after a restart, run the cell again"
    )


def test_saved_and_opened_again_a_notebook_says_to_run_the_cell(lab):
    """In a page of its own: JupyterLab itself complains that there is no widget."""
    page = lab.context.new_page()
    address = lab.url.partition("/lab")[0]
    open_notebook(page, address, "single.ipynb")
    expect(page.locator(".aebook-explorer")).to_be_visible(timeout=60_000)
    save_and_shut_down(page)
    page.goto("about:blank")
    open_notebook(page, address, "single.ipynb", run=False)
    expect(page.get_by_text(FALLBACK["en"])).to_be_visible()
    expect(page.locator(".aebook-explorer")).to_have_count(0)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    explorer = page.locator(".aebook-explorer")
    agree(explorer)
    expect(page.get_by_text(FALLBACK["en"])).to_be_hidden()
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")  # of which no widget is told
    slider(explorer, "stride").press("ArrowRight")
    expect(explorer.locator(".agreement")).to_contain_text("The kernel is busy, or gone.", timeout=20_000)
    page.close()
