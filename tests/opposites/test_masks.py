"""The truth about hand and thing is where the rendered frames show them, to the pixel."""

from dataclasses import fields, is_dataclass, replace

import cv2
import numpy as np
import pytest

from maagn.opposites.backdrop import Backdrop
from maagn.opposites.clip import OPPOSITES_PAIRS, OppositeClip, draw_clip
from maagn.opposites.hand import HandLook

SIZE = 64
TIMES = np.array([0.1, 1 / 3, 0.5, 0.75])
FORWARD = [forward for forward, _ in OPPOSITES_PAIRS]
TURNS = [label for label in FORWARD if label.startswith("Turning the camera")]
APPROACH = "Approaching something with your camera"


def clean(label: str, *, shutter: float = 0.02) -> OppositeClip:
    """Through a lens that adds nothing."""
    clip = draw_clip(label, split="test", index=4)
    lens = replace(
        clip.lens, noise=0.0, blur=0.0, exposure=0.7, drift=0.0, quality=100, shutter=shutter
    )
    return replace(clip, lens=lens)


def grey(clip: OppositeClip) -> np.ndarray:
    frames = clip.render(TIMES, size=SIZE)
    return np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]).astype(float)


@pytest.mark.parametrize("label", [one for one in FORWARD if one not in (*TURNS, APPROACH)])
def test_hand_and_thing_are_what_hides_a_changing_backdrop(label, monkeypatch):
    clip = clean(label, shutter=0.15)  # so long that what moves is smeared
    monkeypatch.setattr(Backdrop, "paint_moving", lambda *_: None)
    monkeypatch.setattr("maagn.opposites.scene.paint_shadows", lambda *_: None)
    staged, empty = [], []
    for tone in (0, 255):
        monkeypatch.setattr(Backdrop, "paint_still", lambda _, c, tone=tone: c.pixels.fill(tone))
        staged.append(grey(clip))
        with monkeypatch.context() as bare:
            bare.setattr(type(clip.action), "stage", lambda *_: [])
            empty.append(grey(clip))
    covered = 1 - (staged[1] - staged[0]) / (empty[1] - empty[0])
    both = clip.masks(TIMES, size=SIZE).both
    clear = np.abs(covered - 0.5) > 0.06  # what compression may change aside
    assert clear.mean() > 0.9
    np.testing.assert_array_equal(both[clear], covered[clear] > 0.5)
    assert 0.01 < both.mean() < 0.8


def with_hands(value: object, tone: float) -> object:
    """The same scene, with hands and sleeves of that grey wherever they are kept."""
    if isinstance(value, HandLook):
        colour = (tone, tone, tone)
        return replace(value, skin=colour, sleeve=colour, stripe=None, band=None)
    if isinstance(value, tuple):
        return tuple(with_hands(part, tone) for part in value)
    if is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{name: with_hands(part, tone) for name, part in parts.items()})
    return value


@pytest.mark.parametrize("label", FORWARD)
def test_the_hand_is_what_changes_with_its_colour(label):
    clip = clean(label)
    white, black = (
        grey(replace(clip, action=with_hands(clip.action, tone))) for tone in (255.0, 0.0)
    )
    changed = white - black > 25
    hand = clip.masks(TIMES, size=SIZE).hand
    assert hand.any() == changed.any() == ("camera" not in label or "towards" in label)
    for inner, outer in ((hand, changed), (changed, hand)):
        for a, b in zip(inner, outer, strict=True):
            wider = cv2.dilate(b.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
            assert (a & ~wider).sum() <= 1  # a dark corner of a finger may change too little


@pytest.mark.parametrize("label", FORWARD)
def test_the_opposite_has_the_same_masks_backwards(label):
    forward = draw_clip(label, split="val", index=7)
    backward = draw_clip(forward.opposite, split="val", index=7)
    here, there = forward.masks(TIMES, size=32), backward.masks(1 - TIMES, size=32)
    np.testing.assert_array_equal(here.hand, there.hand)
    np.testing.assert_array_equal(here.thing, there.thing)
    assert not (here.hand & here.thing).any()


@pytest.mark.parametrize("label", TURNS)
def test_a_turning_camera_has_neither(label):
    assert not draw_clip(label).masks(TIMES, size=32).both.any()


def test_a_camera_approaches_one_thing_and_the_others_are_none():
    clip = next(
        clip
        for clip in (draw_clip(APPROACH, index=i) for i in range(20))
        if len(clip.action.things) == 3
    )
    masks = clip.masks(TIMES, size=SIZE)
    alone = replace(clip, action=replace(clip.action, things=clip.action.things[-1:]))
    assert masks.thing.any(axis=(1, 2)).all()
    np.testing.assert_array_equal(masks.thing, alone.masks(TIMES, size=SIZE).thing)
