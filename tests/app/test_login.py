"""When people have to log in, who they are, and that doubt keeps the door shut."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import cache, page
from app.errors import LoginError
from app.server import login
from app.server.login import Person
from maagn import checkpoint

ROOT = Path(__file__).parents[2]
AUTH = {
    "redirect_uri": "http://127.0.0.1:8501/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "explorer",
    "client_secret": "known to both",
    "server_metadata_url": "http://127.0.0.1:1/.well-known/openid-configuration",
}
ADA = {"is_logged_in": True, "iss": "https://login.example", "sub": "auth0|ada"}


@pytest.fixture(autouse=True)
def _a_process_that_saw_no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "_seen", set())


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch):
    """Put these secrets in the place of Streamlit's."""

    class Secrets(dict):
        def to_dict(self) -> dict:
            return dict(self)

    return lambda **given: monkeypatch.setattr(st, "secrets", Secrets(given))


def who(monkeypatch: pytest.MonkeyPatch, claims: dict) -> None:
    class User:
        def to_dict(self) -> dict:
            return claims

    monkeypatch.setattr(st, "user", User())


def test_without_a_section_nobody_has_to_log_in_and_the_book_is_the_local_one(secrets):
    secrets(other="secret")
    assert not login.wanted()
    assert login.owner() == ""
    assert login.is_in({})


def test_an_owner_is_issuer_and_subject_and_never_the_address(secrets, monkeypatch):
    secrets(auth=AUTH)
    who(monkeypatch, ADA | {"email": "ada@example.org"})
    assert login.person() == Person("https://login.example|auth0|ada", "ada@example.org")
    assert login.owner() == "https://login.example|auth0|ada"
    who(monkeypatch, ADA | {"email": "ada@example.org", "iss": "https://other.example"})
    assert login.owner() == "https://other.example|auth0|ada"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"is_logged_in": False},
        {"iss": "https://login.example", "sub": "ada"},  # headers alone are no login
        ADA | {"is_logged_in": "yes"},
        ADA | {"is_logged_in": 1},
        ADA | {"sub": ""},
        ADA | {"iss": None},
        ADA | {"sub": 7},
        ADA | {"iss": "https://login.example|auth0"},  # whose subject would be another's
    ],
)
def test_who_is_nobody_has_no_book_and_does_not_come_in(secrets, monkeypatch, claims):
    secrets(auth=AUTH)
    who(monkeypatch, claims)
    assert not login.is_in(claims)
    with pytest.raises(LoginError):
        login.owner()


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ({}, "cookie_secret"),
        (AUTH | {"cookie_secret": "x" * 31}, "cookie_secret of 32"),
        ("on", "put .auth. back"),
    ],
)
def test_a_section_that_is_not_safe_closes_the_door(secrets, auth, words):
    secrets(auth=auth)
    with pytest.raises(LoginError, match=words):
        login.wanted()
    assert not login.is_in(ADA)


def test_a_section_that_goes_away_does_not_open_the_door(secrets):
    secrets(auth=AUTH)
    assert login.wanted()
    secrets()
    with pytest.raises(LoginError, match="are gone"):
        login.wanted()
    assert not login.is_in({})


@pytest.fixture
def files():
    """Streamlit's own reading of the files that are named, and nothing of it left behind."""

    def name(*paths: Path) -> None:
        st.config.set_option("secrets.files", [str(path) for path in paths])
        st.secrets._reset()

    before = st.config._config_options["secrets.files"]
    kept = before.value, before.where_defined
    yield name
    before.set_value(*kept)
    st.secrets._reset()


def test_files_that_are_damaged_or_missing_close_the_door(files, tmp_path):
    good, broken = tmp_path / "good.toml", tmp_path / "broken.toml"
    good.write_text('other = "secret"\n')
    broken.write_text("[auth\n")
    files(good)
    assert not login.wanted()
    files(broken)
    with pytest.raises(LoginError, match="cannot be read"):
        login.wanted()
    files(good, tmp_path / "mistyped.toml")
    with pytest.raises(LoginError, match="is not there"):
        login.wanted()


def test_providers_are_those_with_a_client(secrets):
    secrets(auth=AUTH | {"client_kwargs": {"prompt": "login"}})
    assert login.providers() == ("",)
    named = {key: AUTH[key] for key in ("redirect_uri", "cookie_secret")}
    secrets(auth=named | {"one": AUTH, "two": AUTH})
    assert login.providers() == ("one", "two")
    secrets(auth=named)
    with pytest.raises(LoginError, match="names no provider"):
        login.providers()


def opened(auth: dict) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=90)
    app.secrets["auth"] = auth
    return app.run()


def test_behind_the_front_door_nothing_is_computed(monkeypatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a page began")

    cache.forget()
    loaded: list[str] = []
    monkeypatch.setattr(checkpoint, "load_model", loaded.append)
    monkeypatch.setattr(page, "begin", never)
    app = opened(AUTH)
    assert not app.exception
    assert [one.value for one in app.header] == ["MAAGN Explorer"]
    assert [one.label for one in app.button] == ["Log in"]
    assert len(app.sidebar.children) == 0
    assert loaded == []


def test_the_front_door_says_what_is_missing_and_has_no_button():
    app = opened(AUTH | {"cookie_secret": "short"})
    assert not app.exception
    assert not app.button
    assert "The login is not safe" in app.error[0].value


def test_a_provider_without_its_secret_is_named_when_it_is_asked_for():
    app = opened({key: value for key, value in AUTH.items() if key != "client_secret"})
    app.button[0].click().run()
    assert not app.exception
    assert "complete \\[auth\\]" in app.error[0].value
