"""An OpenID provider on 127.0.0.1, where anybody is whoever they say they are."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import oidc_provider_mock
import pytest
from oidc_provider_mock import User
from playwright.sync_api import Page
from werkzeug.serving import make_server

COOKIE_SECRET = "only for tests, and long enough for them: 7cf1"
ADA, BOB = "ada-1815", "bob"
NAME = "**Ada** :delete: <b>L</b>"  # would be markup if it were read as such


@contextmanager
def provider() -> Iterator[int]:
    """Its port, while it runs."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # over plain HTTP, on this machine
        people = [User(sub=ADA, claims={"name": NAME}), User(sub=BOB, claims={"name": "Bob"})]
        server = make_server(
            "127.0.0.1", 0, oidc_provider_mock.app(user_claims=people), threaded=True
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def secrets(folder: Path, port: int, origin: str) -> Path:
    """A file of secrets as docs/sharing.md has it.

    Args:
        folder: to write it to.
        port: the provider's.
        origin: where people reach the app, `https://name`.
    """
    path = folder / "secrets.toml"
    path.write_text(
        f"""[auth]
redirect_uri = "{origin}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "explorer"
client_secret = "known to both"
server_metadata_url = "http://127.0.0.1:{port}/.well-known/openid-configuration"
"""
    )
    return path


def log_in(page: Page, name: str) -> None:
    """From the front door to the provider, and back."""
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name=name, exact=True).click()
