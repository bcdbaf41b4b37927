"""What chapter 9 stands on: digits drawn from random codes, and what a judge says of them. See uses.py.

A measure gives, for each way of drawing 10,000 digits, under its name:

    frechet     from the 10,000 test digits, in the features of the judge, and "frechet_dense" in another one's
    sure        the share of which the judge is at least 90 % sure
    least, most the smallest and the largest share of a digit, by the judge
    spread      the mean distance between two of them, in units of that between two test digits
    nearest     the mean distance, per pixel, to the nearest of 10,000 training images
    copies      the share that are nearer to one of 10,000 training images than to any of the 10,000 test images:
                half, where nothing was copied

Mixtures are fitted to the codes of those training images, the first ones. What is chosen (the learning rate) is
chosen on the validation images.
"""

import copy
import functools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from results import ship
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from torch import Tensor, nn
from uses import Measure

from aebook import checkpoints, data, losses, trained
from aebook.frechet import Classifier, frechet_distance
from aebook.models import Autoencoder, StackedAutoencoder
from aebook.training import evaluate, fit
from aebook.variational import (
    NegativeBound,
    VariationalAutoencoder,
    kl_divergence,
    log_likelihood,
)

DRAWN = 10_000
RULE = {"batch_size": 256, "schedule": "one-cycle", "precision": "fp32", "progress": False}
RATES = (1e-3, 2e-3, 4e-3)
RATE = 4e-3  # of the three, the least validation loss of both kinds: the measure "rates"
EPOCHS, LONG = 8, 24
SIZES = (784, 200, 200)
BETAS = (0.1, 1.0, 4.0)
COMPONENTS = (1, 10, 30, 100)


# The judges


def dense_judge() -> Classifier:
    """A judge without convolutions, to see whether another one says the same."""
    layers = (nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 64), nn.ReLU())
    return Classifier(nn.Sequential(*layers), 64)


JUDGES: dict[str, Callable[[], Classifier]] = {"sampling-judge": Classifier, "sampling-judge-dense": dense_judge}
TAUGHT = 4  # epochs


@functools.cache
def judge(name: str) -> Classifier:
    """A judge with its shipped weights; the one that the chapter does not run is taught anew instead."""
    with torch.enable_grad(), torch.random.fork_rng():  # whoever asks is in the middle of something
        if name not in trained.USES:
            return taught(name, 0)
        checkpoints.restore(model := JUDGES[name](), trained.weights(name))
    return model.eval()


def taught(name: str, seed: int) -> Classifier:
    """A judge that has learned the labels of the training digits."""
    torch.manual_seed(seed)
    digits, model = data.split()[0], JUDGES[name]()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, epochs=TAUGHT, steps_per_epoch=215)
    for _ in range(TAUGHT):
        for batch in torch.randperm(len(digits.images)).split(256):
            loss = F.cross_entropy(model(digits.images[batch].float() / 255), digits.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


@torch.no_grad()
def accuracy(model: Classifier) -> float:
    """The share of the test digits that a judge names rightly."""
    test = data.mnist(train=False)
    return (model(test.images.float() / 255).argmax(dim=1) == test.labels).float().mean().item()


# What is said of drawn digits


@torch.no_grad()
def verdict(images: Tensor) -> dict:
    """What the module's docstring names, of 10,000 images (N, 1, 28, 28) in [0, 1]."""
    test = data.mnist(train=False).images.float() / 255
    found = {}
    for name, key in (("sampling-judge", "frechet"), ("sampling-judge-dense", "frechet_dense")):
        found[key] = round(frechet_distance(judge(name).features(images), real(name)), 2)
    odds = judge("sampling-judge")(images).softmax(dim=1)
    shares = odds.argmax(dim=1).bincount(minlength=10) / len(images)
    found |= {"sure": round((odds.max(dim=1).values >= 0.9).float().mean().item(), 3)}
    found |= {"least": round(shares.min().item(), 3), "most": round(shares.max().item(), 3)}
    mixed = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))]
    found["spread"] = round((apart(mixed) / apart(test)).item(), 3)
    return found | nearness(mixed[:1000], data.split()[0].images[:DRAWN].float() / 255, test)


@functools.cache
@torch.no_grad()
def real(name: str) -> Tensor:
    """A judge's features of the test digits."""
    return judge(name).features(data.mnist(train=False).images.float() / 255)


def apart(images: Tensor) -> Tensor:
    """The mean distance of each image from the next."""
    return (images[1:] - images[:-1]).flatten(1).norm(dim=1).mean()


def nearness(images: Tensor, training: Tensor, test: Tensor) -> dict:
    """How near the images come to those that were trained on, and whether nearer than to those that were not."""
    to_training, to_test = (
        torch.cdist(images.flatten(1), others.flatten(1)).min(dim=1).values for others in (training, test)
    )
    copies = (to_training < to_test).float() + (to_training == to_test).float() / 2
    return {"nearest": round(to_training.mean().item() / 28, 4), "copies": round(copies.mean().item(), 3)}


# Ways of drawing


def mixture(codes: Tensor, components: int, seed: int, kind: str = "full") -> GaussianMixture:
    """A mixture of Gaussians fitted to codes (N, code_size)."""
    fitted = GaussianMixture(components, covariance_type=kind, random_state=seed, reg_covar=1e-4)
    return fitted.fit(codes.double().numpy())


def codes_from(fitted: GaussianMixture, count: int = DRAWN) -> Tensor:
    """Codes by chance, (count, code_size)."""
    return torch.from_numpy(fitted.sample(count)[0]).float()


@torch.no_grad()
def encoded(model: Autoencoder, images: Tensor) -> Tensor:
    """The codes of images of bytes."""
    return torch.cat([model.encode(batch.float() / 255) for batch in images.split(1000)])


@torch.no_grad()
def decoded(model: Autoencoder, codes: Tensor) -> Tensor:
    """The images of codes."""
    return torch.cat([model.decode(batch) for batch in codes.split(1000)])


def trained_model(kind: str, code_size: int, seed: int, loss, epochs: int, rate: float, images: int | None = None):
    """A plain or a variational autoencoder of the chapter's sizes."""
    torch.manual_seed(seed)
    model = {"plain": StackedAutoencoder, "variational": VariationalAutoencoder}[kind]((*SIZES, code_size))
    fit(model, data.split()[0].images[:images], epochs=epochs, learning_rate=rate, seed=seed, loss=loss, **RULE)
    return model.eval()


def cross_entropy(model: nn.Module, seen: Tensor, wanted: Tensor) -> Tensor:
    """The first term of a variational autoencoder's loss, for a plain one: nats an image."""
    return wanted[0].numel() * losses.binary_cross_entropy(model, seen, wanted)


# The measures


def rates(seed: int) -> dict:
    """The validation loss of both kinds by the learning rate, after training on 12,000 images."""
    valid, found = data.split()[1].images, {}
    for kind, loss in (("plain", cross_entropy), ("variational", NegativeBound())):
        for rate in RATES:
            model = trained_model(kind, 20, seed, loss, EPOCHS, rate, 12_000)
            found[f"{kind} {rate}"] = round(evaluate(model, valid, loss=loss), 2)
    return found


def judges(seed: int) -> dict:
    """How good the judges are; the one that the chapter runs is shipped."""
    models = {name: taught(name, seed) for name in JUDGES}
    about = {"model": checkpoints.describe(models["sampling-judge"]), "epochs": TAUGHT, "seed": seed}
    ship("sampling-judge", models["sampling-judge"], about)
    return {name: {"accuracy": round(accuracy(model), 4)} for name, model in models.items()}


def without_network(seed: int) -> dict:
    """Copies of training images, digits that nobody copied, and mixtures over PCA's codes."""
    images = data.split()[0].images[:DRAWN].float() / 255
    pca = PCA(20, random_state=0).fit(images.flatten(1).numpy())
    codes = torch.from_numpy(pca.transform(images.flatten(1).numpy()))
    found = {"copies": verdict(images)}
    new, test = (digits.images.float() / 255 for digits in (data.split()[1], data.mnist(train=False)))
    found["new digits"] = nearness(new[:1000], images, test)
    for components in (1, 30):
        drawn = codes_from(mixture(codes, components, seed)).numpy()
        pictures = torch.from_numpy(pca.inverse_transform(drawn)).float().clamp(0, 1)
        found[f"{components} Gaussians"] = verdict(pictures.view(-1, 1, 28, 28))
    return found


def plain(code_size: int, epochs: int, seed: int) -> dict:
    """A plain autoencoder, and every way of drawing codes for it."""
    model = trained_model("plain", code_size, seed, cross_entropy, epochs, RATE)
    if seed == 0 and code_size == 20:
        ship("sampling-plain-20", model, {"model": checkpoints.describe(model)})
    codes = encoded(model, data.split()[0].images[:DRAWN])
    held_out = encoded(model, data.split()[1].images).double().numpy()
    torch.manual_seed(seed)
    found = {"error": round(evaluate(model, data.mnist(train=False).images), 4)}
    if code_size == 20:
        found["N(0, 1)"] = verdict(decoded(model, torch.randn(DRAWN, code_size)))
        found["reconstructions"] = verdict(decoded(model, encoded(model, data.mnist(train=False).images)))
        found["diagonal Gaussian"] = verdict(decoded(model, codes_from(mixture(codes, 1, seed, "diag"))))
    for components in COMPONENTS if code_size == 20 else (30,):
        fitted = mixture(codes, components, seed)
        said = verdict(decoded(model, codes_from(fitted)))
        found[f"{components} Gaussians"] = said | {"held_out": round(fitted.score(held_out), 2)}
    return found


@torch.no_grad()
def costs(model: VariationalAutoencoder, images: Tensor) -> Tensor:
    """The mean divergence of each number of the code, (code_size,), in nats."""
    return kl_divergence(*model.posterior(images)).mean(dim=0)


def variational(beta: float, seed: int) -> dict:
    """A variational autoencoder on grey images, its prior, and a mixture over its codes."""
    model = trained_model("variational", 20, seed, NegativeBound(beta), EPOCHS, RATE)
    if seed == 0 and beta == 1:
        ship("sampling-vae-20", spared(model), {"model": checkpoints.describe(model)})
    return drawn_by(model, seed, 20)


@torch.no_grad()
def spared(model: VariationalAutoencoder) -> VariationalAutoencoder:
    """The same model without weights for the pixels that are blank in every training image.

    It draws the same; and both halves together become as light as a model of the pages has to be.
    """
    blank, model = data.split()[0].images.flatten(1).amax(0) == 0, copy.deepcopy(model)
    first = next(layer for layer in model.encoder if isinstance(layer, nn.Linear))
    last = next(layer for layer in reversed(model.decoder) if isinstance(layer, nn.Linear))
    first.weight[:, blank] = 0
    last.weight[blank], last.bias[blank] = 0, -20  # as good as 0, after the sigmoid
    return model


def drawn_by(model: VariationalAutoencoder, seed: int, code_size: int) -> dict:
    """What the prior draws, and a mixture over the means; and how many numbers carry nothing."""
    test = data.mnist(train=False).images
    cost = costs(model, test.float() / 255)
    torch.manual_seed(seed)
    found = {"error": round(evaluate(model, test), 4), "cost": round(cost.sum().item(), 1)}
    found["empty"] = int((cost < 0.02).sum())
    found["prior"] = verdict(decoded(model, torch.randn(DRAWN, code_size)))
    codes = encoded(model, data.split()[0].images[:DRAWN])
    found["30 Gaussians"] = verdict(decoded(model, codes_from(mixture(codes, 30, seed))))
    return found


def two_numbers(seed: int) -> dict:
    """A code that can be seen whole: on pages, CodeMap shows it."""
    model = trained_model("variational", 2, seed, NegativeBound(), LONG, RATE)
    ship("sampling-vae-2", model, {"model": checkpoints.describe(model)})
    test = data.mnist(train=False).images
    cost = costs(model, test.float() / 255)
    return {"error": round(evaluate(model, test), 4), "cost": round(cost.sum().item(), 1)}


def longer(seed: int) -> dict:
    """The same sizes and epochs on grey images, as the plain autoencoder beside it has them."""
    return drawn_by(trained_model("variational", 50, seed, NegativeBound(), LONG, RATE), seed, 50)


def hundred(seed: int) -> dict:
    """100 Gaussians over the codes of those that have only 30 elsewhere."""
    losses_of, found = {"plain": cross_entropy, "variational": NegativeBound()}, {}
    for kind, code_size, epochs in (("variational", 20, EPOCHS), ("variational", 50, LONG), ("plain", 50, LONG)):
        model = trained_model(kind, code_size, seed, losses_of[kind], epochs, RATE)
        codes = encoded(model, data.split()[0].images[:DRAWN])
        torch.manual_seed(seed)
        found[f"{kind} {code_size}"] = verdict(decoded(model, codes_from(mixture(codes, 100, seed))))
    return found


def likelihood(seed: int) -> dict:
    """The sizes of the published model, on black and white digits, trained longer; its likelihood."""
    model = trained_model("variational", 50, seed, NegativeBound(binarize=True), LONG, RATE)
    if seed == 0:
        ship("sampling-vae-50", model, {"model": checkpoints.describe(model)})
    torch.manual_seed(seed)
    binary = torch.bernoulli(data.mnist(train=False).images.float() / 255)
    found = drawn_by(model, seed, 50)
    for samples in (1, 10, 100):
        found[f"{samples} samples"] = round(-log_likelihood(model, binary, samples).mean().item(), 2)
    few = binary[torch.randperm(len(binary))[:300]]
    gains = [log_likelihood(model, few, samples).mean().item() for samples in (100, 1000)]
    return found | {"gain of 1000": round(gains[1] - gains[0], 2)}


SHARED = {"rate": RATE, "epochs": EPOCHS, "sizes": SIZES}
MEASURES = {
    "judges": Measure(judges, seeds=(0,)),
    "rates": Measure(rates, {"epochs": EPOCHS}, seeds=(0,)),
    "without a network": Measure(without_network),
    "plain 20": Measure(lambda seed: plain(20, EPOCHS, seed), SHARED | {"components": COMPONENTS}),
    **{f"variational {beta:g}": Measure(lambda seed, b=beta: variational(b, seed), SHARED) for beta in BETAS},
    "variational 50": Measure(likelihood, SHARED | {"epochs": LONG}),
    "variational 2": Measure(two_numbers, SHARED | {"epochs": LONG}, seeds=(0,)),
    "variational 50 grey": Measure(longer, SHARED | {"epochs": LONG}),
    "hundred": Measure(hundred, SHARED | {"long": LONG}),
    "plain 50": Measure(lambda seed: plain(50, LONG, seed), SHARED | {"epochs": LONG}),
}
