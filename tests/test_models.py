"""aebook.models: shapes, counts, and what PCA says they can do."""

import pytest
import torch
import torch.nn.functional as F

from aebook import data
from aebook.models import LinearAutoencoder


def test_the_linear_autoencoder_of_the_book_has_32164_parameters():
    assert sum(parameter.numel() for parameter in LinearAutoencoder(20).parameters()) == 32_164


@pytest.mark.parametrize("batch", [0, 1, 2, 7, 256, 1000])
@pytest.mark.parametrize("code_size", [1, 20, 784])
def test_any_batch_keeps_its_shape_through_the_code(batch, code_size):
    model, images = LinearAutoencoder(code_size), torch.rand(batch, 1, 28, 28)
    codes = model.encode(images)
    assert codes.shape == (batch, code_size)
    assert model.decode(codes).shape == images.shape
    assert torch.equal(model(images), model.decode(codes))


def test_a_batch_is_its_images_one_by_one():
    model, images = LinearAutoencoder(), torch.rand(16, 1, 28, 28)
    one_by_one = torch.cat([model(image.unsqueeze(0)) for image in images])
    torch.testing.assert_close(model(images), one_by_one)


def test_images_laid_out_in_another_order_in_memory_give_the_same():
    model, images = LinearAutoencoder(), torch.rand(4, 1, 28, 28)
    turned = images.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0)
    assert not turned.is_contiguous()
    torch.testing.assert_close(model(turned), model(images))


@pytest.mark.parametrize(
    "shape", [(28, 28), (1, 28, 28), (5, 28, 28), (5, 784), (5, 3, 28, 28), (5, 1, 32, 32), ()]
)
def test_images_of_another_shape_are_refused_with_both_shapes_named(shape):
    with pytest.raises(ValueError) as refusal:
        LinearAutoencoder()(torch.zeros(shape))
    assert str(refusal.value) == f"images must have the shape (B, 1, 28, 28), and have {shape}"


@pytest.mark.parametrize("shape", [(20,), (5, 19), (5, 20, 1)])
def test_codes_of_another_shape_are_refused_with_both_shapes_named(shape):
    with pytest.raises(ValueError) as refusal:
        LinearAutoencoder(20).decode(torch.zeros(shape))
    assert str(refusal.value) == f"codes must have the shape (B, 20), and have {shape}"


@pytest.mark.parametrize("code_size", [0, -1])
def test_a_code_of_no_numbers_is_refused(code_size):
    with pytest.raises(ValueError, match=f"at least 1, and is {code_size}"):
        LinearAutoencoder(code_size)


def test_from_pca_is_numpys_svd_of_the_centred_images():
    images = data.mnist(train=False).images[:2000] / 255
    model = LinearAutoencoder.from_pca(images, code_size=20)
    pixels = images.flatten(1).double()
    _, _, rows = torch.linalg.svd(pixels - pixels.mean(0), full_matrices=False)
    projected = pixels.mean(0) + (pixels - pixels.mean(0)) @ rows[:20].T @ rows[:20]
    torch.testing.assert_close(model(images).flatten(1).double(), projected, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("code_size", "error"),
    [(2, 0.05567), (8, 0.03744), (16, 0.02686), (20, 0.02354), (30, 0.01769), (32, 0.01683), (64, 0.00905)],
)
def test_from_pca_leaves_the_known_test_errors_of_mnist(pca_of, code_size, error):
    images = data.mnist(train=False).images / 255
    assert F.mse_loss(pca_of(code_size)(images), images).item() == pytest.approx(error, abs=5e-6)


@pytest.fixture(scope="module")
def pca_of():
    images = data.mnist().images / 255
    return lambda code_size: LinearAutoencoder.from_pca(images, code_size)


def test_from_pca_with_all_784_numbers_gives_the_images_back():
    images = data.mnist(train=False).images[:2000] / 255
    torch.testing.assert_close(LinearAutoencoder.from_pca(images, 784)(images), images, atol=1e-5, rtol=0)


@pytest.mark.parametrize("code_size", [0, 785])
def test_from_pca_refuses_a_code_size_that_the_pixels_do_not_have(code_size):
    with pytest.raises(ValueError, match=f"from 1 to 784, and is {code_size}"):
        LinearAutoencoder.from_pca(torch.rand(10, 1, 28, 28), code_size)
