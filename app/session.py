"""One visitor's choices; the only file that touches session state and query parameters.

Widgets that a link restores are bound to the address by Streamlit itself (`bind="query-params"`).
What is no widget, the clip and the moment, is kept here.
"""

import secrets
from collections.abc import Sequence

import streamlit as st

from app import uploads
from app.selection import ClipChoice
from app.uploads import Holder

_CHOICE = "clip_choice"
_LINK_SEEN = "clip_link"
_HOLDER = "upload_holder"
_UPLOADED = "uploaded_clips"
_NOTES = "link_notes"
_SHEET = "sheet"
_TOUR = "tour_answers"
_VISITOR = "visitor"
_CAME_BARE = "came_bare"


def visitor() -> str:
    """What tells this visitor from the others, while the page is open."""
    name: str = st.session_state.setdefault(_VISITOR, secrets.token_hex(8))
    return name


def came_bare(page: str) -> bool:
    """Whether this visitor's address asked for nothing at first: no page and no choice.

    Args:
        page: that is drawn now, as it stands in the address; "" for the first.
    """
    bare: bool = st.session_state.setdefault(_CAME_BARE, not page and not st.query_params)
    return bare


def stay() -> None:
    """From now on the visitor counts as one who came to where they are."""
    st.session_state[_CAME_BARE] = False


def chosen_clip() -> ClipChoice | None:
    """The clip on the page, if one was chosen."""
    choice = st.session_state.get(_CHOICE)
    return choice if isinstance(choice, ClipChoice) else None


def choose_clip(choice: ClipChoice) -> None:
    """Put a clip on the page."""
    st.session_state[_CHOICE] = choice


def clip_asked_for() -> str | None:
    """What the address asks for, where that is not what was last put there; told once."""
    asked = st.query_params.get("clip")
    if asked is None or asked == st.session_state.get(_LINK_SEEN):
        return None
    st.session_state[_LINK_SEEN] = asked
    return asked


def put_clip_in_link(link: str | None) -> None:
    """Make the address show the clip on the page; None where no address can."""
    st.session_state[_LINK_SEEN] = link
    if link is None:
        st.query_params.pop("clip", None)
    elif st.query_params.get("clip") != link:
        st.query_params["clip"] = link


def moment_in_link(frames: int) -> int:
    """The sampled frame that the address asks for; the first where it asks for none."""
    asked = st.query_params.get("moment")
    if asked is None:
        return 0
    if _is_number(asked) and int(asked) < frames:
        return int(asked)
    note(
        f"The link asks for frame {asked[:80]}, but networks see {frames} frames, from 0: "
        "first shown."
    )
    st.query_params.pop("moment", None)
    return 0


def heed_link(key: str, options: Sequence[object], *, what: str) -> None:
    """Before a bound widget is made: say so if the address asks for what there is not.

    Streamlit leaves such a value out without a word.
    """
    asked = st.query_params.get(key)
    if asked is not None and asked not in {str(option) for option in options}:
        note(f"The link asks for {what} {asked[:80]!r}, which there is not: it was left out.")


def put_choice(key: str, value: object) -> None:
    """Choose for a widget that is drawn later in the same run."""
    st.session_state[key] = value


def note(text: str) -> None:
    """Something to tell the visitor on the next page that is drawn."""
    notes = st.session_state.setdefault(_NOTES, [])
    if text not in notes:
        notes.append(text)


def take_notes() -> list[str]:
    """What is to be told, once."""
    notes: list[str] = st.session_state.pop(_NOTES, [])
    return notes


def holder() -> Holder:
    """What keeps this visitor's uploads; goes when the session goes."""
    if _HOLDER not in st.session_state:
        st.session_state[_HOLDER] = Holder(uploads.ALL)
    found: Holder = st.session_state[_HOLDER]
    return found


def sheet() -> object:
    """What is drawn on the page at present, for the report; `app.exhibit` knows its type."""
    return st.session_state.get(_SHEET)


def put_sheet(sheet: object) -> None:
    """A page begins with an empty sheet."""
    st.session_state[_SHEET] = sheet


def uploaded() -> tuple[ClipChoice, ...]:
    """The visitor's own files, as they stand in the upload's list; each content once."""
    found: dict[str, ClipChoice] = st.session_state.get(_UPLOADED, {})
    return tuple(dict.fromkeys(found.values()))


def keep_uploaded(clips: dict[str, ClipChoice]) -> list[ClipChoice]:
    """Remember the visitor's own files by the upload's number, and give those that are new."""
    before: dict[str, ClipChoice] = st.session_state.get(_UPLOADED, {})
    st.session_state[_UPLOADED] = clips
    return [clip for number, clip in clips.items() if number not in before]


def changed(what: str, value: object) -> bool:
    """Whether a choice differs from what it was when this was last asked."""
    before = st.session_state.get(f"seen-{what}")
    st.session_state[f"seen-{what}"] = value
    return bool(before != value)


def step_in_link(steps: int) -> int:
    """The step of the tour that the address asks for, from 0; the first where it asks for none."""
    asked = st.query_params.get("step")
    if asked is None:
        return 0
    if _is_number(asked) and 1 <= int(asked) <= steps:
        return int(asked) - 1
    note(f"The link asks for step {asked[:80]!r}, but the tour has {steps}: the first is shown.")
    put_step(0)
    return 0


def put_step(step: int) -> None:
    """Make the address show a step of the tour, counted from 0."""
    st.query_params["step"] = str(step + 1)


def tour_answers() -> dict[int, tuple[str, ...]]:
    """What this visitor predicted at each step of the tour, by its number from 0."""
    answers: dict[int, tuple[str, ...]] = st.session_state.setdefault(_TOUR, {})
    return answers


def turn(what: str) -> int:
    """How often something was begun anew: part of its widget's key."""
    return int(st.session_state.get(f"turn-{what}", 0))


def next_turn(what: str) -> None:
    """Begin anew."""
    st.session_state[f"turn-{what}"] = turn(what) + 1


def pin(link: str) -> None:
    """Keep a clip to compare others with."""
    st.query_params["pin"] = link


def unpin() -> None:
    """Let it go."""
    st.query_params.pop("pin", None)


def pinned() -> ClipChoice | None:
    """The clip that is kept, also by a link."""
    asked = st.query_params.get("pin")
    found = ClipChoice.of_link(asked)
    if asked is not None and found is None:
        note(f"The link pins clip {asked[:80]!r}, which there is not.")
        unpin()
    return found


def cell(classes: int) -> tuple[int, int] | None:
    """The cell of the confusion matrix that the address names: true class, answer."""
    asked = st.query_params.get("cell")
    if asked is None:
        return None
    true, _, answered = asked.partition("-")
    if _is_number(true) and _is_number(answered) and max(int(true), int(answered)) < classes:
        return int(true), int(answered)
    note(f"The link asks for cell {asked[:80]!r}, which there is not: it was left out.")
    st.query_params.pop("cell", None)
    return None


def put_cell(chosen: tuple[int, int]) -> None:
    """Make the address name a cell."""
    st.query_params["cell"] = f"{chosen[0]}-{chosen[1]}"


def _is_number(text: str) -> bool:
    """Whether a link's text is a number that may be looked at: Python refuses to read long ones."""
    return text.isdecimal() and len(text) < 10
