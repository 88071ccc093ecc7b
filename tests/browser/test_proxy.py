"""The configuration of docs/sharing.md as it stands: nginx, TLS, the login and an upload."""

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.app.guarded import guarded
from tests.browser import hostile
from tests.browser.provider import ADA, log_in, provider, secrets
from tests.browser.proxied import NAME, program, proxied
from tests.browser.visitor import settle

SITE = f"https://{NAME}"


@dataclass(frozen=True)
class Site:
    """Ports of 127.0.0.1: nginx with TLS and without, and the explorer behind it."""

    secure: int
    plain: int
    app: int


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    program("nginx")
    folder = tmp_path_factory.mktemp("proxy")
    with provider() as port:
        options = [
            f"--server.allowedHosts={NAME}",
            f"--browser.serverAddress={NAME}",
            "--browser.serverPort=443",
            f"--secrets.files={secrets(folder, port, SITE)}",
        ]
        with guarded(folder, {}, options) as server, proxied(folder, server.port) as ports:
            yield Site(*ports, server.port)


@pytest.fixture(scope="module")
def visitor(site: Site, launch) -> Iterator[Page]:
    """A browser for which the name leads to nginx, as name servers would have it."""
    chromium = launch(f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{site.secure}")
    page = chromium.new_context(ignore_https_errors=True).new_page()
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    yield page
    chromium.close()


def test_a_page_its_websocket_a_login_and_an_upload(visitor: Page):
    sockets: list[str] = []
    errors: list[str] = []
    visitor.on("websocket", lambda one: sockets.append(one.url))
    visitor.on("pageerror", lambda one: errors.append(str(one)))
    answer = visitor.goto(f"{SITE}/attention?method=HiResCAM")
    assert answer is not None
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    expect(visitor.get_by_test_id("stSidebar")).to_have_count(0)
    log_in(visitor, ADA)
    visitor.wait_for_url(re.compile(rf"{SITE}/attention\?.*method=HiResCAM"))
    settle(visitor, rest=300)
    expect(visitor.locator("h2").first).to_have_text(re.compile(r"\?$"))
    given = {"name": "own.mp4", "mimeType": "video/mp4", "buffer": hostile.CLIP.read_bytes()}
    visitor.get_by_role("link", name="Explore", exact=True).first.click()
    settle(visitor, rest=300)
    visitor.locator("input[type=file]").first.set_input_files(given)
    expect(visitor.get_by_role("group", name="Clip player: own.mp4")).to_be_visible()
    assert sockets
    assert {one.partition("/_stcore")[0] for one in sockets} == {f"wss://{NAME}"}
    cookies = [cookie for cookie in visitor.context.cookies(SITE) if cookie["name"] != "sub"]
    assert {"_streamlit_user", "_streamlit_xsrf"} <= {cookie["name"] for cookie in cookies}
    assert all(cookie["secure"] for cookie in cookies)
    assert errors == []


def ask(site: Site, path: str, *, method: str = "GET", name: str = NAME, **headers: str) -> int:
    """The status that nginx answers with; 0 where it shakes no hand."""
    trusting = ssl._create_unverified_context()  # the certificate is its own
    connection = http.client.HTTPSConnection(NAME, site.secure, timeout=20, context=trusting)
    plain = socket.create_connection(("127.0.0.1", site.secure), timeout=20)
    try:
        connection.sock = trusting.wrap_socket(plain, server_hostname=name)
    except ssl.SSLError:
        return 0
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request(method, path, headers={"Host": name} | named)
    return connection.getresponse().status


def knock(site: Site, **headers: str) -> int:
    """The status that the websocket answers with; 101 opens it."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    key = "c2l4dGVlbiBsZXR0ZXJzLg=="
    return ask(site, "/_stcore/stream", Sec_WebSocket_Key=key, **upgrade, **headers)


def test_only_this_sites_own_pages_are_served(site: Site):
    assert knock(site, Origin=SITE) == 101
    assert knock(site, Origin="https://elsewhere.example") == 403
    assert ask(site, "/_stcore/health", name="elsewhere.example") == 0
    assert ask(site, "/_stcore/health") == 200
    assert ask(site, "/_stcore/metrics") == 404


def test_the_explorer_itself_takes_the_sites_name_alone(site: Site):
    direct = http.client.HTTPConnection("127.0.0.1", site.app, timeout=20)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "c2l4dGVlbiBsZXR0ZXJzLg==",
    }
    direct.request("GET", "/_stcore/stream", headers=upgrade)
    assert direct.getresponse().status == 403


def test_what_is_too_large_is_refused_before_it_is_sent(site: Site):
    size = str(202 * 1024 * 1024)
    path = "/_stcore/upload_file/none/none"
    assert ask(site, path, method="PUT", Content_Length=size) == 413


def test_plain_http_leads_to_tls(site: Site):
    connection = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=20)
    connection.request("GET", "/errors?view=Notes", headers={"Host": NAME})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"{SITE}/errors?view=Notes")


def test_logins_are_not_asked_for_without_end(site: Site):
    found = {ask(site, "/auth/login") for _ in range(60)}
    assert found == {302, 429}
