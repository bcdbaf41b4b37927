"""Scores of how unfamiliar images are: the larger, the less they are like those that a model was made from.

Each takes a batch and gives one number for each image. None knows by itself what is large: a threshold has to be
chosen on images that are familiar, and that no model was trained on.
"""

import torch
from torch import Tensor, nn

from aebook import batches
from aebook.contract import require_model, whole

BATCH = 1000  # images or codes at a time; only the speed and the memory depend on it


@torch.no_grad()
def errors(model: nn.Module, images: Tensor) -> Tensor:
    """The mean squared error of each image's reconstruction, per pixel, (B,), on the CPU.

    Args:
        model: gives reconstructions (B, 1, H, W) of images (B, 1, H, W); it is left in evaluation mode.
        images: (B, 1, H, W), uint8 or floats in [0, 1].

    Raises:
        TypeError, ValueError: where they are something else.
    """
    device = require_model(model)
    model.eval()
    parts = (pixels(batch).to(device) for batch in batches.checked(images).split(BATCH))
    return torch.cat([(model(part) - part).square().flatten(1).mean(1).cpu() for part in parts])


def neighbours(codes: Tensor, known: Tensor, nearest: int = 5) -> Tensor:
    """The mean Euclidean distance of each code, (B, n), to the nearest of the known ones, (N, n): (B,).

    Args:
        codes: those of the images to judge; pixels will do as well.
        known: those of familiar images. A code that is among them is its own nearest.
        nearest: how many of them count, at least 1 and at most N.

    Raises:
        TypeError, ValueError: where they are something else.
    """
    nearest = whole("nearest", nearest)
    _require_codes(codes, known)
    if nearest > len(known):
        raise ValueError(f"nearest must be at most the {len(known)} known codes, and is {nearest}")
    parts = [torch.cdist(part, known).topk(nearest, largest=False).values.mean(1) for part in codes.split(BATCH)]
    return torch.cat(parts)


def mahalanobis(codes: Tensor, known: Tensor) -> Tensor:
    """How far each code, (B, n), is from the mean of the known ones, (N, n), each direction by their spread: (B,).

        sqrt((code - mean)ᵀ C⁻¹ (code - mean)),    C the covariance of the known codes

    Directions in which these do not vary at all do not count.

    Raises:
        TypeError, ValueError: where they are something else.
    """
    _require_codes(codes, known)
    known = known.double()
    mean = known.mean(0)
    precision = torch.linalg.pinv(torch.cov(known.T, correction=0).reshape(len(mean), -1), hermitian=True)
    away = codes.double() - mean
    return ((away @ precision) * away).sum(1).clamp(min=0).sqrt().to(codes.dtype)


def pixels(images: Tensor) -> Tensor:
    """Images as floats in [0, 1]; those of uint8 are divided by 255."""
    return images / 255 if images.dtype == torch.uint8 else images.float()


def _require_codes(codes: Tensor, known: Tensor) -> None:
    both = (codes, known)
    given = " and ".join(str(tuple(one.shape)) if isinstance(one, Tensor) else type(one).__name__ for one in both)
    accepted = "codes and known must be floats, (B, n) and (N, n), N at least 1"
    if not all(isinstance(one, Tensor) and one.is_floating_point() for one in both):
        raise TypeError(f"{accepted}; they are {given}")
    if codes.dim() != 2 or known.dim() != 2 or codes.shape[1] != known.shape[1] or not len(known):
        raise ValueError(f"{accepted}; they are {given}")
