"""What the player shows, for paper: a filmstrip and the charts."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.components.player import Overlay, PlayerView, Series, TimeChart
from maagn.explain.moments import nearest
from maagn.figures.heat import heated, on_grey
from maagn.figures.layout import Kind, Width
from maagn.figures.palette import colour
from maagn.figures.printing import (
    LINE,
    QUIET,
    TEXT,
    TITLE,
    new_figure,
    print_style,
    put_title,
    save,
    text_width,
    wrapped,
)

_ACROSS: Final[dict[Width, int]] = {"one column": 4, "two columns": 8}
_GAP = 3.0  # points between frames
_EDGE = 3.0  # points around everything
_STEP = TEXT * LINE
_DASHES: dict[str, Any] = {
    "solid": "-", "dashed": (0, (4, 2)), "dotted": (0, (1, 1.5)), "dashdot": (0, (4, 1.5, 1, 1.5)),
}  # fmt: skip
_CHART = 44.0  # points of a chart's height
_SAMPLE = 32.0  # points of a line's sample, and between two of them
_FAINT = 0.45
_BAR = 0.5  # of the time between two frames


def filmstrip(view: PlayerView, *, width: Width, kind: Kind) -> bytes:
    """The sampled frames, then the same under each network's maps, with their times and scales."""
    about = _about(view)
    with print_style():
        page = _Page(width)
        page.write(f"{view.title}: {about[0]}" if about else view.title, size=TITLE, bold=True)
        for line in about[1:]:
            page.write(line, ink=QUIET)
        shown, seen = _ACROSS[width], view.seen_frames
        for start in range(0, len(view.frames), shown):
            block = range(start, min(start + shown, len(view.frames)))
            page.row(
                [seen[i] for i in block],
                [f"{view.seconds[i]:.2f} s" for i in block],
                across=min(shown, len(view.frames)),
            )
            for overlay in view.overlays:
                words = f"{overlay.name} {overlay.headline}; 0 to {overlay.scale_max:.3g}"
                page.write(words, mark=colour(overlay.colour))
                page.row(_hot(view, overlay, block), [], across=min(shown, len(view.frames)))
        if view.overlays:
            page.bar()
        figure = page.figure()
        title = f"Filmstrip of {view.title}"
        return save(figure, kind, title=title, about="; ".join(about))


def _about(view: PlayerView) -> list[str]:
    facts = view.facts
    lines = []
    if facts.explained:
        lines.append(f"evidence for {facts.explained}")
        lines.append(f"{facts.method} at {facts.layer}")
    if facts.truth:
        lines.append(f"True class: {facts.truth}")
    return lines


def _hot(view: PlayerView, overlay: Overlay, block: range) -> list[NDArray[np.uint8]]:
    frames = view.seen_frames
    places = nearest(overlay.map_seconds, to=view.seconds[block.start : block.stop])
    return [
        heated(frames[i], overlay.maps[place], scale=overlay.scale_max)
        for i, place in zip(block, places, strict=True)
    ]


class _Page:
    """Text and pictures under each other; the figure's height is what they take."""

    def __init__(self, width: Width) -> None:
        self.width = width
        self.points = new_figure(width, height=10).get_figwidth() * 72
        self.parts: list[tuple[float, Any]] = []  # heights, and what draws there

    def write(
        self,
        text: str,
        *,
        size: float = TEXT,
        bold: bool = False,
        ink: str = "black",
        mark: str = "",
    ) -> None:
        """Put a whole text, in as many lines as it takes, behind a mark of that colour if any."""
        left = _EDGE + (8 if mark else 0)
        lines = wrapped(text, room=self.points - left - _EDGE, size=size, bold=bold)
        height = (lines.count("\n") + 1) * size * LINE + _GAP

        def draw(figure: Figure, top: float, whole: float) -> None:
            at = (left / self.points, 1 - (top + _GAP) / whole)
            weight = "bold" if bold else "normal"
            figure.text(*at, lines, va="top", fontsize=size, fontweight=weight, color=ink)
            if mark:
                box = (_EDGE, top + _GAP, 5, size)
                _axes(figure, box, whole).set_facecolor(mark)

        self.parts.append((height, draw))

    def row(
        self, pictures: Sequence[NDArray[np.uint8]], times: Sequence[str], *, across: int
    ) -> None:
        """Put pictures beside each other, each over its time."""
        side = (self.points - 2 * _EDGE - (across - 1) * _GAP) / across
        high = side * pictures[0].shape[0] / pictures[0].shape[1]

        def draw(figure: Figure, top: float, whole: float) -> None:
            for index, picture in enumerate(pictures):
                left = _EDGE + index * (side + _GAP)
                _axes(figure, (left, top + _GAP, side, high), whole).imshow(picture, aspect="auto")
                if times:
                    at = (left / self.points, 1 - (top + _GAP + high + 1) / whole)
                    figure.text(*at, times[index], va="top")

        self.parts.append((high + _GAP + (_STEP if times else 0), draw))

    def bar(self) -> None:
        """Put the colours of the heat, on mid grey as it lies over pictures, and what they mean."""
        strength = np.linspace(0, 1, 256, dtype=np.float32)
        ramp = on_grey(strength)[None]

        def draw(figure: Figure, top: float, whole: float) -> None:
            box = (_EDGE + 10, top + 2 * _GAP, self.points * 0.4, TEXT)
            _axes(figure, box, whole).imshow(ramp, aspect="auto")
            y = 1 - (top + 2 * _GAP) / whole
            figure.text(_EDGE / self.points, y, "0", va="top")
            at = (box[0] + box[2] + 4) / self.points
            figure.text(at, y, "each network's largest value", va="top")

        self.parts.append((TEXT * LINE + 2 * _GAP, draw))

    def figure(self) -> Figure:
        """The page as a figure."""
        whole = sum(height for height, _ in self.parts) + 2 * _EDGE
        figure = new_figure(self.width, height=whole * 25.4 / 72)
        figure.set_layout_engine("none")
        top = _EDGE / 2
        for height, draw in self.parts:
            draw(figure, top, whole)
            top += height
        return figure


def _axes(figure: Figure, box: tuple[float, float, float, float], whole: float) -> Axes:
    """Axes without ticks; left, top, width and height in points."""
    left, top, width, height = box
    points = figure.get_figwidth() * 72
    axes = figure.add_axes(
        (left / points, 1 - (top + height) / whole, width / points, height / whole)
    )
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return axes


def charts(view: PlayerView, *, width: Width, kind: Kind) -> bytes:
    """The player's charts: in two columns a column a path, in one all under each other."""
    groups = list(dict.fromkeys(chart.group for chart in view.charts))
    beside = len(groups) if width == "two columns" else 1
    high = max(sum(one.group == group for one in view.charts) for group in groups)
    rows = high if beside > 1 else len(view.charts)
    with print_style():
        below = 4 * (rows / high)  # times and their name stand under the last chart of a path
        height = rows * (_CHART + 3 * _STEP) + (below + 3) * _STEP
        figure = new_figure(width, height=height * 25.4 / 72)
        about = "; ".join(_about(view))
        put_title(figure, f"{view.title}: {groups[0] if len(groups) == 1 else 'over time'}")
        grid = figure.add_gridspec(rows, beside)
        for index, chart in enumerate(view.charts):
            same = [one for one in view.charts if one.group == chart.group]
            column = groups.index(chart.group) if beside > 1 else 0
            row = same.index(chart) if beside > 1 else index
            axes = figure.add_subplot(grid[row, column])
            room = figure.get_figwidth() * 72 / beside - 36
            ends = {"first": chart is same[0], "last": chart is same[-1]}
            _chart(axes, chart, view.duration, room=room, **ends)
        return save(figure, kind, title=f"Charts of {view.title}", about=about)


def _chart(
    axes: Axes, chart: TimeChart, duration: float, *, room: float, first: bool, last: bool
) -> None:
    for one in chart.series:
        _line(axes, one)
    firsts = [one.seconds[0] - _bar(one) / 2 for one in chart.series if one.mark == "bars"]
    axes.set(xlim=(min(0.0, *firsts, 0.0), duration), ylim=(chart.low, chart.high))
    heading = f"{chart.title}, {chart.unit}"
    whole = f"{chart.group}\n{heading}" if first and chart.group else heading
    lines = _legend(axes, chart, room=room) if len(chart.series) > 1 else 0
    axes.set_title(wrapped(whole, room=room), loc="left", pad=3 + lines * (_STEP + 1.5))
    axes.grid(axis="y")
    axes.tick_params(labelbottom=last)
    if last:
        axes.set_xlabel("seconds")


def _legend(axes: Axes, chart: TimeChart, *, room: float) -> int:
    """Names of the lines between title and chart; how many rows they take."""
    longest = max(text_width(one.label) for one in chart.series)
    across = max(1, min(len(chart.series), int(room // (longest + _SAMPLE))))
    axes.legend(
        ncols=across, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, borderpad=0,
        labelspacing=0.2, columnspacing=1.0, handlelength=2.4,
    )  # fmt: skip
    return -(-len(chart.series) // across)


def _line(axes: Axes, one: Series) -> None:
    ink = colour(one.colour)
    alpha = _FAINT if one.faint else 1.0
    if one.band is not None:
        axes.fill_between(one.seconds, *one.band, color=ink, alpha=0.2, lw=0)
    if one.mark == "bars":
        axes.bar(one.seconds, one.values, width=_bar(one), color=ink, alpha=alpha, label=one.label)
        return
    axes.plot(
        one.seconds, one.values, color=ink, alpha=alpha, ls=_DASHES[one.mark], lw=1.1,
        marker=".", ms=3, label=one.label, clip_on=False,
    )  # fmt: skip


def _bar(one: Series) -> float:
    """Seconds that a bar is wide."""
    return _BAR * (float(np.diff(one.seconds).min()) if len(one.seconds) > 1 else 0.2)
