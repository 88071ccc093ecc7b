import base64

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.components import camera
from app.components.camera import MOST_BYTES, Recording, show_camera
from app.errors import UploadError

WEBM = b"\x1a\x45\xdf\xa3" + b"frames"
MP4 = b"\0\0\0\x14ftypisom" + b"frames"


def as_sent(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


@pytest.fixture
def show(monkeypatch):
    """What `show_camera` gives where the browser has sent something, its second."""

    def after(sent: object) -> Recording | None:
        monkeypatch.setattr(session, "take_recording", lambda _key: (2, sent))
        return show_camera(key="camera", label="Opening a box")

    monkeypatch.setattr(camera, "_mount", lambda **_arguments: None)
    return after


@pytest.mark.parametrize(
    ("content", "name"), [(WEBM, "recording-2.webm"), (MP4, "recording-2.mp4")]
)
def test_the_content_decides_what_a_recording_is_called(show, content, name):
    assert show(as_sent(content)) == Recording(content, name)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        7,
        ["GkXfowAA"],
        {"content": "GkXfowAA"},
        "",
        "not base64!",
        "GkXfow\u0301",
        as_sent(WEBM)[:-3],  # cut short
        as_sent(b"<svg onload=alert(1)>"),
        as_sent(b"MZ\x90\0"),
    ],
)
def test_what_is_no_whole_video_is_refused(show, sent):
    with pytest.raises(
        UploadError, match=r"^The recording did not arrive as a whole video: record"
    ):
        show(sent)


def test_what_is_too_large_is_refused_before_it_is_looked_at(show):
    largest = WEBM + bytes(MOST_BYTES - len(WEBM))
    assert show(as_sent(largest)).content == largest
    with pytest.raises(UploadError, match=r"^The recording is over 8 MB: record a shorter one"):
        show("!" * (len(as_sent(largest)) + 1))


@pytest.mark.parametrize("seconds", [0, -1, 20.5, float("nan")])
def test_a_recording_has_a_length(seconds):
    with pytest.raises(ValueError, match="a recording has up to 20 s"):
        show_camera(key="camera", label="Opening a box", seconds=seconds)


def test_nothing_was_recorded_at_first():
    app = AppTest.from_string(
        "import streamlit as st\n"
        "from app.components.camera import show_camera\n"
        "st.text(show_camera(key='camera', label='Opening a box'))"
    ).run()
    assert not app.exception
    assert app.text[0].value == "None"


def test_recordings_wait_for_a_run_and_are_taken_once():
    def script() -> None:
        import streamlit as st

        from app import session

        for key, sent in (("one", "a"), ("two", "b"), ("one", "c")):
            st.session_state[key] = {"kept": sent}
            session.put_recording(key)
        taken = [session.take_recording(key) for key in ("one", "one", "one", "two", "two")]
        st.text(taken)
        for sent in "defg":  # nobody can have so many wait
            st.session_state["one"] = {"kept": sent}
            session.put_recording("one")
        st.text([session.take_recording("one") for _ in range(3)])

    app = AppTest.from_function(script).run()
    assert app.text[0].value == str([(1, "a"), (2, "c"), None, (3, "b"), None])
    assert app.text[1].value == str([(4, "f"), (5, "g"), None])
