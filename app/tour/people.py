"""What the tour's last steps are about: filmed clips of people, and networks taught from them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float32

from app import cache
from app.gallery.catalogue import FILMED, clip_named
from app.selection import ClipChoice
from maagn import checkpoint
from maagn.errors import MaagnError
from maagn.evaluate.results import Results
from maagn.teach.report import LEFT_OUT, TaughtNetwork, TeachingReport, read_teaching

CLIP = f"{FILMED}/Walking in/walk-17.mp4"
OTHER = f"{FILMED}/Walking out/walk-18.mp4"
"""The man of the first clip, who goes out again."""

ACTIONS = ("Walking in", "Walking out")
NETWORKS = ("MAAGN", "TPN", "TSM", "TSN")


@dataclass(frozen=True, eq=False)
class People:
    """A teaching that came with the explorer.

    Attributes:
        clip: in which a person comes in.
        other: in which the same person goes out.
        report: of the teaching; its labels are `ACTIONS`, its networks those of `NETWORKS`.
        left_out: what was said of every clip by heads that were fitted without it.
    """

    clip: ClipChoice
    other: ClipChoice
    report: TeachingReport
    left_out: Results

    @property
    def networks(self) -> tuple[str, ...]:
        """What the taught networks are opened by."""
        return tuple(network.name for network in self.report.networks)

    @property
    def chance(self) -> float:
        """Share of the clips that is right by always saying the larger class."""
        return max(self.report.clips) / sum(self.report.clips)

    def network(self, kind: str) -> TaughtNetwork:
        """One of the networks."""
        return self.report.networks[NETWORKS.index(kind)]

    def log_ratios(self, kind: str) -> Float32[np.ndarray, " n"]:
        """Natural logarithm of p(coming in) / p(going out), of every left-out clip."""
        logits = self.left_out.of(self.network(kind).name).logits
        return logits[:, 0] - logits[:, 1]

    def table(self) -> pd.DataFrame:
        """One row a left-out clip: its name, its class, and each network's log ratio."""
        first, origin = self.left_out.predictions[0], self.left_out.origin
        return pd.DataFrame(
            {
                "clip": [origin.clip_name(number) for number in first.clip.tolist()],
                "class": [first.labels[number] for number in first.truth.tolist()],
                **{kind: self.log_ratios(kind) for kind in NETWORKS},
            }
        )


def people() -> People | None:
    """The teaching, its networks and clips; None where they did not come along, or do not agree."""
    clip, other = clip_named(CLIP), clip_named(OTHER)
    folder = checkpoint.folder_of(FILMED)
    if clip is None or other is None:
        return None
    try:
        report, left_out = read_teaching(folder), cache.results(folder / LEFT_OUT)
        digests = {network.name: cache.card(network.name).digest for network in report.networks}
    except MaagnError:
        return None
    told = {network.name: network.digest for network in report.networks}
    kinds = tuple(network.kind for network in report.networks)
    agree = digests == told == left_out.origin.digests
    if not agree or (report.labels, kinds) != (ACTIONS, NETWORKS):
        return None
    return People(clip.choice(), other.choice(), report, left_out)
