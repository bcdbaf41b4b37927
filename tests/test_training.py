"""aebook.training: the loop steps as it says, counts as it says, and is honest when something goes wrong."""

import copy
import math
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from aebook import data, running
from aebook.devices import adam, best_device, best_precision
from aebook.models import ConvAutoencoder, LinearAutoencoder
from aebook.training import Interrupted, evaluate, fit

QUICK = {"epochs": 1, "learning_rate": 1e-3, "seed": 0, "progress": False}


def images_of(count, dtype=torch.uint8):
    images = torch.randint(0, 256, (count, 1, 28, 28), generator=torch.Generator().manual_seed(count))
    return images.to(torch.uint8) if dtype == torch.uint8 else (images / 255).to(dtype)


def model_of(seed=0, code_size=3):
    torch.manual_seed(seed)
    return LinearAutoencoder(code_size)


class Watched(LinearAutoencoder):
    """Remembers the size of every batch, and the mode it was in."""

    def __init__(self):
        super().__init__(3)
        self.seen = []

    def forward(self, images):
        self.seen.append((len(images), self.training))
        return super().forward(images)


# The steps


def test_the_weights_are_those_of_the_plain_textbook_loop():
    images, ours, plain = images_of(1000), model_of(), model_of()
    fit(ours, images, epochs=3, learning_rate=1e-3, batch_size=64, seed=7, progress=False)
    optimizer = torch.optim.Adam(plain.parameters(), lr=1e-3, fused=True)
    generator = torch.Generator().manual_seed(7)
    for _ in range(3):
        for batch in torch.randperm(1000, generator=generator).split(64):
            pixels = images[batch].float() / 255
            optimizer.zero_grad()
            F.mse_loss(plain(pixels), pixels).backward()
            optimizer.step()
    for one, other in zip(ours.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(("count", "batch_size"), [(10, 3), (256, 256), (257, 256), (1, 256), (600, 256)])
def test_an_epoch_shows_every_image_once_and_the_last_batch_is_what_is_left(count, batch_size):
    model = Watched()
    fit(model, images_of(count), **QUICK | {"epochs": 2}, batch_size=batch_size)
    whole, left = divmod(count, batch_size)
    assert [size for size, _ in model.seen] == 2 * ([batch_size] * whole + [left] * (left > 0))


def test_floats_train_to_the_weights_of_the_same_bytes():
    ours, theirs = model_of(), model_of()
    fit(ours, images_of(500), **QUICK)
    fit(theirs, images_of(500, torch.float32), **QUICK)
    assert torch.equal(ours.encoder[1].weight, theirs.encoder[1].weight)


def test_the_seed_orders_the_batches_and_leaves_the_global_generator_alone():
    weights = []
    for seed in (0, 0, 1):
        model = model_of()
        state = torch.get_rng_state()
        fit(model, images_of(500), **QUICK | {"seed": seed})
        assert torch.equal(torch.get_rng_state(), state)
        weights.append(model.encoder[1].weight.detach())
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_one_cycle_and_bf16_step_as_pytorchs_own_scheduler_and_autocast(precision):
    images, ours, plain = images_of(1000), model_of(), model_of()
    run = {"epochs": 3, "learning_rate": 1e-2, "batch_size": 64, "seed": 7, "progress": False}
    fit(ours, images, **run, schedule="one-cycle", precision=precision)
    optimizer = torch.optim.Adam(plain.parameters(), lr=1e-2, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=3 * 16)
    generator = torch.Generator().manual_seed(7)
    for _ in range(3):
        for batch in torch.randperm(1000, generator=generator).split(64):
            pixels = images[batch].float() / 255
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                reconstructions = plain(pixels)
            optimizer.zero_grad()
            F.mse_loss(reconstructions.float(), pixels).backward()
            optimizer.step()
            schedule.step()
    for one, other in zip(ours.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)


def test_bf16_is_for_training_and_evaluation_is_fp32():
    kinds = []

    class Kinds(LinearAutoencoder):
        def forward(self, images):
            reconstructions = super().forward(images)
            kinds.append((self.training, reconstructions.dtype))
            return reconstructions

    fit(Kinds(3), images_of(5), **QUICK, precision="bf16", test_images=images_of(6))
    fit(Kinds(3), images_of(5), **QUICK, precision="fp32")
    assert kinds == [(True, torch.bfloat16), (False, torch.float32), (True, torch.float32)]


def test_channels_last_is_for_the_run_alone_and_changes_no_weight():
    layouts = []

    class Watching(ConvAutoencoder):
        def forward(self, images):
            layouts.append(self.encoder[3].weight.is_contiguous(memory_format=torch.channels_last))
            return super().forward(images)

    torch.manual_seed(0)
    ours = Watching(4)
    plain = copy.deepcopy(ours)
    for asked in (True, False):
        fit(ours, images_of(20), **QUICK | {"learning_rate": 1e-30}, channels_last=asked)
        assert ours.encoder[3].weight.is_contiguous() and ours.encoder[3].weight.view(32, -1).shape == (32, 144)
    assert layouts == [True, False]
    for one, other in zip(ours.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-20)


# The records


def test_the_last_short_batch_counts_its_images_not_one_batch():
    class Constant(nn.Module):
        """Always answers with its one parameter, which a learning rate of almost nothing keeps at 0."""

        def __init__(self):
            super().__init__()
            self.answer = nn.Parameter(torch.zeros(()))

        def forward(self, images):
            return self.answer.expand_as(images)

    images = torch.cat([torch.zeros(256, 1, 28, 28), torch.ones(1, 1, 28, 28)])  # a mean of 1/257, in any order
    history = fit(Constant(), images, **QUICK | {"learning_rate": 1e-30})
    assert history.train_loss == [pytest.approx(1 / 257, rel=1e-6)]


def test_a_run_records_every_epoch():
    model, test_images = model_of(), images_of(77)
    history = fit(model, images_of(500), **QUICK | {"epochs": 3}, test_images=test_images)
    assert len(history.train_loss) == len(history.test_loss) == len(history.seconds) == 3
    assert history.test_loss[-1] == evaluate(model, test_images)
    assert all(seconds > 0 for seconds in history.seconds) and not history.interrupted


def test_without_test_images_there_is_no_test_loss():
    assert fit(model_of(), images_of(5), **QUICK).test_loss == []


def test_training_and_evaluation_run_in_their_modes_and_leave_every_module_in_its_own():
    model = Watched()
    model.eval()
    model.decoder.train()
    fit(model, images_of(5), **QUICK, test_images=images_of(6))
    evaluate(model, images_of(7))
    assert model.seen == [(5, True), (6, False), (7, False)]
    assert [module.training for module in model.modules()] == 4 * [False] + 3 * [True]


def test_the_modes_come_back_even_when_the_model_fails():
    model = LinearAutoencoder(3).eval()
    with pytest.raises(ValueError, match=r"\(B, 1, 28, 28\)"):
        fit(model, torch.zeros(4, 1, 32, 32), **QUICK)
    assert not model.training


def test_evaluation_keeps_no_gradient():
    model = model_of()
    evaluate(model, images_of(5))
    assert all(parameter.grad is None for parameter in model.parameters())


# Evaluation


@pytest.mark.parametrize("batch_size", [1, 7, 256, 1000, 10_000])
def test_evaluate_is_the_mean_over_all_pixels_whatever_the_batch_size(batch_size):
    images = data.mnist(train=False).images
    model, floats = model_of(code_size=20), images.double() / 255
    expected = F.mse_loss(model.double()(floats), floats).item()
    assert evaluate(model.float(), images, batch_size=batch_size) == pytest.approx(expected, abs=1e-6)


# Trouble


def test_a_loss_that_is_not_finite_stops_the_epoch_and_names_its_first_step():
    class Breaks(LinearAutoencoder):
        steps = 0

        def forward(self, images):
            self.steps += 1
            return super().forward(images) * (math.nan if self.steps == 14 else 1)

    model = Breaks(3)
    with pytest.raises(FloatingPointError, match="the loss is nan in epoch 2, step 4"):
        fit(model, images_of(100), **QUICK | {"epochs": 9}, batch_size=10)
    assert model.steps <= 20


def test_a_learning_rate_that_explodes_is_reported():
    with pytest.raises(FloatingPointError, match="epoch 1, step 2; try a smaller learning rate"):
        fit(model_of(), images_of(1000), **QUICK | {"learning_rate": 1e30})


def test_the_stop_button_keeps_what_was_learned_and_stops_what_would_come_next():
    class Stopped(LinearAutoencoder):
        steps = 0

        def forward(self, images):
            self.steps += 1
            if self.steps == 25:
                raise KeyboardInterrupt
            return super().forward(images)

    model, twin = Stopped(3), LinearAutoencoder(3)
    twin.load_state_dict(model.state_dict())
    with pytest.raises(Interrupted, match="stopped after epoch 3, step 4") as stopped:
        fit(model.eval(), images_of(100), **QUICK | {"epochs": 9}, batch_size=10)
    history = stopped.value.history
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert history.interrupted and len(history.train_loss) == len(history.seconds) == 2 and not model.training
    finished = fit(twin, images_of(100), **QUICK | {"epochs": 2}, batch_size=10)
    assert history.train_loss == finished.train_loss
    assert math.isfinite(evaluate(model, images_of(50)))


@pytest.mark.parametrize(
    ("images", "error", "words"),
    [
        (torch.full((2, 1, 28, 28), 255.0), ValueError, "these go from 255 to 255"),
        (torch.full((2, 1, 28, 28), -0.5), ValueError, "these go from -0.5 to -0.5"),
        (torch.full((2, 1, 28, 28), math.nan), ValueError, "these go from nan to nan"),
        (torch.full((2, 1, 28, 28), math.inf), ValueError, "these go from inf to inf"),
        (torch.zeros(2, 1, 28, 28, dtype=torch.int64), TypeError, "these are torch.int64"),
        (torch.zeros(2, 1, 28, 28, dtype=torch.bool), TypeError, "these are torch.bool"),
        (torch.zeros(0, 1, 28, 28), ValueError, r"these have the shape \(0, 1, 28, 28\)"),
        (torch.tensor(0.5), ValueError, r"these have the shape \(\)"),
        (data.Digits(images_of(2), torch.zeros(2)), TypeError, "this is a Digits"),
        ([[0.5]], TypeError, "this is a list"),
    ],
)
@pytest.mark.parametrize("function", ["fit", "evaluate"])
def test_what_is_not_images_is_refused_and_the_model_stays_as_it_was(images, error, words, function):
    model, before = model_of(), model_of().state_dict()
    with pytest.raises(error, match=words):
        fit(model, images, **QUICK) if function == "fit" else evaluate(model, images)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_one_nan_among_good_pixels_is_refused():
    images = torch.rand(100, 1, 28, 28)
    images[50, 0, 3, 4] = math.nan
    with pytest.raises(ValueError, match="finite floats"):
        evaluate(model_of(), images)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"batch_size": 0}, {"learning_rate": -1}, {"learning_rate": math.nan}]
)
def test_a_number_that_makes_no_sense_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be above 0"):
        fit(model_of(), images_of(5), **QUICK | wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"schedule": "two-cycle"}, "schedule must be None or 'one-cycle', and is 'two-cycle'"),
        ({"precision": "fp16"}, "precision must be one of auto, bf16, fp32, and is 'fp16'"),
    ],
)
def test_a_word_that_is_not_known_is_refused_with_those_that_are(wrong, words):
    with pytest.raises(ValueError, match=words):
        fit(model_of(), images_of(5), **QUICK | wrong)


def test_test_images_are_checked_before_the_training_not_after_an_epoch():
    model = Watched()
    with pytest.raises(TypeError, match="this is a str"):
        fit(model, images_of(5), **QUICK, test_images="test")
    assert model.seen == []


# The machine


def test_best_device_takes_the_best_there_is_or_the_one_that_is_asked_for(monkeypatch):
    def machine(cuda, mps):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    for cuda, mps, best, others in [
        (0, False, "cpu", []),
        (0, True, "mps", ["cpu"]),
        (2, False, "cuda", ["cuda:0", "cuda:1", "cpu"]),
        (1, True, "cuda", ["mps", "cpu"]),
    ]:
        machine(cuda, mps)
        assert best_device() == best_device("auto") == torch.device(best)
        assert [best_device(name) for name in others] == [torch.device(name) for name in others]


def test_adam_is_fused_where_pytorch_has_that_and_plain_elsewhere(monkeypatch):
    parameters = list(model_of().parameters())
    assert (
        adam(parameters, 1e-3, 0.1).defaults | {"fused": True, "lr": 1e-3, "weight_decay": 0.1}
        == adam(parameters, 1e-3, 0.1).defaults
    )
    whole = torch.optim.Adam

    def without(*args, fused=None, **kwargs):
        if fused:
            raise RuntimeError("`fused=True` requires all the params to be on supported devices")
        return whole(*args, **kwargs)

    monkeypatch.setattr(torch.optim, "Adam", without)
    assert not adam(parameters, 1e-3).defaults["fused"]


@pytest.mark.parametrize("absent", ["cuda", "cuda:1", "mps", "tpu", ""])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(monkeypatch, absent):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError) as refusal:
        best_device(absent)
    assert str(refusal.value) == f"device {absent!r} is not here; there are: auto, cpu"


def test_the_best_precision_is_bf16_where_the_device_has_it_natively(monkeypatch):
    cpu, cuda, mps = torch.device("cpu"), torch.device("cuda"), torch.device("mps")
    for avx512, amx, expected in [(False, False, "fp32"), (True, False, "bf16"), (False, True, "bf16")]:
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda native=avx512: native, raising=False)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda native=amx: native, raising=False)
        assert best_precision("auto", cpu) == expected
    for native, expected in [(False, "fp32"), (True, "bf16")]:
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, native=native: native)
        assert best_precision("auto", cuda) == expected
    assert best_precision("auto", mps) == "fp32"
    assert best_precision("fp32", cpu) == "fp32" and best_precision("bf16", mps) == "bf16"


def test_memory_does_not_grow_with_the_epochs():
    pytest.importorskip("resource", reason="Windows does not tell a process's largest memory this way")
    program = """if True:
        import resource, torch
        from aebook.models import ConvAutoencoder, LinearAutoencoder
        from aebook.training import fit
        peaks = []
        for epochs in (5, 100):
            fit(LinearAutoencoder(), torch.zeros(2000, 1, 28, 28), epochs=epochs, learning_rate=1e-3, seed=0)
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        print(peaks[1] / peaks[0])
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 1 <= float(ran.stdout) < 1.05


def test_the_progress_bar_counts_the_steps_and_shows_the_loss(monkeypatch):
    bars = []

    class Bar(running.tqdm):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs | {"mininterval": 0, "miniters": 1})
            bars.append(self)

    monkeypatch.setattr(running, "tqdm", Bar)
    history = fit(model_of(), images_of(1000), **QUICK | {"progress": True}, batch_size=256)
    assert bars[0].n == bars[0].total == 4
    assert bars[0].postfix == f"loss {history.train_loss[0]:.4f}"


# CUDA


@pytest.mark.cuda
def test_a_gpu_learns_along_the_cpus_loss_curve():
    curves = []
    for device in ("cpu", "cuda"):
        torch.manual_seed(0)
        model = ConvAutoencoder(20).to(device)
        run = {"epochs": 3, "learning_rate": 1e-3, "seed": 0, "progress": False}
        curves.append(fit(model, images_of(2000), **run, test_images=images_of(500)))
    assert curves[1].train_loss == pytest.approx(curves[0].train_loss, rel=0.01)
    assert curves[1].test_loss == pytest.approx(curves[0].test_loss, rel=0.01)


def tf32_settings():
    """What the installed PyTorch says of TF32, through the interface that it has."""
    cuda, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    if hasattr(cuda, "fp32_precision"):
        return cuda.fp32_precision, cudnn.conv.fp32_precision
    return cuda.allow_tf32, cudnn.allow_tf32


@pytest.mark.cuda
def test_a_gpu_with_native_bf16_trains_with_it_and_evaluates_in_fp32():
    device = best_device("cuda")
    native = torch.cuda.get_device_capability(device) >= (8, 0)
    assert best_precision("auto", device) == ("bf16" if native else "fp32")
    before = tf32_settings()
    model = model_of(code_size=20).to(device)
    images = images_of(3000)
    fit(model, images, **QUICK, precision="auto")
    expected = F.mse_loss(
        model.double()(images.to(device).double() / 255), images.to(device).double() / 255
    ).item()
    assert evaluate(model.float(), images) == pytest.approx(expected, abs=1e-6)
    assert tf32_settings() == before


@pytest.mark.cuda
def test_tf32_is_for_training_and_leaves_no_setting_behind():
    seen = []

    class Seeing(LinearAutoencoder):
        def forward(self, images):
            seen.append(tf32_settings())
            return super().forward(images)

    before = tf32_settings()
    fit(Seeing(3).cuda(), images_of(5), **QUICK, test_images=images_of(6))
    assert len(set(seen)) == 2 and set(seen[0]) <= {True, "tf32"} and set(seen[1]) <= {False, "ieee"}
    assert tf32_settings() == before


@pytest.mark.cuda
def test_a_gpus_chance_is_resumed_and_evaluation_leaves_it_alone(tmp_path):
    class Chance(LinearAutoencoder):
        def forward(self, images):
            return super().forward(F.dropout(images, 0.5, self.training))

    def corrupt(images):
        return images + 0.1 * torch.randn_like(images)

    run = {"learning_rate": 1e-3, "seed": 0, "progress": False, "corrupt": corrupt, "valid_images": images_of(50)}

    def trained(epochs, resume):
        model = Chance(3).cuda()
        model.load_state_dict(model_of().state_dict())
        torch.manual_seed(9 if resume else 5)  # the checkpoint's own chance is to count
        kept = {"checkpoint": tmp_path / "run.safetensors", "resume": resume}
        fit(model, images_of(700), epochs=epochs, **run, **kept)
        return model.encoder[1].weight.detach().cpu()

    whole = trained(4, resume=False)
    for epochs in (1, 3):
        trained(epochs, resume=False)
        assert torch.allclose(trained(4, resume=True), whole, atol=1e-6)


@pytest.mark.cuda
def test_what_does_not_fit_a_gpu_streams_to_the_same_weights(monkeypatch):
    def trained():
        fit(model := model_of().cuda(), images_of(700), **QUICK)
        return model.encoder[1].weight.detach().cpu()

    at_once = trained()
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1000, 1000))
    assert torch.allclose(at_once, trained(), atol=1e-6)


@pytest.mark.cuda
def test_adam_is_fused_on_a_gpu_and_channels_last_is_undone_there():
    model = ConvAutoencoder(3).cuda()
    assert adam(model.parameters(), 1e-3).defaults["fused"]
    fit(model, images_of(20), **QUICK, channels_last=True, precision="auto")
    assert model.encoder[3].weight.is_contiguous()


@pytest.mark.cuda
def test_a_gpu_never_waits_within_the_batch_loop():
    model = model_of().to("cuda")
    run = {"epochs": 1, "learning_rate": 1e-3, "seed": 0, "batch_size": 10, "progress": False}
    fit(model, images_of(10), **run)  # the first call allocates
    waits = []
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        fit(model, images_of(1000), **run)
    for event in profile.events():
        waits += [event.name] * ("Synchronize" in event.name)
    assert len(waits) < 20, waits  # for 100 steps
