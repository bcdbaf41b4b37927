"""The arithmetic of the widget Codes, beside NumPy: principal directions, walks, codes by chance."""

import numpy as np
import pytest
from javascript import call

SIZE, MANY = 20, 4_000
SCRIPT = "codes/walk.js"


@pytest.fixture(scope="module")
def facts():
    """What is known of a packed model's codes, for a Gaussian with a covariance by chance."""
    chance = np.random.default_rng(1)
    factor = chance.normal(size=(SIZE, SIZE))
    mean, covariance = chance.normal(size=SIZE), factor @ factor.T
    variances, columns = np.linalg.eigh(covariance)
    directions = [
        {"direction": column.tolist(), "std": variance**0.5}
        for variance, column in zip(variances[::-1], columns.T[::-1], strict=True)
    ]
    return {"mean": mean.tolist(), "covariance": covariance.tolist(), "directions": directions}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("codes")


def test_a_code_is_where_its_places_along_the_directions_say(folder, facts):
    codes = np.random.default_rng(2).normal(size=(50, SIZE))
    found = call(folder, SCRIPT, [("places", code) for code in codes], facts)
    vectors = np.array([each["direction"] for each in facts["directions"]])
    assert np.allclose(found, (codes - facts["mean"]) @ vectors.T)
    back = call(folder, SCRIPT, [("atPlaces", along) for along in found], facts)
    assert np.allclose(back, codes) and len(back) == 50


def test_a_walk_begins_at_one_code_ends_at_the_other_and_keeps_its_pace(folder):
    one, other = np.random.default_rng(3).normal(size=(2, SIZE))
    parts = [step / 8 for step in range(9)]
    steps = np.array(call(folder, SCRIPT, [("between", one, other, part) for part in parts]))
    assert np.allclose(steps[0], one) and np.allclose(steps[-1], other)
    assert np.allclose(np.diff(steps, axis=0), (other - one) / 8)


@pytest.mark.parametrize("name", ["standard", "likeReal"])
def test_codes_by_chance_have_the_mean_and_the_covariance_of_their_gaussian(folder, facts, name):
    codes = np.array(call(folder, SCRIPT, [(name, seed) for seed in range(MANY)], facts))
    mean, covariance = np.zeros(SIZE), np.eye(SIZE)
    if name == "likeReal":
        mean, covariance = np.array(facts["mean"]), np.array(facts["covariance"])
    size = np.trace(covariance) ** 0.5
    assert np.linalg.norm(codes.mean(0) - mean) < 3 * size / MANY**0.5
    # Each entry of a sample's covariance strays by about sqrt(2 / MANY) of the variances that it joins.
    spread = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    assert np.abs((np.cov(codes.T) - covariance) / spread).max() < 6 * (2 / MANY) ** 0.5
    again, other = call(folder, SCRIPT, [(name, 7), (name, 8)], facts)
    assert np.allclose(again, codes[7]) and not np.allclose(again, other)


def test_seeds_beside_each_other_draw_numbers_that_have_nothing_to_do_with_each_other(folder):
    """Every number of every code, as one sample, beside the normal distribution's own percentiles."""
    codes = np.array(call(folder, SCRIPT, [("standard", seed) for seed in range(MANY)], {"mean": [0] * SIZE}))
    found = np.quantile(codes, [0.001, 0.05, 0.5, 0.95, 0.999])
    assert np.abs(found - [-3.0902, -1.6449, 0, 1.6449, 3.0902]).max() < 0.1
    correlations = np.corrcoef(codes[:200]) - np.eye(200)
    assert np.abs(correlations).max() < 0.9 and abs(correlations.mean()) < 0.01
