"""A rendered benchmark of actions that only the order of their frames tells apart."""

from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS, OppositeClip, draw_clip
from maagn.opposites.dataset import OppositesDataset
from maagn.opposites.sheet import write_gallery
from maagn.opposites.split import Split

__all__ = [
    "OPPOSITES_LABELS",
    "OPPOSITES_PAIRS",
    "OppositeClip",
    "OppositesDataset",
    "Split",
    "draw_clip",
    "write_gallery",
]
