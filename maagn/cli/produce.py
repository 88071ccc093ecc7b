"""`maagn train` and `maagn gallery`: make a checkpoint, or clips to look at."""

from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.failure import one_line
from maagn.config import TrainSpec

Whole = Annotated[int, typer.Option(min=1)]
Share = Annotated[float, typer.Option(min=0.0, max=1.0)]
Amount = Annotated[float, typer.Option(min=0.0)]


@one_line()
def train(
    preset: Annotated[str, typer.Argument(help="Which network, e.g. maagn-demo.")],
    epochs: Whole = TrainSpec.epochs,
    clips: Whole = TrainSpec.clips,
    validation_clips: Whole = TrainSpec.validation_clips,
    batch: Whole = TrainSpec.batch,
    learning_rate: Amount = TrainSpec.learning_rate,
    warmup: Share = TrainSpec.warmup,
    weight_decay: Amount = TrainSpec.weight_decay,
    label_smoothing: Share = TrainSpec.label_smoothing,
    auxiliary_weight: Amount = TrainSpec.auxiliary_weight,
    seed: Annotated[int, typer.Option(min=0)] = TrainSpec.seed,
    out: Annotated[
        Path | None, typer.Option(help="The checkpoint; else checkpoints/PRESET.safetensors.")
    ] = None,
) -> None:
    """Train PRESET on rendered opposite actions; a run that was stopped goes on."""
    spec = TrainSpec(
        preset=preset,
        epochs=epochs,
        clips=clips,
        validation_clips=validation_clips,
        batch=batch,
        learning_rate=learning_rate,
        warmup=warmup,
        weight_decay=weight_decay,
        label_smoothing=label_smoothing,
        auxiliary_weight=auxiliary_weight,
        seed=seed,
    )
    from maagn.checkpoint import FOLDER
    from maagn.train.loop import train as run

    made = run(spec, out=out or FOLDER / f"{preset}.safetensors", report=typer.echo)
    typer.echo(f"Written to {made}")


@one_line()
def gallery(
    out: Annotated[Path, typer.Option(help="Folder for the clips; made where it is missing.")],
    per_class: Annotated[int, typer.Option(min=1, help="Clips of every class.")] = 2,
) -> None:
    """Render held-out clips of every class, with a list of what each shows."""
    from maagn.cli.folder import appearing_in, refuse_file
    from maagn.opposites.gallery import write_gallery

    refuse_file(out)
    with appearing_in(out) as folder:
        entries = write_gallery(folder, per_class=per_class)
    typer.echo(f"Written to {out}: {len(entries)} clips")
