"""The bounds that the operating system holds the worker to, whatever native code does."""

import contextlib
import ctypes
import os
import signal
import sys

MEMORY = 4_000_000_000  # bytes of address space
GRACE = 5.0  # seconds after the deadline in which the parent should have killed us already
PR_SET_PDEATHSIG = 1


def confine(*, seconds: float, parent: int) -> None:
    """Bound memory, processor time and life; end with the parent.

    Args:
        seconds: the wall-clock deadline that the parent keeps.
        parent: process id of who started the worker.
    """
    # An alarm with its default action ends a process even inside a native loop that holds the GIL.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)
    _limit(memory=MEMORY, processor_seconds=int(4 * seconds + GRACE))


def _limit(*, memory: int, processor_seconds: int) -> None:
    import resource

    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, processor_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # some systems refuse some of them
            resource.setrlimit(what, (value, value))
