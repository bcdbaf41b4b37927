"""The autoencoders of the book."""

from itertools import pairwise

import torch
from torch import Tensor, nn


class LinearAutoencoder(nn.Module):
    """One linear layer to a code of ``code_size`` numbers, one linear layer back, and nothing between them.

    Takes images (B, 1, 28, 28), for any B, and gives reconstructions of the same shape. Nothing keeps these
    between 0 and 1.
    """

    def __init__(self, code_size: int = 20):
        super().__init__()
        if code_size < 1:
            raise ValueError(f"code_size must be at least 1, and is {code_size}")
        self.code_size = code_size
        self.encoder = nn.Linear(28 * 28, code_size)  # (B, code_size)
        self.decoder = nn.Linear(code_size, 28 * 28)  # (B, 784)

    def encode(self, images: Tensor) -> Tensor:
        """The codes, (B, code_size), of images (B, 1, 28, 28)."""
        require_shape(images, (1, 28, 28), "images")
        return self.encoder(images.flatten(1))

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, 1, 28, 28), of codes (B, code_size)."""
        require_shape(codes, (self.code_size,), "codes")
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
            images: (N, 1, 28, 28), floats in [0, 1].
            code_size: 1 to 784.

        Source: P. Baldi and K. Hornik, "Neural networks and principal component analysis: learning from
        examples without local minima", Neural Networks 2, 1989.
        """
        require_shape(images, (1, 28, 28), "images")
        if not 1 <= code_size <= 784:
            raise ValueError(f"code_size must be from 1 to 784, and is {code_size}")
        # In float64: the smallest eigenvalues are a billionth of the largest.
        pixels = images.flatten(1).double()
        mean = pixels.mean(dim=0)
        _, vectors = torch.linalg.eigh(torch.cov(pixels.T))  # columns, by growing eigenvalue
        components = vectors.flip(1)[:, :code_size]  # (784, code_size)
        model = cls(code_size).to(images.device)
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

    Source: G. Hinton and R. Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006, for the default sizes. Their units were logistic.
    """

    def __init__(self, sizes: tuple[int, ...] = (784, 1000, 500, 250, 30), activation: type[nn.Module] = nn.ELU):
        super().__init__()
        if len(sizes) < 2 or sizes[0] != 784 or min(sizes) < 1:
            raise ValueError(f"sizes must go from 784 to the code's, each at least 1, and are {tuple(sizes)}")
        self.code_size = sizes[-1]
        self.encoder = nn.Sequential(*_linear_layers(sizes, activation))  # (B, code_size)
        self.decoder = nn.Sequential(*_linear_layers(sizes[::-1], activation), nn.Sigmoid())  # (B, 784)

    def encode(self, images: Tensor) -> Tensor:
        """The codes, (B, code_size), of images (B, 1, 28, 28)."""
        require_shape(images, (1, 28, 28), "images")
        return self.encoder(images.flatten(1))

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, 1, 28, 28), of codes (B, code_size)."""
        require_shape(codes, (self.code_size,), "codes")
        return self.decoder(codes).view(-1, 1, 28, 28)

    def forward(self, images: Tensor) -> Tensor:
        """The reconstructions, (B, 1, 28, 28), of images (B, 1, 28, 28)."""
        return self.decode(self.encode(images))


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
    """

    def __init__(self, code_size: int | None = None):
        super().__init__()
        if code_size is not None and code_size < 1:
            raise ValueError(f"code_size must be at least 1, or None for the feature maps, and is {code_size}")
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
        require_shape(images, (1, 28, 28), "images")
        return self.encoder(images)

    def decode(self, codes: Tensor) -> Tensor:
        """The images, (B, 1, 28, 28), of codes (B, code_size) or (B, 256, 7, 7)."""
        require_shape(codes, self.code_shape, "codes")
        return self.decoder(codes)

    def forward(self, images: Tensor) -> Tensor:
        """The reconstructions, (B, 1, 28, 28), of images (B, 1, 28, 28)."""
        return self.decode(self.encode(images))


def require_shape(tensor: Tensor, shape: tuple[int, ...], what: str) -> None:
    """Refuse a batch whose items do not have the given shape."""
    if tensor.dim() != len(shape) + 1 or tuple(tensor.shape[1:]) != shape:
        expected = ", ".join(["B", *map(str, shape)])
        raise ValueError(f"{what} must have the shape ({expected}), and have {tuple(tensor.shape)}")
