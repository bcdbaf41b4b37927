"""The convolutional autoencoder: a training step by the article's loop and by ours, and more.

    python -m bench.convolution

Prints the step times of both loops with their ratios, the throughput of encoding and decoding, and the time of an
epoch over an eighth, a quarter, a half and all of the images. Everything that is compared runs interleaved; the
tables show medians. Only the ratios carry over to another machine. Takes about ten minutes on two cores.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from aebook import data
from aebook.devices import best_device
from aebook.models import ConvAutoencoder
from aebook.training import fit
from bench.timing import interleaved

BATCH_SIZE = 256
STEPS = 6  # a round of each loop
ROUNDS = 5
LEARNING_RATE = 2e-4


def article(model: nn.Module, optimizer: torch.optim.Optimizer, batches: Iterator, device: torch.device) -> None:
    """The article's steps: a DataLoader with ToTensor for each image, fp32, one loss read at the end."""
    for images, _ in itertools.islice(batches, STEPS):
        images = images.to(device)
        loss = F.mse_loss(model(images), images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    loss.item()


def ours(model: nn.Module, images: Tensor, precision: str) -> None:
    """The same number of steps by ``fit``."""
    run = {"epochs": 1, "learning_rate": LEARNING_RATE, "batch_size": BATCH_SIZE, "seed": 0, "progress": False}
    fit(model, images, **run, precision=precision, channels_last=True)


def training_steps(device: torch.device) -> None:
    """Print the seconds of a step by each loop."""
    images = data.mnist().images[: STEPS * BATCH_SIZE]
    models = {name: ConvAutoencoder().to(device) for name in ("article", "fp32", "bf16")}
    optimizer = torch.optim.Adam(models["article"].parameters(), lr=LEARNING_RATE)
    with tempfile.TemporaryDirectory() as folder:
        data.unpack(folder)
        loader = DataLoader(MNIST(folder, transform=ToTensor()), BATCH_SIZE, shuffle=True, num_workers=2)
        batches = itertools.chain.from_iterable(itertools.repeat(loader))
        medians = interleaved(
            {
                "the article's loop, fp32": lambda: article(models["article"], optimizer, batches, device),
                "ours, fp32": lambda: ours(models["fp32"], images, "fp32"),
                "ours, bf16": lambda: ours(models["bf16"], images, "bf16"),
            },
            ROUNDS,
        )
    slowest = medians["the article's loop, fp32"]
    print(f"{'a step of 256 images':28} {'seconds':>8} {'times as fast':>14}")
    for name, seconds in medians.items():
        print(f"{name:28} {seconds / STEPS:8.3f} {slowest / seconds:14.2f}")


@torch.no_grad()
def throughput(device: torch.device) -> None:
    """Print how many images a second are encoded and decoded, in fp32."""
    images = data.mnist(train=False).images[:1000].to(device).float() / 255
    tasks: dict[str, Callable[[], None]] = {}
    for code_size in (None, 20):
        model = ConvAutoencoder(code_size).to(device, memory_format=torch.channels_last).eval()
        codes = model.encode(images)
        tasks[f"encode, {model.code_size} numbers"] = lambda model=model: model.encode(images).sum().item()
        tasks[f"decode, {model.code_size} numbers"] = lambda model=model, codes=codes: (
            model.decode(codes).sum().item()
        )
    print(f"\n{'evaluation mode, fp32':28} {'images a second':>17}")
    for name, seconds in interleaved(tasks, ROUNDS).items():
        print(f"{name:28} {len(images) / seconds:17,.0f}")


def epochs_by_size(device: torch.device) -> None:
    """Print the time of an epoch over parts of the images, and how far it is from being in proportion."""
    images, model = data.mnist().images, ConvAutoencoder().to(device)
    sizes = [len(images) // part for part in (8, 4, 2, 1)]
    tasks = {size: lambda size=size: ours(model, images[:size], "auto") for size in sizes}
    medians = interleaved(tasks, rounds=1)
    print(f"\n{'images in an epoch':28} {'seconds':>8} {'of the proportion':>18}")
    for size, seconds in medians.items():
        print(f"{size:<28,} {seconds:8.1f} {seconds / size * sizes[-1] / medians[sizes[-1]]:18.2f}")


def main() -> None:
    """Print the three tables."""
    device = best_device()
    print(
        f"PyTorch {torch.__version__}, {device.type}, {torch.get_num_threads()} threads, {ROUNDS} rounds, medians"
    )
    training_steps(device)
    throughput(device)
    epochs_by_size(device)


if __name__ == "__main__":
    main()
