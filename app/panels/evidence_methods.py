"""Which CAM methods are offered, which are not, and why."""

import pandas as pd
import streamlit as st

from app import exhibit
from maagn.explain.cam import METHODS

_AXIS = ("eigencam", "eigengradcam")
_LEFT_OUT = {
    "AblationCAM": "puts its own layer into the network, which all visitors share",
    "ScoreCAM": "expects pictures: fails on the five axes of a clip",
    "FullGrad": "hooks every bias of the network, which all visitors share",
}


def show() -> None:
    """The table, folded."""
    offered = [
        {
            "method": kind,
            "offered": "✓ yes",
            "asks for a class": "no" if name == "eigencam" else "yes",
            "weights": "one axis a clip" if name in _AXIS else "frame by frame",
            "why": "one forward and one gradient, no hooks",
        }
        for name, kind in METHODS.items()
    ]
    missing = [
        {"method": name, "offered": "✗ no", "asks for a class": "", "weights": "", "why": why}
        for name, why in _LEFT_OUT.items()
    ]
    with st.expander("Methods: which are offered, and why"):
        exhibit.table(pd.DataFrame(offered + missing), key="methods", title="CAM methods")
