"""`Section`, where those look for it who read sections."""

from maagn.section import Section

__all__ = ["Section"]
