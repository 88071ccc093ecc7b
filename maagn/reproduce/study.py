"""What each of the paper's tables compares, what the paper says of it, and how large its runs are.

The paper: MAAGN, Neural Processing Letters 2024, Tables 1 and 3 to 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass

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
    """

    key: str
    name: str
    family: str = "maagn"
    changes: Changes = ()


@dataclass(frozen=True)
class Size:
    """What every training of a table has in common; stated with its results.

    Attributes:
        name: of the folder of its outcomes.
        title: for people.
        seeds: trainings a network, unless asked otherwise.
        epochs: passes of each network.
        clips: training clips a pass; each is shown backwards too.
        start_epochs: passes of a TSM from whose backbone every network of a seed starts, as the
            paper's start from one trained on ImageNet; 0 where all start from fresh weights.
        maagn: fields of MAAGN's `ModelSpec` that differ from the demonstration's.
        masks_spread: as `TrainSpec.masks_spread`.
        masks_rate: as `TrainSpec.masks_rate`.
        test_per_class: clips of every class of the test split.
        batch: clips an optimiser step, without their reversals.
        rendered: side of the rendered frames in pixels.
        crop: side of what the networks see of them.
        precision: Lightning Fabric's name of it.
    """

    name: str
    title: str
    seeds: int
    epochs: int
    clips: int
    start_epochs: int = 0
    maagn: Changes = ()
    masks_spread: float = 1.5
    masks_rate: float = 1.0
    test_per_class: int = 30
    batch: int = 8
    rendered: int = 72
    crop: int = 64
    precision: str = "bf16-mixed"

    def start(self, seed: int) -> TrainSpec | None:
        """The common start of that seed; None where there is none."""
        return self._spec("tsm", seed, self.start_epochs) if self.start_epochs else None

    def training(self, row: Row, seed: int, start: str | None) -> TrainSpec:
        """A row's training from the start in that file, or from fresh weights."""
        return self._spec(row.family, seed, self.epochs, changes=row.changes, start=start)

    def _spec(
        self,
        family: str,
        seed: int,
        epochs: int,
        *,
        changes: Changes = (),
        start: str | None = None,
    ) -> TrainSpec:
        own = self.maagn if family == "maagn" else ()
        return TrainSpec(
            preset=f"{family}-demo",
            epochs=epochs,
            clips=self.clips,
            validation_clips=340,
            batch=self.batch,
            masks_spread=self.masks_spread,
            masks_rate=self.masks_rate,
            short_side=(self.rendered, self.rendered),
            crop=self.crop,
            seed=seed,
            changes=(("strides", "2,2,2"), *own, *changes),
            start=start,
            precision=self.precision,
        )


FRESH = Size("fresh", "From fresh weights", seeds=5, epochs=4, clips=5440)
"""The demonstration's networks at 64 pixels, from fresh weights."""

FROM_TSM = Size(
    "from-tsm",
    "From a TSM's backbone",
    seeds=3,
    start_epochs=7,
    epochs=2,
    clips=2040,
    maagn=(("shift", "true"), ("pooling", "frame"), ("min_hidden", "4")),
    masks_spread=0.0,
    masks_rate=0.0,
)
"""MAAGN with masks of frames and the shift, from a common backbone, for a few minutes each."""


@dataclass(frozen=True)
class Claim:
    """The paper's statement that some rows of a table are better than others.

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
        title: what it compares.
        sizes: of its trainings; each size is a table of its own.
        rows: in the paper's order.
        claims: what the paper says.
    """

    name: str
    title: str
    sizes: tuple[Size, ...]
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...]


_FULL = Row("maagn", "MAAGN: SDM and MTAM in parallel, AGM")
_TSN, _TSM, _TPN = (Row(name, name.upper(), name) for name in ("tsn", "tsm", "tpn"))


def _fusion(key: str, name: str, fusion: str) -> Row:
    return Row(key, name, changes=(("fusion", fusion),))


_NONE = _fusion("none", "neither (the multipath network alone)", "none")
_SDM, _MTAM = _fusion("sdm", "SDM alone", "sdm"), _fusion("mtam", "MTAM alone", "mtam")
_SDM_FIRST = _fusion("sdm-mtam", "SDM, then MTAM (serial)", "sdm>mtam")
_MTAM_FIRST = _fusion("mtam-sdm", "MTAM, then SDM (serial)", "mtam>sdm")
_SUM = _fusion("sum", "SDM + MTAM (parallel sum)", "sum")
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
            "The networks",
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
            "How SDM and MTAM are joined",
            (FRESH, FROM_TSM),
            (_NONE, _SDM, _MTAM, _SDM_FIRST, _MTAM_FIRST, _SUM, _FULL),
            (
                Claim("each module alone is ahead of neither", ("sdm", "mtam"), ("none",)),
                Claim("MTAM alone is ahead of SDM alone", ("mtam",), ("sdm",)),
                Claim("of the serial ways, SDM first is ahead", ("sdm-mtam",), ("mtam-sdm",)),
                Claim("a plain sum is behind both serial ways", ("sdm-mtam", "mtam-sdm"), ("sum",)),
                Claim("in parallel, AGM is ahead of the plain sum", ("maagn",), ("sum",)),
            ),
        ),
        Study(
            "table4",
            "How SDM's mask m meets the feature X",
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
            "Which of MTAM's masks are summed",
            (FROM_TSM,),
            (*_MASKS, Row("maagn", "(4) both, and their join (the paper's choice)")),
            (Claim("way (4) is the best", ("maagn",), ("mtam-max", "mtam-avg", "mtam-both")),),
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
