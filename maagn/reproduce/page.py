"""`docs/reproduction.md`, written whole from the outcomes: no figure in it is typed."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from maagn.evaluate.chirality import FOLDS, READINGS, STRENGTHS
from maagn.evaluate.compare import gains, overall
from maagn.evaluate.intervals import Estimate, Share, over_seeds
from maagn.evaluate.metrics import count
from maagn.evaluate.order import (
    LEARNED,
    READABLE,
    SHIPPED_PROBE,
    TESTED,
    LayerProbe,
    OrderReport,
    read_order,
)
from maagn.evaluate.pointing_scores import SHIPPED as SHIPPED_POINTING
from maagn.evaluate.pointing_scores import read_scores
from maagn.evaluate.results import SHIPPED, Results, read_results
from maagn.reproduce.cost import ratio
from maagn.reproduce.figure7 import figure7_section
from maagn.reproduce.queue import Outcome, read_outcomes
from maagn.reproduce.study import FRESH, FROM_TSM, STUDIES, Claim, Size, Study

Finding = Literal["confirmed", "not confirmed", "not significantly different"]


def difference(better: Sequence[Outcome], worse: Sequence[Outcome]) -> Estimate:
    """Top-1 of one row less that of another, seed by seed.

    Raises:
        ValueError: no seed is common to both.
    """
    other = {outcome.seed: outcome.top1 for outcome in worse}
    pairs = [outcome.top1 - other[outcome.seed] for outcome in better if outcome.seed in other]
    if not pairs:
        raise ValueError("the two rows have no seed in common")
    return over_seeds(pairs)


def judge(claim: Claim, runs: Mapping[str, Sequence[Outcome]]) -> tuple[Finding, list[Estimate]]:
    """The finding, and every difference it rests on.

    Confirmed: the interval of every difference is above zero. Not confirmed: that of one is below.
    """
    found = [difference(runs[a], runs[b]) for a, b in product(claim.better, claim.worse)]
    if all(mean.low > 0 for mean in found):
        return "confirmed", found
    if any(mean.high < 0 for mean in found):
        return "not confirmed", found
    return "not significantly different", found


_LEVEL = 0.05  # of the tests
_INTRODUCTION = """# The paper's tables, run on Opposites

This page is written by `maagn reproduce page` from the outcomes in `docs/reproduction/` and the
results in `app/results/`; no figure in it is typed by hand. The paper's figures are of
Something-Something and Kinetics with a ResNet-50; ours are of a rendered benchmark with a small
ResNet-18, so only the *order* of the networks can be compared, not their accuracies.

A statement is **confirmed** when the 95 % interval of every difference behind it (Student's t over
the seeds, paired by seed) is above zero, **not confirmed** when that of one is below, and
**not significantly different** otherwise: at this size and with so few seeds, that is no
evidence against it. Each statement is tested by itself, without correction for their number.
"""


def write_page(
    path: Path,
    outcomes: Path,
    *,
    shipped: Path = SHIPPED,
    probed: Path = SHIPPED_PROBE,
    pointed: Path = SHIPPED_POINTING,
) -> None:
    """Write the page from whatever was measured so far.

    Args:
        path: of the page.
        outcomes: folder of the outcomes, and of costs.json.
        shipped: results of the demonstration networks, for the first table and Figure 8.
        probed: temporal divergence and chiral probes of networks.
        pointed: where their maps point, for Figure 7.
    """
    runs = {size: _by_row(outcomes / size.name) for size in (FRESH, FROM_TSM)}
    parts = [_INTRODUCTION]
    order = read_order(probed) if probed.exists() else None
    if shipped.exists():
        parts.append("\n".join(_demo(read_results(shipped), order)))
    if pointed.exists():
        parts.append("\n".join(figure7_section(read_scores(pointed))))
    if order is not None:
        parts.append("\n".join(order_section(order)))
    for size, its in runs.items():
        parts.append("\n".join(_size(size, its)))
        of_it = (study for study in STUDIES.values() if size in study.sizes)
        parts += ["\n".join(_study(study, its)) for study in of_it]
    costs = outcomes / "costs.json"
    if costs.exists():
        parts.append("\n".join(_costs(json.loads(costs.read_text(encoding="utf-8")))))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def _demo(results: Results, order: OrderReport | None) -> Iterator[str]:
    yield "## The four demonstration networks"
    yield ""
    yield f"`{results.origin.command}`" if results.origin.command else ""
    yield ""
    yield (
        "| network | top-1 | top-5 | within pair | opposite predicted | reversal flips"
        " | temporal divergence | ECE |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for predictions in results:
        a = count(predictions)
        cells = (a.top1, a.top5, a.within_pair, a.opposite_confusion, a.reversal_flips)
        row = " | ".join(_share(cell) for cell in cells)
        change = _divergence(order, a.model, results.origin.digests[a.model])
        yield f"| {a.model} | {row} | {change} | {a.calibration_error:.3f} |"
    yield ""
    if order is not None:
        yield (
            f"Temporal divergence is of `{order.command}`: {order.per_class} clips of every class"
            " of the same split ([below](#where-order-becomes-readable))."
        )
        yield ""
    yield from _orders(results)
    if {"maagn-demo", "tsm-demo"} <= set(results.models):
        yield from _figure8(results)


def _orders(results: Results) -> Iterator[str]:
    """Table 1's claims on the demonstration networks: one seed, many clips."""
    yield "| the paper says | difference of top-1 | right alone | exact McNemar | finding |"
    yield "|---|---|---|---|---|"
    for claim in STUDIES["table1"].claims:
        names = [f"{key}-demo" for key in claim.better + claim.worse]
        if set(names) <= set(results.models):
            one = overall(*(results.of(name) for name in names))
            gain, test = one.gain, one.test
            told = "confirmed" if gain.value > 0 else "not confirmed"
            low, high = _points(gain.low), _points(gain.high)
            yield (
                f"| {claim.text} | {_points(gain.value)} [{low}, {high}]"
                f" | {test.first} : {test.second} | p = {test.p:.2g}"
                f" | **{told if test.p < _LEVEL else 'not significantly different'}** |"
            )
    yield ""
    yield "That is one training of each network: the test is about clips, not about other seeds."
    yield ""


def _figure8(results: Results) -> Iterator[str]:
    ours, tsm = results.of("maagn-demo"), results.of("tsm-demo")
    yield "## Figure 8: the ten classes that gain most over TSM"
    yield ""
    yield (
        "The paper: ten classes gain markedly, all of them similar but opposite actions. One seed,"
        " the demonstration networks; the interval is Newcombe's for paired proportions."
    )
    yield ""
    yield "| class | MAAGN | TSM | gain |"
    yield "|---|---|---|---|"
    for gain in gains(ours, tsm)[:10]:
        low, high = _points(gain.gain.low), _points(gain.gain.high)
        yield (
            f"| {gain.labels[0]} | {gain.first.value:.0%} | {gain.second.value:.0%}"
            f" | {_points(gain.gain.value)} [{low}, {high}] |"
        )
    yield ""


def _divergence(order: OrderReport | None, model: str, digest: str) -> str:
    """A network's temporal divergence; a dash where it was measured of other weights, or not."""
    for network in order.networks if order is not None else ():
        if (network.model, network.digest) == (model, digest):
            return _nats(network.divergence)
    return "-"


def order_section(order: OrderReport) -> Iterator[str]:
    """Temporal divergence and chiral probes of all networks, and where order becomes readable."""
    names = [network.model for network in order.networks]
    yield "## Where order becomes readable"
    yield ""
    yield f"`{order.command}`"
    yield ""
    yield (
        "**Temporal divergence** (the temporal divergence score of AoTBench, arXiv 2506.03340) is"
        " the mean Kullback-Leibler divergence of a network's prediction for the reversed clip from"
        " that for the clip, in nats: 0 for a network that ignores order. A **chiral probe**"
        " (Chirality in Action, arXiv 2509.08502) is a linear classifier of frozen features,"
        " averaged over space, for one pair of opposites: a logistic regression on standardised"
        f" features, whose C (one of {', '.join(f'{c:g}' for c in STRENGTHS)}; one for all pairs of"
        f" a layer) is chosen by {FOLDS} folds of its training clips. It learns from"
        f" {order.per_class} clips of every class of the {LEARNED} split and is tested on as many"
        f" of the {TESTED} split. Every clip is shown in both orders, so chance is 50 %, exactly"
        " so for whatever does not depend on order. Brackets: 95 % bootstrap interval over clips;"
        " it does not cover other training clips of the probe, nor other trainings of the network."
    )
    yield ""
    yield (
        "*Mean over frames*: whether the features themselves carry the order, since a mean has"
        " none. *Frames side by side*: what a linear reader of time can get, even from frames that"
        " know nothing of each other."
    )
    yield ""
    yield from _readable(order)
    for reading in READINGS:
        yield f"### {reading.capitalize()}"
        yield ""
        yield f"| layer | {' | '.join(names)} |"
        yield f"|---|{'---|' * len(names)}"
        for layer in order.layers:
            probes = [network.probe(layer, reading) for network in order.networks]
            if any(probes):
                yield f"| {layer} | {' | '.join(_probed(each) for each in probes)} |"
        yield ""
    yield "Layers that the second table lacks have one frame: both readings are the same."
    yield ""
    yield from _divergences(order)


def _readable(order: OrderReport) -> Iterator[str]:
    bar = f"{100 * READABLE:.0f} %"
    yield (
        f"| network | temporal divergence | first layer above {bar}, mean over frames"
        " | side by side |"
    )
    yield "|---|---|---|---|"
    for network in order.networks:
        layers = (network.readable_from(reading) or "none" for reading in READINGS)
        yield f"| {network.model} | {_nats(network.divergence)} | {' | '.join(layers)} |"
        for path, one in network.paths.items():
            yield f"| {network.model}, votes of {path} | {_nats(one)} | | |"
    yield ""
    yield (
        f"Above {bar}: with its whole interval. Divergence also grows with a"
        " network's confidence, so it tells whether order changes a prediction, not how well."
    )
    yield ""


def _divergences(order: OrderReport) -> Iterator[str]:
    yield "### Temporal divergence by class"
    yield ""
    yield f"| class | {' | '.join(network.model for network in order.networks)} |"
    yield f"|---|{'---|' * len(order.networks)}"
    for label in order.networks[0].classes:
        cells = " | ".join(_nats(network.classes[label]) for network in order.networks)
        yield f"| {label} | {cells} |"
    yield ""


def _probed(probe: LayerProbe | None) -> str:
    return "" if probe is None else _share(probe.accuracy)


def _nats(one: Estimate) -> str:
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]"


def _by_row(folder: Path) -> dict[str, list[Outcome]]:
    runs: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in read_outcomes(folder):
        runs[outcome.key].append(outcome)
    return runs


def _size(size: Size, runs: dict[str, list[Outcome]]) -> Iterator[str]:
    yield f"## {size.title}"
    yield ""
    hardware = sorted({outcome.hardware for run in runs.values() for outcome in run})
    recipe = size.recipe
    pictures = (
        f"ResNet-18 of width 16, 8 frames of {recipe.crop} x {recipe.crop} pixels, AdamW,"
        f" {recipe.precision}, batches of {recipe.batch} clips and their reversals."
    )
    passes = f"{recipe.epochs} passes over {recipe.clips:,} clips"
    tested = (
        f"Test: {size.test_per_class} clips of every class, which no training saw."
        f" Hardware: {'; '.join(hardware) or 'none yet'}."
    )
    if size.start_epochs:
        yield (
            f"{pictures} Of every seed, one TSM is trained for {size.start_epochs} passes over"
            f" {recipe.clips:,} clips; every network of that seed starts from its backbone, as the"
            f" paper's start from ImageNet, and is trained for {passes}. MAAGN's"
            " masks have one number a frame, which its audit found to be constants"
            f" ([attention.md](attention.md)). {tested}"
        )
    else:
        yield (
            f"{pictures} Every network begins with fresh weights and is trained for {passes}. MAAGN"
            " is the demonstration's, with masks of one number a channel"
            f" ([attention.md](attention.md)); all but TSN have the shift, unless they say"
            f" otherwise. {tested}"
        )
    yield ""


def _study(study: Study, runs: dict[str, list[Outcome]]) -> Iterator[str]:
    yield f"### {study.title}"
    yield ""
    yield f"`maagn reproduce {study.name}`"
    yield ""
    missing = [row.name for row in study.rows if not runs[row.key]]
    if missing:
        yield f"Not run yet: {'; '.join(missing)}."
        yield ""
    audited = any(row.audited for row in study.rows)
    columns = ["network", *_MEASURES.values(), *(_MASKS.values() if audited else ())]
    yield f"| {' | '.join(columns)} | top-1 of each seed |"
    yield f"|{'---|' * (len(columns) + 1)}"
    for row in study.rows:
        if found := runs[row.key]:
            cells = [row.name, *_shares(found), *(_worth(found) if audited else ())]
            each = ", ".join(f"{100 * outcome.top1:.1f}" for outcome in found)
            yield f"| {' | '.join(cells)} | {each} |"
    yield ""
    if audited:
        yield _WORTH
        yield ""
    yield f"| {study.claimant} | difference of top-1 | finding |"
    yield "|---|---|---|"
    for claim in study.claims:
        if all(runs[key] for key in claim.better + claim.worse):
            finding, means = judge(claim, runs)
            shown = ", ".join(_difference(mean) for mean in means)
            yield f"| {claim.text} | {shown} | **{finding}** |"
    yield ""


def _costs(table: dict[str, Any]) -> Iterator[str]:
    names = {row.key: row.name for study in STUDIES.values() for row in study.rows}
    names["maagn"] = STUDIES["table3"].rows[-1].name
    yield "## Table 3 (c): speed of training, serial against parallel"
    yield ""
    yield f"`maagn reproduce table3`. Demonstration size, {table['device']}, steps taken in turns."
    yield ""
    seconds = table["step_seconds"]
    yield "| network | median seconds a step of 8 clips | of the serial way's |"
    yield "|---|---|---|"
    for key, values in seconds.items():
        middle = sorted(values)[len(values) // 2]
        yield f"| {names[key]} | {middle:.3f} | {ratio(values, seconds['sdm-mtam']):.2f} |"
    yield ""
    yield (
        "The paper trains faster in parallel, on four graphics cards. On a CPU the two modules"
        " cannot run at once, and AGM's convolutions come on top of them."
    )
    yield ""
    yield "## Table 6: parameters and multiply-accumulates"
    yield ""
    yield f"`maagn reproduce table6`. ResNet-50, 8 frames of {table['side']} x {table['side']}."
    yield ""
    yield "| network | parameters (M) | GMAC |"
    yield "|---|---|---|"
    for key, one in table["counts"].items():
        yield f"| {names[key]} | {one['parameters'] / 1e6:.2f} | {one['macs'] / 1e9:.2f} |"
    base, full = (table["counts"][key]["parameters"] for key in ("none", "maagn"))
    more = f"{(full - base) / base:.2%}"
    yield ""
    yield f"The paper: the modules add not too many parameters. Here: {more} more."
    yield ""


_MEASURES = {
    "top1": "top-1",
    "within_pair": "within pair",
    "opposite_confusion": "opposite predicted",
    "reversal_flips": "reversal flips",
}
_MASKS = {
    "averages_cost": "averages cost",
    "opposites_cost": "opposite class's cost",
    "clip_share": "clip's share",
}
_WORTH = (
    "Costs are points of top-1 that a network loses with all its masks replaced: by their averages"
    " over clips, or by those of clips of the opposite class. The clip's share is of the masks'"
    " variance. A deviation is that over clips of what the masks' sigmoids are given at the start"
    " of training ([attention.md](attention.md)). A dash: it has no masks, or was not audited."
)


def _shares(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for name in _MEASURES:
        yield _mean(over_seeds([getattr(outcome, name) for outcome in outcomes]))


def _worth(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What the masks are worth, of the seeds of which it was measured."""
    for name in _MASKS:
        found = [value for o in outcomes if (value := getattr(o, name)) is not None]
        if not found:
            yield "-"
        elif name == "clip_share":
            yield _mean(over_seeds(found))
        else:
            yield _cost(over_seeds(found))


def _mean(mean: Estimate) -> str:
    spread = f" ± {100 * (mean.high - mean.value):.1f}" if isfinite(mean.low) else ""
    return f"{100 * mean.value:.1f} %{spread}"


def _cost(points: Estimate) -> str:
    spread = f" ± {points.high - points.value:.1f}" if isfinite(points.low) else ""
    return f"{points.value:+.1f}{spread}"


def _difference(mean: Estimate) -> str:
    if not isfinite(mean.low):
        return _points(mean.value)
    return f"{_points(mean.value)} [{_points(mean.low)}, {_points(mean.high)}]"


def _share(cell: Share | Estimate) -> str:
    return f"{100 * cell.value:.1f} % [{100 * cell.low:.1f}, {100 * cell.high:.1f}]"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"
