"""What a teaching found: its figures in words and tables, and the ways on from there."""

import pandas as pd
import streamlit as st

from app import elements, networks, page, taught
from app.elements import markdown
from app.server import collection_store
from app.server.collection import Collection
from maagn.evaluate.intervals import Estimate, Share
from maagn.figures.layout import percent
from maagn.teach.report import TeachingReport

_SEEN = {
    "first frame": "the first frame alone",
    "mean frame": "the average frame alone",
    "TSN": "all frames in no order, by TSN",
}


def show(found: TeachingReport, owner: str, collection: Collection) -> None:
    """Figures, what pictures tell without order, warnings, and the ways on.

    Args:
        found: by the teaching.
        owner: whose collection it is.
        collection: that was taught from.
    """
    st.subheader("How well do they tell your classes apart?", anchor=False)
    elements.words(sentence(found), key="taught-sentence")
    elements.table(rows(found), key="taught", title=f"Left-out clips (n = {sum(found.clips)})")
    elements.caption(note(found), key="taught-note")
    left, right = st.columns(2, gap="large")
    with left:
        elements.table(leak_rows(found), key="leaks", title="What do pictures tell without order?")
    with right:
        for warning in (*found.warnings, *found.skipped):
            st.warning(markdown(warning), icon=":material/warning:")
    folder = collection_store.ALL.folder(owner, collection.key)
    first = next(each for each in collection.classes if each.clips)
    title = networks.group_of(f"{found.networks[0].name}@{collection.key}")
    with st.container(horizontal=True):
        if title is not None and st.button(
            "Open in Explore", icon=":material/play_circle:", type="primary"
        ):
            page.open_clip(taught.choice(collection, first.name, first.clips[0]), networks=title)
        with st.popover("Take the networks along", icon=":material/download:"):
            st.caption("Each is what differs from its base, some kilobytes: for maagn explain.")
            for network in found.networks:
                path = folder / f"{network.name}.safetensors"
                if path.exists():
                    st.download_button(network.kind, path.read_bytes(), path.name)


def sentence(found: TeachingReport) -> str:
    """What a teaching comes to."""
    most = max(network.right.hits for network in found.networks)
    best = [network for network in found.networks if network.right.hits == most]
    names = " and ".join(filter(None, (", ".join(n.kind for n in best[:-1]), best[-1].kind)))
    told = f"{most} of {best[0].right.trials} left-out clips"
    verb = "classify" if len(best) > 1 else "classifies"
    if best[0].interval.low > max(found.clips) / sum(found.clips):
        return f"**{names} {verb} {told} correctly**, more than by chance."
    return (
        f"{names} {verb} {told} correctly: **not significantly better than chance**. More clips, "
        "or clips that are more alike in all but the action, may help."
    )


def note(found: TeachingReport) -> str:
    """What the figures of a teaching are of."""
    backwards = bool(found.opposites)
    fitted = "without it and its reversal" if backwards else "without it"
    reversed_ = " Reversed: clips whose frames, last first, are given the opposite class."
    return (
        f"Each {found.left_out} is predicted by heads that were fitted {fitted}. Where several "
        "clips show the same person or place, expect less of new ones. Interval: 95 %."
        f"{reversed_ * backwards}"
    )


def rows(found: TeachingReport) -> pd.DataFrame:
    """One row a network."""
    return pd.DataFrame(
        [
            {
                "network": network.kind,
                "right": f"{network.right.hits} of {network.right.trials}",
                "95 % interval": _range(network.interval),
                **{f"of {label}": _of(one) for label, one in network.classes.items()},
                **({} if network.reversed is None else {"reversed": _of(network.reversed)}),
            }
            for network in found.networks
        ]
    )


def leak_rows(found: TeachingReport) -> pd.DataFrame:
    """One row a reader that sees no order."""
    return pd.DataFrame(
        [
            {
                "what is seen": _SEEN[leak.reader],
                "right": _of(leak.right),
                "95 % interval": _range(leak.right),
                "chance": percent(leak.chance),
            }
            for leak in found.leaks
        ]
    )


def _range(one: Share | Estimate) -> str:
    return f"{100 * one.low:.0f} to {100 * one.high:.0f} %"


def _of(one: Share) -> str:
    return f"{one.hits} of {one.trials}"
