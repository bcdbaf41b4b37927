"""The autoencoders of the book."""

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


def require_shape(tensor: Tensor, shape: tuple[int, ...], what: str) -> None:
    """Refuse a batch whose items do not have the given shape."""
    if tensor.dim() != len(shape) + 1 or tuple(tensor.shape[1:]) != shape:
        expected = ", ".join(["B", *map(str, shape)])
        raise ValueError(f"{what} must have the shape ({expected}), and have {tuple(tensor.shape)}")
