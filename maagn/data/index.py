"""Browsing a registered set: some of its videos at a time, asked of the list's own file."""

from dataclasses import dataclass
from typing import Any

import duckdb

from maagn.data.duck import connect
from maagn.data.registry import Registered
from maagn.data.videos import Video
from maagn.errors import RegistryError

_WANTED = """
    ($label IS NULL OR label = $label) AND ($words = '' OR starts_with(lower(id), $words)
        OR contains(lower(class::VARCHAR), $words))
"""


@dataclass(frozen=True)
class Page:
    """Some of the videos that were looked for.

    Attributes:
        videos: these, in the order of the set's list.
        total: how many there are in all.
    """

    videos: tuple[Video, ...]
    total: int


class Index:
    """The list of a registered set, ready to be asked; each thread takes its own.

    Args:
        data: which.

    Raises:
        RegistryError: its file is damaged or gone.
    """

    def __init__(self, data: Registered) -> None:
        self.data = data
        self._duck = connect()
        try:
            self._duck.read_parquet(str(data.rows)).create_view("videos")
        except duckdb.Error as error:
            raise _damaged(data) from error

    def page(
        self, *, words: str = "", label: int | None = None, limit: int = 24, offset: int = 0
    ) -> Page:
        """The videos whose class holds the words, or whose name begins with them.

        Args:
            words: in any case; nothing finds all.
            label: number of the class; None for every one.
            limit: videos at most.
            offset: videos left out before them.
        """
        asked = {"words": words.strip().lower(), "label": label}
        ((total,),) = self._ask(f"SELECT count(*) FROM videos WHERE {_WANTED}", asked)  # nosec B608 # ours
        rows = self._ask(
            f"""
            SELECT id, path, label, frames FROM videos WHERE {_WANTED}
            ORDER BY place LIMIT $limit OFFSET $offset
            """,  # nosec B608 # our own text
            asked | {"limit": limit, "offset": offset},
        )
        return Page(tuple(self._video(*row) for row in rows), total)

    def video(self, name: str) -> Video | None:
        """The video of that id; None where there is none, for ids come from links."""
        rows = self._ask(
            "SELECT id, path, label, frames FROM videos WHERE id = $name LIMIT 1", {"name": name}
        )
        return self._video(*rows[0]) if rows else None

    def counts(self) -> tuple[int, ...]:
        """How many videos each class has, in the order of the labels."""
        rows = self._ask(
            "SELECT label, count(*) FROM videos WHERE label IS NOT NULL GROUP BY label", {}
        )
        found = dict(rows)
        return tuple(found.get(number, 0) for number in range(len(self.data.labels)))

    def _video(self, name: str, path: str, label: int | None, frames: int | None) -> Video:
        data = self.data
        return Video(name, data.folder / path, label, frames, data.folder, data.pictures)

    def _ask(self, question: str, values: dict[str, str | int | None]) -> list[Any]:
        try:
            return self._duck.execute(question, values).fetchall()
        except duckdb.Error as error:
            raise _damaged(self.data) from error


def _damaged(data: Registered) -> RegistryError:
    return RegistryError(f"The list of {data.name} is damaged: register the data set again.")
