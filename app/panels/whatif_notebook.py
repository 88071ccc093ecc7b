"""The lines that give in a notebook what a change does to the answers."""

from app.panels.notebook import lines, prepared
from app.selection import Question
from maagn.explain.edits import Edit
from maagn.explain.interventions import Change, Changes


def edit(question: Question, asked: Edit) -> str:
    """Every network's answers about the clip as it is and as it is edited."""
    script = prepared(question) + lines(
        f"edit = {asked!r}\n"
        "predictions = {}\n"
        "for model in models:\n"
        "    inputs = prepare(model, clip)\n"
        "    plain = Edit(tuple(range(len(inputs.pictures))))\n"
        "    before, after = predictions[model.name] = ask(model, inputs, (plain, edit))\n"
        "    print(model.name, before.top(5), after.top(5))",
        imports=[
            "from maagn.explain.edits import Edit, Region, ask"
            if asked.blurred
            else "from maagn.explain.edits import Edit, ask",
            "from maagn.inference import prepare",
        ],
    )
    return str(script)


def fewest(question: Question) -> str:
    """The smallest set of frames without which each network answers otherwise."""
    script = prepared(question) + lines(
        "flips = {model.name: fewest(model, prepare(model, clip)) for model in models}\n"
        "for name, flip in flips.items():\n"
        '    print(name, "no set flips it" if flip is None else (flip.gone, flip.answer.top(1)))',
        imports=["from maagn.explain.edits import fewest", "from maagn.inference import prepare"],
    )
    return str(script)


def modules(question: Question, name: str, changes: Changes) -> str:
    """One network's answers with its modules as they are, and as they were set.

    Args:
        question: what is on the page.
        name: of the network, one of the question's.
        changes: one a path.
    """
    listed = "".join(f"    {_change(each)},\n" for each in changes)
    script = prepared(question) + lines(
        f"model = models[{question.models.index(name)}]\n"
        f"changes = (\n{listed})\n"
        "trace = maagn.trace(model, clip)\n"
        "after = change(model, trace, changes)\n"
        "print(trace.prediction.top(5), after.top(5))",
        imports=["from maagn.explain.interventions import Change, change"],
    )
    return str(script)


def _change(asked: Change) -> str:
    """The constructor's call with what differs from the network's own."""
    off = f"off=frozenset({sorted(asked.off)!r})" if asked.off else ""
    values = (
        f"{part}={getattr(asked, part)!r}"
        for part in ("sdm", "mtam", "gate")
        if any(value is not None for value in getattr(asked, part))
    )
    return f"Change({', '.join(filter(None, (off, *values)))})"
