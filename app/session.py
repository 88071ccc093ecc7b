"""One visitor's choices; the only file that touches session state and query parameters.

Widgets that a link restores are bound to the address by Streamlit itself (`bind="query-params"`).
What is no widget, the clip and the moment, is kept here.
"""

import re
import secrets
from collections.abc import Callable, Container, Sequence
from dataclasses import replace

import streamlit as st

from app.selection import ClipChoice
from app.server import login, uploads
from app.server.uploads import Holder
from maagn.errors import SectionError
from maagn.section import Section

_CHOICE = "clip_choice"
_SHOWN = "clip_shown"
_LINK_SEEN = "clip_link"
_SECTION_SEEN = "section_link"
_ENDS = ("start", "end")  # of a section, in the address
_HOLDER = "upload_holder"
_UPLOADED = "uploaded_clips"
_ACTED = "acted_clips"
_NOTES = "link_notes"
_SHEET = "sheet"
_PAGE = "page"
_SELECTION = "selection"
_BY_PAGE = "choices_by_page"
_TOUR = "tour_answers"
_VISITOR = "visitor"
_BROWSER = "browser"
_CAME_BARE = "came_bare"
_CHOSEN = "unbound_choices"
_SEEN = "unbound_choices_in_address"
_MOMENT = "moment"
_PLAYED = "clip_played"
_LATER = "choose_later"
_RECORDINGS = "recordings"
_RECORDED = "recordings_taken"
_LONGEST_NUMBER = 20  # letters of a link that are looked at
_WAITING = 2  # recordings of a camera that no run has taken: more are nobody's, and fill the memory
_UNBOUND = (
    "pin",
    "cell",
    "near",
    "step",
)  # what the address names beside the clip and bound widgets


def visitor() -> str:
    """An id of this visitor's session."""
    name: str = st.session_state.setdefault(_VISITOR, secrets.token_hex(8))
    return name


BROWSER_COOKIE = "maagn-browser"
_BROWSER_NUMBER = re.compile(r"[0-9a-f]{32}")


def browser() -> str:
    """A number by which this visitor's browser is known again: that of its cookie, or a new one."""
    known = st.session_state.get(_BROWSER) or st.context.cookies.get(BROWSER_COOKIE)
    if not isinstance(known, str) or not _BROWSER_NUMBER.fullmatch(known):
        known = secrets.token_hex(16)
    st.session_state[_BROWSER] = known
    return known


def owner() -> str:
    """Whose collections the visitor sees: theirs who is logged in, else those of this browser.

    Raises:
        LoginError: nobody is logged in, where they have to be.
    """
    return login.owner() or browser()


def came_bare(page: str) -> bool:
    """Whether this visitor's address asked for nothing at first: no page and no choice.

    Args:
        page: that is drawn now, as it stands in the address; "" for the first.
    """
    bare: bool = st.session_state.setdefault(_CAME_BARE, not page and not st.query_params)
    return bare


def stay() -> None:
    """Mark the visitor as having arrived, so that they are not redirected again."""
    st.session_state[_CAME_BARE] = False


def chosen_clip() -> ClipChoice | None:
    """The clip chosen for the page; None if none was chosen."""
    choice = st.session_state.get(_CHOICE)
    return choice if isinstance(choice, ClipChoice) else None


def choose_clip(choice: ClipChoice) -> None:
    """Choose the clip that pages show."""
    st.session_state[_CHOICE] = choice


def clip_asked_for() -> str | None:
    """The clip named by the address, if it differs from what was last written there; once."""
    asked = st.query_params.get("clip")
    if asked is None or asked == st.session_state.get(_LINK_SEEN):
        return None
    st.session_state[_LINK_SEEN] = asked
    st.session_state.pop(_SECTION_SEEN, None)  # it was the other clip's
    return asked


def with_section_of_link(choice: ClipChoice) -> ClipChoice:
    """The clip with the section that the address names, if that has changed; a bad one is noted."""
    asked = tuple(st.query_params.get(key) for key in _ENDS)
    if asked in ((None, None), st.session_state.get(_SECTION_SEEN)):
        return choice
    st.session_state[_SECTION_SEEN] = asked
    try:
        section = Section(*(_seconds(text) for text in asked))
    except SectionError as error:
        note(f"The section of this link cannot be shown, and is ignored. {error}")
        return replace(choice, section=None)
    return replace(choice, section=section)


def _seconds(text: str | None) -> float:
    """A number of a link.

    Raises:
        SectionError: it is none.
    """
    if text is None:
        raise SectionError("A section needs a start and an end.")
    try:
        return float(text[:_LONGEST_NUMBER])
    except ValueError as error:
        raise SectionError(f"{text[:80]!r} is no number of seconds.") from error


def section_in_link(section: Section | None) -> dict[str, str]:
    """How the address names a section; nothing for a whole clip."""
    return {} if section is None else {"start": f"{section.start:.3f}", "end": f"{section.end:.3f}"}


def in_address(key: str) -> bool:
    """Whether the address asks for something by that name."""
    return key in st.query_params


def put_clip_in_link(link: str | None) -> None:
    """Write the clip's link to the address; None removes it."""
    st.session_state[_LINK_SEEN] = link
    if link is None:
        st.query_params.pop("clip", None)
    elif st.query_params.get("clip") != link:
        st.query_params["clip"] = link


def show_clip(choice: ClipChoice) -> None:
    """Set the clip of this run, and write it to the address."""
    if st.session_state.get(_SHOWN, choice) != choice:
        _put_moment("")  # it was the other clip's
    show_section(choice)
    put_clip_in_link(choice.link)


def show_section(choice: ClipChoice) -> None:
    """Set the section of this run's clip, and write it to the address, unless it is an upload's."""
    st.session_state[_SHOWN] = choice
    choose_clip(choice)
    link = {} if is_upload(choice) else section_in_link(choice.section)
    st.session_state[_SECTION_SEEN] = tuple(link.get(key) for key in _ENDS)
    for key in _ENDS:
        if key not in link:
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != link[key]:
            st.query_params[key] = link[key]


def is_upload(choice: ClipChoice) -> bool:
    """Whether no address can name it: in another browser it would be another clip."""
    return choice.path is not None and choice.path.parent == uploads.ALL.folder


def section_of_strip(strip: str) -> Section | None:
    """The section that a film strip just sent; None where it is none.

    Args:
        strip: key of the component.
    """
    sent = st.session_state[strip].get("section")
    try:
        return Section(round(float(sent["start"]), 3), round(float(sent["end"]), 3))
    except (KeyError, TypeError, ValueError, SectionError):
        return None


def hold(*keys: str) -> None:
    """Before the widgets of a run are made: put back what a link within the app left out.

    From page to page the browser carries what is bound to widgets and nothing else, and
    `st.switch_page` not even that. Streamlit writes a widget's choice to the address when it is
    made, and never again while the widget stands. The moment follows the address, where the
    player writes it by itself.

    Args:
        keys: of the bound widgets.
    """
    for key in keys:
        if key in st.session_state and key not in st.query_params:
            st.session_state[key] = st.session_state[key]
    for key in _UNBOUND:
        _hold_unbound(key)
    if _MOMENT in st.session_state:
        _put_moment(st.query_params.get(_MOMENT, ""))


def _hold_unbound(key: str) -> None:
    """Between runs the address is ahead where it has changed; else what was chosen here is.

    It is written here and not where the choice is made: what is written before a run begins anew
    can reach the browser too early, and is then overtaken by the old address.
    """
    asked, kept, seen = st.query_params.get(key), _kept(), _kept(_SEEN)
    if asked is not None and asked != seen.get(key):
        kept[key] = asked
    chosen = kept.get(key)
    if chosen is None:
        st.query_params.pop(key, None)
        seen.pop(key, None)
        return
    if chosen != asked:
        st.query_params[key] = chosen
    seen[key] = chosen


def _kept(which: str = _CHOSEN) -> dict[str, str]:
    """Choices kept in the address without a widget, by parameter name."""
    texts: dict[str, str] = st.session_state.setdefault(which, {})
    return texts


def is_played(clip: str) -> bool:
    """Whether the visitor has played that clip, the last that they played."""
    return bool(st.session_state.get(_PLAYED) == clip)


def play(clip: str) -> None:
    """Mark a clip as played: its film is made."""
    st.session_state[_PLAYED] = clip


def _put_moment(text: str) -> None:
    if st.session_state.get(_MOMENT) != text:
        st.session_state[_MOMENT] = text


def moment_in_link(frames: int) -> int | None:
    """The sampled frame that the address asks for; None where it asks for none.

    A hidden widget is bound to it, because the browser carries nothing else from page to page.
    """
    asked = str(st.session_state.get(_MOMENT, st.query_params.get(_MOMENT, "")))
    moment = int(asked) if _is_number(asked) else None
    if moment is None or moment >= frames:
        if asked and changed("moment-refused", asked):  # it goes from the address a run later
            note(
                f"The link asks for frame {asked[:80]}, but networks see {frames} frames, from 0: "
                "it opens where most moves."
            )
        _put_moment("")
        moment = None
    with st.container(key="moment-of-address"):  # hidden by style.css
        st.text_input("Moment", key=_MOMENT, bind="query-params")
    return moment


_RENAMED = {("class", "The first model's answer"): "The first model's prediction"}
"""Choices whose label has changed since links with it were copied: parameter, old label, new."""


def heed_link(
    key: str, options: Sequence[object], *, what: str, default: object | None = None
) -> None:
    """Before a bound widget is made: say so if what is asked for is not there.

    Streamlit leaves such a value out without a word, and keeps one that was chosen among other
    options.

    Args:
        key: of the widget, and in the address.
        options: that there are now.
        what: they are, for people.
        default: what is chosen in place of a choice that is not there any more; None is the first.
    """
    texts = {str(option) for option in options}
    renamed = _RENAMED.get((key, st.query_params.get(key, "")))
    if renamed is not None:
        st.query_params[key] = renamed
    asked, chosen = st.query_params.get(key), st.session_state.get(key)
    gone = chosen is not None and str(chosen) not in texts
    if gone:
        st.session_state[key] = options[0] if default is None else default
    if asked is None or asked in texts:
        return
    if gone and asked == str(chosen):
        note(f"The {what} {asked[:80]!r} is not among the present choices; ignored.")
    else:
        note(f"The {what} {asked[:80]!r} of this link is unknown; ignored.")


def of_this_page(key: str, page: str) -> None:
    """Before a bound widget whose key other pages use for choices of their own.

    Without a choice in the address, the one that was last made on this page holds.

    Args:
        key: of the widget.
        page: which remembers its own choice.
    """
    kept: dict[tuple[str, str], object] = st.session_state.setdefault(_BY_PAGE, {})
    last = (key, "")
    if kept.get(last) not in (None, page) and key not in st.query_params:
        if (key, page) in kept:
            st.session_state[key] = kept[key, page]
        else:
            st.session_state.pop(key, None)
    kept[last] = page


def keep_for_page(key: str, page: str, value: object) -> None:
    """Remember this page's choice; call it after the widget is drawn."""
    st.session_state[_BY_PAGE][key, page] = value


def networks_chosen() -> str:
    """Title of the class set that is chosen; "" where none was."""
    return str(st.session_state.get("networks", ""))


def choose_later(key: str, value: str) -> None:
    """Choose a widget's value in the next run, before it is drawn.

    Args:
        key: of the widget, for which `put_chosen` is called.
        value: one of its options.
    """
    st.session_state[f"{_LATER}-{key}"] = value


def put_chosen(key: str) -> None:
    """Before a widget is drawn: take what the last run chose for it."""
    if f"{_LATER}-{key}" in st.session_state:
        st.session_state[key] = st.session_state.pop(f"{_LATER}-{key}")


def put_choice(key: str, value: object) -> None:
    """Set the value of a widget that is drawn later in the same run."""
    st.session_state[key] = value


def note(text: str) -> None:
    """Queue a note for the visitor, shown when the next page is drawn."""
    notes = st.session_state.setdefault(_NOTES, [])
    if text not in notes:
        notes.append(text)


def take_notes() -> list[str]:
    """Return the notes to show, and clear them."""
    notes: list[str] = st.session_state.pop(_NOTES, [])
    return notes


def holder() -> Holder:
    """The holder of this visitor's uploads; ends with the session."""
    if _HOLDER not in st.session_state:
        st.session_state[_HOLDER] = Holder(uploads.ALL)
    found: Holder = st.session_state[_HOLDER]
    return found


def sheet() -> object:
    """What is drawn on the page at present, for the report; `app.elements` knows its type."""
    return st.session_state.get(_SHEET)


def put_sheet(sheet: object) -> None:
    """Store the contents of the page that is being drawn."""
    st.session_state[_SHEET] = sheet


def page() -> str:
    """The page that is drawn, as it stands in the address; `explore` is the first."""
    return str(st.session_state.get(_PAGE) or "explore")


def put_page(name: str) -> None:
    """Store the page that is about to be drawn; "" is the first."""
    st.session_state[_PAGE] = name


def selection() -> object:
    """What the sidebar gave in this run; `app.page` knows its type."""
    return st.session_state.get(_SELECTION)


def put_selection(selection: object) -> None:
    """Store the sidebar's selection for the page of this run."""
    st.session_state[_SELECTION] = selection


def uploaded() -> tuple[ClipChoice, ...]:
    """The visitor's own files: of the upload's list, then of the camera; each content once."""
    found: dict[str, ClipChoice] = st.session_state.get(_UPLOADED, {})
    acted: list[ClipChoice] = st.session_state.get(_ACTED, [])
    return tuple(dict.fromkeys([*found.values(), *acted]))


def keep_acted(clip: ClipChoice) -> None:
    """Remember a clip that the visitor recorded."""
    st.session_state.setdefault(_ACTED, []).append(clip)


def keep_uploaded(clips: dict[str, ClipChoice]) -> list[ClipChoice]:
    """Remember the visitor's own files by the upload's number, and give those that are new."""
    before: dict[str, ClipChoice] = st.session_state.get(_UPLOADED, {})
    st.session_state[_UPLOADED] = clips
    return [clip for number, clip in clips.items() if number not in before]


def picked(picker: str) -> str | None:
    """Before a run: the name of the clip that was just clicked in a gallery.

    Args:
        picker: key of the component.
    """
    name = st.session_state[picker].get("picked")
    return name if isinstance(name, str) else None


def put_recording(camera: str) -> None:
    """Before a run: hold what a camera sent, which is lost if the run is cut short.

    Args:
        camera: key of the component.
    """
    waiting: list[object] = st.session_state.setdefault(f"{_RECORDINGS}-{camera}", [])
    waiting.append(st.session_state[camera].get("kept"))
    del waiting[:-_WAITING]


def take_recording(camera: str) -> tuple[int, object] | None:
    """The oldest of what a camera sent, and its number among all of the visit, from 1; once."""
    waiting: list[object] = st.session_state.get(f"{_RECORDINGS}-{camera}", [])
    if not waiting:
        return None
    number = int(st.session_state.get(_RECORDED, 0)) + 1
    st.session_state[_RECORDED] = number
    return number, waiting.pop(0)


def changed(what: str, value: object) -> bool:
    """Whether a choice differs from what it was when this was last asked."""
    before = st.session_state.get(f"seen-{what}")
    st.session_state[f"seen-{what}"] = value
    return bool(before != value)


def step_in_link(steps: int) -> int:
    """The step of the tour that the address asks for, from 0; the first where it asks for none."""
    asked = _kept().get("step")
    if asked is None:
        return 0
    if _is_number(asked) and 1 <= int(asked) <= steps:
        return int(asked) - 1
    note(f"The link asks for step {asked[:80]!r}, but the tour has {steps}: the first is shown.")
    _leave_out("step")
    return 0


def put_step(step: int) -> None:
    """Go to a step of the tour, counted from 0; the next run begins there."""
    _kept()["step"] = str(step + 1)


def tour_answers() -> dict[int, tuple[str, ...]]:
    """What this visitor predicted at each step of the tour, by its number from 0."""
    answers: dict[int, tuple[str, ...]] = st.session_state.setdefault(_TOUR, {})
    return answers


def turn(what: str) -> int:
    """How often a widget was reset; part of its key."""
    return int(st.session_state.get(f"turn-{what}", 0))


def next_turn(what: str) -> None:
    """Increase the turn, so that the widget is made anew without its old value."""
    st.session_state[f"turn-{what}"] = turn(what) + 1


def pin(link: str) -> None:
    """Pin a clip to compare others with; takes effect in the next run."""
    _kept()["pin"] = link


def unpin() -> None:
    """Remove the pinned clip; takes effect in the next run."""
    _kept().pop("pin", None)


def pinned(find: Callable[[str], ClipChoice | None]) -> ClipChoice | None:
    """The pinned clip, also if a link pins it; None if there is none.

    Args:
        find: gives the clip that a link names.
    """
    asked = _kept().get("pin")
    clip_choice = None if asked is None else find(asked)
    if asked is not None and clip_choice is None:
        note(f"The pinned clip {asked[:80]!r} of this link is unknown; ignored.")
        _leave_out("pin")
    return clip_choice


def cell(classes: int) -> tuple[int, int] | None:
    """The cell of the confusion matrix that the address names: true class, answer."""
    asked = _kept().get("cell")
    if asked is None:
        return None
    true, _, answered = asked.partition("-")
    if _is_number(true) and _is_number(answered) and max(int(true), int(answered)) < classes:
        return int(true), int(answered)
    note(f"The cell {asked[:80]!r} of this link is unknown; ignored.")
    _leave_out("cell")
    return None


def put_cell(chosen: tuple[int, int]) -> None:
    """Choose a cell of the confusion matrix; takes effect in the next run."""
    _kept()["cell"] = f"{chosen[0]}-{chosen[1]}"


def near(clips: Container[int]) -> int | None:
    """The number of the clip whose neighbours the address asks for.

    Args:
        clips: numbers that there are.
    """
    asked = _kept().get("near")
    if asked is None:
        return None
    if _is_number(asked) and int(asked) in clips:
        return int(asked)
    note(
        f"The clip {asked[:80]!r} of this link, whose neighbours it asks for, is unknown; ignored."
    )
    _leave_out("near")
    return None


def put_near(clip: int) -> None:
    """Choose the clip whose neighbours are shown; takes effect in the next run."""
    _kept()["near"] = str(clip)


def _leave_out(key: str) -> None:
    """Remove a choice from the session and from the address."""
    for texts in (_kept(), _kept(_SEEN)):
        texts.pop(key, None)
    st.query_params.pop(key, None)


def _is_number(text: str) -> bool:
    """Whether a link's text is a number that may be looked at: Python refuses to read long ones."""
    return text.isdecimal() and len(text) < 10
