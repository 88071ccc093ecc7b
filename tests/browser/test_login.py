"""Two people, a provider on this machine, and those who are not let in."""

import base64
import json
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.app.guarded import Guarded, guarded
from tests.browser.provider import ADA, BOB, COOKIE_SECRET, NAME, log_in, provider, secrets
from tests.browser.visitor import PAGES, serious, settle

USER = "_streamlit_user"
NOTES = "errors?view=Notes&m=tsm-demo"


@pytest.fixture(scope="module")
def provider_port() -> Iterator[int]:
    with provider() as port:
        yield port


@pytest.fixture(scope="module")
def app(tmp_path_factory, provider_port) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("login")
    file = secrets(folder, provider_port, "http://127.0.0.1:{port}")
    with guarded(folder, {}, [f"--secrets.files={file}"]) as server:
        yield server


@pytest.fixture
def people(browser: BrowserContext) -> Iterator[list[Page]]:
    """Two in browsers of their own, with nothing in them."""
    contexts = [browser.browser.new_context(color_scheme="light") for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    yield pages
    for context in contexts:
        context.close()


@pytest.fixture
def stranger(people: list[Page]) -> Page:
    return people[0]


def expect_front_door(page: Page) -> None:
    """The front door and nothing of the app."""
    settle(page, rest=300)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.locator("h2")).to_have_text(["MAAGN Explorer"])
    for part in ("stSidebar", "player", "gallery-clip", "stTopNavLink", "stException", "stAlert"):
        expect(page.get_by_test_id(part)).to_have_count(0)
    words = page.get_by_test_id("stMain").inner_text()
    assert len(words) < 300, words


def inside(page: Page) -> None:
    settle(page, rest=150)
    expect(page.locator("h2").first).to_have_text(re.compile(r"\?$"))
    expect(page.get_by_test_id("stException")).to_have_count(0)


# First, before anybody is logged in: what a stranger sees is not what somebody else left.
@pytest.mark.parametrize("name", [*PAGES, f"{NOTES}&clip=01-closing-something-1"])
def test_every_address_is_closed(app: Guarded, browser_page: Page, name: str):
    browser_page.goto(f"{app.url}/{name}")
    expect_front_door(browser_page)
    assert app.ports() == set()


def test_the_front_door_has_no_barriers(app: Guarded, browser_page: Page):
    for scheme in ("light", "dark"):
        browser_page.emulate_media(color_scheme=scheme)
        browser_page.goto(app.url)
        expect_front_door(browser_page)
        assert serious(browser_page) == []


def write(page: Page, text: str) -> None:
    page.get_by_label("Note", exact=True).fill(text)
    page.get_by_label("Tags, separated by commas").fill(text.split()[0])
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Kept.")).to_be_visible()


def notes(page: Page) -> str:
    with page.expect_download() as got:
        page.get_by_role("button", name="Notes and slices as JSON", exact=True).click()
    return got.value.path().read_text(encoding="utf-8")


def test_two_people_come_back_to_where_they_were_and_see_their_own_notes(
    app: Guarded, people: list[Page], provider_port: int
):
    ada, bob = people
    for page, name in ((ada, ADA), (bob, BOB)):
        page.goto(f"{app.url}/{NOTES}")
        expect_front_door(page)
        log_in(page, name)
        page.wait_for_url(re.compile(r"/errors\?.*view=Notes"))
        inside(page)
        assert "m=tsm-demo" in page.url
        expect(page.get_by_text("No matching notes yet")).to_be_visible()
        write(page, f"{name} was here")
        settle(page, rest=150)
    for page, own, other in ((ada, ADA, BOB), (bob, BOB, ADA)):
        page.reload()
        inside(page)
        found = [note["text"] for note in json.loads(notes(page))["notes"]]
        assert found == [f"{own} was here"]
        page.get_by_role("combobox", name="Tag").click()
        expect(page.get_by_role("option", name=own)).to_have_count(1)
        expect(page.get_by_role("option", name=other)).to_have_count(0)
        page.keyboard.press("Escape")
    assert app.ports() == {provider_port}
    assert [line for line in app.asked() if line.startswith("outside")] == []


def test_logging_out_closes_every_address_again(app: Guarded, stranger: Page):
    stranger.goto(f"{app.url}/settings")
    expect_front_door(stranger)
    log_in(stranger, ADA)
    stranger.wait_for_url("**/settings*")
    inside(stranger)
    expect(stranger.get_by_text(f"Logged in as {NAME[:7]}")).to_be_visible()  # letter by letter
    expect(stranger.locator("strong", has_text="Ada")).to_contain_text("<b>L</b>")
    stranger.get_by_role("button", name="Log out").click()
    stranger.get_by_role("button", name="End session").click()  # the provider's own question
    expect_front_door(stranger)
    assert USER not in {one["name"] for one in stranger.context.cookies()}
    stranger.goto(f"{app.url}/{NOTES}")
    expect_front_door(stranger)


def cookie(
    app: Guarded, *, secret: str = COOKIE_SECRET, name: str = USER, **changed: object
) -> str:
    """What Streamlit gives somebody who has logged in, or something like it."""
    claims = {"iss": "http://elsewhere", "sub": "eve", "is_logged_in": True, "origin": app.url}
    return create_signed_value(secret, name, json.dumps(claims | changed)).decode()


def put(app: Guarded, page: Page, value: str) -> None:
    page.context.add_cookies([{"name": USER, "value": value, "url": app.url}])
    page.goto(app.url)


def test_a_cookie_that_the_app_signed_is_let_in(app: Guarded, stranger: Page):
    """Then those below are refused for what is wrong with them."""
    put(app, stranger, cookie(app))
    inside(stranger)


def test_forged_cookies_are_not_let_in(app: Guarded, stranger: Page):
    good = cookie(app)
    head, _, tail = good.partition(".")
    claims = json.dumps({"is_logged_in": True, "iss": "a", "sub": ADA, "origin": app.url})
    forged = {
        "nothing signed": base64.b64encode(claims.encode()).decode(),
        "another secret": cookie(app, secret="x" * 40),
        "an empty secret": cookie(app, secret=""),
        "other words under the same signature": f"{'A' + head[1:]}.{tail}",
        "a signature for another cookie": cookie(app, name="_streamlit_user_tokens"),
        "of another site": cookie(app, origin="https://elsewhere.example"),
        "not logged in": cookie(app, is_logged_in=False),
        "logged in, as a word": cookie(app, is_logged_in="yes"),
    }
    for what, value in forged.items():
        assert value != good, what
        put(app, stranger, value)
        expect_front_door(stranger)


def test_who_is_nobody_is_told_so(app: Guarded, stranger: Page):
    put(app, stranger, cookie(app, sub=""))
    settle(stranger, rest=150)
    expect(stranger.get_by_text("The login did not say who you are")).to_be_visible()
    expect(stranger.get_by_test_id("stSidebar")).to_have_count(0)


def upload(app: Guarded, page: Page) -> int:
    """The status with which a file of the visitor's own session is answered."""
    sessions: list[str] = []

    def listen(frame: bytes | str) -> None:
        message = ForwardMsg.FromString(frame) if isinstance(frame, bytes) else ForwardMsg()
        if message.WhichOneof("type") == "new_session":
            sessions.append(message.new_session.initialize.session_id)

    page.on("websocket", lambda socket: socket.on("framereceived", listen))
    page.goto(app.url)
    settle(page, rest=150)
    cookies = {one["name"]: one["value"] for one in page.context.cookies(app.url)}
    answer = httpx.put(
        f"{app.url}/_stcore/upload_file/{sessions[0]}/00000000-0000-4000-8000-000000000000",
        cookies=cookies,
        headers={"X-Xsrftoken": cookies["_streamlit_xsrf"]},
        files={"file": ("a.mp4", b"frames")},
        trust_env=False,
    )
    return answer.status_code


def test_a_stranger_cannot_fill_the_memory_with_uploads(app: Guarded, people: list[Page]):
    assert upload(app, people[0]) == 400
    people[1].context.add_cookies([{"name": USER, "value": cookie(app), "url": app.url}])
    assert upload(app, people[1]) == 204
