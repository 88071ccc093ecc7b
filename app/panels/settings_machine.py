"""The machine that computes, and what is kept between visits."""

import os
import platform

import pandas as pd
import streamlit as st
import torch

from app import cache, exhibit


def show() -> None:
    """The machine beside what is kept."""
    left, right = st.columns(2)
    with left:
        exhibit.table(machine_rows(), key="machine", title="Machine")
    with right:
        exhibit.table(cache_rows(), key="caches", title="Kept in memory for the next who asks")
        st.caption("All visitors share it; each kind drops what was not asked for longest.")
        if st.button("Empty", key="caches-empty", icon=":material/delete_sweep:"):
            cache.forget()
            st.rerun()


def machine_rows() -> pd.DataFrame:
    """Name and value of what decides speed and rounding."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    rows = {
        "device": device,
        "processors": str(os.cpu_count()),
        "threads of torch": str(torch.get_num_threads()),
        "torch": torch.__version__,
        "Python": platform.python_version(),
        "Streamlit": st.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }
    return pd.DataFrame({"what": rows.keys(), "value": rows.values()})


def cache_rows() -> pd.DataFrame:
    """What is kept: how many of each there are, and megabytes now and at most."""
    rows = [("models", f"{len(cache.loaded())}", "", f"{cache.MODELS} models")]
    rows += [
        (kind, f"{number}", f"{now:.0f} MB", f"{most:.0f} MB")
        for kind, (number, now, most) in cache.kept().items()
    ]
    return pd.DataFrame(rows, columns=["what", "number", "now", "at most"])
