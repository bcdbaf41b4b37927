"""aebook.frechet: the distance against hand computations and SciPy, the classifier's shapes."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from aebook.frechet import Classifier, frechet_distance


def features(seed, count=500, size=6):
    chance = torch.Generator().manual_seed(seed)
    mixed = torch.randn(count, size, generator=chance) @ torch.randn(size, size, generator=chance)
    return mixed + torch.randn(size, generator=chance)


@pytest.mark.parametrize("seed", range(10))
def test_the_distance_is_the_one_that_scipys_square_root_gives(seed):
    first, second = features(seed), features(seed + 100, 300)
    one, other = (np.cov(rows.double().numpy().T) for rows in (first, second))
    root = sqrtm(one @ other)
    assert np.abs(np.imag(root)).max() < 1e-6
    apart = (first.double().mean(dim=0) - second.double().mean(dim=0)).square().sum().item()
    exact = apart + np.trace(one + other - 2 * np.real(root))
    assert frechet_distance(first, second) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_of_one_feature_it_is_the_difference_of_means_and_of_spreads_both_squared(seed):
    first, second = features(seed, size=1), 3 * features(seed + 100, size=1) - 1
    exact = (first.mean() - second.mean()) ** 2 + (first.std() - second.std()) ** 2
    assert frechet_distance(first, second) == pytest.approx(exact.item(), rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_symmetric_0_to_itself_and_the_shift_squared_where_nothing_else_differs(seed):
    first, second = features(seed), features(seed + 100)
    assert frechet_distance(first, second) == pytest.approx(frechet_distance(second, first))
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(first, first + 2) == pytest.approx(4 * 6, rel=1e-4)


def test_features_that_never_change_or_say_the_same_are_no_trouble():
    first, second = features(0), features(1)
    wider = [torch.cat([rows, rows[:, :1], torch.zeros(len(rows), 2)], dim=1) for rows in (first, second)]
    doubled = [torch.cat([rows, rows[:, :1]], dim=1) for rows in (first, second)]
    assert frechet_distance(*wider) == pytest.approx(frechet_distance(*doubled), rel=1e-6)
    assert frechet_distance(wider[0], wider[0]) == pytest.approx(0, abs=1e-5)


def test_sets_of_equal_mean_and_covariance_are_0_apart_whatever_else_they_differ_in():
    coins = torch.tensor([[-1.0], [1.0]]).repeat(500, 1)
    spikes = torch.tensor([[0.0]] * 998 + [[-(500**0.5)], [500**0.5]])
    assert frechet_distance(coins, spikes) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("shapes", [((5, 3), (5, 4)), ((1, 3), (5, 3)), ((5,), (5,)), ((0, 3), (5, 3))])
def test_sets_that_cannot_be_compared_are_refused_with_their_shapes(shapes):
    with pytest.raises(ValueError, match=r"^features must be \(N, F\) and \(M, F\), ") as refusal:
        frechet_distance(*map(torch.zeros, shapes))
    assert str(refusal.value).endswith(f"and are {shapes[0]} and {shapes[1]}")


def test_the_classifier_scores_ten_digits_by_its_features():
    model, images = Classifier(), torch.rand(3, 1, 28, 28)
    assert model.features(images).shape == (3, 64) and model(images).shape == (3, 10)
    torch.testing.assert_close(model.head(model.features(images)), model(images))
    with pytest.raises(ValueError, match=r"^images must have the shape \(B, 1, 28, 28\)"):
        model.features(torch.rand(3, 784))
