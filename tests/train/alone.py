"""A training on made clips in processes of its own, where nothing checks the types of arrays.

torch.compile cannot follow the checks that tests put around every function. `mine-small` is a
network so small that compiling it takes seconds.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from maagn.train import loop
from tests.own_kind import register
from tests.train.made import MAAGN, SPEC, MadeClips

OWN = replace(SPEC, preset="mine-small", changes=())
SPECS = {spec.preset: spec for spec in (MAAGN, SPEC, OWN)}


def train(out: Path, preset: str, changes: dict[str, Any], steps: int) -> None:
    """Write `out`, or stop before that step and leave the state."""
    register()
    loop.open_data = lambda spec, **_: (MadeClips(spec.clips), MadeClips(spec.validation_clips))
    exact, done = loop.gradients, []

    def counted(*words, **more):
        if len(done) == steps:
            raise SystemExit
        done.append(None)
        return exact(*words, **more)

    loop.gradients = counted
    loop.train(replace(SPECS[preset], **changes), out=out, keep_every=1)


if __name__ == "__main__":
    train(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]))
