"""python -m aebook: the command line, alone and as several processes under torchrun."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
import torch

from aebook import checkpoints, data
from aebook.__main__ import build, main
from aebook.models import MODELS, LinearAutoencoder
from aebook.training import evaluate

ROW = re.compile(r"^(\w+) +(\d+) +([\d,]+) +(\d+) +([\d.]+) +(\w+) +(\w+) +([\d.]+) +([\d.]+)$", re.MULTILINE)


def run(*arguments, processes=None):
    """The command line, in one process or under torchrun in several."""
    several = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m", "aebook"]
    command = [sys.executable, "-m", *(several if processes else ["aebook"]), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300)


@pytest.fixture
def run_here(monkeypatch, capsys):
    """The command line in this process, where nothing depends on its being a program: PyTorch is imported."""

    def ran(*arguments):
        monkeypatch.setattr(sys, "argv", ["aebook", *map(str, arguments)])
        capsys.readouterr()
        code, words = 0, ""
        try:
            main()
        except SystemExit as ended:  # which Python ends with as a number, or in words and with 1
            code, words = (1, ended.code) if isinstance(ended.code, str) else (ended.code or 0, "")
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(sys.argv, code, out, err + words)

    return ran


def test_a_run_saves_its_model_and_prints_its_row(tmp_path, run_here):
    path = tmp_path / "linear.safetensors"
    done = run_here("linear", "--code-size", 7, "--epochs", 2, "--device", "cpu", "--checkpoint", path)
    assert done.returncode == 0, done.stderr
    (row,) = ROW.findall(done.stdout)
    checkpoints.restore(model := LinearAutoencoder(7), path)
    error = evaluate(model, data.mnist(train=False).images)
    assert row[:4] == ("LinearAutoencoder", "7", "11,767", "2") and row[5] == "cpu"
    assert float(row[7]) == pytest.approx(error, abs=1e-5) and float(row[8]) == pytest.approx(
        784 * error, abs=0.01
    )
    again = run_here(
        "linear", "--code-size", 7, "--epochs", 3, "--device", "cpu", "--checkpoint", path, "--resume"
    )
    assert again.returncode == 0 and ROW.findall(again.stdout)[0][3] == "3", again.stderr


def test_two_processes_learn_what_one_learns(tmp_path, run_here):
    alone, together = tmp_path / "alone.safetensors", tmp_path / "together.safetensors"
    settings = ["linear", "--epochs", 1, "--device", "cpu", "--precision", "fp32", "--batch-size", 1000]
    one = run_here(*settings, "--checkpoint", alone)
    two = run(*settings, "--checkpoint", together, "--checkpoint-every", 25, processes=2)
    assert one.returncode == two.returncode == 0, two.stderr
    assert len(ROW.findall(two.stdout)) == 1  # the first process alone speaks
    expected, about = checkpoints.load(alone)
    tensors, found = checkpoints.load(together)
    assert tensors.keys() - expected.keys() == {"run.random.1.cpu"}  # each process its own chance
    weights = [name for name in tensors if name.startswith(("model.", "optimizer."))]
    assert len(weights) == 4 + 4 * 3
    for name in weights:
        assert torch.allclose(tensors[name], expected[name], rtol=0, atol=1e-5), name
    assert found["history"]["train_loss"] == pytest.approx(about["history"]["train_loss"], rel=1e-5)


SHARES = """
import sys, torch, torch.distributed as dist
from aebook.models import LinearAutoencoder
from aebook.training import fit
dist.init_process_group("gloo")
torch.manual_seed(dist.get_rank())  # each process its own first weights: the first one's are taken
model = LinearAutoencoder(3)
images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
run = {"learning_rate": 1e-3, "seed": 0, "batch_size": 2, "progress": False, "checkpoint": sys.argv[1]}
fit(model, images, epochs=1, **run)
fit(model, images, epochs=3, **run, resume=True)
"""


def test_a_batch_smaller_than_the_processes_counts_as_one_and_the_run_resumes(tmp_path):
    from aebook.training import fit

    script, path = tmp_path / "shares.py", tmp_path / "run.safetensors"
    script.write_text(SHARES, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run([*command, script, path], capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    torch.manual_seed(0)
    model = LinearAutoencoder(3)
    images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    history = fit(model, images, epochs=3, learning_rate=1e-3, seed=0, batch_size=2, progress=False)
    tensors, about = checkpoints.load(path)
    for name, tensor in checkpoints.model_tensors(model).items():
        assert torch.allclose(tensors[name], tensor, rtol=0, atol=1e-5)
    assert about["history"]["train_loss"] == pytest.approx(history.train_loss, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["conv", "--code-size", "0"], "must be above 0, and is 0"),
        (["linear", "--epochs", "two"], "invalid int value: 'two'"),
        (["linear", "--learning-rate", "nan"], "must be above 0, and is nan"),
        (["deep"], "invalid choice: 'deep'"),
        (["linear", "--precision", "fp16"], "invalid choice: 'fp16'"),
        (["linear", "--resume"], "need --checkpoint"),
        (["linear", "--device", "tpu"], "aebook: device 'tpu' is not here"),
        (["linear", "--checkpoint", ""], "a file's path must name a file"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(arguments, complaint, run_here):
    done = run_here(*arguments)
    assert complaint in done.stderr and done.returncode != 0


def test_a_file_that_is_no_checkpoint_is_refused_in_a_line(tmp_path):
    path = tmp_path / "run.safetensors"
    path.write_bytes(b"something else")
    done = run("linear", "--device", "cpu", "--checkpoint", path, "--resume")
    assert done.returncode == 1 and path.read_bytes() == b"something else"
    assert f"aebook: {path} is not a whole checkpoint" in done.stderr and "Traceback" not in done.stderr


def test_the_names_stand_for_the_books_models_and_the_help_says_how_large_their_codes_are(run_here):
    said = " ".join(run_here("--help").stdout.split())
    for name, model in MODELS.items():
        size = build(name, None).code_size
        assert type(build(name, None)) is type(model()) and build(name, 7).code_size == 7
        assert f"{name} {size}" in said or f"{name} the {size}" in said


def test_a_second_run_does_not_write_over_the_first(tmp_path, run_here):
    path = tmp_path / "run.safetensors"
    path.write_bytes(b"weeks of work")
    for several in ([], ["--processes", 2]):
        done = run_here("linear", "--device", "cpu", "--checkpoint", path, *several)
        assert done.returncode == 1 and path.read_bytes() == b"weeks of work"
        expected = f"aebook: {path} is there already: add --resume to go on from it, or name another file"
        assert done.stderr.strip() == expected


def test_the_help_says_the_defaults(run_here):
    text = " ".join(run_here("--help").stdout.split())
    assert "(default: 0.002)" in text and "(default: linear 20, stacked 30" in text
    assert "``" not in text and "None" not in text and "False" not in text


# Stopped


def interrupted(path, *words):
    """A run that is sent Ctrl-C's signal when it has saved for the first time."""
    command = [
        sys.executable,
        "-m",
        "aebook",
        "linear",
        "--epochs",
        "500",
        "--device",
        "cpu",
        "--precision",
        "fp32",
    ]
    command += ["--code-size", "7", "--checkpoint", str(path), "--checkpoint-every", "50", *words]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # A program started in the background is deaf to this signal, and so would be whatever it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    give_up = time.monotonic() + 200
    while not path.exists() and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    return process.returncode, out, err


@pytest.mark.skipif(os.name == "nt", reason="Windows has another kind of Ctrl-C")
@pytest.mark.parametrize("several", [[], ["--processes", "2"]], ids=["alone", "two processes"])
def test_ctrl_c_ends_with_130_says_where_and_reports_the_model_that_was_saved(tmp_path, several):
    path = tmp_path / "run.safetensors"
    code, out, err = interrupted(path, *several)
    assert code == 130, err
    assert "Traceback" not in err and "SignalException" not in err
    (said,) = re.findall(r"^aebook: interrupted after epoch (\d+)(?:, step (\d+))?$", err, re.MULTILINE)
    position = checkpoints.load(path)[0]["run.position"].tolist()
    assert [int(said[0]) - bool(said[1]), int(said[1] or 0)] == position
    about = checkpoints.load(path)[1]
    assert about["history"]["interrupted"] is True
    (row,) = ROW.findall(out)
    checkpoints.restore(model := LinearAutoencoder(7), path)
    assert float(row[7]) == pytest.approx(evaluate(model, data.mnist(train=False).images), abs=1e-5)
