"""What each of the paper's tables compares, what the paper says of it, and how large its runs are.

The paper: MAAGN, Neural Processing Letters 2024, Tables 1 and 3 to 5.
"""

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
        rows: in the paper's order.
        claims: what the paper says.
    """

    name: str
    title: str
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
            (*_MASKS, Row("maagn", "(4) both, and their join (the paper's choice)")),
            (Claim("way (4) is the best", ("maagn",), ("mtam-max", "mtam-avg", "mtam-both")),),
        ),
    )
}  # fmt: skip


def rows(names: list[str]) -> tuple[Row, ...]:
    """Every network that those studies need, each once."""
    found = {row.key: row for name in names for row in STUDIES[name].rows}
    return tuple(found.values())


@dataclass(frozen=True)
class Size:
    """What every training of the tables has in common; stated with their results.

    Every network of a seed starts from one backbone, a TSM's trained on the same clips, as the
    paper's start from one trained on ImageNet.

    Attributes:
        start_epochs: passes over the clips of that common start.
        epochs: passes of each network from there.
        clips: training clips a pass; each is shown backwards too.
        test_per_class: clips of every class of the test split.
        batch: clips an optimiser step, without their reversals.
        rendered: side of the rendered frames in pixels.
        crop: side of what the networks see of them.
        precision: Lightning Fabric's name of it.
    """

    start_epochs: int = 7
    epochs: int = 2
    clips: int = 2040
    test_per_class: int = 30
    batch: int = 8
    rendered: int = 72
    crop: int = 64
    precision: str = "bf16-mixed"

    def start(self, seed: int) -> TrainSpec:
        """The common start of that seed."""
        return self._spec("tsm-demo", seed, self.start_epochs)

    def training(self, row: Row, seed: int, start: str) -> TrainSpec:
        """A row's training from the start in that file."""
        return self._spec(f"{row.family}-demo", seed, self.epochs, changes=row.changes, start=start)

    def _spec(
        self,
        preset: str,
        seed: int,
        epochs: int,
        *,
        changes: tuple[tuple[str, str], ...] = (),
        start: str | None = None,
    ) -> TrainSpec:
        return TrainSpec(
            preset=preset,
            epochs=epochs,
            clips=self.clips,
            validation_clips=340,
            batch=self.batch,
            short_side=(self.rendered, self.rendered),
            crop=self.crop,
            seed=seed,
            changes=changes,
            start=start,
            precision=self.precision,
        )
