"""What the server refuses: requests to other machines, and files from those who may not come in.

Streamlit takes uploads without running a page. Somebody who has not logged in has a session all the
same, or the front door could not be drawn; and for a session Streamlit keeps whatever is sent, in
memory.
"""

from streamlit import net_util
from streamlit.runtime.runtime import Runtime

from app.server import login


def close() -> None:
    """Keep Streamlit from looking for this machine's own addresses.

    Where a page of another site knocks at the websocket, and where the server listens on every
    address, it would ask a machine of Amazon's under which address it is seen from outside.
    """
    net_util.get_external_ip = _nowhere
    net_util.get_internal_ip = _nowhere


def _nowhere() -> None:
    return None


_is_active_session = Runtime.is_active_session


def guard() -> None:
    """Install the guards: from now on only sessions of visitors who may come in can upload."""
    Runtime.is_active_session = _may_upload  # type: ignore[method-assign]


def _may_upload(self: Runtime, session_id: str) -> bool:
    if not _is_active_session(self, session_id):
        return False
    found = self._session_mgr.get_active_session_info(session_id)
    return found is not None and login.is_in(found.session._user_info)
