"""The synchronised clip player: frames, class activation maps and charts that share one moment.

Everything after the first drawing happens in the browser: no step, drag or slider runs Python.
"""

from app.player.component import show_player
from app.player.view import Overlay, PlayerView, Rail, Series, TimeChart

__all__ = ["Overlay", "PlayerView", "Rail", "Series", "TimeChart", "show_player"]
