"""How far a set of pictures is from another, as one number: the Fréchet distance of a classifier's features."""

import torch
from torch import Tensor, nn

from aebook.shapes import require_images

IMAGE_SHAPE = (1, 28, 28)


class Classifier(nn.Module):
    """A small convolutional network that tells digits apart, and what it looks at to do so.

    Takes images (B, 1, 28, 28) and gives a score for each of the ten digits, (B, 10), of which a softmax makes
    probabilities.

    Args:
        body: from images to features (B, features); the convolutional one if not given.
        features: how many there are.
    """

    def __init__(self, body: nn.Sequential | None = None, features: int = 64):
        super().__init__()
        self.body = body or nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),  # (B, 16, 14, 14)
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (B, 32, 7, 7)
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, features),  # (B, features)
            nn.ReLU(),
        )
        self.head = nn.Linear(features, 10)

    def features(self, images: Tensor) -> Tensor:
        """What the last layer decides by, (B, features), for images (B, 1, 28, 28)."""
        require_images(images, IMAGE_SHAPE, self.body)
        return self.body(images)

    def forward(self, images: Tensor) -> Tensor:
        """The scores, (B, 10), of images (B, 1, 28, 28)."""
        return self.head(self.features(images))


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """The squared Fréchet distance of two sets of features, (N, F) and (M, F), taken for two Gaussians.

        |mean₁ - mean₂|² + trace(C₁ + C₂ - 2 (C₁ C₂)^½),   with the covariances C

    It is 0 for sets of equal mean and covariance, whatever else they differ in; in the features' unit, squared.
    Small sets are farther from each other than large ones are: compare sets of one size.

    Raises:
        ValueError: where they are not two such sets, of at least two rows each.

    Source: D. Dowson and B. Landau, "The Fréchet distance between multivariate normal distributions", Journal of
    Multivariate Analysis 12, 1982; with a classifier's features, M. Heusel and others, NIPS 2017.
    """
    shapes = [tuple(rows.shape) for rows in (first, second)]
    if any(len(shape) != 2 or shape[0] < 2 for shape in shapes) or shapes[0][1] != shapes[1][1]:
        raise ValueError(
            "features must be (N, F) and (M, F), of at least two rows each, and are {} and {}".format(*shapes)
        )
    first, second = first.double(), second.double()
    apart = (first.mean(dim=0) - second.mean(dim=0)).square().sum()
    one, other = (torch.atleast_2d(torch.cov(rows.T)) for rows in (first, second))
    # C₁ C₂ has the eigenvalues of the symmetric C₁^½ C₂ C₁^½, and the root's trace is the sum of their roots.
    root = _root(one)
    eigenvalues = torch.linalg.eigvalsh(root @ other @ root).clamp(min=0)
    return (apart + one.trace() + other.trace() - 2 * eigenvalues.sqrt().sum()).item()


def _root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a covariance."""
    values, vectors = torch.linalg.eigh(covariance)
    return vectors * values.clamp(min=0).sqrt() @ vectors.T
