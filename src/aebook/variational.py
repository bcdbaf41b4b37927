"""The variational autoencoder: a code that is a cloud instead of a point, the loss that trains it, its likelihood.

All losses and likelihoods are in nats an image, for pixels that are independent given the code, each ink with the
probability that the decoder draws there.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aebook.contract import real, whole
from aebook.models import IMAGE_SHAPE, StackedAutoencoder
from aebook.shapes import require_codes, require_images, require_shape_of_images


class VariationalAutoencoder(StackedAutoencoder):
    """A stacked autoencoder whose encoder gives each number of the code a mean and a variance.

    ``encode`` and the model itself use the means, so wherever an autoencoder goes, this one does too.

    Args:
        sizes: how many numbers each layer holds, from the image's 784 to the code's; the decoder is its mirror.
        activation: the nonlinearity, a module class.
        image_shape: (channels, height, width); the first of the sizes is their product.

    Raises:
        TypeError, ValueError: where they are something else.

    Source: D. Kingma and M. Welling, "Auto-encoding variational Bayes", ICLR 2014.
    """

    def __init__(
        self,
        sizes: tuple[int, ...] = (784, 200, 200, 20),
        activation: type[nn.Module] = nn.ELU,
        image_shape: tuple[int, int, int] = IMAGE_SHAPE,
    ):
        super().__init__(sizes, activation, image_shape)
        means = self.encoder[-1]
        self.log_variances = nn.Linear(means.in_features, means.out_features)  # the one layer more

    def posterior(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Where the codes of images (B, *image_shape) may lie: means and log variances, both (B, code_size)."""
        require_images(images, self.image_shape, self.encoder)
        hidden = self.encoder[:-1](images)
        return self.encoder[-1](hidden), self.log_variances(hidden)

    def logits(self, codes: Tensor) -> Tensor:
        """What the last sigmoid makes pixels of, (B, pixels), for codes (B, code_size)."""
        require_codes(codes, self.code_shape, self.decoder)
        return self.decoder[:-2](codes)


def reparametrized(means: Tensor, log_variances: Tensor) -> Tensor:
    """Codes by chance, (B, code_size), through which gradients reach the means and the log variances.

    The chance is PyTorch's (``torch.manual_seed``).
    """
    return means + (log_variances / 2).exp() * torch.randn_like(means)


def kl_divergence(means: Tensor, log_variances: Tensor) -> Tensor:
    """How far each number's Gaussian is from N(0, 1), (B, code_size), in nats: the Kullback-Leibler divergence.

        KL = (mean² + variance - log variance - 1) / 2

    Source: D. Kingma and M. Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix B.
    """
    return (means.square() + log_variances.exp() - log_variances - 1) / 2


def pixel_cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """Binary cross-entropy of images (B, ...) in [0, 1], (B,), in nats; of black and white ones, -log p(x|z)."""
    pixels = wanted.flatten(1)
    return F.binary_cross_entropy_with_logits(logits.float(), pixels, reduction="none").sum(dim=1)


class NegativeBound:
    """The loss of a variational autoencoder, for ``fit`` and ``evaluate``: wrong pixels, and what the code costs.

        loss = cross-entropy of the pixels + beta * divergence of the code,   the mean over images, in nats

    Of black and white images, with beta 1, it is an upper bound of -log p(x). It draws a code by chance for each
    image, from PyTorch's generator.

    Args:
        beta: the weight of the divergence, at least 0.
        binarize: whether every pixel is first made black or white, by chance, with its grey as the probability,
            anew each time. The model then sees what is wanted of it: no ``corrupt``.

    Raises:
        TypeError, ValueError: where beta is something else; at the call, where both are asked for.

    Source: for beta, I. Higgins and others, "beta-VAE", ICLR 2017.
    """

    def __init__(self, beta: float = 1.0, *, binarize: bool = False):
        self.beta, self.binarize = real("beta", beta, zero=True), binarize
        self.__qualname__ = f"NegativeBound({self.beta}, binarize={binarize})"  # a checkpoint knows it by this

    def __call__(self, model: VariationalAutoencoder, seen: Tensor, wanted: Tensor) -> Tensor:
        """The loss, a scalar, of a model that sees images (B, ...) and of those that are wanted of it."""
        if self.binarize:
            if seen is not wanted:
                raise ValueError("binarize draws what the model sees, so there can be no corrupt beside it")
            seen = wanted = torch.bernoulli(wanted)
        means, log_variances = model.posterior(seen)
        logits = model.logits(reparametrized(means, log_variances))
        cost = kl_divergence(means.float(), log_variances.float()).sum(dim=1)
        return (pixel_cross_entropy(logits, wanted) + self.beta * cost).mean()


def importance_weighted(
    log_likelihood: Callable[[Tensor], Tensor], means: Tensor, log_variances: Tensor, samples: int
) -> Tensor:
    """Estimate log p(x) of each of B images, (B,), by codes drawn from its Gaussian; the prior is N(0, I).

        log p(x) ≈ log mean of p(x|z) p(z) / q(z|x),   over z drawn from q(z|x)

    On average it is too small, and the less so the more samples there are; with one it is the bound itself.

    Args:
        log_likelihood: of codes (B, code_size), a code for each image: log p(x|z), (B,).
        means: of q(z|x), (B, code_size).
        log_variances: the same.
        samples: codes an image, at least 1.

    Source: Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016.
    """
    samples = whole("samples", samples)
    total = means.new_full(means.shape[:1], -math.inf)
    for _ in range(samples):
        noise = torch.randn_like(means)
        codes = means + (log_variances / 2).exp() * noise
        # Both Gaussians have the same constant: it cancels.
        prior_over_posterior = (noise.square() + log_variances - codes.square()).sum(dim=1) / 2
        total = torch.logaddexp(total, log_likelihood(codes) + prior_over_posterior)
    return total - math.log(samples)


@torch.no_grad()
def log_likelihood(model: VariationalAutoencoder, images: Tensor, samples: int) -> Tensor:
    """Estimate log p(x) of black and white images by the model, (B,), in nats, by ``importance_weighted``.

    Args:
        model: in the mode it is in.
        images: (B, *image_shape), floats that are all 0 or 1.
        samples: codes an image; time grows with it, memory does not.

    Raises:
        ValueError: where a pixel is grey, for which the model has no probability.
    """
    require_shape_of_images(images, model.image_shape)
    if ((images != 0) & (images != 1)).any():
        raise ValueError("images must be black and white, 0 or 1, and hold greys; try torch.bernoulli(images)")
    means, log_variances = model.posterior(images)
    return importance_weighted(
        lambda codes: -pixel_cross_entropy(model.logits(codes), images), means, log_variances, samples
    )
