"""The chain without a browser: its sizes, the way back from a target, its code, which is run as it is copied."""

import random

import pytest
import torch
import traitlets
from javascript import call
from torch import nn

from aebook.transposed import conv_inputs
from aebook.widgets.chain import DecoderChain

SCRIPT = "chain/decoder.js"
COLUMNS = DecoderChain.spec.settings["layers"]["columns"]
LARGEST = 200  # of the sizes that random chains may come to, for PyTorch computes them


def random_layer(generator, *, kernel=7, stride=3):
    """A row of the setting ``layers``, with settings that occur and some that PyTorch refuses."""
    kernel_size, stride = generator.randint(1, kernel), generator.randint(1, stride)
    dilation, padding = generator.choice([1, 1, 1, 2, 3]), generator.randint(0, 2)
    output_padding = generator.randint(0, max(stride, dilation) - (generator.random() > 0.05))
    return [kernel_size, stride, padding, output_padding, dilation, generator.randint(1, 8)]


def random_chain(generator):
    """A state of the chain, as the page has it."""
    return {
        "input_size": generator.randint(1, 8),
        "in_channels": generator.randint(1, 8),
        "target": generator.randint(1, LARGEST),
        "layers": [random_layer(generator) for _ in range(generator.randint(1, 4))],
        "call": generator.choice(["output_padding", "output_size"]),
    }


def chain_of(state):
    return DecoderChain(**state)


def python_sizes(state):
    """The sizes by PyTorch itself, layer by layer, and None from the first that it refuses on."""
    maps, sizes, channels = (
        torch.zeros(1, state["in_channels"], *[state["input_size"]] * 2),
        [],
        state["in_channels"],
    )
    for *setting, out_channels in state["layers"]:
        kernel_size, stride, padding, output_padding, dilation = setting
        try:
            layer = nn.ConvTranspose2d(
                channels, out_channels, kernel_size, stride, padding, output_padding, dilation=dilation
            )
            with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):
                maps = layer(maps)
        except RuntimeError:
            return sizes + [None] * (len(state["layers"]) - len(sizes))
        sizes.append(maps.shape[2])
        channels = out_channels
    return sizes


@pytest.fixture(scope="module")
def chains(tmp_path_factory):
    """Random states, each with what the page makes of it: its layers, sized, and the code."""
    generator, states = random.Random(0), []
    while len(states) < 160:
        state = random_chain(generator)
        if all((size or 0) <= LARGEST for size in python_sizes(state)):
            states.append(state)
    folder = tmp_path_factory.mktemp("chains")
    sized = call(folder, SCRIPT, [("sized", state) for state in states])
    codes = call(folder, SCRIPT, [("code", *both) for both in zip(states, sized, strict=True)])
    return list(zip(states, sized, codes, strict=True))


def test_each_size_of_random_chains_is_pytorchs_and_what_it_refuses_is_refused(chains):
    refused = 0
    for state, sized, _ in chains:
        sizes = [layer["size"] for layer in sized]
        assert sizes == python_sizes(state), state
        assert [bool(layer["rule"]) for layer in sized].count(True) == (None in sizes)
        refused += None in sizes
        if None in sizes:
            with pytest.raises(ValueError):
                _ = chain_of(state).sizes
        else:
            assert chain_of(state).sizes == sizes
    assert 10 < refused < 60


def shapes_in(decoder, maps):
    """The shape of what each transposed convolution of a decoder makes of those maps."""
    shapes = []
    for layer in decoder.modules():
        if isinstance(layer, nn.ConvTranspose2d):
            layer.register_forward_hook(lambda layer, given, made: shapes.append(tuple(made.shape)))
    decoder(maps)
    return shapes


def test_the_code_of_a_hundred_random_chains_runs_as_it_is_copied_and_gives_each_size(chains):
    ran = {"output_padding": 0, "output_size": 0}
    for state, sized, code in chains:
        if not sized[-1]["size"]:
            continue
        names = {}
        exec(code, names)
        shapes = shapes_in(names["decoder"], torch.zeros(3, state["in_channels"], *[state["input_size"]] * 2))
        assert shapes == [(3, layer["out_channels"], *[layer["size"]] * 2) for layer in sized]
        assert all(f"# (B, {c}, {h}, {w})" in code for _, c, h, w in shapes)
        ran[state["call"]] += 1
    assert sum(ran.values()) >= 100 and min(ran.values()) > 30


def test_the_decoder_in_python_is_the_one_that_the_code_builds(chains):
    compared = 0
    for state, sized, code in chains:
        if sized[-1]["size"] and state["call"] == "output_padding":
            names = {}
            exec(code, names)
            assert str(names["decoder"]) == str(chain_of(state).decoder)
            compared += 1
    assert compared > 30


def test_the_way_back_from_a_target_ends_there_and_there_is_one_to_every_size_that_is_said(tmp_path):
    """The output_padding of each layer, against trying all that are smaller than the strides."""
    generator, cases = random.Random(1), []
    while len(cases) < 60:
        state = random_chain(generator)
        if len(state["layers"]) < 4:
            cases.append(state)
    targets = range(1, 120)
    asked = [("wayBack", {**state, "target": target}) for state in cases for target in targets]
    ways = iter(call(tmp_path, SCRIPT, asked))
    ends = call(tmp_path, SCRIPT, [("reachable", state) for state in cases])
    found = 0
    for state, (low, high) in zip(cases, ends, strict=True):
        reached = all_sizes(state)
        for target in targets:
            way = next(ways)
            assert (way is None) == (target not in reached), (state, target)
            assert way is None or tuple(way) in reached[target]
            found += way is not None
        seen = [size for size in reached if size in targets]
        assert seen == [] or (min(seen), min(high, targets[-1])) == (low, max(seen))
    assert found > 200


def all_sizes(state):
    """Every size that the chain comes to with output_padding below the strides, and with which."""
    ways = {state["input_size"]: [()]}
    for kernel_size, stride, padding, _, dilation, _ in state["layers"]:
        longer = {}
        for size, extras in ways.items():
            smallest = (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + 1
            for extra in range(stride):
                if smallest + extra >= 1:
                    longer.setdefault(smallest + extra, []).extend((*each, extra) for each in extras)
        ways = longer
    return dict(sorted(ways.items()))


def smallest(setting):
    """The smallest size on which the kernel lies once; below 1 where padding alone is enough."""
    return setting["dilation"] * (setting["kernel_size"] - 1) + 1 - 2 * setting["padding"]


def test_what_is_folded_is_what_a_convolution_of_the_setting_leaves_over(tmp_path):
    generator, cases = random.Random(2), []
    for _ in range(200):
        kernel_size, stride, padding, _, dilation, _ = random_layer(generator)
        setting = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        if (size := generator.randint(1, 40)) + 2 * padding > dilation * (kernel_size - 1):
            cases.append((size, setting))
    for (size, setting), said in zip(
        cases, call(tmp_path, "chain/decoder.js", [("folded", *case) for case in cases]), strict=True
    ):
        assert said["size"] == nn.Conv2d(1, 1, **setting)(torch.zeros(1, 1, size, size)).shape[2]
        assert size - said["left"] == setting["stride"] * (said["size"] - 1) + smallest(setting)
        assert size in conv_inputs(said["size"], **setting) and 0 <= said["left"] < setting["stride"]
    assert len(cases) > 150


def test_at_first_it_is_the_chapters_decoder_three_pixels_short_of_64():
    chain = DecoderChain()
    assert (chain.sizes, chain.target) == ([13, 29, 61], 64)
    chain.layers = [[5, 2, 0, extra, 1, channels] for extra, channels in zip((0, 1, 1), (32, 16, 1), strict=True)]
    assert chain.sizes == [13, 30, 64]
    assert chain.decoder(torch.zeros(2, 64, 5, 5)).shape == (2, 1, 64, 64)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"layers": []},
            "layers must be 1 to 8 rows of integers, each with kernel_size from 1 to 7, stride from 1 to",
        ),
        ({"layers": [[5, 2, 0, 0, 1]]}, "layers must be 1 to 8 rows"),
        ({"layers": [[5, 2, 0, 0, 1, 1.5]]}, "layers must be 1 to 8 rows"),
        ({"layers": [[8, 2, 0, 0, 1, 1]]}, "layers must be 1 to 8 rows"),
        ({"layers": [[5, 2, 0, 0, 1, 1]] * 9}, "layers must be 1 to 8 rows"),
        ({"input_size": 65}, "input_size must be an integer from 1 to 64, and is 65"),
        ({"size": 5}, "no setting is called size; there are call, chosen, in_channels"),
    ],
)
def test_what_is_no_chain_is_refused_with_what_is_accepted(settings, message):
    with pytest.raises(traitlets.TraitError, match=message):
        DecoderChain(**settings)


def test_a_refused_layer_is_kept_and_says_which_rule_it_breaks():
    chain = DecoderChain(layers=[[3, 1, 0, 1, 1, 1]])
    with pytest.raises(ValueError, match="output_padding must be smaller than stride or dilation"):
        _ = chain.sizes


def test_a_page_knows_the_columns_by_the_names_of_pytorchs_arguments():
    assert list(COLUMNS)[:-1] == ["kernel_size", "stride", "padding", "output_padding", "dilation"]
    assert {name: (column["low"], column["high"]) for name, column in COLUMNS.items()}["stride"] == (1, 5)
