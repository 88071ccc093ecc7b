"""The one palette, as the library's figures have it."""

from maagn.figures.palette import CIVIDIS, DIVERGING, MODULES, NETWORKS, colour

__all__ = ["CIVIDIS", "DIVERGING", "MODULES", "NETWORKS", "colour"]
