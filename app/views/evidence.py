"""The views of the evidence: one at a time, so that only what is looked at is computed."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Float32
from PIL import Image

from app import cache, elements
from app.elements import markdown
from app.gallery.truth import masks_of
from app.jobs import Job
from app.networks import choose_where
from app.predictions import Answer, layer
from app.selection import Question, Selection
from app.views import faithful, notebook
from app.views.notebook import explained, lines, prepared, quoted
from app.views.stage import player_view, told_apart
from app.work import worked_out
from maagn.errors import ResultsError
from maagn.evaluate.pointing import Truth, baseline_map, pointed
from maagn.evaluate.pointing_scores import read_scores
from maagn.explain.cam import METHODS
from maagn.explain.faithfulness import cosine
from maagn.explain.motion import motion
from maagn.explain.report import Report, report
from maagn.figures.faithfulness import NETWORKS, figure_row
from maagn.figures.heat import enlarge, flow_pictures
from maagn.figures.layout import percent
from maagn.types import Explanation

_LEFT_OUT = {
    "AblationCAM": "puts its own layer into the network, which all visitors share",
    "ScoreCAM": "expects pictures: fails on the five axes of a clip",
    "FullGrad": "hooks every bias of the network, which all visitors share",
}


def show_methods() -> None:
    """Draw the table of methods, folded."""
    offered = [
        {
            "method": method.title,
            "offered": "✓ yes",
            "asks for a class": "yes" if method.needs_gradient else "no",
            "weights": "frame by frame" if method.pooling == "frame" else "one axis per clip",
            "why": f"one forward{' and one gradient' if method.needs_gradient else ''}, no hooks",
        }
        for method in METHODS.values()
    ]
    missing = [
        {"method": name, "offered": "✗ no", "asks for a class": "", "weights": "", "why": why}
        for name, why in _LEFT_OUT.items()
    ]
    with st.expander("Methods: which are available, and why"):
        elements.table(pd.DataFrame(offered + missing), key="methods", title="CAM methods")


_TOLD = "Heat is what speaks for the class, each network's on its own scale."


def show_maps(answer: Answer, *, moment: int | None) -> None:
    """Draw the maps over the clip in the player."""
    first = answer.reports[0]
    elements.words(f"Maps of **{markdown(first.label)}**, by {first.cam.about['method']}. {_TOLD}")
    elements.player(player_view(answer, charts=(), moment=moment), key="evidence-map")


def pointed_at(answer: Answer, job: Job) -> tuple[str, ...]:
    """A line a network: how much of its map is on hand and thing; none where they are unknown."""
    lines = []
    names = told_apart(answer.reports)
    for index, (own, name) in enumerate(zip(answer.reports, names, strict=True)):
        job.step(index / len(answer.reports), f"Looking where the map of {own.model.name} points")
        masks = masks_of(answer.question.clip, own.model, answer.clip)
        if masks is None or not masks.both.any():
            return ()
        truth = Truth.of(own.inputs, masks)
        share, middle = (
            pointed(cam, own.inputs, truth)["both"].share
            for cam in (own.cam, baseline_map("centre", own.inputs))
        )
        lines.append(
            f"- {markdown(name)}: **{percent(share)}** of the map lies on hand and thing, which "
            f"cover **{percent(truth.area('both'))}** of the picture; a blur in the middle of the "
            f"picture has {percent(middle)} there.{_usually(own)}"
        )
    return tuple(lines)


def _usually(own: Report) -> str:
    """What was measured of such maps of these very weights, over many clips."""
    try:
        network = read_scores().of(own.model.name)
    except ResultsError:
        return ""
    if network is None or network.digest != own.model.digest:
        return ""
    scores = network.find(str(own.cam.about["method"]), str(own.cam.about["layer"]))
    if scores is None or "both" not in scores.parts:
        return ""
    one = scores.parts["both"]
    return (
        f" Over {one.clips:,} test clips such maps have {one.lift.value:.2f} times what the area "
        f"would have by chance ({one.lift.low:.2f} to {one.lift.high:.2f})."
    )


def contrast(answer: Answer, other: str, job: Job) -> tuple[Answer, tuple[float, ...]]:
    """The maps of the class minus another, and how alike the two plain maps are; no forward."""
    question = answer.question
    reports, alike = [], []
    for index, own in enumerate(answer.reports):
        job.step(index / len(answer.reports), f"Setting {own.model.name} against {other}")
        model = cache.model(own.model.name)
        run = cache.traced(own.model.name, answer.clip)
        chosen = {"method": question.method, "layer": layer(question, own.model.name)}
        plain = report(model, answer.clip, run, target=other, **chosen)
        against = report(model, answer.clip, run, target=own.label, against=other, **chosen)
        reports.append(replace(against, model=own.model))
        alike.append(cosine(own.cam.values, plain.cam.values))
    return replace(answer, reports=tuple(reports)), tuple(alike)


def other_class(answer: Answer) -> str:
    """Which class the explained one is set against: its opposite, or the visitor's choice."""
    first = answer.reports[0]
    others = [label for label in first.model.labels if label != first.label]
    start = others.index(first.opposite) if first.opposite in others else 0
    chosen = st.selectbox(
        f"B, against A: {markdown(first.label)}", others, index=start, key=f"against-{first.target}"
    )
    return str(chosen)


def show_contrast(
    signed: Answer, alike: tuple[float, ...], other: str, question: Question, *, moment: int | None
) -> None:
    """What speaks for A rather than B in the player, and the likeness of the plain maps."""
    first = signed.reports[0]
    names = told_apart(signed.reports)
    lines = [
        f"- {markdown(name)}: the maps of A and B have a cosine similarity of **{like:.2f}**; it "
        f"gives A {percent(one.prediction.probabilities[one.target])} and B "
        f"{percent(one.prediction.probabilities[one.model.labels.index(other)])}. "
        f"{_extent(one.cam.values)}"
        for one, name, like in zip(signed.reports, names, alike, strict=True)
    ]
    elements.words(
        f"A is **{markdown(first.label)}**, B is **{markdown(other)}**. Heat is where logit A "
        f"minus logit B, by {question.method}, is above 0; what speaks for B instead is "
        "not drawn.\n\n"
        + "\n".join(lines)
        + "\n\nCosine similarity of the two maps: 1 is the same, 0 unrelated, -1 opposite. "
        "Near 1, a map of A alone does not tell A from B."
    )
    elements.player(player_view(signed, charts=(), moment=moment), key="evidence-contrast")


def _extent(values: Float32[np.ndarray, "t h w"]) -> str:
    return f"{percent(float((values > 0).mean()))} of the cells speak for A rather than B."


def show_row(answer: Answer) -> bool:
    """The row and its download; whether there is a network to draw it for."""
    if not any(report.model.spec.arch in NETWORKS for report in answer.reports):
        elements.dead_end(
            "Figure 7 shows the maps of TSN, TSM and MAAGN: choose networks with one of them.",
            key="figure-7",
            ways=choose_where(lambda card: card.spec.arch in NETWORKS),
        )
        return False
    elements.words(
        "The paper's Figure 7 for this clip: the maps of TSN, TSM and MAAGN on one scale, which is "
        "told beneath. Values of different networks are logits of different networks: a paler row "
        "has smaller values, not a worse map."
    )
    drawn = figure_row(answer.reports)
    label = answer.reports[0].label
    st.image(drawn, width="stretch", alt=f"Frames, and maps of TSN, TSM and MAAGN for {label}")
    file = io.BytesIO()
    Image.fromarray(drawn).save(file, "PNG")
    st.download_button(
        "Download the row (PNG)", file.getvalue(), file_name="figure-7.png", mime="image/png",
        on_click="ignore",
    )  # fmt: skip
    return True


_COLUMNS = 4


def worked(answer: Answer) -> Explanation:
    """The flow of the frames that the first network sees."""
    return motion(answer.reports[0].inputs)


def show_motion(answer: Answer, explanation: Explanation) -> None:
    """Each frame, and beneath it the flow to the next."""
    inputs = answer.reports[0].inputs
    speed = np.linalg.norm(explanation.values, axis=3)
    scale = float(speed.max())
    elements.words(
        f"Optical flow (DIS) from each frame to the next. Bright is fast, up to **{scale:.0f} "
        f"pixels per second** of the {inputs.pictures.shape[2]} pixels that the networks see; "
        "arrows show where to. No network sees this: it is worked out beside them. *Arrows of "
        "motion* under a clip lays arrows over it and a map together."
    )
    pictures = enlarge(inputs.pictures)
    flows = flow_pictures(explanation.values, scale=scale)
    for start in range(0, len(flows), _COLUMNS):
        for column, place in zip(st.columns(_COLUMNS), range(start, len(flows)), strict=False):
            first, second = inputs.seconds[place : place + 2]
            mean = float(speed[place].mean())
            column.image(
                pictures[place], caption=f"{first:.2f} s", width="stretch",
                alt=f"frame at {first:.2f} s",
            )  # fmt: skip
            column.image(
                flows[place], caption=f"to {second:.2f} s, mean {mean:.0f} px/s", width="stretch",
                alt=f"flow from {first:.2f} s to {second:.2f} s, mean {mean:.0f} px/s",
            )  # fmt: skip


def against_code(answer: Answer, other: str) -> str:
    """Every network's map of the explained class against another, and how alike the two are."""
    script = explained(answer, against=other) + lines(
        "for model, report, layer in zip(models, reports, layers, strict=True):\n"
        "    plain, other = (\n"
        "        maagn.explain(model, clip, target=label, "
        f"method={quoted(answer.question.method)}, layer=layer)\n"
        f"        for label in (target, {quoted(other)})\n"
        "    )\n"
        "    likeness = cosine(plain.cam.values, other.cam.values)\n"
        "    print(model.name, likeness, (report.cam.values > 0).mean())",
        imports=["from maagn.explain.faithfulness import cosine"],
    )
    return str(script)


def motion_code(answer: Answer) -> str:
    """The optical flow between the frames that the first network sees."""
    script = prepared(answer.question) + lines(
        "flow = motion(prepare(models[0], clip))\n"
        "speed = (flow.values**2).sum(axis=3) ** 0.5\n"
        "print(speed.mean(axis=(1, 2)), speed.max())  # pixels of the network's input per second",
        imports=["from maagn.explain.motion import motion", "from maagn.inference import prepare"],
    )
    return str(script)


def row_code(answer: Answer) -> str:
    """The paper's Figure 7 for the clip, as a picture."""
    script = explained(answer) + lines(
        'Image.fromarray(figure_row(reports)).save("figure-7.png")',
        imports=["from PIL import Image", "from maagn.figures.faithfulness import figure_row"],
    )
    return str(script)


VIEWS = ("Map", "A minus B", "Is it faithful?", "Motion", "Figure 7")


def show(view: str, answer: Answer, here: Selection) -> None:
    """Draw the view of that name, one of `VIEWS`."""
    if view == "A minus B":
        _contrast(answer, here)
    elif view == "Is it faithful?":
        faithful.show(answer, here)
    elif view == "Motion":
        key = ("motion", here.question)
        flow = worked_out(key, lambda _: worked(answer))
        if flow is not None:
            show_motion(answer, flow)
            elements.python(motion_code(answer))
    elif view == "Figure 7":
        if show_row(answer):
            elements.python(row_code(answer))
    else:
        show_maps(answer, moment=here.moment)
        lines = worked_out(
            ("pointed", here.question), lambda job: pointed_at(answer, job), height=60
        )
        if lines:
            elements.words("\n".join(lines), key="pointed")
        elements.python(notebook.explain(answer))


def _contrast(answer: Answer, here: Selection) -> None:
    other = other_class(answer)
    key = ("contrast", here.question, other)
    found = worked_out(key, lambda job: contrast(answer, other, job))
    if found is not None:
        signed, alike = found
        show_contrast(signed, alike, other, here.question, moment=here.moment)
        elements.python(against_code(answer, other))
