"""What chapter 8 stands on: how well scores tell the unfamiliar from the familiar; uses.py runs it.

Three protocols. One digit left out: trained on the other nine, judged on the test digits, ten times. One digit
kept: trained on it alone, all others are strangers, as in the literature. Strangers: trained on all ten digits,
judged on pictures that are none. Each for a small autoencoder, with three seeds, and without a network, where
nothing is left to chance.

An AUROC is the share of pairs, of a stranger and a familiar image, in which the stranger has the larger score.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from results import SEEDS, ship
from sklearn.metrics import roc_auc_score
from torch import Tensor
from uses import Measure, stored

from aebook import checkpoints, data, strangers
from aebook.models import Autoencoder, LinearAutoencoder, StackedAutoencoder
from aebook.scores import errors, mahalanobis, neighbours, pixels
from aebook.training import evaluate, fit

SIZES = (784, 256, 20)
RATES = (4e-3, 8e-3, 1.6e-2)  # the one with the least error on the validation digits, with seed 0
RECIPE = {"sizes": SIZES, "batch_size": 128, "schedule": "one-cycle", "precision": "fp32", "rates": RATES}
EPOCHS = {"left out": 2, "kept": 10, "all": 2}
KNOWN = 10_000  # familiar training images whose codes are the neighbours, at most
PCA_SIZES = (2, 5, 10, 20, 64)
FALSE_ALARMS = 0.05  # of familiar validation images, by which the threshold is chosen
EITHER = ("error_by_blocks", "neighbours")  # each by its own threshold, and then the larger of the two
SHIPPED = {1: "without-1", 2: "without-2"}  # the models of seed 0 that the chapter shows
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"  # but for those that are a 0 or a 1: O, o, I, l
HANGUL = "가나다라마바사아자차카타파하고노도로모보소오조초코토포호그는를한국어책글"
TURNS = (-10, -5, 0, 5, 10)  # degrees


@dataclass
class Judge:
    """What gives an image its scores.

    Attributes:
        encode: codes (B, n) of images (B, 1, 28, 28), uint8.
        errors: mean squared errors (B,).
        known: the codes of familiar images, (N, n).
    """

    encode: Callable[[Tensor], Tensor]
    errors: Callable[[Tensor], Tensor]
    known: Tensor

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        """Each score of each image, by name."""
        error, codes = self.errors(images), self.encode(images)
        return {
            "error": error,
            "neighbours": neighbours(codes, self.known),
            "mahalanobis": mahalanobis(codes, self.known),
            "error_by_variance": error / variance(images).clamp(min=1e-6),
            "error_by_blocks": error / blocks_error(images).clamp(min=1e-6),
        }


def variance(images: Tensor) -> Tensor:
    """The variance of each image's pixels, (B,)."""
    return pixels(images).flatten(1).var(1, correction=0)


def blocks_error(images: Tensor) -> Tensor:
    """What the means of blocks of 4×4 leave of an image: the error of 49 numbers that know nothing of digits."""
    floats = pixels(images)
    means = F.avg_pool2d(floats, 4)
    return (floats - F.interpolate(means, scale_factor=4)).square().flatten(1).mean(1)


def by_network(model: Autoencoder, known: Tensor) -> Judge:
    """A judge by an autoencoder."""

    @torch.no_grad()
    def encode(images):
        return model.eval().encode(pixels(images))

    return Judge(encode, lambda images: errors(model, images), encode(known[:KNOWN]))


def by_pca(images: Tensor, size: int = 20) -> Judge:
    """A judge by the principal components of images."""
    return by_network(LinearAutoencoder.from_pca(images, size), images)


# ---------------------------------------------------------------------------------------------------- the measures


@cache
def rate() -> float:
    """The learning rate that the validation digits chose."""
    (run,) = stored("noticing")["rates"]["runs"]
    return min(RATES, key=lambda each: run["validation_errors"][str(each)])


def rates(seed: int) -> dict:
    """The validation error by learning rate, trained on all digits."""
    train, valid = data.split()
    found = {str(each): evaluate(trained(train.images, "all", seed, each), valid.images) for each in RATES}
    return {"validation_errors": {each: round(error, 5) for each, error in found.items()}}


def trained(images: Tensor, protocol: str, seed: int, learning_rate: float | None = None) -> Autoencoder:
    """The small autoencoder, trained on images."""
    torch.manual_seed(seed)
    model = StackedAutoencoder(SIZES)
    given = {key: RECIPE[key] for key in ("batch_size", "schedule", "precision")}
    given |= {"epochs": EPOCHS[protocol], "learning_rate": learning_rate or rate()}
    fit(model, images, **given, seed=seed, progress=False)
    return model


def left_out(seed: int) -> dict:
    """The ten digits, each unknown to a network that was trained on the other nine."""
    rows = []
    for digit in range(10):
        train, valid, familiar, unknown = without(digit)
        model = trained(train, "left out", seed)
        if seed == 0 and digit in SHIPPED:
            about = {"model": checkpoints.describe(model), "digit": digit, "recipe": RECIPE, "rate": rate()}
            ship(SHIPPED[digit], model, about)
        rows.append(compared(by_network(model, train), valid, familiar, unknown))
    return columns(rows)


def left_out_simply(seed: int) -> dict:
    """The same without a network: by PCA, by the pixels themselves, and by how complicated an image is."""
    rows = []
    for digit in range(10):
        train, valid, familiar, unknown = without(digit)
        row = compared(by_pca(train), valid, familiar, unknown)
        row |= {"neighbours_40": aurocs(by_pca(train, 40), familiar, unknown)["neighbours"]}
        row |= {"pixels": auroc(by_pixels(train[:KNOWN]), familiar, unknown)}
        row |= {"variance": auroc(variance, familiar, unknown), "blocks": auroc(blocks_error, familiar, unknown)}
        usual, new = (errors_by_size(train, images) for images in (familiar, unknown))
        rows.append(row | {f"error_{size}": area(usual[size], new[size]) for size in PCA_SIZES})
    return columns(rows)


def kept(seed: int) -> dict:
    """The ten digits, each the only one that a network was trained on."""
    rows = []
    for digit in range(10):
        train, familiar, unknown = alone_with(digit)
        rows.append(aurocs(by_network(trained(train, "kept", seed), train), familiar, unknown))
    return columns(rows)


def kept_simply(seed: int) -> dict:
    """The same without a network."""
    rows = []
    for digit in range(10):
        train, familiar, unknown = alone_with(digit)
        row = aurocs(by_pca(train), familiar, unknown)
        rows.append(row | {"pixels": auroc(by_pixels(train[:KNOWN]), familiar, unknown)})
    return columns(rows)


def foreign(seed: int) -> dict:
    """Pictures that are no digits, to a network that was trained on all ten."""
    train = data.split()[0].images
    return against_strangers(by_network(trained(train, "all", seed), train))


def foreign_simply(seed: int) -> dict:
    """The same without a network."""
    train, test = data.split()[0].images, data.mnist(train=False).images
    judge = by_pixels(train[:KNOWN])
    return against_strangers(by_pca(train)) | {
        "pixels": {name: auroc(judge, test, images) for name, images in pictures().items()}
    }


def against_strangers(judge: Judge) -> dict:
    """By kind of picture and score the AUROC; and how the errors of familiar images go with their complexity."""
    test = data.mnist(train=False).images
    usual = judge(test)
    found = {name: {} for name in pictures()}
    for name, images in pictures().items():
        for score, values in judge(images).items():
            found[name][score] = area(usual[score], values)
    known = {"variance": variance(test), "blocks": blocks_error(test)}
    together = {name: round(rank_correlation(usual["error"], values), 2) for name, values in known.items()}
    return found | {"rank_correlation": together}


def pictures() -> dict[str, Tensor]:
    """The strangers, by name, uint8."""
    test, chance = data.mnist(train=False), torch.Generator().manual_seed(0)
    uneven = torch.isin(test.labels, torch.tensor([2, 3, 4, 5, 6, 7, 9]))  # a 0, a 1 and an 8 stay what they are
    flat = test.images[:1000].flatten(1)
    orders = torch.rand(flat.shape, generator=chance).argsort(1)
    return {
        "mirrored": test.images.flip(3),
        "mirrored_uneven": test.images[uneven].flip(3),
        "blank": torch.zeros(1, 1, 28, 28, dtype=torch.uint8),
        "noise": torch.randint(256, (1000, 1, 28, 28), generator=chance, dtype=torch.uint8),
        "shuffled": flat.gather(1, orders).view(-1, 1, 28, 28),
        "letters": strangers.printed(LETTERS, TURNS),
        "hangul": strangers.printed(HANGUL, TURNS),
        "printed_digits": strangers.printed("0123456789", TURNS),
    }


# ------------------------------------------------------------------------------------------------- the arithmetic


def without(digit: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training and validation images without a digit, test images without it, and its own test images."""
    (train, valid), test = data.split(), data.mnist(train=False)
    others = [part.images[part.labels != digit] for part in (train, valid, test)]
    return *others, test.images[test.labels == digit]


def alone_with(digit: int) -> tuple[Tensor, Tensor, Tensor]:
    """A digit's images among all 60,000, its test images, and those of the other nine."""
    train, test = data.mnist(), data.mnist(train=False)
    own = test.labels == digit
    return train.images[train.labels == digit], test.images[own], test.images[~own]


def by_pixels(known: Tensor) -> Callable[[Tensor], Tensor]:
    """Distance to the nearest neighbours among known images, in the pixels themselves."""
    rows = pixels(known).flatten(1)
    return lambda images: neighbours(pixels(images).flatten(1), rows)


def compared(judge: Judge, valid: Tensor, familiar: Tensor, unknown: Tensor) -> dict:
    """The AUROC by each score; hits and false alarms at a threshold from validation images; the mean errors."""
    known, usual, new = judge(valid), judge(familiar), judge(unknown)
    limits = {score: known[score].quantile(1 - FALSE_ALARMS) for score in EITHER}
    for scores in (known, usual, new):
        scores["either"] = torch.stack([scores[score] / limits[score] for score in EITHER]).amax(0)
    row = {score: area(usual[score], new[score]) for score in usual}
    for score in ("error", "neighbours", "either"):
        threshold = known[score].quantile(1 - FALSE_ALARMS)
        row[f"{score}_hits"] = round((new[score] > threshold).double().mean().item(), 3)
        row[f"{score}_false_alarms"] = round((usual[score] > threshold).double().mean().item(), 3)
    return row | {"seen_error": rounded(usual["error"]), "unseen_error": rounded(new["error"])}


def aurocs(judge: Judge, familiar: Tensor, unknown: Tensor) -> dict:
    """The AUROC by each score."""
    usual, new = judge(familiar), judge(unknown)
    return {score: area(usual[score], new[score]) for score in usual}


def auroc(score: Callable[[Tensor], Tensor], familiar: Tensor, unknown: Tensor) -> float:
    """The AUROC by one score, a function of images."""
    return area(score(familiar), score(unknown))


def area(usual: Tensor, new: Tensor) -> float:
    """The AUROC from the scores of familiar images and of strangers."""
    strange = torch.cat([torch.zeros(len(usual)), torch.ones(len(new))])
    return round(float(roc_auc_score(strange.numpy(), torch.cat([usual, new]).numpy())), 3)


def rounded(values: Tensor) -> float:
    """A mean error as it is kept."""
    return round(values.double().mean().item(), 5)


def rank_correlation(one: Tensor, other: Tensor) -> float:
    """Spearman's: the correlation of the places that the values have by size."""
    places = torch.stack([values.argsort().argsort() for values in (one, other)]).double()
    return torch.corrcoef(places)[0, 1].item()


@torch.no_grad()
def errors_by_size(train: Tensor, images: Tensor) -> dict[int, Tensor]:
    """PCA's errors of images (B,), by the size of its code: each component takes away a part of its own."""
    model = LinearAutoencoder.from_pca(train, max(PCA_SIZES))
    codes = model.encode(pixels(images))
    whole = (pixels(images).flatten(1) - model.decode(torch.zeros_like(codes[:1])).flatten(1)).square().sum(1)
    left = (whole[:, None] - codes.square().cumsum(1)) / 784
    return {size: left[:, size - 1] for size in PCA_SIZES}


def columns(rows: list[dict]) -> dict:
    """A list for each key of rows that all have the same."""
    return {key: [row[key] for row in rows] for key in rows[0]}


def _simple(run: Callable[[int], dict]) -> Measure:
    recipe = {"pca": 20, "known": KNOWN}
    return Measure(run, recipe, seeds=(0,))


def _measure(run: Callable[[int], dict], protocol: str) -> Measure:
    return Measure(run, RECIPE | {"epochs": EPOCHS[protocol], "known": KNOWN}, seeds=SEEDS)


MEASURES = {
    "rates": Measure(rates, RECIPE | {"epochs": EPOCHS["all"]}, seeds=(0,)),
    "left_out_simply": _simple(left_out_simply),
    "strangers_simply": _simple(foreign_simply),
    "left_out": _measure(left_out, "left out"),
    "strangers": _measure(foreign, "all"),
    "kept_simply": _simple(kept_simply),
    "kept": _measure(kept, "kept"),
}
