"""What commands print for people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from maagn.checkpoint import Model
from maagn.data.check import Finding
from maagn.data.videos import VideoSet
from maagn.explain.report import Report, notices
from maagn.figures.layout import percent

if TYPE_CHECKING:  # SciPy and scikit-learn come with these, for seconds
    import pandas as pd

    from maagn.evaluate.attention import MaskAudit, NetworkAudit, Replacement
    from maagn.evaluate.compare import Comparison
    from maagn.evaluate.intervals import Share
    from maagn.evaluate.leak import Leak
    from maagn.evaluate.metrics import Accuracy
    from maagn.evaluate.order import LayerProbe, OrderReport
    from maagn.evaluate.pointing import Part
    from maagn.evaluate.pointing_scores import MapScores, PointingScores
    from maagn.evaluate.predictions import Predictions
    from maagn.explain.arrow import Arrow
    from maagn.teach.report import TeachingReport

_BEST = 5  # maps that are printed of each network
_LISTED = 20  # findings that are printed
_PAIRS = 5  # pairs of opposites that are printed of each network


def print_reports(reports: Sequence[Report]) -> None:
    """Print each model's five best classes, its margin to the opposite, and the clip's notices."""
    table = Table("Model", "Class", Column("Probability", justify="right"))
    for report in reports:
        for rank, (label, probability) in enumerate(report.prediction.top(5)):
            name = report.model.name if rank == 0 else ""
            table.add_row(Text(name), Text(label), percent(probability))
        table.add_section()
    console = Console()
    console.print(table)
    for report in reports:
        console.print(Text(f"{report.model.name}: {_balance(report)}"))
    for report in reports:
        if not report.trained:
            console.print(
                Text(f"{report.model.name}: no training on record, so its prediction says little.")
            )
    for notice in notices(reports):
        console.print(Text(notice))


def _balance(report: Report) -> str:
    given = percent(report.prediction.probabilities[report.target])
    if report.opposite is None or report.margin is None:
        return f"{given} for {report.label}, which has no opposite among its classes"
    other = report.prediction.probabilities[report.model.labels.index(report.opposite)]
    proposed = "proposed " if report.opposite_is_proposed else ""
    return (
        f"{given} for {report.label}, {percent(other)} for its {proposed}opposite "
        f"{report.opposite}, "
        f"log ratio {report.margin:+.2f}"
    )


def print_arrows(arrows: "Mapping[str, Arrow]") -> None:
    """Print each network's two predictions, their divergence, what turns it, where it breaks."""
    table = Table(
        "Model", "Forwards", "Backwards", "Divergence, nats", "Smallest set", "Breaks at",
        box=SIMPLE_HEAD,
    )  # fmt: skip
    for name, found in arrows.items():
        both = found.directions
        ways = [
            f"{label}, {percent(p)}"
            for label, p in (both.forward.top(1)[0], both.backward.top(1)[0])
        ]
        smallest = ", ".join(map(str, found.smallest.frames)) or "none"
        if not found.smallest.exact:
            smallest += " (not all were tried)"
        at = None if found.shuffles is None else found.shuffles.breaks_at
        broken = "never" if at is None else percent(at)
        table.add_row(Text(name), *map(Text, ways), f"{both.divergence:.3g}", smallest, broken)
    console = Console()
    console.print(table)
    console.print(
        Text(
            "Smallest set: the fewest sampled frames, from 0, that turn the prediction when they "
            "alone run backwards.\nBreaks at: the share of pairs of frames in the wrong order at "
            "which under half of random orders keep it."
        )
    )


def print_in_order(content: "Mapping[str, Any]") -> None:
    """Print a row per pair of opposites: how often each network is right in both directions."""
    from maagn.evaluate.intervals import Share

    models = content["models"]
    table = Table("Pair", "By order alone", *(one["model"] for one in models), box=SIMPLE_HEAD)
    for at, pair in enumerate(models[0]["pairs"]):
        told = "yes" if pair["classes"] in content["by_order_alone"] else "no"
        shares = (Share(**one["pairs"][at]["both_ways"]) for one in models)
        table.add_row(Text(" ↔ ".join(pair["classes"])), told, *map(str, shares))
    console = Console()
    console.print(table)
    count = f"{len(content['by_order_alone'])} of {len(models[0]['pairs'])}"
    console.print(Text(f"{count} pairs are told by order alone."))
    if content["without_order"]:
        names = ", ".join(content["without_order"])
        console.print(Text(f"Alike in both directions on every clip: {names}."))


def print_models(
    models: Sequence[Model], damaged: Sequence[str], audits: "Mapping[str, NetworkAudit]"
) -> None:
    """Print every checkpoint with its origin and measured accuracy, and a line of its masks.

    Args:
        models: those that can be read.
        damaged: why the others cannot.
        audits: of their masks, by the digest of the network's file.
    """
    from maagn.evaluate.audit_file import masks_line

    table = Table("Model", "Network", "Classes", "Frames", "Trained on", "Measured")
    for model in models:
        origin = model.provenance
        trained = f"{origin.trained_on}; {origin.epochs} epochs, {origin.clips} clips"
        if not origin.epochs:
            trained = f"{origin.trained_on}, {origin.hardware}"
        measured = "\n".join(f"{name} {value:.3g}" for name, value in origin.metrics.items())
        measured = measured or origin.published
        table.add_row(
            Text(model.name),
            Text(model.architecture.title),
            str(model.spec.classes),
            str(model.spec.frames),
            Text(f"{trained}, seed {origin.seed}"),
            Text(measured or "nothing"),
        )
    console = Console()
    console.print(table)
    for model in models:
        if masks := masks_line(model, audits):
            console.print(Text(f"{model.name}, masks: {masks}"))
    for problem in damaged:
        console.print(Text(problem))


def print_accuracies(accuracies: "Sequence[Accuracy]") -> None:
    """Print one row per model; every share has its 95 % interval."""
    table = Table(
        "Model",
        "Clips",
        "Top-1",
        "Top-5",
        "Within pair",
        "Opposite instead",
        "Flips when reversed",
        "Calibration error",
    )
    for accuracy in accuracies:
        parts = (
            accuracy.top1,
            accuracy.top5,
            accuracy.within_pair,
            accuracy.opposite_confusion,
            accuracy.reversal_flips,
        )
        table.add_row(
            Text(accuracy.model),
            str(accuracy.clips),
            *(with_interval(part) for part in parts),
            percent(accuracy.calibration_error),
        )
    Console().print(table)


def print_comparisons(first: str, others: "Sequence[tuple[str, Comparison]]") -> None:
    """Print one line per model that `first` is compared with."""
    for name, one in others:
        low, high = 100 * one.gain.low, 100 * one.gain.high
        line = (
            f"{first} against {name}: top-1 {100 * one.gain.value:+.1f} points "
            f"({low:+.1f} to {high:+.1f}); right alone {one.test.first} : {one.test.second}, "
            f"McNemar p = {one.test.p:.2g}"
        )
        Console().print(Text(line))


def print_audits(audits: "Sequence[NetworkAudit]") -> None:
    """Print a table of each network's masks and gates, and a line a network."""
    console = Console()
    for audit in audits:
        table = Table(title=Text(audit.model), box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        table.add_column("Part")
        for name in ("Variance", "Average", "Changed", "Same", "Opp.", "Off"):
            table.add_column(name, justify="right", no_wrap=name != "Average")
        table.add_column("Verdict")
        for part in audit.parts:
            average = part.effects["average"]
            points = average.top1.points
            table.add_row(
                part.title,
                _shares(part),
                f"{points.value:+.1f} ({points.low:+.1f} to {points.high:+.1f})",
                f"{100 * average.changed:.1f} %",
                *(_points(part, way) for way in ("same", "opposite", "off")),
                part.verdict,
            )
        console.print(table)
    origin = audits[0].origin
    average_of = f"{origin.reference.clips:,} clips of {origin.reference.name}, "
    average_of += origin.reference.split
    if origin.leave_one_out:
        average_of = "all other clips"
    console.print(
        Text(
            "Variance: % that the place, the class given the place, and the clip explain. Then "
            "what it costs in points of top-1 (95 % interval) to replace it by its average over "
            f"{average_of}, by that of another clip of the same class or of the opposite class, "
            "or to switch it off."
        )
    )
    for audit in audits:
        paired = "" if audit.within_pair is None else f", within pair {percent(audit.within_pair)}"
        console.print(
            Text(
                f"{audit.model}: top-1 {percent(audit.top1)}{paired} on {audit.clips:,} clips. All "
                f"masks: {audit.masks.sentence} The audit took {audit.forwards:.1f} times the "
                "arithmetic of one evaluation."
            )
        )


def _shares(part: "MaskAudit") -> str:
    if part.variance is None:
        return "-"
    return " ".join(f"{100 * share:.0f}" for share in part.variance.shares)


def _points(part: "MaskAudit", replacement: "Replacement") -> str:
    effect = part.effects.get(replacement)
    return "-" if effect is None else f"{effect.top1.points.value:+.1f}"


def print_leaks(title: str, leaks: "Sequence[Leak]") -> None:
    """Print one row per pair and one for all; 'holds': the interval contains 50 %."""
    table = Table("Seen", "Pair", "Clips", "Within pair", "Holds 50 %", title=title)
    for leak in leaks:
        for name, part in (*leak.pairs.items(), ("all", leak.within_pair)):
            holds = "yes" if part.low <= 0.5 <= part.high else "no"
            table.add_row(leak.seen, Text(name), str(part.trials), with_interval(part), holds)
        table.add_section()
    Console().print(table)


def print_order(report: "OrderReport") -> None:
    """Print each network's temporal divergence, and a row of chiral probes for every layer."""
    from maagn.evaluate.chirality import READINGS

    console = Console()
    for network in report.networks:
        one = network.divergence
        line = f"temporal divergence {one.value:.2f} ({one.low:.2f} to {one.high:.2f}) nats"
        console.print(Text(f"{network.model}: {line}"))
    for reading in READINGS:
        title = f"Chiral probe, {reading} (chance 50 %)"
        table = Table("Layer", *(escape(each.model) for each in report.networks), title=title)
        for layer in report.layers:
            probes = [network.probe(layer, reading) for network in report.networks]
            if any(probes):
                table.add_row(Text(layer), *(_probed(each) for each in probes))
        console.print(table)


def _probed(probe: "LayerProbe | None") -> str:
    if probe is None:
        return ""
    one = probe.accuracy
    return f"{100 * one.value:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f}) %"


def with_interval(part: "Share") -> str:
    """A share and its interval, in percent."""
    if not part.trials:
        return "no clips"
    return f"{100 * part.value:.1f} ({100 * part.low:.1f} to {100 * part.high:.1f}) %"


def print_findings(
    videos: VideoSet, counts: Sequence[tuple[str, int]], findings: Sequence[Finding]
) -> None:
    """Print how many videos have which problem, and the first of each."""
    console = Console()
    console.print(Text(f"{videos.name}: {len(videos):,} videos, {videos.layout}, {videos.split}"))
    table = Table("What", Column("Videos", justify="right"))
    for kind, count in counts:
        table.add_row(kind, f"{count:,}")
    console.print(table)
    listed = findings[:_LISTED]
    differing = Table("File", "Where decord and PyAV differ")
    for finding in listed:
        if finding.kind == "readers differ":
            differing.add_row(Text(finding.id), Text(finding.reason))
        else:
            console.print(Text(f"{finding.kind}: {finding.id}: {finding.reason}"))
    if differing.row_count:
        console.print(differing)
    if len(findings) > _LISTED:
        console.print(Text(f"... and {len(findings) - _LISTED:,} more; --out FILE.csv lists all"))


def print_measures(measures: "pd.DataFrame") -> None:
    """Print how each measure lies over the clips, and the first clips that could not be read."""
    from maagn.data.measure import MEASURES, UNITS

    console = Console()
    table = Table("Measure", *(Column(name, justify="right") for name in ("5 %", "Median", "95 %")))
    table.add_column("Unit")
    for name in MEASURES:
        values = measures[name.replace(" ", "_")].dropna()
        if len(values):
            shown = (f"{value:.3g}" for value in values.quantile([0.05, 0.5, 0.95]))
            table.add_row(name, *shown, UNITS.get(name, ""))
    console.print(table)
    failed = measures[measures.reason != ""]
    console.print(
        Text(f"{len(measures) - len(failed):,} of {len(measures):,} videos were measured.")
    )
    for path, reason in zip(failed.path[:_LISTED], failed.reason[:_LISTED], strict=True):
        console.print(Text(f"{path}: {reason}"))
    if len(failed) > _LISTED:
        console.print(Text(f"... and {len(failed) - _LISTED:,} more; the file has all reasons"))


def print_unreadable(unreadable: "pd.DataFrame") -> None:
    """Print the first videos of a run that have no prediction, and why."""
    for row in unreadable.to_dict("records"):
        Console().print(Text(f"{row['id']}: {row['reason']}"))


def print_opposites(predictions: "Sequence[Predictions]", *, most: int = _PAIRS) -> None:
    """The opposites that networks take for each other most often, by network."""
    from maagn.evaluate.metrics import confused_pairs

    table = Table(
        "Model",
        "Opposites",
        *(Column(name, justify="right") for name in ("Clips", "Confused", "True one preferred")),
    )
    for one in predictions:
        for pair in confused_pairs(one)[:most]:
            first, second = (one.labels[number] for number in pair.classes)
            table.add_row(
                Text(one.model),
                Text(f"{first} <-> {second}"),
                f"{pair.opposite.hits:,} of {pair.clips:,}",
                str(pair.opposite),
                str(pair.preferred),
            )
    if table.row_count:
        Console().print(table)


def print_confusions(found: "Sequence[tuple[str, Sequence[Mapping[str, Any]]]]") -> None:
    """Other classes that are taken for each other.

    Args:
        found: of each network its name and rows: `class`, `predicted`, `errors`, `clips`.
    """
    table = Table("Model", "Class", "Predicted", Column("Clips", justify="right"))
    for model, rows in found:
        for row in rows:
            table.add_row(
                Text(model),
                Text(row["class"]),
                Text(row["predicted"]),
                f"{row['errors']:,} of {row['clips']:,}",
            )
    if table.row_count:
        Console().print(table)


def print_comparison(
    first: str,
    second: str,
    whole: "Comparison",
    pairs: "pd.DataFrame",
    classes: "pd.DataFrame",
) -> None:
    """Print two networks' shares, their difference, and the tables of pairs and of classes.

    Args:
        first: name of a network.
        second: of the other.
        whole: of all clips.
        pairs: rows of `maagn.evaluate.compare.table`, a pair of opposites each.
        classes: the same, a class each.
    """
    console = Console()
    for name, one in ((first, whole.first), (second, whole.second)):
        console.print(Text(f"{name}: top-1 {one} of {one.trials:,} clips"))
    print_comparisons(first, [(second, whole)])
    for title, rows in (("Pair of opposites", pairs), ("Class", classes)):
        table = Table(
            title,
            *(
                Column(name, justify="right")
                for name in ("Clips", "First", "Second", "Gain, points", "95 % interval", "p")
            ),
        )
        for row in rows.to_dict("records"):
            table.add_row(
                Text(row["classes"]),
                f"{row['clips']:,}",
                f"{100 * row['first']:.1f} %",
                f"{100 * row['second']:.1f} %",
                f"{100 * row['gain']:+.1f}",
                f"{100 * row['gain_low']:+.1f} to {100 * row['gain_high']:+.1f}",
                f"{row['p']:.2g}",
            )
        if table.row_count:
            console.print(table)


def print_pointing(scores: "PointingScores") -> None:
    """Print each network's best maps, the default one and the baselines."""
    console = Console()
    for network in scores.networks:
        ranked, part = network.ranked(), network.part
        where = "hand and thing" if part == "both" else "the fifth that moves most"
        table = Table(
            "Map",
            *(
                Column(name, justify="right")
                for name in ("On it", "Area", "Times", "Other clip", "Hits")
            ),
            title=f"{network.name}: mass on {where}",
        )
        if any(one.deletion for one in ranked):
            table.add_column("Deletion beats random", justify="right")
        shown = ranked[:_BEST] + [one for one in ranked[_BEST:] if one.is_default]
        for one in (*shown, *(one for one in network.maps if one.is_baseline)):
            if part in one.parts:
                table.add_row(*_pointing_row(one, part))
        console.print(table)
        console.print(
            Text(
                f"{network.name}: {network.clips:,} clips, {network.without:,} of them without "
                f"hand and thing, {network.unreadable:,} unreadable; {len(ranked):,} kinds of map"
            )
        )


def _pointing_row(one: "MapScores", part: "Part") -> tuple[Text, ...]:
    score = one.parts[part]
    layer = one.layer.replace("backbone.", "")
    over = f", mean of {one.smoothing} frames" if one.smoothing > 1 else ""
    cells = [
        " ".join(filter(None, (one.method, layer))) + over,
        f"{100 * score.share.value:.1f} %",
        f"{100 * score.area:.1f} %",
        f"{score.lift.value:.2f} ({score.lift.low:.2f} to {score.lift.high:.2f})",
        "" if score.other is None else f"{100 * score.other:.1f} %",
        f"{100 * score.hit:.1f} %",
    ]
    if one.deletion is not None:
        cells.append(with_interval(one.deletion))
    return tuple(Text(cell) for cell in cells)


def print_teaching(report: "TeachingReport") -> None:
    """Print each taught network's left-out figures, what single pictures tell, and the warnings."""
    clips = sum(report.clips)
    counted = ", ".join(
        f"{count} of {label}" for label, count in zip(report.labels, report.clips, strict=True)
    )
    console = Console()
    console.print(
        Text(f"{clips} clips: {counted}; each {report.left_out} left out in turn.")
        if report.parts <= clips and report.left_out == "clip" and report.parts == clips
        else Text(f"{clips} clips: {counted}; left out in {report.parts} parts.")
    )
    table = Table(
        "Network", Column("Right", justify="right"), "95 % interval", *report.labels, "Reversed"
    )
    for network in report.networks:
        table.add_row(
            Text(network.name),
            f"{network.right.hits} of {network.right.trials}",
            f"{percent(network.interval.low)} to {percent(network.interval.high)}",
            *(f"{one.hits} of {one.trials}" for one in network.classes.values()),
            ""
            if network.reversed is None
            else f"{network.reversed.hits} of {network.reversed.trials}",
        )
    for leak in report.leaks:
        table.add_row(
            Text(f"{leak.reader} alone"),
            f"{leak.right.hits} of {leak.right.trials}",
            f"{percent(leak.right.low)} to {percent(leak.right.high)}",
        )
    console.print(table)
    for sentence in (*report.warnings, *report.skipped):
        console.print(Text(f"- {sentence}"))
