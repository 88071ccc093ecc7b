"""How large the trainings of the tables are."""

from dataclasses import dataclass

from maagn.config import TrainSpec
from maagn.reproduce.study import Row


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
