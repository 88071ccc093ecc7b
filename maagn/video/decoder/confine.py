"""The bounds that the operating system holds the worker to, whatever native code does."""

import contextlib
import ctypes
import os
import signal
import sys

MEMORY = 4_000_000_000  # bytes of address space
GRACE = 5.0  # seconds after the deadline in which the parent should have killed us already
PR_SET_PDEATHSIG = 1


def confine(*, parent: int) -> None:
    """Bound memory, write nothing, end with the parent: once, before any file is opened.

    Args:
        parent: process id of who started the worker.
    """
    # An alarm with its default action ends a process even inside a native loop that holds the GIL.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)
    import resource

    _limit(resource.RLIMIT_AS, MEMORY, MEMORY)
    _limit(resource.RLIMIT_FSIZE, 0, 0)  # a decoder has nothing to write; pipes are not files
    _limit(resource.RLIMIT_CORE, 0, 0)


def allow(seconds: float) -> None:
    """Bound the next file: the wall clock and the processor's time from now on.

    Args:
        seconds: the wall-clock deadline that the parent keeps; 0 lifts the alarm.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE if seconds else 0)
    if seconds:
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        spent = usage.ru_utime + usage.ru_stime
        _limit(resource.RLIMIT_CPU, int(spent + 4 * seconds + GRACE) + 1, resource.RLIM_INFINITY)


def _limit(what: int, soft: int, hard: int) -> None:
    import resource

    with contextlib.suppress(ValueError, OSError):  # some systems refuse some of them
        resource.setrlimit(what, (soft, hard))
