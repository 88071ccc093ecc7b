"""One visitor's choices; the only file that touches session state and query parameters."""

import shutil
import tempfile
import weakref
from pathlib import Path

import streamlit as st

from app.selection import ClipChoice

_CHOICE = "clip_choice"
_UPLOADS = "upload_folder"


class UploadFolder:
    """A visitor's uploads on disk; goes when the session goes."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="maagn-upload-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def chosen_clip() -> ClipChoice | None:
    """The clip on the page, if one was chosen."""
    choice = st.session_state.get(_CHOICE)
    return choice if isinstance(choice, ClipChoice) else None


def choose_clip(choice: ClipChoice) -> None:
    """Put a clip on the page."""
    st.session_state[_CHOICE] = choice


def upload_folder() -> Path:
    """Where this visitor's uploads are kept."""
    if _UPLOADS not in st.session_state:
        st.session_state[_UPLOADS] = UploadFolder()
    folder: UploadFolder = st.session_state[_UPLOADS]
    return folder.path


def clip_in_link() -> str | None:
    """Name of the gallery clip that the link asks for."""
    return st.query_params.get("clip")


def put_clip_in_link(name: str | None) -> None:
    """Make the address show the gallery clip on the page; None where it shows none."""
    if name is None:
        st.query_params.pop("clip", None)
    elif st.query_params.get("clip") != name:
        st.query_params["clip"] = name
