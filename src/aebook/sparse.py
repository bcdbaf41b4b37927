"""Codes wider than the image, of which each image may use a few numbers; and decoders that are their encoders.

A code of 1,024 numbers holds back nothing by its width. What it lets through is decided by how many of them may
differ from 0.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aebook.contract import whole
from aebook.models import IMAGE_SHAPE, Autoencoder
from aebook.shapes import whole_shape


class TopK(nn.Module):
    """Keeps the ``k`` largest numbers of every row, (B, N), and makes the others 0.

    Args:
        k: from 1 to N.

    Raises:
        TypeError, ValueError: where k is something else; at the call, where rows have fewer numbers than k.
    """

    def __init__(self, k: int):
        super().__init__()
        self.k = whole("k", k)

    def forward(self, rows: Tensor) -> Tensor:
        """The rows, (B, N), with all but the k largest of each 0; where some are equal, k of them stay."""
        if rows.shape[-1] < self.k:
            raise ValueError(f"k must be from 1 to {rows.shape[-1]}, the numbers in a row, and is {self.k}")
        values, places = rows.topk(self.k, dim=-1)
        return torch.zeros_like(rows).scatter(-1, places, values)

    def extra_repr(self) -> str:
        """What stands in the brackets when the layer is printed."""
        return f"k={self.k}"


class SparseAutoencoder(Autoencoder):
    """One linear layer to ``units`` numbers, of which at most ``k`` stay, and one linear layer back.

    A number of the code is never negative. The decoder adds, for each unit that is on, its own picture times its
    number. Without ``k`` every unit stays that is above 0.

    Args:
        units: the numbers in the code, most of them 0; at least 1.
        k: how many may differ from 0, from 1 to ``units``; None for all.
        image_shape: (channels, height, width).

    Raises:
        TypeError, ValueError: where they are something else.

    Source: A. Makhzani and B. Frey, "k-Sparse Autoencoders", ICLR 2014. Theirs has no ReLU.
    """

    def __init__(self, units: int = 1024, k: int | None = 20, image_shape: tuple[int, int, int] = IMAGE_SHAPE):
        units, image_shape = whole("units", units), whole_shape(image_shape)
        if k is not None and whole("k", k) > units:
            raise ValueError(f"k must be from 1 to {units}, the units, and is {k}")
        pixels = math.prod(image_shape)
        encoder = nn.Sequential(nn.Flatten(), nn.Linear(pixels, units), nn.ReLU())  # (B, units)
        if k is not None:
            encoder.append(TopK(k))
        decoder = nn.Sequential(nn.Linear(units, pixels), nn.Unflatten(1, image_shape))  # (B, *image_shape)
        super().__init__(encoder, decoder, units, image_shape)
        self.start()

    @torch.no_grad()
    def start(self) -> None:
        """Give each unit a picture by chance, of length 1, and let it look for that same picture.

        As PyTorch starts the two layers, a unit looks for one thing and draws another, and more are never on.

        Source: L. Gao et al., "Scaling and evaluating sparse autoencoders", 2024, for both.
        """
        look, draw = self.encoder[1], self.decoder[0]
        pictures = F.normalize(torch.randn_like(look.weight), dim=1)  # (units, pixels)
        look.weight.copy_(pictures)
        draw.weight.copy_(pictures.T)
        look.bias.zero_()
        draw.bias.zero_()


class Transposed(nn.Module):
    """A linear layer the other way: the same weights, transposed, and a bias of its own.

    Args:
        layer: from N numbers to M; this one goes from M to N. Where one learns, so does the other.

    Raises:
        TypeError: where it is no nn.Linear.
    """

    def __init__(self, layer: nn.Linear):
        super().__init__()
        if not isinstance(layer, nn.Linear):
            raise TypeError(f"layer must be an nn.Linear, and is {layer!r}")
        self.weight = layer.weight  # (M, N): the very parameter
        self.bias = nn.Parameter(layer.weight.new_zeros(layer.in_features))

    def forward(self, rows: Tensor) -> Tensor:
        """Rows (B, N) of rows (B, M)."""
        return F.linear(rows, self.weight.T, self.bias)


class TiedAutoencoder(Autoencoder):
    """A linear autoencoder whose decoder is its encoder, transposed: half the weights.

    Args:
        code_size: the numbers in the code, at least 1.
        image_shape: (channels, height, width).

    Raises:
        TypeError, ValueError: where they are something else.
    """

    def __init__(self, code_size: int = 20, image_shape: tuple[int, int, int] = IMAGE_SHAPE):
        code_size, image_shape = whole("code_size", code_size), whole_shape(image_shape)
        layer = nn.Linear(math.prod(image_shape), code_size)
        encoder = nn.Sequential(nn.Flatten(), layer)  # (B, code_size)
        decoder = nn.Sequential(Transposed(layer), nn.Unflatten(1, image_shape))  # (B, *image_shape)
        super().__init__(encoder, decoder, code_size, image_shape)


def sparse_loss(weight: float) -> Callable[[Autoencoder, Tensor, Tensor], Tensor]:
    """Mean squared error and, beside it, a price for every number of the code: a loss for ``fit``.

        mean (x̂ − x)² + weight · Σ |code_i| · |picture_i|

    summed over the code and averaged over the images. |picture_i| is the length of what the decoder draws for unit
    i. Without it the price can be dodged: half the number, twice the picture, the same reconstruction, half the
    price. For a decoder whose first layer is linear.

    Args:
        weight: the price, at least 0.

    Raises:
        ValueError: where the price is negative or no finite number.
    """
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"weight must be a finite number of at least 0, and is {weight}")

    def loss(model: Autoencoder, seen: Tensor, wanted: Tensor) -> Tensor:
        codes = model.encode(seen)
        price = (codes.abs() * model.decoder[0].weight.norm(dim=0)).sum(dim=1).mean()
        return F.mse_loss(model.decode(codes).float(), wanted) + weight * price

    return loss
