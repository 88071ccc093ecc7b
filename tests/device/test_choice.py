import pytest
import torch
from typer.testing import CliRunner

from app import command_line
from app.errors import CommandLineError
from maagn import device
from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.device import CPU, choices, choose, shared_by
from maagn.errors import DeviceError
from maagn.inference import device_of
from maagn.train.devices import open_fabric
from tests.tiny import save_tiny
from tests.train.made import SPEC


@pytest.fixture(autouse=True)
def undecided(monkeypatch):
    monkeypatch.delenv(device.VARIABLE, raising=False)


@pytest.fixture
def two_gpus(monkeypatch):
    """A machine with two of them, as far as one asks which there are."""
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: torch.device("cuda"))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: None)


@pytest.mark.usefixtures("two_gpus")
def test_where_there_are_two_gpus():
    assert choices() == ("cpu", "cuda", "cuda:0", "cuda:1", "auto")
    assert choose() == choose("auto") == torch.device("cuda")  # of each process its own
    assert choose("cuda:1") == torch.device("cuda:1")
    assert choose("cpu") == CPU
    with pytest.raises(DeviceError, match=r"There is no cuda:2 here: choose from cpu, cuda,"):
        choose("cuda:2")


@pytest.mark.usefixtures("no_gpu")
def test_where_there_is_none():
    assert choose() == choose("auto") == CPU
    with pytest.raises(DeviceError, match=r"^There is no cuda:1 here: choose from cpu, auto\.$"):
        choose("cuda:1")


@pytest.mark.usefixtures("two_gpus")
def test_what_is_said_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv(device.VARIABLE, "cuda:1")
    assert choose() == torch.device("cuda:1")
    assert choose("cpu") == CPU
    assert choose("auto") == torch.device("cuda")


@pytest.mark.usefixtures("two_gpus")
def test_processes_have_a_device_each():
    assert shared_by(3, CPU) == {"accelerator": "cpu", "devices": 3}
    assert shared_by(2, torch.device("cuda")) == {"accelerator": "cuda", "devices": 2}
    assert shared_by(1, torch.device("cuda:1")) == {"accelerator": "cuda", "devices": [1]}
    with pytest.raises(DeviceError, match="3 processes need a device each, and cuda is 2"):
        shared_by(3, torch.device("cuda"))
    with pytest.raises(DeviceError, match="2 processes need a device each, and cuda:1 is 1"):
        shared_by(2, torch.device("cuda:1"))


def test_a_network_is_where_it_is_asked_for(tmp_path):
    path = save_tiny(tmp_path / "tiny.safetensors")
    assert device_of(load_model(path, "cpu")) == CPU
    with pytest.raises(DeviceError):
        load_model(path, "cuda:17")
    with pytest.raises(DeviceError):
        load_model("of no matter what name", "cuda:17")


def test_a_training_is_where_it_is_asked_for():
    assert open_fabric(SPEC, devices=1, device="cpu").device == CPU
    with pytest.raises(DeviceError):
        open_fabric(SPEC, devices=1, device="cuda:17")


COMMANDS = {
    "explain": "explain clip.mp4 --json",
    "evaluate": "evaluate --per-class 1",
    "evaluate own": "evaluate --data FOLDER --out FOLDER/run",
    "explain-dataset": "explain-dataset --data FOLDER --out FOLDER/run",
    "probe": "probe maagn-demo --out FOLDER/run",
    "audit": "audit maagn-demo --out FOLDER/run",
    "pointing": "pointing --out FOLDER/run",
    "teach": "teach FOLDER --name doors",
    "train": "train maagn-demo --out FOLDER/one.safetensors",
    "train a little": "train maagn-demo --dry-run",
    "reproduce": "reproduce table3 --work FOLDER --results FOLDER --page FOLDER/page.md",
}


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_every_command_says_which_devices_there_are(words, tmp_path, clips_of_two):
    folder = clips_of_two if words.startswith("teach") else tmp_path
    given = [*words.replace("FOLDER", str(folder)).split(), "--device", "cuda:1"]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "There is no cuda:1 here: choose from cpu, auto."


@pytest.fixture(scope="module")
def clips_of_two(tmp_path_factory):
    """Clips that are listed, and not read."""
    folder = tmp_path_factory.mktemp("clips")
    for name in ("opening", "closing"):
        (folder / name).mkdir()
        for number in range(4):
            (folder / name / f"{number}.mp4").write_bytes(b"")
    return folder


@pytest.mark.usefixtures("no_gpu")
def test_the_app_refuses_a_device_before_it_starts(monkeypatch):
    assert command_line.sorted_out(["--device", "cpu", "--server.port", "1"]) == [
        "--server.port", "1", "--", "--device=cpu",
    ]  # fmt: skip
    assert command_line.check(["--", "--device", "cpu"]) == []
    with pytest.raises(CommandLineError, match="There is no mps here: choose from cpu, auto"):
        command_line.check(["--", "--device", "mps"])
    monkeypatch.setenv(device.VARIABLE, "cuda")
    with pytest.raises(CommandLineError, match="There is no cuda here"):
        command_line.check(["--"])


def test_the_app_s_own_argument():
    assert command_line.device(["run", "main.py", "--", "--device=cpu"]) == "cpu"
    assert command_line.device(["run", "main.py"]) is None
    assert command_line.device(["--", "--device"]) is None  # refused at the start
