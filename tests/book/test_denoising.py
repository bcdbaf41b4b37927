"""book/_tools/denoising.py: its measures are whole, and the shipped denoiser does what was measured."""

import denoising
import pytest
import torch
import torch.nn.functional as F

from aebook import checkpoints, losses, trained

MEASURED = trained.measured("denoising")
TEST = denoising.pixels(denoising.judged_on().images)


def test_the_shipped_denoiser_has_the_decibels_that_were_measured_though_stored_by_halves():
    model = denoising.NETWORKS["conv"]()
    checkpoints.restore(model, trained.weights("denoiser"))
    run = next(run for run in MEASURED["conv"]["runs"] if run["seed"] == 0)
    for name in (denoising.USUAL, "missing squares"):
        given, wanted = denoising.case(name, TEST, 0)
        found = losses.psnr(denoising.run_in_batches(model, given), wanted)
        assert found == pytest.approx(run["psnr"][name], abs=0.02)


def test_what_needs_no_training_comes_out_as_in_the_file():
    run = next(run for run in MEASURED["filters"]["runs"] if run["seed"] == 1)
    for name in denoising.CASES:
        given, wanted = denoising.case(name, TEST, 1)
        if name != "clean":
            assert losses.psnr(given, wanted) == pytest.approx(run["nothing"]["psnr"][name], abs=0.006)
    given, wanted = denoising.case("salt and pepper", TEST, 1)
    found = losses.psnr(denoising.median(3)(given), wanted)
    assert found == pytest.approx(run["median 3"]["psnr"]["salt and pepper"], abs=0.006)


@pytest.mark.parametrize("size", [3, 5])
def test_the_median_filter_is_the_median_of_the_pixels_around(size):
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    around = F.unfold(images, size).view(4, size * size, 29 - size, 29 - size)
    edge = size // 2
    inside = denoising.median(size)(images)[:, 0, edge : 28 - edge, edge : 28 - edge]
    assert torch.equal(inside, around.median(dim=1).values)
