"""The lines that give in a notebook what a view of the evidence shows."""

from app.answer import Answer
from app.panels.notebook import explained, lines, list_of, prepared, quoted
from maagn.explain.faithfulness import Unit


def against(answer: Answer, other: str) -> str:
    """Every network's map of the explained class against another, and how alike the two are."""
    script = explained(answer, against=other) + lines(
        "for model, report, layer in zip(models, reports, layers, strict=True):\n"
        "    plain, other = (\n"
        "        maagn.explain(model, clip, target=label, "
        f"method={quoted(answer.question.method)}, layer=layer)\n"
        f"        for label in (target, {quoted(other)})\n"
        "    )\n"
        "    likeness = cosine(plain.cam.values, other.cam.values)\n"
        "    print(model.name, likeness, (report.cam.values > 0).mean())",
        imports=["from maagn.explain.faithfulness import cosine"],
    )
    return str(script)


def faithful(answer: Answer, unit: Unit) -> str:
    """The test of every network's map: what deleting and inserting what it marks changes."""
    script = prepared(answer.question) + lines(
        f"target = {quoted(answer.reports[0].label)}\n"
        f"layers = {list_of(report.cam.name for report in answer.reports)}\n"
        "results = [\n"
        "    faithfulness(\n"
        "        model, clip, maagn.trace(model, clip), target=model.labels.index(target),\n"
        f"        method={quoted(answer.question.method)}, layer=layer, unit={quoted(unit)},\n"
        "    )\n"
        "    for model, layer in zip(models, layers, strict=True)\n"
        "]\n"
        "for model, result in zip(models, results, strict=True):\n"
        "    print(model.name, result.verdict)",
        imports=["from maagn.explain.faithfulness import faithfulness"],
    )
    return str(script)


def motion(answer: Answer) -> str:
    """The optical flow between the frames that the first network sees."""
    script = prepared(answer.question) + lines(
        "flow = motion(prepare(models[0], clip))\n"
        "speed = (flow.values**2).sum(axis=3) ** 0.5\n"
        "print(speed.mean(axis=(1, 2)), speed.max())  # pixels of the network's input per second",
        imports=["from maagn.explain.motion import motion", "from maagn.inference import prepare"],
    )
    return str(script)


def row(answer: Answer) -> str:
    """The paper's Figure 7 for the clip, as a picture."""
    script = explained(answer) + lines(
        'Image.fromarray(figure_row(reports)).save("figure-7.png")',
        imports=["from PIL import Image", "from maagn.figures.faithfulness import figure_row"],
    )
    return str(script)
