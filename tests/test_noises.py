"""aebook.noises: each corruption does what it says, by the chance that it is given and no other."""

import copy

import pytest
import torch

from aebook import noises
from aebook.checkpoints import CheckpointError
from aebook.models import LinearAutoencoder
from aebook.training import evaluate, fit

IMAGES = torch.rand(40, 1, 28, 28, generator=torch.Generator().manual_seed(0))
EACH = [
    lambda chance=None: noises.Gaussian(0.4, chance),
    lambda chance=None: noises.Gaussian((0.1, 0.9), chance),
    lambda chance=None: noises.SaltAndPepper(0.3, chance),
    lambda chance=None: noises.MissingSquares(9, generator=chance),
]


def seeded(seed=7):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("sigma", [0, 0.05, 0.4, 3])
def test_gaussian_noise_is_added_and_cut_off_at_paper_and_ink(sigma):
    expected = (IMAGES + sigma * torch.randn(IMAGES.shape, generator=seeded())).clamp(0, 1)
    assert torch.equal(noises.Gaussian(sigma, seeded())(IMAGES), expected)


def test_a_pair_of_sigmas_gives_each_image_its_own_evenly_between_them():
    grey = torch.full((2_000, 1, 28, 28), 0.5)
    sigmas = noises.Gaussian((0.02, 0.1), 0)(grey).flatten(1).std(dim=1)  # so small that nothing is cut off
    assert 0.018 < sigmas.min() < 0.024 and 0.096 < sigmas.max() < 0.11
    shares = torch.histc(sigmas, 4, 0.02, 0.1) / len(sigmas)
    assert (shares - 0.25).abs().max() < 0.05


@pytest.mark.parametrize("share", [0, 0.1, 0.3, 1])
def test_salt_and_pepper_sets_its_share_half_to_ink_and_half_to_paper_and_leaves_the_rest(share):
    images = 0.2 + 0.6 * torch.rand(100, 1, 28, 28, generator=seeded())
    seen = noises.SaltAndPepper(share, 0)(images)
    ink, paper = (seen == 1), (seen == 0)
    assert ink.float().mean().item() == pytest.approx(share / 2, abs=0.01)
    assert paper.float().mean().item() == pytest.approx(share / 2, abs=0.01)
    rest = ~(ink | paper)
    assert torch.equal(seen[rest], images[rest])


@pytest.mark.parametrize("shape", [(300, 1, 28, 28), (300, 3, 12, 9)])
@pytest.mark.parametrize(("size", "value"), [(1, 0.0), (4, 1.0), (9, 0.25)])
def test_a_missing_square_is_whole_in_all_channels_and_anywhere_within_the_image(shape, size, value):
    images = torch.full(shape, 0.5)
    blank = noises.MissingSquares(size, value, 0)(images) != 0.5
    assert torch.equal(noises.MissingSquares(size, value, 0)(images)[blank], torch.full_like(images, value)[blank])
    assert torch.equal(blank, blank[:, :1].expand(shape))
    rows, columns = blank[:, 0].any(dim=2), blank[:, 0].any(dim=1)
    assert torch.equal(blank[:, 0], rows[:, :, None] & columns[:, None, :])
    for covered in (rows, columns):
        length = covered.shape[1]
        first = covered.float().argmax(dim=1)
        last = length - 1 - covered.flip(1).float().argmax(dim=1)
        assert torch.equal(last - first + 1, torch.full_like(first, size))
        assert torch.equal(covered.sum(dim=1), torch.full_like(first, size))
        assert set(first.tolist()) == set(range(length - size + 1))  # the edges, too


@pytest.mark.parametrize("noise", EACH, ids=lambda make: repr(make()))
def test_the_images_are_left_as_they_are_and_what_is_seen_is_like_them(noise):
    before = IMAGES.clone()
    for images in (IMAGES, IMAGES.double(), IMAGES.half()):
        seen = noise(0)(images)
        assert seen.shape == images.shape and seen.dtype == images.dtype and not torch.equal(seen, images)
        assert seen.min() >= 0 and seen.max() <= 1
    assert torch.equal(IMAGES, before)


@pytest.mark.parametrize("noise", EACH, ids=lambda make: repr(make()))
def test_a_seed_gives_the_same_anew_each_time_and_leaves_pytorchs_own_chance_alone(noise):
    torch.manual_seed(0)
    state = torch.get_rng_state()
    made = noise(5)
    first, second = made(IMAGES), made(IMAGES)
    assert not torch.equal(first, second)
    assert torch.equal(first, noise(5)(IMAGES)) and torch.equal(first, noise(seeded(5))(IMAGES))
    assert not torch.equal(first, noise(6)(IMAGES))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("noise", EACH, ids=lambda make: repr(make()))
def test_without_a_generator_the_chance_is_pytorchs_which_evaluate_repeats(noise):
    seen = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        seen.append(noise()(IMAGES))
    assert torch.equal(seen[0], seen[1]) and not torch.equal(seen[0], seen[2])
    model, corrupt = LinearAutoencoder(2), noise()
    assert evaluate(model, IMAGES, corrupt=corrupt) == evaluate(model, IMAGES, corrupt=corrupt)


def test_a_checkpoint_tells_a_noise_from_a_stronger_one(tmp_path):
    run = {"learning_rate": 1e-3, "seed": 0, "progress": False, "checkpoint": tmp_path / "run.safetensors"}
    model = LinearAutoencoder(2)
    fit(model, IMAGES, epochs=1, corrupt=noises.Gaussian(0.4), **run)
    fit(copy.deepcopy(model), IMAGES, epochs=2, corrupt=noises.Gaussian(0.4), resume=True, **run)
    with pytest.raises(
        CheckpointError, match=r"Gaussian\(0\.4\).*Gaussian\(0\.5\)|Gaussian\(0\.5\).*Gaussian\(0\.4\)"
    ):
        fit(model, IMAGES, epochs=3, corrupt=noises.Gaussian(0.5), resume=True, **run)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: noises.Gaussian(-0.1), ValueError, "sigma must be at least 0, and is -0.1"),
        (lambda: noises.Gaussian("0.4"), TypeError, "sigma must be a number, and is '0.4'"),
        (
            lambda: noises.Gaussian((0.4, 0.1)),
            ValueError,
            "sigma must be a pair (least, largest), and is (0.4, 0.1)",
        ),
        (
            lambda: noises.Gaussian((1, 2, 3)),
            ValueError,
            "sigma must be one number or a pair (least, largest), and is",
        ),
        (lambda: noises.SaltAndPepper(1.5), ValueError, "share must be from 0 to 1, and is 1.5"),
        (lambda: noises.MissingSquares(0), ValueError, "size must be above 0, and is 0"),
        (lambda: noises.MissingSquares(3, 2), ValueError, "value must be from 0 to 1, and is 2"),
        (
            lambda: noises.Gaussian(1, "x"),
            TypeError,
            "generator, if it is no torch.Generator, must be a whole number",
        ),
        (lambda: noises.Gaussian(1, -1), ValueError, "generator, if it is no torch.Generator, must be at least 0"),
        (
            lambda: noises.MissingSquares(29)(IMAGES),
            ValueError,
            "images must have the shape (B, C, H, W), of at least",
        ),
        (
            lambda: noises.MissingSquares(3)(IMAGES[0, 0]),
            ValueError,
            "images must have the shape (B, C, H, W), of at",
        ),
    ],
)
def test_what_is_no_noise_is_refused_in_a_sentence(make, error, said):
    with pytest.raises(error) as refusal:
        make()
    assert str(refusal.value).startswith(said)


@pytest.mark.parametrize("noise", EACH, ids=lambda make: repr(make()))
def test_bytes_are_refused_with_what_to_do(noise):
    with pytest.raises(TypeError, match=r"must be floats from 0 to 1, and are torch.uint8; divide them by 255$"):
        noise()((255 * IMAGES).to(torch.uint8))
    with pytest.raises(TypeError, match=r"must be a tensor of floats from 0 to 1, and are a ndarray$"):
        noise()(IMAGES.numpy())


@pytest.mark.cuda
@pytest.mark.parametrize("noise", EACH, ids=lambda make: repr(make()))
@pytest.mark.parametrize("chance", [None, 3, seeded()], ids=["own", "seed", "generator"])
def test_the_noise_is_made_on_the_images_device(noise, chance):
    assert noise(chance)(IMAGES.cuda()).is_cuda
