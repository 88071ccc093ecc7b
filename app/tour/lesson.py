"""What the tour is about: one clip of the gallery, asked of all networks, in both orders.

MAAGN alone is asked about a second one, whose mask is set beside the first's.

In each step something is shown, something is asked, then the numbers answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from app import cache
from app.gallery.catalogue import clip_named, gallery
from app.jobs import Job
from app.networks import DEMONSTRATION, groups
from app.predictions import Answer, answer
from app.selection import ClipChoice, Question
from app.tour.people import People
from app.views.stage import network_name
from maagn.errors import ModelError
from maagn.explain.attention import Quantity
from maagn.explain.cam import FIRST_LAYER, sources
from maagn.explain.report import Report
from maagn.explain.reversal import Reversal, reversal
from maagn.opposites.clip import OPPOSITES_PAIRS
from maagn.types import Explanation

KINDS = ("maagn", "tpn", "tsm", "tsn")
CLIP = "07-closing-something-3.mp4"
"""TSN takes it for another action, the networks that know order do not."""

OTHER = "30-turning-the-camera-left-while-filming-something-2.mp4"
"""Nothing in it moves but the camera, from the first frame to the last: unlike a lid that falls."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """A clip, what the networks say of it, of its frames in reverse, and of a clip beside it.

    Attributes:
        answer: reports of all networks, MAAGN first.
        reversals: by network's name, in the same order.
        opposite: the class that the clip shows backwards.
        other: what MAAGN alone says of the other clip.
        people: what the last steps are about; None where it did not come along.
    """

    answer: Answer
    reversals: dict[str, Reversal]
    opposite: str
    other: Answer
    people: People | None = None

    @property
    def truth(self) -> str:
        """The clip's true class."""
        return str(self.answer.question.clip.label)

    @property
    def maagn(self) -> Report:
        """The report of MAAGN."""
        return self.answer.reports[0]


def clip() -> ClipChoice:
    """The clip of the tour; the gallery's first where that one is gone."""
    return (clip_named(CLIP) or gallery()[0]).choice()


def other_clip() -> ClipChoice:
    """The clip that it is compared with; the gallery's last where that one is gone."""
    return (clip_named(OTHER) or gallery()[-1]).choice()


def networks() -> tuple[str, ...] | None:
    """The demonstration networks, whom the tour is about; None where one of the four is gone."""
    names = groups().get(DEMONSTRATION, ())
    kinds = tuple(cache.card(name).spec.arch for name in names)
    return names if kinds == KINDS else None


def about(question: Question) -> Question:
    """The same models and maps, asked about the tour's clip."""
    known = sources(cache.card(question.models[0]))
    layer = question.layer if question.layer in known else FIRST_LAYER
    return replace(question, clip=clip(), target=None, layer=layer)


def learn(question: Question, job: Job) -> Lesson:
    """Ask all networks about the clip and its frames in reverse, and MAAGN about the other clip."""
    found = answer(question, job)
    job.step(_ANSWERED, f"Asking {network_name(found.reports[0])} about another clip")
    other = _other(question)
    reversals = {}
    for index, report in enumerate(found.reports, start=1):
        name = network_name(report)
        part = index / (len(found.reports) + 1)
        job.step(_ANSWERED + part * (1 - _ANSWERED), f"Asking {name} backwards")
        reversals[name] = reversal(cache.model(report.model.name), report.inputs)
    return Lesson(found, reversals, _opposite(str(question.clip.label)), other)


_ANSWERED = 7 / 8  # of the work, once all networks have been asked about the clip


def _other(question: Question) -> Answer:
    """What the first network says of the other clip."""
    asked = replace(question, clip=other_clip(), models=question.models[:1])
    (name,) = asked.models
    seen = cache.clip(asked.clip, asked.models)
    report = cache.reported(name, seen, target=None, method=asked.method, layer=asked.layer)
    return Answer(asked, seen, (report,))


def mask(report: Report, quantity: Quantity) -> Explanation:
    """A mask of MAAGN's on the path of all frames.

    Raises:
        ModelError: the network has no such mask.
    """
    for one in report.masks:
        if one.name == quantity.on(0):
            return one
    raise ModelError(
        f"{report.model.name} has no {quantity.title}: the tour needs SDM, MTAM and AGM."
    )


def _opposite(label: str) -> str:
    """The class that is the exact reversal of `label` in the benchmark."""
    for one, other in OPPOSITES_PAIRS:
        if label in (one, other):
            return other if label == one else one
    raise ValueError(f"the benchmark has no class {label!r}")


Kind = Literal["one", "several"]
Panel = Literal[
    "clip", "networks", "masks", "clips", "gates", "paths", "evidence", "reversal",
    "person", "taught", "leaks",
]  # fmt: skip
PEOPLE: tuple[Panel, ...] = ("person", "taught", "leaks")
"""What is shown of people, by `Lesson.people`, and not of the tour's own clip."""


@dataclass(frozen=True)
class Finding:
    """What the networks' numbers say to a question.

    Attributes:
        right: the options that are true.
        words: the same in a sentence or two, with the numbers.
    """

    right: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Step:
    """A step waits for a prediction before it shows what was worked out.

    Attributes:
        title: of the step.
        text: what one has to know before.
        ask: what the learner predicts.
        kind: whether one option is chosen, or any number of them.
        options: what there is to choose.
        panel: what is shown once the learner has predicted.
        finding: what was computed of the tour's clip.
        page: name of the page where to look further.
        scored: whether there is a right answer; some questions have only another's opinion.
    """

    title: str
    text: str
    ask: str
    kind: Kind
    options: tuple[str, ...]
    panel: Panel
    finding: Callable[[Lesson], Finding]
    page: str
    scored: bool = True

    def accepts(self, said: tuple[str, ...]) -> bool:
        """Whether that is an answer to the question; of several options, none is one too."""
        known = set(said) <= set(self.options)
        return known and (self.kind == "several" or len(said) == 1)

    def right(self, said: tuple[str, ...], lesson: Lesson) -> bool:
        """Whether the learner predicted what was computed, in any order."""
        return set(said) == set(self.finding(lesson).right)
