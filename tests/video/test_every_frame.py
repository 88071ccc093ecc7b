import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maagn.config import SamplingSpec
from maagn.data.read import every_frame_of, read_video
from maagn.data.videos import Video
from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.every_frame import every_frame
from maagn.video.read import read_clip
from maagn.video.validate import LIMITS
from tests.video.coded import encode, numbers, picture


def test_frames_come_in_order_and_at_the_height_that_is_asked_for(tmp_path):
    path = encode(tmp_path / "a.mp4", count=40)
    frames = list(every_frame(path, height=128))
    assert {frame.shape for frame in frames} == {(128, 192, 3)}
    assert numbers(np.stack(frames)) == list(range(40))
    assert len(frames) == len(read_clip(path).source_seconds)


def test_the_process_ends_with_whoever_stops_listening(tmp_path):
    path = encode(tmp_path / "a.mp4", count=200)
    frames = every_frame(path, height=64)
    next(frames)
    workers = _workers()
    assert workers
    frames.close()
    deadline = time.monotonic() + 10
    while workers & _workers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not workers & _workers()


def _workers() -> set[str]:
    """Numbers of this process's children that decode every frame."""
    mine = Path("/proc/self/task").glob("*/children")
    if not Path("/proc/self").exists():
        pytest.skip("no /proc here")
    children = {number for file in mine for number in file.read_text().split()}
    return {
        number
        for number in children
        if (line := Path(f"/proc/{number}/cmdline")).exists()
        and b"every-frame" in line.read_bytes()
    }


def test_what_is_wrong_with_a_file_is_said(tmp_path):
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(4000))
    with pytest.raises(UnreadableClip, match=r"broken\.mp4"):
        list(every_frame(path, height=64))


def test_too_many_frames_are_refused(tmp_path):
    path = encode(tmp_path / "a.mp4", count=30)
    with pytest.raises(ClipTooLarge, match="too many frames"):
        list(every_frame(path, height=64, limits=replace(LIMITS, frames=20)))


def test_a_file_that_has_changed_is_not_taken_for_the_clip(tmp_path):
    path = encode(tmp_path / "a.mp4", count=30)
    clip = read_clip(path)
    encode(path, count=31)
    with pytest.raises(UnreadableClip, match="has changed"):
        next(every_frame_of(Video("a", path, None), clip, height=64))


def test_a_folder_gives_its_pictures(tmp_path):
    for number in range(12):
        Image.fromarray(picture(number)).save(tmp_path / f"img_{number:05d}.png")
    video = Video("folder", tmp_path, None)
    clip = read_video(video, samplings=[SamplingSpec(8)])
    frames = list(every_frame_of(video, clip, height=128))
    assert numbers(np.stack(frames)) == list(range(12))
