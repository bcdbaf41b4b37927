"""What is done with codes: they are computed for many images, labelled by few, and rounded to a few bits.

What a library has better is not here: neighbours, probes and whitening are scikit-learn's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from aebook import batches, contract
from aebook.contract import whole
from aebook.running import mode

MOST_BITS = 16  # for a number; fp32 itself keeps 24
REACHES = torch.linspace(0.25, 6, 47)  # how far from the mean a rounded number may lie, in standard deviations


@torch.no_grad()
def encoded(model: nn.Module, images, batch_size: int | None = None) -> Tensor:
    """The codes of many images, as rows (N, K) of floats on the CPU: a code of another shape becomes a row.

    The model is in evaluation mode meanwhile, and in its own mode again afterwards.

    Args:
        model: with ``encode``, from images (B, …) to codes (B, …).
        images: what ``fit`` takes: (N, …), whole numbers from 0 to 255 or floats from 0 to 1, or a DataLoader.
        batch_size: images at a time, 250 if not given; only the speed depends on it.

    Raises:
        TypeError, ValueError: where the model or the images are something else.
    """
    if not callable(getattr(model, "encode", None)):
        raise TypeError(f"model must have encode, from images to codes, and is a {type(model).__name__}")
    source = batches.source(images, contract.require_model(model), batch_size, usual=batches.AT_ONCE)
    with mode(model, training=False):
        return torch.cat([model.encode(batch).flatten(1).float().cpu() for batch in source])


def few_of_each(labels: Tensor, each: int, seed: int) -> Tensor:
    """Which images to label, if so many of each class are to be: places (classes · each,), drawn by chance.

    Args:
        labels: (N,), whole numbers that name the classes.
        each: how many of each class, at least 1.
        seed: decides which.

    Raises:
        ValueError: where a class has fewer, or labels or ``each`` are not as above.
    """
    each = whole("each", each)
    if labels.dim() != 1 or not len(labels) or labels.is_floating_point():
        raise ValueError(f"labels must be whole numbers (N,), and are {labels.dtype} of {tuple(labels.shape)}")
    mixed = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    chosen = []
    for label in labels.unique().tolist():
        places = mixed[labels[mixed] == label][:each]
        if len(places) < each:
            raise ValueError(f"each must be at most {len(places)}, as many as there are of class {label}")
        chosen.append(places)
    return torch.cat(chosen)


class Rounding:
    """Sends codes through a narrow line: each number of a code becomes one of 2^bits whole numbers.

    The values of a number, from so many standard deviations below its mean to as many above, are cut into 2^bits
    cells of one width. Its cell is what is sent, and the middle of the cell what arrives; a value beyond the ends
    is in the last cell. How many standard deviations is chosen for each number, for the least squared difference
    over ``codes``.

    Args:
        codes: (N, K), from which means, spreads and reaches are taken; at least two, finite.
        bits: for each number, 0 to 16: one for all, or K of them. A number with 0 bits arrives as its mean.

    Raises:
        TypeError, ValueError: where they are something else; at the call, where codes are not (N, K).
    """

    def __init__(self, codes: Tensor, bits: int | Sequence[int]):
        _require_rows(codes)
        self.bits = _bits(bits, codes.shape[1])
        self.cells = 2 ** torch.tensor(self.bits)  # (K,)
        self.mean, self.spread = codes.mean(dim=0), codes.std(dim=0).clamp_min(1e-12)
        errors = []
        for reach in REACHES:
            self.reach = reach.expand_as(self.mean)
            errors.append((self(codes) - codes).square().mean(dim=0))
        self.reach = REACHES[torch.stack(errors).argmin(dim=0)]

    @property
    def total(self) -> int:
        """How many bits a code has."""
        return sum(self.bits)

    def send(self, codes: Tensor) -> Tensor:
        """The cells of codes (N, K): whole numbers of the same shape, from 0 to 2^bits - 1."""
        _require_rows(codes, len(self.bits))
        place = (codes - self.mean) / (self.reach * self.spread)  # from -1 to 1, and beyond
        return ((place + 1) / 2 * self.cells).floor().clamp_min(0).minimum(self.cells - 1.0).long()

    def receive(self, cells: Tensor) -> Tensor:
        """The codes (N, K) that arrive: the middle of each cell."""
        _require_rows(cells, len(self.bits))
        return self.mean + self.reach * self.spread * ((2 * cells + 1) / self.cells - 1)

    def __call__(self, codes: Tensor) -> Tensor:
        """Codes (N, K) as they arrive."""
        return self.receive(self.send(codes))


def shared_bits(codes: Tensor, total: int) -> list[int]:
    """How to share so many bits among the K numbers of codes (N, K), for the least squared difference.

    Each bit goes to the number whose squared difference it lowers most. That is right where the squared difference
    of codes is that of the pictures, as it is for PCA; a nonlinear decoder weighs the numbers in another way.

    Raises:
        TypeError, ValueError: where ``total`` is no whole number from 1 to 16 · K, or codes are not (N, K).
    """
    _require_rows(codes)
    total, size = whole("total", total), codes.shape[1]
    if total > MOST_BITS * size:
        raise ValueError(f"total must be from 1 to {MOST_BITS * size} for {size} numbers, and is {total}")
    left = {bits: (Rounding(codes, bits)(codes) - codes).square().mean(dim=0) for bits in (0, 1)}
    shares = [0] * size
    for _ in range(total):
        gains = [left[bits][at] - left[bits + 1][at] if bits < MOST_BITS else -1 for at, bits in enumerate(shares)]
        best = max(range(size), key=gains.__getitem__)
        shares[best] += 1
        if (needed := shares[best] + 1) <= MOST_BITS and needed not in left:
            left[needed] = (Rounding(codes, needed)(codes) - codes).square().mean(dim=0)
    return shares


def _bits(bits: int | Sequence[int], size: int) -> list[int]:
    """The bits of each of ``size`` numbers."""
    listed = [bits] * size if isinstance(bits, int) else list(bits)
    if len(listed) != size or any(not isinstance(one, int) or not 0 <= one <= MOST_BITS for one in listed):
        accepted = f"bits must be a whole number from 0 to {MOST_BITS}, or {size} of them"
        raise ValueError(f"{accepted}, and are {bits!r}")
    return listed


def _require_rows(codes: Tensor, size: int | None = None) -> None:
    if not isinstance(codes, Tensor):
        raise TypeError(f"codes must be a tensor (N, K), and are a {type(codes).__name__}")
    if codes.dim() != 2 or (size and codes.shape[1] != size) or (size is None and len(codes) < 2):
        accepted = f"(N, {size})" if size else "(N, K), at least two"
        raise ValueError(f"codes must have the shape {accepted}, and have {tuple(codes.shape)}")
    if not codes.isfinite().all():
        raise ValueError(f"codes must be finite, and {int((~codes.isfinite()).sum())} of {codes.numel()} are not")
