"""book/_tools/noticing.py: what chapter 8 stands on is whole, made by its recipes, and comes out again."""

import noticing
import pytest
import thresholds
import torch
from scipy.stats import mannwhitneyu, spearmanr

from aebook import data, trained
from aebook.scores import errors

FOUND = trained.measured("noticing")
DIGITS = ("left_out", "left_out_simply", "kept", "kept_simply")


@pytest.mark.parametrize("name", DIGITS)
def test_every_score_has_an_auroc_for_each_of_the_ten_digits(name):
    for run in FOUND[name]["runs"]:
        lists = {key: value for key, value in run.items() if isinstance(value, list)}
        assert lists.keys() >= {"error", "neighbours", "mahalanobis", "error_by_variance", "error_by_blocks"}
        for values in lists.values():
            assert len(values) == 10 and all(0 <= value <= 1 for value in values)


def test_the_auroc_is_the_share_of_pairs_ties_by_half():
    chance = torch.Generator().manual_seed(0)
    for familiar, unfamiliar in ((50, 30), (7, 1), (200, 200)):
        usual = torch.randint(9, (familiar,), generator=chance).float()
        new = torch.randint(12, (unfamiliar,), generator=chance).float()
        pairs = mannwhitneyu(new, usual).statistic / (familiar * unfamiliar)
        assert noticing.area(usual, new) == pytest.approx(pairs, abs=6e-4)


def test_ranks_are_correlated_as_scipy_does():
    one, other = torch.rand(2, 100, generator=torch.Generator().manual_seed(0))
    wanted = spearmanr(one, other + one).statistic
    assert noticing.rank_correlation(one, other + one) == pytest.approx(wanted, abs=1e-6)


def test_what_means_of_blocks_leave_is_the_spread_within_the_blocks():
    images = data.mnist(train=False).images[:20]
    blocks = (images / 255).view(20, 7, 4, 7, 4).transpose(2, 3).reshape(20, 49, 16)
    torch.testing.assert_close(noticing.blocks_error(images), blocks.var(2, correction=0).mean(1))
    torch.testing.assert_close(noticing.variance(images), (images / 255).flatten(1).var(1, correction=0))


def test_errors_by_the_size_of_the_code_are_those_of_models_of_that_size():
    images = data.mnist(train=False).images[:600]
    by_size = noticing.errors_by_size(images[:500], images[500:])
    for size in (2, 20):
        model = noticing.LinearAutoencoder.from_pca(images[:500], size)
        torch.testing.assert_close(by_size[size], errors(model, images[500:]), rtol=1e-3, atol=1e-5)


def test_no_digit_that_is_left_out_is_trained_on_and_no_test_image_is_lost():
    for digit in (0, 7):
        train, valid, familiar, unknown = noticing.without(digit)
        labels = data.split()[0].labels
        assert len(train) == (labels != digit).sum() and len(train) + len(valid) < 55_000
        assert len(familiar) + len(unknown) == 10_000
        own, mine, others = noticing.alone_with(digit)
        assert len(mine) == len(unknown) and len(others) == len(familiar) and len(own) > len(train) / 10


def test_what_knows_no_chance_comes_out_as_in_the_file():
    (run,) = FOUND["left_out_simply"]["runs"]
    train, valid, familiar, unknown = noticing.without(1)
    found = noticing.compared(noticing.by_pca(train), valid, familiar, unknown)
    for key, value in found.items():
        assert value == pytest.approx(run[key][1], abs=0.002), key


@pytest.mark.parametrize("digit", noticing.SHIPPED)
def test_a_shipped_model_is_the_one_that_was_measured(digit):
    run = FOUND["left_out"]["runs"][0]
    train, valid, familiar, unknown = noticing.without(digit)
    judge = thresholds.judge(noticing.SHIPPED[digit], noticing.SIZES, train)
    found = noticing.compared(judge, valid, familiar, unknown)
    for key, value in found.items():
        assert value == pytest.approx(run[key][digit], abs=0.004), key
