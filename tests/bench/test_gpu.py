"""The measurements of a GPU, tried on the CPU; `tests/device` has them on a device of its own."""

from dataclasses import replace

import pytest
import torch
import typer
from typer.testing import CliRunner

from maagn.bench import gpu
from maagn.bench.page import Table
from maagn.cli.bench import gpu as command
from maagn.device import CPU
from tests.tiny import make_model, spec


@pytest.fixture
def one_small(monkeypatch):
    """One network of no size."""
    model = replace(make_model(spec("tsn")), name="tsn-demo")
    monkeypatch.setattr(gpu, "_subjects", lambda _short: iter([model]))
    monkeypatch.setattr(gpu, "BATCH", 2)


def run(*words):
    """Of `maagn bench gpu`, without the command that it belongs to."""
    alone = typer.Typer()
    alone.command()(command)
    return CliRunner().invoke(alone, [str(word) for word in words])


@pytest.mark.usefixtures("one_small")
def test_all_of_it_on_the_cpu(tmp_path):
    out = tmp_path / "speed.json"
    ran = run("--short", "--device", "cpu", "--out", out)
    assert ran.exit_code == 0, ran.output
    stored = Table.read(out).device
    assert stored.machine["device"] == "CPU"
    figures = {(one.topic, one.what): one.value for one in stored.figures}
    assert set(figures) == {
        ("asked", "forward, ms"),
        ("asked", "a clip in a batch of 2, ms"),
        ("asked", "explanation, ms"),
        ("parity", "largest difference, TF32 off"),
        ("parity", "largest difference, TF32 on"),
        ("trained", "32-true, clips a second"),
        ("trained", "bf16-mixed, clips a second"),
    }
    assert all((value == 0) == (topic == "parity") for (topic, _), value in figures.items())
    assert "| tsn-demo |" in ran.stdout


def test_where_no_gpu_is_it_says_so(monkeypatch, tmp_path):
    monkeypatch.delenv("MAAGN_DEVICE", raising=False)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: None)
    ran = run("--out", tmp_path / "speed.json")
    assert ran.exit_code == 2
    assert ran.stderr == (
        "There is no GPU here to measure: run it where one is, or try it with --device cpu.\n"
    )
    assert not (tmp_path / "speed.json").exists()


@pytest.mark.parametrize(
    ("error", "note"),
    [(RuntimeError("no C++"), "did not compile"), (torch.OutOfMemoryError(), "too little memory")],
)
def test_what_cannot_be_had_is_said(error, note, monkeypatch):
    def fail(*_args, **_settings):
        raise error

    monkeypatch.setattr(torch, "compile", lambda *_args, **_settings: fail)
    monkeypatch.setattr(gpu, "BATCH", 2)
    small = make_model(spec("maagn"))
    monkeypatch.setattr(gpu, "_subjects", lambda _short: iter([small]))
    (found,) = gpu.compiled(CPU, short=False)
    assert (found.value, str(found)) == (None, note)
    assert list(gpu.compiled(CPU, short=True)) == []


def test_tf32_is_left_as_it_was():
    places = torch.backends.cuda.matmul, torch.backends.cudnn.conv
    before = [place.fp32_precision for place in places]
    with gpu._multiplying(tf32=False):
        assert [place.fp32_precision for place in places] == ["ieee", "ieee"]
    assert [place.fp32_precision for place in places] == before
