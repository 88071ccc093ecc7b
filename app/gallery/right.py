"""What is known of the gallery before anyone asks: `python -m app.gallery.right` works it out anew.

Which networks classify which clip correctly, and the full result for the first screen's clip.
"""

import json

from app.gallery.catalogue import ANSWERED, FIRST, FOLDER
from maagn.checkpoint import Model, load_model
from maagn.explain.report import report
from maagn.explain.report_file import write_reports
from maagn.inference import predict, trace
from maagn.video.read import read_clip

NAMES = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")


def main() -> None:
    """Ask every demonstration network about every clip."""
    rows = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))
    models = [load_model(name) for name in NAMES]
    found = {}
    for row in rows:
        clip = read_clip(FOLDER / row["file"], samplings=sorted({m.sampling for m in models}))
        answers = {model.architecture.title: predict(model, clip).top(1)[0][0] for model in models}
        found[row["file"]] = [name for name, answer in answers.items() if answer == row["label"]]
    (FOLDER / "right.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _first_screen(models)


def _first_screen(models: list[Model]) -> None:
    clip = read_clip(FOLDER / FIRST, samplings=sorted({model.sampling for model in models}))
    runs = [trace(model, clip) for model in models]
    target = runs[0].prediction.best
    write_reports(
        ANSWERED,
        [report(model, clip, run, target=target) for model, run in zip(models, runs, strict=True)],
    )


if __name__ == "__main__":
    main()
