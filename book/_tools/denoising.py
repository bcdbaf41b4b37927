"""Measures what the chapter about clean pictures out of noisy ones stands on, for uses.py, which says how.

Everything is judged on every second test image, 5,000 in all, corrupted by the run's seed. What is chosen is
chosen on the 5,000 validation images with seed 0 ("choices"), and then left alone.

A score is {"psnr", "read"}: by the name of each of CASES, the decibels of what a method makes of it, and the share
of the digits that a small classifier, which has seen clean digits only, reads rightly in that.
"""

import functools
import math
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from results import ship
from rows import RULE, SEARCHED
from scipy.ndimage import median_filter
from sklearn.linear_model import Ridge
from torch import Tensor, nn
from uses import Measure

from aebook import checkpoints, data, losses, trained
from aebook.devices import best_device
from aebook.models import LightAutoencoder, StackedAutoencoder
from aebook.noises import Gaussian, MissingSquares, Noise, SaltAndPepper
from aebook.training import evaluate, fit, mean_squared_error

NETWORKS = {
    "dense": lambda: StackedAutoencoder((784, 256, 64)),
    "code of 20": lambda: StackedAutoencoder((784, 160, 80, 20)),
    "conv": lambda: LightAutoencoder(64),
}
EPOCHS = {"dense": 2, "code of 20": 4, "conv": 3}  # 4: where a loss's rate is sought
LONGER = {"dense": 20, "code of 20": 12}
LOSS_RATE = 8e-3  # the largest of OTHER_RATES at which no loss ends on empty paper
NOISES: dict[str, Callable[..., Noise]] = {  # what is learned from, by name
    "gaussian 0.2": lambda chance=None: Gaussian(0.2, chance),
    "gaussian 0.4": lambda chance=None: Gaussian(0.4, chance),
    "gaussian 0.8": lambda chance=None: Gaussian(0.8, chance),
    "gaussian 0 to 0.8": lambda chance=None: Gaussian((0, 0.8), chance),
    "salt and pepper": lambda chance=None: SaltAndPepper(0.3, chance),
    "missing squares": lambda chance=None: MissingSquares(12, generator=chance),
}
PICTURES = {  # of digits, what the pictures are to which noise of 0.4 is added
    "moved": lambda images: images.roll((4, 4), dims=(2, 3)),
    "turned": lambda images: images.rot90(1, dims=(2, 3)),
    "negative": lambda images: 1 - images,
}
CASES = ("clean", *(name for name in NOISES if "to" not in name), *PICTURES)
USUAL = "gaussian 0.4"
MEDIANS, ALPHAS = (3, 5), (10, 100, 1000)
LOSSES = {"mse": mean_squared_error, "bce": losses.binary_cross_entropy, "l1": losses.l1}
RATES = {"conv": (1e-3, 2e-3, 4e-3, 8e-3)}  # others have OTHER_RATES
OTHER_RATES = (2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2)
SEARCH_EPOCHS = {"dense": 9, "conv": 2}  # on fewer images: of the dense network as many steps as in "denoisers"
SIZES = (100, 1_000, 10_000, 55_000)
STEPS, BATCH, RATE = 550, 100, 8e-3  # the same for every number of training images
ANSWERS = (("mse", 0.5), ("mse", 0.7), ("bce", 0.7), ("l1", 0.7))  # and the share of targets that are the digit
ANSWERED = {"layers": 1, "images": 12_000, "epochs": 16, "learning_rate": 3e-2}


def pixels(images: Tensor) -> Tensor:
    """Images as floats from 0 to 1."""
    return images.float() / 255


def case(name: str, images: Tensor, chance: int) -> tuple[Tensor, Tensor]:
    """What is given in a case, and what is wanted, of clean images (N, 1, 28, 28), floats from 0 to 1."""
    if name == "clean":
        return images, images
    wanted = PICTURES[name](images) if name in PICTURES else images
    return NOISES[USUAL if name in PICTURES else name](chance)(wanted), wanted


def judged_on() -> data.Digits:
    """Every second test image and its label."""
    return data.Digits(*(part[::2] for part in data.mnist(train=False)))


def score(restore: Callable[[Tensor], Tensor], seed: int) -> dict:
    """How well a method does in each case, as this module has it."""
    digits = judged_on()
    found = {"psnr": {}, "read": {}}
    for name in CASES:
        given, wanted = case(name, pixels(digits.images), seed)
        restored = restore(given)
        decibels = losses.psnr(restored, wanted)
        found["psnr"][name] = round(decibels, 2) if math.isfinite(decibels) else None  # JSON has no infinity
        if name not in PICTURES:
            right = run_in_batches(reader(seed), restored).argmax(dim=1) == digits.labels
            found["read"][name] = round(right.float().mean().item(), 4)
    return found


@torch.no_grad()
def run_in_batches(model: nn.Module, images: Tensor) -> Tensor:
    """What a model makes of images, in evaluation mode, on the CPU."""
    device = next(model.parameters()).device
    return torch.cat([model.eval()(batch.to(device)).cpu() for batch in images.split(1000)])


@functools.cache
def reader(seed: int) -> nn.Module:
    """A classifier of 256 hidden numbers, trained for 3 epochs on clean digits."""
    torch.manual_seed(seed)
    digits, device = data.split()[0], best_device()
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(3):
        for places in torch.randperm(len(digits.labels)).split(256):
            logits = model(pixels(digits.images[places]).to(device))
            optimizer.zero_grad()
            F.cross_entropy(logits, digits.labels[places].to(device)).backward()
            optimizer.step()
    return model


def network(kind: str, noise: Callable | None, seed: int, epochs: int, images: int | None = None, **settings):
    """A network of NETWORKS, trained to make clean images of noisy ones, and the history of that."""
    torch.manual_seed(seed)
    model = NETWORKS[kind]().to(best_device())
    settings = RULE | {"learning_rate": settings.pop("learning_rate", None) or chosen(kind)} | settings
    pictures = data.split()[0].images[:images]
    conv = kind == "conv"
    history = fit(
        model, pictures, epochs=epochs, seed=seed, corrupt=noise, channels_last=conv, progress=False, **settings
    )
    return model.eval(), history


# What needs no network


def median(size: int) -> Callable[[Tensor], Tensor]:
    """Each pixel becomes the median of the ``size`` × ``size`` around it."""
    return lambda given: torch.from_numpy(median_filter(given.numpy(), (1, 1, size, size)))


def ridge(noise: Noise, alpha: float, images: int | None = None) -> Callable[[Tensor], Tensor]:
    """Ridge regression from all noisy pixels to each clean one, cut off below 0 and above 1."""
    clean = pixels(data.split()[0].images[:images])
    fitted = Ridge(alpha).fit(noise(clean).flatten(1).numpy(), clean.flatten(1).numpy())
    return lambda given: torch.from_numpy(fitted.predict(given.flatten(1).numpy())).view_as(given).clamp(0, 1)


def filters(seed: int) -> dict:
    """Scores of doing nothing, of median filters, and of ridge regressions, one for each noise."""
    found = {"nothing": score(lambda given: given, seed)}
    found |= {f"median {size}": score(median(size), seed) for size in MEDIANS}
    for name in (USUAL, "salt and pepper", "missing squares"):
        found[f"ridge, {name}"] = score(ridge(NOISES[name](1000 + seed), chosen("alphas")), seed)
    return found


def sigmas(seed: int) -> dict:
    """Decibels of ridge regressions that have learned other strengths than the usual one, at each strength."""
    found = {}
    for name in ("gaussian 0.2", "gaussian 0.8", "gaussian 0 to 0.8"):
        found[name] = {}
        restore = ridge(NOISES[name](1000 + seed), chosen("alphas"))
        for strength in CASES[:4]:
            given, wanted = case(strength, pixels(judged_on().images), seed)
            found[name][strength] = round(losses.psnr(restore(given), wanted), 2)
    return found


# Choices


def choices(seed: int) -> dict:
    """Decibels, or losses, on the validation images, by what there was to choose from; "chosen" reads them."""
    clean = pixels(data.split()[1].images)
    noisy = NOISES[USUAL](seed)(clean)
    found = {"alphas": {a: losses.psnr(ridge(NOISES[USUAL](1000), a, SEARCHED)(noisy), clean) for a in ALPHAS}}
    found["medians"] = {size: losses.psnr(median(size)(noisy), clean) for size in MEDIANS}
    for kind in SEARCH_EPOCHS:
        found[kind] = {}
        for rate in RATES.get(kind, OTHER_RATES):
            settings = {"images": SEARCHED, "learning_rate": rate}
            model, _ = network(kind, NOISES[USUAL](), seed, SEARCH_EPOCHS[kind], **settings)
            found[kind][rate] = losses.psnr(run_in_batches(model, noisy), clean)
    found |= {name: rates_of(loss, seed) for name, loss in LOSSES.items()}
    return {name: {str(key): round(value, 4) for key, value in row.items()} for name, row in found.items()}


def rates_of(loss: Callable, seed: int) -> dict[float, float]:
    """By learning rate, minus the loss by which a code of 20 numbers was trained: the larger the better."""
    found = {}
    for rate in OTHER_RATES:
        model, _ = network("code of 20", None, seed, EPOCHS["code of 20"], learning_rate=rate, loss=loss)
        found[rate] = -evaluate(model, data.split()[1].images, loss=loss)
    return found


def chosen(name: str) -> float:
    """Of the alphas or of a network's rates, the best on the validation images."""
    tried = trained.measured("denoising")["choices"]["runs"][0][name]
    return float(max(tried, key=tried.get))


# Networks


def denoisers(seed: int) -> dict:
    """Scores of one small dense network, trained shortly: without noise, and with the usual one."""
    found = {}
    for name, noise in {"nothing": None, USUAL: NOISES[USUAL]()}.items():
        model, _ = network("dense", noise, seed, EPOCHS["dense"])
        found[name] = score(functools.partial(run_in_batches, model), seed)
    return found


def longer(seed: int) -> dict:
    """The score of the same dense network, trained as long as the convolutional one takes, or longer."""
    started = time.perf_counter()
    model, _ = network("dense", NOISES[USUAL](), seed, LONGER["dense"])
    seconds = round(time.perf_counter() - started)
    return {"seconds": seconds, **score(functools.partial(run_in_batches, model), seed)}


def conv(seed: int) -> dict:
    """The score of the convolutional network, trained longer, with its validation decibels epoch by epoch."""
    valid = data.split()[1].images
    model, history = network("conv", NOISES[USUAL](), seed, EPOCHS["conv"], valid_images=valid)
    found = {"epochs": [round(-10 * math.log10(loss), 2) for loss in history.valid_loss]}
    found |= {"seconds": round(sum(history.seconds)), **score(functools.partial(run_in_batches, model), seed)}
    if seed == 0:
        ship("denoiser", model, {"model": checkpoints.describe(model), "run": found})
    return found


def mixed(seed: int) -> dict:
    """The score of the convolutional network where the noise it learned from was of every strength."""
    model, history = network("conv", NOISES["gaussian 0 to 0.8"](), seed, EPOCHS["conv"])
    return {"seconds": round(sum(history.seconds)), **score(functools.partial(run_in_batches, model), seed)}


# Losses


def by_loss(seed: int) -> dict:
    """What each loss makes of one autoencoder without noise: errors by all three, what is read, and what is grey.

    Grey is the share of pixels between 0.1 and 0.9. "images" are the test images as their own reconstructions.
    """
    found = {"images": judged(nn.Identity(), seed)}
    for name, loss in LOSSES.items():
        model, _ = network("code of 20", None, seed, LONGER["code of 20"], loss=loss, learning_rate=LOSS_RATE)
        found[name] = judged(model, seed)
    return found


def judged(model: nn.Module, seed: int) -> dict:
    """A model's errors by every loss on the test images, and of its reconstructions what is read and grey."""
    digits = judged_on()
    found = {name: round(evaluate(model, digits.images, loss=loss), 5) for name, loss in LOSSES.items()}
    with torch.no_grad():
        made = torch.cat([model(pixels(batch)) for batch in digits.images.split(1000)])
    right = run_in_batches(reader(seed), made).argmax(dim=1) == digits.labels
    grey = (made > 0.1) & (made < 0.9)
    return found | {"read": round(right.float().mean().item(), 4), "grey": round(grey.float().mean().item(), 4)}


def answers(seed: int) -> dict:
    """What a network of one layer draws where two answers are possible: the digit that it sees, or that mirrored.

    By loss and by the share of targets that are the digit: the mean of what is drawn where the digit alone has
    ink, and where its mirror image alone has; and of the pixels of both, the share between 0.1 and 0.9.
    """
    clean = pixels(judged_on().images)
    mirrored = clean.flip(3)
    alone = [(a > 0.9) & (b < 0.1) for a, b in ((clean, mirrored), (mirrored, clean))]
    found = {}
    for name, share in ANSWERS:
        made = run_in_batches(answering(LOSSES[name], share, seed), clean)
        unsure = made[alone[0] | alone[1]]
        grey = ((unsure > 0.1) & (unsure < 0.9)).float()
        ends = (made[alone[0]], made[alone[1]], grey)
        found[f"{name} {share}"] = [round(end.mean().item(), 3) for end in ends]
    return found


def answering(loss: Callable, share: float, seed: int) -> nn.Module:
    """A network of one layer that has learned from digits, of which such a share was wanted, the rest mirrored."""

    def undecided(model: nn.Module, seen: Tensor, wanted: Tensor) -> Tensor:
        as_it_is = torch.rand(len(wanted), 1, 1, 1, device=wanted.device) < share
        return loss(model, seen, torch.where(as_it_is, wanted, wanted.flip(3)))

    torch.manual_seed(seed)
    layers = nn.Flatten(), nn.Linear(784, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))
    model = nn.Sequential(*layers).to(best_device())
    settings = RULE | {key: ANSWERED[key] for key in ("epochs", "learning_rate")}
    images = data.split()[0].images[: ANSWERED["images"]]
    fit(model, images, seed=seed, loss=undecided, progress=False, **settings)
    return model


# How many images


def amounts(seed: int) -> dict:
    """Errors on the images trained on and on validation images, by their number, after some 550 steps."""
    found = {}
    for size in SIZES:
        found[str(size)] = train_and_valid(seed, size, None)
    for size in SIZES[:2]:
        found[f"{size}, noisy"] = train_and_valid(seed, size, Gaussian(0.2))
    return found


def train_and_valid(seed: int, size: int, noise: Noise | None) -> list[float]:
    """The two errors, both of clean images, of a code of 20 numbers."""
    epochs = STEPS * BATCH // size
    settings = {"images": size, "batch_size": BATCH, "learning_rate": RATE}
    model, _ = network("code of 20", noise, seed, epochs, **settings)
    train, valid = data.split()
    return [round(evaluate(model, part), 5) for part in (train.images[:size], valid.images)]


CHOSEN = {"rule": RULE, "rates": {"conv": list(RATES["conv"]), "others": list(OTHER_RATES)}, "searched": SEARCHED}
MEASURES = {
    "choices": Measure(choices, CHOSEN | {"alphas": list(ALPHAS)}, seeds=(0,)),
    "filters": Measure(filters, {"medians": list(MEDIANS)}),
    "sigmas": Measure(sigmas, {}),
    "denoisers": Measure(denoisers, RULE | {"epochs": EPOCHS["dense"]}),
    "conv": Measure(conv, RULE | {"epochs": EPOCHS["conv"]}),
    "mixed": Measure(mixed, RULE | {"epochs": EPOCHS["conv"]}),
    "longer": Measure(longer, RULE | {"epochs": LONGER["dense"]}),
    "losses": Measure(by_loss, RULE | {"epochs": LONGER["code of 20"], "learning_rate": LOSS_RATE}),
    "answers": Measure(answers, RULE | ANSWERED | {"answers": [list(answer) for answer in ANSWERS]}),
    "amounts": Measure(amounts, RULE | {"steps": STEPS, "batch_size": BATCH, "learning_rate": RATE}),
}
