"""How finely a map is tested by deletion and insertion, and in how many forwards.

A forward is one batch through one network, and short: who waits can be told how far it is, and
whoever wants to stop does not wait for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from maagn.checkpoint import CheckpointInfo
from maagn.inference import forward_clips

STEPS = 8
"""Steps from the whole clip to none of it."""

RANDOM = 8
"""Random orders: a map that knows nothing beats all of them in one of nine cases."""


@dataclass(frozen=True)
class Design:
    """How finely.

    Attributes:
        steps: from the whole clip to none of it.
        random: orders that know nothing of the map.
    """

    steps: int
    random: int

    @property
    def clips(self) -> int:
        """Clips in it: the whole one, the empty one, and those between, deleted and inserted.

        By the map's order, by that of random weights, and by the random ones.
        """
        return 2 + 2 * (2 + self.random) * (self.steps - 1)


FULL = Design(STEPS, RANDOM)

_COARSE = (Design(4, 8), Design(4, 3), Design(2, 8), Design(2, 3))
"""What a quick test may be, the finest first; the full one has every clip of each."""

QUICK_FORWARDS = 12
"""That a quick test should take, those of all networks together."""


def quick(cards: Sequence[CheckpointInfo]) -> tuple[Design, ...]:
    """A coarse design for each network, in about `QUICK_FORWARDS` forwards in all.

    More of them where a network is so large, or where there are so many, that too little could be
    told otherwise.
    """
    room = QUICK_FORWARDS // max(1, len(cards))
    return tuple(
        next((design for design in _COARSE if forwards(card, design) <= room), _COARSE[-1])
        for card in cards
    )


def forwards(card: CheckpointInfo, design: Design, *, coarse: Design | None = None) -> int:
    """How many a test takes, that of the random weights' map among them.

    Args:
        card: the network.
        design: of the test.
        coarse: of the test that it goes on from.
    """
    if coarse is not None:
        return -(-(design.clips - coarse.clips) // forward_clips(card))
    # A quick test takes the whole clip's probability from the run.
    clips = design.clips - (design != FULL)
    return 1 + -(-clips // forward_clips(card))
