from dataclasses import replace

import av
import numpy as np
import pytest

from maagn.explain.report import explain
from maagn.figures import overlay_video
from maagn.figures.heat import colours
from maagn.figures.overlay_video import LEAST, MOST, picture_height, write_overlay
from maagn.types import Clip
from maagn.video.transform import from_frames
from tests.tiny import tiny_model

UNEVEN = np.cumsum([0.0, 0.04, 0.04, 0.2, 0.04, 0.12, 0.04, 0.04, 0.3, 0.04, 0.04, 0.04, 0.1, 0.04])


def grey_clip(*, side: tuple[int, int] = (48, 48)) -> Clip:
    frames = np.full((len(UNEVEN), *side, 3), 128, np.uint8)
    frames[:, :, ::7] += np.arange(len(UNEVEN), dtype=np.uint8)[:, None, None, None] * 4
    return from_frames(frames, seconds=UNEVEN, name="uneven.mp4")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return explain(tiny_model(tmp_path_factory.mktemp("model")), grey_clip())


def pictures(report, taken=None):
    height = picture_height(report.clip)
    for index in range(len(report.clip.source_seconds)):
        if taken is not None:
            taken.append(index)
        yield np.full((height, height, 3), 128, np.uint8)


def decoded(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [(float(f.time), f.to_ndarray(format="rgb24")) for f in container.decode(stream)]
        return stream, dict(container.metadata), frames


def test_every_source_frame_has_the_sources_own_time(report, tmp_path):
    parts = []
    write_overlay(tmp_path / "a.mp4", report, pictures(report), truth="Dancing", step=parts.append)
    stream, metadata, frames = decoded(tmp_path / "a.mp4")
    assert [time for time, _ in frames] == pytest.approx(UNEVEN.tolist(), abs=1e-4)
    height, width = frames[0][1].shape[:2]
    assert height % 2 == width % 2 == 0
    assert height > LEAST
    assert stream.codec_context.name == "h264"
    assert parts == pytest.approx([(i + 1) / len(UNEVEN) for i in range(len(UNEVEN))])
    for part in ("uneven.mp4", "Dancing", report.model.digest, report.label):
        assert part in metadata["comment"]


def test_the_sampled_frames_alone_by_choice(report, tmp_path):
    write_overlay(tmp_path / "a.mp4", report)
    _, _, frames = decoded(tmp_path / "a.mp4")
    times = report.inputs.seconds - report.inputs.seconds[0]
    assert [time for time, _ in frames] == pytest.approx(times.tolist(), abs=1e-4)


def test_the_map_is_mixed_between_two_frames_before_it_is_coloured(report, tmp_path, monkeypatch):
    values = np.zeros_like(report.cam.values)
    values[0], values[1] = -1.0, 1.0  # in the middle 0: mixed after the cut it would be a half
    cam = replace(report.cam, values=values)
    assert report.cam.seconds[:2].tolist() == [0.0, 0.08]  # and the clip's second frame is at 0.04
    drawn = []
    monkeypatch.setattr(
        overlay_video, "write_mp4", lambda _, frames, **__: drawn.extend(list(frames))
    )
    made = replace(report, cam=cam)
    write_overlay(tmp_path / "a.mp4", made, pictures(made))
    middle = (drawn[0].shape[0] - 78 - LEAST // 2, drawn[0].shape[1] // 2)
    assert drawn[1][middle].tolist() == [128, 128, 128]
    share = 0.8
    expected = (1 - share) * 128 + share * colours(np.array(1.0))
    assert drawn[2][middle].tolist() == pytest.approx(expected.tolist(), abs=1)


def test_frames_are_taken_one_by_one(report, tmp_path, monkeypatch):
    taken, ahead = [], []

    def write(_path, frames, **_options):
        for index, _ in enumerate(frames):
            ahead.append(len(taken) - index)

    monkeypatch.setattr(overlay_video, "write_mp4", write)
    write_overlay(tmp_path / "a.mp4", report, pictures(report, taken))
    assert max(ahead) == 1


def test_fewer_frames_than_the_clip_has_are_refused(report, tmp_path):
    few = list(pictures(report))[:-1]
    with pytest.raises(ValueError, match="shorter"):
        write_overlay(tmp_path / "a.mp4", report, few)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("side", "height"),
    [((48, 64), LEAST), ((600, 400), 600), ((1080, 1920), MOST), ((481, 9), 480)],
)
def test_pictures_are_at_least_480_high(side, height):
    assert picture_height(grey_clip(side=side)) == height


def test_a_map_without_evidence_says_so(report, tmp_path):
    nothing = replace(report, cam=replace(report.cam, values=-np.ones_like(report.cam.values)))
    write_overlay(tmp_path / "a.mp4", nothing)
    assert decoded(tmp_path / "a.mp4")[2]
