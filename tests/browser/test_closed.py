"""Closed by default: nothing goes out, nobody else comes in."""

import base64
import http.client
import re
import tomllib
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.app.guarded import Guarded
from tests.browser.visitor import PAGES, settle
from tests.served import ROOT

SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())


def outside(server: Guarded) -> list[str]:
    return [line for line in server.asked() if line.startswith("outside")]


def ask(server: Guarded, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """Words of a header's name are parted by underscores here."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    return connection.getresponse()


def knock(server: Guarded, **headers: str) -> int:
    """The status that the websocket answers with; 101 opens it."""
    key = base64.b64encode(b"sixteen letters.").decode()
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    return ask(server, "GET", "/_stcore/stream", **upgrade, Sec_WebSocket_Key=key, **headers).status


# First, before any page was opened: then nothing of the app's own has run.
def test_another_site_is_refused_and_nothing_is_looked_up_for_it(closed_app):
    assert knock(closed_app, Origin="https://elsewhere.example") == 403
    assert knock(closed_app, Origin="null") == 403
    assert outside(closed_app) == []
    assert knock(closed_app, Origin=closed_app.url) == 101


def test_every_page_draws_and_nothing_goes_out(browser_page: Page, closed_app: Guarded):
    refused: list[str] = []

    def watch(route: Route) -> None:
        if route.request.url.startswith((f"{closed_app.url}/", "data:", "blob:")):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    browser_page.context.route("**/*", watch)
    sockets: list[str] = []
    browser_page.on("websocket", lambda one: sockets.append(one.url))
    browser_page.goto(closed_app.url)
    for name in PAGES:
        if name:
            browser_page.locator(f"a[href$='/{name}']").first.click()
            browser_page.wait_for_url(f"**/{name}*")
        settle(browser_page, rest=150)
        expect(browser_page.locator("h2").first).to_have_text(re.compile(r"\?$"))
        expect(browser_page.get_by_test_id("stException")).to_have_count(0)
    browser_page.context.unroute("**/*")
    assert refused == []
    assert outside(closed_app) == []
    assert closed_app.ports() == set()  # nor does it ask other programs of this machine
    assert sockets
    assert all(socket.startswith(f"ws://127.0.0.1:{closed_app.port}/") for socket in sockets)


def test_it_listens_on_loopback_alone(closed_app: Guarded):
    listening = {
        line.split()[1].rpartition(":")[0]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A"
        and int(line.split()[1].rpartition(":")[2], 16) == closed_app.port
    }
    assert listening == {"0100007F"}  # 127.0.0.1, its bytes in this machine's order
    assert any("127.0.0.1" in line for line in closed_app.asked() if "socket.bind" in line)


def put(server: Guarded, **headers: str) -> int:
    return ask(server, "PUT", "/_stcore/upload_file/none/none", **headers).status


def test_an_upload_needs_the_token_of_this_site(browser_page: Page, closed_app: Guarded):
    browser_page.goto(closed_app.url)
    settle(browser_page, rest=150)
    cookies = {one["name"]: one for one in browser_page.context.cookies(closed_app.url)}
    cookie = cookies["_streamlit_xsrf"]
    assert cookie["sameSite"] == "Lax"
    sent = f"_streamlit_xsrf={cookie['value']}"
    assert put(closed_app) == 403
    assert put(closed_app, Cookie=sent) == 403  # as another site's form would send it
    assert put(closed_app, Cookie=sent, X_Xsrftoken="0" * 40) == 403
    # With the token it comes as far as the visitor's session, which is not there.
    assert put(closed_app, Cookie=sent, X_Xsrftoken=cookie["value"]) == 400


def test_other_sites_may_not_read_answers(closed_app: Guarded):
    for path in ("/_stcore/health", "/_stcore/host-config", "/"):
        answer = ask(closed_app, "GET", path, Origin="https://elsewhere.example")
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed in (None, closed_app.url), path


def test_a_name_that_others_point_here_is_refused(closed_app: Guarded):
    """DNS rebinding: another site's name that leads to 127.0.0.1."""
    assert knock(closed_app, Host=f"localhost:{closed_app.port}") == 101
    host = f"elsewhere.example:{closed_app.port}"
    assert knock(closed_app, Host=host, Origin=f"http://{host}") == 403


def test_no_statistics_are_gathered():
    assert SETTINGS["browser"]["gatherUsageStats"] is False
    assert SETTINGS["server"]["enableXsrfProtection"] is True
    assert SETTINGS["server"]["address"] == "127.0.0.1"
