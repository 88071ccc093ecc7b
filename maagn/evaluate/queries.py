"""Questions to the tables of a run, answered by DuckDB on the Parquet files themselves.

Nothing is loaded whole: DuckDB reads the columns that a question needs, so that a run of hundreds
of thousands of rows, with the logits of 174 classes in each, is asked in milliseconds.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from jaxtyping import Int64

from maagn.data.duck import connect
from maagn.errors import QueryError
from maagn.evaluate.store import ANSWERS, MANIFEST, VIDEOS
from maagn.labels import ClassPairs, ClassRelations


class Queries:
    """A finished run's tables, ready to be asked; each thread takes its own.

    Classes are numbers in the order of the labels; videos without an answer, and those whose
    class is not known, count in `overall` alone.

    Args:
        folder: holds `answers.parquet`, `videos.parquet` and `manifest.json`.

    Attributes:
        labels: class names in the order of the logits.
        models: names of the networks, in the order they were asked in.

    Raises:
        QueryError: a file is missing, or is not one of a run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            self.labels = tuple(str(label) for label in manifest["labels"])
            self._given = ClassPairs.from_dict(manifest.get("pairs"))
            self._duck = connect()
            predictions = self._duck.read_parquet(str(folder / ANSWERS), file_row_number=True)
            predictions.create_view("answers")
            self._duck.read_parquet(str(folder / VIDEOS)).create_view("videos")
            named = self._duck.execute(
                "SELECT model FROM answers GROUP BY model ORDER BY min(file_row_number)"
            )
            self.models = tuple(row[0] for row in named.fetchall())
        except (OSError, KeyError, TypeError, ValueError, duckdb.Error) as error:
            raise QueryError(
                f"{folder.name} holds no finished run: give the folder of `maagn evaluate --out`."
            ) from error

    @property
    def relations(self) -> ClassRelations:
        """Which of the classes are opposites, as the run was told or by their names."""
        return ClassRelations.of(self.labels, self._given)

    def overall(self) -> pd.DataFrame:
        """One row per model: `model`, `clips`, `unreadable`, `top1` and `top5` in [0, 1].

        `clips` are those with an answer and a class; the parts are of these.
        """
        return self._ask(
            """
            SELECT model,
                count(*) FILTER (answer IS NOT NULL AND label IS NOT NULL) AS clips,
                count(*) FILTER (reason IS NOT NULL) AS unreadable,
                avg((answer = label)::INT) AS top1,
                avg(list_contains(top5, label)::INT) FILTER (answer IS NOT NULL) AS top5
            FROM answers GROUP BY model ORDER BY min(file_row_number)
            """
        )

    def per_class(self, model: str) -> pd.DataFrame:
        """One row per class that has clips: `label`, `clips`, `right`, `top1` in [0, 1], `name`."""
        found = self._ask(
            """
            SELECT label, count(*) AS clips, count(*) FILTER (answer = label) AS right,
                avg((answer = label)::INT) AS top1
            FROM answers WHERE model = $model AND answer IS NOT NULL AND label IS NOT NULL
            GROUP BY label ORDER BY label
            """,
            model=self._known(model),
        )
        return found.assign(name=self._names(found["label"]))

    def pairs(self, model: str) -> pd.DataFrame:
        """Any two classes that are taken for each other, most often first.

        Returns:
            `first` and `second`, names; `label` and `other`, their numbers, the lower first;
            `errors`, clips of either answered with the other; `clips` of both; `opposites`,
            whether the two are opposites, of any kind; `proposed`, whether that is read from their
            names alone.
        """
        found = self._ask(
            """
            WITH asked AS (
                SELECT label, answer FROM answers
                WHERE model = $model AND answer IS NOT NULL AND label IS NOT NULL
            ), sizes AS (SELECT label, count(*) AS clips FROM asked GROUP BY label),
            wrong AS (
                SELECT least(label, answer) AS label, greatest(label, answer) AS other,
                    count(*) AS errors
                FROM asked WHERE label <> answer GROUP BY ALL
            )
            SELECT wrong.*, coalesce(one.clips, 0) + coalesce(two.clips, 0) AS clips
            FROM wrong LEFT JOIN sizes one ON one.label = wrong.label
                LEFT JOIN sizes two ON two.label = wrong.other
            ORDER BY errors DESC, wrong.label, other
            """,
            model=self._known(model),
        )
        known = {
            frozenset((pair.label, pair.opposite)): pair.proposed
            for pair in self.relations.opposites
        }
        first, second = self._names(found["label"]), self._names(found["other"])
        both = [frozenset(names) for names in zip(first, second, strict=True)]
        return found.assign(
            first=first,
            second=second,
            opposites=[pair in known for pair in both],
            proposed=[known.get(pair, False) for pair in both],
        )

    def confusion(self, model: str) -> Int64[np.ndarray, "k k"]:
        """How many clips of the row's class were answered with the column's."""
        found = self._ask(
            """
            SELECT label, answer, count(*) AS clips FROM answers
            WHERE model = $model AND answer IS NOT NULL AND label IS NOT NULL GROUP BY ALL
            """,
            model=self._known(model),
        )
        counts = np.zeros((len(self.labels), len(self.labels)), np.int64)
        counts[found["label"], found["answer"]] = found["clips"]
        return counts

    def cell(
        self, model: str, *, label: int, answer: int, limit: int = 100, offset: int = 0
    ) -> pd.DataFrame:
        """The clips of a cell of the confusion matrix, surest first.

        Returns:
            `place` in the set, `id`, `path` from the set's folder, `probability` of the answer.
        """
        return self._ask(
            """
            SELECT place, videos.id, path, probability
            FROM answers JOIN videos USING (place)
            WHERE model = $model AND answers.label = $label AND answer = $answer
            ORDER BY probability DESC, place LIMIT $limit OFFSET $offset
            """,
            model=self._known(model),
            label=label,
            answer=answer,
            limit=limit,
            offset=offset,
        )

    def changed(
        self, first: str, second: str, *, fixed: bool, limit: int = 100, offset: int = 0
    ) -> pd.DataFrame:
        """The clips that one model has right and the other has not.

        Args:
            first: a model.
            second: another.
            fixed: whether the second has them right (fixed by it) or the first (broken by it).
            limit: rows at most.
            offset: rows left out before them.

        Returns:
            `place`, `id`, `path`, `label`, `first` and `second`, the two answers; those that the
            model in the right is surest of come first.
        """
        return self._ask(
            f"""
            SELECT one.place, videos.id, path, one.label, one.answer AS first, two.answer AS second
            FROM answers one JOIN answers two USING (place) JOIN videos USING (place)
            WHERE one.model = $first AND two.model = $second AND one.answer <> two.answer
                AND one.label = {"two" if fixed else "one"}.answer
            ORDER BY {"two" if fixed else "one"}.probability DESC, place
            LIMIT $limit OFFSET $offset
            """,  # nosec B608 # one of two words of ours
            first=self._known(first),
            second=self._known(second),
            limit=limit,
            offset=offset,
        )

    def unreadable(self, *, limit: int = 100, offset: int = 0) -> pd.DataFrame:
        """The videos without an answer: `place`, `id`, `reason`."""
        return self._ask(
            """
            SELECT place, id, any_value(reason) AS reason FROM answers
            WHERE reason IS NOT NULL GROUP BY place, id ORDER BY place
            LIMIT $limit OFFSET $offset
            """,
            limit=limit,
            offset=offset,
        )

    def _known(self, model: str) -> str:
        if model not in self.models:
            raise QueryError(f"This run has no {model}: ask about {', '.join(self.models)}.")
        return model

    def _names(self, numbers: "pd.Series[Any]") -> list[str]:
        return [self.labels[int(number)] for number in numbers]

    def _ask(self, question: str, **values: str | int) -> pd.DataFrame:
        return self._duck.execute(question, values).df()
