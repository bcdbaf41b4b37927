"""Models that travel: an ``nn.Sequential`` of known layers as one blob of bytes, for pages to run without PyTorch.

A blob is the letters AENN; a CRC-32 of all that follows it; the version; the length of the description, which is
JSON in UTF-8; the description; the tensors' numbers. All numbers are little-endian, the first three uint32.
``aebook/widgets/lib/net.js`` runs it. Layers travel as they evaluate: what they do in training stays behind.
"""

import json
import math
import operator
import zlib
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

PRECISIONS = ("float32", "float16", "int8", "int7")
STEPS = {"int8": 127, "int7": 63}  # from 0 to the largest weight of an output channel
LETTERS, VERSION, START = b"AENN", 1, 16
WRITTEN = {"float32": "<f4", "float16": "<f2", "int8": "i1"}


class Residual(nn.Module):
    """What goes in, added to what the layers make of it: any shape to the same shape.

    Args:
        layers: modules that keep the shape, one after the other.

    Raises:
        ValueError: at the call, where the layers change the shape.
    """

    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, values: Tensor) -> Tensor:
        """The values, and what the layers make of them."""
        change = self.body(values.clone())  # a copy, for the first layer may work in place
        if change.shape != values.shape:
            shapes = f"these make {tuple(change.shape)} of {tuple(values.shape)}"
            raise ValueError(f"a Residual takes layers that keep the shape, and {shapes}")
        return values + change


# What each kind of layer is told, by PyTorch's names, beside its tensors.
_CONVOLUTION = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
ARGUMENTS: dict[type[nn.Module], tuple[str, ...]] = {
    nn.Linear: ("in_features", "out_features"),
    nn.Conv2d: (*_CONVOLUTION, "padding_mode"),
    nn.ConvTranspose2d: (*_CONVOLUTION, "output_padding"),
    nn.BatchNorm1d: ("num_features",),
    nn.BatchNorm2d: ("num_features",),
    nn.MaxPool2d: ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    nn.AvgPool2d: ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
    nn.Upsample: ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor"),
    nn.Sequential: (),
    Residual: (),
    nn.ReLU: (),
    nn.LeakyReLU: ("negative_slope",),
    nn.ELU: ("alpha",),
    nn.SiLU: (),
    nn.GELU: ("approximate",),
    nn.Tanh: (),
    nn.Sigmoid: (),
    nn.Softplus: ("beta", "threshold"),
    nn.Flatten: ("start_dim", "end_dim"),
    nn.Unflatten: ("dim", "unflattened_size"),
    nn.Identity: (),
    nn.Dropout: (),
}
_KINDS = {kind.__name__: kind for kind in ARGUMENTS}
_CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
_POOLS = (nn.MaxPool2d, nn.AvgPool2d)


def packed(model: nn.Sequential, precision: str = "float16") -> bytes:
    """The model as one blob that ``net.js`` runs, and ``unpacked`` makes a model of again.

    Args:
        model: an ``nn.Sequential`` of the layers in ``ARGUMENTS``, nested as you like, on any device; compiled or
            in ``nn.DataParallel``, too. Its mode does not matter.
        precision: of the weights of linear layers and convolutions: "float32", "float16", or "int8" with a scale
            for each output channel; "int7" has half as many steps as that, in as many bytes, which compress
            better. All other numbers are float32.

    Raises:
        TypeError: where the model is, or holds, something else; the message names it, and what is accepted.
        ValueError: where a layer has arguments that cannot travel, or numbers that the precision does not hold.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, and is {precision!r}")
    model = _bare(model)
    if not isinstance(model, nn.Sequential):
        kind = f"the class {model.__name__}" if isinstance(model, type) else f"a {type(model).__name__}"
        halves = "; pack its encoder or its decoder" if hasattr(model, "decoder") else ""
        raise TypeError(f"model must be an nn.Sequential, and is {kind}{halves}")
    data = bytearray()
    described = json.dumps(_described(model, precision, data), allow_nan=False).encode()
    rest = np.array([VERSION, len(described)], "<u4").tobytes() + described + data
    return LETTERS + np.array(zlib.crc32(rest), "<u4").tobytes() + rest


def unpacked(blob: bytes) -> nn.Sequential:
    """The model that a blob holds, on the CPU, in evaluation mode, its weights as the precision has left them.

    A batch normalization comes back as one that computes the same, with other numbers in it.

    Raises:
        ValueError: where the bytes are no blob of ``packed``, or a damaged one.
    """
    blob = bytes(blob)
    if blob[:4] != LETTERS or len(blob) < START:
        raise ValueError("these bytes are no packed net: they do not begin with AENN")
    check, version, length = (int(number) for number in np.frombuffer(blob, "<u4", 3, offset=4))
    if version != VERSION:
        raise ValueError(f"this packed net has version {version}; only {VERSION} is known")
    if zlib.crc32(blob[8:]) != check:
        raise ValueError("this packed net is damaged or cut short: its bytes do not add up to what was packed")
    data = memoryview(blob)[START + length :]
    return _made(json.loads(blob[START : START + length]), data).eval()


def _bare(model: nn.Module) -> nn.Module:
    """The model without what ``torch.compile`` and ``nn.DataParallel`` wrap round it."""
    while isinstance(model, nn.Module) and not isinstance(model, nn.Sequential):
        inner = getattr(model, "_orig_mod", None) or getattr(model, "module", None)
        if not isinstance(inner, nn.Module):
            break
        model = inner
    return model


# ------------------------------------------------------------------------------------------------------ 1. Packing


def _described(layer: nn.Module, precision: str, data: bytearray, path: str = "") -> dict:
    """What JSON says of a layer and of those in it; their numbers are added to ``data``."""
    kind, place = _kind(layer, path), _place(layer, path)
    _require_plain(layer, place)
    description = {"layer": kind.__name__}
    for name in ARGUMENTS[kind]:
        description[name] = _plain(getattr(layer, name), f"{place}: {name}")
    if kind in _REFUSALS and (refusal := _REFUSALS[kind](layer)):
        raise ValueError(f"{place} {refusal}")
    for name, (tensor, kept) in _tensors(layer, kind, place, precision).items():
        description[name] = None if tensor is None else _added(tensor, kept, data, f"{place}: {name}")
    if kind in (nn.Sequential, Residual):
        inside = layer if kind is nn.Sequential else layer.body
        description["layers"] = [
            {"name": name, **_described(each, precision, data, f"{path}.{name}" if path else name)}
            for name, each in inside._modules.items()  # a layer that stands twice is there twice
        ]
    return description


def _kind(layer: nn.Module, path: str) -> type[nn.Module]:
    """Which of the kinds in ``ARGUMENTS`` a layer is; one of a class made from them may do something else."""
    if type(layer) in ARGUMENTS:
        return type(layer)
    if isinstance(layer, nn.Sequential) and type(layer).forward is nn.Sequential.forward:
        return nn.Sequential
    raise TypeError(f"{_place(layer, path)} cannot be packed; accepted are {', '.join(_KINDS)}")


def _place(layer: nn.Module | None, path: str) -> str:
    name = type(layer).__name__
    return f"layer {path}, {name}," if path else f"the model, {name},"


def _require_plain(layer: nn.Module, place: str) -> None:
    """Refuse a layer that somebody has taught something else than its class does."""
    if layer._forward_hooks or layer._forward_pre_hooks or "forward" in vars(layer):
        raise TypeError(f"{place} has a hook or a forward of its own, which cannot be packed; take it off first")


def _plain(value, what: str):
    """An argument as JSON has it; NumPy's numbers, and tensors of one element, as Python's."""
    value = value.item() if isinstance(value, np.generic | Tensor) else value
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, tuple | list):
        return [_plain(each, what) for each in value]
    try:
        return operator.index(value)
    except TypeError:
        number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{what} must be finite to be packed, and is {number}")
    return number


def _pair(value) -> tuple:
    """A number for both axes, or one for each, as a pair (down, across)."""
    return (value[0], value[-1]) if isinstance(value, tuple | list) else (value, value)


def _refused_convolution(layer: nn.Conv2d | nn.ConvTranspose2d) -> str | None:
    if min(*_pair(layer.stride), *_pair(layer.dilation), *_pair(layer.kernel_size)) < 1:
        return "must have a kernel_size, stride and dilation of at least 1"
    if not isinstance(layer.padding, str) and min(_pair(layer.padding)) < 0:
        return f"must have a padding of at least 0, and has {layer.padding}"
    axes = zip(*map(_pair, (layer.output_padding, layer.stride, layer.dilation)), strict=True)
    for added, stride, dilation in axes:
        if not 0 <= added < max(stride, dilation):
            return f"must have an output_padding smaller than its stride or its dilation, and has {added}"
    return None


def _refused_pool(layer: nn.MaxPool2d | nn.AvgPool2d) -> str | None:
    kernel, stride, padding, dilation = (
        _pair(getattr(layer, name, 1)) for name in ("kernel_size", "stride", "padding", "dilation")
    )
    if min(*kernel, *stride, *dilation) < 1:
        return "must have a kernel_size, stride and dilation of at least 1"
    for size, apart, added in zip(kernel, dilation, padding, strict=True):
        if not 0 <= added <= ((size - 1) * apart + 1) // 2:
            return f"must have a padding of at most half its kernel, and has {added}"
    if getattr(layer, "return_indices", False):
        return "cannot be packed with return_indices=True: a net gives one tensor"
    if getattr(layer, "divisor_override", None) == 0:
        return "cannot divide by divisor_override=0"
    return None


def _refused_upsample(layer: nn.Upsample) -> str | None:
    if layer.mode not in ("nearest", "bilinear"):
        return f"must have the mode nearest or bilinear, and has {layer.mode!r}"
    if (layer.size is None) == (layer.scale_factor is None):
        return "must have either a size or a scale_factor"
    if layer.mode == "nearest" and layer.align_corners is not None:
        return "takes align_corners only where its mode is bilinear"
    if layer.size is not None and layer.recompute_scale_factor:
        return "takes recompute_scale_factor only with a scale_factor"
    wanted = layer.scale_factor if layer.size is None else layer.size
    if isinstance(wanted, tuple | list) and len(wanted) != 2:
        return f"must have one number, or one for each of two axes, and has {wanted}"
    return None if min(_pair(wanted)) > 0 else f"must have a size or scale_factor above 0, and has {wanted}"


def _refused_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> str | None:
    if layer.running_mean is None or layer.running_var is None:
        return "has no running statistics (track_running_stats=False), so an image's result hangs on the others"
    return None


def _refused_gelu(layer: nn.GELU) -> str | None:
    known = layer.approximate in ("none", "tanh")
    return None if known else f"must have approximate none or tanh, and has {layer.approximate!r}"


def _refused_unflatten(layer: nn.Unflatten) -> str | None:
    named = isinstance(layer.dim, str) or any(isinstance(size, tuple | list) for size in layer.unflattened_size)
    return "must have whole numbers, not names, for its axes" if named else None


_REFUSALS: dict[type[nn.Module], Callable] = {
    **dict.fromkeys(_CONVOLUTIONS, _refused_convolution),
    **dict.fromkeys(_POOLS, _refused_pool),
    **dict.fromkeys(_NORMS, _refused_norm),
    nn.Upsample: _refused_upsample,
    nn.GELU: _refused_gelu,
    nn.Unflatten: _refused_unflatten,
}


# ------------------------------------------------------------------------------------------------------ 2. Tensors


def _tensors(layer: nn.Module, kind: type, place: str, precision: str) -> dict[str, tuple[Tensor | None, str]]:
    """A layer's tensors, output channel first, each with the precision in which it travels."""
    if kind in _NORMS:
        factor, shift = _normalization(layer, place)
        return {"weight": (factor, "float32"), "bias": (shift, "float32")}
    if kind is not nn.Linear and kind not in _CONVOLUTIONS:
        return {}
    weight, bias = (_numbers(getattr(layer, name), f"{place}: {name}") for name in ("weight", "bias"))
    expected = _weight_shape(layer)
    if tuple(weight.shape) != expected:
        raise ValueError(f"{place} must have a weight of the shape {expected}, and has {tuple(weight.shape)}")
    if kind is nn.ConvTranspose2d:
        weight = _stamps(weight, layer.groups)
    return {"weight": (weight, precision), "bias": (bias, "float32")}


def _numbers(tensor: Tensor | None, what: str) -> Tensor | None:
    """A tensor in float32 on the CPU, if it holds finite numbers."""
    if tensor is None:
        return None
    if not tensor.is_floating_point() or tensor.device.type == "meta":
        raise TypeError(f"{what} must be floats to be packed, and is {tensor.dtype} on {tensor.device}")
    tensor = tensor.detach().to("cpu", torch.float32)
    if not tensor.isfinite().all():
        raise ValueError(f"{what} must be finite in float32 to be packed, and is not")
    return tensor


def _weight_shape(layer: nn.Module) -> tuple[int, ...]:
    if isinstance(layer, nn.Linear):
        return layer.out_features, layer.in_features
    first, second = layer.out_channels, layer.in_channels
    if isinstance(layer, nn.ConvTranspose2d):
        first, second = second, first
    return first, second // layer.groups, *_pair(layer.kernel_size)


def _normalization(layer: nn.BatchNorm1d | nn.BatchNorm2d, place: str) -> tuple[Tensor, Tensor]:
    """A batch normalization in evaluation mode: what each channel is multiplied by, and what is added to it."""
    mean, variance = layer.running_mean.double().cpu(), layer.running_var.double().cpu()
    factor = (variance + layer.eps).rsqrt()
    if layer.weight is not None:
        factor = factor * layer.weight.detach().double().cpu()
    shift = -mean * factor
    if layer.bias is not None:
        shift = shift + layer.bias.detach().double().cpu()
    return _numbers(factor, f"{place}: its factor"), _numbers(shift, f"{place}: its shift")


def _stamps(weight: Tensor, groups: int) -> Tensor:
    """A transposed convolution's weight (in, out/groups, H, W), as (out, H, W, in/groups)."""
    inputs, outputs, *kernel = weight.shape
    by_group = weight.reshape(groups, inputs // groups, outputs, *kernel)
    return by_group.permute(0, 2, 3, 4, 1).reshape(groups * outputs, *kernel, inputs // groups)


def _unstamped(stamps: Tensor, groups: int) -> Tensor:
    """The inverse of ``_stamps``."""
    outputs, *kernel, inputs = stamps.shape
    by_group = stamps.reshape(groups, outputs // groups, *kernel, inputs)
    return by_group.permute(0, 4, 1, 2, 3).reshape(groups * inputs, outputs // groups, *kernel)


def _added(tensor: Tensor, precision: str, data: bytearray, what: str) -> dict:
    """Puts a tensor's numbers at the end of ``data``; gives what JSON says of them."""
    values = tensor.contiguous().numpy()
    kind = "int8" if precision in STEPS else precision  # in which the numbers are written
    description = {"type": kind, "shape": list(values.shape)}
    if precision in STEPS:
        values, scales = _quantized(values, STEPS[precision])
        description["scales"] = len(data)
        data += scales.astype("<f4").tobytes()
    elif precision == "float16" and values.size and np.abs(values).max() > np.finfo(np.float16).max:
        largest = np.abs(values).max()
        raise ValueError(f"{what} goes to {largest:g}, and float16 to 65504; use the precision float32")
    description["at"] = len(data)
    data += values.astype(WRITTEN[kind]).tobytes()
    return description


def _quantized(values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers from -most to most, and for each output channel the scale they are to be multiplied by."""
    rows = values.reshape(len(values), -1)
    scales = np.abs(rows).max(axis=1, initial=0) / np.float32(most)
    steps = rows / np.where(scales > 0, scales, 1)[:, None]
    return np.clip(np.rint(steps), -most, most), scales


# ---------------------------------------------------------------------------------------------------- 3. Unpacking


def _made(description: dict, data: memoryview) -> nn.Module:
    """The layer that ``_described`` has described."""
    kind = _KINDS.get(description["layer"])
    if kind is None:
        raise ValueError(f"this packed net has a layer {description['layer']}; known are {', '.join(_KINDS)}")
    if kind in (nn.Sequential, Residual):
        made = kind()
        for each in description["layers"]:
            (made if kind is nn.Sequential else made.body).add_module(each["name"], _made(each, data))
        return made
    arguments = {name: _given(description[name]) for name in ARGUMENTS[kind]}
    if kind in _NORMS:
        arguments["eps"] = torch.finfo(torch.float32).tiny  # its factor is whole already; PyTorch 2.11 refuses a 0
    elif "weight" in description:
        arguments["bias"] = description["bias"] is not None
    layer = kind(**arguments)
    for name in ("weight", "bias"):
        if description.get(name):
            setattr(layer, name, nn.Parameter(_read(description[name], data)))
    if kind is nn.ConvTranspose2d:
        layer.weight = nn.Parameter(_unstamped(layer.weight.detach(), layer.groups))
    return layer


def _given(value):
    return tuple(value) if isinstance(value, list) else value


def _read(description: dict, data: memoryview) -> Tensor:
    """A tensor's numbers in float32, as the precision has left them."""
    kind, shape = WRITTEN[description["type"]], description["shape"]
    values = np.frombuffer(data, kind, math.prod(shape), description["at"]).astype(np.float32).reshape(shape)
    if "scales" in description:
        scales = np.frombuffer(data, "<f4", shape[0], description["scales"])
        values = values * scales.reshape(-1, *[1] * (len(shape) - 1))
    return torch.from_numpy(values)
