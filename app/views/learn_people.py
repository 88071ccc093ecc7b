"""What the tour's last steps show: filmed clips, and the figures of those that were left out."""

from dataclasses import replace

import streamlit as st

from app import elements, networks, page
from app.elements import markdown
from app.gallery.catalogue import SOURCE, filmed
from app.predictions import Answer, answer
from app.selection import ClipChoice
from app.tour.lesson import Lesson, Step
from app.tour.people import ACTIONS, NETWORKS, People
from app.views import teach_result
from app.views.learn_clips import bare, side_by_side, turned
from app.views.notebook import lines
from app.work import worked_out
from maagn.figures.left_out import leanings

_THUMBNAIL = 136  # pixels: six a row on a page, two on a phone


def people_code() -> str:
    """Lines that give the figures of the left-out clips, and what single pictures tell."""
    return str(
        lines(
            'folder = folder_of("walking")\n'
            "for one in read_results(folder / LEFT_OUT):\n"
            "    print(one.model, share(one.answer == one.truth))\n"
            "    print(one.model, share(one.reversed_answer == one.opposites[one.truth]))\n"
            "for leak in read_teaching(folder).leaks:\n"
            "    print(leak.reader, leak.right, leak.chance)",
            imports=[
                "from maagn.checkpoint import folder_of",
                "from maagn.evaluate.intervals import share",
                "from maagn.evaluate.results import read_results",
                "from maagn.teach.report import LEFT_OUT, read_teaching",
            ],
        )
    )


def before(step: Step, lesson: Lesson, people: People) -> None:
    """What is shown before the learner predicts."""
    match step.panel:
        case "person":
            seen = _seen(lesson, people.clip)
            if seen is not None:
                elements.player(bare(seen), key="tour-person")
        case "taught":
            _all_clips()
        case _:
            _both(lesson, people)
    _source()


def after(step: Step, lesson: Lesson, people: People) -> None:
    """What is shown beneath the finding."""
    match step.panel:
        case "person":
            seen = _seen(lesson, people.clip)
            if seen is not None:
                view = bare(seen, title="As filmed")
                back = replace(turned(view), note=view.note)  # its heading says which way
                side_by_side({"tour-person": view, "tour-person-turned": back})
        case "taught":
            _left_out(people)
            _all_clips()
        case _:
            elements.table(
                teach_result.leak_rows(people.report), key="tour-leaks",
                title="What do pictures tell without order?",
            )  # fmt: skip
            _both(lesson, people)
    _source()


def look_further(step: Step, people: People) -> None:
    """Go to a page with the clip and the networks taught from it; at last, to one's own."""
    there = page.named(step.page)
    if step.panel == "leaks":
        st.page_link(there, label="Teach them your own", icon=there.icon)
    elif st.button(
        f"Look further with these networks: {there.title}",
        icon=there.icon, key="tour-further", type="tertiary",
    ):  # fmt: skip
        # No link: what it asks of a widget that is there already is not heard.
        page.open_clip(people.clip, page=step.page, networks=networks.group_of(people.networks[0]))


def _seen(lesson: Lesson, choice: ClipChoice) -> Answer | None:
    """A clip as the tour's MAAGN sees it; its answer is not shown."""
    question = lesson.answer.question
    asked = replace(question, clip=choice, models=question.models[:1])
    return worked_out(("person", asked), lambda job: answer(asked, job))


def _both(lesson: Lesson, people: People) -> None:
    """The same person coming in and going out."""
    seen = [_seen(lesson, choice) for choice in (people.clip, people.other)]
    views = [bare(one, title=str(one.question.clip.label)) for one in seen if one is not None]
    if len(views) == len(seen):
        side_by_side(dict(zip(("tour-in", "tour-out"), views, strict=True)))


def _all_clips() -> None:
    with st.container(horizontal=True):
        for clip in filmed():
            st.image(clip.thumbnail, caption=markdown(clip.label), width=_THUMBNAIL)


def _source() -> None:
    elements.caption(f"Clips: {SOURCE}.", key="tour-source")


def _left_out(people: People) -> None:
    report = people.report
    elements.table(
        teach_result.rows(report),
        key="tour-left-out",
        title=f"Left-out clips (n = {sum(report.clips)})",
    )
    elements.caption(
        f"{teach_result.note(report)} These were filmed in one room, and each person both comes in "
        "and goes out.",
        key="tour-left-out-note",
    )
    first = people.left_out.predictions[0]
    ratios = {kind: people.log_ratios(kind) for kind in NETWORKS}
    elements.figure(
        leanings(ratios, first.truth == 0, label=ACTIONS[0], opposite=ACTIONS[1]),
        key="tour-leanings",
        title="Which way does each network lean, clip by clip?",
        alt="Each network's log ratio of coming in to going out, one mark for every left-out clip.",
        table=people.table(),
        arrays=ratios,
    )
