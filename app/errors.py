"""The named errors of the app, named by the rule of `maagn.errors`."""

from maagn.errors import MaagnError


class CommandLineError(Exception):
    """What the app was asked to start with is not there; the message is one sentence."""


class LoginError(MaagnError):
    """A login that is not set up, or that does not tell who somebody is."""


class UploadError(MaagnError):
    """A visitor's file that cannot be taken."""


class CollectionError(MaagnError):
    """A visitor's collection of clips that cannot be changed or kept as asked."""


class TooManyWaiting(MaagnError):
    """Too many jobs wait already."""


class WorkerLost(MaagnError):
    """The worker ended in the middle of a job."""


class Cancelled(Exception):
    """The work was told to stop; asked for again, it begins anew."""
