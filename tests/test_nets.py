"""Models that travel: what net.js makes of a packed model, beside what PyTorch does; and what is refused."""

import base64
import gzip
import json
import os
import random
import shutil
import subprocess
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from rows import ROWS
from torch import nn

from aebook import checkpoints, data, nets, trained
from aebook.models import MODELS, ConvAutoencoder
from aebook.nets import ARGUMENTS, PRECISIONS, Residual, packed, unpacked
from aebook.training import evaluate, fit

LIB = Path(nets.__file__).parent / "widgets" / "lib"
RUNNER = Path(__file__).parent / "net_run.js"
NETS, MOST_NUMBERS = 500, 4_000  # how many by chance, and how large what lies between their layers may be
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError)  # PyTorch's
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
AS_BYTES = ("light-20", "page-stacked-20", "record-30")  # those whose weights are tried as int8


# -------------------------------------------------------------------------------------- JavaScript, in one process


def command(folder):
    """What runs JavaScript here: deno, as tests/requirements.txt has it, or node; the runner, and net.js."""
    try:
        from deno import find_deno_bin

        deno = find_deno_bin()
    except (ImportError, FileNotFoundError):
        deno = shutil.which("deno")
    if deno:
        return [deno, "run", "--allow-read", "--allow-write", str(RUNNER), str(LIB / "net.js")]
    if node := shutil.which("node"):
        scripts = folder / "scripts"  # where a package says that they are modules
        scripts.mkdir()
        for script in (RUNNER, *LIB.glob("*.js")):
            shutil.copy(script, scripts)
        (scripts / "package.json").write_text('{"type": "module"}')
        return [node, str(scripts / RUNNER.name), str(scripts / "net.js")]
    pytest.skip("NOT RUN: net.js, for there is neither deno nor node; pip install deno")


def in_javascript(folder, cases):
    """What net.js gives for each (blob, values, shape): a tensor, or its error's message.

    A blob that is None is the one before; values are a tensor, whose shape counts where none is given.
    """
    listed = []
    for blob, values, *shape in cases:
        case = {
            "values": letters(values.numpy().astype("<f4").tobytes()),
            "shape": [*shape, list(values.shape)][0],
        }
        listed.append(case if blob is None else case | {"net": letters(blob)})
    (folder / "cases.json").write_text(json.dumps(listed))
    files = [str(folder / name) for name in ("cases.json", "outputs.json")]
    environment = os.environ | {"DENO_DIR": str(folder / "deno"), "DENO_NO_UPDATE_CHECK": "1"}
    subprocess.run([*command(folder), *files], env=environment, check=True, timeout=300)
    return [result(each) for each in json.loads((folder / "outputs.json").read_text())]


def letters(some):
    return base64.b64encode(some).decode()


def result(output):
    if "error" in output:
        return output["error"]
    values = np.frombuffer(base64.b64decode(output["values"]), "<f4").copy()
    return torch.from_numpy(values).reshape(output["shape"])


def require_alike(given, wanted, what, tolerance=1e-4):
    """The same shape, and no number further apart than so much of the largest."""
    assert not isinstance(given, str), f"{given}: {what}"
    assert given.shape == wanted.shape, what
    apart, largest = (given - wanted).abs().max().item(), wanted.abs().max().item()
    assert apart <= tolerance * largest, f"{apart} apart, the largest is {largest}: {what}"


# ------------------------------------------------------------------------------------------------ nets by chance


def pair(chance, low, high):
    """A number for both axes, or one for each."""
    return chance.choice([chance.randint(low, high), (chance.randint(low, high), chance.randint(low, high))])


def grouped(chance, channels):
    groups = chance.choice([number for number in range(1, channels + 1) if channels % number == 0])
    return groups, groups * chance.randint(1, max(1, 6 // groups))


def conv2d(chance, shape):
    groups, out_channels = grouped(chance, shape[1])
    arguments = {"kernel_size": pair(chance, 1, 4), "dilation": pair(chance, 1, 2)}
    arguments |= {"groups": groups, "bias": chance.random() < 0.6}
    arguments["padding_mode"] = chance.choice(["zeros", "reflect", "replicate", "circular"])
    arguments["padding"] = chance.choice([pair(chance, 0, 3), pair(chance, 0, 3), "same", "valid"])
    if arguments["padding"] != "same":
        arguments["stride"] = pair(chance, 1, 3)
    return nn.Conv2d(shape[1], out_channels, **arguments)


def conv_transpose2d(chance, shape):
    groups, out_channels = grouped(chance, shape[1])
    arguments = {"kernel_size": pair(chance, 1, 4), "stride": pair(chance, 1, 3), "padding": pair(chance, 0, 2)}
    arguments |= {"output_padding": pair(chance, 0, 2), "dilation": pair(chance, 1, 3)}
    return nn.ConvTranspose2d(shape[1], out_channels, groups=groups, bias=chance.random() < 0.6, **arguments)


def batch_norm(kind):
    def made(chance, shape):
        norm = kind(shape[1], eps=chance.choice([1e-5, 0.1]), affine=chance.random() < 0.6)
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.2, 3)
        for parameter in norm.parameters():
            parameter.data.normal_()
        return norm

    return made


def max_pool2d(chance, shape):
    arguments = {"padding": pair(chance, 0, 2), "dilation": pair(chance, 1, 2), "ceil_mode": chance.random() < 0.5}
    return nn.MaxPool2d(pair(chance, 1, 4), chance.choice([None, pair(chance, 1, 4)]), **arguments)


def avg_pool2d(chance, shape):
    arguments = {"padding": pair(chance, 0, 2), "ceil_mode": chance.random() < 0.5}
    arguments |= {
        "count_include_pad": chance.random() < 0.5,
        "divisor_override": chance.choice([None, None, 3, -2]),
    }
    return nn.AvgPool2d(pair(chance, 1, 4), chance.choice([None, pair(chance, 1, 4)]), **arguments)


def upsample(chance, shape):
    arguments = {"mode": chance.choice(["nearest", "bilinear"])}
    if chance.random() < 0.4:
        arguments["size"] = pair(chance, 1, 14)
    else:
        factor = chance.choice([2, 3, round(chance.uniform(0.3, 3), 2)])
        arguments["scale_factor"] = chance.choice([factor, (factor, round(chance.uniform(0.3, 3), 1))])
        arguments["recompute_scale_factor"] = chance.choice([None, False, True])
    if arguments["mode"] == "bilinear":
        arguments["align_corners"] = chance.choice([None, False, True])
    return nn.Upsample(**arguments)


def flatten(chance, shape):
    return nn.Flatten(*chance.choice([(), (1, -1), (2,), (-2, -1), (1, 2), (0, 1), (0,), (-3, 2)]))


def unflatten(chance, shape):
    axis = chance.randint(-len(shape), len(shape) - 1)
    size = shape[axis]
    first = chance.choice([number for number in range(1, size + 1) if size % number == 0])
    sizes = chance.choice([(first, size // first), (first, -1), (-1, first), (1, first, -1)])
    return nn.Unflatten(axis, sizes)


def layers_in(chance, shape):
    """Some layers that keep the shape, for a Residual."""
    if len(shape) == 4:
        kernel = chance.choice([1, 3, (3, 1)])
        first = nn.Conv2d(shape[1], shape[1], kernel, padding="same", bias=False)
        return [nn.ReLU(inplace=True), first, *chance.choice([[], [nn.BatchNorm2d(shape[1])], [nn.SiLU(), first]])]
    return [nn.Linear(shape[-1], shape[-1]), *chance.choice([[], [nn.Tanh()], [nn.Sequential(nn.ELU())]])]


MAKERS = {
    "Linear": lambda chance, shape: nn.Linear(shape[-1], chance.randint(1, 9), bias=chance.random() < 0.7),
    "Conv2d": conv2d,
    "ConvTranspose2d": conv_transpose2d,
    "BatchNorm1d": batch_norm(nn.BatchNorm1d),
    "BatchNorm2d": batch_norm(nn.BatchNorm2d),
    "MaxPool2d": max_pool2d,
    "AvgPool2d": avg_pool2d,
    "Upsample": upsample,
    "Sequential": lambda chance, shape: by_chance(chance, shape, chance.randint(0, 3)),
    "Residual": lambda chance, shape: Residual(*layers_in(chance, shape)),
    "ReLU": lambda chance, shape: nn.ReLU(inplace=chance.random() < 0.5),
    "LeakyReLU": lambda chance, shape: nn.LeakyReLU(chance.choice([0.01, 0.3, np.float32(0.2)])),
    "ELU": lambda chance, shape: nn.ELU(chance.choice([1, 0.5])),
    "SiLU": lambda chance, shape: nn.SiLU(),
    "GELU": lambda chance, shape: nn.GELU(chance.choice(["none", "tanh"])),
    "Tanh": lambda chance, shape: nn.Tanh(),
    "Sigmoid": lambda chance, shape: nn.Sigmoid(),
    "Softplus": lambda chance, shape: nn.Softplus(chance.choice([1, 2.5]), chance.choice([20, 0.5])),
    "Flatten": flatten,
    "Unflatten": unflatten,
    "Identity": lambda chance, shape: nn.Identity(),
    "Dropout": lambda chance, shape: nn.Dropout(chance.random()),
}


PLANES = ("Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "Upsample")


def by_chance(chance, shape, length):
    """Layers that go together, the first of which takes this shape; those that PyTorch refuses are left out."""
    net, values = nn.Sequential(), torch.randn(shape)
    while len(net) < length:
        kind = chance.choice(list(MAKERS))
        if kind in PLANES and values.dim() != 4:  # of three axes PyTorch takes some as one image alone
            continue
        try:
            layer = MAKERS[kind](chance, values.shape).eval()
            given = layer(values.clone())
        except REFUSALS:
            continue
        if 0 < given.numel() <= MOST_NUMBERS and given.isfinite().all() and given.abs().max() > 0:
            net.append(layer)
            values = given
    return net.eval()


@pytest.fixture(scope="module")
def chosen():
    """(net, values) by chance."""
    chance = random.Random(11)
    torch.manual_seed(11)
    made = []
    with torch.no_grad():
        for number in range(NETS):
            side = chance.randint(1, 9), chance.randint(1, 9)
            plane = (chance.randint(1, 3), chance.randint(1, 6), *side)
            row = (chance.randint(1, 20), chance.randint(1, 30))
            shape = row if number % 4 == 0 else plane
            made.append((by_chance(chance, shape, chance.randint(1, 6)), 2 * torch.randn(shape)))
    return made


@torch.no_grad()
def test_500_random_nets_give_in_javascript_what_they_give_in_torch(chosen, tmp_path):
    given = in_javascript(tmp_path, [(packed(net, "float32"), values) for net, values in chosen])
    for (net, values), output in zip(chosen, given, strict=True):
        require_alike(output, net(values.clone()), f"{net} of {tuple(values.shape)}")
    assert len(given) == NETS


@torch.no_grad()
@pytest.mark.parametrize("precision", PRECISIONS)
def test_unpacked_nets_give_in_javascript_what_they_give_in_torch(chosen, tmp_path, precision):
    blobs = [packed(net, precision) for net, _ in chosen]
    given = in_javascript(tmp_path, [(blob, values) for blob, (_, values) in zip(blobs, chosen, strict=True)])
    for blob, (net, values), output in zip(blobs, chosen, given, strict=True):
        rebuilt = unpacked(blob)
        wanted = rebuilt(values.clone())
        require_alike(output, wanted, f"{net} of {tuple(values.shape)}")
        if precision == "float32":
            require_alike(wanted, net(values.clone()), f"{net}, unpacked,")
        assert packed(rebuilt, "float32") == packed(unpacked(packed(rebuilt, "float32")), "float32")


def test_the_random_nets_hold_every_layer_and_every_kind_of_argument(chosen):
    layers = [layer for net, _ in chosen for layer in net.modules() if layer is not net]
    counts = Counter(type(layer) for layer in layers)
    assert set(counts) == set(ARGUMENTS)
    assert min(counts.values()) >= 20, counts
    several = {
        nn.Conv2d: {"padding_mode": 4, "stride": 4, "dilation": 3, "groups": 3, "padding": 6},
        nn.ConvTranspose2d: {"stride": 4, "padding": 4, "output_padding": 4, "dilation": 4, "groups": 3},
        nn.MaxPool2d: {"stride": 4, "padding": 3, "dilation": 3, "ceil_mode": 2},
        nn.AvgPool2d: {"stride": 4, "padding": 3, "ceil_mode": 2, "count_include_pad": 2, "divisor_override": 3},
        nn.Upsample: {"mode": 2, "align_corners": 3, "recompute_scale_factor": 3, "scale_factor": 6, "size": 6},
        nn.GELU: {"approximate": 2},
        nn.Softplus: {"beta": 2, "threshold": 2},
    }
    for kind, arguments in several.items():
        for name, least in arguments.items():
            values = {str(getattr(layer, name)) for layer in layers if type(layer) is kind}
            assert len(values) >= least, f"{kind.__name__}: {name} is only ever {values}"


# ------------------------------------------------------------------------------------------------- shipped nets


@pytest.fixture(scope="module")
def digits():
    """The first 2,000 test images, 0 to 1."""
    return data.mnist(False).images[:2000].float() / 255


def shipped(name):
    model = ConvAutoencoder() if name == "article-bf16" else ROWS[name].build()
    checkpoints.restore(model, trained.weights(name))
    return model.eval()


@torch.no_grad()
def test_shipped_nets_encode_and_decode_in_javascript_as_in_torch(digits, tmp_path):
    cases, wanted = [], []
    for name in trained.SHIPPED:
        model = shipped(name)
        images = digits[: 20 if isinstance(model, ConvAutoencoder) else 200]  # whose trunk takes long
        codes = model.encoder(images)
        cases += [(packed(model.encoder, "float32"), images), (packed(model.decoder, "float32"), codes)]
        wanted += [codes, model.decoder(codes)]
    for output, each in zip(in_javascript(tmp_path, cases), wanted, strict=True):
        require_alike(output, each, "a shipped net", tolerance=1e-5)


@torch.no_grad()
def test_what_pages_run_gives_in_javascript_what_the_packed_weights_give_in_torch(digits, tmp_path):
    cases, wanted = [], []
    for name in trained.PAGES:
        values = digits[:200]
        for half in trained.HALVES:
            blob = trained.net(name, half).read_bytes()
            cases.append((blob, values))
            values = unpacked(blob)(values)
            wanted.append(values)
    for output, each in zip(in_javascript(tmp_path, cases), wanted, strict=True):
        require_alike(output, each, "a page's net", tolerance=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("name", AS_BYTES)
def test_int8_costs_at_most_one_percent_of_the_test_error(name, digits):
    model = shipped(name)
    error = evaluate(model, digits)
    for half in ("encoder", "decoder"):
        setattr(model, half, unpacked(packed(getattr(model, half), "int8")))
    assert 0 < abs(evaluate(model, digits) - error) <= 0.01 * error


def test_each_precision_takes_its_bytes_and_of_two_with_as_many_the_coarser_compresses_better():
    decoder = shipped("light-20").decoder
    blobs = [packed(decoder, precision) for precision in PRECISIONS]
    weights = sum(parameter.numel() for parameter in decoder.parameters())
    for blob, each in zip(blobs, (4, 2, 1, 1), strict=True):
        assert 1 <= len(blob) / (weights * each) < 1.25  # what is not weights: descriptions, biases, scales
    bytewise, coarser = (len(gzip.compress(blob, 9)) for blob in blobs[2:])
    assert coarser < 0.92 * bytewise


# ------------------------------------------------------------------------------------------------- how it behaves


COLOURS = (3, 64, 64)
COLOUR_MODELS = {
    **{name: lambda make=make: make(5, COLOURS) for name, make in MODELS.items()},
    "feature maps": lambda: ConvAutoencoder(image_shape=COLOURS),
}


def test_a_model_of_each_class_of_3_by_64_by_64_trains_is_saved_restored_packed_and_runs(tmp_path):
    torch.manual_seed(0)
    images, cases, wanted = torch.rand(8, *COLOURS), [], []
    for name, make in COLOUR_MODELS.items():
        path, model, restored = tmp_path / f"{name}.safetensors", make(), make()
        before = checkpoints.model_tensors(restored)
        history = fit(model, images, epochs=2, learning_rate=1e-3, batch_size=4, seed=0, progress=False)
        assert history.train_loss[1] < history.train_loss[0], name
        checkpoints.save(path, checkpoints.model_tensors(model), {"model": checkpoints.describe(model)})
        checkpoints.restore(restored, path)
        with torch.no_grad():
            codes = restored.eval().encode(images[:2])
            drawn = restored.decode(codes)
            assert torch.equal(drawn, model.eval()(images[:2])) and drawn.shape == (2, *COLOURS)
        assert before.keys() == checkpoints.model_tensors(restored).keys()
        cases += [(packed(restored.encoder, "float32"), images[:2]), (packed(restored.decoder, "float32"), codes)]
        wanted += [codes, drawn]
    for output, each in zip(in_javascript(tmp_path, cases), wanted, strict=True):
        require_alike(output, each, f"{tuple(each.shape)} of a colour model")
    assert len(wanted) == 2 * (len(MODELS) + 1)


@torch.no_grad()
def test_a_net_that_is_used_again_with_other_sizes_keeps_nothing_of_the_last(tmp_path):
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1),
        Residual(nn.ConvTranspose2d(3, 3, 3, padding=1), nn.Sigmoid()),
        nn.AvgPool2d(2),
    ).eval()
    sizes = [(3, 2, 9, 8), (1, 2, 5, 4), (19, 2, 6, 6), (2, 2, 9, 9), (8, 2, 6, 7), (9, 2, 5, 5)]
    batches = [torch.randn(size) for size in sizes]
    cases = [(None if number else packed(net, "float32"), batch) for number, batch in enumerate(batches)]
    for output, batch in zip(in_javascript(tmp_path, cases), batches, strict=True):
        require_alike(output, net(batch), str(tuple(batch.shape)))


@torch.no_grad()
def test_numbers_that_are_none_come_out_as_they_do_in_torch(tmp_path):
    """Also infinite ones, and those where an exponential overflows."""
    values = torch.tensor([[float("nan"), float("inf"), -float("inf"), 1e4, -1e4, 0.0, -0.0, 1e-30]])
    kinds = [nn.ReLU(), nn.LeakyReLU(), nn.ELU(), nn.Tanh(), nn.Sigmoid(), nn.Softplus()]
    kinds += [nn.Sequential(nn.Unflatten(1, (1, 2, 4)), nn.MaxPool2d(2))]
    outputs = in_javascript(tmp_path, [(packed(nn.Sequential(kind)), values) for kind in kinds])
    for kind, output in zip(kinds, outputs, strict=True):
        torch.testing.assert_close(
            output, kind(values), equal_nan=True, msg=lambda text, kind=kind: f"{kind}: {text}"
        )


def test_a_layer_that_stands_twice_is_there_twice(tmp_path):
    twice = nn.Linear(3, 3)
    net, values = nn.Sequential(twice, nn.Tanh(), twice), torch.randn(2, 3)
    (output,) = in_javascript(tmp_path, [(packed(net, "float32"), values)])
    require_alike(output, net(values).detach(), "twice")
    assert len(unpacked(packed(net))) == 3


def test_packing_takes_a_model_in_any_mode_type_and_wrapping_and_leaves_it_so():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout())
    blob = packed(net, "float32")
    assert net.training
    assert packed(net.eval(), "float32") == blob
    assert packed(nn.DataParallel(net), "float32") == blob
    assert packed(torch.compile(net), "float32") == blob
    assert packed(net.double(), "float32") == blob
    assert net[0].weight.dtype == torch.float64


def test_a_sequential_of_another_class_and_with_names_is_packed():
    class Stack(nn.Sequential):
        pass

    net = Stack()
    net.add_module("first", nn.Linear(2, 2))
    assert list(unpacked(packed(net))._modules) == ["first"]


def test_arguments_of_numpy_and_of_tensors_travel_as_numbers():
    pool = nn.MaxPool2d(np.int64(3), torch.tensor(2), (np.int32(1), 1), ceil_mode=np.bool_(True))
    (back,) = unpacked(packed(nn.Sequential(pool)))
    assert repr((back.kernel_size, back.stride, back.padding, back.ceil_mode)) == "(3, 2, (1, 1), True)"
    assert unpacked(packed(nn.Sequential(nn.LeakyReLU(np.float32(0.5)))))[0].negative_slope == 0.5


@pytest.mark.parametrize(("precision", "most"), [("int8", 127), ("int7", 63)])
def test_whole_numbers_keep_zeros_and_the_largest_weight_of_each_output_channel(precision, most):
    net = nn.Sequential(nn.ConvTranspose2d(4, 6, 3, groups=2, bias=False), nn.Linear(5, 3))
    with torch.no_grad():
        net[0].weight[:2, 1] = 0
        net[1].weight[2] *= 1000
    back = unpacked(packed(net, precision))
    assert (back[0].weight[:2, 1] == 0).all()
    torch.testing.assert_close(back[1].weight.abs().amax(1), net[1].weight.abs().amax(1).detach())
    for before, after in zip(net.parameters(), back.parameters(), strict=True):
        steps = before.detach().abs().max() / most
        assert (before - after).abs().max() <= steps / 2 * 1.001


def test_a_norm_comes_back_with_an_eps_that_every_pytorch_takes():
    (back,) = unpacked(packed(nn.Sequential(nn.BatchNorm1d(3)).eval()))
    assert back.eps > 0 and 1 + torch.tensor(back.eps) == 1  # PyTorch 2.11 refuses 0; the factor is whole already


def test_a_residual_adds_what_went_in_even_where_its_first_layer_works_in_place():
    values = torch.tensor([[-1.0, 2.0]])
    assert torch.equal(Residual(nn.ReLU(inplace=True))(values), torch.tensor([[-1.0, 4.0]]))
    with pytest.raises(ValueError, match=r"keep the shape, and these make \(1, 3\) of \(1, 2\)"):
        Residual(nn.Linear(2, 3))(values)


# ------------------------------------------------------------------------------------------------- what is refused


class Doubled(nn.Linear):
    def forward(self, values):
        return 2 * super().forward(values)


def hooked(layer):
    layer.register_forward_hook(lambda *_: None)
    return layer


def changed(layer, **attributes):
    for name, value in attributes.items():
        setattr(layer, name, value)
    return layer


def weighted(layer, value):
    layer.weight.data.fill_(value)
    return layer


REFUSED = [  # a layer, the error, and what the message says of it
    (
        lambda: nn.Conv1d(1, 1, 1),
        TypeError,
        "Conv1d, cannot be packed; accepted are Linear, Conv2d, ConvTranspose2d",
    ),
    (lambda: nn.LazyLinear(3), TypeError, "LazyLinear, cannot be packed; accepted"),
    (lambda: Doubled(2, 2), TypeError, "Doubled, cannot be packed; accepted"),
    (lambda: nn.LayerNorm(3), TypeError, "LayerNorm, cannot be packed; accepted"),
    (lambda: hooked(nn.ReLU()), TypeError, "ReLU, has a hook or a forward of its own"),
    (lambda: changed(nn.ReLU(), forward=torch.sin), TypeError, "ReLU, has a hook or a forward of its own"),
    (lambda: nn.BatchNorm2d(3, track_running_stats=False), ValueError, "BatchNorm2d, has no running statistics"),
    (lambda: nn.BatchNorm1d(3, track_running_stats=False), ValueError, "BatchNorm1d, has no running statistics"),
    (lambda: nn.MaxPool2d(2, return_indices=True), ValueError, "return_indices"),
    (lambda: nn.MaxPool2d(2, padding=2), ValueError, "at most half its kernel, and has 2"),
    (lambda: nn.AvgPool2d(3, stride=(0, 1)), ValueError, "stride and dilation of at least 1"),
    (lambda: nn.AvgPool2d(3, divisor_override=0), ValueError, "divisor_override=0"),
    (lambda: nn.Upsample(scale_factor=2, mode="bicubic"), ValueError, "nearest or bilinear, and has 'bicubic'"),
    (lambda: nn.Upsample(scale_factor=2, mode="nearest-exact"), ValueError, "nearest or bilinear"),
    (lambda: nn.Upsample(), ValueError, "either a size or a scale_factor"),
    (lambda: nn.Upsample(2, align_corners=True), ValueError, "align_corners only"),
    (lambda: nn.Upsample((2,) * 3), ValueError, "two axes"),
    (lambda: nn.Upsample(0), ValueError, "above 0"),
    (lambda: nn.ConvTranspose2d(1, 1, 3, stride=2, output_padding=2), ValueError, "output_padding smaller than"),
    (lambda: nn.Conv2d(1, 1, 3, stride=0), ValueError, "stride and dilation of at least 1|non-positive"),
    (lambda: changed(nn.Unflatten(1, (2, 3)), dim="features"), ValueError, "whole numbers, not names"),
    (lambda: nn.Softplus(threshold=float("inf")), ValueError, "threshold must be finite"),
    (lambda: weighted(nn.Linear(2, 2), float("nan")), ValueError, "weight must be finite"),
    (lambda: weighted(nn.Linear(2, 2), 1e5), ValueError, "goes to 100000, and float16 to 65504"),
    (
        lambda: weighted(nn.Linear(2, 2, dtype=torch.float64), 1e300),
        ValueError,
        "weight must be finite in float32",
    ),
    (
        lambda: changed(nn.Linear(2, 2), weight=nn.Parameter(torch.ones(3, 2))),
        ValueError,
        r"shape \(2, 2\), and has",
    ),
    (
        lambda: nn.Linear(2, 2, device="meta"),
        TypeError,
        "must be floats to be packed, and is torch.float32 on meta",
    ),
]


@pytest.mark.parametrize(("make", "error", "words"), REFUSED, ids=[words for *_, words in REFUSED])
def test_what_cannot_be_packed_is_refused_by_its_name(make, error, words):
    try:
        layer = make()
    except ValueError:  # PyTorch has refused it already
        return
    with pytest.raises(error, match=words) as raised:
        packed(nn.Sequential(nn.ReLU(), nn.Sequential(nn.Identity(), Residual(layer))))
    assert str(raised.value).startswith(f"layer 1.1.0, {type(layer).__name__}")


def test_what_is_no_sequential_and_no_precision_is_refused():
    with pytest.raises(
        TypeError, match=r"must be an nn.Sequential, and is a LightAutoencoder; pack its encoder or its"
    ):
        packed(shipped("light-20"))
    for given in (nn.Linear(2, 2), nn.Sequential, None, [nn.ReLU()]):
        with pytest.raises(TypeError, match=r"model must be an nn.Sequential, and is"):
            packed(given)
    with pytest.raises(ValueError, match="float32, float16, int8, int7, and is 'int4'"):
        packed(nn.Sequential(), "int4")


def damaged(blob):
    """A blob cut short at every length, and with each byte changed."""
    chance = random.Random(3)
    yield from (blob[:length] for length in range(len(blob)))
    yield blob + b"\0"
    for place in range(len(blob)):
        yield blob[:place] + bytes([blob[place] ^ chance.randint(1, 255)]) + blob[place + 1 :]


def test_damaged_bytes_are_refused_in_javascript_and_in_python(tmp_path):
    blob = packed(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), "int8")
    bad = list(damaged(blob))
    errors = in_javascript(tmp_path, [(each, torch.ones(1, 3)) for each in bad])
    words = ("begins with AENN", "do not add up", "has version")
    for each, error in zip(bad, errors, strict=True):
        assert isinstance(error, str), f"taken: {each}"
        assert any(word in error for word in words), error
        with pytest.raises(ValueError, match=r"no packed net|do not add up|has version"):
            unpacked(each)
    assert {word for word in words for error in errors if word in error} == set(words)


def test_a_layer_that_is_not_known_is_refused_by_its_name(tmp_path):
    blob = packed(nn.Sequential(nn.Tanh()))
    rest = blob[8:].replace(b"Tanh", b"Sinh")
    other = blob[:4] + zlib.crc32(rest).to_bytes(4, "little") + rest
    (error,) = in_javascript(tmp_path, [(other, torch.ones(1, 1))])
    assert error.startswith("this packed net has a layer Sinh; what is known is Linear, Conv2d")
    with pytest.raises(ValueError, match="has a layer Sinh; known are Linear, Conv2d"):
        unpacked(other)


def test_shapes_that_do_not_suit_are_refused_in_javascript(tmp_path):
    conv, pool = nn.Conv2d(2, 1, 3, padding=2, padding_mode="reflect"), nn.MaxPool2d(3)
    cases = [  # a net, values, the shape where it is another, and what the error says
        (
            nn.Linear(3, 2),
            torch.ones(2, 4),
            "Linear (layer 0) takes 3 numbers in the last axis, and was given (2, 4)",
        ),
        (nn.Linear(3, 2), torch.ones(6), [2, 4], "values of the shape (2, 4) are 8, and 6 were given"),
        (nn.Linear(3, 2), torch.ones(3), [3], "batch first, and is [3]"),
        (nn.Linear(3, 2), torch.ones(0, 3), "above 0, batch first, and is [0,3]"),
        (nn.Linear(3, 2), torch.ones(3), [1.5, 2], "batch first, and is [1.5,2]"),
        (nn.Linear(3, 2), torch.ones(3), "3", 'batch first, and is "3"'),
        (nn.Linear(3, 2), torch.ones(3), None, "batch first, and is null"),
        (conv, torch.ones(1, 3, 4, 4), "Conv2d (layer 0) takes (B, 2, H, W), and was given (1, 3, 4, 4)"),
        (conv, torch.ones(2, 4, 4), "takes (B, 2, H, W), and was given (2, 4, 4)"),
        (conv, torch.ones(1, 2, 2, 4), "takes reflect padding of at most 1 for an axis of 2, and was given 2"),
        (nn.ConvTranspose2d(1, 1, 1, padding=1), torch.ones(1, 1, 2, 3), "given 2 × 3: 0 × 1 is left"),
        (nn.BatchNorm2d(2), torch.ones(1, 2, 3), "takes (B, 2, H, W), and was given (1, 2, 3)"),
        (nn.BatchNorm1d(2), torch.ones(1, 3), "takes (B, 2) or (B, 2, L), and was given (1, 3)"),
        (pool, torch.ones(1, 1, 2, 5), "MaxPool2d (layer 0) takes planes of which at least 1 × 1 is left"),
        (nn.Upsample(scale_factor=0.1), torch.ones(1, 1, 2, 5), "is left"),
        (nn.Upsample(2), torch.ones(1, 5), "Upsample (layer 0) takes (B, C, H, W), and was given (1, 5)"),
        (nn.Flatten(2), torch.ones(1, 5), "Flatten (layer 0) takes what has axes 2 to -1, and was given (1, 5)"),
        (nn.Unflatten(1, (2, 3)), torch.ones(1, 5), "takes what can be (2, 3) in axis 1, and was given (1, 5)"),
        (nn.Unflatten(3, (-1, 3)), torch.ones(1, 5), "Unflatten (layer 0) takes what can be (-1, 3) in axis 3"),
        (Residual(nn.Linear(3, 2)), torch.ones(1, 3), "Residual (layer 0) takes layers that keep the shape"),
        (nn.Sequential(nn.ReLU(), pool), torch.ones(1, 1, 2, 5), "MaxPool2d (layer 0.1) takes planes"),
    ]
    listed = [(packed(nn.Sequential(net)), *rest) for net, *rest, _ in cases]
    for (*_, words), error in zip(cases, in_javascript(tmp_path, listed), strict=True):
        assert isinstance(error, str), f"taken, and not refused with {words}"
        assert words in error
