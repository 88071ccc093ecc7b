"""Figures for paper, by Matplotlib: one column wide or two, letters of 7 to 8 points, 300 dpi.

Nothing but Matplotlib is needed, which every installation has: no browser and no network. A PDF
has its letters in it; an SVG keeps them as text and names narrower fonts where DejaVu Sans is not.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from maagn.figures.layout import WIDTHS, Kind, Width

DPI = 300
TEXT = 7.0
"""Points of labels, ticks and legends: the least that is read on paper."""
TITLE = 8.0
LINE = 1.2
"""Height of a line of text, in its size."""
INK, QUIET, RULE = "#1A1A1A", "#5F5F5F", "#DADADA"

_MM = 25.4
_POINTS = 72.0
_SCRIPTS = (  # for class names that DejaVu Sans has no letters for, where one of them is installed
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "PingFang SC", "Hiragino Sans",
    "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Noto Sans Devanagari", "Noto Sans Thai",
)  # fmt: skip
_FIRST, _ELSE = b"'DejaVu Sans'", b", Verdana, Arial, sans-serif"  # no wider than the first
_LOCK = threading.RLock()  # Matplotlib's settings and font caches belong to the process


@cache
def _families() -> list[str]:
    known = set(font_manager.fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _SCRIPTS if name in known)]


@contextmanager
def print_style() -> Iterator[None]:
    """Within it, new figures have the sizes of print; one thread at a time."""
    with _LOCK, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": _families(),
                "font.size": TEXT,
                "axes.titlesize": TEXT,
                "axes.labelsize": TEXT,
                "xtick.labelsize": TEXT,
                "ytick.labelsize": TEXT,
                "legend.fontsize": TEXT,
                "figure.titlesize": TITLE,
                "text.color": INK,
                "text.parse_math": False,  # a dollar sign in a name is a dollar sign
                "axes.edgecolor": QUIET,
                "axes.labelcolor": INK,
                "axes.linewidth": 0.5,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.axisbelow": True,
                "xtick.major.width": 0.5,
                "ytick.major.width": 0.5,
                "xtick.major.size": 2.0,
                "ytick.major.size": 2.0,
                "xtick.color": INK,
                "ytick.color": INK,
                "grid.color": RULE,
                "grid.linewidth": 0.4,
                "legend.frameon": False,
                "figure.constrained_layout.use": True,
                "pdf.fonttype": 42,  # whole TrueType letters: publishers refuse Type 3
                "svg.fonttype": "none",
                "svg.hashsalt": "maagn",  # the same figure gives the same file
            }
        )
        yield


def new_figure(width: Width, *, height: float | int) -> Figure:
    """An empty figure of that width.

    Args:
        width: one column or two.
        height: millimetres.
    """
    figure = Figure(figsize=(WIDTHS[width] / _MM, height / _MM), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def put_title(figure: Figure, title: str) -> None:
    """The whole title above everything, in as many lines as it takes."""
    room = figure.get_figwidth() * _POINTS - 6
    figure.suptitle(
        wrapped(title, room=room, size=TITLE, bold=True), x=0.01, ha="left", fontweight="bold"
    )


def save(figure: Figure, kind: Kind, *, title: str, about: str = "") -> bytes:
    """The figure as a file of exactly its size.

    Args:
        figure: drawn within `print_style`.
        kind: of file.
        title: kept in the file.
        about: what the figure shows, for the file's description.
    """
    # No dates, so that the same figure is the same file.
    metadata: dict[Kind, dict[str, str | None]] = {
        "png": {"Title": title, "Description": about, "Software": "MAAGN Explorer"},
        "svg": {"Title": title, "Description": about, "Date": None, "Creator": "MAAGN Explorer"},
        "pdf": {
            "Title": title,
            "Subject": about,
            "Creator": "MAAGN Explorer",
            "CreationDate": None,
        },
    }
    file = io.BytesIO()
    figure.savefig(file, format=kind, dpi=DPI, metadata=metadata[kind])
    content = file.getvalue()
    return content.replace(_FIRST, _FIRST + _ELSE) if kind == "svg" else content


def wrapped(text: str, *, room: float | int, size: float | int = TEXT, bold: bool = False) -> str:
    """The whole text in lines that fit; a word that is too long by itself is parted.

    Args:
        text: its own line breaks are kept.
        room: points.
        size: of the letters, points.
        bold: whether they are.
    """
    lines = []
    for given in text.split("\n"):
        line = ""
        for word in given.split():
            longer = f"{line} {word}".strip()
            if text_width(longer, size=size, bold=bold) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            *whole, line = _parted(word, room=room, size=size, bold=bold)
            lines += whole
        lines.append(line)
    return "\n".join(lines)


def _parted(word: str, *, room: float | int, size: float | int, bold: bool) -> list[str]:
    parts = [""]
    for letter in word:
        if parts[-1] and text_width(parts[-1] + letter, size=size, bold=bold) > room:
            parts.append("")
        parts[-1] += letter
    return parts


def text_width(text: str, *, size: float | int = TEXT, bold: bool = False) -> float:
    """Points that one line takes."""
    return _advance(text, bold=bold) * size


@cache
def _font(*, bold: bool) -> FT2Font:
    weight = "bold" if bold else "normal"
    files = [
        font_manager.findfont(font_manager.FontProperties(family=[family], weight=weight))
        for family in _families()
    ]
    return font_manager.get_font(files)


@lru_cache(maxsize=4096)
def _advance(text: str, *, bold: bool) -> float:
    """Width of a line for letters of one point."""
    with _LOCK:
        font = _font(bold=bold)
        font.set_size(100, _POINTS)
        font.set_text(text, 0.0)
        return float(font.get_width_height()[0]) / 64 / 100
