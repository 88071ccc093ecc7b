"""What networks said of each window of a film: bands, one pair over time, where they differ."""

import base64
import io
import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import UInt8
from PIL import Image

from app import downloads, elements, page, session
from app.elements import markdown
from app.gallery.film import Shown
from app.selection import Selection
from app.views.prediction import show_ranking
from app.views.stage import names_apart
from maagn.explain import timeline_file
from maagn.explain.timeline import NetworkTimeline, Timeline
from maagn.figures import timeline as charts
from maagn.figures.layout import percent
from maagn.figures.pair_colours import ClassLook, first_and_second, looks_of
from maagn.figures.palette import colour
from maagn.figures.timeline import Band, Line
from maagn.labels import ClassRelations
from maagn.section import Section
from maagn.video.overview import Overview

TRUTH = "True class"
_TOLD = 5  # classes of a window
_A_PAGE = 6  # moments
_PICTURES = 12  # of the film


def show(
    found: Timeline, here: Selection, truth: Sequence[Shown], pictures: Sequence[str] = ()
) -> None:
    """Draw it all; a click on a window, or a button, leads to Explore.

    Args:
        found: what the networks said, of one window at least.
        here: what is chosen: its section is marked.
        truth: what the film shows, where that is known.
        pictures: of equal parts of the film, as `strip` gives them.
    """
    facts = replace(elements.sheet().facts, clip=found.name, clip_digest=found.digest)
    elements.about(facts)
    relations = _relations(found, here, truth)
    looks = looks_of(_labels(found, truth), relations)
    _show_bands(found, here, truth, looks, pictures)
    if truth:
        elements.words(right_at_the_middle(found, truth), key="timeline-right")
    _choose_window(found, here)
    _show_lines(found, relations, moment_of(found, here))
    _show_moments(found, here, relations, looks)


def _relations(found: Timeline, here: Selection, truth: Sequence[Shown]) -> ClassRelations:
    first = found.answers[0].model.or_with(here.clip.pairs)
    others = {shown.label for shown in truth} - set(first.labels)
    if not others:
        return first.relations
    return ClassRelations.of((*first.labels, *sorted(others)))


def _labels(found: Timeline, truth: Sequence[Shown]) -> list[str]:
    """The classes that are shown and said, those of most windows first."""
    counts = Counter(shown.label for shown in truth for _ in found.answers)
    for answers in found.answers:
        counts.update(said(answers))
    return [label for label, _ in counts.most_common()]


def said(answers: NetworkTimeline) -> list[str]:
    """The most probable class of every window."""
    return [answers.model.labels[number] for number in answers.best]


def names_of(found: Timeline) -> tuple[str, ...]:
    """What people call each network."""
    return names_apart([answers.model for answers in found.answers])


def _show_bands(
    found: Timeline,
    here: Selection,
    truth: Sequence[Shown],
    looks: dict[str, ClassLook],
    pictures: Sequence[str],
) -> None:
    rows = [] if not truth else [_true_band(truth)]
    rows += [
        _band(found, answers, name)
        for answers, name in zip(found.answers, names_of(found), strict=True)
    ]
    state = elements.figure(
        charts.bands(
            rows,
            looks,
            seconds=found.film_seconds,
            cuts=found.cuts,
            section=here.clip.section,
            moment=moment_of(found, here),
            pictures=pictures,
        ),
        key="timeline",
        title="The top answer of every window: click one to open it in Explore",
        alt=f"A band for each of {', '.join(row.name for row in rows)} over "
        f"{found.film_seconds:.1f} s of {found.name}: coloured by the most probable class, as high "
        "as it is probable, upwards for a class and downwards for its opposite.",
        table=timeline_file.table(found),
        arrays=_arrays(found),
        more=_files(found),
        on_select="rerun",
        selection_mode="points",
    )
    elements.caption(
        "A band reaches as far as the network is sure: up for a class, ▲, down for its opposite, "
        "▼, both ways, ◆, for a class without one. A pair has one colour, dark and light. Dotted "
        "lines are cuts. Each answer is drawn at the middle of its window.",
        key="timeline-how",
    )
    points = state.selection.points if state is not None else []
    clicked = _clicked(points[0]["customdata"]) if points else None
    if session.changed("timeline-click", clicked) and clicked is not None:
        row, part = clicked
        is_truth = row == 0 and len(rows) > len(found.answers)
        open_in_explore(here, truth[part].section if is_truth else found.window(part))


def moment_of(found: Timeline, here: Selection) -> float | None:
    """The film's second that other pages look at; None where the address names none.

    Their moments are the middles of equal parts of what they see (`maagn.video.sampling`).
    """
    if here.moment is None:
        return None
    seen = here.clip.section or Section(0.0, found.film_seconds)
    frames = found.answers[0].model.spec.frames
    return seen.start + (2 * here.moment + 1) / (2 * frames) * seen.seconds


def _clicked(given: "dict[str, int] | list[int]") -> tuple[int, int]:
    """Row and part of a click; Streamlit gives an array as a mapping of its places."""
    row, part = map(int, given.values() if isinstance(given, dict) else given)
    return row, part


def strip(overview: Overview) -> tuple[str, ...]:
    """Pictures from the middles of equal parts of a film, as data URIs."""
    middles = (np.arange(_PICTURES) + 0.5) / _PICTURES * overview.film_seconds
    nearest = np.abs(overview.thumbnail_seconds[:, None] - middles).argmin(axis=0)
    return tuple(_as_uri(overview.thumbnails[place]) for place in nearest)


def _as_uri(picture: UInt8[np.ndarray, "h w 3"]) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def open_in_explore(here: Selection, section: Section) -> None:
    """Go to Explore with that part of the film; does not return."""
    page.open_clip(replace(here.clip, section=section))


def _true_band(truth: Sequence[Shown]) -> Band:
    return Band(
        TRUTH,
        np.array([*(shown.section.start for shown in truth), truth[-1].section.end]),
        tuple(shown.label for shown in truth),
        np.ones(len(truth)),
        tuple((shown.label, str(shown.section)) for shown in truth),
    )


def _band(found: Timeline, answers: NetworkTimeline, name: str) -> Band:
    top, shares = answers.top(_TOLD), answers.probabilities
    labels = answers.model.labels
    told = tuple(
        (
            str(found.window(number)),
            *(f"{percent(float(shares[number, one]))} {labels[one]}" for one in best),
        )
        for number, best in enumerate(top)
    )
    best = answers.best
    return Band(name, found.edges, tuple(said(answers)), shares[np.arange(len(best)), best], told)


def right_at_the_middle(found: Timeline, truth: Sequence[Shown]) -> str:
    """How often each network's answer is what the film shows at the middle of the window."""
    middles = (found.starts + found.ends) / 2
    ends = np.array([shown.section.end for shown in truth])
    shown = [truth[min(place, len(truth) - 1)].label for place in np.searchsorted(ends, middles)]
    told = []
    for answers, name in zip(found.answers, names_of(found), strict=True):
        right = sum(map(str.__eq__, said(answers), shown))
        told.append(f"{markdown(name)} in **{right}**")
    return (
        f"Of {len(shown)} windows the top answer is the class that is shown at their middle: "
        f"{', '.join(told)}. A window that lies over a cut shows two actions."
    )


def _choose_window(found: Timeline, here: Selection) -> None:
    """The way without a pointer: one window, its classes, and a button."""
    count = len(found.starts)
    section = here.clip.section
    start = 0 if section is None else int(np.abs(found.starts - section.start).argmin())
    words = [f"{a:.2f} to {b:.2f} s" for a, b in zip(found.starts, found.ends, strict=True)]
    number = 0
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    if count > 1:
        number = left.select_slider(
            "One window", range(count), value=start, format_func=words.__getitem__,
            key=f"timeline-window-{count}",
        )  # fmt: skip
    if right.button(
        "Open in Explore", key="timeline-open", icon=":material/play_circle:", width="stretch"
    ):
        open_in_explore(here, found.window(int(number)))
    columns = st.columns(len(found.answers), gap="medium")
    for column, answers, name in zip(columns, found.answers, names_of(found), strict=True):
        with column:
            shares, labels = answers.probabilities[number], answers.model.labels
            rows = [(labels[one], float(shares[one])) for one in answers.top(_TOLD)[number]]
            show_ranking(name, rows, colour=colour(answers.model.architecture.title))


def _show_lines(found: Timeline, relations: ClassRelations, moment: float | None) -> None:
    """One pair of opposites, or one class, over time."""
    options = _things(found, relations)
    session.heed_link("over", list(options), what="class or pair")
    chosen = st.selectbox(
        "A pair of opposites, or one class", list(options), key="over", bind="query-params"
    )
    first, second = options[chosen]
    middles = (found.starts + found.ends) / 2
    lines = []
    for answers, name in zip(found.answers, names_of(found), strict=True):
        labels, kind = answers.model.labels, answers.model.architecture.title
        values = (
            answers.probabilities[:, labels.index(first)]
            if second is None
            else answers.logits[:, labels.index(first)] - answers.logits[:, labels.index(second)]
        )
        lines.append(Line(name, colour(kind), middles, values.astype(np.float64)))
    seconds, cuts = found.film_seconds, found.cuts
    if second is None:
        fig = charts.shares_over_time(lines, first, seconds=seconds, cuts=cuts, moment=moment)
        alt = f"The probability of {first} over time, a line for each network."
    else:
        fig = charts.leanings_over_time(
            lines, first, second, seconds=seconds, cuts=cuts, moment=moment
        )
        alt = f"The log-odds of {first} against {second} over time, a line for each network."
    rows = pd.DataFrame({"seconds": middles} | {line.name: line.values for line in lines})
    elements.figure(fig, key="timeline-lines", title=str(chosen), alt=alt, table=rows)


def _things(found: Timeline, relations: ClassRelations) -> dict[str, tuple[str, str | None]]:
    """What lines can be drawn of: pairs first, those that are said most first of all."""
    labels = found.answers[0].model.labels
    order = list(dict.fromkeys([*_labels(found, ()), *labels]))
    pairs = [pair for one in order if (pair := first_and_second(one, relations))]
    options: dict[str, tuple[str, str | None]] = {" ↔ ".join(pair): pair for pair in pairs}
    return options | {label: (label, None) for label in order}


def moments(found: Timeline, relations: ClassRelations) -> pd.DataFrame:
    """Where networks differ: neighbouring windows with the same answers are one row.

    `first` and `last` are numbers of windows, `opposites` says whether two networks say opposites,
    and each network's column has its answer.
    """
    names = names_of(found)
    answers = list(zip(*(said(each) for each in found.answers), strict=True))
    rows = []
    for given, run in groupby(range(len(answers)), key=answers.__getitem__):
        numbers = list(run)
        if len(set(given)) == 1:
            continue
        opposite = any(relations.opposite_of(label) in given for label in given)
        rows.append(
            {"first": numbers[0], "last": numbers[-1], "opposites": opposite}
            | dict(zip(names, given, strict=True))
        )
    return pd.DataFrame(rows, columns=["first", "last", "opposites", *names])


def _show_moments(
    found: Timeline, here: Selection, relations: ClassRelations, looks: dict[str, ClassLook]
) -> None:
    if len(found.answers) < 2:
        return
    rows = moments(found, relations)
    st.subheader("Where do they differ?", anchor=False)
    if not len(rows):
        st.caption("Nowhere: in every window all networks give the same answer.")
        return
    opposite = int(rows["opposites"].sum())
    only = st.toggle(
        f"Only where one says the opposite of another: {opposite} of {len(rows)} moments",
        value=opposite > 0,
        disabled=not opposite,
        key="timeline-opposites",
    )
    shown = rows[rows["opposites"]] if only else rows
    pages = -(-len(shown) // _A_PAGE)
    at = st.pagination(pages, key=f"timeline-page-{only}") if pages > 1 else 1
    for _, row in shown.iloc[(int(at) - 1) * _A_PAGE : int(at) * _A_PAGE].iterrows():
        _moment(found, here, row.to_dict(), looks)
    with st.expander("All of them as a table"):
        elements.table(
            _times(found, rows), key="timeline-moments", title="Where the networks differ"
        )


def _moment(
    found: Timeline, here: Selection, row: Mapping[Hashable, object], looks: dict[str, ClassLook]
) -> None:
    """A row: a button with its time, and what each network says there."""
    first, last = int(str(row["first"])), int(str(row["last"]))
    middle = (first + last) // 2
    section = found.window(middle)
    edges = found.edges
    left, *others = st.columns(
        [2, *[3] * len(found.answers)], vertical_alignment="center", gap="small"
    )
    if left.button(
        f"{edges[first]:.1f} to {edges[last + 1]:.1f} s",
        key=f"timeline-moment-{first}",
        help=f"Open {section} in Explore",
        width="stretch",
    ):
        open_in_explore(here, section)
    for column, answers, name in zip(others, found.answers, names_of(found), strict=True):
        label = str(row[name])
        share = answers.probabilities[middle, answers.model.labels.index(label)]
        column.markdown(
            f"{markdown(name)}: {looks[label].mark} **{markdown(label)}**, {percent(float(share))}"
        )


def _times(found: Timeline, rows: pd.DataFrame) -> pd.DataFrame:
    edges = found.edges
    begins = edges[rows["first"].to_numpy(int)]
    ends = edges[rows["last"].to_numpy(int) + 1]
    told = rows.drop(columns=["first", "last"]).assign(
        opposites=["yes" if one else "no" for one in rows["opposites"]]
    )
    told.insert(0, "to, s", ends.round(3))
    told.insert(0, "from, s", begins.round(3))
    return told


def _files(found: Timeline) -> dict[str, list[downloads.Download]]:
    """Subtitles of each network, and everything as JSON."""

    def name(what: str, ending: str) -> str:
        return downloads.name_of(elements.sheet().facts, "timeline", what, ending=ending)

    subtitles = [
        downloads.Download(
            shown, name(shown, "vtt"), "text/vtt", partial(_subtitles, found, answers)
        )
        for answers, shown in zip(found.answers, names_of(found), strict=True)
    ]
    document = downloads.Download(
        "JSON", name("", "json"), "application/json", partial(_json, found)
    )
    return {"Subtitles to the film (WebVTT)": subtitles, "All of it": [document]}


def _subtitles(found: Timeline, answers: NetworkTimeline) -> bytes:
    return timeline_file.subtitles(found, answers).encode()


def _json(found: Timeline) -> bytes:
    return json.dumps(timeline_file.document(found)).encode()


def _arrays(found: Timeline) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {
        "starts": found.starts, "ends": found.ends, "cuts": np.array(found.cuts),
        "labels": np.array(found.answers[0].model.labels),
    }  # fmt: skip
    return arrays | {f"{each.model.name}.logits": each.logits for each in found.answers}
