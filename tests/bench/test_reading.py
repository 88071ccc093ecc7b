import av
import numpy as np

from maagn.bench.reading import Filmed, film, sequential
from maagn.config import SamplingSpec
from maagn.video.read import read_clip

SMALL = Filmed(seconds=1, width=128, height=96, group=12, b_frames=2)


def test_a_film_is_coded_as_asked(tmp_path):
    with av.open(str(film(tmp_path / "a.mp4", SMALL))) as container:
        found = [packet for packet in container.demux(video=0) if packet.size]
        stream = container.streams.video[0]
        assert (stream.width, stream.height, len(found)) == (128, 96, 30)
    assert [index for index, one in enumerate(found) if one.is_keyframe] == [0, 12, 24]
    assert any(one.pts != one.dts for one in found)


def test_both_ways_give_the_same_frames(tmp_path):
    path = film(tmp_path / "a.mp4", SMALL)
    clip = read_clip(path, samplings=[SamplingSpec(8)])
    assert np.array_equal(clip.frames, sequential(path))
