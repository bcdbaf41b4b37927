"""What the widget Drawing does to a drawing, beside Pillow and NumPy: strokes, an MNIST image of them, changes."""

import json
import re
import struct

import numpy as np
import pytest
import stills
import torch
from javascript import WIDGETS, call
from PIL import Image
from torch import nn

from aebook import Drawing, data, nets, trained
from aebook.models import Autoencoder, LinearAutoencoder
from aebook.noises import Gaussian
from aebook.widgets import own

SIDE = 224
DRAWINGS = 50
DIGITS = data.mnist(train=False).images[:200, 0].numpy()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("drawing")


def strokes_by_chance(chance):
    """Some curves somewhere on the pad: small or large, in the middle or in a corner, and a pen's radius."""
    size, curves = chance.uniform(4, 200), []
    corner = chance.uniform(0, SIDE - size, 2)
    for _ in range(chance.integers(1, 4)):
        ends = chance.uniform(0, size, (4, 2))  # of a Bézier curve
        parts = np.linspace(0, 1, chance.integers(1, 40))[:, None]
        weights = [(1 - parts) ** 3, 3 * parts * (1 - parts) ** 2, 3 * parts**2 * (1 - parts), parts**3]
        curve = corner + sum(weight * end for weight, end in zip(weights, ends, strict=True))
        curves.append(curve.round().astype(int).clip(0, SIDE - 1).ravel().tolist())
    return curves, float(chance.uniform(1, 24))


@pytest.fixture(scope="module")
def drawings(folder):
    """Random drawings as strokes, and the rasters that JavaScript makes of them, (DRAWINGS, 224, 224)."""
    chance = np.random.default_rng(4)
    cases = [strokes_by_chance(chance) for _ in range(DRAWINGS)]
    empty = np.zeros(SIDE * SIDE, np.uint8)
    rasters = call(folder, "drawing/strokes.js", [("drawn", strokes, empty, pen) for strokes, pen in cases])
    return cases, np.stack(rasters).reshape(-1, SIDE, SIDE)


def as_mnist(raster):
    """An MNIST image of a raster: Pillow's box filter, and NumPy for the rest."""
    image = np.zeros((28, 28), np.uint8)
    rows, columns = raster.any(1).nonzero()[0], raster.any(0).nonzero()[0]
    if not len(rows):
        return image
    crop = raster[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, int(side * 20 / max(crop.shape) + 0.5)) for side in crop.shape)
    small = np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.BOX))
    middles = [np.average(np.arange(size), weights=small.sum(1 - axis)) for axis, size in enumerate(small.shape)]
    top, left = (
        int(np.clip(np.ceil(13.5 - middle - 1e-9), 0, 28 - size))
        for middle, size in zip(middles, small.shape, strict=True)
    )
    image[top : top + height, left : left + width] = small
    return image


def test_a_drawing_becomes_an_mnist_image_as_by_pillow_and_numpy(folder, drawings):
    _, rasters = drawings
    prepared = call(folder, "drawing/prepare.js", [("prepared", raster) for raster in rasters])
    apart = [
        np.abs(given.reshape(28, 28).astype(int) - as_mnist(raster)).max()
        for given, raster in zip(prepared, rasters, strict=True)
    ]
    assert max(apart) <= 1 and len(apart) == DRAWINGS
    assert all(image.max() > 100 for image in prepared)
    extents = [raster.any(axis).sum() for raster in rasters for axis in (0, 1)]
    assert min(extents) < 20 and max(extents) > 180  # enlarged ones and reduced ones


def test_what_is_off_centre_or_of_another_size_becomes_the_same_image(folder):
    raster = np.zeros((SIDE, SIDE), np.uint8)
    raster[60:140, 70:118] = np.random.default_rng(0).integers(1, 256, (20, 24)).repeat(4, 0).repeat(2, 1)
    moved = np.roll(raster, (-60, 90), (0, 1))
    half = np.zeros_like(raster)
    half[100:140, 10:34] = raster[60:140:2, 70:118:2]
    first, second, third = call(
        folder, "drawing/prepare.js", [("prepared", each) for each in (raster, moved, half)]
    )
    assert (first == second).all() and first.any()
    assert np.abs(first.astype(int) - third).max() <= 1


def test_a_test_digit_drawn_eight_times_as_large_comes_back_as_it_was(folder):
    rasters = call(folder, "drawing/strokes.js", [("rasterOf", digit) for digit in DIGITS])
    assert (np.stack(rasters).reshape(-1, SIDE, SIDE)[:, ::8, 3::8] == DIGITS).all()
    prepared = call(folder, "drawing/prepare.js", [("prepared", raster) for raster in rasters])
    assert len(prepared) == 200
    assert all((given.reshape(28, 28) == digit).all() for given, digit in zip(prepared, DIGITS, strict=True))


def test_a_classifier_reads_digits_of_any_size_anywhere_only_once_they_are_prepared(folder):
    """One of 784-64-10, after two epochs: its hits among 400 test digits on the pad, before and after."""
    torch.manual_seed(0)
    classifier, (images, labels) = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)), data.mnist()
    optimizer = torch.optim.Adam(classifier.parameters(), 2e-3)
    for _ in range(2):
        for batch in torch.randperm(len(images)).split(100):
            loss = nn.functional.cross_entropy(classifier(images[batch].flatten(1) / 255), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    digits = data.mnist(train=False)
    rasters = [
        anywhere(digit, chance) for chance in [np.random.default_rng(5)] for digit in digits.images[:400, 0]
    ]
    before = [np.asarray(Image.fromarray(raster).resize((28, 28), Image.Resampling.BOX)) for raster in rasters]
    after = call(folder, "drawing/prepare.js", [("prepared", raster) for raster in rasters])
    hits = [
        (
            classifier(torch.tensor(np.stack(each).reshape(400, -1) / 255.0).float()).argmax(1)
            == digits.labels[:400]
        )
        .sum()
        .item()
        for each in (before, after)
    ]
    print(f"hits of 400: {hits[0]} before, {hits[1]} after")
    assert hits[0] < 200 and hits[1] > 360


def anywhere(digit, chance):
    """A raster with a digit of 60 to 200 pixels somewhere in it."""
    side = int(chance.integers(60, 200))
    small = Image.fromarray(digit.numpy()[4:24, 4:24]).resize((side, side), Image.Resampling.BILINEAR)
    raster, (left, top) = np.zeros((SIDE, SIDE), np.uint8), chance.integers(0, SIDE - side, 2)
    raster[top : top + side, left : left + side] = np.asarray(small)
    return raster


def test_an_empty_raster_becomes_an_empty_image(folder):
    (image,) = call(folder, "drawing/prepare.js", [("prepared", np.zeros(SIDE * SIDE, np.uint8))])
    assert image.shape == (784,) and not image.any()


def test_a_raster_is_as_dark_as_its_strokes_are_near(folder, drawings):
    """The distance of every pixel to every line, all at once."""
    cases, rasters = drawings
    y, x = np.mgrid[:SIDE, :SIDE]
    for (strokes, pen), raster in list(zip(cases, rasters, strict=True))[:12]:
        nearest = np.full((SIDE, SIDE), np.inf)
        for stroke in strokes:
            points = np.array(stroke, float).reshape(-1, 2)
            for start, end in zip(points, [*points[1:], points[-1]], strict=True):
                way, square = end - start, max(((end - start) ** 2).sum(), 1e-9)
                part = (((x - start[0]) * way[0] + (y - start[1]) * way[1]) / square).clip(0, 1)
                apart = np.hypot(x - start[0] - part * way[0], y - start[1] - part * way[1])
                nearest = np.minimum(nearest, apart)
        expected = np.floor(255 * (pen + 0.5 - nearest).clip(0, 1) + 0.5)
        assert np.abs(expected - raster).max() <= 1


def test_strokes_survive_an_address_and_nothing_else_is_taken_for_strokes(folder, drawings):
    cases, _ = drawings
    texts = call(folder, "drawing/strokes.js", [("written", strokes) for strokes, _ in cases])
    assert call(folder, "drawing/strokes.js", [("read", text) for text in texts]) == [each for each, _ in cases]
    for text in texts:
        assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    wrong = ["A", "AAA=", "AA", "AAAA", ".", "AAA..AAA", "AAA.", "4AAA", "_w_w", "é", 7, None, [], "AAA" * 8_000]
    assert call(folder, "drawing/strokes.js", [("read", text) for text in wrong]) == [None] * len(wrong)
    assert call(folder, "drawing/strokes.js", [("read", ""), ("read", "AAA"), ("read", "3w8")]) == [
        [],
        [[0, 0]],
        [[223, 15]],
    ]


UNCHANGED = {"mirror": False, "shift": [0, 0], "rub": 0, "noise": 0, "invert": False}


def changed(folder, images, **changes):
    given = call(folder, "drawing/changes.js", [("changed", image, UNCHANGED | changes) for image in images])
    return np.stack(given).reshape(-1, 28, 28)


def test_changes_are_numpys(folder):
    assert (changed(folder, DIGITS) == DIGITS).all()
    assert (changed(folder, DIGITS, mirror=True) == DIGITS[:, :, ::-1]).all()
    assert (changed(folder, DIGITS, invert=True) == 255 - DIGITS).all()
    for right, down in [(1, 0), (-1, 0), (0, 1), (0, -1), (3, -5), (14, 14)]:
        wide = np.pad(DIGITS, ((0, 0), (14, 14), (14, 14)))
        expected = wide[:, 14 - down : 42 - down, 14 - right : 42 - right]
        assert (changed(folder, DIGITS, shift=[right, down]) == expected).all()


def test_changes_come_in_one_order_whichever_was_asked_for_first(folder):
    both = changed(folder, DIGITS[:20], mirror=True, shift=[2, 1], invert=True)
    assert (both == 255 - np.pad(DIGITS[:20, :, ::-1], ((0, 0), (1, 0), (2, 0)))[:, :28, :28]).all()


def test_noise_is_the_same_each_time_and_each_helping_adds_as_much(folder):
    middle = np.full((20, 784), 127, np.uint8)
    once, twice = (changed(folder, middle, noise=helpings).astype(float) for helpings in (1, 2))
    assert (once == once[0]).all() and (once == changed(folder, middle, noise=1)).all()
    left = (once[0] > 0) & (once[0] < 255)
    assert abs(once[0].mean() - 127) < 9 and abs(once[0].std() - 85) < 5  # of 102, the tails cut off
    assert abs((twice - once)[0][left].std() - 73) < 8
    assert np.corrcoef(once[0].ravel()[:-1], once[0].ravel()[1:])[0, 1] < 0.1


@pytest.mark.parametrize(("helpings", "sigma"), [(1, 0.4), (4, 0.8)])
def test_noise_is_that_which_the_denoiser_has_learned_cut_off_and_in_whole_greys(folder, helpings, sigma):
    """On paper, and in what the denoiser makes of 200 digits under it, beside PyTorch's own, uncut to greys."""
    assert call(folder, "drawing/changes.js", [("strength", helpings)]) == [pytest.approx(sigma)]
    paper, ink = (changed(folder, [np.full(784, grey, np.uint8)], noise=helpings)[0] for grey in (0, 255))
    normal = np.sort(np.random.default_rng(0).normal(0, 255 * sigma, 1_000_000))
    for given, wanted in ((paper, normal.clip(0, 255)), (ink, (255 + normal).clip(0, 255))):
        parts = np.linspace(0.05, 0.95, 19)
        assert np.abs(np.quantile(given, parts) - np.quantile(wanted, parts)).max() < 0.08 * 255
    encoder, decoder = (nets.unpacked(trained.net("denoiser", half).read_bytes()) for half in trained.HALVES)
    clean = torch.from_numpy(DIGITS)[:, None] / 255
    given = torch.from_numpy(changed(folder, DIGITS, noise=helpings))[:, None] / 255
    errors = []
    with torch.no_grad():
        for noisy in (given, *(Gaussian(sigma, seed)(clean) for seed in range(3))):
            errors.append((decoder(encoder(noisy)) - clean).square().mean().item())
    assert errors[0] == pytest.approx(np.mean(errors[1:]), rel=0.15)


def test_a_piece_rubbed_out_is_a_square_that_had_ink(folder):
    before = DIGITS
    for pieces in (1, 2, 3):
        after = changed(folder, DIGITS, rub=pieces)
        lost = [(old != new) for old, new in zip(before, after, strict=True)]
        assert all(each.any() and not new[each].any() for each, new in zip(lost, after, strict=True))
        for each in lost:
            rows, columns = each.any(1).nonzero()[0], each.any(0).nonzero()[0]
            assert max(np.ptp(rows), np.ptp(columns)) < 8
        before = after
    assert not changed(folder, [np.zeros(784, np.uint8)], rub=3).any()


def test_an_error_and_its_place_are_those_of_all_ten_thousand(folder):
    """Against the errors themselves, equal ones and the ends among them."""
    generator = torch.Generator().manual_seed(0)
    errors = torch.rand(10_000, generator=generator).square().mul(1000).floor().div(1000).sort().values.tolist()
    table = [errors[0], *(errors[100 * part - 1] for part in range(1, 101))]
    asked = [*errors[::37], -1.0, 2.0, *(error + 1e-4 for error in errors[::41])]
    places = call(folder, "lib/errors.js", [("worseThan", error, table) for error in asked])
    assert places == [sum(other < error for other in errors) // 100 for error in asked]
    assert {0, 100} <= set(places) and len(set(places)) > 50
    one, other = DIGITS[:50].reshape(50, -1) / 255, DIGITS[50:100].reshape(50, -1) / 255
    found = call(folder, "lib/errors.js", [("meanSquaredError", *pair) for pair in zip(one, other, strict=True)])
    assert np.allclose(found, ((one - other) ** 2).mean(1), rtol=1e-12)


def test_the_end_of_the_line_of_errors_is_the_average_training_digit():
    average = data.mnist().images.float().mean(0) / 255
    error = (data.mnist(train=False).images / 255 - average).square().mean().item()
    source = (WIDGETS / "drawing" / "lanes.js").read_text(encoding="utf-8")
    assert f"export const AVERAGE = {error:.4f};" in source


def test_the_drawer_has_the_first_test_digit_of_each_kind():
    images, labels = data.mnist(train=False)
    first = [images[(labels == digit).nonzero()[0]] for digit in range(10)]
    for widget in ("drawing", "codes"):
        assert (WIDGETS / widget / "digits.bin").read_bytes() == torch.cat(first).numpy().tobytes()


@pytest.mark.parametrize("name", ["codemap", "training"])
def test_the_still_says_what_it_would_say_today(name):
    """Where there are words in it the places of two machines may differ by the thickness of a line."""
    text, again = stills.place(name).read_text(encoding="utf-8"), stills.STILLS[name]()
    one, other = (re.findall(r"(?<=[ ,\"])-?[\d.]+(?=[ ,\"])", each) for each in (text, again))
    assert len(text) < 20_000 and len(one) == len(other) > 300
    assert np.abs(np.subtract(np.array(one, float), np.array(other, float))).max() <= 3
    assert re.sub(r"-?[\d.]+", "", text) == re.sub(r"-?[\d.]+", "", again)


@pytest.mark.parametrize("name", ["drawing", "codes"])
def test_the_still_is_of_what_is_shown_first(name):
    text, again = stills.place(name).read_text(encoding="utf-8"), stills.STILLS[name]()
    assert len(text) < 20_000
    # Another machine may round a grey or a bar otherwise: a few of them.
    one, other = (set(re.findall(r"M[^M\"]+", each)) for each in (text, again))
    assert len(one ^ other) <= 0.02 * len(one) and len(one) > 50


# ------------------------------------------------------------------------------------------ a learner's own models


def test_own_models_travel_with_what_the_test_digits_tell_of_them():
    torch.manual_seed(0)
    model = LinearAutoencoder.from_pca(data.mnist().images[:2000], 6)
    header, blobs = parts_of(own.written({"mine": model}))
    assert [each["name"] for each in header] == ["mine"]
    encoder, decoder = (nets.unpacked(blob) for blob in blobs)
    images = data.mnist(train=False).images / 255
    with torch.no_grad():
        codes, errors = model.encode(images), (model(images) - images).square().flatten(1).mean(1).sort().values
        assert torch.allclose(encoder(images), codes, atol=1e-5)
        assert torch.allclose(decoder(codes), model.decode(codes), atol=1e-5)
    facts = header[0]["facts"]
    assert facts["test_error"] == pytest.approx(errors.mean().item(), rel=1e-5)
    assert np.allclose(facts["errors"], [errors[0], *errors[99::100]], rtol=1e-4)
    assert np.allclose(facts["codes"]["mean"], codes.mean(0), atol=1e-4)
    assert np.allclose(facts["codes"]["low"], np.percentile(codes, 1, axis=0), atol=1e-3)
    vectors = np.array([each["direction"] for each in facts["codes"]["directions"]])
    spread = np.array([each["std"] for each in facts["codes"]["directions"]])
    assert np.allclose(vectors @ vectors.T, np.eye(6), atol=1e-5) and (np.diff(spread) < 0).all()
    assert np.allclose(vectors.T @ np.diag(spread**2) @ vectors, np.cov(codes.T, bias=True), atol=1e-3)


def parts_of(written):
    """The header and the blobs of what `own.written` gives."""
    at = 4 + struct.unpack_from("<I", written)[0]
    header, blobs = json.loads(written[4:at]), []
    for length in (length for each in header for length in each["lengths"]):
        blobs.append(written[at : at + length])
        at += length
    assert at == len(written)
    return header, blobs


def test_what_is_no_model_for_digits_is_refused_in_one_sentence():
    narrow = Autoencoder(nn.Sequential(nn.Flatten(), nn.Linear(9, 2)), nn.Sequential(nn.Linear(2, 9)), 2)
    flat = Autoencoder(nn.Sequential(nn.Flatten(), nn.Linear(784, 2)), nn.Sequential(nn.Linear(2, 784)), 2)
    for models, words in [
        ([LinearAutoencoder(2)], "models must be a dict"),
        ({"a": nn.Linear(784, 2)}, "the model 'a' must have an encoder and a decoder"),
        ({"b": narrow}, "the model 'b' must take images"),
        ({"c": flat}, r"the model 'c' must give images \(1, 28, 28\), and gives \(784,\)"),
    ]:
        with pytest.raises((TypeError, ValueError), match=words):
            Drawing(models=models)
    assert own.written({}) == b""


def test_an_image_given_in_python_is_the_one_that_the_models_get():
    drawing = Drawing(digit=3)
    assert torch.equal(drawing.image, digit_of(3))
    for image in (torch.rand(28, 28), torch.rand(1, 1, 28, 28), np.random.default_rng(0).random((28, 28))):
        drawing.image = image
        assert (drawing.image.flatten() - torch.as_tensor(image).flatten()).abs().max() <= 0.5 / 255 + 1e-6
    drawing.image = data.mnist(train=False).images[7]
    assert torch.equal(drawing.image[0] * 255, data.mnist(train=False).images[7].float()) and drawing.digit == -1
    drawing.pixels, drawing.digit = "", 5
    assert torch.equal(drawing.image, digit_of(5))
    for wrong in (torch.rand(27, 28), torch.rand(28, 28) * 3, "a digit"):
        with pytest.raises((TypeError, ValueError)):
            drawing.image = wrong
    assert torch.equal(Drawing(image=digit_of(8)).image, digit_of(8))


def digit_of(digit):
    images, labels = data.mnist(train=False)
    return images[(labels == digit).nonzero()[0]] / 255
