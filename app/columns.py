"""How wide the columns of a table are, and how high its rows, so that names are whole.

Streamlit draws tables on a canvas, where text that is wider than its column is cut, and columns
beyond the page's width are scrolled to. Rows above a certain height break their text into lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

ROOM = 870
"""Pixels of an expander on a page that is 1280 wide, beside the sidebar."""

_SELECTION = 40  # of the column in which rows are chosen
_PADDING = 18  # of a cell, left and right together
_NARROWEST = 50
_FIXED = 170  # a column that needs no more is left as wide as it is
_WIDEST = 470  # of a column that Streamlit makes as wide as its text by itself, nearly
_WRAPS = 66  # pixels of a row: above 64 Streamlit breaks lines
_LINE = 20  # pixels of a line of a cell
_ADVANCES = {
    2.8: " ",
    3.7: "I'ijl,.:;|·",
    4.9: '!()[]{}-/\\frt"',
    6.6: "csvxyz?*`",
    7.2: "0123456789aegk$#+<=>_^~FJLXVY≤≥",
    7.9: "bdhnopquACEKPRSTZ",
    9.3: "DGHNOQUB&✓✗→↔",
    10.3: "Mw",
    12.0: "Wm%@—",
}  # pixels of Streamlit's letters, 14 high
_PIXELS = {letter: pixels for pixels, letters in _ADVANCES.items() for letter in letters}
_OTHER = 14.0  # of any other letter


@dataclass(frozen=True)
class Layout:
    """What `st.dataframe` is told.

    Attributes:
        widths: pixels of the columns that are given a width; the others fit their text.
        row_height: pixels; None where every cell is one line.
    """

    widths: Mapping[str, int]
    row_height: int | None


def text_pixels(text: str) -> float:
    """About how wide a text is in a table, hardly ever less than it is."""
    return sum(_PIXELS.get(letter, _OTHER) for letter in text)


def lines(text: str, width: float) -> int:
    """Lines that a text needs in that many pixels when it is broken between words."""
    count, used = 1, 0.0
    for word in text.split():
        needed = text_pixels(word)
        if used and used + text_pixels(" ") + needed > width:
            count, used = count + 1, 0.0
        used += needed + (text_pixels(" ") if used else 0)
        while used > width:  # a word that is longer than a line
            count, used = count + 1, used - width
    return count


def fit(frame: pd.DataFrame, *, room: int = ROOM, selected: bool = False) -> Layout:
    """Widths with which a table of texts and numbers has all of its text in `room` pixels.

    Args:
        frame: its rows; the index is not shown.
        room: pixels.
        selected: whether rows can be chosen, which takes a column of its own.
    """
    room -= _SELECTION * selected
    texts = {str(name): _texts(frame, at) for at, name in enumerate(frame.columns)}
    wanted = {name: _needed([name, *cells]) for name, cells in texts.items()}
    if sum(wanted.values()) <= room:
        return Layout({name: width for name, width in wanted.items() if width > _WIDEST}, None)
    flexible = [name for name, width in wanted.items() if width > _FIXED]
    spare = room - sum(width for name, width in wanted.items() if name not in flexible)
    widths = _shared(spare, {name: (_needed([name]), wanted[name]) for name in flexible})
    most = max(
        (lines(cell, widths[name] - _PADDING) for name in flexible for cell in texts[name]),
        default=1,
    )
    return Layout(widths, max(_WRAPS, most * _LINE + 10) if most > 1 else None)


def _texts(frame: pd.DataFrame, at: int) -> list[str]:
    column = frame.iloc[:, at]
    if pd.api.types.is_float_dtype(column):
        return [f"{cell:.4f}" for cell in column]  # Streamlit's digits, where nothing else is said
    return ["" if cell is None else str(cell) for cell in column]


def _needed(texts: Sequence[str]) -> int:
    return max(_NARROWEST, round(max(map(text_pixels, texts)) + _PADDING))


def _shared(spare: int, bounds: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """The pixels shared among columns, each between its least and what it wants."""
    widths: dict[str, int] = {}
    left = dict(sorted(bounds.items(), key=lambda item: item[1][1]))
    while left:
        name, (least, wanted) = next(iter(left.items()))
        del left[name]
        widths[name] = max(least, _FIXED, min(wanted, spare // (len(left) + 1)))
        spare -= widths[name]
    return widths
