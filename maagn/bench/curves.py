"""The rows of growth as a small figure: cost of a frame, and of a clip, against their number."""

from math import log2

from maagn.bench.growth import CLIPS, FRAMES
from maagn.bench.table import Table

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 480, 240, 50, 40
_MOST = 1.25  # top of the vertical axis


def drawn(table: Table) -> str | None:
    """SVG; None where the table has no rows of growth.

    Across: how many, from 1 to 32, doubling. Up: cost of one against that of one of the fewest,
    1 where the whole grows linearly.
    """
    ratios = {row.name: row.ratio for row in table.rows}
    lines = []
    for what, sizes, colour in (("frames", FRAMES, "#0072b2"), ("clips", CLIPS, "#d55e00")):
        names = [f"growth, {size} {what}" for size in sizes[1:]]
        if not all(name in ratios for name in names):
            return None
        values = [1.0, *(ratios[name] for name in names)]
        lines.append(_line(what, sizes, values, colour))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12" role="img"'
        ' aria-label="Cost of one frame and of one clip against their number">',
        *_axes(), *lines, "</svg>\n",
    ])  # fmt: skip


def _place(size: int, value: float) -> tuple[float, float]:
    across = _LEFT + log2(size) / 5 * (_WIDTH - _LEFT - 70)
    return round(across, 1), round((_HEIGHT - _BOTTOM) * (1 - min(value, _MOST) / _MOST), 1)


def _axes() -> list[str]:
    marks = []
    for value in (0.0, 0.5, 1.0):
        _, y = _place(1, value)
        marks.append(
            f'<path d="M{_LEFT} {y}H{_WIDTH - 70}" stroke="#bbb"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{value:g}</text>'
        )
    for size in (1, 2, 4, 8, 16, 32):
        x, y = _place(size, 0.0)
        marks.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{size}</text>')
    return marks


def _line(what: str, sizes: tuple[int, ...], values: list[float], colour: str) -> str:
    places = [_place(size, value) for size, value in zip(sizes, values, strict=True)]
    points = " ".join(f"{x},{y}" for x, y in places)
    x, y = places[-1]
    below = 16 if what == "frames" else -6  # the two names do not lie on each other
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        + "".join(f'<circle cx="{a}" cy="{b}" r="3" fill="{colour}"/>' for a, b in places)
        + f'<text x="{x + 8}" y="{y + below}" fill="{colour}">{what}</text>'
    )
