"""aebook.transposed: PyTorch is the oracle, for sizes and for the words of its refusals."""

import random
import re
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from aebook.transposed import MEANINGS, WORDS_FROM, Setting, conv_inputs, output_shape, output_size, settings_for

# What a refusal is about, whatever words a version of PyTorch has for it.
RULES = {
    "negative padding": r"negative.padding",
    "negative output_padding": r"negative.output.padding",
    "stride": r"stride is not supported|stride should",
    "kernel_size": r"kernel.size should",
    "dilation": r"dilation should",
    "output_padding": r"output.padding must",
    "too small": r"too small",
}
TABLE = list(product(range(1, 9), range(1, 8), range(1, 6), range(7), range(6), range(1, 5)))


def pytorch(size, kernel_size, stride, padding, output_padding, dilation):
    """The output's shape, or the first line of the refusal; every argument is a pair."""
    image, kernel = torch.zeros(1, 1, *size), torch.zeros(1, 1, *kernel_size)
    try:
        output = F.conv_transpose2d(image, kernel, None, stride, padding, output_padding, 1, dilation)
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return tuple(output.shape[2:])


def meaning(answer):
    """A shape, or a refusal: its words in the version that ours are from, in another version the rule it names."""
    if isinstance(answer, tuple) or torch.__version__.startswith(f"{WORDS_FROM}."):
        return answer
    return [rule for rule, words in RULES.items() if re.search(words, answer)][:1] or answer


def ours(*arguments):
    try:
        return output_shape(*arguments)
    except ValueError as error:
        return str(error)


@pytest.fixture(scope="module", autouse=True)
def pytorchs_own_words():
    """Without oneDNN, which answers some settings first, in words of its own (pytorch#127734)."""
    with torch.backends.mkldnn.flags(enabled=False):
        yield


@pytest.fixture(scope="module")
def oracle():
    """PyTorch's answer to every setting of the table, the same for both axes."""
    return {setting: pytorch(*((number, number) for number in setting)) for setting in TABLE}


def test_every_setting_of_the_table_has_pytorchs_size_or_pytorchs_words(oracle):
    assert len(oracle) == 47_040
    answers = {setting: ours((setting[0],) * 2, *setting[1:]) for setting in oracle}
    assert [one for one in oracle if meaning(answers[one]) != meaning(oracle[one])] == []
    assert sum(isinstance(answer, tuple) for answer in oracle.values()) == 24_838


def test_along_one_axis_the_size_is_pytorchs_and_a_refusal_is_a_refusal(oracle):
    for setting, answer in oracle.items():
        if isinstance(answer, tuple):
            assert (output_size(*setting),) * 2 == answer
        else:
            with pytest.raises(ValueError, match=r"output_padding must be smaller|would have"):
                output_size(*setting)


def test_settings_that_differ_between_the_axes_have_pytorchs_shape_or_words():
    chance = random.Random(0)

    def setting():
        least, most = (1, 1, 1, 0, 0, 1), (8, 7, 5, 6, 5, 4)
        return [
            (chance.randint(low, high), chance.randint(low, high)) for low, high in zip(least, most, strict=True)
        ]

    settings = [setting() for _ in range(2000)]
    assert sum(one[0][0] != one[0][1] for one in settings) > 1500
    assert [meaning(ours(*one)) for one in settings] == [meaning(pytorch(*one)) for one in settings]


@pytest.mark.parametrize("wrong", [(1, 3), (2, 0), (2, -1), (3, -1), (4, -1), (5, 0), (5, -2)])
@pytest.mark.parametrize("other", [None, (1, 0), (2, 0), (3, -1), (4, -1), (4, 5), (5, 0), (5, -1)])
@pytest.mark.parametrize("axis", [0, 1])
def test_settings_out_of_range_are_refused_in_pytorchs_words_and_order(wrong, other, axis):
    setting = [[5, 5], [3, 3], [2, 2], [1, 1], [0, 0], [1, 1]]
    for place, number in filter(None, (wrong, other)):
        setting[place][axis] = number
    setting = [tuple(pair) for pair in setting]
    assert meaning(ours(*setting)) == meaning(pytorch(*setting))


def test_the_refusals_of_a_version_with_other_words_are_told_apart(monkeypatch):
    refused = [
        ours((3, 3), *one) for one in [(0,), (3, 0), (3, 1, -1), (3, 1, 0, -1), (3, 1, 0, 0, 0), (3, 1, 0, 1)]
    ]
    refused.append(ours((1, 1), 1, 1, 1))
    monkeypatch.setattr(torch, "__version__", "2.6.0")
    rules = [meaning(words)[0] for words in refused]
    assert sorted(rules) == sorted(RULES)
    assert meaning(refused[0].replace("0", "9")) == meaning(refused[0])
    assert meaning("no such rule") == "no such rule"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ((0, 3), "size must be at least 1, and is 0"),
        ((3, 0), "kernel_size must be at least 1, and is 0"),
        ((3, 3, 0), "stride must be at least 1, and is 0"),
        ((3, 3, 1, -1), "padding must be at least 0, and is -1"),
        ((3, 3, 1, 0, -1), "output_padding must be at least 0, and is -1"),
        ((3, 3, 1, 0, 0, 0), "dilation must be at least 1, and is 0"),
        ((3, 3, 2, 0, 2), "2 is smaller than neither stride 2 nor dilation 1"),
        ((1, 1, 1, 1), "the output must have at least 1 pixel, and would have -1; padding is 1"),
    ],
)
def test_along_one_axis_a_refusal_says_which_rule_is_broken(setting, words):
    with pytest.raises(ValueError) as refusal:
        output_size(*setting)
    assert words in str(refusal.value)


def test_an_input_without_pixels_is_refused():
    with pytest.raises(ValueError, match="at least 1 pixel each way, and has 0 x 3"):
        output_shape((0, 3), 3)


@pytest.mark.parametrize("wrong", [2.0, "2", None, True, (1, 2, 3), (1,), (1, 2.5)])
def test_what_is_no_integer_or_pair_of_integers_is_refused_by_name(wrong):
    with pytest.raises(TypeError, match="stride must be an integer"):
        output_shape((3, 3), 3, wrong)
    with pytest.raises(TypeError, match="stride must be an integer"):
        output_size(3, 3, wrong)


@pytest.mark.parametrize(("before", "after"), [(7, 14), (14, 28), (3, 3), (1, 1), (5, 8), (8, 1), (4, 60)])
def test_settings_for_finds_every_setting_that_leads_from_one_size_to_the_other(before, after):
    def leads(setting):
        try:
            return output_size(before, *setting) == after
        except ValueError:
            return False

    found = settings_for(before, after)
    expected = {setting[1:] for setting in TABLE if setting[0] == 1 and leads(setting[1:])}
    assert len(found) == len(set(found)) and set(found) == expected


def landed(setting, size):
    """How many kernel weights land on each output cell, as PyTorch adds them up: ones through a kernel of ones."""
    ones = torch.ones(1, 1, 1, size), torch.ones(1, 1, 1, setting.kernel_size)
    others = [(least, number) for least, number in zip((1, 0, 0), setting[1:4], strict=True)]
    return F.conv_transpose2d(*ones, None, *others, 1, (1, setting.dilation))[0, 0, 0].int().tolist()


def far_from_the_borders(setting):
    """The same for the cells in the middle of a long input, as many as repeat."""
    counts = landed(setting, 60)
    return counts[100 : 100 + setting.stride] if setting.stride > 1 else counts[40:41]


def kind(setting, size):
    """The place of a setting in MEANINGS, by PyTorch's counts alone."""
    here, middle = landed(setting, size), far_from_the_borders(setting)
    if 0 in here:
        return "unreached"
    if len(set(here)) > 1 and len(set(middle)) > 1:
        return "uneven"
    return "borders" if len(set(here)) > 1 and middle[0] not in here else "even"


@pytest.mark.parametrize(
    ("before", "after"), [(7, 14), (14, 28), (3, 3), (1, 1), (5, 8), (2, 7), (4, 40), (13, 11)]
)
def test_settings_are_in_the_order_of_what_pytorch_lets_reach_each_cell(before, after):
    found = settings_for(before, after)
    kinds = [kind(setting, before) for setting in found]
    assert len(kinds) > 3
    assert kinds == sorted(kinds, key=MEANINGS.index)
    assert [setting.overlaps(before) for setting in found] == [landed(setting, before) for setting in found]
    assert [setting.meaning(before).partition(":")[0] for setting in found] == kinds


def test_what_repeats_far_from_the_borders_is_even_only_where_stride_and_dilation_share_no_factor():
    for setting in map(Setting._make, product(range(1, 8), range(1, 6), [0], [0], range(1, 5))):
        repeating = setting.repeating()
        assert sorted(repeating) == sorted(far_from_the_borders(setting))
        coprime = np.gcd(setting.stride, setting.dilation) == 1
        assert (len(set(repeating)) == 1) == (setting.kernel_size % setting.stride == 0 and coprime)


@pytest.mark.parametrize(
    ("setting", "size", "meaning"),
    [
        (Setting(2, 2), 7, "even: 1"),
        (Setting(4, 2, 1), 7, "even: 2"),
        (Setting(7, 1, 3, 1, 2), 7, "borders: 2 to 4"),
        (Setting(3, 2, 1, 1), 7, "uneven: 1 to 2"),
        (Setting(4, 2, 3, 1, 2), 7, "unreached: 7 of 14"),  # every second one; of a map's cells three of four
        (Setting(4, 1, 0, 1, 2), 7, "unreached: 1 of 14"),  # past the canvas
        (Setting(3, 2), 1, "even: 1"),
    ],
)
def test_a_setting_says_what_it_means(setting, size, meaning):
    assert setting.meaning(size) == meaning


@pytest.mark.parametrize("setting", settings_for(7, 14)[::5])
def test_a_setting_builds_its_layer_in_which_dilation_is_no_groups(setting):
    layer = setting.layer(8, 4, bias=False, groups=2, device="meta")
    assert layer(torch.empty(1, 8, 7, 7, device="meta")).shape == (1, 4, 14, 14)
    assert (layer.groups, layer.bias) == (2, None)
    for name, number in setting._asdict().items():
        assert getattr(layer, name) == (number, number)


def test_sizes_are_had_without_pytorch():
    program = "import sys, aebook.transposed; print({'torch', 'numpy'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"


@pytest.mark.parametrize("sizes", [(3, 0), (0, 3), (-2, 3), (3, -3), (0, 0), (3, 100_000)])
def test_no_setting_leads_from_or_to_a_size_that_there_is_not(sizes):
    assert settings_for(*sizes) == []


@pytest.mark.parametrize("sizes", [(1.5, 3), (3, 3.0), ("3", 5), (None, 5), (True, 3), (3, np.True_)])
def test_sizes_that_are_no_integers_are_refused_by_name(sizes):
    with pytest.raises(TypeError, match="put_size must be an integer, and is"):
        settings_for(*sizes)


def test_bounds_may_be_anything_and_nothing_is_listed_that_pytorch_refuses():
    strange = range(-2, 4)
    found = settings_for(
        5, 9, kernel_sizes=strange, strides=strange, paddings=strange, output_paddings=strange, dilations=strange
    )
    assert len(found) > 10 and found == settings_for(
        5, 9, kernel_sizes=[1, 2, 3, 3], strides=[1, 2, 3], paddings=[0, 1, 2, 3], dilations=[1, 2, 3]
    )
    for setting in found:
        assert pytorch((5, 5), *((number, number) for number in setting)) == (9, 9)


@pytest.mark.parametrize("strides", [[1, 2.0], ["2"], [True], [None], 2, None])
def test_bounds_that_are_no_integers_are_refused_by_name(strides):
    with pytest.raises(TypeError, match=r"strides? must be (an integer|several integers)"):
        settings_for(5, 9, strides=strides)


@pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint8, np.int32])
def test_numpys_integers_are_taken_and_give_pythons(kind):
    setting = [kind(number) for number in (100, 5, 3, 2, 1, 2)]  # 8 bits would not hold the result
    size = output_size(*setting)
    assert (size, type(size)) == (output_size(100, 5, 3, 2, 1, 2), int)
    assert output_shape((setting[0],) * 2, setting[1], (setting[2], 3), 2, 1, setting[5]) == (size, size)
    found = settings_for(kind(7), kind(14), strides=np.array([2, 3], dtype=kind))
    assert found == settings_for(7, 14, strides=[2, 3])
    assert {type(number) for setting in found for number in setting} == {int}
    assert conv_inputs(kind(7), kind(3), kind(2), kind(1)) == conv_inputs(7, 3, 2, 1)
    nn.ConvTranspose2d(1, 1, kind(3), stride=kind(2))(torch.ones(1, 1, 3, 3))  # as PyTorch does


def test_settings_for_begins_with_the_plain_ways_to_double_a_map():
    assert settings_for(7, 14)[0] == Setting(kernel_size=2, stride=2)
    assert Setting(kernel_size=4, stride=2, padding=1) in settings_for(7, 14)[:3]
    assert settings_for(7, 14, kernel_sizes=[3], strides=[2], dilations=[1]) == [Setting(3, 2, 1, 1)]


@pytest.mark.parametrize("kernel_size", range(1, 8))
@pytest.mark.parametrize("stride", range(1, 6))
def test_conv_inputs_are_exactly_the_sizes_that_a_convolution_folds_into_one(kernel_size, stride):
    compared = 0
    for padding, dilation, size in product(range(7), range(1, 5), range(1, 7)):
        layer = nn.Conv2d(1, 1, (kernel_size, 1), (stride, 1), (padding, 0), (dilation, 1)).to("meta")
        fold = []
        for length in range(1, 80):
            if length + 2 * padding > dilation * (kernel_size - 1):  # else the kernel does not fit
                out = layer(torch.empty(1, 1, length, 1, device="meta")).shape[2]
                if out == size:
                    fold.append(length)
                elif out > size:
                    break
        assert list(conv_inputs(size, kernel_size, stride, padding, dilation)) == fold
        compared += len(fold)
    assert compared > 40


@pytest.mark.parametrize("size", [0, -1, -5])
def test_no_convolution_gives_a_size_below_1(size):
    assert list(conv_inputs(size, 3)) == []


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ((3, 0), "kernel_size must be at least 1, and is 0"),
        ((3, 3, 0), "stride must be at least 1, and is 0"),
        ((3, 3, 1, -1), "padding must be at least 0, and is -1"),
        ((3, 3, 1, 0, 0), "dilation must be at least 1, and is 0"),
    ],
)
def test_a_convolution_that_pytorch_refuses_has_no_inputs(setting, words):
    with pytest.raises(ValueError, match=words):
        conv_inputs(*setting)
    with pytest.raises(TypeError, match=r"size must be an integer, and is 2\.5"):
        conv_inputs(2.5, *setting[1:])


def test_output_padding_names_each_input_that_a_convolution_folds_together():
    for kernel_size, stride, padding in product(range(1, 8), range(1, 6), range(3)):
        inputs = conv_inputs(6, kernel_size, stride, padding)
        back = [output_size(6, kernel_size, stride, padding, extra) for extra in range(stride)]
        assert back == list(inputs) and len(back) == stride
