"""What can be measured, by name: each topic gives its rows."""

from collections.abc import Callable, Iterator

from maagn.bench.evaluation import evaluation
from maagn.bench.explanation import explanation
from maagn.bench.growth import growth
from maagn.bench.intervention import intervention
from maagn.bench.memory import memory
from maagn.bench.network import network
from maagn.bench.peers import peers
from maagn.bench.reading import reading
from maagn.bench.row import Row

Topic = Callable[[bool], Iterator[Row]]
"""Whether the short form is asked for -> rows as they are measured."""

TOPICS: dict[str, Topic] = {
    "network": network,
    "explanation": explanation,
    "intervention": intervention,
    "memory": memory,
    "growth": growth,
    "peers": peers,
    "reading": reading,
    "evaluation": evaluation,
}
