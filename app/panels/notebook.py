"""The lines that give in a notebook what a page shows."""

import json

from app.gallery.catalogue import clip_named
from app.selection import ClipChoice, Question
from maagn.explain.edits import Edit


def clip_lines(clip: ClipChoice) -> str:
    """Lines that make `clip`: a file is read, a clip of the benchmark is rendered."""
    if clip.drawn is None:
        return f"clip = maagn.read_clip({quoted(_file(clip))})"
    label, index = clip.drawn
    return (
        "from maagn.opposites.clip import draw_clip\n"
        "from maagn.opposites.dataset import middle_times\n"
        "from maagn.video.transform import from_frames\n"
        f'drawn = draw_clip({label}, split="test", index={index})\n'
        "frames = drawn.render(middle_times(8), size=90)\n"
        "clip = from_frames(frames, seconds=3 * middle_times(8))"
    )


def explain(question: Question, *, model: str | None = None) -> str:
    """Lines that give a model's answer, masks, gates and map."""
    target = "None" if question.target is None else repr(question.target)
    return (
        "import maagn\n"
        f"{clip_lines(question.clip)}\n"
        f"model = maagn.load_model({quoted(model or question.models[0])})\n"
        f"report = maagn.explain(model, clip, target={target},\n"
        f'                       method="{question.method}", layer="{question.layer}")\n'
        "print(report.prediction.top(5), report.margin)"
    )


def _file(clip: ClipChoice) -> str:
    """The gallery's place in the project; of a visitor's own file the name alone."""
    return f"app/gallery/{clip.link}" if clip_named(clip.link) else clip.name


def quoted(text: str) -> str:
    """A name as Python writes a text, so that nothing in it can be code; in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def edit(question: Question, edit: Edit) -> str:
    """Lines that ask a model about an edited clip."""
    return (
        "import maagn\n"
        "from maagn.explain.edits import Edit, Region, ask\n"
        "from maagn.predict import prepare\n"
        f"{clip_lines(question.clip)}\n"
        f"model = maagn.load_model({quoted(question.models[0])})\n"
        f"found = ask(model, prepare(model, clip), ({edit!r},))[0]\n"
        "print(found.top(5))"
    )


def steps(question: Question, *, path: int) -> str:
    """Lines that give every intermediate of one path, and the equations with their numbers."""
    return (
        "import maagn\n"
        "from maagn.explain.equations import equations\n"
        "from maagn.explain.steps import steps\n"
        f"{clip_lines(question.clip)}\n"
        f"model = maagn.load_model({quoted(question.models[0])})\n"
        f"found = steps(model, maagn.trace(model, clip), {path})\n"
        "print(found.tensors['sdm'], equations(found, 0)[4].numbers)"
    )


def confusion(model: str) -> str:
    """Lines that give a model's confusion matrix and its confused pairs."""
    return (
        "from maagn.evaluate.confusion import confusion\n"
        "from maagn.evaluate.pairs import confused_pairs\n"
        "from maagn.evaluate.results import read_results\n"
        f"answers = read_results().of({quoted(model)})\n"
        "print(confusion(answers), confused_pairs(answers)[0])"
    )
