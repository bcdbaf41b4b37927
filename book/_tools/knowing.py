"""What chapter 6 stands on: what the numbers of a code know besides the picture. ``uses.py`` says how it is run.

A measure's seed draws the labelled images, 1,000 of each digit, or the pairs; and it is the seed of the linear,
the stacked and the untrained models. Of the convolutional ones only the shipped weights are used, which have seed
0; PCA has none.

Whatever is chosen is chosen on the 5,000 validation images; shares are of the 10,000 test images, rounded to four
digits.
"""

import copy
import functools
from collections.abc import Callable, Iterator

import results
import torch
import torch.nn.functional as F
from rows import ROWS
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from torch import Tensor, nn
from uses import Measure

from aebook import checkpoints, data, trained
from aebook.latent import Rounding, encoded, few_of_each, shared_bits
from aebook.models import Autoencoder, LightAutoencoder, LinearAutoencoder, StackedAutoencoder

EACH = 1_000  # labelled images of each digit, among which neighbours are looked for
NEIGHBOURS = 5
SIZES = (10, 20, 40, 64)  # of PCA's codes
WIDEST = f"pca-{SIZES[-1]}"
CODES = ("pca-20", "linear-20", "untrained-20", "page-stacked-20", "light-20", "conv-20")
SEEDED = ("linear-20", "untrained-20", "page-stacked-20")  # whose models have the seed of the measure
LABELS = (10, 100, 1_000, 10_000)
SCALES = {"as they are": lambda: (), "scaled": lambda: (StandardScaler(),)}
STRENGTHS = (0.01, 0.1, 1, 10)  # scikit-learn's C: the larger, the less the weights are held back
STEPS, EVERY, BATCH, RATE = 300, 50, 64, 2e-3  # of the networks that learn from labels
STOPPED = 1_000  # validation images by which they are stopped
JUDGE = {"steps": 1_000, "rate": 2e-3, "batch": 128}
PAIRS = 1_000
MAPPED = 2_000  # test digits on a map
BITS = (1, 2, 3, 4, 5, 6, 8)


# The digits, and their codes


@functools.cache
def digits(part: str) -> data.Digits:
    """The digits of a part: 55,000 that train, 5,000 that validate, 10,000 that test."""
    train, valid = data.split()
    return {"train": train, "validation": valid, "test": data.mnist(train=False)}[part]


@functools.cache
def model(name: str, seed: int = 0) -> Autoencoder:
    """A model by the name of its row; with that seed where it is among SEEDED, and as it is shipped otherwise."""
    if name == WIDEST:
        return LinearAutoencoder.from_pca(digits("train").images, SIZES[-1]).eval()
    if name == "untrained-20":
        torch.manual_seed(seed)
        return StackedAutoencoder((784, 160, 80, 20)).eval()
    if name in SEEDED and seed:
        return results.trained_model(name, seed, results.recipe_of(name)).cpu().eval()
    made = ROWS[name].build()
    if name in trained.SHIPPED:
        checkpoints.restore(made, trained.weights(name))
    return made.eval()


@functools.cache
def drawn(seed: int) -> Tensor:
    """Which training digits are labelled: places (10,000,), the first 1,000 of them zeros, then ones."""
    return few_of_each(digits("train").labels, EACH, seed)


@functools.cache
def codes(name: str, part: str, seed: int, moved: int = 0) -> Tensor:
    """The codes, (N, K), of the digits that a seed draws, or of another part; or their pixels, (N, 784).

    ``moved`` shifts the images to the right.
    """
    images = digits(part).images[drawn(seed)] if part == "train" else digits(part).images
    images = images.roll(moved, dims=3)
    if name == "pixels":
        return images.flatten(1).float() / 255
    if name.startswith("pca"):  # the first numbers of the widest
        return encoded(model(WIDEST), images)[:, : int(name.removeprefix("pca-"))]
    return encoded(model(name, seed if name in SEEDED else 0), images)


def labels(part: str, seed: int) -> Tensor:
    """The digits that the images of ``codes`` show."""
    return digits(part).labels[drawn(seed)] if part == "train" else digits(part).labels


def share(right) -> float:
    """A share, as it is kept."""
    return round(float(right), 4)


# Neighbours


def neighbours(seed: int) -> dict:
    """How often the five nearest of 10,000 labelled images name the digit, by what nearness is measured in."""
    found = {name: {"as they are": nearest(name, seed)} for name in ("pixels", *CODES)}
    for name in ("pixels", "pca-20", "page-stacked-20", "light-20"):
        found[name]["moved"] = nearest(name, seed, moved=3)
    for name in set(CODES) - {"untrained-20"}:
        found[name]["scaled"] = nearest(name, seed, change=StandardScaler())
        found[name]["whitened"] = nearest(name, seed, change=PCA(whiten=True))
    for size in SIZES:
        row = found.setdefault(f"pca-{size}", {})
        row["validation"] = nearest(f"pca-{size}", seed, "validation")
        row["as they are"] = nearest(f"pca-{size}", seed)
    for bits in BITS[:4]:
        rounding = Rounding(codes("page-stacked-20", "train", seed), bits)
        found["page-stacked-20"][f"{bits} bits"] = nearest(
            "page-stacked-20", seed, change=FunctionTransformer(rounding)
        )
    return found


def nearest(name: str, seed: int, part: str = "test", change=None, moved: int = 0) -> float:
    """How often the neighbours are right, in codes as they are or changed by a transformer of scikit-learn's."""
    drawer, asked = codes(name, "train", seed), codes(name, part, seed, moved)
    if change:
        drawer, asked = change.fit_transform(drawer), change.transform(asked)
    search = KNeighborsClassifier(NEIGHBOURS, algorithm="brute").fit(drawer, labels("train", seed))
    return share(search.score(asked, labels(part, seed)))


# Few labels


def probes(seed: int) -> dict:
    """How often a digit is named by who learned from few labels: a linear probe of a code, or a network."""
    found = {}
    for count in LABELS:
        row = found[str(count)] = {}
        for name in ("pixels", *CODES, WIDEST):
            probe = probed(name, seed, count, *chosen(name, count))
            row[name] = share(probe.score(codes(name, "test", seed), labels("test", seed)))
        for name, build in NETWORKS.items():
            torch.manual_seed(seed)
            row[name] = taught(build(), drawn(seed)[few(count)], seed)
    return found


def few(count: int) -> Tensor:
    """Where so many labelled images stand among those that are drawn, equally many of each digit."""
    return (EACH * torch.arange(10)[:, None] + torch.arange(count // 10)).flatten()


def probed(name: str, seed: int, count: int, scale: str, strength: float):
    """A linear probe: logistic regression on the codes of a few labelled images."""
    probe = make_pipeline(*SCALES[scale](), LogisticRegression(C=strength, max_iter=200, tol=1e-3))
    return probe.fit(codes(name, "train", seed)[few(count)], labels("train", seed)[few(count)])


@functools.cache
def chosen(name: str, count: int) -> tuple[str, float]:
    """The probe's scale and strength, by the validation images and the labels that seed 0 draws."""
    valid = codes(name, "validation", 0), labels("validation", 0)
    ways = [(scale, strength) for scale in SCALES for strength in STRENGTHS]
    return max(ways, key=lambda way: probed(name, 0, count, *way).score(*valid))


def dense() -> nn.Module:
    """The encoder of page-stacked-20, with ten answers behind it and weights by chance."""
    return nn.Sequential(StackedAutoencoder((784, 160, 80, 20)).encoder, nn.ELU(), nn.Linear(20, 10))


def convolutional() -> nn.Module:
    """The encoder of light-20, with ten answers behind it and weights by chance."""
    return nn.Sequential(LightAutoencoder(20).encoder, nn.Linear(20, 10))


def begun() -> nn.Module:
    """The same, whose encoder begins with the weights that light-20 has learned without labels."""
    return nn.Sequential(copy.deepcopy(model("light-20").encoder), nn.Linear(20, 10))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "dense network": dense,
    "convolutional network": convolutional,
    "convolutional network, begun as light-20": begun,
}


def taught(network: nn.Module, places: Tensor, seed: int) -> float:
    """How often a network is right that learned from a few labels, as it was when validation was best."""
    best, kept = -1.0, {}
    for _ in learning(network, places, STEPS, RATE, BATCH, seed):
        if (found := right(network, "validation", STOPPED)) > best:
            best, kept = found, copy.deepcopy(network.state_dict())
    network.load_state_dict(kept)
    return share(right(network, "test"))


def learning(network: nn.Module, places: Tensor, steps: int, rate: float, batch: int, seed: int) -> Iterator[int]:
    """Teach a network the digits of the training images at some places, and say so every 50 steps."""
    images, wanted = digits("train")
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    chance, order = torch.Generator().manual_seed(seed), places[:0]
    for step in range(1, steps + 1):
        while len(order) < min(batch, len(places)):
            order = torch.cat([order, places[torch.randperm(len(places), generator=chance)]])
        now, order = order[:batch], order[batch:]
        loss = F.cross_entropy(network.train()(images[now].float() / 255), wanted[now])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % EVERY == 0:
            yield step


@torch.no_grad()
def answers(network: nn.Module, images: Tensor) -> Tensor:
    """What a network says of images (N, 1, 28, 28) from 0 to 1: a probability for each digit, (N, 10)."""
    return torch.cat([network.eval()(some).softmax(dim=1) for some in images.split(1000)])


def right(network: nn.Module, part: str, count: int | None = None) -> float:
    """How often a network names the digit, of the first so many of a part."""
    images, wanted = (each[:count] for each in digits(part))
    named = answers(network, images.float() / 255).argmax(dim=1)
    return (named == wanted).float().mean().item()


# Half way between two digits


@functools.cache
@torch.enable_grad()
def judge() -> nn.Module:
    """A network that names digits, taught with all the labels; shipped when it is made."""
    network = LightAutoencoder(10).encoder
    if "judge" in trained.USES and (trained.WEIGHTS / "judge.safetensors").exists():
        checkpoints.restore(network, trained.weights("judge"))
        return network.eval()
    torch.manual_seed(0)
    network = LightAutoencoder(10).encoder
    everything = torch.arange(len(digits("train").labels))
    for _ in learning(network, everything, JUDGE["steps"], JUDGE["rate"], JUDGE["batch"], seed=0):
        pass
    about = {"model": checkpoints.describe(network), "recipe": JUDGE, "right": share(right(network, "test"))}
    results.ship("judge", network, about)
    return network.eval()


@torch.no_grad()
def between(seed: int) -> dict:
    """What the judge says of pictures half way between two test digits, of one class or of two."""
    images, named = digits("test").images.float() / 255, labels("test", seed)
    chance = torch.Generator().manual_seed(seed)
    ones, others = torch.randint(len(images), (2, 20 * PAIRS), generator=chance)
    same = named[ones] == named[others]
    found = {"judge": share(right(judge(), "test"))}
    for kind, which in (("two digits", ~same), ("one digit", same & (ones != others))):
        a, b = ones[which][:PAIRS], others[which][:PAIRS]
        found[kind] = {"real": said(images[a], named[a], named[b])}
        found[kind]["pixels"] = said((images[a] + images[b]) / 2, named[a], named[b])
        for name in ("pca-20", "page-stacked-20", "light-20"):
            walked, places = decoder(name, seed), codes(name, "test", seed)
            found[kind][name] = said(walked((places[a] + places[b]) / 2), named[a], named[b])
            found[kind][f"{name}, at the ends"] = said(walked(places[a]), named[a], named[b])
    return found


def said(pictures: Tensor, one: Tensor, other: Tensor) -> dict:
    """How sure the judge is of pictures, how often it names one of two digits, and how much of a page is grey."""
    pictures = pictures.clamp(0, 1)
    sure, digit = answers(judge(), pictures).max(dim=1)
    grey = ((pictures > 0.1) & (pictures < 0.9)).float().mean()
    named = (digit == one) | (digit == other)
    return {"sure": share(sure.mean()), "one of them": share(named.float().mean()), "grey": share(grey)}


# Maps of a code of more than two numbers


def maps(seed: int) -> dict:
    """Digits named right by their neighbours in a code of 20 numbers, and on maps of two that are made of it."""
    drawn = torch.randperm(10_000, generator=torch.Generator().manual_seed(seed))[:MAPPED]
    named, found = labels("test", seed)[drawn], {}
    for name in ("page-stacked-20", "light-20"):
        whole = codes(name, "test", seed)[drawn]
        made = {"PCA": PCA(2).fit_transform(whole), "t-SNE": TSNE(random_state=seed).fit_transform(whole)}
        found[name] = {way: by_others(places, named) for way, places in {"20 numbers": whole, **made}.items()}
    return found


def by_others(places: Tensor, named: Tensor) -> float:
    """How often the five neighbours of a place among the other ones name its digit right."""
    near = KNeighborsClassifier(NEIGHBOURS).fit(places, named).kneighbors(return_distance=False)
    return share((named[torch.as_tensor(near)].mode(dim=1).values == named).float().mean())


# What a bit buys


def bits(seed: int) -> dict:
    """The test error of page-stacked-20 by the bits of a whole code, each number with equally many."""
    return rounded("page-stacked-20", seed)


def bits_of_one(seed: int) -> dict:
    """The same where there is one model only: light-20, and PCA, also with the bits shared out to 64 numbers."""
    found = {name: rounded(name, seed) for name in ("light-20", "pca-20")}
    some = codes(WIDEST, "train", seed)[::5]
    found["pca, shared"] = {
        20 * each: decoded_error(WIDEST, seed, Rounding(some, shared_bits(some, 20 * each))) for each in BITS
    }
    return found


def rounded(name: str, seed: int) -> dict:
    """A model's test error by the bits of a whole code, and without rounding."""
    some = codes(name, "train", seed)
    found = {20 * each: decoded_error(name, seed, Rounding(some, each)) for each in BITS}
    return found | {"all": decoded_error(name, seed, lambda rows: rows)}


@torch.no_grad()
def decoded_error(name: str, seed: int, through: Callable[[Tensor], Tensor]) -> float:
    """The test error of what is decoded from codes that went through something, cut off below 0 and above 1."""
    total, images = 0.0, digits("test").images
    for rows, wanted in zip(codes(name, "test", seed).split(1000), images.split(1000), strict=True):
        drawing = decoder(name, seed)(through(rows)).clamp(0, 1)
        total += F.mse_loss(drawing, wanted.float() / 255).item() * len(rows)
    return round(total / len(images), 5)


def decoder(name: str, seed: int) -> Callable[[Tensor], Tensor]:
    """What draws of codes: for PCA's first numbers, the widest with zeros for the others."""
    if name.startswith("pca"):
        return lambda rows: model(WIDEST).decode(F.pad(rows, (0, SIZES[-1] - rows.shape[1])))
    return model(name, seed if name in SEEDED else 0).decode


RECIPE = {"each": EACH, "neighbours": NEIGHBOURS, "codes": [*CODES], "sizes": [*SIZES]}
LEARNING = {"labels": [*LABELS], "strengths": [*STRENGTHS], "steps": STEPS, "rate": RATE, "batch": BATCH}
MEASURES = {
    "neighbours": Measure(neighbours, RECIPE),
    "probes": Measure(probes, LEARNING),
    "between": Measure(between, {"judge": JUDGE, "pairs": PAIRS}),
    "maps": Measure(maps, {"mapped": MAPPED}),
    "bits": Measure(bits, {"bits": [*BITS]}),
    "bits of one": Measure(bits_of_one, {"bits": [*BITS]}, seeds=(0,)),
}
