"""What do MAAGN's own modules cost beside the pyramid network that they stand in?"""

from collections.abc import Iterator

import torch

from maagn.bench.row import Row, row
from maagn.bench.subject import forward, noise, subject, timed
from maagn.nn.tap import record
from maagn.predict import prepare


def network(short: bool) -> Iterator[Row]:
    """Forwards of MAAGN, of TPN, and of MAAGN with everything kept."""
    clip = noise()
    maagn = subject("maagn", short)
    levels = maagn.spec.levels
    same = subject("tpn", short, levels=levels, rates=(1,) * len(levels))
    data = prepare(maagn, clip).data

    def kept() -> object:
        with torch.inference_mode(), record(maagn.network) as taps:
            maagn.network(data)
        return taps

    def plain() -> object:
        maagn.network.requires_grad_(True)
        try:
            return maagn.network(data)
        finally:
            maagn.network.requires_grad_(False)

    works = {
        "MAAGN": forward(maagn, clip),
        "TPN": forward(same, clip),
        "TPN of two levels": forward(subject("tpn", short), clip),
        "MAAGN, kept": kept,
        "MAAGN, as trained": plain,
    }
    taken = timed(works, short=short)
    yield row(
        "network / TPN", "MAAGN's forward / TPN's on the same backbone and levels", taken,
        over=("MAAGN", "TPN"), target=1.05,
    )  # fmt: skip
    yield row(
        "network / TPN of two levels", "MAAGN's forward / TPN's with its published two levels",
        taken, over=("MAAGN", "TPN of two levels"),
        note="MAAGN's neck has res3 too: that is the difference",
    )  # fmt: skip
    yield row(
        "network, kept", "forward with all masks, gates and votes kept / bare forward", taken,
        over=("MAAGN, kept", "MAAGN"), target=1.02,
    )  # fmt: skip
    yield row(
        "network, fast twin", "forward of the fast twins / of the network as it is trained", taken,
        over=("MAAGN", "MAAGN, as trained"),
    )  # fmt: skip
