"""`maagn explain`: predictions for a clip, and the evidence behind them."""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maagn.cli.failure import appearing_in, one_line, refuse_file
from maagn.cli.options import Device, End, Start, section_of

if TYPE_CHECKING:
    from maagn.checkpoint import CheckpointInfo, Model
    from maagn.explain.report import Json, Report

DEFAULT_MODELS = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")


class VideoFrames(StrEnum):
    """Which frames the film of a map has."""

    ALL = "all"
    SAMPLED = "sampled"


@one_line()
def explain(
    clip: Annotated[
        Path, typer.Argument(help="A video file; put -- before a name that begins with -.")
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name in checkpoints/ or a file; repeatable."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Class to explain. Default: each network's prediction.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Class to contrast it with, e.g. its opposite.")
    ] = None,
    cam: Annotated[str, typer.Option(help="Method of the class activation map.")] = "hirescam",
    layer: Annotated[
        str | None,
        typer.Option(
            help="Layer, e.g. paths.0.output, or several, e.g. product:backbone.res3+backbone.res4."
            " Default: backbone.res4."
        ),
    ] = None,
    start: Start = None,
    end: End = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for explanation.json, and a PNG and MP4 per network."),
    ] = None,
    frames: Annotated[
        VideoFrames,
        typer.Option(help="Frames of the MP4: all of the clip, or those that the network saw."),
    ] = VideoFrames.ALL,
    device: Device = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print only explanation.json.")] = False,
) -> None:
    """Predict and explain CLIP: class scores, activation maps, masks and gates."""
    if out is None and not as_json:
        raise typer.BadParameter("give --out DIR, or --json to print", param_hint="--out")
    if out is not None:
        refuse_file(out)
    from maagn.explain.report import document
    from maagn.explain.report import explain as ask
    from maagn.video.read import read_clip

    networks = load(model, device)
    if model is None and layer is not None:
        networks = _with_layer(networks, layer)
    check_classes(networks, target, against)
    samplings = [network.sampling for network in networks]
    seen = read_clip(clip, samplings=samplings, section=section_of(clip, start, end))
    reports = [
        ask(network, seen, target=target, against=against, method=cam, layer=layer)
        for network in networks
    ]
    content = json.dumps(document(reports, audits=_audits(networks)), indent=1, allow_nan=False)
    if out is not None:
        _write(out, reports, content, clip=clip, frames=frames)
    if as_json:
        typer.echo(content)
    else:
        from maagn.cli.tables import print_reports

        print_reports(reports)
        typer.echo(f"Written to {out}")


def load(names: list[str] | None, device: str | None) -> "list[Model]":
    """The models of those names or files; without any, the demo models that there are.

    Args:
        names: as they were given.
        device: as `--device` was given.

    Raises:
        DeviceError: there is no such device here.
        UnknownModel: no such model, or none at all.
        CheckpointError: a file that is not one of ours.
    """
    from maagn.checkpoint import available, find, load_model
    from maagn.errors import UnknownModel

    chosen = names or [name for name in DEFAULT_MODELS if name in available()]
    if not chosen:
        raise UnknownModel("There is no model yet: make one with `maagn train maagn-demo`.")
    return [load_model(path, device) for path in dict.fromkeys(find(name) for name in chosen)]


def _with_layer(networks: "list[Model]", layer: str) -> "list[Model]":
    """Those that have the layer, where nobody named a network; all, to be refused, if none has."""
    from maagn.explain.cam import can_map

    having = [network for network in networks if can_map(network, layer)]
    without = [network.name for network in networks if not can_map(network, layer)]
    if having and without:
        typer.echo(f"Without {layer}, and so not explained: {', '.join(without)}", err=True)
    return having or networks


def check_classes(networks: "list[Model]", *names: str | None) -> None:
    """Raise `UnknownTarget` for a class that a network does not know, before decoding anything."""
    from maagn.explain.report import find_class

    for network in networks:
        for name in names:
            if name is not None:
                find_class(network, name)


def _audits(networks: "list[Model]") -> "dict[str, Json]":
    """What is known of the networks' masks over many clips, by digest."""
    if not any(network.has_masks for network in networks):
        return {}
    from maagn.evaluate.audit_file import audit_record, shipped_audits  # SciPy comes with it

    audits = shipped_audits()
    digests = {network.digest for network in networks} & set(audits)
    return {digest: audit_record(audits[digest]) for digest in digests}


def _write(
    out: Path, reports: "list[Report]", content: str, *, clip: Path, frames: VideoFrames
) -> None:
    from PIL import Image

    from maagn.data.read import every_frame_of
    from maagn.data.videos import Video
    from maagn.figures.filmstrip import filmstrip
    from maagn.figures.overlay_video import picture_height, write_overlay

    with appearing_in(out) as folder:
        (folder / "explanation.json").write_text(content + "\n", encoding="utf-8")
        names = names_of_files([report.model for report in reports])
        for name, report in zip(names, reports, strict=True):
            Image.fromarray(filmstrip(report)).save(folder / f"{name}.png")
            pictures = None
            if frames is VideoFrames.ALL:
                video, height = Video(clip.name, clip, None), picture_height(report.clip)
                pictures = every_frame_of(video, report.clip, height=height)
            write_overlay(folder / f"{name}.mp4", report, pictures)


def names_of_files(models: "Sequence[CheckpointInfo]") -> list[str]:
    """Each model's name, with the beginning of its digest where two bear the same."""
    names = [model.name for model in models]
    return [
        name if names.count(name) == 1 else f"{name}-{model.digest[:8]}"
        for name, model in zip(names, models, strict=True)
    ]
