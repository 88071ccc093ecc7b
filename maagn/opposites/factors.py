"""What a clip was drawn with, as plain values: error analysis slices by them."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import numpy as np

from maagn.opposites.action import Held
from maagn.opposites.clip import OppositeClip
from maagn.opposites.hand import HandLook
from maagn.opposites.paint import Canvas, Solid
from maagn.opposites.props import Prop
from maagn.opposites.scene import paint_scene

Factor = str | int | float | bool

_SIZE = 64
_MIDDLE = 0.5


def factors(clip: OppositeClip) -> dict[str, Factor]:
    """One flat row a clip.

    Returns:
        Among others `pair`, `direction` (forward, backward), `thing` and `thing_name` (the first
        that the action moves or films), `hands`, `hand_name`, `skin` (mean of RGB in [0, 255]),
        `speed` (share of the way a share of the clip), `completeness` (share of the action that is
        seen), `looped`, `size` (of the thing in frame widths), `shake`, `distractors`, `moving`,
        `occlusion` (share of the things' silhouette that hands cover half-way), `noise`, `blur`,
        `exposure`, `compression`, `table`, `wall`.
    """
    pace, lens, place = clip.pace, clip.lens, clip.backdrop
    things = [part for part in _parts(clip.action) if isinstance(part, Prop)]
    hands = [part for part in _parts(clip.action) if isinstance(part, HandLook)]
    seen = pace.done[1] - pace.done[0]
    return {
        "split": clip.split,
        "index": clip.index,
        "label": clip.label,
        "opposite": clip.opposite,
        "pair": type(clip.action).__name__,
        "direction": "backward" if clip.reverse else "forward",
        "thing": things[0].kind if things else str(getattr(clip.action, "kind", "none")),
        "thing_name": things[0].name if things else "none",
        "colour": things[0].colour if things else str(getattr(clip.action, "colour", "none")),
        "hands": len(hands),
        "hand_name": hands[0].name if hands else "none",
        "skin": float(np.mean(hands[0].skin)) if hands else 0.0,
        "speed": seen / (1 - sum(pace.pause)),
        "completeness": seen,
        "looped": pace.looped,
        "waver": pace.waver,
        "size": clip.camera.scale((0.0, 0.0, 0.0)) * things[0].size[0] if things else 0.0,
        "shake": clip.camera.sway,
        "distractors": len(place.distractors),
        "moving": sum(d.reach > 0 for d in place.distractors),
        "occlusion": occlusion(clip),
        "noise": lens.noise,
        "blur": lens.blur,
        "shutter": lens.shutter,
        "exposure": lens.exposure,
        "compression": lens.quality,
        "table": place.table.pattern,
        "wall": place.wall.pattern,
    }


def occlusion(clip: OppositeClip) -> float:
    """Share of the things' silhouette that hands cover half-way, in [0, 1]."""
    elements = clip.action.stage(_MIDDLE)
    camera = clip.action.view(clip.camera, _MIDDLE)
    flat = [replace(e, solids=_white(e.solids)) if isinstance(e, Held) else e for e in elements]
    flat = [_white((e,))[0] if isinstance(e, Solid) else e for e in flat]
    blank = Canvas.blank(
        size=_SIZE, supersample=1, margin=0, camera=camera, light=clip.backdrop.light
    )
    blank.pixels[:] = 0
    bare, held = blank.copy(), blank.copy()
    paint_scene(bare, flat, hands=False)
    paint_scene(held, flat)
    silhouette = bare.pixels.any(axis=-1)
    covered = silhouette & (bare.pixels != held.pixels).any(axis=-1)
    return float(covered.sum() / max(1, silhouette.sum()))


def _white(solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
    white = (255.0, 255.0, 255.0)
    return tuple(replace(solid, colours=(white, white)) for solid in solids)


def _parts(value: object) -> Iterator[object]:
    """Everything that a frozen dataclass holds, at any depth, itself included."""
    yield value
    if is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, list | tuple):
        for part in value:
            yield from _parts(part)
