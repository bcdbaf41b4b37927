"""book/_tools/knowing.py: what chapter 6 stands on was measured by the recipes that are written, and rightly."""

import knowing
import pytest
import torch
from torch import nn

from aebook import data, trained

MEASURED = trained.measured("knowing")


@pytest.fixture
def small(monkeypatch):
    """The first 300 test digits in the place of all digits, of which a seed draws every other one."""
    few = data.Digits(*(part[:300] for part in data.mnist(train=False)))
    monkeypatch.setattr(knowing, "digits", lambda part: few)
    monkeypatch.setattr(knowing, "drawn", lambda seed: torch.arange(0, 300, 2))
    return few


def test_the_nearest_are_those_that_every_distance_was_computed_for(small, monkeypatch):
    rows = torch.randn(300, 3, generator=torch.Generator().manual_seed(0))
    parts = {"train": rows[::2], "test": rows.flip(0)}
    monkeypatch.setattr(knowing, "codes", lambda name, part, seed, moved=0: parts[part])
    right = 0
    for asked, wanted in zip(rows.flip(0), small.labels, strict=True):
        near = ((rows[::2] - asked) ** 2).sum(dim=1).argsort()[:5]
        votes = small.labels[::2][near].bincount(minlength=10)
        right += int(votes.argmax() == wanted)  # of equal votes, the smaller digit, as scikit-learn has it
    assert knowing.nearest("any", 0) == pytest.approx(right / 300, abs=1e-4)


@pytest.mark.parametrize("count", [10, 100, 1_000])
def test_few_labels_are_equally_many_of_each_digit_and_the_fewer_are_among_the_more(count):
    digits = data.split()[0].labels[knowing.drawn(0)]
    assert digits[knowing.few(count)].bincount().tolist() == [count // 10] * 10
    assert set(knowing.few(count).tolist()) <= set(knowing.few(10 * count).tolist())


def test_a_network_learns_the_labels_of_the_images_it_is_given_and_of_no_others(small, monkeypatch):
    images = small.images.clone()
    images[20:] = 0
    monkeypatch.setattr(knowing, "digits", lambda part: data.Digits(images, small.labels))
    torch.manual_seed(0)
    network, seen = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), []
    network.register_forward_hook(
        lambda layer, given, _: seen.append(given[0].flatten(1).amax(dim=1).min().item())
    )
    assert list(knowing.learning(network, torch.arange(20), 200, 1e-2, 16, seed=0)) == [50, 100, 150, 200]
    assert len(seen) == 200 and min(seen) > 0.5
    assert knowing.answers(network, images[:20] / 255).argmax(dim=1).tolist() == small.labels[:20].tolist()


def test_what_the_judge_says_is_counted_as_by_hand(monkeypatch):
    given = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.3, 0.6, 0.1]])
    monkeypatch.setattr(knowing, "judge", lambda: lambda pictures: None)
    monkeypatch.setattr(knowing, "answers", lambda network, pictures: given)
    pictures = torch.tensor([0.0, 0.5, 2.0]).view(3, 1, 1, 1).expand(3, 1, 2, 2)
    said = knowing.said(pictures, torch.tensor([0, 1, 0]), torch.tensor([1, 1, 0]))
    assert said == {"sure": 0.7, "one of them": 0.3333, "grey": 0.3333}


def test_codes_that_arrive_whole_have_the_error_of_the_table():
    said = trained.results()["table"]["page-stacked-20"]["runs"][0]["test_error"]
    assert knowing.decoded_error("page-stacked-20", 0, lambda rows: rows) == pytest.approx(said, rel=0.005)
    assert MEASURED["bits"]["runs"][0]["all"] == pytest.approx(said, rel=0.005)
