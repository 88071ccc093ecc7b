"""Shapes with turned parts: what comes off a lathe, some with a handle or a spout."""

from collections.abc import Callable
from functools import partial
from math import cos, pi, sin

from maagn.opposites.facets import (
    ACCENT,
    BASE,
    DARK,
    FULL,
    PAPER,
    Facet,
    Profile,
    block,
    disc,
    handle,
    lathe,
    moved,
)

_MUG = ((0.85, 0.7, 0.5), (0.9, 0.85, 0.6), (0.7, 0.55, 0.45), (0.8, 0.6, 0.5))
_MUG_HANDLE = ((0.4, 0.8), (0.62, 0.82), (0.7, 0.55), (0.6, 0.28), (0.38, 0.24))
_POT_HANDLE = ((0.44, 0.62), (0.62, 0.66), (0.66, 0.56), (0.6, 0.46), (0.44, 0.5))
_SPOUT = ((0.36, 0.26), (0.56, 0.42), (0.64, 0.66), (0.76, 0.8))
_EAR = ((0.3, 0.62), (0.56, 0.68), (0.66, 0.48), (0.56, 0.26), (0.36, 0.2))
_CUP_INSIDE = ((0.5, 1.0, DARK), (0.45, 0.6, BASE), (0.38, 0.12, DARK), (0.0, 0.12, DARK))
_CUP_OUTSIDE = ((0.4, 0.0, BASE), (0.46, 0.35, BASE), (0.49, 0.6, ACCENT), (0.52, 0.95, BASE),
                (0.53, 1.0, PAPER), (0.5, 1.0, PAPER))  # fmt: skip
_POT_INSIDE = ((0.48, 1.0, PAPER), (0.46, 0.1, DARK), (0.0, 0.1, DARK))
_POT_OUTSIDE = ((0.42, 0.0, BASE), (0.48, 0.1, BASE), (0.48, 0.72, BASE), (0.48, 0.92, ACCENT),
                (0.52, 0.94, PAPER), (0.52, 1.0, PAPER), (0.48, 1.0, PAPER))  # fmt: skip


def _sphere(segments: int, variant: int = 0) -> list[Facet]:
    rings = segments // 2
    inked = {0: (0.5, 0.62), 1: (0.3, 0.7), 2: (0.4, 0.6), 3: (0.0, 0.42)}[variant]
    profile = [
        (
            0.5 * sin(pi * i / rings),
            0.5 - 0.5 * cos(pi * i / rings),
            ACCENT if inked[0] < i / rings <= inked[1] else BASE,
        )
        for i in range(rings + 1)
    ]
    return lathe(profile, segments=segments, pattern=variant)


def _cone(segments: int, variant: int) -> list[Facet]:
    """A traffic cone."""
    stripe = (ACCENT, PAPER)[variant % 2]
    upper = stripe if variant > 1 else BASE
    cone = ((0.4, 0.08, BASE), (0.31, 0.32, BASE), (0.23, 0.54, stripe), (0.16, 0.72, BASE),
            (0.11, 0.86, upper), (0.06, 1.0, BASE), (0.0, 1.0, DARK))  # fmt: skip
    return block(FULL, (0.0, 0.08), FULL, BASE) + lathe(cone, segments=segments)


def _duck(segments: int, variant: int) -> list[Facet]:
    """A bath duck that looks to the left or to the right."""
    ball = _sphere(segments - 2)
    plain = [(corners, BASE) for corners, _ in ball]
    body = moved(plain, (1.0, 0.62, 0.95))
    tail = moved(block(FULL, (0.0, 1.0), FULL, BASE, taper=(0.2, 0.6)), (0.3, 0.3, 0.35),
                 (0.38, 0.4, 0.0))  # fmt: skip
    head = moved(plain, (0.48, 0.5, 0.5), (-0.24, 0.5, 0.0))
    beak = moved(block(FULL, (0.0, 1.0), FULL, ACCENT), (0.24, 0.1, 0.26), (-0.54, 0.66, -0.05))
    eye = disc(-0.33, 0.82, 0.05, DARK, z=-0.27)
    facets = tail + body + head + beak + eye
    if variant % 2:
        # Mirrored, so the corners turn the other way.
        return [([(-x, y, z) for x, y, z in corners[::-1]], ink) for corners, ink in facets]
    return facets


def _mug(segments: int, variant: int) -> list[Facet]:
    lip, belly, foot = ((0.44, 0.44, 0.44), (0.45, 0.43, 0.3), (0.38, 0.44, 0.4), (0.46, 0.4, 0.4))[
        variant
    ]
    inside = (
        (lip, 1.0, DARK),
        (belly * 0.9, 0.5, BASE),
        (foot * 0.8, 0.12, DARK),
        (0.0, 0.12, DARK),
    )
    high, low = (0.75, 0.35) if variant % 2 else (0.85, 0.15)
    outside = ((foot, 0.0, BASE), (belly, low, BASE), (belly, 0.5, ACCENT), (lip, high, ACCENT),
               (lip, 0.97, BASE), (lip + 0.02, 1.0, PAPER), (lip - 0.02, 1.0, PAPER))  # fmt: skip
    azimuth = -145.0 if variant > 1 else -35.0
    body = lathe(inside, segments=segments) + lathe(outside, segments=segments, pattern=variant)
    return body + handle(_MUG_HANDLE, [0.06] * 5, BASE, azimuth=azimuth)


def _teapot(segments: int, variant: int) -> list[Facet]:
    wide = (0.46, 0.42, 0.47, 0.44)[variant]
    body = ((0.28, 0.0, BASE), (0.4, 0.13, BASE), (wide, 0.32, BASE), (wide * 0.9, 0.54, ACCENT),
            (0.24, 0.7, BASE), (0.22, 0.74, DARK), (0.12, 0.8, BASE), (0.05, 0.83, BASE),
            (0.1, 0.9, ACCENT), (0.0, 0.97, ACCENT))  # fmt: skip
    spout, ear = (-30.0, 150.0) if variant % 2 else (-150.0, 30.0)
    return (handle(_EAR, [0.05] * 5, BASE, azimuth=ear)
            + lathe(body, segments=segments, pattern=variant)
            + handle(_SPOUT, [0.12, 0.08, 0.06, 0.05], BASE, azimuth=spout))  # fmt: skip


def _pot(segments: int, lid: bool) -> list[Facet]:
    ears = [
        facet
        for azimuth in (-8.0, 188.0)
        for facet in handle(_POT_HANDLE, [0.05] * 5, DARK, azimuth=azimuth)
    ]
    if not lid:
        return lathe(_POT_OUTSIDE, segments=segments) + ears
    top = ((0.5, 0.66, PAPER), (0.3, 0.8, BASE), (0.06, 0.84, BASE), (0.05, 0.9, DARK),
           (0.1, 0.94, DARK), (0.0, 1.0, DARK))  # fmt: skip
    body = [(r, y * 0.66, ink) for r, y, ink in _POT_OUTSIDE[:-1]]
    low = moved(ears, (1.0, 0.7, 1.0))
    return lathe([*body, *top], segments=segments) + low


def _tape(segments: int, variant: int) -> list[Facet]:
    hole = (0.34, 0.28, 0.38, 0.24)[variant]
    inner = ((hole - 0.05, 1.0, PAPER), (hole - 0.05, 0.0, DARK))
    outer = ((0.5, 0.0, BASE), (0.5, 1.0, BASE), (hole, 1.0, ACCENT), (hole - 0.05, 1.0, PAPER))
    return lathe(inner, segments=segments) + lathe(outer, segments=segments)


def _lathes(variant: int) -> dict[str, Profile]:
    """Everything that is one turned outline; necks and shoulders differ between variants."""
    neck, shoulder = ((0.17, 0.6), (0.12, 0.5), (0.24, 0.7), (0.2, 0.42))[variant]
    waist, brim = ((0.3, 0.2), (0.26, 0.3), (0.32, 0.14), (0.28, 0.24))[variant]
    leaf = ((0.36, 0.74), (0.5, 0.6), (0.3, 0.66), (0.44, 0.82))[variant]
    return {
        "bottle": (
            (0.0, 0.0, BASE), (0.5, 0.0, BASE), (0.5, shoulder * 0.35, BASE),
            (0.5, shoulder * 0.85, ACCENT), (0.5, shoulder, BASE), (neck, shoulder + 0.2, BASE),
            (neck, 0.88, BASE), (neck + 0.03, 0.88, PAPER), (neck + 0.03, 1.0, PAPER),
            (0.0, 1.0, PAPER),
        ),
        "can": (
            (0.44, 0.0, PAPER), (0.5, 0.06, PAPER), (0.5, 0.3, BASE), (0.5, 0.65, ACCENT),
            (0.5, 0.93, BASE), (0.44, 1.0, PAPER), (0.38, 0.97, DARK), (0.0, 0.97, PAPER),
        ),
        "jar": (
            (0.42, 0.0, PAPER), (0.47, 0.06, PAPER), (0.47, 0.24, PAPER), (0.47, 0.58, ACCENT),
            (0.46, 0.7, PAPER), (waist + 0.08, 0.77, PAPER), (waist + 0.13, 0.78, BASE),
            (waist + 0.13, 0.98, BASE), (waist + 0.1, 1.0, BASE), (0.0, 1.0, BASE),
        ),
        "shaker": (
            (0.44, 0.0, PAPER), (0.38, 0.14 + brim, ACCENT), (waist, 0.66, PAPER),
            (waist + 0.06, 0.67, BASE), (waist + 0.05, 0.8, BASE), (0.22, 0.96, BASE),
            (0.12, 1.0, DARK), (0.0, 1.0, BASE),
        ),
        "egg": (
            (0.0, 0.0, BASE), (0.24, 0.05, BASE), (0.42, 0.2, BASE), (0.5, 0.38, BASE),
            (0.46, 0.58, ACCENT), (0.36, 0.76, BASE), (0.2, 0.93, BASE), (0.0, 1.0, BASE),
        ),
        "hat": (
            (0.5, 0.0, BASE), (0.5, 0.05, BASE), (waist, 0.07, BASE), (waist, 0.08 + brim, ACCENT),
            (waist + 0.03, 1.0, BASE), (0.0, 1.0, BASE),
        ),
        "plant": (
            (0.24, 0.0, BASE), (0.32, 0.34, BASE), (0.35, 0.34, BASE), (0.35, 0.42, BASE),
            (0.1, 0.42, DARK), (leaf[0], 0.55, ACCENT), (leaf[0], leaf[1], ACCENT),
            (leaf[0] * 0.66, 0.88, ACCENT), (0.0, 1.0, ACCENT),
        ),
        # An upturned cup or dome: closed at the top, its mouth on the table.
        "dome": (
            (0.53, 0.0, PAPER), (0.5, 0.08, PAPER), (0.5, 0.35, BASE), (0.47, 0.6, ACCENT),
            (0.4, 0.9, BASE), (0.3, 1.0, BASE), (0.0, 1.0, BASE),
        ),
        "bowl_inside": _CUP_INSIDE,
        "bowl_outside": _CUP_OUTSIDE,
        "tin_inside": ((0.47, 1.0, DARK), (0.47, 0.1, BASE), (0.0, 0.1, DARK)),
        "tin_outside": (
            (0.5, 0.0, BASE), (0.5, 0.2, BASE), (0.5, 0.75, ACCENT), (0.5, 1.0, BASE),
            (0.47, 1.0, PAPER),
        ),
        "round_lid": (
            (0.0, 0.0, DARK), (0.46, 0.0, DARK), (0.5, 0.0, BASE), (0.5, 1.0, BASE),
            (0.25, 1.0, BASE), (0.0, 1.0, ACCENT),
        ),
        "pot_inside": _POT_INSIDE,
    }  # fmt: skip


def round_shapes(segments: int, variant: int) -> dict[str, Callable[[], list[Facet]]]:
    """Every round kind of that variant, made when called."""
    lemon = ((0.0, 0.0, BASE), (0.08, 0.02, BASE), (0.14, 0.1, BASE), (0.4, 0.26, BASE),
             (0.5, 0.5, BASE), (0.4, 0.74, BASE), (0.14, 0.9, BASE), (0.06, 1.0, BASE),
             (0.0, 1.0, DARK))  # fmt: skip
    outlines = {
        kind: partial(lathe, profile, segments=segments, pattern=0 if kind == "plant" else variant)
        for kind, profile in _lathes(variant).items()
    }
    return {
        **outlines,
        "ball": lambda: _sphere(segments, variant),
        "mug": lambda: _mug(segments, variant),
        "teapot": lambda: _teapot(segments, variant),
        "pot": lambda: _pot(segments, lid=True),
        "pot_outside": lambda: _pot(segments, lid=False),
        "tape": lambda: _tape(segments, variant),
        "cone": lambda: _cone(segments, variant),
        "duck": lambda: _duck(segments, variant),
        "lemon": lambda: moved(lathe(lemon, segments=segments), (1.0, 1.0, 1.0), laid=True),
    }
