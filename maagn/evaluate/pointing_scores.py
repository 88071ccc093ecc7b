"""What a run of pointing comes to: every map's means over clips, with intervals, in one file."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from jaxtyping import Float64

from maagn import folders
from maagn.evaluate.intervals import Estimate, Share, over_clips, share
from maagn.evaluate.plan import Plan
from maagn.evaluate.pointing import BASELINES, PARTS, Part
from maagn.evaluate.pointing_rows import Maps
from maagn.evaluate.store import POINTING
from maagn.evaluate.stored_json import read_stored, restored
from maagn.explain.cam import FIRST_LAYER, FIRST_METHOD
from maagn.io import atomic_write
from maagn.shown import shortened

FORMAT = "maagn-pointing-1"
FILE = "pointing.json"
SHIPPED = folders.SHIPPED / "app" / "results" / FILE
Form = tuple[str, str, int]
"""Method, layer and smoothing of a map."""

_DRAWS = 2000
_DIGITS = 4


@dataclass(frozen=True)
class Score:
    """How a map fares with one part, over all clips that have it.

    Attributes:
        clips: how many those are.
        share: mean of the share of its mass that lies on the part, with its interval over clips.
        area: mean of the share of the pixels that the part covers.
        lift: the one over the other, with its interval; 1 is what chance gives.
        hit: mean of the pointing game.
        other: mean of the share that lies where another clip has the part; None where no clip has
            another.
        over_other: `share` over it, with its interval; 1 is what a map gets that knows where such
            parts usually are.
    """

    clips: int
    share: Estimate
    area: float
    lift: Estimate
    hit: float
    other: float | None = None
    over_other: Estimate | None = None


@dataclass(frozen=True)
class MapScores:
    """One kind of map of one network.

    Attributes:
        method: of `maagn.explain.cam.METHODS`, or a baseline.
        layer: name of a source (`maagn.explain.combine.Source`); empty of a baseline.
        smoothing: frames that each is the mean of.
        blank: clips whose map has nothing positive; their share counts as 0.
        parts: scores by part.
        deletion: clips on which the prediction falls faster by the map than at random; None where
            nothing was deleted.
        insertion: clips on which it rises faster.
    """

    method: str
    layer: str
    smoothing: int
    blank: int
    parts: dict[Part, Score]
    deletion: Share | None
    insertion: Share | None

    @property
    def is_baseline(self) -> bool:
        """Whether it knows nothing of the clip."""
        return self.method in BASELINES

    @property
    def is_default(self) -> bool:
        """Whether it is the map that is shown unless asked otherwise."""
        return (self.method, self.layer, self.smoothing) == (FIRST_METHOD, FIRST_LAYER, 1)


@dataclass(frozen=True)
class ClassScore:
    """Means over the clips of one class."""

    clips: int
    share: float
    area: float


@dataclass(frozen=True)
class NetworkScores:
    """One network.

    Attributes:
        name: of the network.
        digest: SHA-256 of its file.
        clips: that it was asked about.
        without: clips in which there is neither hand nor thing, left out of every score but that of
            motion; all of a set that is not rendered.
        unreadable: clips that have no map.
        maps: of all kinds.
        classes: of the default map and the best, by `key`, the means of each class.
    """

    name: str
    digest: str
    clips: int
    without: int
    unreadable: int
    maps: tuple[MapScores, ...]
    classes: dict[str, dict[str, ClassScore]]

    @property
    def part(self) -> Part:
        """What its maps are ranked by: hand or thing; motion where neither is known."""
        return "both" if any("both" in one.parts for one in self.maps) else "motion"

    def ranked(self) -> list[MapScores]:
        """Its maps, the largest share on that part first; the baselines are no maps."""
        maps = [one for one in self.maps if not one.is_baseline and self.part in one.parts]
        return sorted(maps, key=lambda one: -one.parts[self.part].share.value)

    def find(self, method: str, layer: str, smoothing: int = 1) -> MapScores | None:
        """The scores of that kind of map; None where it was not measured."""
        for one in self.maps:
            if (one.method, one.layer, one.smoothing) == (method, layer, smoothing):
                return one
        return None


@dataclass(frozen=True)
class Comparison:
    """One kind of map of two networks, on the same clips.

    Attributes:
        first: name of a network.
        second: of another.
        method: as of `MapScores`.
        layer: likewise.
        smoothing: likewise.
        clips: with hand or thing, of which both have a map.
        difference: mean of the first's share on them less the second's, with its paired interval.
    """

    first: str
    second: str
    method: str
    layer: str
    smoothing: int
    clips: int
    difference: Estimate


@dataclass(frozen=True)
class PointingScores:
    """A whole run.

    Attributes:
        command: what makes it again.
        data: name of the set.
        split: of it.
        data_digest: of its list.
        tolerance: of the pointing game, as a share of the picture's side.
        versions: of Python, torch and numpy.
        networks: in the order asked for.
        comparisons: of every two of them, the first named before the second.
    """

    command: str
    data: str
    split: str
    data_digest: str
    tolerance: float
    versions: tuple[str, ...]
    networks: tuple[NetworkScores, ...]
    comparisons: tuple[Comparison, ...]

    def __repr__(self) -> str:
        names = ", ".join(network.name for network in self.networks)
        return f"PointingScores on {shortened(self.data)}, {self.split}: {shortened(names)}"

    def of(self, name: str) -> NetworkScores | None:
        """One network's scores; None where it was not asked."""
        return next((one for one in self.networks if one.name == name), None)


def key(scores: MapScores) -> str:
    """A kind of map in one word."""
    return f"{scores.method}@{scores.layer}@{scores.smoothing}"


def score_run(folder: Path, *, command: str) -> PointingScores:
    """The scores of a finished run.

    Raises:
        RunError: the folder holds no run.
    """
    plan = Plan.read(folder)
    rows = pq.read_table(folder / POINTING).to_pandas()
    return PointingScores(
        command=command,
        data=plan.data,
        split=plan.split,
        data_digest=plan.data_digest,
        tolerance=Maps.from_dict(plan.maps or {}).tolerance,
        versions=plan.versions,
        networks=tuple(
            _network(name, digest, rows[rows["model"] == name], plan)
            for name, digest in zip(plan.models, plan.digests, strict=True)
        ),
        comparisons=tuple(_comparisons(rows, plan.models)),
    )


def _comparisons(rows: pd.DataFrame, models: Sequence[str]) -> Iterator[Comparison]:
    known = rows[rows["area_both"].notna() & ~rows["method"].isin(BASELINES)]
    shares = known.pivot_table(
        index=["method", "layer", "smoothing"], columns=["model", "place"], values="share_both"
    )
    for form, own in shares.iterrows():
        method, layer, smoothing = cast(Form, form)
        for first, second in combinations(models, 2):
            if {first, second} <= set(own.index.get_level_values("model")):
                change = (own[first] - own[second]).dropna().to_numpy(np.float64)
                if len(change):
                    yield Comparison(
                        first, second, method, layer, int(smoothing), len(change),
                        over_clips(change),
                    )  # fmt: skip


def _network(name: str, digest: str, rows: pd.DataFrame, plan: Plan) -> NetworkScores:
    # Whole numbers again: a column with gaps, of the unreadable, comes as one of fractions.
    read = rows[rows["reason"].isna()].astype({"smoothing": int, "blank": bool})
    groups: dict[Form, pd.DataFrame] = {
        cast(Form, form): group.sort_values("place")
        for form, group in read.groupby(["method", "layer", "smoothing"], sort=False)
    }
    weights: dict[int, Float64[np.ndarray, "draws n"]] = {}

    def resampled(count: int) -> Float64[np.ndarray, "draws n"]:
        """How often each clip is in each resample, as a share of it; the same for all maps."""
        if count not in weights:
            drawn = np.random.default_rng(0).multinomial(count, np.ones(count) / count, _DRAWS)
            weights[count] = drawn / count
        return weights[count]

    maps = tuple(_map(form, group, resampled) for form, group in groups.items())
    seen = read.drop_duplicates("place")
    network = NetworkScores(
        name=name,
        digest=digest,
        clips=rows["place"].nunique(),
        without=int(seen["area_both"].isna().sum()),
        unreadable=int(rows["reason"].notna().sum()),
        maps=maps,
        classes={},
    )
    chosen = [one for one in maps if one.is_default] + network.ranked()[:1]
    classes = {
        key(one): _classes(groups[one.method, one.layer, one.smoothing], network.part, plan.labels)
        for one in chosen
    }
    return NetworkScores(**{**vars(network), "classes": classes})


def _map(
    form: Form,
    rows: pd.DataFrame,
    resampled: Callable[[int], Float64[np.ndarray, "draws n"]],
) -> MapScores:
    parts: dict[Part, Score] = {}
    for part in PARTS:
        own = rows[rows[f"area_{part}"].notna()]
        if len(own):
            columns = {
                what: own[f"{what}_{part}"].to_numpy(np.float64)
                for what in ("share", "area", "hit", "other")
            }
            parts[part] = _score(columns, resampled(len(own)))
    method, layer, smoothing = form
    return MapScores(
        method=method,
        layer=layer,
        smoothing=smoothing,
        blank=int(rows["blank"].sum()),
        parts=parts,
        deletion=_won(rows["deletion"], rows["deletion_random"], lower=True),
        insertion=_won(rows["insertion"], rows["insertion_random"], lower=False),
    )


def _score(
    columns: Mapping[str, Float64[np.ndarray, " n"]], weights: Float64[np.ndarray, "draws n"]
) -> Score:
    mean = {name: float(values.mean()) for name, values in columns.items()}
    drawn = {name: weights @ values for name, values in columns.items()}
    over_other = None
    if (drawn["other"] > 0).all():  # and so known of every clip: a mean with NaN is NaN
        ends = _ends(drawn["share"] / drawn["other"])
        over_other = Estimate(mean["share"] / mean["other"], *ends)
    return Score(
        clips=len(columns["share"]),
        share=Estimate(mean["share"], *_ends(drawn["share"])),
        area=mean["area"],
        lift=Estimate(mean["share"] / mean["area"], *_ends(drawn["share"] / drawn["area"])),
        hit=mean["hit"],
        other=mean["other"] if over_other else None,
        over_other=over_other,
    )


def _ends(drawn: Float64[np.ndarray, " draws"]) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
    return low, high


def _won(own: pd.Series, random: pd.Series, *, lower: bool) -> Share | None:
    """How often the area is better than the mean of the random orders'."""
    known = own.notna()
    if not known.any():
        return None
    ahead = (random - own if lower else own - random)[known]
    return share(ahead.to_numpy() > 0)


def _classes(rows: pd.DataFrame, part: Part, labels: Sequence[str]) -> dict[str, ClassScore]:
    own = rows[rows[f"area_{part}"].notna()]
    found = {}
    for number, label in enumerate(labels):
        of_class = own[own["label"] == number]
        if len(of_class):
            share, area = (float(of_class[f"{what}_{part}"].mean()) for what in ("share", "area"))
            found[label] = ClassScore(len(of_class), share, area)
    return found


def write_scores(path: Path, scores: PointingScores) -> None:
    """Write one JSON file, a map a line, whole or not at all; equal scores are equal bytes."""
    lists = ("networks", "comparisons")
    head = _short({k: v for k, v in asdict(scores).items() if k not in lists})
    networks = []
    for network in scores.networks:
        about = _short({k: v for k, v in asdict(network).items() if k not in ("maps", "classes")})
        maps = ",\n".join(json.dumps(_short(asdict(one))) for one in network.maps)
        classes = ",\n".join(
            f"{json.dumps(name)}: {json.dumps(_short({k: asdict(v) for k, v in found.items()}))}"
            for name, found in network.classes.items()
        )
        own = json.dumps(about)[:-1]
        networks.append(f'{own}, "maps": [\n{maps}\n], "classes": {{\n{classes}\n}}}}')
    compared = ",\n".join(json.dumps(_short(asdict(one))) for one in scores.comparisons)
    text = json.dumps({"format": FORMAT, **head}, ensure_ascii=False)[:-1]
    with atomic_write(path) as part:
        part.write_text(
            f'{text}, "networks": [\n{",".join(networks)}\n], "comparisons": [\n{compared}\n]}}\n',
            encoding="utf-8",
        )


def read_scores(path: Path = SHIPPED) -> PointingScores:
    """What `write_scores` wrote.

    Raises:
        ResultsError: no such file, not one of ours, or damaged.
    """
    return read_stored(
        path,
        lambda content: restored(PointingScores, content),
        format_=FORMAT,
        what="scores",
        command="maagn pointing --out FOLDER",
    )


def _short(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Numbers to four significant digits: the intervals are wider."""
    match value:
        case Mapping():
            return {name: _short(one) for name, one in value.items()}
        case list() | tuple():
            return [_short(one) for one in value]
        case float():
            return float(f"{value:.{_DIGITS}g}")
    return value
