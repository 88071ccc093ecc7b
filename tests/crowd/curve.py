"""The soak's rows as a picture: memory, and what should stay flat."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure


def draw(rows: Sequence[dict[str, float]], path: Path) -> None:
    """Write an SVG: bytes in memory above; threads, open files and processes below."""
    figure = Figure(figsize=(8, 4.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    minutes = [row["seconds"] / 60 for row in rows]
    lines = (
        ("memory", "with its decoding workers", "#0072B2"),
        ("own_memory", "server", "#D55E00"),
    )
    for what, label, colour in lines:
        above.plot(minutes, [row[what] / 1e6 for row in rows], color=colour, linewidth=1.2)
        above.annotate(
            label, (minutes[-1], rows[-1][what] / 1e6), color=colour, ha="right", va="bottom",
            xytext=(0, 3 if what == "memory" else -14), textcoords="offset points",
        )  # fmt: skip
    above.set_ylabel("MB in memory")
    above.set_ylim(bottom=0)
    for what, colour in (
        ("descriptors", "#009E73"),
        ("threads", "#CC79A7"),
        ("processes", "#7F7F7F"),
    ):
        below.plot(minutes, [row[what] for row in rows], color=colour, linewidth=1)
        below.annotate(
            "open files" if what == "descriptors" else what, (minutes[0], rows[-1][what]),
            color=colour, va="bottom",
        )  # fmt: skip
    below.set_ylim(bottom=0)
    below.set_ylabel("number")
    below.set_xlabel(f"minutes; {rows[-1]['clips']:.0f} clips in all")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
