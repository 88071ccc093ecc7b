"""What networks say over a film: a band each, and numbers of one pair of classes as lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Float64

from maagn.figures.layout import FONT_SIZE, letters, percent, plain
from maagn.figures.pair_colours import ClassLook
from maagn.section import Section

LEFT = 92  # pixels beside the plots: both charts of a page begin and end at one place
_ROW = 104  # pixels of a band, up and down together, and what parts it from the next
_PITCH = 2.3  # of the vertical axis from band to band; each reaches 1 to either side
_MARGIN = 1.12  # of the vertical axis above the first band and below the last
_STRIP = 1.3  # of it for pictures: 59 pixels
_WIDE = 780  # pixels that the plot is taken to be wide: that of a window of 1280
_LETTER = 6.2  # pixels of a letter of a segment's name
_NAME_SIZE = 11
_MARKS = 1500  # that a pointer finds in a row: more would make the page slow
_LINES = 3  # of a segment's name, in the empty half of its band
_AXIS = 64  # pixels of the axis of time with its title
_KEY_ROW, _KEY_SIGN = 20, 48  # pixels of a line of the legend, and of a sign in it
_LINES_HEIGHT = 300
_QUIET = "#8A8A8A"
_DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True, eq=False)
class Band:
    """One row of the chart: what is said of every part of the film.

    Attributes:
        name: of the row.
        edges: seconds at which each part begins, and the last one ends.
        labels: what is said of each part; None where nothing is.
        shares: how surely, in [0, 1]: how far the band reaches.
        told: of each part, what is read when a pointer is over it, line by line.
    """

    name: str
    edges: Float64[np.ndarray, " n_and_one"]
    labels: tuple[str | None, ...]
    shares: Float[np.ndarray, " n"]
    told: tuple[tuple[str, ...], ...]


def bands(
    rows: Sequence[Band],
    looks: Mapping[str, ClassLook],
    *,
    seconds: float,
    cuts: Sequence[float] = (),
    section: Section | None = None,
    moment: float | None = None,
    pictures: Sequence[str] = (),
) -> go.Figure:
    """A band per row over a common time: upwards for a class, downwards for its opposite.

    The names of long parts stand in the empty half beside them. Of every part there is a mark that
    is not seen, whose `customdata` are the numbers of row and part.

    Args:
        rows: from top to bottom.
        looks: of all classes in them.
        seconds: how long the film is.
        cuts: moments that get a dotted line.
        section: that gets a frame.
        moment: that gets a line.
        pictures: of equal parts of the film, as data URIs; they stand above the rows.
    """
    fig = go.Figure()
    named: set[str] = set()  # in the legend
    for number, row in enumerate(rows):
        level = -_PITCH * number
        for label in dict.fromkeys(one for one in row.labels if one is not None):
            look = looks[label]
            area = _area(row, label, look, level)
            fig.add_trace(area.update(showlegend=look.own_hue and label not in named))
            named.add(label)
        fig.add_shape(
            type="line", x0=0, x1=seconds, y0=level, y1=level, line={"color": _QUIET, "width": 1}
        )
        fig.add_trace(_names(row, looks, level, seconds=seconds))
        fig.add_trace(_marks(row, looks, level, number))
    low, high = -_PITCH * (len(rows) - 1) - _MARGIN, _MARGIN
    if pictures:
        _add_pictures(fig, pictures, seconds, bottom=high)
        high += _STRIP
    _mark_times(fig, cuts, moment)
    if section is not None:
        fig.add_shape(
            type="rect", x0=section.start, x1=section.end, y0=low, y1=high,
            line={"color": _QUIET, "width": 2},
        )  # fmt: skip
    fig.update_yaxes(
        tickvals=[-_PITCH * number for number in range(len(rows))],
        ticktext=[letters(row.name) for row in rows],
        range=[low, high],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    keys = [trace.name for trace in fig.data if trace.showlegend]
    beneath = _KEY_ROW * -(-sum(_KEY_SIGN + _LETTER * len(key) for key in keys) // _WIDE)
    across = _ROW / _PITCH * (high - low)
    plain(_over_time(fig, seconds), height=round(across + _AXIS + beneath))
    return _beside(fig).update_layout(
        hovermode="closest",
        hoverdistance=_ROW // 2,
        showlegend=True,
        legend={
            "orientation": "h", "y": -_AXIS / across, "yanchor": "top", "x": 0,
            "font": {"size": _NAME_SIZE}, "itemclick": False, "itemdoubleclick": False,
        },
    )  # fmt: skip


def _add_pictures(fig: go.Figure, pictures: Sequence[str], seconds: float, bottom: float) -> None:
    """A strip of the film, each picture cut to its part of it."""
    wide = seconds / len(pictures)
    for number, picture in enumerate(pictures):
        fig.add_layout_image(
            source=picture, xref="x", yref="y", x=number * wide, y=bottom + _STRIP - 0.05,
            sizex=wide, sizey=_STRIP - 0.1, xanchor="left", yanchor="top", sizing="fill",
            layer="below",
        )  # fmt: skip


def _area(row: Band, label: str, look: ClassLook, level: float) -> go.Scatter:
    """All parts of a row that say one class, as one outlined area with gaps."""
    x: list[float | None] = []
    y: list[float | None] = []
    for first, end in _runs(row.labels, label):
        edges, shares = row.edges[first : end + 1], row.shares[first:end]
        across, up = np.repeat(edges, 2)[1:-1], np.repeat(shares, 2)
        above = level + (up if look.side >= 0 else 0 * up)
        below = level - (up if look.side <= 0 else 0 * up)
        x += [*across, *across[::-1], across[0], None]
        y += [*above, *below[::-1], above[0], None]
    return go.Scatter(
        x=x[:-1],
        y=y[:-1],
        fill="toself",
        fillcolor=look.colour,
        mode="lines",
        line={"color": look.edge, "width": 1},
        name=f"{look.mark} {letters(label)}",
        legendgroup=label,
        hoverinfo="skip",
    )


def _runs(labels: Sequence[str | None], label: str) -> list[tuple[int, int]]:
    """Where neighbouring parts say a class: the first of them, and the first after them."""
    there = np.array([False, *(one == label for one in labels), False])
    borders = np.flatnonzero(there[1:] != there[:-1])
    return [(int(a), int(b)) for a, b in borders.reshape(-1, 2)]


def _names(
    row: Band, looks: Mapping[str, ClassLook], level: float, *, seconds: float
) -> go.Scatter:
    """The mark and name of every run that is long enough for them; in the empty half."""
    x, y, texts, rooms = [], [], [], []
    for label in dict.fromkeys(one for one in row.labels if one is not None):
        look = looks[label]
        for first, end in _runs(row.labels, label):
            start, stop = float(row.edges[first]), float(row.edges[end])
            text = _fitted(f"{look.mark} {label}", (stop - start) / seconds * _WIDE)
            if text:
                x.append(start)
                y.append(level - 0.5 * (look.side or 1))
                texts.append(text)
                rooms.append(stop - start)
    return go.Scatter(
        x=x,
        y=y,
        text=texts,
        mode="text",
        textposition="middle right",
        textfont={"size": _NAME_SIZE},
        hoverinfo="skip",
        showlegend=False,
        meta={"rooms": rooms},
    )


def _fitted(name: str, room: float) -> str:
    """A name on as many lines as there is room for, its mark alone, or nothing.

    Args:
        name: with its mark first.
        room: pixels.
    """
    across = int((room - 6) / _LETTER)
    if across >= 8:
        lines = wrap(name, across, break_long_words=False)
        if len(lines) <= _LINES and max(map(len, lines)) <= across:
            return "<br>".join(map(letters, lines))
    return name[0] if across >= 1 else ""


def _marks(row: Band, looks: Mapping[str, ClassLook], level: float, number: int) -> go.Scatter:
    """What a pointer finds: unseen; one a part, or one in so many where there are thousands."""
    said = [place for place, label in enumerate(row.labels) if label is not None]
    said = said[:: -(-len(said) // _MARKS) or 1]
    middles = (row.edges[:-1] + row.edges[1:]) / 2
    return go.Scatter(
        x=middles[said],
        y=[level + 0.4 * looks[str(row.labels[place])].side for place in said],
        mode="markers",
        marker={"size": 12, "opacity": 0, "color": _QUIET},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[[number, place] for place in said],
        text=["<br>".join(map(letters, row.told[place])) for place in said],
        hovertemplate=f"<b>{letters(row.name)}</b><br>%{{text}}<extra></extra>",
        showlegend=False,
    )


@dataclass(frozen=True, eq=False)
class Line:
    """A network's number over time.

    Attributes:
        name: of the network.
        colour: its own, as `#RRGGBB`.
        seconds: of each window's middle.
        values: of each window.
    """

    name: str
    colour: str
    seconds: Float64[np.ndarray, " n"]
    values: Float[np.ndarray, " n"]


def shares_over_time(
    lines: Sequence[Line],
    label: str,
    *,
    seconds: float,
    cuts: Sequence[float] = (),
    moment: float | None = None,
) -> go.Figure:
    """The probability of one class, from 0 to 100 %, a line per network.

    Args:
        lines: of the networks; probabilities in [0, 1].
        label: the class.
        seconds: how long the film is.
        cuts: moments that get a dotted line.
        moment: that gets a whole one.
    """
    fig = _lines(lines, [[percent(float(one)) for one in line.values] for line in lines])
    fig.update_yaxes(
        title=f"gives {letters(label)}", range=[-0.03, 1.03], tickformat=".0%", zeroline=False
    )
    _mark_times(fig, cuts, moment)
    return _finished(fig, seconds)


_REACH = 5.0  # of the axis of log-odds, at least: 5 is 148 to 1


def leanings_over_time(
    lines: Sequence[Line],
    first: str,
    second: str,
    *,
    seconds: float,
    cuts: Sequence[float] = (),
    moment: float | None = None,
) -> go.Figure:
    """Which of two classes a network leans to, a line per network; zero is neither.

    Args:
        lines: of the networks; natural logarithms of p(first) / p(second).
        first: above zero.
        second: below.
        seconds: how long the film is.
        cuts: moments that get a dotted line.
        moment: that gets a whole one.
    """
    fig = _lines(lines, [[f"{one:+.2f}" for one in line.values] for line in lines])
    reach = max([_REACH, *(1.05 * float(np.abs(line.values).max(initial=0)) for line in lines)])
    fig.add_shape(type="line", x0=0, x1=seconds, y0=0, y1=0, line={"color": _QUIET, "width": 1})
    for at, label, mark in ((reach, first, "▲"), (-reach, second, "▼")):
        fig.add_scatter(
            x=[0], y=[0.9 * at], text=[f"{mark} {letters(label)}"], mode="text",
            textposition="middle right", textfont={"size": _NAME_SIZE}, hoverinfo="skip",
            showlegend=False,
        )  # fmt: skip
    fig.update_yaxes(title="log-odds of the pair", range=[-reach, reach], zeroline=False, nticks=7)
    _mark_times(fig, cuts, moment)
    return _finished(fig, seconds)


def _lines(lines: Sequence[Line], told: Sequence[Sequence[str]]) -> go.Figure:
    fig = go.Figure()
    for line, texts, dash in zip(lines, told, _DASHES * len(lines), strict=False):
        fig.add_scatter(
            x=line.seconds,
            y=line.values,
            mode="lines+markers",
            line={"color": line.colour, "width": 2, "dash": dash},
            marker={"size": 4},
            customdata=texts,
            name=letters(line.name),
            hovertemplate=f"{letters(line.name)}, %{{x:.2f}} s: %{{customdata}}<extra></extra>",
        )
    return fig


def _finished(fig: go.Figure, seconds: float) -> go.Figure:
    """With the common time; the lines' names stand above them, as many as there are."""
    plain(_over_time(fig, seconds), height=_LINES_HEIGHT)
    return _beside(fig).update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    )


def _mark_times(fig: go.Figure, cuts: Sequence[float], moment: float | None) -> None:
    """Cuts as dotted lines, and the present moment as a whole one."""
    for cut in cuts:
        fig.add_vline(x=cut, line={"color": _QUIET, "width": 1, "dash": "dot"})
    if moment is not None:
        fig.add_vline(x=moment, line={"color": _QUIET, "width": 2})


def _over_time(fig: go.Figure, seconds: float) -> go.Figure:
    return fig.update_xaxes(
        title="seconds of the film", range=[0, seconds], zeroline=False, showgrid=False
    )


def _beside(fig: go.Figure) -> go.Figure:
    """The same margins for all charts of the page, so that their times stand under each other."""
    fig.update_yaxes(automargin=False)
    return fig.update_layout(margin={"l": LEFT, "r": 12, "t": 32, "b": 8}, font={"size": FONT_SIZE})
