"""The lines that give the tour's reversal in a notebook."""

from app.panels.notebook import clip_lines
from app.selection import Question


def reverse(question: Question) -> str:
    """Lines that ask every network about the clip's frames in both orders."""
    return (
        "import maagn\n"
        "from maagn.explain.reversal import reversal\n"
        "from maagn.predict import prepare\n"
        f"{clip_lines(question.clip)}\n"
        f"for name in {list(question.models)!r}:\n"
        "    model = maagn.load_model(name)\n"
        "    found = reversal(model, prepare(model, clip))\n"
        "    print(name, found.forward.top(1), found.backward.top(1), found.change)"
    )
