"""aebook.models: shapes, counts, and what PCA says they can do."""

import inspect
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from aebook import data
from aebook.devices import best_device
from aebook.models import MODELS as REGISTERED
from aebook.models import (
    Autoencoder,
    ConvAutoencoder,
    LightAutoencoder,
    LinearAutoencoder,
    ResidualAutoencoder,
    StackedAutoencoder,
)


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


MODELS = {
    "linear": lambda: LinearAutoencoder(3),
    "stacked": lambda: StackedAutoencoder((784, 5, 3)),
    "convolutional": lambda: ConvAutoencoder(3),
    "light": lambda: LightAutoencoder(3),
    "residual": lambda: ResidualAutoencoder(3),
    "feature maps": ConvAutoencoder,
}
COLOUR = "; these models see grey: try images[:, :3].mean(1, keepdim=True)"
LAST = "; PyTorch has the channel first: try images.permute(0, 3, 1, 2)"
RESHAPED = "; try images.reshape(-1, 1, 28, 28)"
SHAPES = {
    (28, 28): RESHAPED,
    (1, 28, 28): RESHAPED,
    (5, 28, 28): RESHAPED,
    (784,): RESHAPED,
    (5, 784): RESHAPED,
    (5, 28, 28, 1): LAST,
    (5, 28, 28, 3): LAST,
    (5, 3, 28, 28): COLOUR,
    (5, 1, 32, 32): "; try torch.nn.functional.interpolate(images, (28, 28))",
    (5, 2, 28, 28): "",
    (): "",
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("shape", SHAPES)
def test_images_of_another_shape_are_refused_with_both_shapes_named_and_what_may_help(model, shape):
    images = torch.rand(shape)
    with pytest.raises(ValueError) as refusal:
        MODELS[model]().encode(images)
    said = f"images must have the shape (B, 1, 28, 28), and have {shape}{SHAPES[shape]}"
    assert str(refusal.value) == said
    _, _, advice = said.partition("try ")
    if advice and shape[1:] != (28, 28, 3):  # colours come last, and are colours still
        assert eval(advice).shape[1:] == (1, 28, 28)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda x: (x * 255).byte(), TypeError, "must be floats, and are torch.uint8; divide them by 255"),
        (lambda x: x > 0.5, TypeError, "must be floats, and are torch.bool; try images.float()"),
        (
            lambda x: x.double(),
            TypeError,
            "must be torch.float32, like the model, and are torch.float64; try images.to(t",
        ),
        (
            lambda x: x.half(),
            TypeError,
            "must be torch.float32, like the model, and are torch.float16; try images.to(t",
        ),
        (
            lambda x: x.to("meta"),
            ValueError,
            "must be on cpu, like the model, and are on meta; try images.to('cpu')",
        ),
        (lambda x: x.numpy(), TypeError, "must be a tensor, and are a ndarray; try torch.as_tensor(images)"),
        (lambda x: [x, x], TypeError, "must be a tensor, and are a list"),
        (lambda x: None, TypeError, "must be a tensor, and are a NoneType"),
    ],
)
@pytest.mark.parametrize("model", MODELS)
def test_images_of_another_type_or_elsewhere_are_refused_in_a_sentence(model, make, error, said):
    with pytest.raises(error) as refusal:
        MODELS[model]()(make(torch.rand(2, 1, 28, 28)))
    assert str(refusal.value).startswith(f"images {said}")


@pytest.mark.parametrize(
    ("codes", "error", "said"),
    [
        (torch.zeros(3), ValueError, "shape (B, 3), and have (3,); one code alone is codes.unsqueeze(0)"),
        (torch.zeros(5, 4), ValueError, "shape (B, 3), and have (5, 4)"),
        (torch.zeros(5, 3, 1), ValueError, "shape (B, 3), and have (5, 3, 1)"),
        (torch.zeros(5, 3, dtype=torch.int64), TypeError, "be floats, and are torch.int64; try codes.float()"),
        (torch.zeros(5, 3).double(), TypeError, "be torch.float32, like the model, and are torch.float64"),
        ([[0.0, 0.0, 0.0]], TypeError, "be a tensor, and are a list"),
    ],
)
@pytest.mark.parametrize("model", list(MODELS)[:-1])
def test_what_is_no_batch_of_codes_is_refused_in_a_sentence(model, codes, error, said):
    with pytest.raises(error) as refusal:
        MODELS[model]().decode(codes)
    assert said in str(refusal.value) and str(refusal.value).startswith("codes must")


@pytest.mark.parametrize("model", MODELS)
def test_a_model_of_another_precision_takes_images_of_it(model):
    images, model = torch.rand(2, 1, 28, 28), MODELS[model]().eval()
    with torch.autocast("cpu", torch.bfloat16):  # where PyTorch sees to the types, any will do
        assert model(images.bfloat16()).shape == model(images).shape
    assert model.double()(images.double()).dtype == torch.float64


@pytest.mark.parametrize("model", MODELS)
def test_a_model_is_one_graph_to_a_compiler_and_its_halves_may_be_wrapped(model):
    images, model = torch.rand(2, 1, 28, 28), MODELS[model]().eval()
    expected = model(images)
    assert torch.equal(torch.compile(model, backend="eager", fullgraph=True)(images), expected)
    device = best_device()  # DataParallel takes what it wraps to a GPU, where there is one; it may use TF32
    model.to(device).encoder = nn.DataParallel(model.encoder)
    close = 0 if device.type == "cpu" else 1e-2
    torch.testing.assert_close(model(images.to(device)).cpu(), expected, rtol=0, atol=close)


WHOLE = [np.int64(3), np.uint8(3), torch.tensor(3), torch.tensor([3], dtype=torch.int32), 3]
NOT_WHOLE = [2.5, 3.0, True, "20", np.float32(3), torch.tensor(2.5), [3], torch.tensor([3, 4])]
SIZED = {
    "linear": LinearAutoencoder,
    "stacked": lambda size: StackedAutoencoder((784, size)),
    "convolutional": ConvAutoencoder,
    "light": LightAutoencoder,
    "residual": ResidualAutoencoder,
    "pca": lambda size: LinearAutoencoder.from_pca(torch.rand(5, 1, 28, 28), size),
}


@pytest.mark.parametrize("size", WHOLE)
@pytest.mark.parametrize("model", SIZED)
def test_any_kind_of_whole_number_is_a_code_size(model, size):
    code_size = SIZED[model](size).code_size
    assert code_size == 3 and type(code_size) is int


@pytest.mark.parametrize("size", NOT_WHOLE)
@pytest.mark.parametrize("model", SIZED)
def test_what_is_no_whole_number_is_no_code_size(model, size):
    with pytest.raises(TypeError, match="whole number") as refusal:
        SIZED[model](size)
    assert repr(size) in str(refusal.value)


@pytest.mark.parametrize("size", [0, -1, np.int64(0), torch.tensor(-3)])
@pytest.mark.parametrize("model", SIZED)
def test_a_code_of_no_numbers_is_refused(model, size):
    with pytest.raises(ValueError, match=f"size.* and (is|are) .*{int(size)}"):
        SIZED[model](size)


@pytest.mark.parametrize(
    ("model", "code_shape", "parameters"),
    [
        (ConvAutoencoder(), (256, 7, 7), 771_425),
        (ConvAutoencoder(20), (20,), 771_425 + 2 * 20 * 12_544 + 20 + 12_544),
        (StackedAutoencoder(), (30,), 2_837_314),
        (StackedAutoencoder((784, 5)), (5,), 2 * 784 * 5 + 5 + 784),
        (LightAutoencoder(), (20,), 152_821),
        (LightAutoencoder(norm=False), (20,), 152_437),
        (ResidualAutoencoder(), (30,), 599_327),
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


@pytest.mark.parametrize("kind", [ConvAutoencoder, LightAutoencoder, ResidualAutoencoder])
def test_the_shape_written_beside_each_layer_is_the_one_that_comes_out(kind):
    lines = inspect.getsource(kind).splitlines()
    written = [line.rpartition("# (B, ")[2].rstrip(")") for line in lines if re.search(r"# \(B, .*\)$", line)]
    model = kind(20).eval()
    shapes = []
    for layer in [*model.encoder, *model.decoder]:
        layer.register_forward_hook(lambda layer, _, output: shapes.append((layer, tuple(output.shape[1:]))))
    model(torch.rand(2, 1, 28, 28))
    named = (nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d, nn.Linear, nn.Unflatten)
    seen = [", ".join(map(str, shape)) for layer, shape in shapes if isinstance(layer, named)]
    seen = ["code_size" if shape == "20" else shape for shape in seen]
    if kind is ConvAutoencoder:  # in the source the bottleneck's layers come last, the decoder's from behind
        seen = [*seen[:7], *seen[10:], seen[7], seen[9], seen[8]]
    assert written == seen and len(written) == {ConvAutoencoder: 14, LightAutoencoder: 9}.get(kind, 8)


def test_a_stack_is_symmetric_about_its_code_and_ends_between_0_and_1():
    model = StackedAutoencoder((784, 9, 6, 2), activation=nn.Tanh)
    kinds = [nn.Linear, nn.Tanh, nn.Linear, nn.Tanh, nn.Linear]
    assert [type(layer) for layer in model.encoder] == [nn.Flatten, *kinds]
    assert [type(layer) for layer in model.decoder] == [*kinds, nn.Sigmoid, nn.Unflatten]
    linear = [layer for layer in [*model.encoder, *model.decoder] if isinstance(layer, nn.Linear)]
    assert [layer.in_features for layer in linear] == [784, 9, 6, 2, 6, 9]
    outputs = model(1000 * torch.randn(50, 1, 28, 28))
    assert outputs.min() >= 0 and outputs.max() <= 1


@pytest.mark.parametrize("sizes", [(784,), (), (100, 20), (784, 0, 3), (784, 2.5), 784, None, "784"])
def test_a_stack_that_does_not_start_at_the_image_is_refused(sizes):
    with pytest.raises((ValueError, TypeError)) as refusal:
        StackedAutoencoder(sizes)
    accepted = "sizes must go from 784 to the code's, each a whole number of at least 1"
    assert str(refusal.value) == f"{accepted}, and are {sizes!r}"


def test_a_stack_s_sizes_may_be_any_sequence_of_whole_numbers():
    for sizes in ([784, 3], np.array([784, 3]), torch.tensor([784, 3]), iter((784, 3))):
        assert StackedAutoencoder(sizes).decoder[0].weight.shape == (784, 3)


@pytest.mark.parametrize("activation", [nn.ELU(), "relu", None])
def test_an_activation_that_makes_no_module_is_refused(activation):
    with pytest.raises(TypeError, match=r"activation must be a module class, such as nn\.ELU, and is "):
        StackedAutoencoder((784, 9, 3), activation)


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


def test_from_pca_refuses_a_code_size_that_the_pixels_do_not_have():
    with pytest.raises(ValueError, match="from 1 to 784, and is 785"):
        LinearAutoencoder.from_pca(torch.rand(10, 1, 28, 28), 785)


@pytest.mark.parametrize("images", [torch.rand(1, 1, 28, 28), torch.rand(1, 1, 28, 28).repeat(5, 1, 1, 1)])
@pytest.mark.parametrize("code_size", [1, 20, 784])
def test_from_pca_of_images_that_are_all_alike_gives_their_mean(images, code_size):
    model = LinearAutoencoder.from_pca(images, code_size)
    assert all(parameter.isfinite().all() for parameter in model.parameters())
    torch.testing.assert_close(model(images), images, atol=1e-5, rtol=0)
    torch.testing.assert_close(model.decoder[0].bias.view(1, 28, 28), images[0])


def test_from_pca_takes_images_in_every_way_that_fit_does():
    images = data.mnist(train=False).images[:300]
    expected = LinearAutoencoder.from_pca(images / 255, 5).state_dict()
    loader = DataLoader(TensorDataset(images / 255, torch.zeros(300)), batch_size=70)
    for given in (images, images.numpy(), (images / 255).numpy(), loader.dataset, loader):
        for name, tensor in LinearAutoencoder.from_pca(given, 5).state_dict().items():
            assert torch.equal(tensor, expected[name])


SPOILT = torch.rand(9, 1, 28, 28)
SPOILT[4, 0, 5, 6] = float("nan")


@pytest.mark.parametrize(
    ("images", "error", "said"),
    [
        (SPOILT, ValueError, "nan"),
        (SPOILT.nan_to_num(float("inf")), ValueError, "inf"),
        (torch.rand(9, 1, 28, 28) * 255, ValueError, "divide them by 255"),
        (torch.rand(9, 1, 28, 28) - 0.5, ValueError, "go from -0."),
        (torch.zeros(0, 1, 28, 28), ValueError, "have the shape (0, 1, 28, 28)"),
        (torch.zeros(9, 1, 28, 28, dtype=torch.int64), TypeError, "these are torch.int64"),
        (torch.rand(9, 28, 28), ValueError, "shape (B, 1, 28, 28), and have (9, 28, 28); try images.reshape"),
        (torch.rand(28, 28), ValueError, "shape (B, 1, 28, 28), and have (28, 28); try images.reshape"),
        ([1, 2], TypeError, "this is a list"),
        (None, TypeError, "this is a NoneType"),
    ],
)
def test_from_pca_refuses_in_a_sentence_what_it_cannot_compute_with(images, error, said):
    with pytest.raises(error) as refusal:
        LinearAutoencoder.from_pca(images)
    assert said in str(refusal.value) and str(refusal.value).startswith("images must ")


def test_the_models_outputs_are_those_of_their_layers_to_the_last_bit():
    images = torch.rand(3, 1, 28, 28)
    for make in MODELS.values():
        model = make().eval()
        assert torch.equal(model(images), nn.Sequential(*model.encoder, *model.decoder)(images))
        assert {name.partition(".")[0] for name in model.state_dict()} == {"encoder", "decoder"}


# Other images than MNIST's


@pytest.mark.parametrize("name", REGISTERED)
def test_every_model_of_the_registry_is_one_autoencoder_of_any_code_and_image(name):
    assert REGISTERED[name]().image_shape == (1, 28, 28)
    for shape in ((3, 64, 64), (1, 8, 20), (2, 4, 4)):
        model, images = REGISTERED[name](5, shape).eval(), torch.rand(2, *shape)
        assert isinstance(model, Autoencoder) and model.image_shape == shape
        assert type(model).forward is Autoencoder.forward and type(model).decode is Autoencoder.decode
        assert model.encode(images).shape == (2, 5) and model(images).shape == images.shape
        with pytest.raises(
            ValueError, match=f"have the shape {re.escape(str(('B', *shape)).replace(chr(39), ''))}"
        ):
            model(torch.rand(2, 1, 28, 28))


def test_feature_maps_of_other_images_are_codes_too():
    model = ConvAutoencoder(image_shape=(3, 64, 32))
    assert model.code_shape == (256, 16, 8) and model.code_size == 256 * 16 * 8
    assert model.encode(torch.rand(2, 3, 64, 32)).shape == (2, *model.code_shape)
    assert model.decode(torch.rand(2, *model.code_shape)).shape == (2, 3, 64, 32)


@pytest.mark.parametrize("name", ["light", "conv", "residual"])
@pytest.mark.parametrize("shape", [(1, 30, 28), (3, 64, 65)])
def test_a_trunk_that_halves_twice_refuses_sizes_that_cannot_be(name, shape):
    with pytest.raises(ValueError) as refusal:
        REGISTERED[name](5, shape)
    said = f"image_shape must have a height and a width divisible by 4 here, and is {shape}"
    assert str(refusal.value) == said


@pytest.mark.parametrize("name", REGISTERED)
@pytest.mark.parametrize("shape", [(28, 28), (1, 28, 28, 1), (0, 28, 28), (1, 2.5, 4), 784, None, "784"])
def test_what_is_no_shape_of_an_image_is_refused(name, shape):
    with pytest.raises((ValueError, TypeError)) as refusal:
        REGISTERED[name](5, shape)
    accepted = "image_shape must be (channels, height, width), each a whole number of at least 1"
    assert str(refusal.value) == f"{accepted}, and is {shape!r}"


COLOUR_SHAPES = {
    (3, 64, 64): "; try images.reshape(-1, 3, 64, 64)",
    (12288,): "; try images.reshape(-1, 3, 64, 64)",
    (5, 12288): "; try images.reshape(-1, 3, 64, 64)",
    (5, 64, 64, 3): LAST,
    (5, 1, 64, 64): "; this model sees colours: try images.expand(-1, 3, -1, -1)",
    (5, 3, 32, 32): "; try torch.nn.functional.interpolate(images, (64, 64))",
    (64, 64): "",
    (5, 4, 64, 64): "",
}


@pytest.mark.parametrize("shape", COLOUR_SHAPES)
def test_images_that_are_no_colours_of_64_by_64_are_refused_with_what_may_help(shape):
    images = torch.rand(shape)
    with pytest.raises(ValueError) as refusal:
        LinearAutoencoder(2, (3, 64, 64)).encode(images)
    said = f"images must have the shape (B, 3, 64, 64), and have {shape}{COLOUR_SHAPES[shape]}"
    assert str(refusal.value) == said
    _, _, advice = said.partition("try ")
    if advice:
        assert eval(advice).shape[1:] == (3, 64, 64)


def test_from_pca_of_colours_is_numpys_svd_of_the_centred_images():
    images = torch.rand(300, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    model = LinearAutoencoder.from_pca(images, 7, (3, 4, 6))
    pixels = images.flatten(1).double()
    _, _, rows = torch.linalg.svd(pixels - pixels.mean(0), full_matrices=False)
    projected = pixels.mean(0) + (pixels - pixels.mean(0)) @ rows[:7].T @ rows[:7]
    torch.testing.assert_close(model(images).flatten(1).double(), projected, atol=1e-5, rtol=0)
    with pytest.raises(ValueError, match="code_size must be from 1 to 72, and is 73"):
        LinearAutoencoder.from_pca(images, 73, (3, 4, 6))
    with pytest.raises(ValueError, match=r"shape \(B, 3, 4, 6\), and have \(256, 3, 6, 4\); try torch"):
        LinearAutoencoder.from_pca(images.transpose(2, 3), 7, (3, 4, 6))


@pytest.mark.parametrize("half", [None, nn.Linear, "linear"])
def test_a_half_that_is_no_module_is_refused(half):
    with pytest.raises(TypeError, match=r"decoder must be a module, such as nn\.Sequential, and is "):
        Autoencoder(nn.Sequential(nn.Flatten()), half, 784)
