"""aebook.models: shapes, counts, and what PCA says they can do."""

import inspect
import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from aebook import data
from aebook.models import ConvAutoencoder, LinearAutoencoder, StackedAutoencoder


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


@pytest.mark.parametrize(
    ("model", "code_shape", "parameters"),
    [
        (ConvAutoencoder(), (256, 7, 7), 771_425),
        (ConvAutoencoder(20), (20,), 771_425 + 2 * 20 * 12_544 + 20 + 12_544),
        (StackedAutoencoder(), (30,), 2_837_314),
        (StackedAutoencoder((784, 5)), (5,), 2 * 784 * 5 + 5 + 784),
    ],
)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_every_model_copies_any_batch_through_its_code(model, code_shape, parameters, batch_size):
    model.eval()
    images = torch.rand(batch_size, 1, 28, 28)
    codes = model.encode(images)
    assert codes.shape == (batch_size, *code_shape) and codes[0].numel() == model.code_size
    assert torch.equal(model.decode(codes), model(images)) and model(images).shape == images.shape
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    with pytest.raises(ValueError, match=r"images must have the shape \(B, 1, 28, 28\)"):
        model(torch.rand(batch_size, 28, 28))
    with pytest.raises(ValueError, match="codes must have the shape"):
        model.decode(torch.rand(batch_size, 3))


def test_the_shape_written_beside_each_layer_is_the_one_that_comes_out():
    written = re.findall(r"# \((B, .*)\)", inspect.getsource(ConvAutoencoder))
    model = ConvAutoencoder(20).eval()
    shapes = []
    for layer in [*model.encoder, *model.decoder]:
        layer.register_forward_hook(lambda layer, _, output: shapes.append((layer, tuple(output.shape[1:]))))
    model(torch.rand(2, 1, 28, 28))
    named = (nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d, nn.Linear, nn.Unflatten)
    seen = [", ".join(["B", *map(str, shape)]) for layer, shape in shapes if isinstance(layer, named)]
    # In the source the layers of the bottleneck come last, and the decoder's two in the order of their insertion.
    trunk_out, bottleneck_in, decoder = seen[:7], seen[7], seen[8:]
    assert written == [*trunk_out, *decoder[2:], bottleneck_in.replace("20", "code_size"), decoder[1], decoder[0]]
    assert len(written) == 14


def test_a_stack_is_symmetric_about_its_code_and_ends_between_0_and_1():
    model = StackedAutoencoder((784, 9, 6, 2), activation=nn.Tanh)
    kinds = [nn.Linear, nn.Tanh, nn.Linear, nn.Tanh, nn.Linear]
    assert [type(layer) for layer in model.encoder] == kinds
    assert [type(layer) for layer in model.decoder] == [*kinds, nn.Sigmoid]
    linear = [layer for layer in [*model.encoder, *model.decoder] if isinstance(layer, nn.Linear)]
    assert [layer.in_features for layer in linear] == [784, 9, 6, 2, 6, 9]
    outputs = model(1000 * torch.randn(50, 1, 28, 28))
    assert outputs.min() >= 0 and outputs.max() <= 1


@pytest.mark.parametrize("sizes", [(784,), (), (100, 20), (784, 0, 3)])
def test_a_stack_that_does_not_start_at_the_image_is_refused(sizes):
    with pytest.raises(ValueError) as refusal:
        StackedAutoencoder(sizes)
    assert str(refusal.value) == f"sizes must go from 784 to the code's, each at least 1, and are {sizes}"


@pytest.mark.parametrize("code_size", [0, -1])
def test_a_convolutional_code_of_no_numbers_is_refused(code_size):
    with pytest.raises(ValueError, match=f"at least 1, or None for the feature maps, and is {code_size}"):
        ConvAutoencoder(code_size)


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
