"""What ``fit`` and ``evaluate`` take as images, and how it becomes batches of floats on the model's device.

A tensor, a NumPy array or a Dataset is read by places in an order that the caller gives; a DataLoader has its own.
"""

import hashlib
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from aebook.contract import whole

ACCEPTED = "images must be at least one image, uint8, or finite floats in [0, 1]"
AT_ONCE = 250  # images, where nothing is learned: with 1000, a CPU takes half as long again for convolutions
ROUNDING = 1e-6  # how far beyond 0 and 1 a float may be by rounding alone


def checked(images: Tensor) -> Tensor:
    """The images, (N, …), if they are uint8, or finite floats in [0, 1].

    Raises:
        TypeError, ValueError: where they are something else; the message says what they are.
    """
    if not isinstance(images, Tensor):
        raise TypeError(f"{ACCEPTED}; this is a {type(images).__name__}")
    if images.dim() == 0 or images.numel() == 0:
        raise ValueError(f"{ACCEPTED}; these have the shape {tuple(images.shape)}")
    if images.dtype == torch.uint8:
        return images
    if not images.is_floating_point():
        raise TypeError(f"{ACCEPTED}; these are {images.dtype}")
    low, high = (end.item() for end in images.detach().aminmax())
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):  # so written, nan, which compares with nothing, is refused
        raise ValueError(f"{ACCEPTED}; these go from {low:.9g} to {high:.9g}{_divide(high)}")
    return images.detach()


def source(images, device: torch.device, batch_size: int | None, usual: int = 256) -> "Pictures | Items | Loader":
    """Whatever the caller has as images, as one of the three below, which give their batches in turn.

    Args:
        images: a tensor or NumPy array, (N, …), uint8 or floats in [0, 1]; a Dataset, or a DataLoader, whose items
            are such images or (image, label) pairs.
        device: where the batches are wanted.
        batch_size: images a batch; None takes a DataLoader's own, and ``usual`` otherwise.
        usual: that many.

    Raises:
        TypeError, ValueError: where the images are something else; the message says what, and what to do.
    """
    if isinstance(images, Pictures | Items | Loader):  # made ready before
        return images
    if isinstance(images, DataLoader):
        return Loader(images, device, batch_size)
    batch_size = usual if batch_size is None else whole("batch_size", batch_size)
    if isinstance(images, Dataset):
        return Items(images, device, batch_size)
    if isinstance(images, np.ndarray):
        images = _tensor(images)
    if isinstance(images, tuple) and hasattr(images, "images"):
        raise TypeError(f"{ACCEPTED}; this is a {type(images).__name__}: give its .images")
    return Pictures(checked(images), device, batch_size)


class InPlaces:
    """Images that have places, from 0; iterated, they come in the order of these.

    Attributes:
        count: how many images there are.
        batch_size: images a batch.
        steps: how many batches that makes.
        shape: of an image, where all are known to have one.
        home: the device that they are read from; an order that lies there too makes no GPU wait.
    """

    shape: tuple[int, ...] | None = None
    home = torch.device("cpu")

    @property
    def sizes(self) -> tuple[int, int]:
        """How many images the first batch has, and the last one."""
        return min(self.batch_size, self.count), self.count % self.batch_size or self.batch_size

    def random_state(self) -> dict[str, Tensor]:
        """Where a generator of its own stands: it has none."""
        return {}

    def set_random_state(self, states: dict[str, Tensor]) -> None:
        """Nothing to put back."""

    def __iter__(self) -> Iterator[Tensor]:
        for places in torch.arange(self.count, device=self.home).split(self.batch_size):
            yield self.batch(places)


class Pictures(InPlaces):
    """Images in one tensor: on the device where they fit there, else a batch at a time."""

    def __init__(self, images: Tensor, device: torch.device, batch_size: int):
        self.images = images.to(device) if _fits(images, device) else images
        self.home = self.images.device
        self.device, self.batch_size, self.count, self.shape = device, batch_size, len(images), images.shape[1:]
        self.steps = -(-self.count // batch_size)

    def batch(self, places: Tensor) -> Tensor:
        """The images at these places, as floats, (B, …)."""
        return _floats(self.images.index_select(0, places), self.device)

    def fingerprint(self) -> dict:
        """What tells a checkpoint's images from others."""
        pixels = self.images.cpu().contiguous().view(-1).view(torch.uint8).numpy()
        digest = hashlib.sha256(pixels.data).hexdigest()
        return {"shape": list(self.images.shape), "dtype": str(self.images.dtype), "sha256": digest}


class Items(InPlaces):
    """Images of a Dataset, read anew each time: what it does to them by chance differs from epoch to epoch."""

    def __init__(self, dataset: Dataset, device: torch.device, batch_size: int):
        if isinstance(dataset, IterableDataset) or not hasattr(dataset, "__len__"):
            raise TypeError(f"a Dataset must have a length and places; {type(dataset).__name__} has none")
        if not len(dataset):
            raise ValueError(f"{ACCEPTED}; this {type(dataset).__name__} is empty")
        self.dataset, self.device, self.batch_size, self.count = dataset, device, batch_size, len(dataset)
        self.steps = -(-self.count // batch_size)

    def batch(self, places: Tensor) -> Tensor:
        """The images at these places, as floats, (B, …)."""
        images = [_image(self.dataset[place], "Dataset") for place in places.tolist()]
        if shapes := {tuple(image.shape) for image in images} - {tuple(images[0].shape)}:
            both = f"{tuple(images[0].shape)} and {shapes.pop()}"
            raise ValueError(f"the Dataset's images must have one shape, and have {both}; resize or crop them")
        return _floats(checked(torch.stack(images)), self.device)

    def fingerprint(self) -> dict:
        """What tells a checkpoint's images from others: of a Dataset that is its kind and its length."""
        return {"dataset": type(self.dataset).__name__, "images": self.count}


class Loader:
    """A DataLoader's batches, in its own order and of its own size."""

    batch_size = shape = None

    def __init__(self, loader: DataLoader, device: torch.device, batch_size: int | None):
        if batch_size is not None:
            raise ValueError(f"a DataLoader has its own batch size; leave out batch_size, which is {batch_size}")
        try:
            self.steps = len(loader)
        except TypeError:
            raise TypeError("a DataLoader must know its length; this one's dataset has none") from None
        if not self.steps:
            raise ValueError(f"{ACCEPTED}; this DataLoader gives no batch")
        self.loader, self.device = loader, device

    def __iter__(self) -> Iterator[Tensor]:
        for batch in self.loader:
            yield _floats(checked(_image(batch, "DataLoader")), self.device)

    @property
    def sizes(self) -> tuple[int, int]:
        """How many images the first batch has, and the last one; as if all were alike where nobody can know."""
        size = self.loader.batch_size or 1
        if self.loader.batch_size is None or self.loader.drop_last:
            return size, size
        return size, len(self.loader.sampler) % size or size

    def random_state(self) -> dict[str, Tensor]:
        """Where the loader's own generator stands, if it has one."""
        generator = self.loader.generator
        return {} if generator is None else {"loader": generator.get_state()}

    def set_random_state(self, states: dict[str, Tensor]) -> None:
        """Put that generator back."""
        if self.loader.generator is not None and "loader" in states:
            self.loader.generator.set_state(states["loader"])

    def fingerprint(self) -> dict:
        """What tells a checkpoint's images from others: of a DataLoader that is how many batches it gives."""
        return {"loader": type(self.loader.dataset).__name__, "batches": self.steps}


def _image(item, giver: str) -> Tensor:
    """The image of an item that may be an (image, label) pair."""
    image = item[0] if isinstance(item, tuple | list) and len(item) else item
    if isinstance(image, np.ndarray):
        return _tensor(image)
    if not isinstance(image, Tensor):
        advice = "; give the dataset transform=ToTensor()" if hasattr(image, "getbands") else ""
        kind = type(image).__name__
        raise TypeError(f"a {giver} must give tensors, or pairs (tensor, label); this one gives {kind}{advice}")
    return image


def _tensor(array: np.ndarray) -> Tensor:
    """A NumPy array as a tensor, whatever its byte order and strides, and whether or not it may be written to."""
    if array.dtype.kind not in "uif" or array.dtype.itemsize > 8:
        raise TypeError(f"{ACCEPTED}; these are NumPy's {array.dtype}")
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def _floats(pixels: Tensor, device: torch.device) -> Tensor:
    """Pixels as fp32 on the device; they travel there as they are, for bytes are a quarter of the way."""
    pixels = pixels.to(device, non_blocking=True)
    return pixels / 255 if pixels.dtype == torch.uint8 else pixels.float()


def _fits(images: Tensor, device: torch.device) -> bool:
    """Whether the images leave at least half of a GPU's free memory to the training."""
    return device.type != "cuda" or 2 * images.nbytes < torch.cuda.mem_get_info(device)[0]


def _divide(high: float) -> str:
    return "; bytes as floats? divide them by 255" if 1 < high <= 255 else ""
