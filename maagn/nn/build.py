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
            _check_levels(spec)
            _check_rates(spec)
            return MAAGN(spec)
        case "tpn":
            _check_levels(spec)
            return TPN(spec)
        case "tsm" | "tsn":
            if spec.shift != (spec.arch == "tsm"):
                raise ValueError(f"{spec.arch} is defined by shift={spec.arch == 'tsm'}")
            return TSN(spec)
        case _:
            raise ValueError(f"unknown architecture {spec.arch!r}")


def _check_levels(spec: ModelSpec) -> None:
    levels = spec.levels
    if len(levels) < 2 or list(levels) != sorted({2, 3, 4, 5}.intersection(levels)):
        raise ValueError(
            "a pyramid stands on two or more levels from 2 to 5, shallow to deep,"
            f" got {', '.join(map(str, levels))}"
        )


def _check_rates(spec: ModelSpec) -> None:
    if len(spec.rates) != len(spec.levels) or min(spec.rates) < 1:
        raise ValueError(
            f"{len(spec.levels)} levels need as many rates, each at least 1,"
            f" got {', '.join(map(str, spec.rates))}"
        )
