"""What can be measured, by name: each topic gives its rows."""

from collections.abc import Callable, Iterator

from maagn.bench.evaluation import evaluation
from maagn.bench.reading import reading
from maagn.bench.row import Row

Topic = Callable[[bool], Iterator[Row]]
"""Whether the short form is asked for -> rows as they are measured."""

TOPICS: dict[str, Topic] = {
    "reading": reading,
    "evaluation": evaluation,
}
