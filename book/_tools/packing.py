"""Packs the models that pages run, from the shipped weights, with what a page has to know of them; trains nothing.

    python book/_tools/results.py pack        # also the end of `make results`

For each model in ``trained.PAGES``, most of them rows of the table: src/aebook/packed/<name>.encoder.net and
.decoder.net, blobs of ``aebook.nets`` in the smallest precision that costs at most 1 % of the test error.
src/aebook/packed/<name>.json says what is known of it:

    kind             "linear", "stacked", "convolutional", "variational" or "denoising"
    code_size, image_shape, parameters
    precision        "int8", "float16" or "float32", of both halves; "int7" where int8 is heavier than a page takes
    encoder, decoder {"bytes", "gzipped"}
    test_error       of the packed model: mean squared error per pixel over the 10,000 test images
    errors           of those images' own errors, sorted, the first, and then every hundredth: 101 numbers. A
                     picture is worse than as many percent of the test images as there are numbers below its error,
                     the first not counted; equal ones are not below
    codes            of the 60,000 training images, by the packed encoder: "mean", "std", "low" and "high" (the 1st
                     and the 99th percentile) of each number; "directions", the principal ones by falling variance:
                     {"direction", "std", "low", "high"}, the last three of a code's place along the direction,
                     counted from the mean. A direction has length 1, and its largest entry is positive. Variances
                     divide by the count

A model that denoises has "sigma" too: the standard deviation of the Gaussian noise that it has learned, and that
the images are under in all that is said of it. Its errors are counted against the images without noise, and its
codes, which nothing moves, have "low" and "high" alone, and no directions.

Pages are built from these files, without PyTorch.
"""

import gzip
import json
import re

import torch
from rows import ROWS
from torch import Tensor, nn

from aebook import checkpoints, data, files, trained
from aebook.models import Autoencoder, LightAutoencoder, LinearAutoencoder, StackedAutoencoder
from aebook.nets import packed, unpacked
from aebook.noises import Gaussian
from aebook.variational import VariationalAutoencoder

PACKED = trained.PACKED
PRECISIONS = ("int8", "float16", "float32")  # the smallest first
COARSER = "int7"  # where a model is too heavy in the first
HEAVIEST = 350_000  # bytes that both halves of a page's model may take, gzipped
COST = 0.01  # of the fp32 model's test error, for which a smaller precision is worth it
KINDS = {  # others are convolutional
    LinearAutoencoder: "linear",
    StackedAutoencoder: "stacked",
    VariationalAutoencoder: "variational",
}
CODE_SIZES = {"sampling-vae-20": 20, "sampling-vae-2": 2}  # of chapter 9's, whose other sizes are the class's own
SIGMAS = {"denoiser": 0.4}  # of chapter 7's, whose code has 64 numbers


def pack() -> None:
    """Write the packed files and what is known of them, and say how large they are."""
    for name in trained.PAGES:
        precision, blobs = smallest(shipped(name), SIGMAS.get(name, 0))
        for half, blob in blobs.items():
            files.replace(PACKED / f"{name}.{half}.net", blob)
        known = facts(name, precision, blobs)
        files.replace(PACKED / f"{name}.json", written(known).encode())
        size = sum(known[half]["gzipped"] for half in trained.HALVES)
        print(f"{name:16} {precision:8} {size / 1000:6.1f} kB  {known['test_error']:.5f}", flush=True)


def shipped(name: str) -> Autoencoder:
    """A model with its shipped weights."""
    model = built(name)
    checkpoints.restore(model, trained.weights(name))
    return model.eval()


def built(name: str) -> Autoencoder:
    """A model with fresh weights: a row's, or one of chapter 7 or 9."""
    if name in CODE_SIZES:
        return VariationalAutoencoder((784, 200, 200, CODE_SIZES[name]))
    if name in SIGMAS:
        return LightAutoencoder(64)
    return ROWS[name].build()


def smallest(model: Autoencoder, sigma: float = 0) -> tuple[str, dict[str, bytes]]:
    """The smallest precision that costs little enough of the test error, and both halves in it, as blobs."""
    error = errors(model, sigma).mean()
    heavy = sum(map(gzipped, halves(model, PRECISIONS[0]).values())) > HEAVIEST
    for precision in (COARSER, *PRECISIONS) if heavy else PRECISIONS:
        blobs = halves(model, precision)
        if errors(whole(blobs, model.code_size), sigma).mean() <= (1 + COST) * error:
            break
    return precision, blobs


def halves(model: Autoencoder, precision: str) -> dict[str, bytes]:
    """Both halves of a model as blobs."""
    return {half: packed(getattr(model, half), precision) for half in trained.HALVES}


def gzipped(blob: bytes) -> int:
    """How many bytes of a blob travel."""
    return len(gzip.compress(blob, 9))


def whole(blobs: dict[str, bytes], code_size: int) -> Autoencoder:
    """A packed model as PyTorch runs it, its weights as the precision has left them."""
    return Autoencoder(*(unpacked(blobs[half]) for half in trained.HALVES), code_size).eval()


@torch.no_grad()
def errors(model: nn.Module, sigma: float = 0) -> Tensor:
    """The test images' own errors, each the mean over its pixels, smallest first; float64.

    What the model gets is under noise of ``sigma``, what it makes of that is compared with the image itself.
    """
    images, noise = data.mnist(train=False).images, Gaussian(sigma, generator=0)
    found = []
    for batch in images.split(500):
        pixels = batch.float() / 255
        found.append((model(noise(pixels)).double() - pixels.double()).square().flatten(1).mean(dim=1))
    return torch.cat(found).sort().values


@torch.no_grad()
def codes(model: Autoencoder, sigma: float = 0) -> Tensor:
    """The codes of the 60,000 training images under noise of ``sigma``, (60000, code_size), float64."""
    noise = Gaussian(sigma, generator=1)
    return torch.cat(
        [model.encode(noise(batch.float() / 255)) for batch in data.mnist().images.split(500)]
    ).double()


def facts(name: str, precision: str, blobs: dict[str, bytes]) -> dict:
    """What its file says of a model."""
    row, sigma = built(name), SIGMAS.get(name, 0)
    model = whole(blobs, row.code_size)
    sizes = {half: {"bytes": len(blob), "gzipped": gzipped(blob)} for half, blob in blobs.items()}
    found = errors(model, sigma)
    at = [0, *range(len(found) // 100 - 1, len(found), len(found) // 100)]
    return {
        **({"kind": "denoising", "sigma": sigma} if sigma else {"kind": KINDS.get(type(row), "convolutional")}),
        "code_size": row.code_size,
        "image_shape": list(row.image_shape),
        "parameters": checkpoints.describe(row)["parameters"],
        "precision": precision,
        **sizes,
        "test_error": rounded(found.mean(), 9),
        "errors": rounded(found[at], 9),
        "codes": ends(codes(model, sigma)) if sigma else spread(codes(model)),
    }


def ends(codes: Tensor) -> dict:
    """Between what the numbers of codes (N, code_size) lie that nothing moves."""
    return {key: rounded(value) for key, value in each(codes).items() if key != "std"} | {"directions": []}


def spread(codes: Tensor) -> dict:
    """How codes (N, code_size) lie: each number by itself, and the principal directions."""
    mean, covariance = codes.mean(dim=0), torch.cov(codes.T, correction=0).view(codes.shape[1], codes.shape[1])
    _, columns = torch.linalg.eigh(covariance)  # by growing variance
    directions = columns.T.flip(0)
    largest = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True))
    directions = directions * largest.sign()
    places = (codes - mean) @ directions.T
    along = zip(directions, *each(places).values(), strict=True)
    return {
        "mean": rounded(mean),
        **{key: rounded(value) for key, value in each(codes).items()},
        "directions": [
            dict(zip(("direction", "std", "low", "high"), map(rounded, direction), strict=True))
            for direction in along
        ],
    }


def each(numbers: Tensor) -> dict[str, Tensor]:
    """Of each column of (N, M) by itself, (M,): its standard deviation, its 1st and its 99th percentile."""
    low, high = torch.quantile(numbers, torch.tensor([0.01, 0.99], dtype=numbers.dtype), dim=0)
    return {"std": numbers.std(dim=0, correction=0), "low": low, "high": high}


def rounded(numbers: Tensor, digits: int = 7) -> float | list:
    """Numbers with so many digits that count, as JSON has them."""
    listed = numbers.tolist()
    if isinstance(listed, float):
        return float(f"{listed:.{digits}g}")
    return [rounded(number, digits) for number in numbers]


def written(known: dict) -> str:
    """The JSON text, a list of numbers on a line."""
    text = json.dumps(known, indent=1, allow_nan=False)
    lists = re.compile(r"\[[^\[\]{}]+\]")
    return lists.sub(lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text) + "\n"
