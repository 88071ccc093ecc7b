"""What each of the paper's tables compares, what the paper says of it, and how large its runs are.

The paper: MAAGN, Neural Processing Letters 2024, Tables 1 and 3 to 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from maagn.config import TrainSpec

Changes = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """One network of a table.

    Attributes:
        key: of its files.
        name: as people read it.
        family: `tsn`, `tsm`, `tpn` or `maagn`.
        changes: fields of the family's `ModelSpec` that differ.
        masks_spread: as `TrainSpec.masks_spread`; None for the size's.
        audited: whether what its masks are worth is measured too.
    """

    key: str
    name: str
    family: str = "maagn"
    changes: Changes = ()
    masks_spread: float | None = None
    audited: bool = False


_RECIPE = TrainSpec(
    "maagn-demo",
    validation_clips=340,
    short_side=(72, 72),
    crop=64,
    precision="bf16-mixed",
)


@dataclass(frozen=True)
class Size:
    """What every training of a table has in common; stated with its results.

    Attributes:
        name: of the folder of its outcomes.
        title: for people.
        seeds: trainings a network, unless asked otherwise.
        recipe: of every network, but for its preset, changes, start and seed.
        start_epochs: passes of a TSM from whose backbone every network of a seed starts, as the
            paper's start from one trained on ImageNet; 0 where all start from fresh weights.
        maagn: fields of MAAGN's `ModelSpec` that differ from the demonstration's.
        test_per_class: clips of every class of the test split.
    """

    name: str
    title: str
    seeds: int
    recipe: TrainSpec
    start_epochs: int = 0
    maagn: Changes = ()
    test_per_class: int = 30

    def start(self, seed: int) -> TrainSpec | None:
        """The common start of that seed; None where there is none."""
        if not self.start_epochs:
            return None
        return replace(self._spec("tsm", seed), epochs=self.start_epochs)

    def training(self, row: Row, seed: int, start: str | None) -> TrainSpec:
        """A row's training from the start in that file, or from fresh weights."""
        own = self.maagn if row.family == "maagn" else ()
        spec = self._spec(row.family, seed, *own, *row.changes)
        if row.masks_spread is not None:
            spec = replace(spec, masks_spread=row.masks_spread)
        return replace(spec, start=start, take="backbone") if start else spec

    def _spec(self, family: str, seed: int, *changes: tuple[str, str]) -> TrainSpec:
        return replace(
            self.recipe,
            preset=f"{family}-demo",
            changes=(("strides", "2,2,2"), *changes),
            seed=seed,
        )


FRESH = Size("fresh", "From fresh weights", seeds=5, recipe=replace(_RECIPE, epochs=4))
"""The demonstration's networks at 64 pixels, from fresh weights."""

FROM_TSM = Size(
    "from-tsm",
    "From a TSM's backbone",
    seeds=3,
    recipe=replace(_RECIPE, epochs=2, clips=2040, masks_spread=0.0, masks_rate=0.0),
    start_epochs=7,
    maagn=(("shift", "true"), ("pooling", "frame"), ("min_hidden", "4")),
)
"""MAAGN with masks of frames, from a common backbone, for a few minutes each."""


@dataclass(frozen=True)
class Claim:
    """The statement, of the paper or ours, that some rows of a table are better than others.

    Attributes:
        text: the statement, in our words.
        better: keys of the rows that should be ahead of each of
        worse: the keys of these.
    """

    text: str
    better: tuple[str, ...]
    worse: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """One table.

    Attributes:
        name: on the command line.
        title: what it compares, with the table's number in the paper.
        sizes: of its trainings; each size is a table of its own.
        rows: in the paper's order.
        claims: that its rows confirm or not.
        claimant: whose claims they are, as the head of a column.
    """

    name: str
    title: str
    sizes: tuple[Size, ...]
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...]
    claimant: str = "the paper says"


_FULL = Row("maagn", "MAAGN: SDM and MTAM in parallel, AGM")
_TSN, _TSM, _TPN = (Row(name, name.upper(), name) for name in ("tsn", "tsm", "tpn"))


def _fusion(key: str, name: str, fusion: str) -> Row:
    return Row(key, name, changes=(("fusion", fusion),))


_NONE = _fusion("none", "neither (the multipath network alone)", "none")
_SDM, _MTAM = _fusion("sdm", "SDM alone", "sdm"), _fusion("mtam", "MTAM alone", "mtam")
_SDM_FIRST = _fusion("sdm-mtam", "SDM, then MTAM (serial)", "sdm>mtam")
_MTAM_FIRST = _fusion("mtam-sdm", "MTAM, then SDM (serial)", "mtam>sdm")
_SUM = _fusion("sum", "SDM + MTAM (parallel sum)", "sum")


def _without_shift(key: str, *, hidden: int, spread: float) -> Row:
    """Masks of channels in a network whose backbone has no other way to time."""
    return Row(
        key,
        f"MAAGN, no shift ({hidden} hidden units, deviation {spread:g})",
        changes=(("shift", "false"), ("min_hidden", str(hidden))),
        masks_spread=spread,
        audited=True,
    )


_ATTENDING = (
    _without_shift("unshifted", hidden=8, spread=1.5),
    _without_shift("unshifted-32", hidden=32, spread=1.5),
    _without_shift("unshifted-wide", hidden=8, spread=4.0),
)
_COMBINES = tuple(
    Row(f"sdm-{name}", f"{formula}", changes=(("sdm_combine", name),))
    for name, formula in (("multiply", "(1) X m"), ("add", "(2) X + m"), ("subtract", "(4) m - X"))
)
_MASKS = tuple(
    Row(f"mtam-{key}", name, changes=(("mtam_masks", masks),))
    for key, masks, name in (
        ("max", "max", "(1) maximum only"),
        ("avg", "avg", "(2) average only"),
        ("both", "max+avg", "(3) maximum and average"),
    )
)

STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        Study(
            "table1",
            "Table 1: The networks",
            (FRESH, FROM_TSM),
            (_TSN, _TSM, _TPN, _FULL),
            (
                Claim("TSN, which has no temporal modelling, is last", ("tsm",), ("tsn",)),
                Claim("TPN is ahead of TSM", ("tpn",), ("tsm",)),
                Claim("MAAGN is ahead of TPN", ("maagn",), ("tpn",)),
                Claim("MAAGN is ahead of TSM", ("maagn",), ("tsm",)),
            ),
        ),
        Study(
            "table3",
            "Table 3: How SDM and MTAM are joined",
            (FRESH, FROM_TSM),
            (_NONE, _SDM, _MTAM, _SDM_FIRST, _MTAM_FIRST, _SUM, _FULL),
            (
                Claim(
                    "each module alone is ahead of the network without both",
                    ("sdm", "mtam"),
                    ("none",),
                ),
                Claim("MTAM alone is ahead of SDM alone", ("mtam",), ("sdm",)),
                Claim("of the serial ways, SDM first is ahead", ("sdm-mtam",), ("mtam-sdm",)),
                Claim("a plain sum is behind both serial ways", ("sdm-mtam", "mtam-sdm"), ("sum",)),
                Claim("in parallel, AGM is ahead of the plain sum", ("maagn",), ("sum",)),
                Claim(
                    "in parallel with AGM, the modules are ahead of both serial ways",
                    ("maagn",),
                    ("sdm-mtam", "mtam-sdm"),
                ),
                Claim(
                    "both modules with AGM are ahead of the network without both",
                    ("maagn",),
                    ("none",),
                ),
            ),
        ),
        Study(
            "table4",
            "Table 4: How SDM's mask m meets the feature X",
            (FROM_TSM,),
            (*_COMBINES[:2], Row("maagn", "(3) X m + X (the paper's choice)"), _COMBINES[2]),
            (
                Claim(
                    "way (3) is the best",
                    ("maagn",),
                    ("sdm-multiply", "sdm-add", "sdm-subtract"),
                ),
                Claim(
                    "way (4) is the worst",
                    ("sdm-multiply", "sdm-add", "maagn"),
                    ("sdm-subtract",),
                ),
            ),
        ),
        Study(
            "table5",
            "Table 5: Which of MTAM's masks are summed",
            (FROM_TSM,),
            (*_MASKS, Row("maagn", "(4) both, and their join (the paper's choice)")),
            (Claim("way (4) is the best", ("maagn",), ("mtam-max", "mtam-avg", "mtam-both")),),
        ),
        Study(
            "masks",
            "Masks that attend",
            (FRESH,),
            (_TPN, _FULL, *_ATTENDING),
            tuple(
                Claim(f"{row.name} is ahead of TPN", (row.key,), ("tpn",)) for row in _ATTENDING
            ),
            claimant="to be shown",
        ),
    )
}  # fmt: skip


def rows(studies: Iterable[Study]) -> dict[Size, tuple[Row, ...]]:
    """Every network that those studies need, once a size."""
    found: dict[Size, dict[str, Row]] = {}
    for study in studies:
        for size in study.sizes:
            found.setdefault(size, {}).update({row.key: row for row in study.rows})
    return {size: tuple(needed.values()) for size, needed in found.items()}
