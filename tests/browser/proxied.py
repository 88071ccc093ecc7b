"""nginx on 127.0.0.1 as docs/sharing/nginx.conf has it, with a certificate of now."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import program
from tests.served import ROOT, free_port

NAME = "explorer.example.org"
_AROUND = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log info;
worker_processes 1; {user}
events {{ }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/explorer.conf;
}}
"""


@contextmanager
def proxied(folder: Path, app: int) -> Iterator[tuple[int, int]]:
    """The ports with TLS and without, before the app's; only ports and paths differ from docs."""
    nginx, secure, plain = program("nginx"), free_port(), free_port()
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", folder / "explorer.key", "-out", folder / "explorer.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (ROOT / "docs" / "sharing" / "nginx.conf").read_text()
    for old, new in (
        ("listen 443", f"listen 127.0.0.1:{secure}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("127.0.0.1:8501", f"127.0.0.1:{app}"),
        ("/etc/nginx/explorer", f"{folder}/explorer"),
    ):
        assert old in text
        text = text.replace(old, new)
    assert not re.search(r"listen \d+ ", text)
    (folder / "explorer.conf").write_text(text)
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user))
    command = [nginx, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait(process, secure, folder)
        yield secure, plain
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nginx did not start: {(folder / 'error.log').read_text()}")
