"""The explorer's arithmetic, which is JavaScript, against PyTorch; it runs in the browser."""

import itertools
import json
import random
import re

import pytest
import torch
from torch.nn import functional

from aebook.transposed import WORDS_FROM, Setting, output_shape, settings_for
from aebook.widgets import spec as specs
from aebook.widgets.explorer import BOUNDS, DIGIT, ConvTransposeExplorer, filled

SETTINGS = list(BOUNDS)
SAME_VERSION = torch.__version__.startswith(f"{WORDS_FROM}.")
SOURCES = specs.modules(ConvTransposeExplorer.spec, "loader.js")
LOAD = """async sources => {
    const loader = new Blob([sources["loader.js"]], { type: "text/javascript" });
    const { load, widget } = await import(URL.createObjectURL(loader));
    const words = language => load(sources, `explorer/words.${language}.js`);
    window.explorer = {
        ...await load(sources, "explorer/arithmetic.js"),
        default: await widget(sources, "explorer"),
        WORDS: { en: (await words("en")).default, ko: (await words("ko")).default },
    };
    const { cropped, gridOf, rowsOf, uncropped } = explorer;
    window.output = (input, kernel, setting, bias = 0) =>
        rowsOf(cropped(uncropped(gridOf(input), gridOf(kernel), setting), setting, bias));
}"""


@pytest.fixture(scope="module")
def page(browser):
    """An empty page with the module in ``window.explorer``."""
    context = browser.new_context()
    page = context.new_page()
    page.evaluate(LOAD, SOURCES)
    yield page
    context.close()


@pytest.fixture(autouse=True)
def pytorchs_own_words():
    """Without oneDNN, which answers some refused settings in words of its own, or not at all."""
    with torch.backends.mkldnn.flags(enabled=False):
        yield


def ask(page, function, argument):
    """What the page's function gives back; both ways as text, for playwright takes minutes over many objects."""
    return json.loads(
        page.evaluate(f"text => JSON.stringify(({function})(JSON.parse(text)))", json.dumps(argument))
    )


def transposed(setting, numbers, weight, bias=None):
    """PyTorch's output, or its words where it refuses."""
    arguments = {name: setting[name] for name in ("stride", "padding", "output_padding", "dilation")}
    try:
        return functional.conv_transpose2d(numbers[None, None], weight[None, None], bias, **arguments)[0, 0]
    except RuntimeError as refused:
        return str(refused)


def ones(setting):
    return torch.ones(setting["input_size"]), torch.ones(setting["kernel_size"])


def random_setting(generator):
    """A setting for each axis."""
    return {name: [generator.randint(*BOUNDS[name]) for _ in "HW"] for name in SETTINGS}


def said(page, settings):
    """For each setting the output's size, or the refusal."""
    return ask(
        page,
        """settings => settings.map(setting => explorer.refusal(setting)
            ?? [0, 1].map(axis => explorer.outputSize(explorer.onAxis(explorer.paired(setting), axis))))""",
        settings,
    )


def expected(setting):
    result = transposed(setting, *ones(setting))
    return result if isinstance(result, str) else list(result.shape)


def meaning(page, answer):
    """A size, or a refusal: its words in the version that ours are from, in another version the rule it names."""
    if SAME_VERSION or not isinstance(answer, str):
        return answer
    find = "words => Object.keys(explorer.RULES).filter(rule => explorer.RULES[rule].test(words))[0] ?? words"
    return page.evaluate(find, answer)


def python_says(setting):
    """The same of aebook.transposed, which test_transposed.py compares with PyTorch over the whole table."""
    try:
        return list(output_shape(*(tuple(setting[name]) for name in SETTINGS)))
    except ValueError as refused:
        return str(refused)


def test_sizes_and_refusals_are_those_of_python_over_the_whole_table(page):
    table = itertools.product(*(range(low, min(high, 8) + 1) for low, high in BOUNDS.values()))
    settings = [{name: [value, value] for name, value in zip(SETTINGS, row, strict=True)} for row in table]
    results = said(page, settings)
    assert len(results) == 47_040
    assert [one for one in zip(settings, results, strict=True) if one[1] != python_says(one[0])] == []
    assert sum(isinstance(result, list) for result in results) == 24_838


def test_sizes_and_refusals_are_pytorchs_where_height_and_width_differ(page):
    generator = random.Random(1)
    settings = [random_setting(generator) for _ in range(2_000)]
    results = said(page, settings)
    for setting, result in zip(settings, results, strict=True):
        assert meaning(page, result) == meaning(page, expected(setting)), setting
    assert 200 < sum(isinstance(result, str) for result in results) < 1_800


@pytest.mark.parametrize("channels", [(3, 2, 2), (2, 3, 2), (3, 3, 2), (4, 6, 2)])
def test_channels_that_groups_do_not_divide_are_refused_as_pytorch_does(page, channels):
    try:
        words = torch.nn.ConvTranspose2d(*channels[:2], 1, groups=channels[2]) and None
    except ValueError as refused:
        words = str(refused)
    state = {
        **{name: max(low, 1) for name, (low, _) in BOUNDS.items()},
        "padding": 0,
        "output_padding": 0,
        **dict(zip(("in_channels", "out_channels", "groups"), channels, strict=True)),
    }
    assert meaning(page, page.evaluate("state => explorer.refusal(state)", state)) == meaning(page, words)


def test_a_refusal_says_which_rule_is_broken_in_our_words_and_in_those_of_the_pytorch_that_is_here(page):
    assert page.evaluate("explorer.WORDS_FROM") == WORDS_FROM
    rules = set()
    for settings in [{"output_padding": 1}, {"input_size": 1, "padding": 2}, {"in_channels": 3, "groups": 2}]:
        explorer = ConvTransposeExplorer(**settings)
        state = {name: getattr(explorer, name) for name in page.evaluate("Object.keys(explorer.DEFAULTS)")}
        find = "state => { const { text, rule } = explorer.broken(state); return [text, rule]; }"
        words, rule = page.evaluate(find, state)
        for one in (words, explorer.refusal):
            found = page.evaluate(
                "words => Object.keys(explorer.RULES).filter(rule => explorer.RULES[rule].test(words))", one
            )
            assert found == [rule]
        rules.add(rule)
    assert rules == set(page.evaluate("Object.keys(explorer.RULES)"))


def test_every_number_of_the_output_is_pytorchs(page):
    generator, numbers = random.Random(2), torch.Generator().manual_seed(2)
    cases, outputs = [], []
    while len(cases) < 2_000:
        setting = random_setting(generator)
        given = [torch.randn(setting[name], generator=numbers) for name in ("input_size", "kernel_size")]
        bias = torch.randn(1, generator=numbers) if generator.random() < 0.5 else None
        output = transposed(setting, *given, bias)
        if not isinstance(output, str):
            cases.append([given[0].tolist(), given[1].tolist(), setting, bias.item() if bias is not None else 0])
            outputs.append(output)
    for start in range(0, len(cases), 200):
        results = ask(page, "cases => cases.map(one => output(...one))", cases[start : start + 200])
        for output, result in zip(outputs[start : start + 200], results, strict=True):
            torch.testing.assert_close(torch.tensor(result, dtype=torch.float32), output, rtol=1e-5, atol=1e-5)


def test_a_cell_is_the_sum_of_what_is_traced_to_it_and_reached_is_the_way_back(page):
    generator = random.Random(3)
    settings = [setting for setting in (random_setting(generator) for _ in range(300)) if small(setting)]
    assert len(settings) > 10
    faults = page.evaluate(
        """settings => settings.flatMap(setting => {
            const input = explorer.filled("random", setting.input_size, { seed: 1 });
            const kernel = explorer.filled("random", setting.kernel_size, { seed: 2, low: -3, high: 3 });
            const sums = output(explorer.rowsOf(input), explorer.rowsOf(kernel), setting);
            const counts = explorer.rowsOf(explorer.overlaps(setting));
            return sums.flatMap((row, r) => row.map((value, c) => {
                const terms = explorer.contributions(setting, r, c);
                const sum = terms.reduce((all, { input: [i, j], weight: [u, v] }) =>
                    all + input.values[i * input.width + j] * kernel.values[u * kernel.width + v], 0);
                const back = terms.every(({ input: [i, j] }) =>
                    explorer.reached(setting, i, j).some(([row, column]) => row === r && column === c));
                return sum === value && counts[r][c] === terms.length && back;
            })).filter(right => !right);
        })""",
        settings,
    )
    assert faults == []


def small(setting):
    return not isinstance(expected(setting), str) and max(setting["input_size"]) <= 8


def test_the_solver_lists_what_python_lists_in_the_same_order(page):
    ends = list(itertools.product(range(1, 17), [1, 2, 3, 7, 14, 28, 90, 120]))
    found = ask(page, "ends => ends.map(([start, end]) => explorer.settingsFor(start, end))", ends)
    for (start, end), settings in zip(ends, found, strict=True):
        assert settings == [each._asdict() for each in settings_for(start, end)], (start, end)
    assert sum(map(len, found)) > 4_000


def test_a_setting_means_here_what_it_means_in_python(page):
    generator = random.Random(5)
    settings = [{name: generator.randint(*bounds) for name, bounds in BOUNDS.items()} for _ in range(2_000)]
    settings = [
        one for one in settings if isinstance(python_says({name: (each,) * 2 for name, each in one.items()}), list)
    ]
    means = ask(page, "settings => settings.map(explorer.meaning)", settings)
    kinds = {"even": "{}", "borders": "{} to {}", "uneven": "{} to {}", "unreached": "{} of {}"}
    for one, (kind, *counts) in zip(settings, means, strict=True):
        size, setting = one["input_size"], Setting(*list(one.values())[1:])
        assert f"{kind}: {kinds[kind].format(*counts)}" == setting.meaning(size)
    assert {kind for kind, *_ in means} == set(kinds) and len(means) > 500
    words = ask(page, "() => Object.values(explorer.WORDS).map(words => Object.keys(words.means))", None)
    assert words == [list(kinds)] * 2


@pytest.mark.parametrize(
    "sizes", [(0, 14), (-2, 5), (1.5, 3), (3, 1.5), (None, 3), (3, None), (5, 0), (3, -3), ("3", 5)]
)
def test_no_setting_leads_from_or_to_what_is_no_size(page, sizes):
    assert ask(page, "sizes => explorer.settingsFor(...sizes.map(size => size ?? NaN))", sizes) == []


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1 2\n3 4", [[1, 2], [3, 4]]),
        ("1, 2; 3\n\n-4.5\t1e-3   +6 \n", [[1, 2, 3], [-4.5, 0.001, 6]]),
        (
            "\uff11\uff12\u3000\uff0d\uff10\uff0e\uff15",
            [[12, -0.5]],
        ),  # as a Korean keyboard writes them in full width
        ("3.4e38", [[3.4e38]]),
        *(
            (wrong, None)
            for wrong in ("0,5", "0,5 1,5", "1,2,3", "1;2", "1.2.3", "a", "", "1 2\n3", "1 , 2", "1,, 2")
        ),
        *((wrong, None) for wrong in ("1e39", "-1e39", "Infinity", "NaN", "1 2 3 4 5 6 7 8", "1\n" * 8)),
    ],
)
def test_rows_are_numbers_with_spaces_between_and_nothing_is_guessed(page, text, rows):
    assert ask(page, "text => explorer.typedRows(text, 7)", text) == rows


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("stride", value) for value in (0, 6, 1.5, "2", None, True, [1], [1, 2, 3], [1, [2]], [1, "2"], {}, [])),
        *(("bias_value", value) for value in (1e39, "1", None, True, [1])),
        *(
            ("input", value)
            for value in ([], [[]], [[1], [1, 2]], [["1"]], [[None]], [[1e39]], [1], "1", {}, [[1] * 17])
        ),
        *(("input_kind", value) for value in ("bilinear", 1, None, ["ones"])),
        *(
            (name, 1)
            for name in ("language", "pytorch", "toString", "constructor", "__proto__", "", "bias", "_esm")
        ),
        ("groups", 0),
        ("in_channels", 1025),
        ("seed", 1.5),
    ],
)
def test_what_an_address_may_say_is_taken_only_where_it_is_a_setting(page, name, value):
    taken = "([name, value]) => { try { return explorer.accepts(name, value); } catch { return false; } }"
    assert ask(page, taken, [name, value]) is False


def test_the_sizes_that_fold_into_one_are_those_that_a_convolution_maps_there(page):
    generator, compared = random.Random(4), 0
    for _ in range(100):
        setting = {name: generator.randint(*bounds) for name, bounds in BOUNDS.items()}
        kernel, size = torch.ones(1, 1, 1, setting["kernel_size"]), setting["input_size"]
        arguments = {
            name: (1 if name != "padding" else 0, setting[name]) for name in ("stride", "padding", "dilation")
        }
        needed = setting["dilation"] * (setting["kernel_size"] - 1) + 1 - 2 * setting["padding"]
        folded = [
            length
            for length in range(max(1, needed), 120)
            if functional.conv2d(torch.ones(1, 1, 1, length), kernel, **arguments).shape[-1] == size
        ]
        assert page.evaluate("setting => explorer.convInputs(setting)", setting) == folded
        compared += len(folded)
    assert compared > 100


@pytest.mark.parametrize("kind", ["ones", "ramp", "random", "digit", "bilinear", "typed"])
def test_python_and_the_page_fill_in_the_same_numbers(page, kind):
    typed = [[1.0, 2.5], [-3.0, 4.0], [5.0, 6.0]]
    for height, width, seed in [(1, 1, 0), (2, 7, 1), (3, 3, 2), (5, 4, 3), (12, 12, 4), (16, 13, 999)]:
        rows = page.evaluate(
            """([kind, size, options]) => explorer.rowsOf(explorer.filled(kind, size, options))""",
            [kind, [height, width], {"seed": seed, "typed": typed, "low": -3, "high": 3}],
        )
        assert rows == filled(kind, height, width, seed, (-3, 3), typed)


def test_the_page_starts_as_the_traits_do(page):
    defaults = page.evaluate("explorer.DEFAULTS")
    explorer = ConvTransposeExplorer()
    assert {name: getattr(explorer, name) for name in defaults} == defaults
    assert page.evaluate("explorer.BOUNDS") == {name: list(bounds) for name, bounds in BOUNDS.items()}
    assert page.evaluate("explorer.DIGIT") == DIGIT


def test_the_words_are_there_in_both_languages(page):
    keys = page.evaluate(
        """Object.fromEntries(Object.entries(explorer.WORDS).map(([language, words]) => [language,
            Object.entries(words).flatMap(([key, word]) => typeof word === "object"
                ? Object.keys(word).map(inner => `${key}.${inner}`)
                : [typeof word === "function" ? `${key} of ${word.length}` : key])]))"""
    )
    assert keys["ko"] == keys["en"]
    assert len(keys["en"]) > 50


def test_the_words_that_are_there_are_used_and_the_presets_have_theirs(page):
    source = "\n".join(text for path, text in SOURCES.items() if not path.startswith("explorer/words."))
    presets = page.evaluate("[Object.keys(explorer.PRESETS), Object.keys(explorer.WORDS.en.presets)]")
    assert presets[0] == presets[1]
    # Said as words[name]: what a broken rule, a view or a grid is called.
    names = re.findall(r'whole\(words, "(\w+)"|^  (\w+): \{\n    grids:', source, re.MULTILINE)
    indirect = {name for found in names for name in found}
    words = set(page.evaluate("Object.keys(explorer.WORDS.en)")) - indirect
    assert {word for word in words if not re.search(rf"words\.{word}\b", source)} == set()


# An explorer as in JupyterLab, whose model holds what PyTorch computed.
AGREEMENT = """([pytorch, changes]) => {
    const listeners = new Set(), state = { ...pytorch.of };
    const model = {
        get: name => name === "pytorch" ? { ...pytorch, ...changes } : state[name],
        set: () => {}, save_changes: () => {},
        on: (event, listener) => listeners.add(listener), off: (event, listener) => listeners.delete(listener),
    };
    const remove = explorer.default.render({ model, el: document.body });
    const said = document.querySelector(".agreement").textContent;
    remove();
    return [said, listeners.size, document.body.childElementCount];
}"""


@pytest.mark.parametrize(
    ("settings", "changes", "said"),
    [
        ({"stride": 2, "bias": True}, {}, " agrees."),
        ({"output_padding": 3}, {}, " agrees."),
        ({"kernel_kind": "bilinear", "input_kind": "random"}, {}, " agrees."),
        ({"stride": 2}, {"output": [[0.0] * 7] * 7}, "disagrees"),
        ({"stride": 2}, {"output": [[1.0]]}, "disagrees"),
        ({"stride": 2}, {"output": None, "refusal": "no"}, "disagrees"),
        ({"output_padding": 3}, {"refusal": "no"}, "disagrees"),
        ({"output_padding": 3}, {"refusal": "other words: output_padding is wrong"}, " agrees."),
        ({"output_padding": 3}, {"refusal": "Output size is too small"}, "disagrees"),
        ({"output_padding": 3}, {"refusal": None}, "disagrees"),
        ({"input": [[1e38]], "kernel": [[3e38]]}, {}, " agrees."),
        ({"input": [[1e-38]], "kernel": [[1e-30]]}, {}, " agrees."),
        ({"input": [[16777217.0, 0.1]], "bias": True, "bias_value": 1e-3}, {}, " agrees."),
        ({"input": [[1e8, -1e8, 1.0]], "kernel": [[1.0, 1.0, 1.0]]}, {}, " agrees."),
        ({"stride": 2}, {"of": {}}, ""),
        ({"stride": 2}, {"of": None}, ""),
    ],
)
def test_the_view_says_whether_pytorch_agrees_and_leaves_nothing_behind(page, settings, changes, said):
    pytorch = ConvTransposeExplorer(**settings).pytorch
    text, listeners, elements = ask(page, AGREEMENT, [pytorch, changes])
    assert said in text and bool(said) == bool(text)
    assert (listeners, elements) == (0, 0)


def test_what_float32_rounds_is_no_disagreement_and_what_is_wrong_is_one(page):
    """PyTorch's output in float32, of numbers that cancel and of every magnitude."""
    numbers, said = torch.Generator().manual_seed(6), []
    for magnitude in (1e-30, 1e-3, 1.0, 1e6, 1e15):
        for _ in range(10):
            grids = {
                name: torch.randn(5, 5, generator=numbers, dtype=torch.float64) for name in ("input", "kernel")
            }
            grids["input"][:, ::2] = -grids["input"][:, [1, 2, 3]] * magnitude
            explorer = ConvTransposeExplorer(**grids, bias=True, bias_value=0.1)
            rounded, wrong = explorer.output.tolist(), explorer.output.tolist()
            wrong[4][4] += max(map(abs, itertools.chain(*rounded))) / 10
            for output in (rounded, wrong):
                said.append(ask(page, AGREEMENT, [explorer.pytorch, {"output": output}])[0])
    assert all(" agrees." in text for text in said[::2])
    assert all("disagrees" in text for text in said[1::2])
