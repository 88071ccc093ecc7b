"""The lines that give the tour's reversal in a notebook."""

from app.panels.notebook import lines, prepared
from app.selection import Question


def reverse(question: Question) -> str:
    """Lines that ask every network about the clip's frames in both orders."""
    script = prepared(question) + lines(
        "reversals = {model.name: reversal(model, prepare(model, clip)) for model in models}\n"
        "for name, orders in reversals.items():\n"
        "    print(name, orders.forward.top(1), orders.backward.top(1), orders.change)",
        imports=[
            "from maagn.explain.reversal import reversal",
            "from maagn.inference import prepare",
        ],
    )
    return str(script)
