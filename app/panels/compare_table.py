"""Comparisons as a table that people read."""

import pandas as pd
from streamlit.column_config import NumberColumn, TextColumn

from app.panels.compare_choice import Duel

# A narrow first column: the numbers are what is compared, and a cell opens to its whole name.
COLUMNS = {
    "pair of opposites": TextColumn(width=340),
    "gain, points": NumberColumn(format="%+.1f"),
    "McNemar p": NumberColumn(format="%.4f"),
}


def readable(table: pd.DataFrame, duel: Duel, *, what: str) -> pd.DataFrame:
    """The rows of `maagn.evaluate.compare.table` in percent, under the networks' names.

    Args:
        table: the comparisons.
        duel: whose they are.
        what: heading of the first column.
    """
    first, second = duel.first.name, duel.second.name
    return pd.DataFrame(
        {
            what: table["classes"],
            "n": table["clips"],
            f"{first}, %": (100 * table["first"]).round(1),
            f"{second}, %": (100 * table["second"]).round(1),
            "gain, points": 100 * table["gain"],
            "95 % interval": [
                f"{100 * low:+.1f} to {100 * high:+.1f}"
                for low, high in zip(table["gain_low"], table["gain_high"], strict=True)
            ],
            f"{first} alone": table["first_alone"],
            f"{second} alone": table["second_alone"],
            "McNemar p": table["p"],
        }
    )
