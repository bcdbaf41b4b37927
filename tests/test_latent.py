"""aebook.latent: codes of many images, labels for few, and rounding against what brute force finds."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from torch import nn

from aebook import data
from aebook.latent import MOST_BITS, REACHES, Rounding, encoded, few_of_each, shared_bits
from aebook.models import ConvAutoencoder, LightAutoencoder, LinearAutoencoder

IMAGES = torch.rand(7, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def codes(count=400, spreads=(3.0, 1.0, 0.2)):
    chance = torch.Generator().manual_seed(1)
    return torch.randn(count, len(spreads), generator=chance) * torch.tensor(spreads) + torch.tensor([1.0, 0, -5])


@pytest.mark.parametrize("build", [LinearAutoencoder, LightAutoencoder])
@pytest.mark.parametrize("size", [1, 3, 7, 100, None])
def test_codes_do_not_depend_on_the_batch_and_are_those_of_evaluation_mode(build, size):
    torch.manual_seed(0)
    model = build(5)
    model.encoder.train()
    model.decoder.eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    found = encoded(model, IMAGES, size)
    assert model.encoder.training and not model.decoder.training and not found.requires_grad
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    with torch.no_grad():
        torch.testing.assert_close(found, model.eval().encode(IMAGES))


def test_whole_numbers_are_taken_as_shares_of_255_and_a_block_of_maps_becomes_a_row():
    model, whole = LinearAutoencoder(4), (IMAGES * 255).round().to(torch.uint8)
    torch.testing.assert_close(encoded(model, whole), encoded(model, whole / 255))
    assert encoded(ConvAutoencoder(), IMAGES[:2]).shape == (2, 12_544)


@pytest.mark.parametrize("model", [nn.Linear(784, 2), "light-20", LinearAutoencoder])
def test_what_does_not_encode_is_refused(model):
    with pytest.raises(TypeError, match=r"^model must"):
        encoded(model, IMAGES)


@pytest.mark.parametrize("each", [1, 3, 40])
def test_equally_many_of_each_class_are_drawn_and_the_seed_decides_which(each):
    labels = data.mnist(train=False).labels[:2_000]
    drawn = [few_of_each(labels, each, seed) for seed in (0, 0, 1)]
    for places in drawn:
        assert labels[places].bincount().tolist() == [each] * 10
        assert len(places.unique()) == len(places)
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])


def test_every_image_of_a_class_is_drawn_about_as_often_as_the_others():
    labels = torch.tensor([0, 1, 0, 0, 1])
    counts = sum(few_of_each(labels, 1, seed).bincount(minlength=5) for seed in range(600))
    assert (counts[[0, 2, 3]] - 200).abs().max() < 50 and (counts[[1, 4]] - 300).abs().max() < 60


@pytest.mark.parametrize(
    ("labels", "each", "words"),
    [
        (torch.tensor([0, 1, 1]), 2, "each must be at most 1, as many as there are of class 0"),
        (torch.tensor([0, 1, 1]), 0, "each must be .*, and is 0"),
        (torch.rand(3), 1, r"labels must be whole numbers \(N,\), and are torch.float32 of \(3,\)"),
        (torch.zeros(3, 1, dtype=torch.long), 1, r"labels must be whole numbers \(N,\)"),
    ],
)
def test_labels_that_cannot_be_drawn_are_refused(labels, each, words):
    with pytest.raises(ValueError, match=words):
        few_of_each(labels, each, 0)


@pytest.mark.parametrize("bits", [0, 1, 2, 5, (3, 0, 1)])
def test_what_arrives_is_the_nearest_of_the_middles(bits):
    rounding, sent = Rounding(codes(), bits), codes()
    cells, arrived = rounding.send(sent), rounding(sent)
    assert rounding.total == (3 * bits if isinstance(bits, int) else 4)
    for number, own in enumerate(rounding.bits):
        middles = torch.stack([rounding.receive(torch.full((1, 3), cell))[0, number] for cell in range(2**own)])
        nearest = (sent[:, number, None] - middles).abs().argmin(dim=1)
        assert cells[:, number].min() >= 0 and cells[:, number].max() < 2**own
        torch.testing.assert_close(arrived[:, number], middles[nearest])
    assert torch.equal(rounding(arrived), arrived)


def test_no_bits_bring_the_mean_and_each_bit_more_a_smaller_difference():
    sent = codes()
    torch.testing.assert_close(Rounding(sent, 0)(sent), sent.mean(dim=0).expand_as(sent))
    left = [(Rounding(sent, bits)(sent) - sent).square().mean(dim=0) for bits in range(11)]
    assert all((more > 1.8 * less).all() for more, less in pairwise(left))
    assert (left[10] < 1e-5 * sent.var(dim=0)).all()


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 6])
def test_the_reach_is_the_best_there_is_for_numbers_of_a_normal_distribution(bits):
    places = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    sent = torch.special.ndtri(places).float().unsqueeze(1)  # as a normal distribution has them
    error = (Rounding(sent, bits)(sent) - sent).square().mean().item()
    numbers, best = sent[:, 0].numpy().astype(np.float64), np.inf
    for reach in np.linspace(0.2, 6, 600):
        middles = np.linspace(-reach, reach, 2 ** (bits + 1) + 1)[1::2]
        step = middles[1] - middles[0]
        nearest = np.clip(np.round((numbers - middles[0]) / step), 0, len(middles) - 1)
        best = min(best, np.square(middles[0] + step * nearest - numbers).mean())
    assert best <= error + 1e-9 < 1.02 * best + 1e-9


def test_a_number_that_never_varies_arrives_as_it_is():
    sent = torch.tensor([[2.0, 1.0], [2.0, 3.0], [2.0, 4.0]])
    assert Rounding(sent, 3)(sent)[:, 0].tolist() == pytest.approx([2.0] * 3)


@pytest.mark.parametrize("total", [1, 3, 5])
def test_bits_are_shared_as_the_best_of_all_ways_to_share_them(total):
    sent = codes()

    def left(bits):
        return (Rounding(sent, bits)(sent) - sent).square().sum(dim=1).mean().item()

    ways = [way for way in product(range(total + 1), repeat=3) if sum(way) == total]
    shared = shared_bits(sent, total)
    assert len(ways) > 2 and sum(shared) == total
    assert left(shared) == pytest.approx(min(map(left, ways)), rel=1e-5)


def test_all_the_bits_there_can_be_are_shared():
    assert shared_bits(codes(20), 3 * MOST_BITS) == [MOST_BITS] * 3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Rounding(codes(), 17), "bits must be a whole number from 0 to 16, or 3 of them, and are 17"),
        (lambda: Rounding(codes(), (1, 2)), r"or 3 of them, and are \(1, 2\)"),
        (lambda: Rounding(codes(), -1), "and are -1"),
        (lambda: Rounding(codes()[:1], 1), r"codes must have the shape \(N, K\), at least two, and have \(1, 3\)"),
        (lambda: Rounding(codes() / 0, 1), "codes must be finite"),
        (lambda: Rounding(codes(), 1)(codes()[:, :2]), r"codes must have the shape \(N, 3\), and have \(400, 2\)"),
        (lambda: shared_bits(codes(), 49), "total must be from 1 to 48 for 3 numbers, and is 49"),
    ],
)
def test_what_cannot_be_rounded_is_refused_with_what_can(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_reaches_that_are_tried_go_far_enough():
    sent = codes()
    assert (Rounding(sent, 10).reach < REACHES[-1]).all() and (Rounding(sent, 1).reach > REACHES[0]).all()
