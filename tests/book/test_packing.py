"""book/_tools/packing.py: what pages run is what the shipped weights give today, and what is said of it is so."""

import gzip
import json
from statistics import mean

import denoising
import numpy as np
import packing
import pytest
import results
import torch

from aebook import data, trained
from aebook.nets import packed
from aebook.noises import Gaussian
from aebook.training import evaluate

KNOWN = trained.packed()
LARGEST = 350_000  # bytes that both halves of a page's model may take, gzipped
PLAIN = [name for name in trained.PAGES if name not in packing.SIGMAS]


def blobs(name):
    return {half: trained.net(name, half).read_bytes() for half in trained.HALVES}


@pytest.fixture(scope="module")
def made():
    """By name, the packed model as PyTorch runs it, and its test images' errors in their own order."""
    images = data.mnist(train=False).images.float() / 255
    found = {}
    for name, known in KNOWN.items():
        model, noise = packing.whole(blobs(name), known["code_size"]), Gaussian(known.get("sigma", 0), generator=0)
        with torch.no_grad():
            drawn = torch.cat([model(noise(batch)) for batch in images.split(500)])
        found[name] = model, ((drawn.double() - images.double()) ** 2).mean(dim=(1, 2, 3)).numpy()
    return found


def chapters(name):
    """What was measured of a model of chapter 7 or 9, as the table says it of its rows."""
    beside = trained.weights(name).with_suffix(".safetensors.json").read_text(encoding="utf-8")
    if name in packing.SIGMAS:
        decibels = trained.measured("denoising")["conv"]["runs"][0]["psnr"][denoising.USUAL]
        return {"model": json.loads(beside)["model"], "runs": [{"test_error": 10 ** (-decibels / 10)}]}
    measured = {"sampling-vae-20": "variational 1", "sampling-vae-2": "variational 2"}[name]
    error = trained.measured("sampling")[measured]["runs"][0]["error"]
    return {"model": json.loads(beside)["model"], "runs": [{"test_error": error}]}


@pytest.mark.parametrize("name", trained.PAGES)
def test_the_packed_files_are_what_packing_the_shipped_weights_gives_today(name):
    model = packing.shipped(name)
    for half, blob in blobs(name).items():
        assert packed(getattr(model, half), KNOWN[name]["precision"]) == blob


@pytest.mark.parametrize("name", trained.PAGES)
def test_the_precision_is_the_smallest_that_costs_at_most_a_hundredth_of_the_test_error(name, made):
    images, model = data.mnist(train=False).images, packing.shipped(name)
    noise = Gaussian(KNOWN[name]["sigma"], generator=5) if name in packing.SIGMAS else None
    most = 1.01 * evaluate(model, images, corrupt=noise)
    chosen = KNOWN[name]["precision"]
    assert made[name][1].mean() <= most
    for smaller in packing.PRECISIONS[: packing.PRECISIONS.index(chosen)] if name in PLAIN else ():
        halves = {half: packed(getattr(model, half), smaller) for half in trained.HALVES}
        assert evaluate(packing.whole(halves, model.code_size), images) > most


@pytest.mark.parametrize("name", trained.PAGES)
def test_a_precision_coarser_than_int8_is_taken_where_that_is_too_heavy_and_nowhere_else(name):
    heavy = sum(map(packing.gzipped, packing.halves(packing.shipped(name), "int8").values())) > LARGEST
    assert (KNOWN[name]["precision"] == "int7") == heavy == (name in packing.SIGMAS)


@pytest.mark.parametrize("name", trained.PAGES)
def test_both_halves_are_light_enough_for_a_page(name):
    for half, blob in blobs(name).items():
        sizes = KNOWN[name][half]
        assert sizes["bytes"] == len(blob) and gzip.decompress(gzip.compress(blob)) == blob
        assert sizes["gzipped"] == pytest.approx(len(gzip.compress(blob, 9)), rel=0.02)  # zlib has versions
    assert sum(KNOWN[name][half]["gzipped"] for half in trained.HALVES) <= LARGEST


@pytest.mark.parametrize("name", trained.PAGES)
def test_what_is_said_of_a_model_is_its_rows(name, made):
    known, row = KNOWN[name], results.stored_rows().get(name) or chapters(name)
    assert known["code_size"] == row["model"]["code_size"] and known["image_shape"] == [1, 28, 28]
    assert known["parameters"] == row["model"]["parameters"]
    kinds = {"Linear": "linear", "Stacked": "stacked", "Light": "convolutional", "Variational": "variational"}
    if name in packing.SIGMAS:
        kinds["Light"] = "denoising"
        assert f"gaussian {known['sigma']}" == denoising.USUAL
    assert known["kind"] == kinds[row["model"]["class"].removesuffix("Autoencoder")]
    assert known["test_error"] == pytest.approx(made[name][1].mean(), rel=1e-5)
    assert known["test_error"] == pytest.approx(mean(run["test_error"] for run in row["runs"]), rel=0.03)


@pytest.mark.parametrize("name", trained.PAGES)
def test_the_kept_errors_say_exactly_than_how_many_of_the_test_images_an_error_is_worse(name, made):
    own, kept = made[name][1], KNOWN[name]["errors"]
    assert len(kept) == 101 and kept == sorted(kept) and kept[0] == pytest.approx(own.min(), rel=1e-4)
    said = np.searchsorted(kept[1:], own)  # how many are below, equal ones are not
    counted = np.array([(own < error).sum() // 100 for error in own])
    near = np.abs(own[:, None] - np.array(kept)).min(axis=1) < 1e-5 * own  # rounded, and of another machine
    assert (said == counted)[~near].all() and (~near).sum() > 9_000
    assert abs(said - counted).max() <= 1


@pytest.mark.parametrize("name", trained.PAGES)
def test_what_is_said_of_the_codes_is_what_numpy_says(name, made):
    model, known = made[name][0], KNOWN[name]["codes"]
    codes = packing.codes(model, KNOWN[name].get("sigma", 0)).numpy()
    scale = codes.std(axis=0).max()
    for key, wanted in (
        ("mean", codes.mean(axis=0)),
        ("std", codes.std(axis=0)),
        ("low", np.percentile(codes, 1, axis=0)),
        ("high", np.percentile(codes, 99, axis=0)),
    ):
        if name in PLAIN or key in ("low", "high"):
            np.testing.assert_allclose(known[key], wanted, atol=1e-4 * scale)
    if name in packing.SIGMAS:
        assert known["directions"] == []  # which nothing moves
        return
    covariance = np.cov(codes.T, bias=True)
    directions = np.array([each["direction"] for each in known["directions"]])
    spreads = np.array([each["std"] for each in known["directions"]])
    np.testing.assert_allclose(directions @ directions.T, np.eye(len(directions)), atol=1e-5)
    np.testing.assert_allclose(directions.T * spreads**2 @ directions, covariance, atol=1e-4 * scale**2)
    assert (np.diff(spreads) <= 0).all()
    for each, direction in zip(known["directions"], directions, strict=True):
        assert direction[np.abs(direction).argmax()] > 0
        places = (codes - codes.mean(axis=0)) @ direction
        ends = np.percentile(places, [1, 99])
        np.testing.assert_allclose([each["low"], each["high"]], ends, atol=1e-4 * scale)


def test_packing_again_writes_the_same(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(packing, "PACKED", tmp_path)
    monkeypatch.setattr(packing.trained, "PAGES", ("pca-2",))
    results.main(["pack"])
    for half, blob in blobs("pca-2").items():
        assert (tmp_path / f"pca-2.{half}.net").read_bytes() == blob
    text = (tmp_path / "pca-2.json").read_text("utf-8")
    again = json.loads(text)
    assert again.keys() == KNOWN["pca-2"].keys() and text.count("\n") < 80
    assert again["errors"] == pytest.approx(KNOWN["pca-2"]["errors"], rel=1e-4)
    for each, before in zip(again["codes"]["directions"], KNOWN["pca-2"]["codes"]["directions"], strict=True):
        assert all(each[key] == pytest.approx(before[key], rel=1e-3, abs=1e-3) for key in before)
    assert capsys.readouterr().out.startswith("pca-2 ")
