"""Where the hand and the thing are in the frames of a rendered clip: the truth for its maps."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool


@dataclass(frozen=True, eq=False)
class ClipMasks:
    """Which pixels show what; no pixel shows both.

    Attributes:
        hand: with arm and sleeve.
        thing: whatever the class's name calls `something`.
    """

    hand: Bool[np.ndarray, "t h w"]
    thing: Bool[np.ndarray, "t h w"]

    @property
    def both(self) -> Bool[np.ndarray, "t h w"]:
        """Hand or thing."""
        return self.hand | self.thing
