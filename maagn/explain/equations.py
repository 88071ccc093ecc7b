"""Eqs. 1-16 as the paper prints them, and the same with one clip's numbers in their places."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import SupportsFloat

import numpy as np
from jaxtyping import Float32

from maagn.explain.intermediates import Numbers, PathIntermediates

DIGITS = 4
"""Significant digits of every number shown."""

_DOUBLED = re.compile(r"\(\((-[^()]*)\)\)")  # sigma((-1)) reads better as sigma(-1)
_ALONE = re.compile(r"= \((-[^()]*)\)(,|;|\\|$)")


@dataclass(frozen=True)
class Equation:
    """One equation.

    Attributes:
        number: in the paper.
        about: what it does, in words.
        symbols: in LaTeX, as printed.
        numbers: in LaTeX, with this clip's numbers; one moment and one place of the feature.
        values: the numbers, in the order in which they stand there.
    """

    number: int
    about: str
    symbols: str
    numbers: str
    values: tuple[float, ...]


def equations(intermediates: PathIntermediates, frame: int) -> list[Equation]:
    """All sixteen, at one of the path's frames.

    Where a feature is needed it is the one at the place where SDM found the largest change of the
    frame's pair: channel, row and column of `found.origin`. Masks of channels are those of that
    channel.

    Raises:
        IndexError: the path has no such frame.
    """
    if not 0 <= frame < intermediates.frames:
        raise IndexError(f"the path has {intermediates.frames} frames, none numbered {frame}")
    return [*_sdm(intermediates, frame), *_mtam(intermediates, frame), *_agm(intermediates, frame)]


def shown(value: float) -> str:
    """A number as it stands in a formula."""
    text = f"{value:.{DIGITS}g}"
    mantissa, letter, power = text.partition("e")
    return rf"{mantissa}\cdot 10^{{{int(power)}}}" if letter else text


def _write(number: int, about: str, symbols: str, form: str, *given: SupportsFloat) -> Equation:
    """`form` has one {} a value; LaTeX's own braces are doubled in it."""
    values = tuple(map(float, given))
    texts = [rf"({shown(v)})" if v < 0 else shown(v) for v in values]
    numbers = _DOUBLED.sub(r"(\1)", form.format(*texts))
    return Equation(number, about, symbols, _ALONE.sub(r"= \1\2", numbers), values)


def _at(pooled: Float32[np.ndarray, "t _c"], frame: int, channel: int) -> float:
    """What was pooled from that channel of a frame, or from all of the frame."""
    return float(pooled[frame, min(channel, pooled.shape[1] - 1)])


def _of_frames(tensors: Mapping[str, Numbers]) -> bool:
    """Whether masks have one number a frame, and not one a channel of it."""
    return tensors["sdm"].shape[1] == 1


def _sdm(intermediates: PathIntermediates, t: int) -> list[Equation]:
    v = intermediates.tensors
    j, half = intermediates.pair(t), intermediates.frames // 2
    c, y, x = intermediates.origin[j]
    front, back = v["X"][j, c, y, x], v["X"][j + half, c, y, x]
    change = v["Fm"][j, c, y, x]
    logit, mask = (_at(v[name], t, c) for name in ("sdm_logit", "sdm"))
    here, out = v["X"][t, c, y, x], v["Ysdm"][t, c, y, x]
    whole = _of_frames(v)
    at = "" if whole else f", {c}"  # after the frame, in indices
    return [
        _write(1, "The first half of the clip", r"X_0 = X[:, 0 : T/2]",
               rf"X_0[{j}, c, y, x] = {{}}", front),
        _write(2, "The second half", r"X_1 = X[:, T/2 : T]",
               rf"X_1[{j}, c, y, x] = {{}}", back),
        _write(3, "What changed between them", r"F_m = X_1 - X_0", r"{} - {} = {}",
               back, front, change),
        _write(4, "The largest change of each pair, through the MLP" if whole
               else f"The largest change of each pair in channel {c}, through the MLP",
               r"F' = W_1\,\mathrm{ReLU}(W_0\,\mathrm{Maxpool}(F_m))",
               rf"\mathrm{{{{Maxpool}}}}(F_m)_{{{{{j}{at}}}}} = {{}},\quad "
               rf"F'_{{{{{t}{at}}}}} = {{}}",
               _at(v["Fmax"], j, c), logit),
        _write(5, "One weight per frame" if whole
               else f"One weight per channel of a frame, here of channel {c}",
               r"F^{*} = \sigma(F')", r"\sigma({}) = {}", logit, mask),
        _write(6, "The feature, weighed", r"Y = X + X \cdot F^{*}", r"{} + {} \cdot {} = {}",
               here, here, mask, out),
    ]  # fmt: skip


def _mtam(intermediates: PathIntermediates, t: int) -> list[Equation]:
    v = intermediates.tensors
    c, y, x = intermediates.origin[intermediates.pair(t)]
    names = ("max", "avg", "both")
    top, mean, both = (_at(v[f"mtam_{name}"], t, c) for name in names)
    top_logit, mean_logit = (_at(v[f"{name}_logit"], t, c) for name in ("top", "mean"))
    whole = _of_frames(v)
    weighed = "frame" if whole else f"frame's channel {c}"
    here, out = v["X"][t, c, y, x], v["Ymtam"][t, c, y, x]
    return [
        _write(7, f"First angle: the largest value of the {weighed}",
               r"M_1 = \sigma(\mathrm{MLP}(\mathrm{Maxpool}(X)))",
               r"\mathrm{{Maxpool}}(X) = {},\quad \sigma({}) = {}",
               _at(v["top"], t, c), top_logit, top),
        _write(8, f"The mean of the {weighed}",
               r"F_{avg} = \frac{1}{CHW}\sum_{c,h,w} X" if whole
               else r"F_{avg} = \frac{1}{HW}\sum_{h,w} X",
               r"F_{{avg}} = {}", _at(v["mean"], t, c)),
        _write(9, "Second angle: the mean", r"M_2 = \sigma(\mathrm{MLP}(F_{avg}))",
               r"\sigma({}) = {}", mean_logit, mean),
        _write(10, "The mean's line, squeezed", r"F_a = \mathrm{Squeeze}(\mathrm{MLP}(F_{avg}))",
               r"F_a = {}", mean_logit),
        _write(11, "The maximum's line, squeezed",
               r"F_b = \mathrm{Squeeze}(\mathrm{MLP}(\mathrm{Maxpool}(X)))",
               r"F_b = {}", top_logit),
        _write(12, "Third angle: both lines together" if whole
               else "Third angle: both lines together, of the channel and the two beside it",
               r"M_3 = \sigma(\mathrm{Conv1d}([F_a, F_b]))",
               r"\sigma({}) = {}", _at(v["both_logit"], t, c), both),
        _write(13, "The feature, weighed by the sum", r"Y = X + X \cdot (M_1 + M_2 + M_3)",
               r"{} + {} \cdot ({} + {} + {}) = {}", here, here, top, mean, both, out),
    ]  # fmt: skip


def _agm(intermediates: PathIntermediates, t: int) -> list[Equation]:
    v = intermediates.tensors
    c, y, x = intermediates.origin[intermediates.pair(t)]
    s, m, z = v["Ysdm"][t, c, y, x], v["Ymtam"][t, c, y, x], v["Z"][t, c, y, x]
    alpha, inner, gated = v["alpha"][t], v["inner"][t, c, y, x], v["Y0"][t, c, y, x]
    second, out = v["conv2"][t, c, y, x], v["Y"][t, c, y, x]
    return [
        _write(14, "The gate: its input, scaled by alpha, times a convolution of itself",
               r"\mathrm{Gate}(Z) = \mathrm{Conv}_b((Z \cdot \alpha) \odot \mathrm{Conv}_a(Z))",
               r"Z \cdot \alpha \cdot \mathrm{{Conv}}_a(Z) = {} \cdot {} \cdot {},\quad "
               r"\mathrm{{Gate}}(Z) = {}", z, alpha, inner, gated),
        _write(15, "What goes into the gate",
               r"Z = \mathrm{softmax}_T(\mathrm{Conv}_1([S, M])),\quad Y_0 = \mathrm{Gate}(Z)",
               r"S = {},\; M = {},\quad Z = {},\; Y_0 = {}", s, m, z, gated),
        _write(16, "The streams, fused",
               r"Y = \mathrm{Conv}_3(S + \mathrm{Conv}_2(Y_0 + M))",
               r"\mathrm{{Conv}}_2({} + {}) = {},\quad \mathrm{{Conv}}_3({} + {}) = {}",
               gated, m, second, s, second, out),
    ]  # fmt: skip
