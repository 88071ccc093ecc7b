"""What would MAAGN answer if a module weighed otherwise? Switches and bars, and the answer."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app import audits, cache, elements, page, session
from app.components.brush import Bars, show_brush
from app.elements import markdown
from app.gallery.catalogue import gallery
from app.jobs import Job
from app.networks import choose_where
from app.selection import Question, Selection
from app.views import whatif
from app.views.whatif import Outcome, draw
from app.work import worked_out
from maagn.explain.attention import GATE, MTAM, MTAM_ANGLES, SDM, gates, modules_missing
from maagn.explain.interventions import Changes, Intervention, Values, change, mask_values
from maagn.types import ForwardTrace

_SWITCHES = {f"{part.module} {part.angle}".strip(): part for part in (SDM, *MTAM_ANGLES, GATE)}
_BARS = {"SDM mask": SDM, "MTAM sum": MTAM, "Gate factor": GATE}
_OWN, _AVERAGE, _ANOTHER = "its own", "their average over clips", "another clip's"
_MOST_FACTOR = 2.0  # that a gate's output is multiplied by


@st.fragment
def show(selection: Selection) -> None:
    """Switches for every path; bars for the path of the sidebar; MAAGN before and after."""
    _choose_and_draw(selection)
    page.finish()


def _choose_and_draw(selection: Selection) -> None:
    name = next((n for n in selection.question.models if _has_modules(n)), None)
    if name is None:
        elements.dead_end(
            _none(selection.question.models),
            key="modules",
            ways=choose_where(lambda card: modules_missing(card, all_masks=False) is None),
        )
        return
    question = selection.question
    traced = worked_out(
        ("traced", question.clip, name, question.digests),
        lambda _: cache.traced(name, cache.clip(question.clip, question.models)),
    )
    if traced is None:
        return
    st.caption(
        "Switching a module off is not training without it: the other layers expect what they "
        "were trained with. Off means: SDM, S = X; an MTAM mask, left out of the sum; AGM, "
        "Y = S + M."
    )
    offs = _switches(traced, cache.card(name).spec.levels)
    given = _other_masks(selection, name, traced)
    edited = _bars(selection, name, traced, given)
    changes = tuple(
        Intervention(off=off, **(edited if index == selection.path else {}))
        for index, off in enumerate(offs)
    )
    found = worked_out(
        ("change", question.clip, name, question.digests, changes),
        lambda job: _changed(question, name, traced, changes, job),
        height=300,
    )
    if found is not None:
        draw([found], about=question.target or traced.prediction.top(1)[0][0])
        elements.python(whatif.modules_code(question, name, changes))


def _has_modules(name: str) -> bool:
    return modules_missing(cache.card(name), all_masks=False) is None


def _none(names: Sequence[str]) -> str:
    """Why no network's modules can be switched: what is told of a MAAGN among them goes first."""
    for card in map(cache.card, names):
        missing = modules_missing(card, all_masks=False)
        if card.paths and missing is not None:
            return markdown(missing)
    return "None of these networks has SDM, MTAM and AGM: choose networks with a MAAGN among them."


def _changed(
    question: Question, name: str, traced: ForwardTrace, changes: Changes, job: Job
) -> Outcome:
    job.step(0.1, "Running the paths again")
    after = change(cache.model(name), traced, changes)
    relations = cache.card(name).or_with(question.clip.pairs).relations
    return Outcome("MAAGN", traced.prediction, after, relations)


def _switches(traced: ForwardTrace, levels: tuple[int, ...]) -> list[frozenset[str]]:
    """Draw a switch for each part that the network has; of each path, those that are off."""
    found = []
    keys = {title: part.key for title, part in _SWITCHES.items() if part.on(0) in traced.taps}
    for column, (index, level) in zip(st.columns(len(levels)), enumerate(levels), strict=True):
        off = column.pills(
            f"Off on path res{level}",
            list(keys),
            selection_mode="multi",
            key=f"off{index}",
            wrap=True,
            bind="query-params",
        )
        found.append(frozenset(keys[name] for name in off))
    return found


def _other_masks(selection: Selection, name: str, traced: ForwardTrace) -> dict[str, Values]:
    """Draw the choice of whose masks the path has; of each mask that is not its own, the values."""
    model, path = cache.card(name), selection.path
    options = [_OWN, _ANOTHER]
    averages = {mask.name: audits.average_of(model, mask, path) for mask in (SDM, MTAM)}
    if all(averages.values()):
        options.insert(1, _AVERAGE)
    left, right = st.columns(2, vertical_alignment="bottom")
    chosen = left.segmented_control(
        f"Masks of path res{model.spec.levels[path]}",
        options,
        default=_OWN,
        required=True,
        key=f"masks{path}",
        help="A mask that follows the clip is missed when another takes its place.",
    )
    if chosen == _AVERAGE:
        return {mask: values for mask, values in averages.items() if values is not None}
    if chosen != _ANOTHER:
        return {}
    own = selection.question.clip.link
    clips = {clip.name: clip for clip in gallery() if clip.name != own}
    other = right.selectbox(
        "Of the clip",
        list(clips),
        format_func=lambda file: f"{clips[file].label} · {file.removesuffix('.mp4')[-1]}",
        key=f"masks-clip{path}",
    )
    choice = clips[other].choice()
    theirs = worked_out(
        ("traced", choice, name, selection.question.digests),
        lambda _: cache.traced(name, cache.clip(choice, selection.question.models)),
    )
    if theirs is None:
        return {}
    return {
        mask.name: mask_values(theirs, mask, path)
        for mask in (SDM, MTAM)
        if mask.on(path) in theirs.taps and mask.on(path) in traced.taps
    }


def _bars(
    selection: Selection, name: str, traced: ForwardTrace, given: dict[str, Values]
) -> dict[str, Values]:
    """Draw the mask bars of the chosen path; the values that were dragged, or else `given`."""
    index = selection.path
    seconds = tuple(traced.path_seconds[index].tolist())
    rows = []
    for title, quantity in _BARS.items():
        if quantity.bounds is None:
            own, high = (1.0,) * len(seconds), _MOST_FACTOR
        else:
            mask = traced.taps[quantity.on(index)].detach()
            own = tuple(mask.mean(dim=(0, 2, 3, 4)).tolist())
            high = quantity.bounds[1]
        shown = tuple(
            float(np.mean(value)) if value is not None else mine
            for value, mine in zip(given.get(quantity.name, own), own, strict=True)
        )
        rows.append(Bars(title, quantity.module, own, shown, seconds, high))
    silent = [gate.silent for gate in gates(cache.model(name), traced)]
    st.markdown(
        f"**Drag a bar of path res{cache.card(name).spec.levels[index]}**, or focus it and use the "
        "arrow keys; the dashed line is the clip's own value. Choose another path on the left: the "
        "bars of one path count at a time."
        + (
            " A mask's bar is the mean over a frame's channels; dragged, all of them get its value."
            if cache.card(name).spec.pooling == "channel"
            else ""
        )
    )
    of = f"{traced.clip.digest[:8]}-{selection.clip.section}"
    edits = show_brush(rows, key=f"brush-{session.turn('brush')}-{of}-{index}")
    if silent[index]:
        st.caption("Alpha is zero on this path, so the gate adds nothing, whatever its factor.")
    st.button("Back to the network's own", key="own", on_click=_reset, args=(len(silent),))
    return {
        quantity.name: _laid_over(given.get(quantity.name, ()), tuple(edits[title]))
        for title, quantity in _BARS.items()
    }


def _laid_over(given: Values, dragged: Values) -> Values:
    """The dragged values, and in frames without one those that are given."""
    if not given or not dragged:
        return dragged or given
    return tuple(
        mine if mine is not None else value for mine, value in zip(dragged, given, strict=True)
    )


def _reset(paths: int) -> None:
    """Switch every module on, and discard dragged mask values."""
    session.next_turn("brush")
    for index in range(paths):
        session.put_choice(f"off{index}", [])
        st.session_state.pop(f"masks{index}", None)
