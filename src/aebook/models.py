"""The autoencoders of the book."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from aebook import batches
from aebook.contract import whole


class LinearAutoencoder(nn.Module):
    """One linear layer to a code of ``code_size`` numbers, one linear layer back, and nothing between them.

    Takes images (B, 1, 28, 28), for any B, and gives reconstructions of the same shape. Nothing keeps these
    between 0 and 1.
    """

    def __init__(self, code_size: int = 20):
        super().__init__()
        self.code_size = code_size = whole("code_size", code_size)
        self.encoder = nn.Linear(28 * 28, code_size)  # (B, code_size)
        self.decoder = nn.Linear(code_size, 28 * 28)  # (B, 784)

    def encode(self, images: Tensor) -> Tensor:
        """The codes, (B, code_size), of images (B, 1, 28, 28)."""
        require_images(images, self.encoder)
        return self.encoder(images.flatten(1))

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, 1, 28, 28), of codes (B, code_size)."""
        require_codes(codes, (self.code_size,), self.decoder)
        return self.decoder(codes).view(-1, 1, 28, 28)

    def forward(self, images: Tensor) -> Tensor:
        """The reconstructions, (B, 1, 28, 28), of images (B, 1, 28, 28)."""
        return self.decode(self.encode(images))

    @classmethod
    def from_pca(cls, images: Tensor, code_size: int = 20) -> "LinearAutoencoder":
        """The best linear autoencoder there is for these images, computed and not trained.

        Its decoder holds the first ``code_size`` principal components and the mean image; its encoder projects
        onto them. No linear autoencoder with a code of this size has a smaller mean squared error over ``images``.

        Args:
            images: (N, 1, 28, 28), at least one, in any way that ``fit`` takes them. Of one image, or of images
                that are all alike, the model gives back their mean.
            code_size: 1 to 784.

        Raises:
            TypeError, ValueError: where the images or ``code_size`` are something else.

        Source: P. Baldi and K. Hornik, "Neural networks and principal component analysis: learning from
        examples without local minima", Neural Networks 2, 1989.
        """
        code_size = whole("code_size", code_size)
        if code_size > 784:
            raise ValueError(f"code_size must be from 1 to 784, and is {code_size}")
        device = images.device if isinstance(images, Tensor) else torch.device("cpu")
        # In float64: the smallest eigenvalues are a billionth of the largest.
        pixels = torch.cat([_rows(batch) for batch in batches.source(images, device, None)])
        mean = pixels.mean(dim=0)
        covariance = torch.cov(pixels.T, correction=min(1, len(pixels) - 1))  # one image does not vary
        _, vectors = torch.linalg.eigh(covariance)  # columns, by growing eigenvalue
        components = vectors.flip(1)[:, :code_size]  # (784, code_size)
        model = cls(code_size).to(device)
        with torch.no_grad():
            model.decoder.weight.copy_(components)
            model.decoder.bias.copy_(mean)
            model.encoder.weight.copy_(components.T)
            model.encoder.bias.copy_(-components.T @ mean)
        return model


class StackedAutoencoder(nn.Module):
    """Several linear layers with a nonlinearity between them, symmetric about the code.

    The code itself is linear, and a sigmoid keeps every pixel between 0 and 1. Takes images (B, 1, 28, 28), for
    any B, and gives reconstructions of the same shape.

    Args:
        sizes: how many numbers each layer holds, from the image's 784 to the code's; the decoder is its mirror.
        activation: the nonlinearity, a module class.

    Raises:
        TypeError, ValueError: where the sizes are something else.

    Source: G. Hinton and R. Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006, for the default sizes. Their units were logistic.
    """

    def __init__(self, sizes: tuple[int, ...] = (784, 1000, 500, 250, 30), activation: type[nn.Module] = nn.ELU):
        super().__init__()
        sizes = _whole_sizes(sizes)
        if isinstance(activation, nn.Module) or not callable(activation):
            raise TypeError(f"activation must be a module class, such as nn.ELU, and is {activation!r}")
        self.code_size = sizes[-1]
        self.encoder = nn.Sequential(*_linear_layers(sizes, activation))  # (B, code_size)
        self.decoder = nn.Sequential(*_linear_layers(sizes[::-1], activation), nn.Sigmoid())  # (B, 784)

    def encode(self, images: Tensor) -> Tensor:
        """The codes, (B, code_size), of images (B, 1, 28, 28)."""
        require_images(images, self.encoder)
        return self.encoder(images.flatten(1))

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, 1, 28, 28), of codes (B, code_size)."""
        require_codes(codes, (self.code_size,), self.decoder)
        return self.decoder(codes).view(-1, 1, 28, 28)

    def forward(self, images: Tensor) -> Tensor:
        """The reconstructions, (B, 1, 28, 28), of images (B, 1, 28, 28)."""
        return self.decode(self.encode(images))


def _whole_sizes(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes of a stack's layers as whole numbers, if they begin with an image's."""
    accepted = "sizes must go from 784 to the code's, each a whole number of at least 1"
    try:
        numbers = tuple(whole("sizes", size) for size in sizes)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{accepted}, and are {sizes!r}") from None
    if len(numbers) < 2 or numbers[0] != 784:
        raise ValueError(f"{accepted}, and are {numbers}")
    return numbers


def _linear_layers(sizes: tuple[int, ...], activation: type[nn.Module]) -> list[nn.Module]:
    """Linear layers from each size to the next, with a nonlinearity between one and the next."""
    layers = [nn.Linear(sizes[0], sizes[1])]
    for before, after in pairwise(sizes[1:]):
        layers += [activation(), nn.Linear(before, after)]
    return layers


class ConvAutoencoder(nn.Module):
    """Convolutions to 256 feature maps of 7×7, and transposed convolutions back.

    Without ``code_size`` the feature maps are the code: 12,544 numbers, sixteen times the image's. A ReLU is the
    last layer. With it, linear layers between the halves make the code a bottleneck of that many numbers, and a
    sigmoid is the last layer. Takes images (B, 1, 28, 28), for any B, and gives reconstructions of the same shape.

    Args:
        code_size: the numbers in the code, at least 1; None for the feature maps.

    Raises:
        TypeError, ValueError: where ``code_size`` is something else.
    """

    def __init__(self, code_size: int | None = None):
        super().__init__()
        if code_size is not None:
            code_size = whole("code_size, if it is not None,", code_size)
        self.code_size = code_size or 256 * 7 * 7
        self.code_shape = (256, 7, 7) if code_size is None else (code_size,)
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),  # (B, 16, 28, 28)
            nn.ReLU(),
            nn.BatchNorm2d(16),
            nn.Conv2d(16, 32, 3, padding=1),  # (B, 32, 28, 28)
            nn.ReLU(),
            nn.BatchNorm2d(32),
            nn.Conv2d(32, 64, 3, padding=1),  # (B, 64, 28, 28)
            nn.ReLU(),
            nn.BatchNorm2d(64),
            nn.MaxPool2d(2),  # (B, 64, 14, 14)
            nn.Conv2d(64, 128, 3, padding=1),  # (B, 128, 14, 14)
            nn.ReLU(),
            nn.BatchNorm2d(128),
            nn.MaxPool2d(2),  # (B, 128, 7, 7)
            nn.Conv2d(128, 256, 3, padding=1),  # (B, 256, 7, 7)
            nn.ReLU(),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(256, 128, 3, stride=2, padding=1, output_padding=1),  # (B, 128, 14, 14)
            nn.ReLU(),
            nn.BatchNorm2d(128),
            nn.ConvTranspose2d(128, 64, 3, padding=1),  # (B, 64, 14, 14)
            nn.ReLU(),
            nn.BatchNorm2d(64),
            nn.ConvTranspose2d(64, 16, 3, padding=1),  # (B, 16, 14, 14)
            nn.ReLU(),
            nn.BatchNorm2d(16),
            nn.ConvTranspose2d(16, 1, 3, stride=2, padding=1, output_padding=1),  # (B, 1, 28, 28)
            nn.ReLU(),
        )
        if code_size is not None:
            self.encoder.extend([nn.Flatten(), nn.Linear(256 * 7 * 7, code_size)])  # (B, code_size)
            self.decoder.insert(0, nn.Unflatten(1, (256, 7, 7)))  # (B, 256, 7, 7)
            self.decoder.insert(0, nn.Linear(code_size, 256 * 7 * 7))  # (B, 12544)
            self.decoder[-1] = nn.Sigmoid()

    def encode(self, images: Tensor) -> Tensor:
        """The codes, (B, code_size) or (B, 256, 7, 7), of images (B, 1, 28, 28)."""
        require_images(images, self.encoder)
        return self.encoder(images)

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, 1, 28, 28), of codes (B, code_size) or (B, 256, 7, 7)."""
        require_codes(codes, self.code_shape, self.decoder)
        return self.decoder(codes)

    def forward(self, images: Tensor) -> Tensor:
        """The reconstructions, (B, 1, 28, 28), of images (B, 1, 28, 28)."""
        return self.decode(self.encode(images))


def require_images(images: Tensor, encoder: nn.Module) -> None:
    """Refuse, in one sentence, what is no batch of images (B, 1, 28, 28) of the encoder's type, on its device."""
    _require(images, (1, 28, 28), encoder, "images", _advice_on_images)


def require_codes(codes: Tensor, shape: tuple[int, ...], decoder: nn.Module) -> None:
    """Refuse, in one sentence, what is no batch of codes of this shape, of the decoder's type, on its device."""
    _require(codes, shape, decoder, "codes", _advice_on_codes)


def _require(batch: Tensor, shape: tuple[int, ...], half: nn.Module, what: str, advice: Callable) -> None:
    if not isinstance(batch, Tensor):
        advice = f"; try torch.as_tensor({what})" if hasattr(batch, "__array__") else ""
        raise TypeError(f"{what} must be a tensor, and are a {type(batch).__name__}{advice}")
    _require_shape(batch, shape, what, advice)
    if not batch.is_floating_point():
        advice = "divide them by 255" if batch.dtype == torch.uint8 else f"try {what}.float()"
        raise TypeError(f"{what} must be floats, and are {batch.dtype}; {advice}")
    weight = _weight(half)
    if weight is None:
        return
    if batch.device != weight.device:
        advice = f"try {what}.to({str(weight.device)!r})"
        raise ValueError(f"{what} must be on {weight.device}, like the model, and are on {batch.device}; {advice}")
    if batch.dtype != weight.dtype and not torch.is_autocast_enabled(batch.device.type):
        advice = f"try {what}.to({weight.dtype})"
        raise TypeError(f"{what} must be {weight.dtype}, like the model, and are {batch.dtype}; {advice}")


def _require_shape(batch: Tensor, shape: tuple[int, ...], what: str, advice: Callable) -> None:
    given = tuple(batch.shape)
    if given[1:] != shape or not given:
        expected = ", ".join(["B", *map(str, shape)])
        raise ValueError(f"{what} must have the shape ({expected}), and have {given}{advice(given, shape)}")


def _weight(half: nn.Module) -> Tensor | None:
    """A half's first weight; none where the reader has put something else in the half's place."""
    for module in half.modules():
        if isinstance(weight := getattr(module, "weight", None), Tensor):
            return weight
    return None


def _advice_on_images(given: tuple[int, ...], _: tuple[int, ...]) -> str:
    """What makes images (B, 1, 28, 28) of those of a shape that is often met; nothing for another."""
    if given[1:] in ((28, 28), (784,)) or given in ((28, 28), (784,)):
        return "; try images.reshape(-1, 1, 28, 28)"
    if len(given) == 4 and given[3] in (1, 3, 4):
        return "; PyTorch has the channel first: try images.permute(0, 3, 1, 2)"
    if given[1:] in ((3, 28, 28), (4, 28, 28)):
        return "; these models see grey: try images[:, :3].mean(1, keepdim=True)"
    if len(given) == 4 and given[1] == 1:
        return "; try torch.nn.functional.interpolate(images, (28, 28))"
    return ""


def _advice_on_codes(given: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    return "; one code alone is codes.unsqueeze(0)" if given == wanted else ""


def _rows(images: Tensor) -> Tensor:
    """Images (B, 1, 28, 28) as rows (B, 784), in float64."""
    _require_shape(images, (1, 28, 28), "images", _advice_on_images)
    return images.flatten(1).double()


class Autoencoder(nn.Module):
    """Any encoder and any decoder, one after the other.

    Args:
        encoder: from images (B, 1, 28, 28) to codes (B, code_size).
        decoder: from those codes to reconstructions (B, 1, 28, 28).
        code_size: how many numbers a code has.
    """

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, code_size: int):
        super().__init__()
        self.encoder, self.decoder, self.code_size = encoder, decoder, whole("code_size", code_size)

    def encode(self, images: Tensor) -> Tensor:
        """The codes, (B, code_size), of images (B, 1, 28, 28)."""
        return self.encoder(images)

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, 1, 28, 28), of codes (B, code_size)."""
        return self.decoder(codes)

    def forward(self, images: Tensor) -> Tensor:
        """The reconstructions, (B, 1, 28, 28), of images (B, 1, 28, 28)."""
        return self.decode(self.encode(images))
