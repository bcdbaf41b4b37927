"""One epoch of the linear autoencoder over MNIST's 60,000 digits, by five loops, side by side.

    python -m bench.training

Every loop takes the same model, Adam, and batches of 256. They run interleaved, so that a busy moment of
the machine meets them all; the table shows medians. Only the ratios carry over to another machine.
"""

import contextlib
import io
import logging
import os
import tempfile
import warnings
from unittest import mock

import lightning
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from aebook import data
from aebook.models import LinearAutoencoder
from aebook.training import fit
from bench.timing import interleaved

ROUNDS = 5
BATCH_SIZE = 256
LEARNING_RATE = 2e-4

# Lightning sets this for its whole process; where PyTorch could use CUDA and finds no GPU, every step of every
# optimizer then looks for the driver anew. Lightning alone is to pay for that.
LOOK_FOR_THE_DRIVER = {"PYTORCH_NVML_BASED_CUDA_CHECK": os.environ.pop("PYTORCH_NVML_BASED_CUDA_CHECK", "0")}


def step(model: LinearAutoencoder, optimizer: torch.optim.Optimizer, images: Tensor) -> None:
    """What every loop has to do for a batch."""
    loss = F.mse_loss(model(images), images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def article(loader: DataLoader) -> None:
    """The article's loop: torchvision's MNIST, ToTensor for each image, a DataLoader with 2 workers."""
    model = LinearAutoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    for images, _ in loader:
        step(model, optimizer, images)


class LightningAutoencoder(lightning.LightningModule):
    """The same model and step, as PyTorch Lightning wants them written."""

    def __init__(self):
        super().__init__()
        self.model = LinearAutoencoder()

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """The loss of a batch."""
        images, _ = batch
        return F.mse_loss(self.model(images), images)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam, as in every loop here."""
        return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)


def with_lightning(loader: DataLoader) -> None:
    """PyTorch Lightning's Trainer over the same DataLoader, with everything but the training switched off."""
    trainer = lightning.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    with mock.patch.dict(os.environ, LOOK_FOR_THE_DRIVER):
        trainer.fit(LightningAutoencoder(), loader)


def ours(images: Tensor) -> None:
    """The book's ``fit``, with its progress bar, which is drawn but not shown."""
    with contextlib.redirect_stderr(io.StringIO()):
        fit(LinearAutoencoder(), images, epochs=1, learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE, seed=0)


def floor(batches: list[Tensor]) -> None:
    """The steps alone, with our fused Adam, over batches made ready: nothing shuffled, nothing recorded."""
    model = LinearAutoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    for images in batches:
        step(model, optimizer, images)


def shuffling_floor(images: Tensor) -> None:
    """The same steps over bytes in a new order, as any loop has to take them that keeps its images as they are."""
    model = LinearAutoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    for places in torch.randperm(len(images)).split(BATCH_SIZE):
        step(model, optimizer, images.index_select(0, places) / 255)


def main() -> None:
    """Print the table."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    images = data.mnist().images
    batches = [batch.float() / 255 for batch in images.split(BATCH_SIZE)]
    with tempfile.TemporaryDirectory() as folder:
        data.unpack(folder)
        digits = MNIST(folder, transform=ToTensor())
        loader = DataLoader(digits, BATCH_SIZE, shuffle=True, num_workers=2, drop_last=True)
        medians = interleaved(
            {
                "the article's loop": lambda: article(loader),
                "Lightning's Trainer": lambda: with_lightning(loader),
                "ours": lambda: ours(images),
                "floor, shuffled": lambda: shuffling_floor(images),
                "bare floor": lambda: floor(batches),
            },
            ROUNDS,
        )
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, {ROUNDS} rounds, medians")
    print(f"{'':20} {'seconds':>8} {'times ours':>11}")
    for name, taken in medians.items():
        print(f"{name:20} {taken:8.3f} {taken / medians['ours']:11.2f}")


if __name__ == "__main__":
    main()
