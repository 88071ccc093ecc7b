"""The film of a network's map over the clip, made when it is asked for."""

import tempfile
from pathlib import Path

import streamlit as st

from app import downloads, session
from app.elements import markdown
from app.jobs import Job
from app.predictions import Answer
from app.views.stage import facts_of, told_apart
from app.work import worked_out
from maagn.data.read import every_frame_of
from maagn.data.videos import Video
from maagn.explain.report import Report

ALL, SAMPLED = "All frames", "Sampled frames only"


def offer(answer: Answer) -> None:
    """Let the visitor ask for the film of one network, and give it to them."""
    names = told_apart(answer.reports)
    with st.container(border=True, key="overlay-video"):
        st.markdown("**Overlay video (MP4)**")
        st.caption(
            "The clip with one network's map over it, at the clip's own times. Between two frames "
            "that the network saw, the map is mixed from theirs."
        )
        name = st.segmented_control(
            "Network", names, default=names[0], required=True, key="film-network",
            format_func=markdown,
        )  # fmt: skip
        frames = st.segmented_control("Make the video of", [ALL, SAMPLED], key="film-frames")
        if frames is None:
            return
        report = answer.reports[names.index(str(name))]
        content = worked_out(
            ("film", answer.question, report.model.name, frames),
            lambda job: film(answer, report, job, sampled=frames == SAMPLED),
            height=60,
        )
        if content is None:
            return
        what = ("overlay", str(name), "sampled" if frames == SAMPLED else "")
        st.download_button(
            "Save the video",
            content,
            downloads.name_of(facts_of(answer), session.page(), " ".join(what), ending="mp4"),
            "video/mp4",
            on_click="ignore",
            icon=":material/download:",
            key="film",
        )


def film(answer: Answer, report: Report, job: Job, *, sampled: bool) -> bytes:
    """The film as MP4.

    Args:
        answer: whose clip it is.
        report: whose map it is, one of the answer's.
        job: is told how far the work is.
        sampled: whether it has those frames alone that the network saw.
    """
    # Matplotlib comes with it, and is not waited for until somebody asks for a film.
    from maagn.figures.overlay_video import picture_height, write_overlay

    clip = answer.question.clip
    pictures = None
    if not sampled and clip.path is not None:  # a rendered clip has no frames but those
        video = Video(clip.name, clip.path, None, root=clip.root, pictures=clip.pictures)
        pictures = every_frame_of(video, report.clip, height=picture_height(report.clip))
    with tempfile.TemporaryDirectory(prefix="maagn-film-") as folder:
        path = Path(folder) / "film.mp4"
        write_overlay(
            path,
            report,
            pictures,
            truth=clip.label,
            step=lambda part: job.step(part, "Drawing the video"),
        )
        return path.read_bytes()
