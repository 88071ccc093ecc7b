"""The lines that give in a notebook what a page shows.

They stand by themselves: run as they are given, from any folder, they give the page's numbers. Only
for a file of the visitor's own there is a path to fill in, because a page never tells where the
server keeps it.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import dataset_links
from app.gallery import film
from app.gallery.catalogue import FILMED, clip_named, filmed
from app.predictions import Answer
from app.selection import ClipChoice, Question
from app.server import uploads
from app.views.recorded import Source
from maagn.checkpoint import folder_of
from maagn.evaluate import runner, runs
from maagn.opposites.split import Split
from maagn.section import Section

_READ_VIDEO = "from maagn.data.read import read_video"
_PATH = "from pathlib import Path"


@dataclass(frozen=True)
class Lines:
    """A part of a script.

    Attributes:
        imports: that the other lines need, in any order.
        body: the other lines.
    """

    imports: tuple[str, ...]
    body: tuple[str, ...]

    def __add__(self, other: "Lines") -> "Lines":
        return Lines(self.imports + other.imports, self.body + other.body)

    def __str__(self) -> str:
        """The script: its imports first, those of the standard library apart."""
        ours = {line for line in self.imports if "maagn" in line}
        groups = [sorted(set(self.imports) - ours), sorted(ours, key=_order), self.body]
        return "\n\n".join("\n".join(group) for group in groups if group)


def lines(body: str, *, imports: Iterable[str] = ()) -> Lines:
    """The lines of a script, with the imports they need."""
    return Lines(tuple(imports), tuple(body.splitlines()))


_OF_COLLECTION = re.compile(r"@[0-9a-f]{8}$")


def quoted(text: str) -> str:
    """A name as a literal of Python, so that nothing in it can be code; every letter is visible."""
    literal = repr(text)
    return literal if '"' in text else f'"{literal[1:-1]}"'


def list_of(names: Iterable[str]) -> str:
    """The names as the source of a Python list.

    A network of a visitor's collection is called as the file that they can take along.
    """
    return f"[{', '.join(quoted(_OF_COLLECTION.sub('', name)) for name in names)}]"


def prepared(question: Question, *, models: Sequence[str] | None = None) -> Lines:
    """Lines that make `models`, as many as are asked, and `clip` with the frames that they need."""
    loaded = lines(
        f"models = [maagn.load_model(name) for name in {list_of(models or question.models)}]\n"
        "samplings = [model.sampling for model in models]",
        imports=["import maagn"],
    )
    return _folder("MAAGN_CHECKPOINTS", "networks") + loaded + clip_lines(question.clip)


def clip_lines(clip: ClipChoice) -> Lines:
    """Lines that make `clip`, with the frames that `samplings` of `models` need."""
    if clip.drawn is not None:
        return _drawn(*clip.drawn, split=clip.split)
    section = _section(clip)
    if clip_named(clip.link) is not None or clip.link == film.LINK:
        return path_lines(clip) + lines(
            f"clip = maagn.read_clip(path, samplings=samplings{section})", imports=["import maagn"]
        )
    registered = dataset_links.parts(clip.link)
    if registered is not None:
        return _registered(*registered, section=clip.section)
    return _own(clip)


def timeline(question: Question, *, window: float, step: float) -> str:
    """Lines that give every network's answers over a film.

    Args:
        question: which film and which networks.
        window: seconds that a network sees at a time.
        step: seconds from window to window.
    """
    script = (
        _folder("MAAGN_CHECKPOINTS", "networks")
        + lines(
            f"models = [maagn.load_model(name) for name in {list_of(question.models)}]",
            imports=["import maagn"],
        )
        + path_lines(question.clip)
        + lines(
            f"found = timeline(path, models, window={window}, step={step})\n"
            "for answers in found.answers:\n"
            "    for segment in answers.segments():\n"
            "        label = answers.model.labels[segment.label]\n"
            "        print(answers.model.name, found.part(segment), label, segment.probability)",
            imports=["from maagn.explain.timeline import timeline"],
        )
    )
    return str(script)


def path_lines(clip: ClipChoice) -> Lines:
    """Lines that make `path`, of a clip that is a file."""
    named = clip_named(clip.link)
    if named is not None and named in filmed():
        within = named.path.relative_to(folder_of(FILMED)).as_posix()
        return lines(
            f"path = folder_of({quoted(FILMED)}) / {quoted(within)}",
            imports=["from maagn.checkpoint import folder_of"],
        )
    if named is not None:
        return lines(
            f'path = SHIPPED / "app" / "gallery" / {quoted(named.name)}',
            imports=["from maagn.folders import SHIPPED"],
        )
    if clip.link == film.LINK:
        return _twelve_clips()
    registered = dataset_links.parts(clip.link)
    if registered is not None:
        name, number = registered
        return _folder("MAAGN_DATASETS", "lists of data sets") + lines(
            f"path = Index(find({quoted(name)})).video({quoted(number)}).path",
            imports=[
                "from maagn.data.index import Index",
                "from maagn.data.registry import find",
            ],
        )
    return lines(_filled(clip))


def _twelve_clips() -> Lines:
    """Lines that write the film of the gallery's clips anew."""
    names = ",\n".join(f"    {quoted(name)}" for name in film.CLIPS)
    return lines(
        f"names = [\n{names},\n]\n"
        'clips = [maagn.read_clip(SHIPPED / "app" / "gallery" / name) for name in names]\n'
        "lengths = [clip.source_seconds[-1] + clip.source_seconds[1] for clip in clips]\n"
        "starts = np.cumsum([0, *lengths[:-1]])\n"
        "seconds = [start + clip.seconds for start, clip in zip(starts, clips, strict=True)]\n"
        f"path = {quoted(film.LINK)}\n"
        "frames = np.concatenate([clip.frames for clip in clips])\n"
        f"write_mp4(path, frames, seconds=np.concatenate(seconds), "
        f"keyframe_every={film.KEYFRAME_EVERY})",
        imports=[
            "import maagn",
            "import numpy as np",
            "from maagn.folders import SHIPPED",
            "from maagn.video.encode import write_mp4",
        ],
    )


def explain(answer: Answer) -> str:
    """Lines that give every network's answer, masks, gates and map."""
    return str(explained(answer))


def explained(answer: Answer, *, against: str | None = None) -> Lines:
    """Lines that make `reports`, one a network, and print each's first classes.

    Args:
        answer: what is on the page.
        against: the class that the explained one is set against.
    """
    question = answer.question
    set_against = "" if against is None else f" against={quoted(against)},"
    return prepared(question) + lines(
        f"target = {quoted(answer.reports[0].label)}\n"
        f"layers = {list_of(report.cam.name for report in answer.reports)}\n"
        "reports = [\n"
        f"    maagn.explain(model, clip, target=target,{set_against} "
        f"method={quoted(question.method)}, layer=layer)\n"
        "    for model, layer in zip(models, layers, strict=True)\n"
        "]\n"
        "for report in reports:\n"
        "    print(report.model.name, report.prediction.top(5), report.margin)"
    )


def steps(question: Question, *, path: int, frame: int, numbers: range) -> str:
    """Lines that give every intermediate of the first network's path, and equations of a frame.

    Args:
        question: what is on the page, which is about the first network alone.
        path: its number, from 0.
        frame: of the path, from 0.
        numbers: of the equations, as in the paper.
    """
    script = prepared(question, models=question.models[:1]) + lines(
        "trace = maagn.trace(models[0], clip)\n"
        f"intermediates = steps(models[0], trace, {path})\n"
        'print(intermediates.tensors["sdm"], intermediates.tensors["mtam"])\n'
        f"print(gates(models[0], trace)[{path}].shares.mean(axis=1))  # spatial, temporal, gate\n"
        f"for equation in equations(intermediates, {frame}):\n"
        f"    if {numbers.start} <= equation.number < {numbers.stop}:\n"
        "        print(equation.number, equation.about, equation.values)",
        imports=[
            "from maagn.explain.equations import equations",
            "from maagn.explain.attention import gates",
            "from maagn.explain.intermediates import steps",
        ],
    )
    return str(script)


def data_sets() -> str:
    """Lines that give the names of the registered sets."""
    script = _folder("MAAGN_DATASETS", "lists of data sets") + lines(
        "for data in registered():\n    print(data.name, data.layout, data.split, data.clips)",
        imports=["from maagn.data.registry import registered"],
    )
    return str(script)


def data_set(name: str, *, words: str, label: int | None, limit: int, offset: int) -> str:
    """Lines that give those videos of a registered set that a page of the search shows."""
    script = _folder("MAAGN_DATASETS", "lists of data sets") + lines(
        f"index = Index(find({quoted(name)}))\n"
        f"page = index.page(words={quoted(words)}, label={label}, limit={limit}, offset={offset})\n"
        "print(page.total)\n"
        "for video in page.videos:\n"
        "    print(video.id, None if video.label is None else index.data.labels[video.label])",
        imports=["from maagn.data.index import Index", "from maagn.data.registry import find"],
    )
    return str(script)


def cards(names: Iterable[str]) -> str:
    """Lines that give what the networks' files say of themselves."""
    script = _folder("MAAGN_CHECKPOINTS", "networks") + lines(
        f"for name in {list_of(names)}:\n"
        "    card = load_card(name)\n"
        "    print(card.name, card.spec, len(card.labels), card.provenance.metrics, card.digest)",
        imports=["from maagn.checkpoint import load_card"],
    )
    return str(script)


def _drawn(label: int, index: int, *, split: Split) -> Lines:
    """A clip of the benchmark, drawn as the evaluation draws it."""
    return lines(
        "times = middle_times(max(sampling.frames for sampling in samplings))\n"
        f'drawn = draw_clip({label}, split="{split}", index={index})\n'
        "frames = drawn.render(times, size=models[0].transform.resize)\n"
        "clip = from_frames(frames, seconds=3 * times)",
        imports=[
            "from maagn.opposites.clip import draw_clip",
            "from maagn.opposites.dataset import middle_times",
            "from maagn.video.transform import from_frames",
        ],
    )


def _section(clip: ClipChoice) -> str:
    """The argument that reads a section alone; nothing for a whole clip."""
    section = clip.section
    return "" if section is None else f", section=({section.start!r}, {section.end!r})"


def _registered(name: str, number: str, *, section: Section | None) -> Lines:
    """Lines that open a video of a registered set."""
    of_it = "" if section is None else f", section=Section({section.start!r}, {section.end!r})"
    video = lines(
        f"video = Index(find({quoted(name)})).video({quoted(number)})\n"
        f"clip = read_video(video, samplings=samplings{of_it})",
        imports=[
            *([] if section is None else ["from maagn.section import Section"]),
            "from maagn.data.index import Index",
            "from maagn.data.registry import find",
            _READ_VIDEO,
        ],
    )
    return _folder("MAAGN_DATASETS", "lists of data sets") + video


def _own(clip: ClipChoice) -> Lines:
    """A file that the visitor has elsewhere too: its name is told, its folder to be filled in."""
    filled = _filled(clip)
    if clip.path is not None and clip.path.is_dir():  # one picture per frame
        name = re.split(r"[/\\]", clip.name)[-1]
        return lines(
            filled + f"video = Video({quoted(name)}, Path(path), label=None)\n"
            "clip = read_video(video, samplings=samplings)",
            imports=[_PATH, _READ_VIDEO, "from maagn.data.videos import Video"],
        )
    return lines(
        filled + f"clip = maagn.read_clip(path, samplings=samplings{_section(clip)})",
        imports=["import maagn"],
    )


def _filled(clip: ClipChoice) -> str:
    """The line with the path of such a file."""
    of_page = clip.path is not None and clip.path.parent == uploads.ALL.folder
    what = "the file that the explorer was started with"
    if of_page or clip.root is not None:
        what = "the uploaded file" if of_page else "this clip of the set"
    name = re.split(r"[/\\]", clip.name)[-1]
    return f"path = {quoted(f'PATH/TO/{name}')}  # fill in: your own copy of {what}\n"


def _folder(variable: str, what: str) -> Lines:
    """Where the explorer was started with a folder of its own: that the lines need the same one."""
    if not os.environ.get(variable):
        return Lines((), ())
    return lines(f"# Set {variable} as for the explorer: it names the folder of its {what}.")


def _order(line: str) -> tuple[bool, str]:
    """`import maagn` comes before what is imported from it, as formatters put it."""
    return not line.startswith("import "), line


def comparison(first: Source, second: Source, *, one_run: bool) -> str:
    """Both networks' answers, the difference, and every class.

    Args:
        first: of the first network's answers.
        second: of the second's.
        one_run: whether both are about the same clips; else those in common are looked for.
    """
    if one_run:
        both = f"first = {_predictions(first)}\nsecond = {_predictions(second)}\n"
    else:
        both = (
            f"first, second = align({_read(first)}, {quoted(first.model)},\n"
            f"                      {_read(second)}, {quoted(second.model)})\n"
        )
    script = _folders(first, second) + lines(
        f"{both}print(overall(first, second))\n"
        "print(table(gains(first, second)))\n"
        "print(table(by_pair(first, second)))",
        imports=[
            "from maagn.evaluate.compare import by_pair, gains, overall, table",
            *([] if one_run else ["from maagn.evaluate.align import align"]),
        ],
    )
    return str(script)


def confusion(source: Source) -> str:
    """A network's confusion matrix and its confused pairs."""
    script = _folders(source) + lines(
        f"predictions = {_predictions(source)}\n"
        "print(confusion(predictions))\n"
        "for pair in confused_pairs(predictions):\n"
        "    print(pair.classes, pair.clips, pair.opposite, pair.preferred)",
        imports=["from maagn.evaluate.metrics import confused_pairs, confusion"],
    )
    return str(script)


def neighbours(source: Source, stored: tuple[Path, str] | None) -> str:
    """What a network's map of clips shows, and the clips among their opposite's.

    Args:
        source: of its predictions.
        stored: the table with its features, and its name there; None where there are only logits.
    """
    script = _folders(source) + lines(f"predictions = {_predictions(source)}")
    if stored is None:
        script += lines("features = predictions.logits")
    else:
        table, model = stored
        script += _folder_of(table) + lines(
            f"features = read_features({_path(table)}, {quoted(model)}, predictions.clip)",
            imports=["from maagn.evaluate.stored_features import read_features"],
        )
    script += lines(
        "reduced = reduce_features(features)\n"
        "near = nearest(reduced.vectors)\n"
        "share = opposite_share(near, predictions.truth, predictions.opposites)\n"
        "print(reduced.explained[:2], reduced.plane)\n"
        "print(predictions.clip[among_opposite(share)])",
        imports=[
            "from maagn.evaluate.neighbours import among_opposite, nearest",
            "from maagn.evaluate.neighbours import opposite_share, reduce_features",
        ],
    )
    return str(script)


_RUNS = "from maagn.evaluate.runs import FOLDER as RUNS  # see MAAGN_RUNS"
_EVALUATIONS = "from maagn.evaluate.runner import FOLDER as EVALUATIONS  # see MAAGN_EVALUATIONS"


def _folders(*sources: Source) -> Lines:
    """Lines that name the folders that these results lie in, and import what reads them."""
    found = Lines((), ())
    for source in sources:
        if source.file is None:
            found += lines("", imports=["from maagn.evaluate.results import read_results"])
            continue
        found += lines("", imports=["from maagn.evaluate.runs import read_run"])
        named = _folder_of(source.file)
        found += Lines(named.imports, () if found.body else named.body)
    return found


def _folder_of(file: Path) -> Lines:
    """Lines that name the folder which `_path` begins at."""
    words = _path(file)
    if words.startswith("RUNS"):
        return lines("", imports=[_RUNS])
    if words.startswith("EVALUATIONS"):
        return lines("", imports=[_EVALUATIONS])
    return lines(
        'FOLDER = Path("PATH/TO")  # fill in: where the folder of your clips lies', imports=[_PATH]
    )


def _path(file: Path) -> str:
    """Where a run lies, from a folder that is named: a page never tells where the server has it."""
    for name, folder in (("RUNS", runs.FOLDER), ("EVALUATIONS", runner.FOLDER)):
        if file.is_relative_to(folder):
            return f"{name} / {quoted(file.relative_to(folder).as_posix())}"
    return f"FOLDER / {quoted(file.parent.name)} / {quoted(file.name)}"


def _read(source: Source) -> str:
    return "read_results()" if source.file is None else f"read_run({_path(source.file)})"


def _predictions(source: Source) -> str:
    return f"{_read(source)}.of({quoted(source.model)})"
