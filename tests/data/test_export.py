import csv
import json

import av
import numpy as np
import pandas as pd
import pytest

from maagn.config import SamplingSpec
from maagn.data.export import export_opposites, word
from maagn.data.open import open_videos
from maagn.data.training import VideoClips
from maagn.errors import DatasetError
from maagn.opposites.clip import OPPOSITES_LABELS, draw_clip
from maagn.video.transform import sample_positions

CLASSES = (0, 4, 5)
FRAMES, SIDE = 36, 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("export")
    told = []
    written = export_opposites(
        out,
        splits=["val"],
        per_class=2,
        size=SIDE,
        classes=CLASSES,
        report=lambda *x: told.append(x),
    )
    assert written == 6
    assert told[-1] == (6, 6)
    export_opposites(out / "other", splits=["train", "test"], per_class=1, size=32, classes=(0,))
    return out


def test_what_is_written_is_read(folder):
    data = VideoClips(open_videos(folder), frames=8, resize=SIDE, crop=SIDE)
    factors = pd.read_parquet(folder / "factors.parquet").set_index("id")
    assert data.labels == OPPOSITES_LABELS
    assert len(data) == 6
    times = np.linspace(0, 1, FRAMES)[sample_positions(FRAMES, SamplingSpec(8))]
    for i, entry in enumerate(data.videos.videos):
        row = factors.loc[entry.id]
        frames, label = data.get(i)
        assert OPPOSITES_LABELS[label] == row["label"]
        rendered = draw_clip(label, split="val", index=int(row["index"])).render(times, size=SIDE)
        far = np.abs(frames.astype(float) - rendered).mean()
        assert far < 8, f"{row['label']}: {far:.1f} of 255 away"
        assert abs(frames.mean() - rendered.mean()) < 2  # the same range and matrix of colours


def test_training_frames_change_with_the_epoch_alone(folder):
    data = VideoClips(open_videos(folder), frames=4, jitter=True, resize=40, crop=32)
    first, again = data.get(0)[0], data.get(0)[0]
    data.epoch = 1
    assert first.shape == (4, 32, 32, 3)
    np.testing.assert_array_equal(first, again)
    assert (data.get(0)[0] != first).any()


def test_files_are_as_distributed(folder):
    entry = json.loads((folder / "labels" / "validation.json").read_text())[0]
    assert set(entry) == {"id", "label", "template", "placeholders"}
    assert entry["template"].count("[") == len(entry["placeholders"])
    assert entry["placeholders"][0] in entry["label"]
    numbers = json.loads((folder / "labels" / "labels.json").read_text())
    assert numbers[OPPOSITES_LABELS[3]] == "3"
    with av.open(str(next((folder / "20bn-something-something-v2").glob("*.webm")))) as video:
        assert video.streams.video[0].codec_context.name.endswith("vp9")


def test_the_test_split_keeps_its_answers_apart(folder):
    labels = folder / "other" / "labels"
    (entry,) = json.loads((labels / "test.json").read_text())
    with (labels / "test-answers.csv").open() as file:
        (row,) = csv.reader(file, delimiter=";")
    assert (entry, row) == ({"id": row[0]}, [row[0], OPPOSITES_LABELS[0]])
    assert open_videos(folder / "other", split="test").videos[0].label == 0
    splits = pd.read_parquet(folder / "other" / "factors.parquet")["split"]
    assert splits.tolist() == ["train", "test"]


def test_what_is_missing_is_named(folder, tmp_path):
    with pytest.raises(DatasetError, match=r"labels\.json cannot be opened"):
        open_videos(tmp_path, layout="something-v2")
    with pytest.raises(DatasetError, match=r"train\.json cannot be opened"):
        open_videos(folder, split="train")
    data = VideoClips(open_videos(folder))
    video = data.videos.videos[0].path
    video.rename(tmp_path / video.name)
    try:
        with pytest.raises(DatasetError, match=r"There is no file .* `maagn data check --read`"):
            data.get(0)
    finally:
        (tmp_path / video.name).rename(video)


def test_labels_of_another_release_are_refused(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "labels.json").write_text('{"Opening something": "0"}')
    rows = '[{"id": "1", "template": "Closing [something]"}]'
    (tmp_path / "labels" / "train.json").write_text(rows)
    with pytest.raises(DatasetError, match="'Closing something', which is not among"):
        open_videos(tmp_path, split="train")
    (tmp_path / "labels" / "train.json").write_text('["1"]')
    with pytest.raises(DatasetError, match="not as it was distributed"):
        open_videos(tmp_path, split="train")


@pytest.mark.parametrize(
    ("name", "things", "template", "label"),
    [
        ("Opening something", ("red box",), "Opening [something]", "opening a red box"),
        (
            "Putting something into something",
            ("orange mug",),
            "Putting [something] into [something]",
            "putting an orange mug into something",
        ),
    ],
)
def test_templates_are_filled_in_order(name, things, template, label):
    wording = word(name, things)
    assert (wording.template, wording.label) == (template, label)
    assert len(wording.placeholders) == template.count("[")
