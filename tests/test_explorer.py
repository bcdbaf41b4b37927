"""The explorer without a browser: its traits, and what PyTorch computes with them."""

import json
import random
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

import aebook
from aebook.widgets import widget as module
from aebook.widgets.explorer import BOUNDS, DIGIT, STATE, ConvTransposeExplorer
from aebook.widgets.widget import VIEW as WIDGET

FALLBACK = ConvTransposeExplorer.spec.fallback


def random_settings(generator):
    """Every setting, for both axes or for each."""

    def value(low, high):
        return generator.choice(
            [generator.randint(low, high), (generator.randint(low, high), generator.randint(low, high))]
        )

    return {name: value(*bounds) for name, bounds in BOUNDS.items()}


def test_the_package_gives_the_explorer_only_when_it_is_asked_for():
    assert aebook.ConvTransposeExplorer is ConvTransposeExplorer
    program = "import sys, aebook; print({'torch', 'anywidget'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"
    with pytest.raises(AttributeError, match="no attribute 'Explorer'"):
        _ = aebook.Explorer


def test_output_and_refusal_are_those_of_a_layer_made_by_hand():
    generator, taken = random.Random(0), 0
    for _ in range(300):
        settings = random_settings(generator)
        explorer = ConvTransposeExplorer(
            **settings, input_kind="random", kernel_kind="random", bias=generator.random() < 0.5, bias_value=0.5
        )
        size = settings.pop("input_size")
        layer = nn.ConvTranspose2d(1, 1, **settings, bias=explorer.bias)
        numbers = torch.tensor(explorer.input)
        assert numbers.shape == (size if isinstance(size, tuple) else (size, size))
        with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):
            layer.weight.copy_(torch.tensor(explorer.kernel)[None, None])
            if explorer.bias:
                layer.bias.fill_(0.5)
            try:
                torch.testing.assert_close(explorer.output, layer(numbers[None, None])[0, 0])
                assert explorer.refusal is None
                taken += 1
            except RuntimeError as refused:
                assert (explorer.output, explorer.refusal) == (None, str(refused))
    assert 50 < taken < 250


def test_the_layer_is_the_one_that_is_shown():
    explorer = ConvTransposeExplorer(kernel=[[1, 2], [3, 4]], stride=(2, 1), bias=True, bias_value=7)
    layer = explorer.layer
    assert (layer.kernel_size, layer.stride, layer.bias.item()) == ((2, 2), (2, 1), 7)
    assert layer.weight.tolist() == [[[[1, 2], [3, 4]]]]


@pytest.mark.parametrize(("in_channels", "out_channels", "groups"), [(64, 32, 1), (4, 6, 2), (1, 3, 1), (6, 6, 6)])
def test_the_layer_has_all_its_channels_and_the_output_is_one_of_them(in_channels, out_channels, groups):
    channels = {"in_channels": in_channels, "out_channels": out_channels, "groups": groups}
    explorer = ConvTransposeExplorer(**channels, stride=2, bias=True, kernel_kind="random", input_kind="random")
    layer = explorer.layer
    assert {name: getattr(layer, name) for name in channels} == channels
    assert layer.weight.shape == (in_channels, out_channels // groups, 3, 3)
    image = torch.zeros(1, in_channels, 3, 3)
    image[0, 0] = torch.tensor(explorer.input)
    with torch.no_grad():
        torch.testing.assert_close(layer(image)[0, 0], explorer.output)


def test_numbers_that_are_larger_than_those_before_are_kept_whole():
    explorer = ConvTransposeExplorer()
    explorer.input = np.arange(16).reshape(4, 4)
    assert (explorer.input[3], explorer.input_size) == ([12, 13, 14, 15], 4)
    explorer.kernel = torch.eye(5)
    assert (explorer.kernel, explorer.kernel_size) == (torch.eye(5).tolist(), 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [("stride", 2), ("input_size", (4, 2)), ("kernel_kind", "ramp"), ("seed", 3), ("input", [[1, 2], [3, 4]])],
)
def test_a_change_is_computed_once(name, value):
    explorer, computed = ConvTransposeExplorer(input_kind="random", kernel_kind="random"), []
    explorer.observe(lambda change: computed.append(change.new), "pytorch")
    setattr(explorer, name, value)
    assert len(computed) == 1
    assert computed[0]["of"] == {each: getattr(explorer, each) for each in STATE}
    setattr(explorer, name, value)
    assert len(computed) == 1


def test_what_the_view_sends_at_once_is_computed_once():
    explorer, computed = ConvTransposeExplorer(), []
    explorer.observe(lambda change: computed.append(change.new), "pytorch")
    explorer.set_state({"input": [[1, 2, 3, 4]] * 4, "input_kind": "typed", "input_size": 4, "stride": [2, 1]})
    assert len(computed) == 1
    assert (explorer.stride, explorer.output.shape, computed[0]["output"]) == (
        (2, 1),
        (9, 6),
        explorer.output.tolist(),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"stride": 2},
        {"input": [[1, 2], [3, 4]]},
        {"input": [[1, 2, 3, 4]] * 4, "input_kind": "typed", "input_size": 4, "stride": [2, 1]},
        {"kernel_kind": "ramp", "kernel": [[1, 2], [3, 4]], "kernel_size": 2, "seed": 4, "padding": 1},
    ],
)
def test_python_runs_pytorch_once_for_each_change_however_many_settings_it_holds(monkeypatch, changes):
    explorer, runs, fillings = ConvTransposeExplorer(), [], []
    run, fill = ConvTransposeExplorer._run, ConvTransposeExplorer._filled
    monkeypatch.setattr(ConvTransposeExplorer, "_run", lambda *given: runs.append(1) or run(*given))
    monkeypatch.setattr(ConvTransposeExplorer, "_filled", lambda *given: fillings.append(1) or fill(*given))
    explorer.set_state(changes)
    assert len(runs) == 1 and len(fillings) <= 4
    assert explorer.pytorch["output"] == explorer.output.tolist()


def test_what_an_observer_changes_in_turn_is_computed_too():
    explorer = ConvTransposeExplorer()
    explorer.observe(lambda change: setattr(explorer, "padding", 1), "stride")
    explorer.observe(lambda change: setattr(explorer, "dilation", 2), "pytorch")
    explorer.stride = 2
    assert (explorer.padding, explorer.dilation) == (1, 2)
    assert explorer.pytorch["of"] == explorer._state()


def test_numbers_and_sizes_follow_each_other():
    explorer = ConvTransposeExplorer()
    explorer.input = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert (explorer.input_size, explorer.input_kind) == ((2, 3), "typed")
    explorer.input_size = 3
    assert explorer.input == [[1, 2, 3], [4, 5, 6], [0, 0, 0]]
    explorer.input_kind = "ramp"
    assert explorer.input == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    explorer.kernel_kind, explorer.kernel_size = "bilinear", 4
    assert explorer.kernel[0] == [0.0625, 0.1875, 0.1875, 0.0625]


def test_a_seed_gives_other_numbers_and_the_same_ones_again():
    explorer = ConvTransposeExplorer(input_size=8, input_kind="random", kernel_kind="random")
    first = explorer.input, explorer.kernel
    explorer.seed = 1
    assert explorer.input != first[0] and explorer.kernel != first[1]
    explorer.seed = 0
    assert (explorer.input, explorer.kernel) == first


def test_a_link_moves_a_setting():
    explorer, other = ConvTransposeExplorer(), ConvTransposeExplorer(padding=1)
    traitlets.link((explorer, "padding"), (other, "padding"))
    explorer.padding = (2, 0)
    assert other.padding == (2, 0)
    other.padding = 1
    assert explorer.padding == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stride": 0}, "stride must be an integer from 1 to 5, or a pair of them, and is 0"),
        ({"padding": (1, 2, 3)}, r"padding must be .* and is \(1, 2, 3\)"),
        ({"dilation": True}, "dilation must be .* and is True"),
        ({"input": [[1], [1, 2]]}, "input must be rows of numbers, equally long, at most 16 each way"),
        ({"kernel": [[1] * 8]}, "kernel must be rows of numbers, equally long, at most 7 each way"),
        ({"input": [[float("nan")]]}, "input must be rows of numbers"),
        ({"kernel_sizes": 3}, "no setting is called kernel_sizes; there are bias, "),
        ({"in_channels": True}, "in_channels must be an integer from 1 to 1024, and is True"),
        ({"groups": 2.0}, "groups must be an integer from 1 to 1024, and is 2.0"),
        ({"seed": -1}, "seed must be an integer from 0 to 999, and is -1"),
        ({"stride": np.True_}, "stride must be .* and is "),
        ({"stride": (np.int64(2), np.int64(6))}, "stride must be an integer from 1 to 5, or a pair of them"),
        ({"bias_value": True}, "bias_value must be a number within float32's range, and is True"),
        ({"bias_value": "1"}, "bias_value must be a number"),
    ],
)
def test_what_is_no_setting_is_refused_with_what_is_accepted(settings, message):
    with pytest.raises(traitlets.TraitError, match=message):
        ConvTransposeExplorer(**settings)


@pytest.mark.parametrize(
    "number", [float("inf"), float("-inf"), float("nan"), 1e39, -1e39, 10**400, np.float64(1e39)]
)
@pytest.mark.parametrize("name", ["bias_value", "input", "kernel"])
def test_numbers_that_float32_cannot_hold_are_refused_and_nothing_changes(name, number):
    explorer = ConvTransposeExplorer(bias=True)
    before = explorer.pytorch
    with pytest.raises(traitlets.TraitError, match=f"{name} must be .* float32's range"):
        setattr(explorer, name, number if name == "bias_value" else [[1, number]])
    assert explorer.pytorch == before


def test_numbers_of_numpy_are_taken_as_pythons():
    whole = {
        "stride": np.int64(2),
        "padding": (np.int8(1), np.uint8(0)),
        "seed": np.int16(3),
        "groups": np.int32(2),
    }
    explorer = ConvTransposeExplorer(
        **whole, in_channels=np.int64(4), out_channels=np.uint8(2), bias=True, bias_value=np.float32(0.5)
    )
    for name, number in {**whole, "in_channels": 4, "out_channels": 2}.items():
        value = getattr(explorer, name)
        assert value == number and {type(one) for one in (value if isinstance(value, tuple) else [value])} == {int}
    assert (explorer.bias_value, type(explorer.bias_value)) == (0.5, float)
    explorer.input = np.eye(3, dtype=np.int8)
    assert explorer.input == torch.eye(3).tolist()
    json.dumps(explorer.pytorch, allow_nan=False)


def test_what_overflows_in_float32_is_still_compared():
    explorer = ConvTransposeExplorer(input=[[1e30, -1e30]], kernel=[[1e30]])
    assert explorer.output.isinf().all()
    assert explorer.pytorch["output"] == [[pytest.approx(1e60), pytest.approx(-1e60)]]


def test_a_name_that_is_no_setting_is_refused_with_those_there_are():
    explorer = ConvTransposeExplorer()
    for kind in (AttributeError, traitlets.TraitError):
        with pytest.raises(kind, match=r"no setting is called strid; there are bias, .*stride"):
            explorer.strid = 3
    assert not hasattr(explorer, "strid")
    with pytest.raises(AttributeError):
        explorer.output = torch.zeros(1)  # computed, not set


def test_what_jupyter_and_traitlets_set_is_set_all_the_same():
    explorer = ConvTransposeExplorer()
    explorer.add_traits(note=traitlets.Unicode())
    explorer.note, explorer._own = "mine", 1
    explorer.layout.width = "50%"
    with explorer.hold_trait_notifications():
        explorer.stride, explorer.padding = 2, 1
    explorer.set_trait("dilation", 2)
    assert (explorer.note, explorer._own, explorer.pytorch["of"]["stride"], explorer.layer.dilation) == (
        *("mine", 1, 2),
        (2, 2),
    )
    explorer.close()


def test_channels_that_groups_do_not_divide_are_refused_and_kept():
    explorer = ConvTransposeExplorer(in_channels=4, out_channels=3, groups=2)
    with pytest.raises(ValueError) as pytorchs:
        nn.ConvTranspose2d(4, 3, 1, groups=2)
    assert (explorer.output, explorer.refusal) == (None, str(pytorchs.value))
    with pytest.raises(ValueError):
        _ = explorer.layer


class Place(HTMLParser):
    """What a mount point says: its attributes, and the text in it."""

    def __init__(self, html):
        self.attributes, self.text = {}, ""
        super().__init__()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.attributes.update(attributes)

    def handle_data(self, data):
        self.text += data


def test_the_widget_leaves_its_place_in_a_page_with_every_setting():
    explorer = ConvTransposeExplorer(stride=(2, 1), input=[[1.5]], language="ko")
    data, _ = explorer._repr_mimebundle_()
    place = Place(data["text/html"])
    assert place.attributes["data-aebook-widget"] == "explorer"
    state = json.loads(place.attributes["data-state"])
    assert set(state) == set(STATE)
    assert (state["stride"], state["input"], state["language"]) == ([2, 1], [[1.5]], "ko")
    assert "JupyterLab" in place.text
    assert "application/vnd.jupyter.widget-view+json" in data


def test_shown_by_jupyter_its_words_stand_in_an_output_of_their_own(monkeypatch):
    shown = []
    monkeypatch.setattr(module, "display", lambda data, **options: shown.append(data))
    explorer = ConvTransposeExplorer(language="ko")
    explorer._ipython_display_()
    words, widget = shown
    assert Place(words["text/html"]).text == FALLBACK["ko"] and WIDGET not in words
    assert widget == {WIDGET: explorer._repr_mimebundle_()[0][WIDGET]}


def test_what_pytorch_computes_goes_to_the_view():
    explorer = ConvTransposeExplorer(stride=2)
    assert explorer.pytorch["output"] == explorer.output.tolist()
    explorer.output_padding = 3
    assert (explorer.pytorch["output"], explorer.pytorch["refusal"]) == (None, explorer.refusal)
    assert explorer.pytorch["of"]["output_padding"] == 3


def test_the_digit_is_one_of_mnist():
    from aebook import data

    two = data.mnist(train=False).images[1, 0].float().reshape(14, 2, 14, 2).mean((1, 3))[:12, 2:]
    greys = [int(grey.replace(".", "0"), 16) for grey in DIGIT]
    assert (two / 17).round().int().flatten().tolist() == greys
