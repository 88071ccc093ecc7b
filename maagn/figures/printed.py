"""A chart of the screen drawn anew for paper: the same data, colours and axes, with whole names.

Plotly needs a browser to make a file. What our charts are made of is little (`TRACES`, `SHAPES`),
so that it is drawn from the figure itself; a test holds that no chart has anything else.
"""

import base64
import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.ticker import FuncFormatter, MultipleLocator
from PIL import Image

from maagn.figures.layout import Kind, Width
from maagn.figures.printing import (
    LINE,
    QUIET,
    TEXT,
    new_figure,
    print_style,
    put_title,
    save,
    text_width,
    wrapped,
)

TRACES: Final = frozenset({"scatter", "scattergl", "heatmap", "image"})
SHAPES: Final = frozenset({"line", "rect"})

Part = Any
"""A part of a Plotly figure; Plotly has no types."""

Ink = str | tuple[float, float, float, float]
"""A colour as Matplotlib takes it."""

_MM = 25.4 / 72  # millimetres of a point
_SCALE = 0.55  # points on paper of a pixel on the screen: lines and marks
_NAMES: dict[Width, float] = {"one column": 0.5, "two columns": 0.4}  # of it, for names of rows
_LEAST, _MOST = 38.0, 80.0  # millimetres of an axis without names
_EDGED = 60  # cells a side, of which each is drawn by itself
_BETWEEN = 4.0  # points between rows of names
_TICKS = 44.0  # points beside square cells for numbers and the axis' title
_TITLE = 24.0  # points beside names for the axis' title
_PLOT = 0.88  # of the figure's width, where texts have rooms
_NAME_LINES, _PAST = 2, 4.0  # lines of such a text, and points beside it
_ROOM = 400.0  # millimetres to begin with: less than the names need, and nothing is laid out
_VECTORS = 2000  # points that are drawn by themselves; more would be a file of many megabytes
_MARKERS = {
    "circle": "o", "square": "s", "diamond": "D", "cross": "P", "x": "X", "star": "*",
    "triangle-up": "^", "triangle-down": "v",
}  # fmt: skip
_COLOURS = ("#636EFA", "#EF553B", "#00CC96", "#AB63FA", "#FFA15A")  # Plotly's own first five
_DASHES: dict[str, Any] = {
    "solid": "-", "dash": (0, (4, 2)), "dot": (0, (1, 1.5)), "dashdot": (0, (4, 1.5, 1, 1.5)),
}  # fmt: skip
_RGBA = re.compile(r"rgba?\(([^)]*)\)")


def print_chart(fig: go.Figure, *, title: str, width: Width, kind: Kind, about: str = "") -> bytes:
    """The chart as a file for paper.

    Args:
        fig: made of `TRACES` and `SHAPES`; not changed. `layout.meta["labels"]` has the whole names
            of axes whose ticks have shortened ones.
        title: of the figure.
        width: one column or two.
        kind: of file.
        about: what the figure shows, kept in the file.

    Raises:
        ValueError: the chart has a trace or a shape of another kind.
    """
    with print_style():
        return save(_Chart(fig, width).draw(title), kind, title=title, about=about)


def spoken(text: object) -> str:
    """A text of Plotly without its tags."""
    broken = re.sub(r"<br\s*/?>", "\n", str(text or ""))
    return html.unescape(re.sub(r"<[^>]*>", "", broken))


def shade(colour: object) -> Ink:
    """A colour of Plotly for Matplotlib; nothing for none."""
    if colour is None:
        return "none"
    match = _RGBA.fullmatch(str(colour))
    if match is None:
        return str(colour)
    red, green, blue, *alpha = (float(part) for part in match[1].split(","))
    return (red / 255, green / 255, blue / 255, alpha[0] if alpha else 1.0)


@dataclass(eq=False)
class _Axis:
    """One axis of one panel: Plotly's settings, and the names along it where it has any."""

    spec: Any
    names: list[str] = field(default_factory=list)  # of a category axis, in order of appearance
    whole: list[str] = field(default_factory=list)  # of its ticks, as they are printed
    ticks: list[float] = field(default_factory=list)

    def place(self, values: Iterable[Any] | None) -> np.ndarray:
        """Numbers as they are; names by their place on the axis."""
        listed = list(() if values is None else values)
        if not any(isinstance(one, str) for one in listed):
            return np.asarray(listed, dtype=float)
        for one in listed:
            if one not in self.names:
                self.names.append(one)
        return np.array([self.names.index(one) for one in listed], dtype=float)


@dataclass(eq=False)
class _Panel:
    """One pair of axes."""

    axes: Axes
    x: _Axis
    y: _Axis
    before: tuple[np.ndarray, np.ndarray] | None = None  # the last line, which an area may end at


class _Chart:
    def __init__(self, fig: go.Figure, width: Width) -> None:
        strange = {trace.type for trace in fig.data} - TRACES
        strange |= {shape.type for shape in fig.layout.shapes} - SHAPES
        if strange:
            raise ValueError(f"nothing is known of printing {', '.join(sorted(strange))}")
        self.fig, self.width = fig, width
        self.figure = new_figure(width, height=_ROOM)
        self.points = self.figure.get_figwidth() * 72
        self.room = _NAMES[width] * self.points
        self.panels = self._laid_out()

    def draw(self, title: str) -> Figure:
        put_title(self.figure, title)
        for index, trace in enumerate(self.fig.data):
            panel = self.panels[trace.xaxis or "x", trace.yaxis or "y"]
            colour = _COLOURS[index % len(_COLOURS)]
            match trace.type:
                case "heatmap":
                    self._heat(panel, trace)
                case "image":
                    _image(panel, trace)
                case _:
                    self._scatter(panel, trace, colour)
        for picture in self.fig.layout.images:
            _picture(self.panels[_panel_of(picture)], picture)
        for shape in self.fig.layout.shapes:
            _shape(self.panels[_panel_of(shape)], shape)
        self._titles()
        for panel in self.panels.values():
            self._axis(panel, "x")
            self._axis(panel, "y")
        self._legend()
        self._fit()
        return self.figure

    def _laid_out(self) -> dict[tuple[str, str], _Panel]:
        """The panels in a grid, by the names of their axes."""
        layout = self.fig.layout
        used = dict.fromkeys((t.xaxis or "x", t.yaxis or "y") for t in self.fig.data)
        specs = {
            (x, y): (_Axis(layout[f"xaxis{x[1:]}"]), _Axis(layout[f"yaxis{y[1:]}"]))
            for x, y in used or {("x", "y"): None}
        }
        lefts = sorted({_start(x) for x, _ in specs.values()})
        floors = sorted({_start(y) for _, y in specs.values()}, reverse=True)
        grid = self.figure.add_gridspec(len(floors), len(lefts))
        return {
            pair: _Panel(
                self.figure.add_subplot(grid[floors.index(_start(y)), lefts.index(_start(x))]), x, y
            )
            for pair, (x, y) in specs.items()
        }

    def _scatter(self, panel: _Panel, trace: Part, colour: str) -> None:
        x, y = panel.x.place(trace.x), panel.y.place(trace.y)
        mode = trace.mode or "lines"
        line, marker = trace.line, trace.marker
        ink = line.color or (marker.color if isinstance(marker.color, str) else None) or colour
        name = spoken(trace.name) if trace.showlegend is not False else ""
        if trace.fill == "tonexty" and panel.before is not None:
            panel.axes.fill_between(
                x, panel.before[1], y, color=shade(trace.fillcolor), lw=0, label=name, zorder=1
            )
        elif trace.fill == "toself":
            area = Polygon(np.column_stack([x, y]), lw=0, label=name, zorder=1)
            area.set_facecolor(shade(trace.fillcolor))
            panel.axes.add_patch(area)
            panel.axes.update_datalim(np.column_stack([x, y]))
        panel.before = (x, y)
        width = 2 if line.width is None else line.width
        if "lines" in mode and width:
            panel.axes.plot(
                x, y, color=shade(ink), lw=width * _SCALE, ls=_DASHES[line.dash or "solid"],
                label="" if trace.fill or "markers" in mode else name,
            )  # fmt: skip
        _errors(panel, trace, x, y, shade(ink))
        if "markers" in mode:
            self._marks(panel, trace, (x, y), ink, name)
        if "text" in mode:
            for at, to, text in zip(x, y, self._fitted(trace), strict=False):
                panel.axes.annotate(spoken(text), (at, to), xytext=(3, 0), va="center",
                                    textcoords="offset points", annotation_clip=False)  # fmt: skip

    def _fitted(self, trace: Part) -> list[str]:
        """Its texts; where it says how much room each has, what is too wide is its mark alone."""
        texts = [spoken(text) for text in trace.text or ()]
        if not (isinstance(trace.meta, dict) and "rooms" in trace.meta):
            return texts
        low, high = self.fig.layout[f"xaxis{(trace.xaxis or 'x')[1:]}"].range
        reach = _reach((float(low), float(high)))
        rooms = [room / reach * _PLOT * self.points for room in trace.meta["rooms"]]
        return [_in_room(text, room) for text, room in zip(texts, rooms, strict=True)]

    def _marks(
        self,
        panel: _Panel,
        trace: Part,
        at: tuple[np.ndarray, np.ndarray],
        ink: str,
        name: str,
    ) -> None:
        marker = trace.marker
        if marker.opacity == 0:
            return
        x, y = at
        count = len(x)
        if marker.colorscale and marker.symbol == "square":
            self._cells(panel, marker, x, y)
            return
        if marker.colorscale:
            self._coloured(panel, marker, x, y)
            return
        looks = list(
            zip(
                _each(ink if marker.color is None else marker.color, count),
                _each(6 if marker.size is None else marker.size, count),
                _each(marker.symbol or "circle", count),
                _each(marker.line.color, count),
                strict=True,
            )
        )
        width = (marker.line.width or 0) * _SCALE
        for look in dict.fromkeys(looks):  # a mark at a time would take seconds for thousands
            colour, size, symbol, edge = look
            rows = [row for row, other in enumerate(looks) if other == look]
            hollow = symbol.endswith("-open")
            panel.axes.plot(
                x[rows], y[rows], ls="", marker=_MARKERS[symbol.removesuffix("-open")],
                ms=float(size) * _SCALE, mfc="none" if hollow else shade(colour),
                mec=shade(edge or colour), mew=max(width, 1.0) if hollow else width,
                alpha=trace.opacity, clip_on=False, zorder=3, rasterized=len(rows) > _VECTORS,
            )  # fmt: skip
        if name and count:
            lines = "lines" in (trace.mode or "")
            _, size, symbol, _ = looks[0]
            panel.axes.plot(
                [], [], label=name, color=shade(ink), marker=_MARKERS[symbol.removesuffix("-open")],
                ls=_DASHES[trace.line.dash or "solid"] if lines else "",
                lw=(trace.line.width or 2) * _SCALE, ms=float(size) * _SCALE,
                mfc="none" if symbol.endswith("-open") else shade(ink),
            )  # fmt: skip

    def _coloured(self, panel: _Panel, marker: Part, x: np.ndarray, y: np.ndarray) -> None:
        """Points coloured by a number of each."""
        values = np.asarray(marker.color, dtype=float)
        low = np.nanmin(values) if marker.cmin is None else marker.cmin
        high = np.nanmax(values) if marker.cmax is None else marker.cmax
        ramp, norm = _ramp(marker.colorscale), Normalize(float(low), float(high))
        panel.axes.scatter(
            x, y, c=values, cmap=ramp, norm=norm, s=(float(marker.size or 6) * _SCALE) ** 2,
            marker=_MARKERS[marker.symbol or "circle"], linewidths=0, zorder=3,
            rasterized=len(x) > _VECTORS,
        )  # fmt: skip
        self._colours(panel, ramp, norm, marker.colorbar)

    def _cells(self, panel: _Panel, marker: Part, x: np.ndarray, y: np.ndarray) -> None:
        """Squares that fill a grid, coloured by their numbers."""
        ramp, norm = _ramp(marker.colorscale), Normalize(marker.cmin, marker.cmax)
        across, up = x.astype(int), y.astype(int)
        values = np.full((up.max() + 1, across.max() + 1), np.nan)
        values[up, across] = np.asarray(marker.color, dtype=float)
        drawn = max(values.shape) <= _EDGED
        edges: dict[str, Any] = {"edgecolors": "white", "lw": 0.4} if drawn else {}
        panel.axes.pcolormesh(
            np.arange(values.shape[1] + 1) - 0.5, np.arange(values.shape[0] + 1) - 0.5, values,
            cmap=ramp, norm=norm, rasterized=not edges, **edges,
        )  # fmt: skip
        self._colours(panel, ramp, norm, marker.colorbar)

    def _heat(self, panel: _Panel, trace: Part) -> None:
        values = np.asarray(trace.z, dtype=float)
        x, y = panel.x.place(trace.x), panel.y.place(trace.y)
        ramp, norm = _ramp(trace.colorscale), Normalize(trace.zmin, trace.zmax)
        panel.axes.imshow(
            values, cmap=ramp, norm=norm, aspect="auto", origin="lower", interpolation="nearest",
            extent=(x[0] - 0.5, x[-1] + 0.5, y[0] - 0.5, y[-1] + 0.5),
        )  # fmt: skip
        if trace.xgap:
            for edge in x[1:] - 0.5:
                panel.axes.axvline(edge, color="white", lw=trace.xgap * _SCALE)
        self._colours(panel, ramp, norm, trace.colorbar)

    def _colours(
        self,
        panel: _Panel,
        ramp: LinearSegmentedColormap,
        norm: Normalize,
        bar: Part,
    ) -> None:
        """The scale above the panel, with its ends."""
        drawn = self.figure.colorbar(
            ScalarMappable(norm, ramp), ax=panel.axes, location="top", shrink=0.6, anchor=(0, 0),
            aspect=30, pad=0.02,
        )  # fmt: skip
        drawn.outline.set_visible(False)
        low, high = float(norm.vmin or 0), float(norm.vmax or 0)
        ticks = [low, high] if bar.tickvals is None else list(bar.tickvals)
        labels = [f"{one:g}" for one in ticks] if bar.ticktext is None else list(bar.ticktext)
        drawn.set_ticks(ticks, labels=[spoken(one) for one in labels])
        if bar.title.text:
            room = 0.6 * self.points
            words = spoken(bar.title.text).replace("\n", " ")
            drawn.set_label(wrapped(words, room=room), loc="left")

    def _titles(self) -> None:
        """Plotly's titles of panels are notes over their middles."""
        for note in self.fig.layout.annotations:
            over = [
                panel
                for panel in self.panels.values()
                if note.yanchor == "bottom" and abs(_middle(panel.x) - (note.x or 0)) < 1e-6
            ]
            if note.yref == "paper" and over:
                over[0].axes.set_title(spoken(note.text))
            elif note.text:
                panel = self.panels[_panel_of(note)]
                panel.axes.annotate(spoken(note.text), (note.x, note.y))

    def _axis(self, panel: _Panel, which: str) -> None:
        """Range, ticks, names and title of one axis."""
        axis: _Axis = getattr(panel, which)
        spec, drawn = axis.spec, getattr(panel.axes, f"{which}axis")
        if spec.visible is False:
            panel.axes.set_axis_off()
        bounds = getattr(panel.axes, f"set_{which}lim")
        if axis.names:
            axis.ticks, axis.whole = list(range(len(axis.names))), list(map(spoken, axis.names))
            bounds(-0.6, len(axis.names) - 0.4)
        elif spec.tickvals is not None:
            axis.ticks = [float(one) for one in spec.tickvals]
            axis.whole = [spoken(one) for one in spec.ticktext or map("{:g}".format, axis.ticks)]
        if axis.whole and len(self._whole_names()) == len(axis.whole):
            axis.whole = self._whole_names()
        if spec.range is not None:
            bounds(*spec.range)
        elif spec.rangemode == "tozero":
            low, high = getattr(panel.axes, f"get_{which}lim")()
            bounds(min(low, 0), max(high, 0))
        if spec.autorange == "reversed":
            getattr(panel.axes, f"invert_{which}axis")()
        if spec.showticklabels is False:
            drawn.set_ticks([])
        elif axis.whole or spec.tickvals is not None:
            drawn.set_ticks(axis.ticks)
        elif spec.dtick:
            drawn.set_major_locator(MultipleLocator(float(spec.dtick)))
        if spec.tickformat and str(spec.tickformat).endswith("%"):
            drawn.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
        if not (axis.whole or spec.showgrid is False):
            panel.axes.grid(axis="x" if which == "x" else "y")
        if spec.scaleanchor:
            panel.axes.set_aspect("equal")
        if spec.title.text:
            room = self.points * (0.95 if which == "x" else 0.6)
            room /= len({id(p.axes.get_gridspec()) for p in self.panels.values()})
            drawn.set_label_text(wrapped(spoken(spec.title.text), room=room))

    def _whole_names(self) -> list[str]:
        meta = self.fig.layout.meta
        return [spoken(one) for one in meta.get("labels", ())] if isinstance(meta, dict) else []

    def _legend(self) -> None:
        if not self.fig.layout.showlegend:
            return
        handles: dict[str, Any] = {}
        for panel in self.panels.values():
            for handle, label in zip(*panel.axes.get_legend_handles_labels(), strict=True):
                handles.setdefault(label, handle)
        if not handles:
            return
        labels = [wrapped(label, room=0.85 * self.points) for label in handles]
        longest = max(text_width(line) for label in labels for line in label.split("\n"))
        across = max(1, min(len(labels), int(self.points // (longest + 36))))
        self.figure.legend(
            list(handles.values()), labels, loc="outside lower left", ncols=across, handlelength=2.6
        )

    def _fit(self) -> None:
        """The height that names need, or that looks well; names change the room for the axes."""
        rows: dict[float, list[_Panel]] = {}
        for panel in self.panels.values():
            rows.setdefault(_start(panel.y), []).append(panel)
        for _ in range(3):
            self.figure.draw_without_rendering()
            for panel in self.panels.values():
                self._name(panel)
            self.figure.draw_without_rendering()
            missing = sum(
                max(self._height(one) - _box(one)[1] for one in row) for row in rows.values()
            )
            self.figure.set_figheight(self.figure.get_figheight() + missing / 72)

    def _height(self, panel: _Panel) -> float:
        """Points that the axes should be high."""
        across = _box(panel)[0]
        if panel.x.spec.scaleanchor or panel.y.spec.scaleanchor:
            reach = _reach(panel.axes.get_ylim()) / _reach(panel.axes.get_xlim())
            return across * reach * float(panel.y.spec.scaleratio or 1)
        if panel.y.names:
            return len(panel.y.whole) * (max(self._lines(panel.y)) * TEXT * LINE + _BETWEEN)
        return min(max(0.62 * across, _LEAST / _MM), _MOST / _MM)

    def _lines(self, axis: _Axis) -> list[int]:
        return [wrapped(one, room=self.room).count("\n") + 1 for one in axis.whole]

    def _name(self, panel: _Panel) -> None:
        """Names at their ticks: beside, beneath, or numbered with a key where they are too many."""
        across = _box(panel)[0]
        title = spoken(panel.x.spec.title.text)
        panel.axes.set_xlabel(
            wrapped(title, room=max(across, 0.4 * self.points / len(self.panels)))
        )
        if self._too_many(panel):
            self._number(panel)
            return
        if panel.y.whole:
            square = bool(panel.y.spec.scaleanchor)
            names = panel.y.whole if square else [wrapped(n, room=self.room) for n in panel.y.whole]
            panel.axes.set_yticks(panel.y.ticks, names)
        if panel.x.whole:
            pitch = across / len(panel.x.whole)
            widest = max(text_width(line) for one in panel.x.whole for line in one.split("\n"))
            upright = widest > pitch - 2
            panel.axes.set_xticks(panel.x.ticks, panel.x.whole, rotation=90 if upright else 0)

    def _too_many(self, panel: _Panel) -> bool:
        """Whether rows of square cells would be lower than their names."""
        names = panel.y.whole
        if not names or not panel.y.spec.scaleanchor:
            return False
        longest = max(map(text_width, names))
        return bool((self.points - longest - _TITLE) / len(names) < TEXT * LINE)

    def _number(self, panel: _Panel) -> None:
        """Numbers at as many ticks as there is room for, and a key to all of them."""
        names = panel.y.whole
        pitch = (self.points - _TICKS) / len(names)
        step = int(np.ceil(2 * TEXT / pitch))
        for which, axis in (("x", panel.x), ("y", panel.y)):
            numbers = range(0, len(names), step)
            set_ticks = getattr(panel.axes, f"set_{which}ticks")
            set_ticks([axis.ticks[one] for one in numbers], [str(one + 1) for one in numbers])
        key = [wrapped(f"{i}: {name}", room=self.points - 6) for i, name in enumerate(names, 1)]
        self.figure.supxlabel("\n".join(key), x=0.01, ha="left", fontsize=TEXT)


def _start(axis: _Axis) -> float:
    return float((axis.spec.domain or (0.0, 1.0))[0])


def _middle(axis: _Axis) -> float:
    return sum(axis.spec.domain or (0.0, 1.0)) / 2


def _box(panel: _Panel) -> tuple[float, float]:
    """Points that the axes are wide and high."""
    figure = panel.axes.get_figure(root=True)
    assert figure is not None
    box = panel.axes.get_position(original=True)  # before they are made as high as they are wide
    return box.width * figure.get_figwidth() * 72, box.height * figure.get_figheight() * 72


def _in_room(text: str, room: float) -> str:
    """A text on two lines at most, its first letter, or nothing, as there is room for; points."""
    lines = text.split("\n")
    if len(lines) <= _NAME_LINES and max(map(text_width, lines)) + _PAST < room:
        return text
    return text[:1] if text_width(text[:1]) + _PAST < room else ""


def _reach(limits: tuple[float, float]) -> float:
    return abs(limits[1] - limits[0]) or 1.0


def _panel_of(thing: Part) -> tuple[str, str]:
    """The axes that a shape or a note belongs to."""
    x, y = (str(ref or axis).split()[0] for ref, axis in ((thing.xref, "x"), (thing.yref, "y")))
    return ("x" if x == "paper" else x), ("y" if y == "paper" else y)


def _shape(panel: _Panel, shape: Part) -> None:
    line = {
        "color": shade(shape.line.color or QUIET),
        "lw": (2 if shape.line.width is None else shape.line.width) * _SCALE,
        "ls": _DASHES[shape.line.dash or "solid"],
        "zorder": 0.5 if shape.layer == "below" else 4,
    }
    if shape.type == "rect":
        size = (shape.x1 - shape.x0, shape.y1 - shape.y0)
        panel.axes.add_patch(Rectangle((shape.x0, shape.y0), *size, fill=False, **line))
    elif shape.x0 == shape.x1 and str(shape.yref).endswith(("domain", "paper")):
        panel.axes.axvline(shape.x0, **line)
    elif shape.y0 == shape.y1 and str(shape.xref).endswith(("domain", "paper")):
        panel.axes.axhline(shape.y0, **line)
    else:
        panel.axes.plot([shape.x0, shape.x1], [shape.y0, shape.y1], **line)


def _errors(panel: _Panel, trace: Part, x: np.ndarray, y: np.ndarray, ink: Ink) -> None:
    for which in ("x", "y"):
        bars = trace[f"error_{which}"]
        if bars.array is None:
            continue
        up = np.asarray(bars.array, dtype=float)
        down = up if bars.arrayminus is None else np.asarray(bars.arrayminus, dtype=float)
        ends = np.stack([down, up])
        panel.axes.errorbar(
            x, y, fmt="none",
            xerr=ends if which == "x" else None, yerr=ends if which == "y" else None,
            ecolor=shade(bars.color) if bars.color else ink,
            elinewidth=(2 if bars.thickness is None else bars.thickness) * _SCALE,
            capsize=0 if bars.width == 0 else 1.5, capthick=0.5, zorder=2,
        )  # fmt: skip


def _image(panel: _Panel, trace: Part) -> None:
    pixels = np.asarray(trace.z, dtype=np.uint8)
    rows, columns = pixels.shape[:2]
    across, up = float(trace.dx or 1), float(trace.dy or 1)
    panel.axes.imshow(pixels, extent=(0, columns * across, rows * up, 0), aspect="auto")


def _picture(panel: _Panel, picture: Part) -> None:
    """A picture that the figure holds itself."""
    content = base64.b64decode(str(picture.source).partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    left, top = float(picture.x), float(picture.y)
    place = (left, left + float(picture.sizex), top - float(picture.sizey), top)
    panel.axes.imshow(pixels, extent=place, aspect="auto", zorder=0.4)


def _each(value: Part, count: int) -> list[Any]:
    """One for each mark: a list as it is, anything else for all."""
    if value is None or isinstance(value, str | int | float):
        return [value] * count
    return list(value)


def _ramp(scale: Part) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list(
        "scale", [(float(at), shade(ink)) for at, ink in scale]
    )
