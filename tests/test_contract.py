"""aebook.contract: what cannot be trained is refused in a sentence before the first step; nothing is changed."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from aebook.models import ConvAutoencoder, LinearAutoencoder
from aebook.training import evaluate, fit

RUN = {"epochs": 1, "learning_rate": 1e-3, "seed": 0, "batch_size": 8, "progress": False}
IMAGES = torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(0))


class Odd(nn.Module):
    """A model that does something to what a sound one gives."""

    def __init__(self, does, first=lambda images: images):
        super().__init__()
        self.does, self.first = does, first
        self.inner = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 4), nn.BatchNorm1d(4), nn.Linear(4, 784), nn.Unflatten(1, (1, 28, 28))
        )

    def forward(self, images):
        return self.does(self.inner(self.first(images)))


class Raises(Odd):
    def __init__(self, error):
        super().__init__(None)
        self.error = error

    def forward(self, images):
        raise self.error


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.LazyLinear(784)

    def forward(self, images):
        return self.layer(images.flatten(1)).view_as(images)


def frozen():
    model = LinearAutoencoder(3)
    return model.requires_grad_(False)


def scattered():
    model = LinearAutoencoder(3)
    model.decoder.to("meta")
    return model


SHAPE = r"the model must give one floating tensor of the shape \(B, 1, 28, 28\)"
FIT_AND_EVALUATE = {
    "the class": (lambda: LinearAutoencoder, "and is the class LinearAutoencoder; make one of it first"),
    "a function": (lambda: lambda images: images, "model must be an nn.Module, and is a function"),
    "nothing": (lambda: None, "model must be an nn.Module, and is a NoneType"),
    "float64": (lambda: LinearAutoencoder(3).double(), r"is torch.float64; use model.float\(\)"),
    "float16": (lambda: LinearAutoencoder(3).half(), "is torch.float16"),
    "bfloat16": (lambda: LinearAutoencoder(3).bfloat16(), "is torch.bfloat16"),
    "half of it float64": (lambda: nn.Sequential(LinearAutoencoder(3), nn.Linear(1, 1).double()), "1.weight is"),
    "on meta": (lambda: LinearAutoencoder(3).to("meta"), "is on meta"),
    "on two devices": (scattered, "is on cpu and meta"),
    "lazy": (Lazy, "has no shape yet; call the model once with images"),
    "without the channel": (lambda: Odd(lambda out: out.squeeze(1)), SHAPE + r"; it gives \(8, 28, 28\)|\(20, 28"),
    "one channel of ones": (lambda: Odd(lambda out: out.mean((2, 3), keepdim=True)), SHAPE),
    "a number an image": (lambda: Odd(lambda out: out.mean((1, 2, 3))), SHAPE),
    "one number": (lambda: Odd(lambda out: out.mean()), SHAPE + r"; it gives \(\)"),
    "one image": (lambda: Odd(lambda out: out[:1]), SHAPE + r"; it gives \(1, 1, 28, 28\)"),
    "three channels": (lambda: Odd(lambda out: out.repeat(1, 3, 1, 1)), SHAPE),
    "flat": (lambda: Odd(lambda out: out.flatten(1)), SHAPE),
    "transposed": (lambda: Odd(lambda out: out.transpose(0, 1)), SHAPE),
    "a larger picture": (lambda: Odd(lambda out: F.pad(out, [2] * 4)), SHAPE),
    "one pixel short": (lambda: Odd(lambda out: out[..., 1:]), SHAPE),
    "one axis more": (lambda: Odd(lambda out: out[None]), SHAPE),
    "a tuple": (lambda: Odd(lambda out: (out, out)), SHAPE + "; it gives a tuple.*give fit and evaluate a loss"),
    "a list": (lambda: Odd(lambda out: [out]), SHAPE + "; it gives a list"),
    "a dict": (lambda: Odd(lambda out: {"x": out}), SHAPE + "; it gives a dict"),
    "None": (lambda: Odd(lambda out: None), SHAPE + "; it gives a NoneType"),
    "an array": (lambda: Odd(lambda out: out.detach().numpy()), SHAPE + "; it gives a ndarray"),
    "whole numbers": (lambda: Odd(lambda out: out.long()), SHAPE + "; it gives torch.int64"),
    "truths": (lambda: Odd(lambda out: out > 0), SHAPE + "; it gives torch.bool"),
    "complex numbers": (lambda: Odd(lambda out: out * 1j), SHAPE + "; it gives torch.complex64"),
    "on another device": (lambda: Odd(lambda out: out.to("meta")), "on cpu; it gives one on meta"),
    "changes its input": (
        lambda: Odd(lambda out: out, lambda x: x.mul_(0.5)),
        "the model changes the images",
    ),
    "wants other sizes": (lambda: nn.Linear(30, 30), "fails: .*; its first layer takes 30 numbers"),
    "wants other channels": (lambda: nn.Conv2d(3, 3, 3), "its first layer takes 3 channels"),
    "has no forward": (lambda: nn.ParameterList([torch.zeros(1)]), "was given images of the shape"),
    "takes two arguments": (lambda: nn.Bilinear(1, 1, 1), "was given images of the shape"),
    "needs an attribute": (
        lambda: Raises(AttributeError("no such thing\n!")),
        "fails: no such thing; its",
    ),
    "asserts": (lambda: Raises(AssertionError()), "fails: AssertionError"),
}
FIT_ALONE = {
    "no parameters": (nn.Identity, "fit trains parameters, and Identity has none; evaluate takes it"),
    "frozen": (frozen, "all of LinearAutoencoder's have requires_grad=False"),
    "detached": (lambda: Odd(lambda out: out.detach()), "no gradient leads to any of them"),
}
CASES = [
    *((name, "fit") for name in FIT_AND_EVALUATE | FIT_ALONE),
    *((name, "evaluate") for name in FIT_AND_EVALUATE),
]


def call(model, function, images=IMAGES, **settings):
    return fit(model, images, **RUN, **settings) if function == "fit" else evaluate(model, images, **settings)


def states(model):
    tensors = model.state_dict() if isinstance(model, nn.Module) and not isinstance(model, Lazy) else {}
    return {name: tensor.clone() for name, tensor in tensors.items()}


@pytest.mark.parametrize(("name", "function"), CASES)
def test_a_model_that_cannot_be_is_refused_in_one_sentence_and_stays_as_it_was(name, function):
    make, words = (FIT_AND_EVALUATE | FIT_ALONE)[name]
    model = make()
    before = states(model)
    with pytest.raises((TypeError, ValueError), match=words) as refusal:
        call(model, function)
    assert "\n" not in str(refusal.value)
    for key, tensor in states(model).items():
        assert tensor.is_meta or torch.equal(tensor, before[key]), key


def test_there_are_forty_of_them():
    assert len(FIT_AND_EVALUATE | FIT_ALONE) >= 40


@pytest.mark.parametrize(
    ("model", "images", "words"),
    [
        (LinearAutoencoder(3), torch.rand(9, 1, 32, 32), r"\(B, 1, 28, 28\)"),
        (ConvAutoencoder(3), torch.rand(9, 28, 28, 1), r"images.permute\(0, 3, 1, 2\)"),
        (
            nn.Conv2d(3, 3, 3, padding=1),
            torch.rand(9, 28, 28, 3),
            r"takes 3 channels; .*permute\(0, 3, 1, 2\)",
        ),
        (nn.Linear(28, 28), torch.rand(9, 30), "its first layer takes 28 numbers"),
    ],
)
@pytest.mark.parametrize("function", ["fit", "evaluate"])
def test_images_that_the_model_does_not_take_are_said_with_what_it_takes(model, images, words, function):
    with pytest.raises(ValueError, match=words):
        call(model, function, images)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("mse", "loss must be a function"),
        (
            lambda model, seen, wanted: model(seen),
            r"and is torch.float32 of the shape \(\d+, 1",
        ),
        (lambda model, seen, wanted: (model(seen) - wanted).square().mean((1, 2, 3)), r"of the shape \(\d+,\)"),
        (lambda model, seen, wanted: 0.5, "and is a float"),
        (lambda model, seen, wanted: None, "and is a NoneType"),
        (lambda model, seen, wanted: torch.tensor(3), "and is torch.int64"),
        (lambda model, seen: model(seen).mean(), "fails"),
    ],
)
@pytest.mark.parametrize("function", ["fit", "evaluate"])
def test_a_loss_that_is_no_scalar_is_refused(loss, words, function):
    model = LinearAutoencoder(3)
    before = states(model)
    with pytest.raises((TypeError, ValueError), match=words):
        call(model, function, loss=loss)
    assert all(torch.equal(tensor, before[name]) for name, tensor in states(model).items())


@pytest.mark.parametrize("function", ["fit", "evaluate"])
def test_with_a_loss_of_ones_own_only_its_scalar_is_checked(function):
    model = Odd(lambda out: (out.flatten(1), {"any": "thing"}))
    call(model, function, loss=lambda model, seen, wanted: F.l1_loss(model(seen)[0], wanted.flatten(1)))


@pytest.mark.parametrize(
    ("corrupt", "words"),
    [
        (0.4, "corrupt must be a function"),
        (lambda images: images.mul_(0.5), "corrupt changes the images in place"),
        (lambda images: None, "corrupt must give a tensor, and gives a NoneType"),
    ],
)
@pytest.mark.parametrize("function", ["fit", "evaluate"])
def test_a_corrupt_that_spoils_the_target_is_refused(corrupt, words, function):
    with pytest.raises((TypeError, ValueError), match=words):
        call(LinearAutoencoder(3), function, corrupt=corrupt)


def test_a_last_batch_of_one_image_that_cannot_be_normalized_is_refused_at_once():
    model = Odd(lambda out: out)
    before = states(model)
    with pytest.raises(ValueError, match="would hold a single image, which BatchNorm1d cannot"):
        fit(model, IMAGES[:17], **RUN)
    assert all(torch.equal(tensor, before[name]) for name, tensor in states(model).items())
    loader = DataLoader(TensorDataset(IMAGES[:17]), batch_size=8)
    with pytest.raises(ValueError, match="the last batch of an epoch would hold a single image"):
        fit(model, loader, **RUN | {"batch_size": None})
    assert all(torch.equal(tensor, before[name]) for name, tensor in states(model).items())
    with pytest.raises(ValueError, match="cannot train on a single image: take a larger batch_size"):
        fit(model, IMAGES[:1], **RUN)
    fit(nn.Sequential(nn.BatchNorm2d(1)), IMAGES[:17], **RUN)  # over an image's pixels there is a variance


def test_a_model_without_parameters_can_be_evaluated():
    assert evaluate(nn.Identity(), IMAGES) == 0.0


@pytest.mark.parametrize(
    "other", [{"test_images": torch.rand(3, 1, 30, 30)}, {"valid_images": torch.rand(3, 28, 28)}]
)
def test_held_out_images_of_another_shape_are_refused_before_the_first_step(other):
    model = LinearAutoencoder(3)
    before = states(model)
    with pytest.raises(ValueError, match="all images must have one shape"):
        fit(model, IMAGES, **RUN, **other)
    assert all(torch.equal(tensor, before[name]) for name, tensor in states(model).items())


def test_a_model_that_views_what_a_convolution_gives_trains_as_in_a_plain_loop():
    class Viewing(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution, self.linear = nn.Conv2d(1, 2, 3, padding=1), nn.Linear(2 * 784, 784)

        def forward(self, images):
            return self.linear(self.convolution(images).view(len(images), -1)).view(len(images), 1, 28, 28)

    torch.manual_seed(0)
    ours, plain = Viewing(), Viewing()
    plain.load_state_dict(ours.state_dict())
    fit(ours, IMAGES, **RUN)
    optimizer = torch.optim.Adam(plain.parameters(), lr=1e-3, fused=True)
    for places in torch.randperm(20, generator=torch.Generator().manual_seed(0)).split(8):
        optimizer.zero_grad()
        F.mse_loss(plain(IMAGES[places]), IMAGES[places]).backward()
        optimizer.step()
    assert all(torch.equal(tensor, plain.state_dict()[name]) for name, tensor in ours.state_dict().items())


def test_volumes_train_too():
    model = nn.Conv3d(1, 1, 3, padding=1)
    model.register_buffer("five", torch.zeros(1, 1, 1, 1, 1))
    for asked in (False, True):
        fit(model, torch.rand(6, 1, 4, 4, 4), **RUN, channels_last=asked)
    assert model.weight.is_contiguous()
