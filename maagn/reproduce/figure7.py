"""Figure 7's claim, that MAAGN's maps find the action better, put to clips whose truth is known."""

from collections.abc import Iterator

from maagn.evaluate.pointing_scores import Comparison, MapScores, PointingScores
from maagn.explain.combine import Source

_CLAIMS = (
    ("TSM's maps are more accurate than TSN's", "tsm-demo", "tsn-demo"),
    ("MAAGN's maps are more accurate than TSM's", "maagn-demo", "tsm-demo"),
    ("MAAGN's maps are more accurate than TSN's", "maagn-demo", "tsn-demo"),
)

_BASELINE = {
    "uniform": "everywhere alike",
    "centre": "a Gaussian in the middle",
    "point": "the centre alone, as a point",
}


def figure7_section(scores: PointingScores) -> Iterator[str]:
    """Every kind of map that was measured of the claims' networks, and a finding for each claim."""
    yield "## Figure 7: whose maps find the action?"
    yield ""
    yield f"`{scores.command}`"
    yield ""
    yield (
        "The paper shows Grad-CAM maps of one clip: TSN's lie on the wrong region, TSM's nearly on"
        " the athletes, MAAGN's on them. Here the share of a map's positive values that lies on the"
        " hand and the thing that it moves is measured, on the same test clips for all networks"
        " ([pointing.md](pointing.md)). In brackets: 95 % bootstrap interval over clips, paired"
        " where networks are compared. One training of each network."
    )
    yield ""
    names = [network.name for network in scores.networks]
    yield f"| share on hand and thing: method, layers | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for form in _forms(scores):
        found = [network.find(*form) for network in scores.networks]
        yield f"| {_titled(*form)} | {' | '.join(_share(one) for one in found)} |"
    yield ""
    yield "| the paper says | method, layers | difference in points | finding |"
    yield "|---|---|---|---|"
    for text, better, worse in _CLAIMS:
        for one in scores.comparisons:
            if {one.first, one.second} == {better, worse}:
                low, value, high = _ahead(one, better)
                yield (
                    f"| {text} | {_titled(one.method, one.layer, one.smoothing)}"
                    f" | {value:+.1f} [{low:+.1f}, {high:+.1f}] | **{_finding(low, high)}** |"
                )
    yield ""


def _forms(scores: PointingScores) -> list[tuple[str, str, int]]:
    found = [
        (one.method, one.layer, one.smoothing)
        for network in scores.networks
        for one in network.maps
        if "both" in one.parts
    ]
    return list(dict.fromkeys(found))


def _titled(method: str, layer: str, smoothing: int) -> str:
    if method in _BASELINE:
        return _BASELINE[method]
    words = [method, Source.parse(layer).words.removeprefix("backbone.")]
    return ", ".join([*words, *([f"mean of {smoothing} frames"] if smoothing > 1 else [])])


def _share(one: MapScores | None) -> str:
    if one is None or "both" not in one.parts:
        return "-"
    share = one.parts["both"].share
    return f"{100 * share.value:.1f} % [{100 * share.low:.1f}, {100 * share.high:.1f}]"


def _ahead(one: Comparison, better: str) -> tuple[float, float, float]:
    """Interval and mean, in points, of what the network said to be better is ahead by."""
    points = [100 * x for x in (one.difference.low, one.difference.value, one.difference.high)]
    low, value, high = points if one.first == better else [-x for x in reversed(points)]
    return low, value, high


def _finding(low: float, high: float) -> str:
    if low > 0:
        return "confirmed"
    return "not confirmed" if high < 0 else "not significantly different"
