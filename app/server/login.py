"""Who the visitor is; the only file that touches st.user, st.login and st.logout.

Where Streamlit's secrets have a section `[auth]`, nobody comes in without logging in there. When in
doubt, a file that cannot be read, a secret that is too short, the answer is that nobody does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config
from streamlit.errors import StreamlitAuthError, StreamlitSecretNotFoundError

from app.errors import LoginError

SHORTEST_SECRET = 32  # characters; whoever guesses it can be anybody
_LONGEST_NAME = 80
_PARTS = "|"  # between issuer and subject; an issuer, being an address, has none
_seen: set[str] = set()  # once a login was asked for, this process never opens by itself


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in.

    Attributes:
        owner: whose notes these are, `issuer|subject`: no provider gives that to two people. An
            e-mail address would not do, it can pass to somebody else.
        name: to be shown; their own words.
    """

    owner: str
    name: str


def wanted() -> bool:
    """Whether people have to log in here.

    Raises:
        LoginError: they would have to, but it is not set up as it must be.
    """
    return _settings() is not None


def providers() -> tuple[str, ...]:
    """Where people can log in, by the names in `[auth]`; "" is the one without a name.

    Raises:
        LoginError: nowhere, or the login is not set up as it must be.
    """
    settings = _settings() or {}
    named = [
        name
        for name, part in settings.items()
        if isinstance(part, Mapping) and "client_id" in part and name != "default"
    ]
    unnamed = [""] if "client_id" in settings or "default" in settings else []
    if not unnamed and not named:
        raise LoginError("The login names no provider: give [auth] a client_id, docs/sharing.md.")
    return (*unnamed, *named)


def person() -> Person | None:
    """Who is logged in; None where nobody is.

    Raises:
        LoginError: the provider did not say who it is.
    """
    return _person(st.user.to_dict())


def is_in(claims: Mapping[str, Any]) -> bool:
    """Whether a session with these claims may see the pages."""
    try:
        return not wanted() or _person(claims) is not None
    except LoginError:
        return False


def owner() -> str:
    """Whose notes the visitor writes and sees: "", the local book, where nobody has to log in.

    Raises:
        LoginError: nobody is logged in, where they have to be.
    """
    if not wanted():
        return ""
    found = person()
    if found is None:
        raise LoginError("You are not logged in: reload the page.")
    return found.owner


def log_in(provider: str) -> None:
    """Send the visitor to a provider, one of `providers()`.

    Raises:
        LoginError: something of the provider is missing in `[auth]`.
    """
    try:
        st.login(provider or None)
    except StreamlitAuthError as error:
        raise LoginError("The login is not set up: complete [auth], docs/sharing.md.") from error


def log_out() -> None:
    """Log the visitor out here, and at the provider if it supports that."""
    st.logout()


def _person(claims: Mapping[str, Any]) -> Person | None:
    if claims.get("is_logged_in") is not True:
        return None
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not (isinstance(issuer, str) and isinstance(subject, str) and issuer and subject):
        raise LoginError("The login did not say who you are: its tokens need `iss` and `sub`.")
    if _PARTS in issuer:
        raise LoginError(f"The login's issuer has a {_PARTS!r} in its address, which none may.")
    names = (claims.get(key) for key in ("name", "preferred_username", "email"))
    name = next((one for one in names if isinstance(one, str) and one.strip()), subject)
    return Person(f"{issuer}{_PARTS}{subject}", name[:_LONGEST_NAME])


def _settings() -> Mapping[str, Any] | None:
    """`[auth]` of the secrets; None where they ask for no login."""
    files = [Path(path) for path in st.get_option("secrets.files")]
    # Streamlit passes over files that are not there, and over all of them where one is damaged.
    if config.is_manually_set("secrets.files") and not all(path.exists() for path in files):
        raise LoginError("A file that secrets.files names is not there: nobody can log in.")
    try:
        secrets = st.secrets.to_dict()
    except StreamlitSecretNotFoundError as error:
        if any(path.exists() for path in files):
            raise LoginError("The secrets cannot be read: nobody can log in.") from error
        secrets = {}
    settings = secrets.get("auth")
    if settings is None and not _seen:
        return None
    _seen.add("auth")
    if not isinstance(settings, Mapping):
        raise LoginError("The login's settings are gone: put [auth] back, or start anew without.")
    if len(str(settings.get("cookie_secret", ""))) < SHORTEST_SECRET:
        raise LoginError(
            f"The login is not safe: give [auth] a random cookie_secret of {SHORTEST_SECRET} "
            "characters or more."
        )
    return settings
