"""The app's entrypoint: `streamlit run app/main.py` from the root of the project."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:  # Streamlit puts app/ there, not the folder above it
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402
from streamlit.navigation.page import StreamlitPage  # noqa: E402

from app.server import imports  # noqa: E402

st.set_page_config(
    page_title="MAAGN Explorer", page_icon=ROOT / "app" / "favicon.png", layout="wide"
)
st.html(ROOT / "app" / "style.css")
place = st.empty()


def _wait(libraries: imports.Imports) -> None:
    """Wait until the libraries are imported, and tell the visitor what is being loaded."""
    if not libraries.ready:
        place.caption("Starting: PyTorch and its libraries are being loaded ...")
        libraries.wait()
        place.empty()


_wait(imports.FIRST)

from app import page, session  # noqa: E402
from app.components import return_address  # noqa: E402
from app.server import guards, login  # noqa: E402
from app.views import front_door  # noqa: E402
from maagn.errors import MaagnError  # noqa: E402

guards.close()  # for those who started Streamlit by itself
guards.guard()


def _comes_in() -> bool:
    """Whether the visitor may see the pages; otherwise the front door says why not."""
    try:
        return not login.wanted() or login.person() is not None
    except MaagnError:
        return False


def _go_back(page: str) -> None:
    """After a login, send the visitor to the address they came with."""
    if not session.came_bare(page):
        return_address.forget()
    elif return_address.go_back():
        session.stay()
    else:
        st.stop()


def _run(chosen: StreamlitPage) -> None:
    """The first page as soon as it can be drawn; the others need all that is imported.

    The sidebar is drawn here and not by the pages: a widget belongs to the script that draws it,
    and Streamlit takes the widgets of a page out of the address when the visitor leaves the page.
    """
    session.put_page(chosen.url_path)
    if chosen.url_path:
        _wait(imports.REST)
    try:
        page.choose()
        chosen.run()
    finally:
        imports.REST.begin()


if _comes_in():
    here = st.navigation(page.pages(), position="top")
    if login.wanted():
        _go_back(here.url_path)
    _run(here)
else:
    st.navigation(page.closed(front_door.show), position="hidden").run()
