"""book/_tools/sampling.py: what chapter 9 stands on was measured by its recipes; what is shipped, too."""

import pytest
import sampling
import torch

from aebook import data, trained
from aebook.models import StackedAutoencoder
from aebook.training import evaluate
from aebook.variational import VariationalAutoencoder

MEASURED = trained.measured("sampling")


def test_the_learning_rate_is_the_one_with_the_least_validation_loss_of_both_kinds():
    (run,) = MEASURED["rates"]["runs"]
    for kind in ("plain", "variational"):
        assert min(sampling.RATES, key=lambda rate, kind=kind: run[f"{kind} {rate}"]) == sampling.RATE


@pytest.mark.parametrize(
    ("name", "build", "row"),
    [
        ("sampling-plain-20", lambda: StackedAutoencoder((*sampling.SIZES, 20)), "plain 20"),
        ("sampling-vae-20", lambda: VariationalAutoencoder((*sampling.SIZES, 20)), "variational 1"),
        ("sampling-vae-2", lambda: VariationalAutoencoder((*sampling.SIZES, 2)), "variational 2"),
        ("sampling-vae-50", lambda: VariationalAutoencoder((*sampling.SIZES, 50)), "variational 50"),
    ],
)
def test_a_shipped_models_error_is_the_measured_one(name, build, row):
    sampling.checkpoints.restore(model := build(), trained.weights(name))
    said = next(run["error"] for run in MEASURED[row]["runs"] if run["seed"] == 0)
    assert evaluate(model, data.mnist(train=False).images) == pytest.approx(said, abs=1e-4)


@pytest.mark.parametrize(("name", "apart"), [("sampling-judge", 1e-3), ("sampling-judge-dense", 5e-3)])
def test_a_judge_knows_as_many_digits_as_was_measured_whoever_asks(name, apart):  # the second is taught anew
    before = torch.get_rng_state()
    with torch.no_grad():
        found = sampling.accuracy(sampling.judge(name))
    assert torch.equal(torch.get_rng_state(), before)
    assert found == pytest.approx(MEASURED["judges"]["runs"][0][name]["accuracy"], abs=apart)


def test_what_is_spared_draws_the_same():
    torch.manual_seed(0)
    model, images = VariationalAutoencoder((*sampling.SIZES, 20)), data.mnist(train=False).images[:500]
    spared, pixels = sampling.spared(model), images.float() / 255
    seen = data.split()[0].images.amax(0) > 0
    with torch.no_grad():
        assert torch.allclose(model.encode(pixels * seen), spared.encode(pixels), atol=1e-6)
        assert torch.equal((model(pixels * seen) * seen), spared(pixels) * seen)
        assert (spared(pixels) * ~seen).max() < 1e-8


def test_copies_are_told_from_what_lies_between():
    chance = torch.Generator().manual_seed(0)
    training, test, new = (torch.rand(300, 1, 4, 4, generator=chance) for _ in range(3))
    assert sampling.nearness(training, training, test)["copies"] == 1
    assert sampling.nearness(test, training, test)["copies"] == 0
    assert sampling.nearness(new, training, test)["copies"] == pytest.approx(0.5, abs=0.1)
    assert sampling.nearness(new, training, training)["copies"] == 0.5
    assert sampling.nearness(training + 0.1, training, test)["nearest"] == pytest.approx(0.4 / 28, abs=1e-4)


def test_drawn_codes_lie_where_the_codes_of_the_images_do():
    torch.manual_seed(0)
    heaps = torch.cat([torch.randn(400, 2) * 0.1 + 5, torch.randn(400, 2) * 0.1 - 5])
    drawn = sampling.codes_from(sampling.mixture(heaps, 2, 0), 1000)
    assert (torch.cdist(drawn, heaps).min(dim=1).values < 0.3).float().mean() > 0.95
    one = sampling.codes_from(sampling.mixture(heaps, 1, 0), 1000)
    assert (torch.cdist(one, heaps).min(dim=1).values < 0.3).float().mean() < 0.5
