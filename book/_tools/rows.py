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

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aebook import data
from aebook.models import MODELS, Autoencoder, LinearAutoencoder, StackedAutoencoder
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
    return StackedAutoencoder((784, code_size))


def stacked(*sizes: int) -> Autoencoder:
    """Linear layers from 784 down to the code and back, ELU between them, a sigmoid at the end."""
    return StackedAutoencoder((784, *sizes))


def normalized(*sizes: int) -> Autoencoder:
    """The same, with batch normalization after each ELU."""
    model = StackedAutoencoder((784, *sizes))
    for half in (model.encoder, model.decoder):
        for at in reversed([at for at, layer in enumerate(half) if isinstance(layer, nn.ELU)]):
            half.insert(at + 1, nn.BatchNorm1d(half[at - 1].out_features))
    return model


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
        f"linear-{size}": Row(lambda: MODELS["linear"](size), "dense"),
        f"sigmoid-{size}": Row(lambda: sigmoid(size), "dense"),
        f"hidden-{size}": Row(lambda: stacked(500, size), "dense"),
        f"stacked-{size}": Row(lambda: MODELS["stacked"](size), "dense"),
        f"stacked-norm-{size}": Row(lambda: normalized(1000, 500, 250, size), "dense"),
        f"light-{size}": Row(lambda: MODELS["light"](size), "light"),
        f"conv-{size}": Row(lambda: MODELS["conv"](size), "article"),
    }


def _curve(code_size: int) -> dict[str, Row]:
    """The other sizes of the curve: how the error falls as the code grows."""
    size = code_size
    return {
        f"pca-{size}": Row(lambda: pca(size)),
        f"linear-{size}": Row(lambda: MODELS["linear"](size), "dense"),
        f"stacked-{size}": Row(lambda: MODELS["stacked"](size), "dense"),
        f"light-{size}": Row(lambda: MODELS["light"](size), "light"),
    }


ROWS = {
    **_sized(20),
    # The light trunk's pairs: without batch normalization; a dense network with as many parameters; one with as
    # many multiplications.
    "light-plain-20": Row(lambda: MODELS["light"](20, norm=False), "light"),
    "dense-parameters-20": Row(lambda: stacked(90, 50, 20), "dense"),
    "dense-multiplications-20": Row(lambda: stacked(1100, 920, 200, 20), "dense"),
    "page-stacked-20": Row(lambda: stacked(160, 80, 20), "dense"),
    "conv-bf16-20": Row(lambda: MODELS["conv"](20), like="conv-20", recipe={"precision": "bf16"}),
    **_sized(30),
    # Beside the rule: the smallest error found with 30 numbers, for half an hour on two cores.
    "record-30": Row(lambda: MODELS["residual"](30), recipe=RECORD, loss=shifted_error),
    "conv-12544": Row(MODELS["conv"], "article"),
    "article-12544": Row(MODELS["conv"], recipe=ARTICLE),
    "article-bf16-12544": Row(MODELS["conv"], recipe=ARTICLE | {"precision": "bf16"}),
    **_curve(2),
    "page-stacked-2": Row(lambda: stacked(150, 100, 50, 2), "dense"),
    **_curve(5),
    **_curve(10),
    **_curve(64),
}
