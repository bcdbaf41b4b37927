"""The explorer in pages without Jupyter, moved by its controls as a reader moves them."""

import json
import random
import re

import pytest
import torch
from harness import SHEET
from playwright.sync_api import expect
from waking import wake

from aebook.transposed import WORDS_FROM, output_shape, settings_for
from aebook.widgets.explorer import BOUNDS, STATE, ConvTransposeExplorer

FALLBACK = ConvTransposeExplorer.spec.fallback
# The colours of the table in the light, as [red, green, blue].
TOKENS = {
    name: list(bytes.fromhex(colour)) for name, colour in re.findall(r"--([\w-]+): light-dark\(#(\w{6}),", SHEET)
}
READ_TABLE = """(root, name) => {
    const table = root.querySelector(`[data-grid=${name}]`);
    if (!table.checkVisibility()) return null;
    const text = cells => [...cells].map(cell => cell.textContent);
    const rows = [...table.tBodies[0].rows];
    return {
        rows: rows.map(row => Number(row.cells[0].textContent)),
        columns: text([...table.tHead.rows[0].cells].slice(1)).map(Number),
        numbers: rows.map(row => text([...row.cells].slice(1)).map(Number)),
    };
}"""
READ = f"""root => ({{
    status: root.querySelector("[role=status]").textContent,
    code: root.querySelector("code").textContent,
    result: [...root.querySelectorAll(".result p")].map(line => line.textContent),
    ...Object.fromEntries(["input", "kernel", "output"].map(name => [name, ({READ_TABLE})(root, name)])),
}})"""
# As a reader does it, but for all settings in one call and as text: playwright takes minutes for them one by one.
TRY = f"""(root, settings) => {{
    const labels = [...root.querySelectorAll("label")];
    const named = (text, name) => text === name || text.startsWith(`${{name}} `);
    const control = name => root.querySelector(`[type=number][aria-label="${{name}}"]`)
        ?? labels.find(label => named(label.textContent, name)).querySelector("input, select");
    const set = (element, value) => {{
        if (element.type === "checkbox") return element.checked === value || element.click();
        element.value = value;
        for (const event of ["input", "change"]) element.dispatchEvent(new Event(event, {{ bubbles: true }}));
    }};
    return JSON.stringify(settings.map(values => {{
        for (const [name, value] of Object.entries(values)) set(control(name), value);
        return ({READ})(root);
    }}));
}}"""


@pytest.fixture
def open_explorer(open_widgets):
    """A function that opens a page with explorers of those settings, from the disk."""

    def open_explorer(*settings, **options):
        places = "".join(ConvTransposeExplorer(**each)._repr_mimebundle_()[0]["text/html"] for each in settings)
        page = open_widgets(places, **options)
        wake(page)
        return page

    return open_explorer


# What sticks out of the explorer, but for what lies in a box that scrolls.
OUTSIDE = """root => {
    const right = element => element.getBoundingClientRect().right;
    const outside = [...root.querySelectorAll("*")].filter(each => right(each) > right(root));
    return outside.filter(each => !each.closest(".scroll")).map(each => each.outerHTML.slice(0, 90));
}"""


def explorer_of(page, number=0):
    return page.locator(".aebook-explorer").nth(number)


def fill(explorer, label, value):
    explorer.get_by_role("spinbutton", name=label, exact=True).fill(str(value))


def read(explorer, name):
    return explorer.evaluate(f"root => ({READ_TABLE})(root, {json.dumps(name)})")


def check_numbers(table, numbers):
    """The part of the numbers that the table shows, which rounds to four digits."""
    part = numbers[table["rows"]][:, table["columns"]]
    torch.testing.assert_close(torch.tensor(table["numbers"], dtype=torch.float32), part, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("over", ["file", "http"])
def test_200_random_settings_in_the_built_chapter_show_what_pytorch_computes(open_at, site, request, over):
    address = site.as_uri() if over == "file" else request.getfixturevalue("served")
    page = open_at(address, "book/en/02-transposed-convolution.html")
    wake(page)
    expect(page.locator("[data-aebook-widget]:not([data-ready])")).to_have_count(0)
    explorer, cases = explorer_of(page), [random_case(random.Random(seed)) for seed in range(200)]
    explorer.locator("summary").evaluate_all("all => all.forEach(summary => summary.click())")
    results = json.loads(explorer.evaluate(TRY, [controls for _, controls in cases]))
    taken = [
        check(result, ConvTransposeExplorer(**settings))
        for result, (settings, _) in zip(results, cases, strict=True)
    ]
    assert 40 < sum(taken) < 160


def test_what_is_said_of_a_change_stands_in_the_text_that_was_there(open_page):
    page = open_page("book/en/02-transposed-convolution")
    wake(page)
    size = page.locator(".aebook-explorer .size").first
    node = size.evaluate_handle("size => size.firstChild")
    before = size.inner_text()
    page.locator(".aebook-explorer input[type=range][aria-label=input_size]").first.press("ArrowRight")
    expect(size).not_to_have_text(before)
    assert size.evaluate("(size, node) => size.firstChild === node && size.childNodes.length === 1", node)


def random_case(generator):
    """A setting, and what is to be done to the controls for it."""
    settings = {name: generator.randint(*bounds) for name, bounds in BOUNDS.items()}
    if split := generator.random() < 0.5:
        settings = {name: (value, generator.randint(*BOUNDS[name])) for name, value in settings.items()}
    numbers = {label: number for setting in settings.items() for label, number in fields(*setting)}
    kinds = {
        "input_kind": generator.choice(["ones", "ramp", "random", "digit"]),
        "kernel_kind": generator.choice(["ones", "ramp", "random", "bilinear"]),
        "bias": generator.random() < 0.5,
    }
    labels = dict(zip(["input numbers", "kernel numbers", "bias"], kinds.values(), strict=True))
    return {**settings, **kinds}, {"different for H and W": split, **numbers, **labels}


def fields(name, value):
    """The number fields of a setting, one or two, with what is to be typed there."""
    return zip((f"{name} H", f"{name} W"), value, strict=True) if isinstance(value, tuple) else [(name, value)]


def check(shown, expected):
    """What the page shows beside what PyTorch computes of the same settings; whether PyTorch takes them."""
    for name in ("input", "kernel"):
        check_numbers(shown[name], torch.tensor(getattr(expected, name)))
    layer = eval(shown["code"], {"nn": torch.nn})
    assert str(layer) == str(expected.layer)
    assert f"{sum(each.numel() for each in layer.parameters())} parameters" in shown["result"]
    if expected.refusal:
        settings = [getattr(expected, name) for name in BOUNDS]
        with pytest.raises(ValueError) as refusal:
            output_shape(*((one, one) if isinstance(one, int) else one for one in settings))
        assert f"PyTorch {WORDS_FROM} refuses" in shown["status"] and str(refusal.value) in shown["status"]
        assert shown["output"] is None
        return False
    assert shown["status"] == "output {} × {}".format(*expected.output.shape)
    check_numbers(shown["output"], expected.output)
    return True


def test_the_table_beside_a_large_grid_goes_where_the_arrow_keys_go(open_explorer):
    page = open_explorer(
        {"input_size": 16, "kernel_size": 4, "stride": 3, "kernel_kind": "random", "input_kind": "digit"}
    )
    explorer = explorer_of(page)
    expected = ConvTransposeExplorer(
        input_size=16, kernel_size=4, stride=3, kernel_kind="random", input_kind="digit"
    )
    seen = []
    explorer.locator("[data-grid=output] td[tabindex]").focus()
    for key in ["ArrowDown"] * 48 + ["ArrowRight"] * 48:
        page.keyboard.press(key)
        table = read(explorer, "output")
        seen.append((table["rows"][0], table["columns"][0]))
        check_numbers(table, expected.output)
    assert (table["rows"][-1], table["columns"][-1]) == (48, 48)
    assert seen == [(max(0, row - 15), 0) for row in range(1, 49)] + [(33, max(0, at - 15)) for at in range(1, 49)]
    expect(explorer.locator("[data-grid=output] caption")).to_have_text(
        "output 49 × 49: rows 33–48, columns 33–48"
    )
    expect(explorer.locator(".trace")).to_contain_text("output[48, 48] = ")


def test_the_pointer_on_the_picture_of_a_large_grid_moves_table_frame_and_mark(open_explorer):
    settings = {
        "input_size": 16,
        "kernel_size": 4,
        "stride": (3, 2),
        "input_kind": "random",
        "kernel_kind": "random",
    }
    explorer, output = explorer_of(open_explorer(settings)), ConvTransposeExplorer(**settings).output
    grid = explorer.locator(".grid").filter(has=explorer.page.locator("[data-grid=output]"))
    picture, (height, width) = grid.locator("canvas"), output.shape
    box = picture.bounding_box()
    places = [(40, 30), (0, 0), (height - 1, width - 1)]
    for row, column in places:
        position = {"x": (column + 0.5) / width * box["width"], "y": (row + 0.5) / height * box["height"]}
        picture.hover(position=position, force=True)  # the frame lies over it, and lets the pointer through
        expect(explorer.locator(".trace")).to_contain_text(f"output[{row}, {column}] = ")
        table, frame = read(explorer, "output"), grid.locator(".frame").bounding_box()
        assert row in table["rows"] and column in table["columns"]
        assert frame["y"] - box["y"] == pytest.approx(table["rows"][0] / height * box["height"], abs=1)
        assert frame["x"] - box["x"] == pytest.approx(table["columns"][0] / width * box["width"], abs=1)
        assert frame["height"] == pytest.approx(16 / height * box["height"], abs=1)
    pixels = picture.evaluate(PIXELS)
    expected = [colour(number, output) for number in output.flatten().tolist()]
    expected[-1] = [*TOKENS["trace"], 255]  # the traced one
    strong = [at for at, pixel in enumerate(expected) if pixel[3] > 40]  # faint ones lose some of their colour
    assert len(strong) > 300
    for at in strong:
        assert pixels[at] == pytest.approx(expected[at], abs=8), (at // width, at % width)


PIXELS = """picture => {
    const { data } = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height);
    return Array.from({ length: data.length / 4 }, (_, place) => [...data.subarray(4 * place, 4 * place + 4)]);
}"""


def colour(number, grid):
    """Blue for a number above 0 and orange for one below, the stronger the farther from 0."""
    strength = int(255 * abs(number) / grid.abs().max().item())
    return [*TOKENS["code" if number < 0 else "net"], strength]


def test_a_traced_cell_that_is_gone_is_traced_no_more(open_explorer):
    explorer = explorer_of(open_explorer({}))
    explorer.locator("[data-grid=output] tbody tr").nth(3).locator("td").nth(3).hover()
    expect(explorer.locator(".trace")).to_contain_text("output[3, 3] = ")
    fill(explorer, "padding", 1)
    expect(explorer.locator(".trace")).to_contain_text("cut off by padding")
    fill(explorer, "padding", 0)
    fill(explorer, "input_size", 1)
    expect(explorer.locator(".trace")).to_contain_text("Point at a cell")


def test_what_is_refused_is_not_said_to_be_cut_off_by_a_padding_of_0(open_explorer):
    explorer = explorer_of(open_explorer({"output_padding": 2}))
    view = explorer.locator(".process")
    view.locator("[data-grid=canvas] td[tabindex]").hover()
    expect(explorer.locator(".trace")).to_contain_text("output[")
    expect(explorer.locator(".trace")).not_to_contain_text("cut off")
    expect(view).not_to_contain_text("padding cuts off")
    expect(view).not_to_contain_text("dotted cells")


def test_what_the_keyboard_traces_is_read_out_and_what_the_pointer_traces_is_not(open_explorer):
    page = open_explorer({})
    cell, trace = explorer_of(page).locator("[data-grid=output] td[tabindex]"), explorer_of(page).locator(".trace")
    cell.hover()
    expect(trace).to_have_attribute("aria-live", "off")
    cell.focus()
    page.keyboard.press("ArrowDown")
    expect(trace).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"stride": 2}, ["H, W: kernel_size % stride = 3 % 2 = 1: inner cells get 1 or 2", "4 to 1"]),
        ({"stride": 3}, ["H, W: kernel_size 3 is divisible by stride 3"]),
        ({"stride": (2, 1)}, ["H: kernel_size % stride = 3 % 2", "W: kernel_size 3 is divisible", "2 to 1"]),
        ({"stride": 4}, ["H, W: some cells get nothing at all"]),
        ({"kernel_size": 4, "stride": 3, "dilation": 3}, ["H, W: some cells get nothing at all"]),
    ],
)
def test_overlaps_are_counted_and_the_rule_is_said(open_explorer, settings, said):
    explorer = explorer_of(open_explorer(settings))
    explorer.get_by_label("overlaps").check()
    ones = ConvTransposeExplorer(**settings).output  # of ones, each landing adds 1
    check_numbers(read(explorer, "overlap"), ones)
    for text in said:
        expect(explorer.locator(".process p")).to_contain_text(text)
    ratio = " to 1" in explorer.locator(".process p").inner_text()
    assert ratio == any(text.endswith(" to 1") for text in said)


def test_an_ordinary_convolution_over_what_is_spread_gives_the_output(open_explorer):
    settings = {"stride": (2, 3), "padding": (1, 0), "output_padding": 1, "kernel_kind": "random"}
    explorer = explorer_of(open_explorer({**settings, "input_kind": "random"}))
    expected = ConvTransposeExplorer(**settings, input_kind="random").output
    explorer.get_by_label("spread and slide").check()
    spread, flipped = (torch.tensor(read(explorer, name)["numbers"]) for name in ("spread", "flipped"))
    slid = torch.nn.functional.conv2d(spread[None, None].float(), flipped[None, None].float())
    assert slid[0, 0].tolist() == expected.tolist()
    steps = expected.numel()
    expect(explorer.locator(".counter")).to_have_text(f"{steps} of {steps}")
    fill(explorer, "kernel_size H", 4)  # what stands at its end stays there
    settings["kernel_size"] = (4, 3)
    check_numbers(read(explorer, "slid"), ConvTransposeExplorer(**settings, input_kind="random").output)


def test_an_output_cell_is_traced_to_what_made_it(open_explorer):
    settings = {"input_kind": "ramp", "kernel_kind": "ramp", "stride": 2, "bias": True, "bias_value": 0.5}
    explorer = explorer_of(open_explorer(settings))
    explorer.locator("[data-grid=output] tbody tr").nth(2).locator("td").nth(1).hover()
    marked = [explorer.locator(f"[data-grid={name}] td.mark").all_inner_texts() for name in ("input", "kernel")]
    assert marked == [["1", "4"], ["2", "8"]]
    expect(explorer.locator(".trace")).to_have_text("output[2, 1] = 1×8 + 4×2 + 0.5 = 16.5")
    explorer.locator("[data-grid=input] tbody tr").nth(1).locator("td").nth(1).hover()
    expect(explorer.locator(".trace")).to_have_text("input[1, 1] = 5: reaches 9 output cells")
    expect(explorer.locator("[data-grid=output] td.mark")).to_have_count(9)


def test_a_cell_shows_four_digits_and_its_trace_the_number(open_explorer):
    page = open_explorer({"input_size": 1, "kernel_size": 5, "kernel_kind": "bilinear"})
    cell = explorer_of(page).locator("[data-grid=output] tbody tr").first.locator("td").first
    expect(cell).to_have_text("0.1111")
    cell.hover()
    expect(explorer_of(page).locator(".trace")).to_have_text("output[0, 0] = 1×0.1111 = 0.111111111111")


def test_the_cell_that_has_the_focus_shows_it(open_explorer):
    page = open_explorer({})
    explorer_of(page).locator("[data-grid=input] td[tabindex]").focus()
    page.keyboard.press("ArrowRight")
    focused = page.locator(":focus-visible")
    assert focused.evaluate("cell => [cell.tagName, cell.cellIndex]") == ["TD", 2]
    marked, unmarked = (page.locator(f"[data-grid=input] td{of}").first for of in (".mark", ":not(.mark)"))
    outlines = [cell.evaluate("cell => getComputedStyle(cell).outline") for cell in (focused, unmarked)]
    assert "solid" in outlines[0] and "none" in outlines[1]
    explorer_of(page).locator("code").click()
    assert marked.evaluate("cell => getComputedStyle(cell).outline") != outlines[0]


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        ({"stride": 2}, (0, 0, 0)),
        ({"stride": 2, "padding": 1}, (24, 0, 0)),  # 7×7 less 5×5
        ({"stride": 2, "padding": 1, "output_padding": 1}, (13, 11, 0)),  # 7×7 less 6×6; one row and one column
        ({"stride": 2, "output_padding": 1}, (0, 0, 15)),  # 8×8 less 7×7, all of it past the canvas
    ],
)
def test_the_canvas_shows_what_is_cut_off_kept_longer_or_empty(open_explorer, settings, counts):
    explorer = explorer_of(open_explorer(settings))
    canvas = explorer.locator("[data-grid=canvas]")
    assert tuple(canvas.locator(f"td.{look}").count() for look in ("cut", "extra", "beyond")) == counts


def test_both_animations_end_in_the_output(open_explorer):
    settings = {"stride": 2, "padding": 1, "input_kind": "ramp", "kernel_kind": "random"}
    explorer, expected = explorer_of(open_explorer(settings)), ConvTransposeExplorer(**settings)
    explorer.get_by_label("spread and slide").check()
    check_numbers(read(explorer, "slid"), expected.output)
    explorer.get_by_role("button", name="one step back").click()
    expect(explorer.locator(".counter")).to_have_text("24 of 25")
    explorer.get_by_label("stamp", exact=True).check()
    speed = explorer.get_by_label("steps a second")
    speed.fill("30")
    explorer.get_by_role("button", name="play").click()
    expect(explorer.get_by_role("button", name="pause")).to_be_visible()
    expect(explorer.locator(".counter")).to_have_text("9 of 9")
    expect(explorer.get_by_role("button", name="play")).to_be_visible()
    stamped = read(explorer, "stamps")
    assert torch.tensor(stamped["numbers"])[1:-1, 1:-1].tolist() == expected.output.tolist()


def test_nothing_moves_by_itself_where_motion_is_not_welcome(open_explorer):
    explorer = explorer_of(open_explorer({}, reduced_motion="reduce"))
    explorer.get_by_label("stamp", exact=True).check()
    expect(explorer.get_by_role("button", name="play")).to_be_hidden()
    explorer.get_by_role("button", name="one step back").click()
    expect(explorer.locator(".counter")).to_have_text("8 of 9")


def test_the_solver_sets_the_sliders(open_explorer):
    explorer = explorer_of(open_explorer({}))
    explorer.get_by_text("which settings lead").click()
    explorer.get_by_label("from", exact=True).fill("5")
    explorer.get_by_label("to", exact=True).fill("12")
    explorer.locator(".found button").nth(1).click()
    expect(explorer.get_by_role("status").first).to_have_text("output 12 × 12")
    expect(explorer.get_by_role("combobox", name="for", exact=True)).to_be_hidden()
    explorer.get_by_label("different for H and W").check()
    explorer.get_by_label("to", exact=True).fill("7")
    explorer.get_by_role("combobox", name="for", exact=True).select_option("W")
    explorer.locator(".found button").first.click()
    expect(explorer.get_by_role("status").first).to_have_text("output 12 × 7")


def solver(page):
    """The explorer, with the solver unfolded, and its two fields."""
    explorer = explorer_of(page)
    explorer.get_by_text("which settings lead").click()
    return explorer, *(explorer.get_by_label(name, exact=True) for name in ("from", "to"))


@pytest.mark.parametrize("wrong", ["0", "-2", "1.5", "129", "100000", "", "1e400", "-0", "0.9999"])
@pytest.mark.parametrize("field", ["from", "to"])
def test_the_solver_lists_nothing_for_what_is_no_size_and_says_what_is_one(open_explorer, field, wrong):
    explorer, *_ = solver(open_explorer({}))
    before = explorer.locator("code").inner_text()
    explorer.get_by_label(field, exact=True).fill(wrong) if wrong != "1e400" else explorer.get_by_label(
        field, exact=True
    ).press_sequentially(wrong)
    expect(explorer.locator(".found li")).to_have_count(0)
    expect(explorer.get_by_text("Sizes are whole numbers from 1 to 128.")).to_be_visible()
    explorer.get_by_label(field, exact=True).fill("7" if field == "from" else "14")
    expect(explorer.locator(".found button")).to_have_count(len(settings_for(7, 14)))
    assert explorer.locator("code").inner_text() == before


def test_letters_in_the_solver_are_no_size(open_explorer):
    explorer, start, _ = solver(open_explorer({}))
    start.fill("")
    start.press_sequentially("abc")
    expect(explorer.locator(".found li")).to_have_count(0)


@pytest.mark.parametrize(("start", "end"), [(17, 32), (32, 64), (128, 128), (100, 97)])
def test_what_the_sliders_cannot_show_is_listed_and_not_to_be_clicked(open_explorer, start, end):
    page = open_explorer({})
    explorer, *fields = solver(page)
    before = read(explorer, "input")
    for field, size in zip(fields, (start, end), strict=True):
        field.fill(str(size))
    expect(explorer.locator(".found li")).to_have_count(len(settings_for(start, end)))
    assert len(settings_for(start, end)) > 3
    expect(explorer.locator(".found button")).to_have_count(0)
    expect(explorer.get_by_text("the sliders end at 16")).to_be_visible()
    explorer.locator(".found li").first.click()
    assert read(explorer, "input") == before and page.evaluate("location.search") == ""
    fields[1].press("Tab")
    expect(explorer.locator(".found")).to_be_focused()  # the keyboard can scroll it


def test_the_largest_size_of_the_sliders_is_to_be_clicked(open_explorer):
    explorer, start, end = solver(open_explorer({}))
    start.fill("16")
    end.fill("32")
    explorer.locator(".found button").first.click()
    expect(explorer.get_by_role("status").first).to_have_text("output 32 × 32")


@pytest.mark.parametrize(
    ("language", "meanings"),
    [
        (
            "en",
            {
                "kernel_size=2, stride=2": "even, no overlap",
                "kernel_size=4, stride=2, padding=1": "even, 2 overlap",
            },
        ),
        (
            "en",
            {
                "kernel_size=3, stride=2, padding=1, output_padding=1": "uneven, 1 to 2 overlap",
                "kernel_size=7, padding=3, output_padding=1, dilation=2": "2 to 4 overlap, all near a border",
                "kernel_size=4, stride=2, padding=3, output_padding=1, dilation=2": "7 of 14 cells unreached",
            },
        ),
        (
            "ko",
            {
                "kernel_size=2, stride=2": "고르고 겹치지 않음",
                "kernel_size=4, stride=2, padding=1": "고르게 2개씩 겹침",
            },
        ),
        ("ko", {"kernel_size=3, stride=2, padding=1, output_padding=1": "고르지 않게 1~2개씩 겹침"}),
        ("ko", {"kernel_size=4, stride=2, padding=3, output_padding=1, dilation=2": "14칸 중 7칸에 닿지 않음"}),
    ],
)
def test_the_list_says_what_each_setting_means(open_explorer, language, meanings):
    explorer = explorer_of(open_explorer({"language": language}))
    explorer.locator("summary").last.click()
    lines = explorer.locator(".found li").all_inner_texts()
    for setting, meaning in meanings.items():
        assert f"{setting}: {meaning}" in lines
    assert len(lines) == len(settings_for(7, 14))


def test_the_line_of_code_is_copied(open_explorer):
    page = open_explorer({"stride": 2}, permissions=["clipboard-read", "clipboard-write"])
    explorer_of(page).get_by_role("button", name="copy").click()
    expect(explorer_of(page).get_by_role("button", name="copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, bias=False)"
    expect(explorer_of(page).get_by_role("button", name="copy", exact=True)).to_be_visible()


def test_what_a_number_field_does_not_take_goes_back(open_explorer):
    explorer = explorer_of(open_explorer({}))
    explorer.get_by_text("channels, groups, bias").click()
    for label, wrong, right in [("stride", "9", "1"), ("groups", "0", "1"), ("padding", "", "0")]:
        field = explorer.get_by_role("spinbutton", name=label, exact=True)
        field.fill(wrong)
        field.blur()
        expect(field).to_have_value(right)
    expect(explorer.locator("code")).to_have_text("nn.ConvTranspose2d(1, 1, kernel_size=3, bias=False)")


def test_channels_enter_the_code_the_count_and_the_refusal(open_explorer):
    explorer = explorer_of(open_explorer({}))
    explorer.get_by_text("channels, groups, bias").click()
    for label, value in {"in_channels": 4, "out_channels": 6, "groups": 2}.items():
        fill(explorer, label, value)
    expect(explorer.locator("code")).to_have_text("nn.ConvTranspose2d(4, 6, kernel_size=3, groups=2, bias=False)")
    expect(explorer.get_by_text("108 parameters", exact=True)).to_be_visible()
    fill(explorer, "groups", 4)
    status = explorer.get_by_role("status").first
    expect(status).to_contain_text("out_channels must be divisible by groups")
    expect(status).to_contain_text("out_channels 6 cannot be shared among 4 groups")


def test_every_preset_is_taken_by_pytorch_and_reset_leads_back(open_explorer):
    explorer = explorer_of(open_explorer({"kernel_size": 5}))
    choice, first = explorer.get_by_label("example"), explorer.locator("code").inner_text()
    names = choice.locator("option").evaluate_all("all => all.map(option => option.value).filter(Boolean)")
    assert len(names) > 10
    for name in names:
        choice.select_option(name)
        expect(explorer.get_by_role("status").first).to_contain_text("output ")
        expect(choice).to_have_value(name)
    explorer.get_by_role("button", name="reset").click()
    expect(explorer.locator("code")).to_have_text(first)
    expect(choice).to_have_value("")


def test_a_setting_is_in_the_address_and_comes_back_from_it_alone(open_explorer):
    page = open_explorer({}, {"stride": 2})
    fill(explorer_of(page), "padding", 1)
    fill(explorer_of(page, 1), "kernel_size", 4)
    page.wait_for_function("location.search.includes('padding') && location.search.includes('kernel_size')")
    query = page.evaluate("location.search")
    assert query == "?explorer.padding=1&explorer2.kernel_size=4"
    codes = page.locator("code").all_inner_texts()
    assert open_explorer({}, {"stride": 2}, query=query).locator("code").all_inner_texts() == codes


def test_an_address_that_makes_no_sense_changes_nothing(open_explorer):
    query = "?explorer.stride=99&explorer.nonsense=1&explorer.padding=[&explorer.kernel_size=[1]&explorer.input=3"
    strange = [
        *(
            "stride=%",
            "stride=%FF",
            "stride",
            "=",
            "stride=[1,[2]]",
            "stride=null",
            "stride=1e999",
            "stride=%22%22",
        ),
        *(
            "__proto__=1",
            "constructor=1",
            "toString=[]",
            "input=[[1e999]]",
            "input_kind=%22bilinear%22",
            "groups=-1",
        ),
        *(
            "bias=1",
            "bias_value=1e39",
            "language=%22xx%22",
            "pytorch={}",
            "seed=0.5",
            "padding=%5B1,2",
            "kernel=[[]]",
        ),
    ]
    query += "".join(f"&explorer.{one}" for one in strange) + "#100%"
    page = open_explorer({}, query=query)
    assert page.locator("code").inner_text() == "nn.ConvTranspose2d(1, 1, kernel_size=3, bias=False)"
    fill(explorer_of(page), "stride", 2)  # and it goes on
    page.wait_for_function("location.search === '?explorer.stride=2'")
    assert page.evaluate("location.hash") == "#100%"


def test_typed_numbers_are_taken_and_anything_else_is_explained(open_explorer):
    explorer = explorer_of(open_explorer({}))
    explorer.get_by_text("numbers of the input and the kernel").click()
    area = explorer.get_by_label("input, a row a line")
    area.fill("1 2\n3 -4.5")
    assert read(explorer, "input")["numbers"] == [[1, 2], [3, -4.5]]
    expect(explorer.get_by_role("status").first).to_have_text("output 4 × 4")
    area.fill("1 2\n3")
    expect(explorer.get_by_text("Not taken")).to_be_visible()
    assert read(explorer, "input")["numbers"] == [[1, 2], [3, -4.5]]


@pytest.mark.parametrize(
    ("language", "said"), [("en", ["0.5", "spaces", "3.4e38"]), ("ko", ["0.5", "빈칸", "3.4e38"])]
)
@pytest.mark.parametrize("wrong", ["0,5 1", "1e39", "1 2\n3", "one"])
def test_how_numbers_are_written_is_said_where_they_are_not_taken(open_explorer, language, said, wrong):
    explorer = explorer_of(open_explorer({"language": language}))
    explorer.locator("summary").first.click()
    area, note = explorer.locator("textarea").first, explorer.locator("details [role=status]").first
    area.fill(wrong)
    for part in said:
        expect(note).to_contain_text(part)
    expect(explorer.get_by_role("status").first).to_contain_text("5 × 5")
    area.fill("0.5")
    expect(note).to_be_empty()
    expect(explorer.get_by_role("status").first).to_contain_text("3 × 3")


def test_a_bias_that_float32_cannot_hold_is_refused_with_words(open_explorer):
    explorer = explorer_of(open_explorer({"bias": True}))
    explorer.get_by_text("channels, groups, bias").click()
    field = explorer.get_by_role("spinbutton", name="bias value shown")
    field.fill("1e39")
    expect(explorer.get_by_text("Not taken: a number from -3.4e+38 to 3.403e+38.")).to_be_visible()
    field.blur()
    expect(field).to_have_value("1")
    field.fill("1e38")
    expect(explorer.get_by_text("Not taken")).to_have_count(0)
    fill(explorer, "groups", 2000)
    expect(explorer.get_by_text("Not taken: a number from 1 to 1024.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("language", FALLBACK)
def test_it_speaks_the_language_and_fits_a_phone(open_explorer, language, width):
    settings = {"input_size": (16, 15), "kernel_size": 7, "stride": 5, "dilation": 4, "language": language}
    page = open_explorer(settings, language=language, viewport={"width": width, "height": 844})
    page.add_style_tag(content="body { margin: 1em; }")  # as the theme has it
    explorer = explorer_of(page)
    expect(explorer).to_have_attribute("lang", language)
    assert page.evaluate("innerWidth") == width
    explorer.locator("summary").evaluate_all("all => all.forEach(summary => summary.click())")
    for radio in explorer.get_by_role("radio").all():
        radio.check()
        assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert explorer.evaluate(OUTSIDE) == []
    for name in BOUNDS:
        for side in "HW":
            expect(explorer.get_by_role("slider", name=f"{name} {side}", exact=True)).to_be_visible()
    hangul = explorer.evaluate("root => /[가-힣]/.test(root.innerText)")
    assert hangul == (language == "ko")


def test_the_fallback_stays_where_no_script_runs(browser, tmp_path):
    place = ConvTransposeExplorer()._repr_mimebundle_()[0]["text/html"]
    (tmp_path / "page.html").write_text(f'<meta charset="utf-8">{place}', encoding="utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "page.html").as_uri())
    expect(page.locator("[data-aebook-widget]")).to_have_text(FALLBACK["en"])
    state = json.loads(page.locator("[data-aebook-widget]").get_attribute("data-state"))
    assert set(state) == set(STATE)
    page.context.close()
