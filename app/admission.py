"""What Streamlit takes without running a page, uploads, it takes from those who may come in alone.

Somebody who has not logged in has a session all the same, or the front door could not be drawn; and
for a session Streamlit keeps whatever is sent, in memory.
"""

from streamlit.runtime.runtime import Runtime

from app import login

_is_active_session = Runtime.is_active_session


def guard() -> None:
    """From now on a session counts as one that may upload once its visitor may come in."""
    Runtime.is_active_session = _may_upload  # type: ignore[method-assign]


def _may_upload(self: Runtime, session_id: str) -> bool:
    if not _is_active_session(self, session_id):
        return False
    found = self._session_mgr.get_active_session_info(session_id)
    return found is not None and login.is_in(found.session._user_info)
