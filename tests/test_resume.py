"""aebook.training: a run that was stopped, however it was, goes on to the weights of one that was not."""

import multiprocessing
import random
import time

import pytest
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn

from aebook import checkpoints
from aebook.checkpoints import CheckpointError
from aebook.models import LinearAutoencoder
from aebook.training import Interrupted, fit

# Small, for hundreds of runs over them; how large they are does not matter here.
IMAGES = torch.randint(0, 256, (330, 1, 8, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
RUN = {"epochs": 4, "learning_rate": 1e-2, "seed": 3, "batch_size": 64, "progress": False}
STEPS = 4 * 6


@pytest.fixture(autouse=True)
def one_thread():
    """Models as small as these gain nothing from a second one, which waits for whatever else the machine does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Small(nn.Module):
    """Everything that a run has to bring back: convolutions, batch statistics, and chance (dropout)."""

    def __init__(self, stop_at=None):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Dropout(0.5), nn.Conv2d(3, 1, 3, padding=1)
        )
        self.stop_at, self.steps = stop_at, 0

    def forward(self, images):
        self.steps += self.training
        if self.steps == self.stop_at:
            raise KeyboardInterrupt
        return self.layers(images)


def small(seed=0, **settings):
    torch.manual_seed(seed)
    return Small(**settings)


def same_weights(one, other):
    states = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(torch.equal(tensor, other_tensor) for (_, tensor), (_, other_tensor) in states)


@pytest.mark.parametrize("schedule", [None, "one-cycle"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_run_stopped_at_any_step_ends_as_one_that_was_not(tmp_path, schedule, precision):
    run = RUN | {"schedule": schedule, "precision": precision}
    whole = small()
    history = fit(whole, IMAGES, **run, test_images=IMAGES[:50])
    for stop_at in range(1, STEPS + 1):
        path = tmp_path / f"{stop_at}.safetensors"
        kept = {"checkpoint": path, "checkpoint_every": 4, "test_images": IMAGES[:50]}
        with pytest.raises(Interrupted):
            fit(small(stop_at=stop_at), IMAGES, **run, **kept)
        assert path.exists() == (stop_at > 4)
        other = small(seed=0 if stop_at <= 4 else 9)  # whose own first weights are not to matter
        resumed = fit(other, IMAGES, **run, **kept, resume=True)
        assert same_weights(other, whole), stop_at
        assert resumed.train_loss == history.train_loss and resumed.test_loss == history.test_loss
        assert len(resumed.seconds) == 4 and not resumed.interrupted


def test_saving_changes_nothing(tmp_path):
    fit(plain := small(), IMAGES, **RUN)
    fit(saved := small(), IMAGES, **RUN, checkpoint=tmp_path / "run.safetensors", checkpoint_every=1)
    assert same_weights(plain, saved)


def test_a_missing_file_starts_afresh_and_says_so(tmp_path, capsys):
    path = tmp_path / "run.safetensors"
    fit(small(), IMAGES, **RUN | {"epochs": 1}, checkpoint=path, resume=True)
    assert f"{path} is not there yet: the run starts afresh" in capsys.readouterr().out
    assert path.exists()


def test_a_loss_that_is_not_finite_is_never_saved_over_a_good_checkpoint(tmp_path):
    class Breaks(LinearAutoencoder):
        steps = 0

        def forward(self, images):
            self.steps += 1
            return super().forward(images) * (float("nan") if self.steps == 10 else 1)

    path = tmp_path / "run.safetensors"
    with pytest.raises(FloatingPointError, match="epoch 2, step 4"):
        fit(Breaks(3, image_shape=IMAGES.shape[1:]), IMAGES, **RUN, checkpoint=path, checkpoint_every=1)
    assert checkpoints.load(path)[0]["run.position"].tolist() == [1, 3]


def test_a_finished_run_is_not_run_again(tmp_path):
    path = tmp_path / "run.safetensors"
    model = small()
    history = fit(model, IMAGES, **RUN, checkpoint=path)
    other = small(seed=9)
    assert fit(other, IMAGES, **RUN, checkpoint=path, resume=True) == history
    assert other.steps == 0 and same_weights(model, other)


def test_without_a_schedule_a_run_may_be_made_longer(tmp_path):
    path = tmp_path / "run.safetensors"
    fit(whole := small(), IMAGES, **RUN)
    fit(other := small(), IMAGES, **RUN | {"epochs": 2}, checkpoint=path)
    fit(other, IMAGES, **RUN, checkpoint=path, resume=True)
    assert same_weights(whole, other)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"learning_rate": 2e-2}, "learning_rate 0.01; this one has 0.02"),
        ({"seed": 4}, "seed 3; this one has 4"),
        ({"batch_size": 32}, "batch_size 64; this one has 32"),
        ({"schedule": None}, "schedule one-cycle; this one has None"),
        ({"precision": "bf16"}, "precision fp32; this one has bf16"),
        ({"epochs": 5}, "epochs 4; this one has 5"),
        ({"epochs": 3}, "epochs 4; this one has 3"),
    ],
)
def test_another_run_is_refused_with_the_setting_that_differs(tmp_path, other, reason):
    path, run = tmp_path / "run.safetensors", RUN | {"schedule": "one-cycle"}
    with pytest.raises(Interrupted):
        fit(small(stop_at=9), IMAGES, **run, checkpoint=path)
    before, model, untouched = path.read_bytes(), small(), small()
    with pytest.raises(CheckpointError, match=reason):
        fit(model, IMAGES, **run | other, checkpoint=path, resume=True)
    assert path.read_bytes() == before and same_weights(model, untouched)


def test_other_images_another_model_and_mere_weights_are_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    with pytest.raises(Interrupted):
        fit(small(stop_at=9), IMAGES, **RUN, checkpoint=path)
    with pytest.raises(CheckpointError, match="images"):
        fit(small(), IMAGES.flip(0), **RUN, checkpoint=path, resume=True)
    with pytest.raises(CheckpointError, match="another model"):
        fit(LinearAutoencoder(3, image_shape=IMAGES.shape[1:]), IMAGES, **RUN, checkpoint=path, resume=True)
    checkpoints.save(path, checkpoints.model_tensors(small()), {})
    with pytest.raises(CheckpointError, match="no run to go on with"):
        fit(small(), IMAGES, **RUN, checkpoint=path, resume=True)


@pytest.mark.parametrize("settings", [{"resume": True}, {"checkpoint_every": 3}])
def test_without_a_checkpoint_there_is_nothing_to_save_or_resume(settings):
    with pytest.raises(ValueError, match="need a checkpoint"):
        fit(small(), IMAGES, **RUN, **settings)


# Killed

LONG = RUN | {"epochs": 30, "schedule": "one-cycle"}


class Tied(Small):
    """The same, with a layer in two places, and one whose weights are a part of another's."""

    def __init__(self):
        super().__init__()
        self.again = self.layers[3]
        self.part = nn.Parameter(self.layers[0].weight.detach()[:1])

    def forward(self, images):
        return self.again(self.layers[2](self.layers[1](self.layers[0](images)))) + self.part.mean()


def smooth(model, seen, wanted):
    return F.smooth_l1_loss(model(seen).float(), wanted)


def noisy(images):
    return images + 0.1 * torch.randn_like(images)


def train_in_a_process(path, started, rank, count, meeting):
    """What the killed processes run; alone in its process, with one thread, so that they are alike."""
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    model = Tied()
    if count > 1:
        dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)
    started.set()
    steering = {"loss": smooth, "corrupt": noisy, "valid_images": IMAGES[:40], "keep_best": True}
    fit(model, IMAGES, **LONG, **steering, checkpoint=path, checkpoint_every=2, resume=True)


def start(path, count):
    """Processes that train together, once they have begun to."""
    fork = "forkserver" in multiprocessing.get_all_start_methods()
    processes = multiprocessing.get_context("forkserver" if fork else "spawn")
    if fork:
        # Imported once for all of them: this file wants pytest, and the optimizer _dynamo, at its first step.
        processes.set_forkserver_preload(["aebook.training", "torch._dynamo", "pytest"])
    meeting = path.with_name(f"meeting-{random.getrandbits(64)}")
    started = [processes.Event() for _ in range(count)]
    arguments = [(path, event, rank, count, meeting) for rank, event in enumerate(started)]
    together = [processes.Process(target=train_in_a_process, args=each) for each in arguments]
    for process in together:
        process.start()
    assert all(event.wait(60) for event in started)
    return together


def wait_or_kill(together, seconds=None):
    """Whether they came to their end; if not within so many seconds, they are killed."""
    together[0].join(seconds)
    ended = together[0].exitcode == 0
    for process in together:
        if not ended:
            process.kill()
        process.join()
    return ended


@pytest.mark.parametrize("count", [1, 2], ids=["alone", "two processes"])
def test_a_run_killed_30_times_ends_with_the_weights_of_one_never_killed(tmp_path, count):
    whole, killed, chance = tmp_path / "whole.safetensors", tmp_path / "killed.safetensors", random.Random(0)
    together, begun = start(whole, count), time.perf_counter()
    assert wait_or_kill(together)
    longest = (time.perf_counter() - begun) / 15
    expected, expected_about = checkpoints.load(whole)
    kills, positions, finished = 0, set(), False
    while kills < 30 or not finished:
        finished = wait_or_kill(start(killed, count), chance.uniform(0, longest) if kills < 30 else None)
        kills += not finished
        if finished:
            tensors, about = checkpoints.load(killed)
            assert tensors.keys() == expected.keys()
            assert all(torch.equal(tensor, expected[name]) for name, tensor in tensors.items())
            assert about["history"]["train_loss"] == expected_about["history"]["train_loss"]
            assert about["history"]["valid_loss"] == expected_about["history"]["valid_loss"]
            killed.unlink()
        elif killed.exists():
            positions.add(tuple(checkpoints.load(killed)[0]["run.position"].tolist()))
    assert len(positions) > 5  # it was killed at different moments of its way
