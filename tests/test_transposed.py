"""aebook.transposed: PyTorch is the oracle, for sizes and for the words of its refusals."""

import random
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from aebook.transposed import Setting, conv_inputs, output_shape, output_size, settings_for

TABLE = list(product(range(1, 9), range(1, 8), range(1, 6), range(7), range(6), range(1, 5)))


def pytorch(size, kernel_size, stride, padding, output_padding, dilation):
    """The output's shape, or the first line of the refusal; every argument is a pair."""
    image, kernel = torch.zeros(1, 1, *size), torch.zeros(1, 1, *kernel_size)
    try:
        output = F.conv_transpose2d(image, kernel, None, stride, padding, output_padding, 1, dilation)
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return tuple(output.shape[2:])


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
    assert [setting for setting in oracle if answers[setting] != oracle[setting]] == []
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
    assert [ours(*one) for one in settings] == [pytorch(*one) for one in settings]


@pytest.mark.parametrize("wrong", [(1, 3), (2, 0), (2, -1), (3, -1), (4, -1), (5, 0), (5, -2)])
@pytest.mark.parametrize("other", [None, (1, 0), (2, 0), (3, -1), (4, -1), (4, 5), (5, 0), (5, -1)])
@pytest.mark.parametrize("axis", [0, 1])
def test_settings_out_of_range_are_refused_in_pytorchs_words_and_order(wrong, other, axis):
    setting = [[5, 5], [3, 3], [2, 2], [1, 1], [0, 0], [1, 1]]
    for place, number in filter(None, (wrong, other)):
        setting[place][axis] = number
    setting = [tuple(pair) for pair in setting]
    assert ours(*setting) == pytorch(*setting)


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
    divisible = [setting.kernel_size % setting.stride == 0 for setting in found]
    assert divisible == sorted(divisible, reverse=True)


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


def test_output_padding_names_each_input_that_a_convolution_folds_together():
    for kernel_size, stride, padding in product(range(1, 8), range(1, 6), range(3)):
        inputs = conv_inputs(6, kernel_size, stride, padding)
        back = [output_size(6, kernel_size, stride, padding, extra) for extra in range(stride)]
        assert back == list(inputs) and len(back) == stride
