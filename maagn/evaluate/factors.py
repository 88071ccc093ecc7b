"""The factors of the clips in a file of results, in a Parquet file beside it."""

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pandas as pd

from maagn.evaluate.answers import Answers
from maagn.opposites.clip import OPPOSITES_LABELS, OppositeClip, draw_clip
from maagn.opposites.factors import factors
from maagn.opposites.split import Split


def write_factors(path: Path, clips: Iterable[OppositeClip]) -> None:
    """One row a clip, zstd; `split`, `clip` and `label` (a number) join it to the results."""
    frame = factor_table(clips)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        frame.to_parquet(part, compression="zstd", index=False)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # there only if one of the two failed


def factor_table(clips: Iterable[OppositeClip]) -> pd.DataFrame:
    """One row a clip: `split`, `clip`, `label` (a number), the class's `name`, then the factors."""
    rows = []
    for clip in clips:
        values = dict(factors(clip))
        key = {
            "split": values.pop("split"),
            "clip": values.pop("index"),
            "label": OPPOSITES_LABELS.index(clip.label),
            "name": values.pop("label"),
        }
        rows.append(key | values)
    return pd.DataFrame(rows)


def clips_of(answers: Answers) -> list[OppositeClip]:
    """The clips that a model was asked about."""
    split = cast(Split, answers.split)
    keys = zip(answers.truth.tolist(), answers.clip.tolist(), strict=True)
    return [draw_clip(label, split=split, index=index) for label, index in keys]
