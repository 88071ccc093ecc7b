"""What the tour is about: one clip of the gallery, asked of all networks, in both orders.

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
from app.views.stage import network_name
from maagn.explain.cam import FIRST_LAYER, sources
from maagn.explain.report import Report
from maagn.explain.reversal import Reversal, reversal
from maagn.opposites.clip import OPPOSITES_PAIRS

KINDS = ("maagn", "tpn", "tsm", "tsn")
CLIP = "07-closing-something-1.mp4"
"""TSN takes it for another action, the networks that know order do not."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """A clip, what the networks say of it, and what they say of its frames in reverse.

    Attributes:
        answer: reports of all networks, MAAGN first.
        reversals: by network's name, in the same order.
        opposite: the class that the clip shows backwards.
    """

    answer: Answer
    reversals: dict[str, Reversal]
    opposite: str

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
    """Ask all networks about the clip, then about its frames in reverse."""
    found = answer(question, job)
    reversals = {}
    for index, report in enumerate(found.reports):
        name = network_name(report)
        job.step(1 - (1 - index / len(found.reports)) / 8, f"Asking {name} backwards")
        reversals[name] = reversal(cache.model(report.model.name), report.inputs)
    return Lesson(found, reversals, _opposite(str(question.clip.label)))


def _opposite(label: str) -> str:
    """The class that is the exact reversal of `label` in the benchmark."""
    for one, other in OPPOSITES_PAIRS:
        if label in (one, other):
            return other if label == one else one
    raise ValueError(f"the benchmark has no class {label!r}")


Kind = Literal["one", "several"]
Panel = Literal["clip", "networks", "masks", "gates", "paths", "evidence", "reversal"]


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
