"""The answers over a film are those that the networks give for its sections."""

from dataclasses import replace

import numpy as np
import pytest

from maagn.config import TransformSpec
from maagn.errors import TooFewFrames, UnreadableClip
from maagn.explain.timeline import timeline
from maagn.inference import predict
from maagn.video.encode import write_mp4
from maagn.video.film import film_length, film_pictures
from maagn.video.read import read_clip
from maagn.video.transform import from_frames
from tests.tiny import SPECS, make_model

RATE = 24
COUNT = 150


def pictures(count=COUNT, *, high=48, wide=64):
    """Blots that wander over a ground that changes once, in the middle."""
    rng = np.random.default_rng(3)
    grounds = rng.integers(0, 90, (2, high, wide, 3), dtype=np.uint8)
    grounds += np.array([[120, 20, 20], [20, 60, 150]], np.uint8)[:, None, None]
    for place in range(count):
        frame = grounds[2 * place // count].copy()
        left = 3 * place % (wide - 12)
        frame[10:30, left : left + 12] = (250, 20, 5 * place % 250)
        yield frame


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_mp4(path, pictures(), seconds=np.arange(COUNT) / RATE, keyframe_every=12)
    return path


def section_of(whole, section):
    inside = (whole.seconds >= section.start) & (whole.seconds < section.end)
    return from_frames(whole.frames[inside], seconds=whole.seconds[inside])


def models():
    """Two that look at each frame by itself and one with the shift; two sizes of pictures."""
    tsn, maagn, tsm = (
        make_model(spec)
        for spec in (SPECS["tsn"], replace(SPECS["maagn"], shift=False), SPECS["tsm"])
    )
    return [tsn, maagn, replace(tsm, transform=TransformSpec(resize=40, crop=32))]


@pytest.mark.parametrize(("window", "step"), [(2.0, 0.5), (1.5, 0.7), (1.0, 1.0)])
def test_a_window_is_answered_as_its_section_is(film, window, step):
    networks = models()
    line = timeline(film, networks, window=window, step=step)
    whole = read_clip(film)
    assert line.complete
    assert len(line.starts) >= 4
    for model, answers in zip(networks, line.answers, strict=True):
        for number in range(len(line.starts)):
            clip = section_of(whole, line.window(number))
            np.testing.assert_allclose(
                answers.logits[number], predict(model, clip).logits, atol=2e-4
            )
        assert np.ptp(answers.logits, axis=0).max() > 0.01  # they are not all the same


def test_the_features_of_a_frame_are_worked_out_once(film, monkeypatch):
    model = make_model(SPECS["tsn"])
    seen = []
    features = type(model.network).forward_features

    def counted(network, clip):
        seen.append(clip.shape[0] * clip.shape[2])
        return features(network, clip)

    monkeypatch.setattr(type(model.network), "forward_features", counted)
    line = timeline(film, [model], window=2.0, step=0.5)
    windows = len(line.starts)
    assert windows == 10  # 48 frames long, 12 apart, and one at the end of 150
    fresh = 8 + 2 * (windows - 2) + 8  # the last window lies on other frames
    assert fresh <= sum(seen) < fresh + 8


def test_the_film_is_decoded_once_for_networks_of_several_sizes(film, monkeypatch):
    from maagn.explain import timeline as module

    asked = []

    def counted(path, *, sides, wanted):
        asked.append((sides, len(wanted)))
        return film_pictures(path, sides=sides, wanted=wanted)

    monkeypatch.setattr(module, "film_pictures", counted)
    timeline(film, models(), window=2.0)
    assert asked == [((36, 40), COUNT // 6)]  # of 48 frames eight, and the same in every window


def test_a_film_whose_frames_have_other_times_than_foretold_is_answered_too(film, monkeypatch):
    from maagn.explain import timeline as module

    def wrong(path):
        length = film_length(path)
        return replace(length, times=length.times + 0.02 * (np.arange(COUNT) > 60))

    expected = timeline(film, models(), window=2.0)
    monkeypatch.setattr(module, "film_length", wrong)
    found = timeline(film, models(), window=2.0)
    np.testing.assert_array_equal(found.starts, expected.starts)
    for one, other in zip(found.answers, expected.answers, strict=True):
        np.testing.assert_allclose(one.logits, other.logits, atol=1e-4)


def test_progress_grows_to_one(film):
    told = []
    timeline(film, models()[:1], window=2.0, progress=told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert told[-1] == 1
    assert len(told) > 20


def test_what_was_found_before_it_is_cancelled_is_given(film):
    whole = timeline(film, models()[2:], window=1.0, step=0.25)
    told = []
    part = timeline(
        film,
        models()[2:],
        window=1.0,
        step=0.25,
        progress=told.append,
        cancelled=lambda: bool(told) and told[-1] > 0.8,
    )
    count = len(part.starts)
    assert not part.complete
    assert 0 < count < len(whole.starts)
    np.testing.assert_allclose(part.answers[0].logits, whole.answers[0].logits[:count], atol=1e-5)
    np.testing.assert_array_equal(part.ends, whole.ends[:count])
    none = timeline(film, models()[2:], cancelled=lambda: True)
    assert not none.complete
    assert len(none.starts) == len(none.edges) == len(none.answers[0].segments()) == 0


def test_the_cut_in_the_middle_is_found(film):
    line = timeline(film, models()[:1], window=2.0)
    assert line.cuts == pytest.approx([COUNT / 2 / RATE], abs=0.1)


def test_a_window_of_too_few_frames_is_refused_before_a_network_is_asked(film):
    with pytest.raises(TooFewFrames, match=r"tsn needs 8: choose a longer window"):
        timeline(film, models(), window=0.2)


def test_a_film_that_is_none_is_refused(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(2000))
    with pytest.raises(UnreadableClip, match=r"film\.mp4"):
        timeline(path, models())
