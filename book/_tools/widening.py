"""Wide codes, measured for chapter 10: what a few of 1,024 numbers bring back, and what each of them answers to.

Every network here is trained on the first 55,000 images, in fp32, by Adam and one-cycle, EPOCHS epochs, at the
rate of RATES that had the least validation error with seed 0 on SEARCHED images.
"""

import math
from functools import cache

import numpy as np
import torch
from results import RUNS, SEEDS
from rows import RATES, SEARCHED
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor, nn
from uses import Measure

from aebook import data
from aebook.models import LinearAutoencoder
from aebook.sparse import SparseAutoencoder, TiedAutoencoder, sparse_loss
from aebook.training import evaluate, fit, mean_squared_error

UNITS, EPOCHS, EXCITING = 1024, 5, 100  # the test images that excite a unit most, of which its purity is told
PRICE = 3e-4
KINDS = {
    "wide": (lambda: SparseAutoencoder(UNITS, None), mean_squared_error),
    "priced": (lambda: SparseAutoencoder(UNITS, None), sparse_loss(PRICE)),
    "top-20": (lambda: SparseAutoencoder(UNITS, 20), mean_squared_error),
    "top-20 as PyTorch starts": (lambda: untied_start(), mean_squared_error),
    "linear-20": (lambda: LinearAutoencoder(20), mean_squared_error),
    "tied-20": (lambda: TiedAutoencoder(20), mean_squared_error),
}


def untied_start() -> SparseAutoencoder:
    """The same network with the first weights that PyTorch gives its layers."""
    model = SparseAutoencoder(UNITS, 20)
    model.encoder[1].reset_parameters()
    model.decoder[0].reset_parameters()
    return model


def recipe(kind: str) -> dict:
    """What decides a network's training, beside its seed."""
    price = {"price": PRICE} if kind == "priced" else {}
    return {"epochs": EPOCHS, "batch_size": 256, "schedule": "one-cycle", "rates": list(RATES)} | price


@cache
def rate(kind: str) -> float:
    """The learning rate with the least validation error, tried with seed 0 on some of the images."""
    return min(RATES, key=lambda rate: evaluate(network(kind, 0, rate, SEARCHED), data.split()[1].images))


@cache
def network(kind: str, seed: int, rate: float, images: int | None = None) -> nn.Module:
    """A trained network; one that has been trained before is read from its checkpoint."""
    make, loss = KINDS[kind]
    torch.manual_seed(seed)
    model = make()
    path = RUNS / f"wide-{kind.replace(' ', '-')}-{seed}-{rate}-{images}-{EPOCHS}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    fit(
        model,
        data.split()[0].images[:images],
        epochs=EPOCHS,
        learning_rate=rate,
        batch_size=256,
        schedule="one-cycle",
        loss=loss,
        seed=seed,
        checkpoint=path,
        resume=path.exists(),
        progress=False,
    )
    return model.eval()


@torch.no_grad()
def codes_of(model: nn.Module, images: Tensor) -> Tensor:
    """The codes, (N, units)."""
    return torch.cat([model.encode(batch.float() / 255) for batch in images.split(1000)])


def network_measured(kind: str, seed: int) -> dict:
    """The figures of one network."""
    model, test = network(kind, seed, rate(kind)), data.mnist(train=False)
    figures = {
        "learning_rate": rate(kind),
        "validation_error": round(evaluate(model, data.split()[1].images), 5),
        "test_error": round(evaluate(model, test.images), 5),
    }
    if kind in ("linear-20", "tied-20"):
        return figures | {"not_orthonormal": round(not_orthonormal(model.encoder[1].weight), 4)}
    train = codes_of(model, data.split()[0].images)
    codes, pictures = codes_of(model, test.images), model.decoder[0].weight.detach()
    live = (train > 0).any(0)
    # Of a unit that is on for fewer images than are asked for, the rest would be images for which it is 0.
    answering = (codes > 0).sum(0) >= EXCITING
    return figures | {
        "on": round((codes > 0).float().sum(1).mean().item(), 1),
        "dead": round((~live).float().mean().item(), 3),
        "mean_number": round(codes[codes > 0].mean().item(), 3),
        "mean_size": round(pictures[:, live].norm(dim=0).mean().item(), 3),
        "answering": int(answering.sum()),
        "purity": round(purity(codes[:, answering], test.labels), 3),
        "pixels": round(pixels_drawn(pictures[:, live]), 1),
    }


def not_orthonormal(rows: Tensor) -> float:
    """How far rows (M, N) are from M orthonormal ones: the largest entry of |R Rᵀ − 1|."""
    return (rows @ rows.T - torch.eye(len(rows))).abs().max().item()


def purity(answers: Tensor, labels: Tensor) -> float:
    """Of the images that excite a unit most, the share that is of one class, at the mean of the units.

    answers (N, units), labels (N,). By chance alone it is about 0.15 with ten classes and a hundred images.
    """
    exciting = answers.topk(EXCITING, dim=0).indices  # (EXCITING, units)
    counts = torch.nn.functional.one_hot(labels[exciting].long(), 10).sum(0)  # (units, 10)
    return (counts.max(1).values / EXCITING).mean().item()


def pixels_drawn(pictures: Tensor) -> float:
    """How many pixels a picture is spread over, (Σ w²)² / Σ w⁴, at the mean of the pictures (pixels, units)."""
    squares = pictures.double().square()
    return (squares.sum(0).square() / squares.square().sum(0)).mean().item()


def found_again(seed: int) -> dict:
    """How alike the units of this seed's network and of the next one's are: the mean of the best cosines."""
    pairs = {}
    for kind in ("top-20", "priced"):
        one, other = (alive(kind, s) for s in (seed, (seed + 1) % len(SEEDS)))
        pairs[kind] = round(best_cosine(one, other), 3)
    generator = torch.Generator().manual_seed(seed)
    one, other = (torch.randn(784, UNITS, generator=generator) for _ in range(2))
    pairs["noise"] = round(best_cosine(one, other), 3)
    clusters = [torch.from_numpy(groups(s).cluster_centers_.T) for s in (seed, (seed + 1) % len(SEEDS))]
    mean = data.split()[0].images.float().mean(0).flatten()[:, None] / 255
    pairs["groups"] = round(best_cosine(*(centers - mean for centers in clusters)), 3)
    return pairs


def alive(kind: str, seed: int) -> Tensor:
    """The decoder's pictures, (784, units), of the units that are ever on."""
    model = network(kind, seed, rate(kind))
    live = (codes_of(model, data.split()[0].images) > 0).any(0)
    return model.decoder[0].weight.detach()[:, live]


def best_cosine(one: Tensor, other: Tensor) -> float:
    """For each picture of the one, (784, units), its cosine with the most alike of the other: their mean."""
    cosines = torch.nn.functional.normalize(one, dim=0).T @ torch.nn.functional.normalize(other, dim=0)
    return cosines.max(1).values.mean().item()


@cache
def groups(seed: int) -> MiniBatchKMeans:
    """k-means with as many groups as there are units: a code of which one number is on, and no network."""
    pixels = data.split()[0].images.flatten(1).float().numpy() / 255
    return MiniBatchKMeans(UNITS, batch_size=4096, n_init=1, max_iter=20, random_state=seed).fit(pixels)


def grouped(seed: int) -> dict:
    """What k-means brings back, and what its groups answer to."""
    test, fitted = data.mnist(train=False), groups(seed)
    pixels = test.images.flatten(1).float().numpy() / 255
    nearest = fitted.cluster_centers_[fitted.predict(pixels)]
    closeness = -torch.from_numpy(fitted.transform(pixels).astype(np.float32))
    return {
        "test_error": round(float(np.square(pixels - nearest).mean()), 5),
        "purity": round(purity(closeness, test.labels), 3),
    }


def selected(seed: int) -> dict:
    """PCA with all 784 components, of which every image keeps its own largest: what no training is needed for."""
    model, figures = LinearAutoencoder.from_pca(data.split()[0].images, 784), {}
    test = data.mnist(train=False)
    codes = codes_of(model, test.images)
    for k in (10, 20, 40):
        kept = torch.zeros_like(codes).scatter(1, places := codes.abs().topk(k).indices, codes.gather(1, places))
        with torch.no_grad():
            error = (model.decode(kept) - test.images.float() / 255).square().mean().item()
        figures[f"test_error_{k}"] = round(error, 5)
    both = torch.cat([codes, -codes], 1)  # a unit that is never negative answers one way only
    figures["purity"] = round(purity(both, test.labels), 3)
    figures["purity_of_20"] = round(purity(torch.cat([codes[:, :20], -codes[:, :20]], 1), test.labels), 3)
    return figures


def by_chance(seed: int) -> dict:
    """The purity of directions that were drawn by chance, and of labels that say nothing."""
    test, generator = data.mnist(train=False), torch.Generator().manual_seed(seed)
    pixels = test.images.flatten(1).float() / 255
    answers = (pixels - pixels.mean(0)) @ torch.randn(784, UNITS, generator=generator)
    shuffled = test.labels[torch.randperm(len(pixels), generator=generator)]
    return {"directions": round(purity(answers, test.labels), 3), "labels": round(purity(answers, shuffled), 3)}


def bits(seed: int) -> dict:
    """20 of 1,024 numbers, and which they are, in bits: beside PCA codes of as many.

    Each number is written down in 6 bits, evenly from 0 to the largest of the training codes; which 20 it was,
    costs log2 of the ways to choose them.
    """
    model, test = network("top-20", seed, rate("top-20")), data.mnist(train=False)
    train = codes_of(model, data.split()[0].images[:10000])
    levels, top = 2**6 - 1, train.max()
    codes = codes_of(model, test.images)
    coarse = (codes.clamp(max=top) / top * levels).round() / levels * top
    with torch.no_grad():
        error = (model.decode(coarse) - test.images.float() / 255).square().mean().item()
    spent = 20 * 6 + math.log2(math.comb(UNITS, 20))
    size = round(spent / 6)
    return {"test_error": round(error, 5), "bits": round(spent), "pca_size": size, "pca_error": pca_in_bits(size)}


def pca_in_bits(size: int) -> float:
    """The test error of PCA with so many numbers, each written down in 6 bits over its own range."""
    model, test = LinearAutoencoder.from_pca(data.split()[0].images, size), data.mnist(train=False)
    train, codes = codes_of(model, data.split()[0].images[:10000]), codes_of(model, test.images)
    low, high = train.amin(0), train.amax(0)
    steps = ((codes - low) / (high - low)).clamp(0, 1)
    with torch.no_grad():
        coarse = model.decode((steps * 63).round() / 63 * (high - low) + low)
    return round((coarse - test.images.float() / 255).square().mean().item(), 5)


def other_k(seed: int) -> dict:
    """The network that learned with 20 on, read with another number of them on."""
    model, test, figures = network("top-20", seed, rate("top-20")), data.mnist(train=False), {}
    for k in (5, 10, 20, 40, 80):
        model.encoder[3].k = k
        figures[f"test_error_{k}"] = round(evaluate(model, test.images), 5)
    model.encoder[3].k = 20
    return figures


MEASURES = {
    **{kind: Measure(lambda seed, kind=kind: network_measured(kind, seed), recipe(kind)) for kind in KINDS},
    "selected": Measure(selected, {"components": 784}, seeds=(0,)),
    "groups": Measure(grouped, {"groups": UNITS}),
    "by chance": Measure(by_chance, {"directions": UNITS}),
    "found again": Measure(found_again, recipe("top-20")),
    "bits": Measure(bits, recipe("top-20") | {"bits_a_number": 6}),
    "other k": Measure(other_k, recipe("top-20")),
}
