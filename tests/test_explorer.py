"""The explorer without a browser: its traits, and what PyTorch computes with them."""

import json
import random
import subprocess
import sys
from html.parser import HTMLParser

import pytest
import torch
import traitlets
from torch import nn

import aebook
from aebook.explorer import BOUNDS, DIGIT, STATE, ConvTransposeExplorer


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
    ],
)
def test_what_is_no_setting_is_refused_with_what_is_accepted(settings, message):
    with pytest.raises(traitlets.TraitError, match=message):
        ConvTransposeExplorer(**settings)


def test_channels_that_groups_do_not_divide_are_refused_and_kept():
    explorer = ConvTransposeExplorer(in_channels=4, out_channels=3, groups=2)
    assert (explorer.output, explorer.refusal) == (None, "out_channels must be divisible by groups")


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
