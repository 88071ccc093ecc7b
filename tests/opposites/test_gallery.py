import json
from collections import Counter

import av
import cv2
import numpy as np

from maagn.opposites.clip import OPPOSITES_LABELS, draw_clip
from maagn.opposites.sheet import to_look_at, write_gallery, write_sheet


def test_gallery_is_playable_and_labelled(tmp_path):
    entries = write_gallery(tmp_path / "gallery", per_class=2, size=48, frames=6, fps=12)
    assert json.loads((tmp_path / "gallery" / "gallery.json").read_text("utf-8")) == json.loads(
        json.dumps(entries)
    )
    assert Counter(entry["label"] for entry in entries) == dict.fromkeys(OPPOSITES_LABELS, 2)
    assert len({entry["file"] for entry in entries}) == len(entries)
    assert len({(frozenset((e["label"], e["opposite"])), e["index"]) for e in entries}) == len(
        entries
    )
    for entry in entries[::5]:
        with av.open(str(tmp_path / "gallery" / entry["file"])) as container:
            stream = container.streams.video[0]
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (len(frames), float(stream.average_rate)) == (6, 12.0)
        clip = to_look_at(draw_clip(entry["label"], split="test", index=entry["index"]))
        wanted = clip.render(np.linspace(0, 1, 6), size=48)
        assert np.abs(np.stack(frames).astype(int) - wanted).mean() < 16
        assert entry["factors"]["blur"] == clip.lens.blur <= 0.5  # thousandths of a frame's width


def test_sheet_shows_every_pair(tmp_path):
    write_sheet(tmp_path / "sheet.png")
    picture = cv2.imread(str(tmp_path / "sheet.png"))
    assert picture.shape == (17 * 180, 2 * 740, 3)
