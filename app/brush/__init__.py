"""Bars that are dragged: a number a frame, and what it was before."""

from app.brush.component import Bars, show_brush

__all__ = ["Bars", "show_brush"]
