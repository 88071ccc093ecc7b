"""What heads read of a clip is computed once, and of a clip and its reversal alike."""

import numpy as np
import pytest
import torch

from maagn.data.videos import Video
from maagn.errors import UnreadableClip
from maagn.teach import features
from maagn.teach.features import features_of
from maagn.video.encode import write_mp4
from tests.tiny import SPEC, square_frames, tiny_model


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "square.mp4"
    write_mp4(path, square_frames(), seconds=np.arange(16) / 10)
    return Video("square.mp4", path, 0)


@pytest.fixture
def model(tmp_path):
    return tiny_model(tmp_path)


def test_the_heads_read_the_clip_and_its_reversal(clip, model, tmp_path):
    (found,) = features_of(clip, [model], tmp_path / "kept")
    assert [each.shape for each in found.inputs] == [(2, 32)] * 3
    assert found.pictures.shape == (8, 16, 16, 3)
    with torch.no_grad():
        logits = [
            layer(torch.from_numpy(x)).numpy()
            for layer, x in zip(model.network.classifiers, found.inputs, strict=True)
        ]
    from maagn.inference import predict
    from maagn.video.read import read_clip

    said = predict(model, read_clip(clip.path, samplings=(model.sampling,)))
    np.testing.assert_allclose(np.mean(logits, axis=0)[0], said.logits, atol=1e-4)
    assert not np.allclose(*np.mean(logits, axis=0))


def test_what_was_seen_is_not_computed_again(clip, model, tmp_path, monkeypatch):
    (first,) = features_of(clip, [model], tmp_path / "kept")
    monkeypatch.setattr(features, "_computed", lambda *_: pytest.fail("computed again"))
    monkeypatch.setattr(features, "read_clips", lambda *_: pytest.fail("read again"))
    (again,) = features_of(clip, [model], tmp_path / "kept")
    assert again.digest == first.digest
    for one, other in zip(first.inputs, again.inputs, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(first.pictures, again.pictures)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_damaged_file_of_features_is_made_anew(clip, model, tmp_path, content):
    (first,) = features_of(clip, [model], tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_bytes(content)
    (again,) = features_of(clip, [model], tmp_path / "kept")
    np.testing.assert_array_equal(first.inputs[0], again.inputs[0])
    assert len(kept.read_bytes()) > 1000


def test_a_pickle_is_not_opened(clip, model, tmp_path):
    features_of(clip, [model], tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    harm = np.array([print], dtype=object)
    np.savez(kept, pictures=harm, head0=harm, head1=harm, head2=harm)
    (again,) = features_of(clip, [model], tmp_path / "kept")
    assert again.pictures.dtype == np.uint8


def test_a_file_that_cannot_be_read_is_named(model, tmp_path):
    path = tmp_path / "bad.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(UnreadableClip, match=r"bad\.mp4"):
        features_of(Video("bad.mp4", path, 0), [model], tmp_path / "kept")


def test_another_network_has_features_of_its_own(clip, model, tmp_path):
    other = tiny_model(
        tmp_path, spec=type(SPEC)(**{**SPEC.as_dict(), "arch": "tsm", "shift": True})
    )
    assert len(features_of(clip, [model, other], tmp_path / "kept")) == 2
    assert len(list((tmp_path / "kept").iterdir())) == 2
