"""aebook.losses: each loss against its formula, and what it makes of answers that differ."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from aebook import losses
from aebook.contract import ContractError
from aebook.models import LinearAutoencoder, StackedAutoencoder
from aebook.training import evaluate, fit, mean_squared_error

CHANCE = np.random.default_rng(0)


class Says(nn.Module):
    """A model that says the same numbers, whatever it is given."""

    def __init__(self, numbers):
        super().__init__()
        self.numbers = nn.Parameter(torch.as_tensor(numbers, dtype=torch.float32))

    def forward(self, images):
        return self.numbers.expand_as(images)


def entropy(p, w):
    """The formula, with PyTorch's least logarithm."""
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(p), -100), np.maximum(np.log(1 - p), -100)
    return (-w * logs[0] - (1 - w) * logs[1]).mean()


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (5, 1, 4, 3), (3, 3, 2, 2), (7, 10)])
def test_each_loss_is_its_formula(shape):
    for _ in range(20):
        said, wanted = (CHANCE.random(shape).astype(np.float32) for _ in range(2))
        wanted.flat[0], said.flat[-1] = CHANCE.integers(2), CHANCE.integers(2)  # ends, too
        model, images = Says(said), torch.from_numpy(wanted)
        double = said.astype(np.float64), wanted.astype(np.float64)
        assert losses.l1(model, images, images).item() == pytest.approx(
            np.abs(double[0] - double[1]).mean(), rel=1e-5
        )
        found = losses.binary_cross_entropy(model, images, images).item()
        assert found == pytest.approx(entropy(*double), rel=1e-5)


@pytest.mark.parametrize("wanted", [0.0, 0.3, 1.0])
def test_cross_entropys_gradient_is_what_calculus_says(wanted):
    said = torch.tensor([0.1, 0.4, 0.9])
    model = Says(said)
    images = torch.full((3,), wanted)
    losses.binary_cross_entropy(model, images, images).backward()
    expected = (said - wanted) / (said * (1 - said)) / 3
    torch.testing.assert_close(model.numbers.grad, expected)


@pytest.mark.parametrize(
    ("loss", "middle"),
    [(mean_squared_error, np.mean), (losses.binary_cross_entropy, np.mean), (losses.l1, np.median)],
)
def test_where_answers_differ_the_least_loss_has_their_mean_or_with_l1_their_median(loss, middle):
    grid = np.linspace(0.001, 0.999, 999)
    for _ in range(5):
        answers = CHANCE.random((101, 1)).astype(np.float32) ** 3  # mean and median are far apart
        images = torch.from_numpy(answers)
        found = [loss(Says([said]), images, images).item() for said in grid]
        assert abs(grid[int(np.argmin(found))] - middle(answers)) < 0.002
        assert abs(np.mean(answers) - np.median(answers)) > 0.03


@pytest.mark.parametrize("loss", [losses.l1, losses.binary_cross_entropy])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_fit_and_evaluate_take_each_in_both_precisions(loss, precision):
    torch.manual_seed(0)
    images = (torch.rand(64, 1, 28, 28) > 0.9).float()
    model = StackedAutoencoder((784, 30))
    before = evaluate(model, images, loss=loss)
    fit(model, images, epochs=20, learning_rate=1e-2, seed=0, loss=loss, precision=precision, progress=False)
    assert evaluate(model, images, loss=loss) < 0.8 * before


@pytest.mark.parametrize("loss", [losses.l1, losses.binary_cross_entropy])
def test_what_is_no_reconstruction_is_refused(loss):
    with pytest.raises(ContractError, match="the model must give one floating tensor of the shape"):
        loss(nn.Flatten(), torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 4, 4))


@pytest.mark.parametrize("number", [-0.25, 1.5, math.nan])
def test_cross_entropy_refuses_what_is_not_from_0_to_1_and_says_what_helps(number):
    images = torch.zeros(1, 2)
    with pytest.raises(
        ContractError, match=r"takes reconstructions from 0 to 1, and this one's go from .*sigmoid$"
    ):
        losses.binary_cross_entropy(Says([0.5, number]), images, images)
    with pytest.raises(ContractError, match="end the model in a sigmoid"):
        evaluate(LinearAutoencoder(2), torch.rand(3, 1, 28, 28), loss=losses.binary_cross_entropy)


@pytest.mark.parametrize("shape", [(1, 1, 28, 28), (6, 1, 5, 4), (8, 3, 7, 7)])
def test_decibels_are_scikit_images_definition_over_all_pixels(shape):
    for _ in range(20):
        images, wanted = (CHANCE.random(shape).astype(np.float32) for _ in range(2))
        error = np.mean((wanted.astype(np.float64) - images.astype(np.float64)) ** 2)
        expected = 10 * np.log10(1.0**2 / error)  # data_range ** 2 / error
        assert losses.psnr(torch.from_numpy(images), torch.from_numpy(wanted)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("wrong", "decibels"), [(0.1, 20), (0.01, 40), (1, 0)])
def test_an_error_of_a_hundredth_is_20_decibels(wrong, decibels):
    wanted = torch.zeros(2, 1, 3, 3)
    assert losses.psnr(wanted + wrong, wanted) == pytest.approx(decibels, abs=1e-4)


def test_decibels_are_infinite_without_an_error_and_refused_for_other_shapes():
    assert losses.psnr(torch.ones(2, 2), torch.ones(2, 2)) == math.inf
    with pytest.raises(ValueError, match=r"must have one shape, and have \(2, 1\) and \(1, 2\)$"):
        losses.psnr(torch.ones(2, 1), torch.ones(1, 2))
