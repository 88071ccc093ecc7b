"""Which networks name which clip of the gallery: `python -m app.gallery.right` writes it anew."""

import json

from app.gallery.catalogue import FOLDER
from maagn.checkpoint import available, load_model
from maagn.predict import predict
from maagn.video.read import read_clip


def main() -> None:
    """Ask every demonstration network about every clip."""
    rows = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))
    models = [load_model(name) for name in available() if name.endswith("-demo")]
    found = {}
    for row in rows:
        clip = read_clip(FOLDER / row["file"], samplings=sorted({m.sampling for m in models}))
        answers = {model.spec.arch.upper(): predict(model, clip).top(1)[0][0] for model in models}
        found[row["file"]] = [name for name, answer in answers.items() if answer == row["label"]]
    (FOLDER / "right.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
