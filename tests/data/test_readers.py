"""What decord makes of a set's files beside what PyAV does."""

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from maagn.cli import app
from maagn.data.check import difference
from maagn.types import Clip
from tests.video.coded import cut_without_decoding, encode


@pytest.fixture
def clip() -> Clip:
    frames = np.full((3, 4, 4, 3), 100, dtype=np.uint8)
    frames[:, 0, 0] = [[10], [60], [110]]  # one pixel tells the frames apart
    seconds = np.array([0.0, 0.04, 0.08, 0.12, 0.16])
    indices = np.array([0, 2, 4])
    return Clip(
        frames=frames,
        seconds=seconds[indices],
        indices=indices,
        source_seconds=seconds,
        digest="0" * 64,
        name="a.mp4",
        reader="pyav",
        notices=(),
    )


def timed(clip: Clip, seconds: list[float]) -> Clip:
    times = np.array(seconds)
    kept = clip.indices[clip.indices < len(times)]
    return replace(
        clip,
        frames=clip.frames[: len(kept)],
        seconds=times[kept],
        indices=kept,
        source_seconds=times,
    )


def test_the_same_clip_is_no_difference(clip):
    assert difference(clip, clip) is None


def test_rounding_is_no_difference(clip):
    near = timed(clip, [0.0, 0.0401, 0.0801, 0.1201, 0.1601])
    assert difference(clip, replace(near, frames=clip.frames + np.uint8(2))) is None


def test_each_difference_has_its_sentence(clip):
    assert difference(clip, timed(clip, [0.0, 0.04, 0.08, 0.12])) == (
        "decord counts 4 frames, PyAV 5."
    )
    assert difference(clip, timed(clip, [0.0, 0.04, 0.101, 0.12, 0.16])) == (
        "decord's frame times are up to 0.021 s from PyAV's."
    )
    assert difference(clip, replace(clip, frames=np.zeros((3, 8, 2, 3), np.uint8))) == (
        "decord's pictures are 2 x 8 pixels, PyAV's 4 x 4."
    )


def test_a_neighbouring_frame_is_noticed_by_one_pixel(clip):
    swapped = replace(clip, frames=clip.frames[[0, 1, 1]])
    assert difference(clip, swapped) == "decord gives other pictures for 1 of 3 frames: 4."


def test_the_command_lists_the_files_on_which_readers_differ(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    options = {"g": "12", "bf": "0", "sc_threshold": "0"}
    folder = tmp_path / "val" / "moving"
    folder.mkdir(parents=True)
    whole = encode(folder / "whole.mp4", count=60, options=options)
    arguments = ["data", "check", str(tmp_path / "val"), "--layout", "class-folders", "--readers"]
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 0, said.output
    cut_without_decoding(whole, folder / "cut.mp4", first=17, key=12)
    encode(folder / "other.avi", codec="mpeg4")
    table = tmp_path / "found.csv"
    said = CliRunner().invoke(app, [*arguments, "--out", str(table)])
    assert said.exit_code == 1
    assert "decord counts 48 frames, PyAV 43." in said.output  # 12 to 16 are for decoding alone
    rows = [line for line in table.read_text().splitlines() if line.startswith("readers differ")]
    assert [any(name in row for row in rows) for name in ("cut", "other", "whole")] == [
        True,
        True,
        False,
    ]
