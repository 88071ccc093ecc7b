"""From a spec to a network."""

from maagn.config import ModelSpec
from maagn.nn.baselines import TPN, TSN
from maagn.nn.maagn import MAAGN

Network = MAAGN | TPN | TSN


def build(spec: ModelSpec) -> Network:
    """The network that `spec` describes, with fresh weights.

    Raises:
        ValueError: a spec that contradicts itself; the message says where.
    """
    match spec.arch:
        case "maagn":
            return MAAGN(spec)
        case "tpn":
            return TPN(spec)
        case "tsm" | "tsn":
            if spec.shift != (spec.arch == "tsm"):
                raise ValueError(f"{spec.arch} is defined by shift={spec.arch == 'tsm'}")
            return TSN(spec)
        case _:
            raise ValueError(f"unknown architecture {spec.arch!r}")
