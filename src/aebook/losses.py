"""Other losses than the mean squared error, for ``fit`` and ``evaluate``, and the error in decibels.

fit(model, images, …, loss=losses.l1)
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aebook.contract import ContractError, require_reconstructions


def l1(model: nn.Module, seen: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute error per pixel, in fp32, of what the model makes of ``seen`` against ``wanted``, (B, …).

    Where several answers are possible, their median has the least expected error; their mean has the least
    expected squared error.
    """
    reconstructions = model(seen)
    require_reconstructions(reconstructions, wanted)
    return F.l1_loss(reconstructions.float(), wanted)


def binary_cross_entropy(model: nn.Module, seen: Tensor, wanted: Tensor) -> Tensor:
    """Mean binary cross-entropy per pixel, in nats and in fp32, of what the model makes of ``seen``, (B, …).

    A pixel ``p`` against a wanted ``w``: -w·log(p) - (1-w)·log(1-p), where no logarithm is below -100. It is least
    for p = w, and there 0 only where w is 0 or 1.

    Raises:
        ContractError: where what the model makes is not from 0 to 1.
    """
    reconstructions = model(seen)
    require_reconstructions(reconstructions, wanted)
    low, high = (end.item() for end in reconstructions.detach().aminmax())
    if not (low >= 0 and high <= 1):  # a GPU would not say which numbers these are, and end the process
        ends = f"this one's go from {low:.3g} to {high:.3g}"
        raise ContractError(
            f"binary cross-entropy takes reconstructions from 0 to 1, and {ends}; end the model in a sigmoid"
        )
    with torch.autocast(reconstructions.device.type, enabled=False):  # which refuses it on a GPU
        return F.binary_cross_entropy(reconstructions.float(), wanted)


def psnr(images: Tensor, wanted: Tensor) -> float:
    """The peak signal-to-noise ratio, in decibels (dB), of images against the wanted ones, both (…), 0 to 1.

    10·log10(1 / MSE), the mean squared error taken over all pixels of all images together: 20 dB is an error of
    0.01, and 3 dB more are half of an error. Infinite where there is none.

    Raises:
        ValueError: where the two are not of one shape.

    Source: the definition that scikit-image has in ``skimage.metrics.peak_signal_noise_ratio``, for a data range
    of 1. Papers often take each image's by itself and then the mean, which is larger.
    """
    if images.shape != wanted.shape:
        shapes = f"{tuple(images.shape)} and {tuple(wanted.shape)}"
        raise ValueError(f"images and wanted must have one shape, and have {shapes}")
    error = (images.double() - wanted.double()).square().mean().item()
    return -10 * math.log10(error) if error else math.inf
