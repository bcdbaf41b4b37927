"""The rows of the table of results: which models it compares, and the one rule by which all are trained.

The rule, so that no model has a recipe that suits it better than the next one's does its own:

1. One-cycle, Adam, batches of 256, fp32, the first 55,000 training images; the last 5,000 validate.
2. The learning rate: of 1e-3, 2e-3 and 4e-3, the one with the least validation error after training with seed 0 on
   12,000 images for as many epochs as the row's kind may take.
3. The length: beginning with an eighth of those epochs, doubled until the validation error gains less than 3 %.
4. Seeds 0, 1 and 2.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aebook import data
from aebook.models import Autoencoder, ConvAutoencoder, LinearAutoencoder, StackedAutoencoder
from aebook.training import mean_squared_error

RATES = (1e-3, 2e-3, 4e-3)
GAIN = 0.03  # of the validation error, for which twice the time is worth it
SEARCHED = 12_000  # images on which the rate is chosen
MOST_EPOCHS = {"dense": 40, "light": 16, "article": 8}  # what each kind may take, at most
RULE = {"batch_size": 256, "schedule": "one-cycle", "precision": "fp32"}
ARTICLE = {"epochs": 5, "learning_rate": 2e-4, "batch_size": 256, "schedule": None, "precision": "fp32"}
RECORD = RULE | {"epochs": 20, "learning_rate": 1.6e-2, "batch_size": 128}


@dataclass
class Row:
    """A line of the table.

    Attributes:
        build: makes the model, with weights by chance; or, where ``kind`` is None, ready.
        kind: of those that ``MOST_EPOCHS`` names.
        recipe: what ``fit`` is given, where the rule does not decide it.
        like: the row whose recipe it takes, but for what ``recipe`` says.
        loss: what is trained by; errors are mean squared errors all the same.
    """

    build: Callable[[], nn.Module]
    kind: str | None = None
    recipe: dict = field(default_factory=dict)
    like: str | None = None
    loss: Callable = mean_squared_error


def pca(code_size: int, clamped: bool = False) -> nn.Module:
    """The best linear autoencoder for the images that all rows are trained on; or what is drawn of it, 0 to 1."""
    model = LinearAutoencoder.from_pca(data.split()[0].images, code_size)
    return Clamped(model) if clamped else model


class Clamped(nn.Module):
    """A model's reconstructions, with what lies outside of 0 to 1 cut off."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model, self.code_size = model, model.code_size

    def forward(self, images):
        """The reconstructions, (B, 1, 28, 28), of images (B, 1, 28, 28)."""
        return self.model(images).clamp(0, 1)


def sigmoid(code_size: int) -> Autoencoder:
    """A linear code, and nothing more than a sigmoid at the end."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, code_size))
    decoder = nn.Sequential(nn.Linear(code_size, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    return Autoencoder(encoder, decoder, code_size)


def dense(*sizes: int, norm: bool = False) -> Autoencoder:
    """Linear layers from 784 down to the code and back, ELU between them, a sigmoid at the end."""
    encoder, decoder = _stack((784, *sizes), norm), _stack((*sizes[::-1], 784), norm)
    encoder = nn.Sequential(nn.Flatten(), *encoder)
    decoder = nn.Sequential(*decoder, nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    return Autoencoder(encoder, decoder, sizes[-1])


def _stack(sizes: tuple[int, ...], norm: bool) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ELU(), nn.BatchNorm1d(after)][: 3 if norm else 2]
    while not isinstance(layers[-1], nn.Linear):  # nothing after the last
        layers.pop()
    return layers


def light(code_size: int, norm: bool = True) -> Autoencoder:
    """A convolutional trunk that a processor trains in less than a minute an epoch."""

    def block(layer: nn.Module) -> list[nn.Module]:
        return [layer, nn.ReLU(), *([nn.BatchNorm2d(layer.out_channels)] if norm else [])]

    encoder = nn.Sequential(
        *block(nn.Conv2d(1, 16, 3, stride=2, padding=1)),  # (B, 16, 14, 14)
        *block(nn.Conv2d(16, 32, 3, stride=2, padding=1)),  # (B, 32, 7, 7)
        *block(nn.Conv2d(32, 32, 3, padding=1)),  # (B, 32, 7, 7)
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, code_size),  # (B, code_size)
    )
    decoder = nn.Sequential(
        nn.Linear(code_size, 64 * 7 * 7),
        nn.Unflatten(1, (64, 7, 7)),  # (B, 64, 7, 7)
        nn.ReLU(),
        *([nn.BatchNorm2d(64)] if norm else []),
        *block(nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)),  # (B, 32, 14, 14)
        *block(nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1)),  # (B, 16, 28, 28)
        nn.Conv2d(16, 1, 3, padding=1),  # (B, 1, 28, 28)
        nn.Sigmoid(),
    )
    return Autoencoder(encoder, decoder, code_size)


class Residual(nn.Module):
    """Two convolutions whose result is added to what went in: (B, width, H, W) to the same shape."""

    def __init__(self, width: int):
        super().__init__()
        first, second = (nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2))
        self.body = nn.Sequential(*_normalized(first), second, nn.BatchNorm2d(width))

    def forward(self, maps: Tensor) -> Tensor:
        """The maps, and what the two convolutions make of them."""
        return F.silu(maps + self.body(maps))


def _normalized(layer: nn.Module) -> list[nn.Module]:
    return [layer, nn.BatchNorm2d(layer.out_channels), nn.SiLU()]


def residual(code_size: int) -> Autoencoder:
    """A convolutional trunk with residual blocks, which does most of its work at 7×7 and 14×14."""
    encoder = nn.Sequential(
        *_normalized(nn.Conv2d(1, 32, 4, stride=2, padding=1)),  # (B, 32, 14, 14)
        Residual(32),
        *_normalized(nn.Conv2d(32, 64, 4, stride=2, padding=1)),  # (B, 64, 7, 7)
        Residual(64),
        Residual(64),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, code_size),  # (B, code_size)
    )
    decoder = nn.Sequential(
        nn.Linear(code_size, 64 * 7 * 7),
        nn.Unflatten(1, (64, 7, 7)),  # (B, 64, 7, 7)
        nn.BatchNorm2d(64),
        nn.SiLU(),
        Residual(64),
        Residual(64),
        *_normalized(nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)),  # (B, 32, 14, 14)
        Residual(32),
        *_normalized(nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1)),  # (B, 16, 28, 28)
        nn.Conv2d(16, 1, 3, padding=1),  # (B, 1, 28, 28)
        nn.Sigmoid(),
    )
    return Autoencoder(encoder, decoder, code_size)


def shifted(images: Tensor) -> Tensor:
    """Images (B, 1, 28, 28), each moved by -1, 0 or 1 pixel down and across by chance, with paper at the edge."""
    count, device = len(images), images.device
    down, across = torch.randint(3, (2, count, 1), device=device) + torch.arange(28, device=device)
    which = torch.arange(count, device=device)[:, None, None]
    return F.pad(images, (1, 1, 1, 1))[which, 0, down[:, :, None], across[:, None, :]].unsqueeze(1)


def shifted_error(model: nn.Module, seen: Tensor, wanted: Tensor) -> Tensor:
    """Mean squared error per pixel on images moved by chance: what is seen and what is wanted move together."""
    moved = shifted(wanted)
    return F.mse_loss(model(moved).float(), moved)


def _sized(code_size: int) -> dict[str, Row]:
    """The rows that stand at 20 and at 30 numbers."""
    size = code_size
    return {
        f"pca-{size}": Row(lambda: pca(size)),
        f"pca-clamped-{size}": Row(lambda: pca(size, clamped=True)),
        f"linear-{size}": Row(lambda: LinearAutoencoder(size), "dense"),
        f"sigmoid-{size}": Row(lambda: sigmoid(size), "dense"),
        f"hidden-{size}": Row(lambda: dense(500, size), "dense"),
        f"stacked-{size}": Row(lambda: StackedAutoencoder((784, 1000, 500, 250, size)), "dense"),
        f"stacked-norm-{size}": Row(lambda: dense(1000, 500, 250, size, norm=True), "dense"),
        f"light-{size}": Row(lambda: light(size), "light"),
        f"conv-{size}": Row(lambda: ConvAutoencoder(size), "article"),
    }


def _curve(code_size: int) -> dict[str, Row]:
    """The other sizes of the curve: how the error falls as the code grows."""
    size = code_size
    return {
        f"pca-{size}": Row(lambda: pca(size)),
        f"linear-{size}": Row(lambda: LinearAutoencoder(size), "dense"),
        f"stacked-{size}": Row(lambda: StackedAutoencoder((784, 1000, 500, 250, size)), "dense"),
        f"light-{size}": Row(lambda: light(size), "light"),
    }


ROWS = {
    **_sized(20),
    # The light trunk's pairs: without batch normalization; a dense network with as many parameters; one with as
    # many multiplications.
    "light-plain-20": Row(lambda: light(20, norm=False), "light"),
    "dense-parameters-20": Row(lambda: dense(90, 50, 20), "dense"),
    "dense-multiplications-20": Row(lambda: dense(1100, 920, 200, 20), "dense"),
    "page-stacked-20": Row(lambda: dense(160, 80, 20), "dense"),
    "conv-bf16-20": Row(lambda: ConvAutoencoder(20), like="conv-20", recipe={"precision": "bf16"}),
    **_sized(30),
    # Beside the rule: the smallest error found with 30 numbers, for half an hour on two cores.
    "record-30": Row(lambda: residual(30), recipe=RECORD, loss=shifted_error),
    "conv-12544": Row(ConvAutoencoder, "article"),
    "article-12544": Row(ConvAutoencoder, recipe=ARTICLE),
    "article-bf16-12544": Row(ConvAutoencoder, recipe=ARTICLE | {"precision": "bf16"}),
    **_curve(2),
    **_curve(5),
    **_curve(10),
    **_curve(64),
}
