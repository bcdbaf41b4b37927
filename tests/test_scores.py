"""Scores of the unfamiliar: what each is, by hand or by scikit-learn, and what is refused."""

import numpy as np
import pytest
import torch
from sklearn.covariance import EmpiricalCovariance
from sklearn.neighbors import NearestNeighbors
from torch import nn

from aebook.models import LinearAutoencoder
from aebook.scores import BATCH, errors, mahalanobis, neighbours, pixels


def codes(seed, count, size):
    chance = torch.Generator().manual_seed(seed)
    mixed = torch.randn(size, size, generator=chance)
    return torch.randn(count, size, generator=chance) @ mixed + torch.randn(size, generator=chance)


def test_an_error_is_each_images_own_whatever_the_batch():
    torch.manual_seed(0)
    model, images = LinearAutoencoder(3), torch.rand(BATCH + 7, 1, 28, 28)
    found = errors(model, images)
    assert found.shape == (BATCH + 7,) and not found.requires_grad
    with torch.no_grad():
        for at in (0, BATCH - 1, BATCH, BATCH + 6):
            wanted = (model(images[at : at + 1]) - images[at : at + 1]).square().mean()
            torch.testing.assert_close(found[at], wanted)


def test_bytes_are_divided_by_255_and_batch_normalization_is_in_evaluation_mode():
    model = nn.Sequential(nn.BatchNorm2d(1))
    bytes_ = torch.randint(256, (5, 1, 4, 4), dtype=torch.uint8)
    torch.testing.assert_close(errors(model, bytes_), errors(model, bytes_ / 255))
    assert errors(model, bytes_).max() < 1e-9  # its running statistics are 0 and 1 yet
    assert torch.equal(pixels(bytes_), bytes_ / 255)


@pytest.mark.parametrize("nearest", [1, 5, 40])
@pytest.mark.parametrize("size", [1, 3, 20])
def test_the_distance_to_neighbours_is_scikit_learns(size, nearest):
    known, asked = codes(0, 40, size), codes(1, BATCH + 3, size)
    found = neighbours(asked, known, nearest)
    distances, _ = NearestNeighbors(n_neighbors=nearest, algorithm="brute").fit(known).kneighbors(asked)
    np.testing.assert_allclose(found, distances.mean(1), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("size", [1, 3, 20])
def test_the_mahalanobis_distance_is_scikit_learns(size):
    known, asked = codes(0, 100, size), codes(1, 50, size)
    wanted = np.sqrt(EmpiricalCovariance().fit(known.double()).mahalanobis(asked.double()))
    np.testing.assert_allclose(mahalanobis(asked, known), wanted, rtol=1e-3)


def test_a_direction_without_any_spread_does_not_count():
    known = torch.cat([codes(0, 100, 3), torch.ones(100, 1)], dim=1)
    away = torch.tensor([[0.0, 0.0, 0.0, 9.0]])
    torch.testing.assert_close(
        mahalanobis(known + away, known), mahalanobis(known[:, :3], known[:, :3]), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("score", [neighbours, mahalanobis])
@pytest.mark.parametrize(
    ("asked", "known", "error", "words"),
    [
        ([[1.0]], torch.ones(5, 1), TypeError, "they are list and"),
        (torch.ones(2, 1, dtype=torch.long), torch.ones(5, 1), TypeError, "must be floats"),
        (torch.ones(2), torch.ones(5, 1), ValueError, r"they are \(2,\) and \(5, 1\)"),
        (torch.ones(2, 3), torch.ones(5, 1), ValueError, r"they are \(2, 3\) and \(5, 1\)"),
        (torch.ones(2, 1), torch.ones(0, 1), ValueError, "N at least 1"),
    ],
)
def test_what_are_no_codes_is_refused(score, asked, known, error, words):
    with pytest.raises(error, match=words):
        score(asked, known)


def test_more_neighbours_than_there_are_codes_are_refused():
    with pytest.raises(ValueError, match="at most the 5 known codes, and is 6"):
        neighbours(torch.ones(2, 1), torch.ones(5, 1), 6)
    with pytest.raises(TypeError, match="images must be"):
        errors(LinearAutoencoder(2), [[1.0]])
