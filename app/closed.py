"""Nothing is asked of other machines, not by Streamlit either."""

from streamlit import net_util


def close() -> None:
    """Keep Streamlit from looking for this machine's own addresses.

    Where a page of another site knocks at the websocket, and where the server listens on every
    address, it would ask a machine of Amazon's under which address it is seen from outside.
    """
    net_util.get_external_ip = _nowhere
    net_util.get_internal_ip = _nowhere


def _nowhere() -> None:
    return None
