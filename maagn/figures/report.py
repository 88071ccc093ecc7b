"""A report in one chart: what the network saw, what it answered, and when its parts looked."""

import base64
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8
from PIL import Image
from plotly.subplots import make_subplots

from maagn.explain.attention import GATE, MTAM, SDM
from maagn.explain.report import Report
from maagn.figures.filmstrip import answer, subject
from maagn.figures.heat import overlay, top_of_scale
from maagn.figures.layout import in_lines, letters, percent, plain
from maagn.figures.palette import colour

_SIDE = 160  # pixels of a frame
_QUALITY = 85
_TITLES = 34  # letters of a line of a class beside its bar
_HEIGHTS = (190, 230, 210, 190)  # pixels of the rows: film, answers, masks, gates
_DASH = {"spatial": "dot", "temporal": "dash", "gate": "solid"}


def report_figure(report: Report) -> go.Figure:
    """The evidence over the sampled frames; the five best classes beside the evidence over time.

    Of a network with masks also, a column a path, SDM's mask and MTAM's sum over time, and what
    share of the fused feature each stream has.
    """
    paths = sorted({int(mask.name.split(".")[1]) for mask in report.masks})
    gated = {gate.path: gate for gate in report.gates}
    across = max(1, len(paths))
    rows = 2 + bool(paths) + bool(gated)
    whole, half = {"colspan": 2 * across}, {"colspan": across}
    thin: list[dict[str, int] | None] = [{"colspan": 2}, None]
    fig = make_subplots(
        rows=rows,
        cols=2 * across,
        specs=[
            [whole, *[None] * (2 * across - 1)],
            [half, *[None] * (across - 1), half, *[None] * (across - 1)],
            *[thin * across] * (rows - 2),
        ],
        row_heights=list(_HEIGHTS[:rows]),
        vertical_spacing=0.09,
        subplot_titles=_titles(report, paths, gated=bool(gated)),
    )
    _film(fig, report)
    _answers(fig, report)
    _evidence(fig, report, column=1 + across)
    for place, path in enumerate(paths):
        _masks(fig, report, path, column=1 + 2 * place)
        if path in gated:
            _gate(fig, report, path, column=1 + 2 * place)
    fig.update_annotations(font={"size": 12})
    return plain(fig, height=60 + sum(_HEIGHTS[:rows])).update_layout(
        title={"text": letters(answer(report)), "x": 0.01, "font": {"size": 17}},
        margin={"l": 8, "r": 8, "t": 70, "b": 8},
    )


def _titles(report: Report, paths: Sequence[int], *, gated: bool) -> list[str]:
    names = [f"res{report.model.spec.levels[path]}" for path in paths]
    return [
        letters(subject(report)),
        "Predictions",
        f"Mean evidence, {report.cam.unit}",
        *(f"{name}: SDM, MTAM (dashed)" for name in names),
        *(f"{name}: spatial (dots),<br>temporal (dashed), gate" for name in names if gated),
    ]


def _film(fig: go.Figure, report: Report) -> None:
    hot = overlay(
        report.inputs.pictures,
        report.cam,
        seconds=report.inputs.seconds,
        scale=top_of_scale(report.cam.values),
    )
    film = Image.fromarray(np.concatenate(list(hot), axis=1))
    film = film.resize((_SIDE * len(hot), _SIDE), Image.Resampling.BOX)
    fig.add_trace(go.Image(source=_jpeg(np.asarray(film)), hoverinfo="skip"), row=1, col=1)
    ticks = [_SIDE * (index + 0.5) for index in range(len(hot))]
    times = [f"{second:.2f} s" for second in report.inputs.seconds]
    fig.update_xaxes(tickvals=ticks, ticktext=times, showgrid=False, row=1, col=1)
    fig.update_yaxes(visible=False, row=1, col=1)


def _jpeg(picture: UInt8[np.ndarray, "h w 3"]) -> str:
    content = BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(content.getvalue()).decode()}"


def _answers(fig: go.Figure, report: Report) -> None:
    labels, shares = zip(*reversed(report.prediction.top(5)), strict=True)
    fig.add_trace(
        go.Bar(
            x=shares,
            y=list(range(len(labels))),
            orientation="h",
            text=[percent(share) for share in shares],
            textposition="auto",
            customdata=[letters(name) for name in labels],
            marker={"color": colour(report.model.architecture.title)},
            hovertemplate="%{customdata}: %{text}<extra></extra>",
        ),
        row=2,
        col=1,
    )
    fig.update_xaxes(range=[0, 1], tickformat=".0%", row=2, col=1)
    ticks = list(range(len(labels)))
    names = [in_lines(name, across=_TITLES) for name in labels]
    fig.update_yaxes(tickvals=ticks, ticktext=names, row=2, col=1)


def _evidence(fig: go.Figure, report: Report, *, column: int) -> None:
    fig.add_trace(
        go.Bar(
            x=report.cam.seconds,
            y=report.evidence,
            marker={"color": colour(report.model.architecture.title)},
            hovertemplate="%{x:.2f} s: %{y:.3g}<extra></extra>",
        ),
        row=2,
        col=column,
    )
    _in_seconds(fig, report, row=2, column=column)
    fig.update_yaxes(rangemode="tozero", row=2, col=column)


def _masks(fig: go.Figure, report: Report, path: int, *, column: int) -> None:
    found = {mask.name: mask for mask in report.masks}
    for quantity, dash in ((SDM, "solid"), (MTAM, "dash")):
        if (mask := found.get(quantity.on(path))) is not None:
            line = {"color": colour(quantity.module), "dash": dash}
            _line(fig, mask.seconds, mask.per_frame, quantity.title, line, row=3, column=column)
    _in_seconds(fig, report, row=3, column=column)
    fig.update_yaxes(range=[0, 3], row=3, col=column)


def _gate(fig: go.Figure, report: Report, path: int, *, column: int) -> None:
    gate = next(gate for gate in report.gates if gate.path == path)
    modules = (SDM.module, MTAM.module, GATE.module)
    for (name, dash), module, share in zip(_DASH.items(), modules, gate.shares, strict=True):
        line = {"color": colour(module), "dash": dash}
        _line(fig, gate.seconds, share, name, line, row=4, column=column)
    _in_seconds(fig, report, row=4, column=column)
    fig.update_yaxes(range=[0, 1], tickformat=".0%", row=4, col=column)


def _line(
    fig: go.Figure,
    seconds: np.ndarray,
    values: np.ndarray,
    name: str,
    line: dict[str, str],
    *,
    row: int,
    column: int,
) -> None:
    fig.add_trace(
        go.Scatter(
            x=seconds,
            y=values,
            mode="lines+markers",
            line=line,
            name=name,
            hovertemplate=f"{name}, %{{x:.2f}} s: %{{y:.3f}}<extra></extra>",
        ),
        row=row,
        col=column,
    )


def _in_seconds(fig: go.Figure, report: Report, *, row: int, column: int) -> None:
    last = float(report.clip.source_seconds[-1])
    fig.update_xaxes(range=[-0.05 * last, 1.05 * last], row=row, col=column)
    if row != 3 or not report.gates:  # else the row below says it
        fig.update_xaxes(title="seconds", title_font_size=12, row=row, col=column)
