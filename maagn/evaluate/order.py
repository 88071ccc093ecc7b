"""Where along a network the order of frames becomes readable, and how much its prediction uses it.

Two figures of the field: the temporal divergence of its predictions, and a chiral probe at every
layer. Features are kept in the run's folder, and what is there is never computed again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import sklearn

from maagn import folders
from maagn.checkpoint import Model
from maagn.data.rendered import open_opposites
from maagn.errors import RunError
from maagn.evaluate.chirality import FOLDS, READINGS, Reading, choose_strength, probe
from maagn.evaluate.features import LOGITS, FeatureRows, layers_of, read_layer
from maagn.evaluate.intervals import Estimate, over_clips
from maagn.evaluate.plan import Plan, present_versions
from maagn.evaluate.predictions import pairs_of
from maagn.evaluate.runner import Progress, run
from maagn.evaluate.stored_json import read_stored, restored
from maagn.explain.divergence import divergences
from maagn.io import atomic_write
from maagn.opposites.clip import OPPOSITES_LABELS, opposite_numbers
from maagn.opposites.split import Split

FORMAT = "maagn-probe-1"
PROBE = "probe.json"
SHIPPED_PROBE = folders.SHIPPED / "app" / "results" / PROBE
LEARNED: Split = "val"
TESTED: Split = "test"
READABLE = 0.75
"""From here on order counts as readable: halfway from chance to certainty."""


@dataclass(frozen=True)
class LayerProbe:
    """The chiral probes of one layer, one for each pair of opposites.

    Attributes:
        layer: its title.
        frames: of its feature; with one, both readings are the same.
        reading: of the frames.
        strength: C of the logistic regressions, chosen on the clips that they learn from.
        accuracy: share of clips, in both orders, that are right, over all pairs; 0.5 is chance.
        pairs: the same of each pair, by its forward class.
    """

    layer: str
    frames: int
    reading: Reading
    strength: float
    accuracy: Estimate
    pairs: dict[str, Estimate]


@dataclass(frozen=True)
class NetworkOrder:
    """What was measured of one network.

    Attributes:
        model: its name.
        digest: SHA-256 of its file.
        divergence: mean temporal divergence over the test clips, in nats.
        paths: the same of the votes of each path of a MAAGN, by path.
        classes: the same of the clips of each class.
        probes: of every layer, in the order in which a clip passes, and every reading.
    """

    model: str
    digest: str
    divergence: Estimate
    paths: dict[str, Estimate]
    classes: dict[str, Estimate]
    probes: tuple[LayerProbe, ...]

    def probe(self, layer: str, reading: Reading) -> LayerProbe | None:
        """The probe of a layer; None where the network has no such layer."""
        for each in self.probes:
            if (each.layer, each.reading) == (layer, reading):
                return each
        return None

    def readable_from(self, reading: Reading) -> str | None:
        """The first layer at which the interval lies above `READABLE`; None for none."""
        for each in self.probes:
            if each.reading == reading and each.accuracy.low > READABLE:
                return each.layer
        return None


@dataclass(frozen=True)
class OrderReport:
    """What `maagn probe` wrote.

    Attributes:
        command: that measured it.
        per_class: clips of each class, to learn from and to test on.
        versions: of the libraries that matter.
        networks: in the order asked for.
    """

    command: str
    per_class: int
    versions: dict[str, str]
    networks: tuple[NetworkOrder, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """Titles of all networks' layers, each network's in the order in which a clip passes."""
        found = (each.layer for network in self.networks for each in network.probes)
        return tuple(dict.fromkeys(found))


def measure_order(
    models: Sequence[Model],
    folder: Path,
    *,
    per_class: int,
    threads: int = 1,
    command: str = "",
    report: Callable[[str], None] = lambda _line: None,
) -> OrderReport:
    """Measure both figures on rendered clips: probes learn on `val`, all is measured on `test`.

    Stopped at any moment and started again with the same folder, it goes on: features of the clips
    that were shown are there; probes are trained anew, in minutes.

    Args:
        models: with the same classes, whatever these are.
        folder: of the run; its subfolders hold the features, and `probe.json` what comes of them.
        per_class: clips of each class and split, at least `FOLDS`.
        threads: of the arithmetic on the CPU.
        command: kept in the report, for people.
        report: takes a line of progress.

    Raises:
        RunError: too few clips; or the folder holds another run, or another process is in it.
        NonFinitePrediction: a network's numbers are not finite for a clip.
    """
    if per_class < FOLDS:
        raise RunError(f"{per_class} clips per class are too few: ask for {FOLDS} or more.")
    learned, tested = (
        _features(models, folder, split, per_class, threads, report) for split in (LEARNED, TESTED)
    )
    found = OrderReport(
        command=command,
        per_class=per_class,
        versions={
            **dict(zip(("python", "torch", "numpy"), present_versions(), strict=True)),
            "scikit-learn": sklearn.__version__,
        },
        networks=tuple(_network(model, learned, tested, report) for model in models),
    )
    write_order(folder / PROBE, found)
    return found


def _features(
    models: Sequence[Model],
    folder: Path,
    split: Split,
    per_class: int,
    threads: int,
    report: Callable[[str], None],
) -> Path:
    videos = open_opposites(split, per_class=per_class)
    plan = Plan.of(models, videos, kind="features", threads=threads)

    def tell(progress: Progress) -> None:
        report(f"{split}: {progress.done:,} of {progress.total:,} clips")

    rows = FeatureRows(plan, models)
    return run(folder / split, plan, videos, rows, workers=1, report=tell)


def _network(
    model: Model, learned: Path, tested: Path, report: Callable[[str], None]
) -> NetworkOrder:
    layers = layers_of(tested, model.name)
    votes = {
        layer.removeprefix(f"{LOGITS}, "): _divergences(tested, model.name, layer)[0]
        for layer in layers
        if layer.startswith(f"{LOGITS}, ")
    }
    values, truth = _divergences(tested, model.name, LOGITS)
    probes: list[LayerProbe] = []
    for layer in layers:
        if not layer.startswith(LOGITS):
            report(f"{model.name}: {layer}")
            probes += _probes(learned, tested, model.name, layer)
    return NetworkOrder(
        model=model.name,
        digest=model.digest,
        divergence=over_clips(values),
        paths={path: over_clips(each) for path, each in votes.items()},
        classes={
            label: over_clips(values[truth == number])
            for number, label in enumerate(OPPOSITES_LABELS)
            if number in truth
        },
        probes=tuple(probes),
    )


def _divergences(table: Path, model: str, layer: str) -> tuple[np.ndarray, np.ndarray]:
    logits = read_layer(table, model, layer)
    return divergences(logits.forward[:, 0], logits.backward[:, 0]), logits.truth


def _probes(learned: Path, tested: Path, model: str, layer: str) -> list[LayerProbe]:
    train, test = (read_layer(table, model, layer) for table in (learned, tested))
    pairs = pairs_of(opposite_numbers())
    frames = train.forward.shape[1]
    found = []
    for reading in READINGS if frames > 1 else READINGS[:1]:
        strength = choose_strength(train, pairs=pairs, reading=reading)
        right = {
            OPPOSITES_LABELS[pair[0]]: probe(
                train, test, pair=pair, reading=reading, strength=strength
            )
            for pair in pairs
        }
        found.append(
            LayerProbe(
                layer=layer,
                frames=frames,
                reading=reading,
                strength=strength,
                accuracy=over_clips(np.concatenate(list(right.values()))),
                pairs={name: over_clips(each) for name, each in right.items()},
            )
        )
    return found


def write_order(path: Path, report: OrderReport) -> None:
    """Write the report as JSON, whole or not at all."""
    values = {"format": FORMAT, "learned": LEARNED, "tested": TESTED, **asdict(report)}
    with atomic_write(path) as part:
        part.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_order(path: Path = SHIPPED_PROBE) -> OrderReport:
    """What `write_order` wrote.

    Raises:
        ResultsError: no such file, not one of ours, or damaged.
    """
    return read_stored(
        path,
        lambda content: restored(OrderReport, content),
        format_=FORMAT,
        what="probes",
        command="maagn probe MODEL --out FOLDER",
    )
