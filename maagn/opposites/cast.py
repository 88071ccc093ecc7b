"""Who and what plays in a clip: every split has people and things of its own."""

from dataclasses import dataclass

import numpy as np

from maagn.opposites.hand import HandLook
from maagn.opposites.props import KINDS, Prop
from maagn.opposites.split import Split, number_of

# How many things of each kind, hands and textures a split has.
_POOL: dict[Split, int] = {"train": 64, "val": 12, "test": 12}
_PROPS, _HANDS, _TEXTURES = 1, 2, 3  # streams of random numbers that never meet


@dataclass(frozen=True)
class Cast:
    """Draws what a scene is played with, from the things and hands of its split alone.

    An identity (shape, proportions, colours; skin, sleeve) comes from a random stream of its split
    and number. How it is placed, turned and lit comes from `rng`, the clip's own.

    Attributes:
        split: whose things and hands.
        rng: of the clip.
    """

    split: Split
    rng: np.random.Generator

    def prop(
        self, *, kinds: tuple[str, ...] = tuple(KINDS), scale: tuple[float, float] = (0.9, 1.2)
    ) -> Prop:
        """A thing of one of those kinds, its size within that range, turned at random."""
        kind = kinds[self.rng.integers(len(kinds))]
        identity, own = self._identity(_PROPS, list(KINDS).index(kind))
        name = f"{self.split}-{kind}-{identity}"
        return Prop.draw(own, kind, name).placed(self.rng, scale)

    def hand(self, *, side: tuple[float, float] = (-12.0, 192.0)) -> HandLook:
        """A hand whose arm comes from that range of sides, in degrees (0 right, 90 below)."""
        identity, own = self._identity(_HANDS, 0)
        return HandLook.draw(own, f"{self.split}-hand-{identity}").placed(self.rng, side)

    def texture(self) -> np.random.Generator:
        """The random numbers of one of the split's own surfaces."""
        return self._identity(_TEXTURES, 0)[1]

    def _identity(self, stream: int, kind: int) -> tuple[int, np.random.Generator]:
        identity = int(self.rng.integers(_POOL[self.split]))
        return identity, np.random.default_rng(
            [2018, number_of(self.split), stream, kind, identity]
        )
