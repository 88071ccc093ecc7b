"""What can be wrong with a run."""

from maagn.errors import MaagnError


class RunError(MaagnError):
    """A run that cannot begin, or cannot be gone on with."""
