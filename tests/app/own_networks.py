"""Networks of somebody's own beside the demonstration ones, and addresses that choose them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from maagn.checkpoint import FOLDER as NETWORKS
from maagn.config import ModelSpec
from maagn.opposites.clip import OPPOSITES_LABELS
from tests.tiny import BASELINES, SPEC, save_tiny

TEN = tuple(f"Thing {number}" for number in range(10))
TEN_TITLE = "10 classes: mine-maagn, mine-tsn"
OPPOSITES_TITLE = "34 classes: own-maagn, own-tsn"


def write_own_networks(folder: Path) -> None:
    """The demonstration networks, a pair that knows ten classes, a pair that knows the benchmark's.

    The second pair's names come after the first's in the alphabet, as the titles above have it.
    """
    folder.mkdir()
    for path in NETWORKS.glob("*-demo.safetensors"):
        (folder / path.name).symlink_to(path)
    for owner, labels in (("mine", TEN), ("own", OPPOSITES_LABELS)):
        save_own(folder / f"{owner}-maagn.safetensors", SPEC, labels)
        save_own(folder / f"{owner}-tsn.safetensors", BASELINES["tsn"], labels)


def save_own(path: Path, spec: ModelSpec, labels: Sequence[str]) -> Path:
    """One network with fresh weights that knows those classes."""
    return save_tiny(path, spec=replace(spec, classes=len(labels)), labels=tuple(labels))


def asked(url: str) -> dict[str, str]:
    """The choices that an address names."""
    return {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
