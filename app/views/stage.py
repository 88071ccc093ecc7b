"""From an answer to what the player draws."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from jaxtyping import Float32

from app import audits, cache, session
from app.components.player import Arrows, Overlay, PlayerView, Rail, Series, TimeChart
from app.components.player.view import MAX_SIDE, Mark
from app.facts import Facts, answered
from app.predictions import Answer
from maagn.checkpoint import CheckpointInfo
from maagn.explain.attention import ALPHA, GATE, MTAM, MTAM_ANGLES, SDM, GateResponse, Quantity
from maagn.explain.motion import most_moving
from maagn.explain.report import Report, notices
from maagn.figures.layout import percent
from maagn.types import Clip, Explanation

_MOST_TICKS = 240  # more would be one grey line

ANGLES: tuple[tuple[Quantity, Mark], ...] = tuple(
    zip(MTAM_ANGLES, ("dashed", "dotted", "dashdot"), strict=True)
)
"""MTAM's masks share its colour: each has a line of its own."""


_FIELDS = 10  # of arrows, on each side


def player_view(
    answer: Answer, *, charts: tuple[TimeChart, ...] | None = None, moment: int | None = None
) -> PlayerView:
    """The clip, each network's map over it, and numbers over time.

    Args:
        answer: what the networks say.
        charts: beneath the clip; None for MAAGN's masks and gates.
        moment: the sampled frame that is shown first; None for the one from which most moves.
    """
    first = answer.reports[0]
    seconds = answer.clip.source_seconds
    frames, crop = cache.shown(answer.clip, first.inputs, side=MAX_SIDE)
    flow = cache.motion(first.inputs)
    opening = most_moving(flow)
    speed = float(np.linalg.norm(flow.values[opening], axis=2).mean()) if len(flow.values) else 0.0
    return PlayerView(
        title=answer.question.clip.name,
        seconds=first.inputs.seconds,
        positions=first.inputs.positions,
        duration=float(seconds[-1] + _last_frame_lasts(seconds)),
        frames=frames,
        note=f"the networks see the outlined part at {_size(first)} pixels{_section(answer.clip)}",
        overlays=tuple(map(_overlay, answer.reports, told_apart(answer.reports))),
        charts=time_charts(answer) if charts is None else charts,
        moment=opening if moment is None else moment,
        opening=opening,
        why=f"Opens at {first.inputs.seconds[opening]:.2f} s: from this frame to the next most "
        f"moves, {speed:.0f} {flow.unit} on average (optical flow).",
        crop=crop,
        arrows=_arrows(flow),
        film=_film(answer, height=frames.shape[1]),
        rails=rails(answer.clip, first),
        badges=notices(answer.reports),
        in_address=not session.is_upload(answer.question.clip),
        facts=facts_of(answer),
    )


def _section(clip: Clip) -> str:
    return "" if clip.section is None else f"; 0 s is {clip.section.start:.2f} s of the film"


def moment_of(answer: Answer, moment: int | None) -> int:
    """The sampled frame that a page is about: the one asked for, or that from which most moves."""
    return most_moving(cache.motion(answer.reports[0].inputs)) if moment is None else moment


def _arrows(flow: Explanation) -> Arrows | None:
    """The mean flow of even fields; None of a single frame, from which nothing moves."""
    if not len(flow.values):
        return None
    size = (_FIELDS, _FIELDS)
    fields = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in flow.values]
    return Arrows(np.stack(fields), flow.unit)


def _film(answer: Answer, *, height: int) -> Callable[[], bytes] | None:
    """What makes the film of every frame; None of a clip that has none but the sampled ones."""
    clip = answer.question.clip
    if clip.path is None or not clip.path.exists():
        return None
    return partial(cache.film, clip, answer.clip, height=height)


def facts_of(answer: Answer, *, path: str = "") -> Facts:
    """What the networks predicted and what their maps are of, for reports and files.

    Args:
        answer: of the networks.
        path: that is looked at, e.g. `res4`; empty for none.
    """
    names = [
        (name, audits.summary_of(report.model) or "none")
        for report, name in zip(answer.reports, told_apart(answer.reports), strict=True)
    ]
    known = answered(answer.question, answer.reports, names)
    return replace(known, path=path)


def rails(clip: Clip, report: Report) -> tuple[Rail, ...]:
    """From the source's frames to the sampled ones, and to the mask index of every path."""
    source = clip.source_seconds
    every = -(-len(source) // _MOST_TICKS)
    words = "frame" if every == 1 else f"every {_ordinal(every)}"
    found = [
        Rail(f"source, {words} ({len(source)})", source[::every]),
        Rail(
            "sampled, by source frame",
            report.inputs.seconds,
            tuple(report.inputs.positions.tolist()),
        ),
    ]
    for path, level in zip(report.model.paths, report.model.spec.levels, strict=False):
        seconds = report.inputs.seconds_at(path.rate)
        found.append(Rail(f"path res{level}, mask index", seconds, tuple(range(len(seconds)))))
    return tuple(found)


def time_charts(
    answer: Answer, *, with_masks: bool = True, with_gates: bool = True
) -> tuple[TimeChart, ...]:
    """A column a path: SDM's mask and MTAM's, and AGM's gate, of the networks that have them."""
    return tuple(
        chart
        for report in answer.reports
        for chart in _charts(report, with_masks=with_masks, with_gates=with_gates)
    )


def network_name(report: Report) -> str:
    """What people call the network; also the key of its colour."""
    return report.model.architecture.title


def told_apart(reports: Sequence[Report]) -> tuple[str, ...]:
    """What people call each network that a report is of."""
    return names_apart([report.model for report in reports])


def names_apart(models: Sequence[CheckpointInfo]) -> tuple[str, ...]:
    """What people call each network, or its own name where several are of one kind."""
    kinds = [model.architecture.title for model in models]
    return tuple(
        kind if kinds.count(kind) == 1 else model.name
        for kind, model in zip(kinds, models, strict=True)
    )


def _overlay(report: Report, name: str) -> Overlay:
    maps = np.maximum(report.cam.values, 0).astype(np.float32)
    probability = report.prediction.probabilities[report.target]
    return Overlay(
        name=name,
        colour=network_name(report),
        headline=f"gives {percent(probability)} to {report.label}",
        maps=maps,
        map_seconds=report.cam.seconds,
        scale_max=float(maps.max()),
    )


def _charts(report: Report, *, with_masks: bool, with_gates: bool) -> list[TimeChart]:
    """A column a path: SDM, MTAM, and what AGM makes of them."""
    masks = {mask.name: mask for mask in report.masks if with_masks}
    gates = report.gates if with_gates else ()
    top = max((float(gate.response.max()) for gate in gates), default=0.0)
    reach = max((float(np.abs(gate.alpha).max()) for gate in gates), default=0.0)
    charts: list[TimeChart] = []
    for path, (level, rate) in enumerate(
        zip(report.model.spec.levels, report.model.spec.rates, strict=True)
    ):
        group = f"Path res{level}, every {_ordinal(rate)}"
        if SDM.on(path) in masks:
            charts.append(_sdm(report, masks[SDM.on(path)], path, group))
        if MTAM.on(path) in masks:
            lines = [
                Series(
                    angle.angle,
                    angle.module,
                    mask.seconds,
                    mask.per_frame,
                    mark,
                    faint=audits.constant(report.model, angle, path),
                )
                for angle, mark in ANGLES
                if (mask := masks.get(angle.on(path)))
            ]
            charts.append(_mtam(report, masks[MTAM.on(path)], path, lines, group))
        charts += [
            c
            for gate in gates
            if gate.path == path
            for c in _agm(report, gate, group, top=top, reach=reach)
        ]
    return charts


def _sdm(report: Report, mask: Explanation, path: int, group: str) -> TimeChart:
    bars = Series(
        SDM.title,
        SDM.module,
        mask.seconds,
        mask.per_frame,
        "bars",
        band=audits.band_of(report.model, SDM, path),
        faint=audits.constant(report.model, SDM, path),
    )
    return TimeChart("SDM mask", f"{weight(report.model)}, 0 to 1", 0, 1, (bars,), group)


def weight(model: CheckpointInfo) -> str:
    """What a chart of a mask over time shows."""
    return "weight" if model.spec.pooling == "frame" else "channels' mean"


def _mtam(
    report: Report, total: Explanation, path: int, angles: Sequence[Series], group: str
) -> TimeChart:
    line = Series(
        MTAM.angle,
        MTAM.module,
        total.seconds,
        total.per_frame,
        band=audits.band_of(report.model, MTAM, path),
        faint=audits.constant(report.model, MTAM, path),
    )
    unit = f"{weight(report.model)}; each 0 to 1, sum 0 to 3"
    return TimeChart("MTAM masks", unit, 0, 3, (line, *angles), group)


def _agm(
    report: Report, gate: GateResponse, group: str, *, top: float, reach: float
) -> list[TimeChart]:
    """Shares of the streams in %, the gate's response, and alpha, on one scale for all paths."""
    spatial, temporal, own = 100 * gate.shares
    shares = (
        Series("spatial", SDM.module, gate.seconds, spatial),
        Series("temporal", MTAM.module, gate.seconds, temporal),
        Series("gate", GATE.module, gate.seconds, own),
    )
    charts = [TimeChart("Share of the fused feature", "%", 0, 100, shares, group)]
    response = Series(
        "response",
        GATE.module,
        gate.seconds,
        gate.response,
        "bars",
        faint=audits.constant(report.model, GATE, gate.path),
    )
    charts.append(TimeChart("Gate response", "mean magnitude", 0, top or 1.0, (response,), group))
    alpha = Series("alpha", ALPHA.module, gate.seconds, gate.alpha)
    reach = reach or 1.0
    charts.append(TimeChart("Alpha, learned", "weight", -reach, reach, (alpha,), group))
    return charts


def _size(report: Report) -> str:
    height, width = report.inputs.pictures.shape[1:3]
    return f"{width} × {height}"


def _ordinal(rate: int) -> str:
    return "frame" if rate == 1 else f"{rate}{ {2: 'nd', 3: 'rd'}.get(rate, 'th') } frame"


def _last_frame_lasts(seconds: Float32[np.ndarray, " n"]) -> float:
    """Seconds that the last frame is shown: the usual gap, since no frame follows it."""
    return float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.0
