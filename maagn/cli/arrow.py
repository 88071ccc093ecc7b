"""`maagn arrow`: does the order of a clip's frames decide what networks predict?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maagn.cli.compare import read
from maagn.cli.explain import load
from maagn.cli.failure import appearing_in, one_line, refuse_file
from maagn.cli.options import Device, End, Start, section_of

if TYPE_CHECKING:
    from maagn.evaluate.results import Results
    from maagn.explain.arrow import Arrow, Shuffles
    from maagn.section import Section
    from maagn.types import Clip

SCHEMA = "maagn-arrow-1"
FILE = "arrow.json"


@one_line()
def arrow(
    clip: Annotated[
        Path | None, typer.Argument(help="A video file; put -- before a name that begins with -.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Name in checkpoints/ or a file; repeatable.")
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            help="In place of a clip: a run of `maagn evaluate --reversed`, and which pairs of "
            "opposites its networks tell by order alone."
        ),
    ] = None,
    start: Start = None,
    end: End = None,
    out: Annotated[Path | None, typer.Option(help=f"Folder for {FILE}.")] = None,
    device: Device = None,
    as_json: Annotated[bool, typer.Option("--json", help=f"Print only {FILE}.")] = False,
) -> None:
    """Show networks CLIP forwards, backwards and in orders between: what turns the prediction?"""
    from maagn.cli import tables

    if (clip is None) == (run is None):
        raise typer.BadParameter("give a clip, or --run RUN", param_hint="CLIP")
    if run is not None and (start, end) != (None, None):
        raise typer.BadParameter("a run has no section", param_hint="--start, --end")
    if out is not None:
        refuse_file(out)
    if run is not None:
        results = read(run)
        content = run_document(run, results)
        if not as_json:
            tables.print_in_order(content)
    else:
        assert clip is not None  # one of the two is there
        seen, arrows = _ask(clip, section_of(clip, start, end), model, device)
        content = document(seen, arrows)
        if not as_json:
            tables.print_arrows(arrows)
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    if out is not None:
        with appearing_in(out) as folder:
            (folder / FILE).write_text(text + "\n", encoding="utf-8")
    if as_json:
        typer.echo(text)
    elif out is not None:
        typer.echo(f"Written to {out / FILE}")


def _ask(
    clip: Path, section: "Section | None", model: list[str] | None, device: str | None
) -> "tuple[Clip, dict[str, Arrow]]":
    from maagn.explain.arrow import arrow as ask
    from maagn.inference import prepare
    from maagn.video.read import read_clip

    networks = load(model, device)
    samplings = [network.sampling for network in networks]
    seen = read_clip(clip, samplings=samplings, section=section)
    return seen, {network.name: ask(network, prepare(network, seen)) for network in networks}


def document(clip: "Clip", arrows: "dict[str, Arrow]") -> dict[str, Any]:
    """What was found of a clip, in JSON's types."""
    from maagn.explain.report import section_record

    models = [{"model": name, **_record(found)} for name, found in arrows.items()]
    return {"schema": SCHEMA, "clip": clip.name, **section_record(clip), "models": models}


def _record(found: "Arrow") -> dict[str, Any]:
    both = found.directions
    ways = {"forwards": both.forward, "backwards": both.backward}
    smallest = found.smallest
    return {
        **{
            way: [{"class": label, "probability": p} for label, p in said.top(5)]
            for way, said in ways.items()
        },
        "opposite": found.opposite,
        "becomes_the_opposite": found.flips,
        "divergence_nats": both.divergence,
        "log_odds_nats": None
        if found.log_odds is None
        else dict(zip(ways, found.log_odds, strict=True)),
        "neighbour_swaps_nats": found.swaps.tolist(),
        "smallest_set": {
            "frames": list(smallest.frames) or None,
            "then": None if found.turned is None else found.turned.top(1)[0][0],
            "no_smaller_set": smallest.exact,
            "tried": smallest.tried,
        },
        "shuffles": None if found.shuffles is None else _shuffles(found.shuffles),
    }


def _shuffles(found: "Shuffles") -> dict[str, Any]:
    from maagn.evaluate.intervals import wilson

    counts = list(zip(found.kept.tolist(), found.trials.tolist(), strict=True))
    return {
        "strengths": found.strengths.tolist(),
        "trials": found.trials.tolist(),
        "kept": found.kept.tolist(),
        "kept_95": [list(wilson(*count)) for count in counts],
        "opposite": found.opposite.tolist(),
        "breaks_at": found.breaks_at,
    }


def run_document(run: str, results: "Results") -> dict[str, Any]:
    """Which pairs of opposites a run's networks tell by order alone, in JSON's types.

    Raises:
        ResultsError: the run did not show its clips in reverse.
    """
    from dataclasses import asdict

    from maagn.evaluate.in_order import by_order_alone, in_order, sees_no_order

    blind = [one for one in results if sees_no_order(one)]
    seeing = [one for one in results if one not in blind]
    labels = results.predictions[0].labels
    told = by_order_alone(seeing, without_order=blind)
    return {
        "schema": SCHEMA,
        "run": run,
        "without_order": [one.model for one in blind],
        "by_order_alone": [[labels[number] for number in pair] for pair in told],
        "models": [
            {
                "model": one.model,
                "pairs": [
                    {
                        "classes": [labels[number] for number in pair.classes],
                        "within": asdict(pair.within),
                        "both_ways": asdict(pair.both_ways),
                        "by_order": pair.by_order,
                    }
                    for pair in in_order(one)
                ],
            }
            for one in results
        ],
    }
