"""Is a mask attention, or a constant? What an audit says of every mask and gate.

Where the variance of a mask comes from, whether it is alive, what it costs to replace it, and a
verdict in words that are the same for all. `maagn.evaluate.audit` measures, and
`maagn.evaluate.audit_file` keeps, what is described here.
"""

from dataclasses import dataclass, field
from typing import Literal

from maagn.evaluate.mask_statistics import Alive, Band, Cost, Variance
from maagn.shown import percent, plural, shortened

Replacement = Literal["average", "same", "opposite", "off"]
REPLACEMENTS: tuple[Replacement, ...] = ("average", "same", "opposite", "off")
"""What takes a mask's place: its average over the validation clips, that of another clip of the
same class, of one of the opposite class, or nothing (a mask of 0, a gate with alpha = 0)."""

Verdict = Literal["attends", "constant", "not decided at this sample", "dead"]

POINT = 1.0
"""Cost, in points of top-1, that the interval of a constant excludes."""

_SAME = 0.9  # of a mask's variance by place: it is called the same for every clip
_RARE = 0.01  # of clips: units that are awake for fewer are as good as dead
_STILL = 1e-6  # a standard deviation over clips that is rounding alone


@dataclass(frozen=True)
class Effect:
    """What a replacement does.

    Attributes:
        clips: that it was tried on; others have no donor.
        top1: clips whose most probable class is the true one.
        within_pair: clips whose class is more probable than its opposite; None where none has one.
        divergence: mean KL from the live prediction to the replaced one, in nats.
        changed: share of clips whose predicted class changes.
    """

    clips: int
    top1: Cost
    within_pair: Cost | None
    divergence: float
    changed: float


@dataclass(frozen=True)
class MaskAudit:
    """One mask or gate of a path, or several of all paths together.

    Attributes:
        path: index of the path, shallow first; None for all of them together.
        key: of the quantity (`maagn.explain.attention.Quantity.key`); of all paths `sdm`, `sum`
            (MTAM), `masks` (both), `agm` or `all`.
        title: for people.
        channels: numbers that it has a frame; 1 for masks of one number a frame and for gates,
            whose variance is that of their mean magnitude a frame.
        variance: where it comes from; of several, their sums of squares together; None of `all`,
            where masks and gates have no common scale.
        band: over the path's frames; None for all paths.
        alive: None for all paths.
        dead: why no clip can change it; empty where one can.
        effects: by what takes its place; a replacement that no clip has a donor for is left out.
    """

    path: int | None
    key: str
    title: str
    channels: int
    variance: Variance | None
    band: Band | None
    alive: Alive | None
    dead: str
    effects: dict[Replacement, Effect] = field(hash=False)

    def __repr__(self) -> str:
        where = "all paths" if self.path is None else f"path {self.path}"
        return f"MaskAudit of {self.title}, {where}: {self.verdict}"

    @property
    def place_share(self) -> float | None:
        """Part of the variance that the place alone explains, in [0, 1]."""
        return None if self.variance is None else self.variance.shares[0]

    @property
    def class_share(self) -> float | None:
        """Part that the class explains, given the place."""
        return None if self.variance is None else self.variance.shares[1]

    @property
    def clip_share(self) -> float | None:
        """Part that the single clip explains, given place and class."""
        return None if self.variance is None else self.variance.shares[2]

    @property
    def verdict(self) -> Verdict:
        """By what its average in its place costs in top-1; the same words for all.

        A mask that no clip of the sample changes is a constant, however few they are.
        """
        points = self.effects["average"].top1.points
        if points.low > 0:
            return "attends"
        if self.dead:
            return "dead"
        still = self.variance is not None and self.variance.deviation < _STILL
        if points.high < POINT or still:
            return "constant"
        return "not decided at this sample"

    @property
    def varies(self) -> bool:
        """Whether clips get a mask of their own, be it to no effect.

        What attends does, however much of its variance the place explains; what is dead does not.
        Of several, where there is no share, only what attends is known to.
        """
        if self.verdict in ("attends", "dead"):
            return self.verdict == "attends"
        return self.place_share is not None and self.place_share < _SAME

    @property
    def sentence(self) -> str:
        """The verdict with its numbers."""
        average, place = self.effects["average"], self.place_share
        points = average.top1.points
        its = "its average" if self.path is not None else "their averages"
        changed = f"with {its} in place {100 * average.changed:.1f} % of predictions change"
        top1 = f"top-1 {_falls(points.value)} (cost {points.low:.1f} to {points.high:.1f})"
        match self.verdict:
            case "attends":
                said = f"Attends: {changed}, and {top1}{self._explained('; {} of the variance')}"
            case "dead":
                said = f"Dead: {self.dead}; {changed}"
            case "constant" if place is None:
                said = f"Constant: {changed}, and {top1}"
            case "constant" if not self.varies:
                said = f"The same for every clip{self._explained(': {}')}; {changed}"
            case "constant":
                said = f"Varies, to no effect{self._explained(': {}')}; {changed}, and {top1}"
            case _:
                said = (
                    f"Not decided at this sample of {average.clips:,} clips: {changed}, and {top1}"
                    f"{self._explained('; {} of the variance')}"
                )
        return f"{said}{self._dead_units()}."

    @property
    def summary(self) -> str:
        """For a card or a cell: the verdict, the clip's share, and what the average costs.

        Points are of top-1, with their 95 % interval.
        """
        points = self.effects["average"].top1.points
        costs = "its average costs" if self.path is not None else "their averages cost"
        costs += f" {_tenth(points.value)} points, {_tenth(points.low)} to {_tenth(points.high)}"
        if self.clip_share is not None:
            costs = f"clip explains {100 * self.clip_share:.0f} %; {costs}"
        return f"{self.verdict} ({costs})"

    def _explained(self, form: str) -> str:
        """What the place explains, in that form; nothing where there is no scale for it."""
        if self.place_share is None:
            return ""
        where = "the frame's place alone explains"
        if self.channels > 1:
            where = "frame and channel alone explain"
        return form.format(f"{where} {100 * self.place_share:.0f} %")

    def _dead_units(self) -> str:
        if self.alive is None or not self.alive.dead_units or self.dead:
            return ""
        dead, most = len(self.alive.dead_units), max(self.alive.awake, default=1.0)
        if most < _RARE:
            return f"; no hidden unit is above zero for more than {100 * most:.2g} % of clips"
        return f"; {dead} of {self.alive.hidden} hidden units {'is' if dead == 1 else 'are'} dead"


def _tenth(points: float) -> str:
    return f"{round(points, 1) + 0.0:.1f}"  # never -0.0


def _falls(points: float) -> str:
    if not round(points, 1):
        return "stays"
    return f"{'rises' if points < 0 else 'falls'} by {abs(points):.1f} points"


@dataclass(frozen=True)
class Source:
    """Clips that an audit saw.

    Attributes:
        name: of the set.
        split: of the set.
        digest: of the set's list (`maagn.data.videos.VideoSet.digest`).
        clips: in the list.
    """

    name: str
    split: str
    digest: str
    clips: int


@dataclass(frozen=True)
class AuditOrigin:
    """Where an audit comes from.

    Attributes:
        command: what makes it again.
        data: the clips that were audited.
        reference: the clips that averages and donors come from.
        leave_one_out: the reference is the audited clips themselves, so that each clip's average
            is of all others.
        versions: of Python, torch and numpy.
    """

    command: str
    data: Source
    reference: Source
    leave_one_out: bool
    versions: tuple[str, ...]


@dataclass(frozen=True)
class NetworkAudit:
    """All masks and gates of one network.

    Attributes:
        model: its name.
        digest: SHA-256 of its file.
        clips: that were read.
        unread: that were not, or for which the network's numbers are not finite.
        top1: share of them that it classifies correctly, live.
        within_pair: share whose class is more probable than its opposite; None without opposites.
        forwards: arithmetic of the audit as a multiple of one evaluation of the audited clips, each
            seen once.
        parts: of each path, shallow first; then of all paths together.
        origin: where it comes from.
    """

    model: str
    digest: str
    clips: int
    unread: int
    top1: float
    within_pair: float | None
    forwards: float
    parts: tuple[MaskAudit, ...]
    origin: AuditOrigin

    def __repr__(self) -> str:
        return (
            f"NetworkAudit of {self.model}: {plural(self.clips, 'clip')} of "
            f"{shortened(self.origin.data.name)}, {percent(self.top1)} right\n"
            f"  masks: {self.masks.summary}"
        )

    def of(self, path: int | None, key: str) -> MaskAudit:
        """One mask or gate.

        Args:
            path: index of the path; None for all paths together.
            key: as `MaskAudit.key`.

        Raises:
            KeyError: there is none.
        """
        for part in self.parts:
            if (part.path, part.key) == (path, key):
                return part
        raise KeyError(f"{self.model} has no {key} on {'all paths' if path is None else path}")

    @property
    def masks(self) -> MaskAudit:
        """All masks together, whichever the network has."""
        together = {part.key: part for part in self.parts if part.path is None}
        return next(together[key] for key in ("masks", "sum", "sdm") if key in together)
