"""A process that starts with this folder on PYTHONPATH reaches loopback alone, and tells of it.

Every address that is asked for is appended to the file that MAAGN_GUARD names, as `event address`;
any but this machine's own raises.
"""

import ipaddress
import os
import sys

_RECORD = os.environ["MAAGN_GUARD"]
_TOLD = ("socket.connect", "socket.bind")  # of this machine's own addresses
_ASKED = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind")
_LOOKED_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def _host(event, args):
    if event in _LOOKED_UP:
        return args[0]
    address = args[1]
    return address[0] if isinstance(address, tuple) else None  # a Unix socket has a path


def _own(host):
    if host is None:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text in ("localhost", ""):
        return text == "localhost"
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guard(event, args):
    if event not in _ASKED and event not in _LOOKED_UP:
        return
    host = _host(event, args)
    own = _own(host)
    if own and (host is None or event not in _TOLD):
        return
    line = f"{'own' if own else 'outside'} {event} {args[1] if event in _ASKED else host}\n"
    out = os.open(_RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(out, line.encode())
    os.close(out)
    if not own:
        raise PermissionError(f"no network in this test: {event} {host}")


sys.addaudithook(_guard)
