"""What a path computed from the clip, or a sentence where there is no such path."""

from app import cache, elements
from app.elements import markdown
from app.networks import choose_where
from app.predictions import Answer, stepped
from app.selection import Selection
from app.work import worked_out
from maagn.explain.attention import modules_missing
from maagn.explain.intermediates import PathIntermediates


def worked(selection: Selection) -> tuple[Answer, PathIntermediates] | None:
    """One network's answer with the intermediates of the chosen path.

    None while they are not there, or where the paper's equations do not hold for the network; the
    page then says so.
    """
    card = cache.card(selection.question.models[0])
    missing = modules_missing(card, all_masks=True)
    if missing is not None:
        elements.dead_end(
            markdown(missing),
            key="modules",
            ways=choose_where(lambda one: modules_missing(one, all_masks=True) is None),
        )
        return None
    return worked_out(
        ("steps", selection.question, selection.path),
        lambda job: stepped(selection, job),
        height=720,
    )
