"""The autoencoders of the book, in one shape: an encoder, a decoder, and the code between them."""

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from aebook import batches
from aebook.contract import whole
from aebook.nets import Residual
from aebook.shapes import quartered, require_codes, require_images, require_shape_of_images, whole_shape

IMAGE_SHAPE = (1, 28, 28)  # MNIST's: channels, height, width


class Autoencoder(nn.Module):
    """An encoder and a decoder, one after the other.

    Takes images (B, *image_shape), for any B, and gives reconstructions of the same shape.

    Args:
        encoder: from images (B, *image_shape) to codes.
        decoder: from those codes to reconstructions (B, *image_shape).
        code_size: how many numbers a code has; or its shape, where a code is no row of numbers.
        image_shape: (channels, height, width).

    Raises:
        TypeError, ValueError: where an argument is something else; at the call, where images or codes have
            another shape, another type of number than the weights, or are on another device.
    """

    def __init__(
        self,
        encoder: nn.Sequential,
        decoder: nn.Sequential,
        code_size: int | tuple[int, ...],
        image_shape: tuple[int, int, int] = IMAGE_SHAPE,
    ):
        super().__init__()
        for name, half in (("encoder", encoder), ("decoder", decoder)):
            if not isinstance(half, nn.Module):
                raise TypeError(f"{name} must be a module, such as nn.Sequential, and is {half!r}")
        self.encoder, self.decoder = encoder, decoder
        self.code_shape = code_size if isinstance(code_size, tuple) else (whole("code_size", code_size),)
        self.code_size = math.prod(self.code_shape)
        self.image_shape = whole_shape(image_shape)

    def encode(self, images: Tensor) -> Tensor:
        """The codes, (B, *code_shape), of images (B, *image_shape)."""
        require_images(images, self.image_shape, self.encoder)
        return self.encoder(images)

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, *image_shape), of codes (B, *code_shape)."""
        require_codes(codes, self.code_shape, self.decoder)
        return self.decoder(codes)

    def forward(self, images: Tensor) -> Tensor:
        """The reconstructions of images, both (B, *image_shape)."""
        return self.decode(self.encode(images))


class LinearAutoencoder(Autoencoder):
    """One linear layer to a code of ``code_size`` numbers, one linear layer back, and nothing between them.

    Nothing keeps the reconstructions between 0 and 1.

    Args:
        code_size: the numbers in the code, at least 1.
        image_shape: (channels, height, width).

    Raises:
        TypeError, ValueError: where they are something else.
    """

    def __init__(self, code_size: int = 20, image_shape: tuple[int, int, int] = IMAGE_SHAPE):
        code_size, image_shape = whole("code_size", code_size), whole_shape(image_shape)
        pixels = math.prod(image_shape)
        encoder = nn.Sequential(nn.Flatten(), nn.Linear(pixels, code_size))  # (B, code_size)
        decoder = nn.Sequential(nn.Linear(code_size, pixels), nn.Unflatten(1, image_shape))  # (B, *image_shape)
        super().__init__(encoder, decoder, code_size, image_shape)

    @classmethod
    def from_pca(
        cls, images: Tensor, code_size: int = 20, image_shape: tuple[int, int, int] = IMAGE_SHAPE
    ) -> "LinearAutoencoder":
        """The best linear autoencoder there is for these images, computed and not trained.

        Its decoder holds the first ``code_size`` principal components and the mean image; its encoder projects
        onto them. No linear autoencoder with a code of this size has a smaller mean squared error over ``images``.

        Args:
            images: (N, *image_shape), at least one, in any way that ``fit`` takes them. Of one image, or of images
                that are all alike, the model gives back their mean.
            code_size: 1 to the image's numbers, which are 784 for (1, 28, 28).
            image_shape: (channels, height, width).

        Raises:
            TypeError, ValueError: where they are something else.

        Source: P. Baldi and K. Hornik, "Neural networks and principal component analysis: learning from
        examples without local minima", Neural Networks 2, 1989.
        """
        code_size, image_shape = whole("code_size", code_size), whole_shape(image_shape)
        if code_size > math.prod(image_shape):
            raise ValueError(f"code_size must be from 1 to {math.prod(image_shape)}, and is {code_size}")
        device = images.device if isinstance(images, Tensor) else torch.device("cpu")
        # In float64: the smallest eigenvalues are a billionth of the largest.
        pixels = torch.cat([_rows(batch, image_shape) for batch in batches.source(images, device, None)])
        mean = pixels.mean(dim=0)
        covariance = torch.cov(pixels.T, correction=min(1, len(pixels) - 1))  # one image does not vary
        _, vectors = torch.linalg.eigh(covariance)  # columns, by growing eigenvalue
        components = vectors.flip(1)[:, :code_size]  # (pixels, code_size)
        model = cls(code_size, image_shape).to(device)
        to_code, to_pixels = model.encoder[1], model.decoder[0]
        with torch.no_grad():
            to_pixels.weight.copy_(components)
            to_pixels.bias.copy_(mean)
            to_code.weight.copy_(components.T)
            to_code.bias.copy_(-components.T @ mean)
        return model


def _rows(images: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """Images of the shape, (B, *shape), as rows (B, pixels), in float64."""
    require_shape_of_images(images, shape)
    return images.flatten(1).double()


class StackedAutoencoder(Autoencoder):
    """Several linear layers with a nonlinearity between them, symmetric about the code.

    The code itself is linear, and a sigmoid keeps every pixel between 0 and 1.

    Args:
        sizes: how many numbers each layer holds, from the image's 784 to the code's; the decoder is its mirror.
        activation: the nonlinearity, a module class.
        image_shape: (channels, height, width); the first of the sizes is their product.

    Raises:
        TypeError, ValueError: where they are something else.

    Source: G. Hinton and R. Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006, for the default sizes. Their units were logistic.
    """

    def __init__(
        self,
        sizes: tuple[int, ...] = (784, 1000, 500, 250, 30),
        activation: type[nn.Module] = nn.ELU,
        image_shape: tuple[int, int, int] = IMAGE_SHAPE,
    ):
        image_shape = whole_shape(image_shape)
        sizes = _whole_sizes(sizes, math.prod(image_shape))
        if isinstance(activation, nn.Module) or not callable(activation):
            raise TypeError(f"activation must be a module class, such as nn.ELU, and is {activation!r}")
        encoder = nn.Sequential(nn.Flatten(), *_linear_layers(sizes, activation))  # (B, code_size)
        decoder = nn.Sequential(*_linear_layers(sizes[::-1], activation), nn.Sigmoid())  # (B, pixels)
        decoder.append(nn.Unflatten(1, image_shape))  # (B, *image_shape)
        super().__init__(encoder, decoder, sizes[-1], image_shape)


def _whole_sizes(sizes: tuple[int, ...], pixels: int) -> tuple[int, ...]:
    """The sizes of a stack's layers as whole numbers, if they begin with an image's."""
    accepted = f"sizes must go from {pixels} to the code's, each a whole number of at least 1"
    try:
        numbers = tuple(whole("sizes", size) for size in sizes)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{accepted}, and are {sizes!r}") from None
    if len(numbers) < 2 or numbers[0] != pixels:
        raise ValueError(f"{accepted}, and are {numbers}")
    return numbers


def _linear_layers(sizes: tuple[int, ...], activation: type[nn.Module]) -> list[nn.Module]:
    """Linear layers from each size to the next, with a nonlinearity between one and the next."""
    layers = [nn.Linear(sizes[0], sizes[1])]
    for before, after in pairwise(sizes[1:]):
        layers += [activation(), nn.Linear(before, after)]
    return layers


class ConvAutoencoder(Autoencoder):
    """Convolutions to 256 feature maps of a quarter of the height and width, and transposed convolutions back.

    Without ``code_size`` the feature maps are the code: for (1, 28, 28), 256 of 7×7, 12,544 numbers, sixteen times
    the image's. A ReLU is the last layer. With it, linear layers between the halves make the code a bottleneck of
    that many numbers, and a sigmoid is the last layer.

    Args:
        code_size: the numbers in the code, at least 1; None for the feature maps.
        image_shape: (channels, height, width), the last two divisible by 4.

    Raises:
        TypeError, ValueError: where they are something else.
    """

    def __init__(self, code_size: int | None = None, image_shape: tuple[int, int, int] = IMAGE_SHAPE):
        if code_size is not None:
            code_size = whole("code_size, if it is not None,", code_size)
        image_shape, quarter = quartered(image_shape)
        encoder = nn.Sequential(  # beside each layer what it makes of images (B, 1, 28, 28)
            *_block(nn.Conv2d(image_shape[0], 16, 3, padding=1)),  # (B, 16, 28, 28)
            *_block(nn.Conv2d(16, 32, 3, padding=1)),  # (B, 32, 28, 28)
            *_block(nn.Conv2d(32, 64, 3, padding=1)),  # (B, 64, 28, 28)
            nn.MaxPool2d(2),  # (B, 64, 14, 14)
            *_block(nn.Conv2d(64, 128, 3, padding=1)),  # (B, 128, 14, 14)
            nn.MaxPool2d(2),  # (B, 128, 7, 7)
            nn.Conv2d(128, 256, 3, padding=1),  # (B, 256, 7, 7)
            nn.ReLU(),
        )
        decoder = nn.Sequential(
            *_block(nn.ConvTranspose2d(256, 128, 3, stride=2, padding=1, output_padding=1)),  # (B, 128, 14, 14)
            *_block(nn.ConvTranspose2d(128, 64, 3, padding=1)),  # (B, 64, 14, 14)
            *_block(nn.ConvTranspose2d(64, 16, 3, padding=1)),  # (B, 16, 14, 14)
            nn.ConvTranspose2d(16, image_shape[0], 3, stride=2, padding=1, output_padding=1),  # (B, 1, 28, 28)
            nn.ReLU(),
        )
        maps = (256, *quarter)
        if code_size is not None:
            encoder.extend([nn.Flatten(), nn.Linear(math.prod(maps), code_size)])  # (B, code_size)
            decoder.insert(0, nn.Unflatten(1, maps))  # (B, 256, 7, 7)
            decoder.insert(0, nn.Linear(code_size, math.prod(maps)))  # (B, 12544)
            decoder[-1] = nn.Sigmoid()
        super().__init__(encoder, decoder, code_size or maps, image_shape)


def _block(layer: nn.Conv2d | nn.ConvTranspose2d, norm: bool = True) -> list[nn.Module]:
    """A convolution, a ReLU, and batch normalization after it."""
    return [layer, nn.ReLU(), *([nn.BatchNorm2d(layer.out_channels)] if norm else [])]


class LightAutoencoder(Autoencoder):
    """A convolutional trunk that a processor trains in less than a minute an epoch, and a page runs at once.

    A sigmoid keeps every pixel between 0 and 1.

    Args:
        code_size: the numbers in the code, at least 1.
        image_shape: (channels, height, width), the last two divisible by 4.
        norm: whether batch normalization stands after each ReLU.

    Raises:
        TypeError, ValueError: where they are something else.
    """

    def __init__(self, code_size: int = 20, image_shape: tuple[int, int, int] = IMAGE_SHAPE, *, norm: bool = True):
        code_size = whole("code_size", code_size)
        image_shape, quarter = quartered(image_shape)
        encoder = nn.Sequential(  # beside each layer what it makes of images (B, 1, 28, 28)
            *_block(nn.Conv2d(image_shape[0], 16, 3, stride=2, padding=1), norm),  # (B, 16, 14, 14)
            *_block(nn.Conv2d(16, 32, 3, stride=2, padding=1), norm),  # (B, 32, 7, 7)
            *_block(nn.Conv2d(32, 32, 3, padding=1), norm),  # (B, 32, 7, 7)
            nn.Flatten(),
            nn.Linear(32 * math.prod(quarter), code_size),  # (B, code_size)
        )
        decoder = nn.Sequential(
            nn.Linear(code_size, 64 * math.prod(quarter)),  # (B, 3136)
            nn.Unflatten(1, (64, *quarter)),  # (B, 64, 7, 7)
            nn.ReLU(),
            *([nn.BatchNorm2d(64)] if norm else []),
            *_block(nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1), norm),  # (B, 32, 14, 14)
            *_block(nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1), norm),  # (B, 16, 28, 28)
            nn.Conv2d(16, image_shape[0], 3, padding=1),  # (B, 1, 28, 28)
            nn.Sigmoid(),
        )
        super().__init__(encoder, decoder, code_size, image_shape)


class ResidualAutoencoder(Autoencoder):
    """A convolutional trunk with residual blocks, which does most of its work at a quarter and half of the size.

    A sigmoid keeps every pixel between 0 and 1.

    Args:
        code_size: the numbers in the code, at least 1.
        image_shape: (channels, height, width), the last two divisible by 4.

    Raises:
        TypeError, ValueError: where they are something else.
    """

    def __init__(self, code_size: int = 30, image_shape: tuple[int, int, int] = IMAGE_SHAPE):
        code_size = whole("code_size", code_size)
        image_shape, quarter = quartered(image_shape)
        encoder = nn.Sequential(  # beside each layer what it makes of images (B, 1, 28, 28)
            *_normalized(nn.Conv2d(image_shape[0], 32, 4, stride=2, padding=1)),  # (B, 32, 14, 14)
            _residual(32),
            *_normalized(nn.Conv2d(32, 64, 4, stride=2, padding=1)),  # (B, 64, 7, 7)
            _residual(64),
            _residual(64),
            nn.Flatten(),
            nn.Linear(64 * math.prod(quarter), code_size),  # (B, code_size)
        )
        decoder = nn.Sequential(
            nn.Linear(code_size, 64 * math.prod(quarter)),  # (B, 3136)
            nn.Unflatten(1, (64, *quarter)),  # (B, 64, 7, 7)
            nn.BatchNorm2d(64),
            nn.SiLU(),
            _residual(64),
            _residual(64),
            *_normalized(nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)),  # (B, 32, 14, 14)
            _residual(32),
            *_normalized(nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1)),  # (B, 16, 28, 28)
            nn.Conv2d(16, image_shape[0], 3, padding=1),  # (B, 1, 28, 28)
            nn.Sigmoid(),
        )
        super().__init__(encoder, decoder, code_size, image_shape)


def _normalized(layer: nn.Conv2d | nn.ConvTranspose2d) -> list[nn.Module]:
    return [layer, nn.BatchNorm2d(layer.out_channels), nn.SiLU()]


def _residual(width: int) -> nn.Sequential:
    """Two convolutions whose result is added to what went in: (B, width, H, W) to the same shape."""
    first, second = (nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2))
    return nn.Sequential(Residual(*_normalized(first), second, nn.BatchNorm2d(width)), nn.SiLU())


def _stacked(code_size: int = 30, image_shape: tuple[int, int, int] = IMAGE_SHAPE) -> StackedAutoencoder:
    """A stack of the sizes of 2006."""
    sizes = (math.prod(whole_shape(image_shape)), 1000, 500, 250, code_size)
    return StackedAutoencoder(sizes, image_shape=image_shape)


# By name, what makes each: of ``code_size`` and ``image_shape``, both of which may be left out.
MODELS: dict[str, Callable[..., Autoencoder]] = {
    "linear": LinearAutoencoder,
    "stacked": _stacked,
    "light": LightAutoencoder,
    "conv": ConvAutoencoder,
    "residual": ResidualAutoencoder,
}
