"""What can be wrong with a set of videos."""

from maagn.errors import MaagnError


class DatasetError(MaagnError):
    """A set that is not there, not whole, or not as it is distributed."""
