"""Networks that installed packages bring: the entry points of the group `maagn.networks`.

An entry point names a module that calls `maagn.register_network`, or a function that does. They are
loaded when a kind of network is asked for that nobody has registered, or when all are listed.
"""

import warnings
from importlib.metadata import EntryPoint, entry_points
from threading import RLock

GROUP = "maagn.networks"


class BrokenPlugin(UserWarning):
    """An installed package offers a network and cannot give it; all others are there."""


_lock = RLock()  # the same thread comes back: a plugin asks for what is registered
_failures: list[str] | None = None  # None before the plugins have been loaded


def load_plugins() -> tuple[str, ...]:
    """Have every plugin register its networks, once in this process.

    Warns:
        BrokenPlugin: of each that cannot.

    Returns:
        A sentence about each that could not.
    """
    global _failures
    with _lock:
        if _failures is None:
            _failures = []
            _failures += [said for point in _found() if (said := _failure(point))]
        return tuple(_failures)


def _found() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


def _failure(point: EntryPoint) -> str:
    """What went wrong in loading one plugin; empty where nothing did."""
    try:
        register = point.load()
        if callable(register):
            register()
    except Exception as error:  # whatever a stranger's code raises
        said = (
            f"The plugin {point.name} ({point.value}) brings no network: "
            f"{str(error).rstrip('.') or type(error).__name__}."
        )
        warnings.warn(said, BrokenPlugin, stacklevel=2)
        return said
    return ""
