import numpy as np
import pytest
import torch

from maagn.config import SamplingSpec, TransformSpec
from maagn.errors import TooFewFrames
from maagn.types import Crop
from maagn.video.read import read_clip
from maagn.video.transform import from_frames, shown_frames, source_rectangle, to_tensor

TWO = SamplingSpec(frames=2)
PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


def clip_of(frames):
    return from_frames(frames, seconds=np.arange(len(frames)) / 10)


def columns(*, width, height, count=4):
    """Frames whose value is 10 times the frame's place plus the column."""
    values = 10 * np.arange(count)[:, None, None] + np.arange(width)[None, None, :]
    return np.broadcast_to(values[..., None], (count, height, width, 3)).astype(np.uint8)


def test_without_resizing_the_crop_is_the_middle_of_the_source():
    clip = clip_of(columns(width=8, height=4))
    seen = to_tensor(clip, sampling=TWO, transform=TransformSpec(resize=4, crop=2, **PLAIN))
    assert seen.positions.tolist() == [1, 3]  # middles of halves of 4 frames
    assert seen.seconds.tolist() == pytest.approx([0.1, 0.3])
    assert seen.pictures[:, 0, :, 0].tolist() == [[13, 14], [33, 34]]  # columns 3 and 4 of 8
    assert seen.crop == Crop(left=3.0, top=1.0, width=2.0, height=2.0)
    assert seen.data.shape == (1, 3, 2, 2, 2)
    assert torch.allclose(seen.data[0, 0, 0, 0] * 255, torch.tensor([13.0, 14.0]))


def test_shrinking_averages_and_the_crop_is_in_source_pixels():
    clip = clip_of(columns(width=16, height=8))
    seen = to_tensor(clip, sampling=TWO, transform=TransformSpec(resize=4, crop=2, **PLAIN))
    # 16 x 8 becomes 8 x 4: columns 6, 7 -> 6.5 and 8, 9 -> 8.5, rounded to even by OpenCV
    assert seen.crop == Crop(left=6.0, top=2.0, width=4.0, height=4.0)
    assert np.abs(seen.pictures[0, 0, :, 0] - np.array([16.5, 18.5])).max() <= 0.5


def test_shrinking_counts_every_pixel():
    frames = np.zeros((2, 16, 16, 3), dtype=np.uint8)
    frames[:, :, ::4] = 200  # one column of four: looking at the middle ones alone would see none
    spec = TransformSpec(resize=4, crop=4)
    assert (to_tensor(clip_of(frames), sampling=TWO, transform=spec).pictures == 50).all()


def test_people_see_the_whole_frames_in_the_source_s_own_pixels():
    clip = clip_of(columns(width=16, height=8))
    seen = to_tensor(clip, sampling=TWO, transform=TransformSpec(resize=4, crop=2))
    frames, crop = shown_frames(clip, seen, side=100)  # never enlarged
    assert np.array_equal(frames, clip.frames[[1, 3]])
    assert crop == seen.crop == Crop(left=6.0, top=2.0, width=4.0, height=4.0)


def test_large_frames_are_made_smaller_for_people_and_their_crop_with_them():
    frames = columns(width=16, height=8).transpose(0, 2, 1, 3)  # portrait
    seen = to_tensor(clip_of(frames), sampling=TWO, transform=TransformSpec(resize=4, crop=2))
    shown, crop = shown_frames(clip_of(frames), seen, side=8)
    assert shown.shape == (2, 8, 4, 3)
    assert crop == Crop(left=1.0, top=3.0, width=2.0, height=2.0)


def test_a_portrait_clip_is_cropped_at_top_and_bottom():
    frames = columns(width=8, height=4).transpose(0, 2, 1, 3)
    seen = to_tensor(clip_of(frames), sampling=TWO, transform=TransformSpec(resize=4, crop=4))
    assert seen.crop == Crop(left=0.0, top=2.0, width=4.0, height=4.0)


def test_normalised_by_mean_and_deviation():
    frames = np.full((2, 4, 4, 3), (255, 0, 51), dtype=np.uint8)
    spec = TransformSpec(resize=4, crop=4, mean=(0.5, 0.25, 0.2), std=(0.5, 0.25, 0.1))
    seen = to_tensor(clip_of(frames), sampling=TWO, transform=spec)
    assert seen.data[0, :, 0, 0, 0].tolist() == pytest.approx([1.0, -1.0, 0.0], abs=1e-6)
    assert (seen.pictures == frames).all()


def test_every_cell_maps_to_its_share_of_the_crop():
    crop = Crop(left=10.0, top=20.0, width=70.0, height=140.0)
    assert source_rectangle(crop, row=0, column=0, rows=7, columns=7) == Crop(
        10.0, 20.0, 10.0, 20.0
    )
    assert source_rectangle(crop, row=6, column=3, rows=7, columns=7) == Crop(
        40.0, 140.0, 10.0, 20.0
    )
    assert source_rectangle(crop, row=0, column=0, rows=1, columns=1) == crop
    with pytest.raises(IndexError, match="no cell"):
        source_rectangle(crop, row=7, column=0, rows=7, columns=7)


def test_a_spot_in_the_source_is_found_again_through_a_cell():
    frames = np.zeros((2, 90, 160, 3), dtype=np.uint8)
    frames[:, 30:40, 100:110] = 255  # upper left corner at (100, 30)
    seen = to_tensor(clip_of(frames), sampling=TWO, transform=TransformSpec(resize=64, crop=56))
    cells = seen.pictures[0, :, :, 0].reshape(7, 8, 7, 8).mean(axis=(1, 3))
    row, column = divmod(int(cells.argmax()), 7)
    spot = source_rectangle(seen.crop, row=row, column=column, rows=7, columns=7)
    assert spot.left < 105 < spot.left + spot.width
    assert spot.top < 35 < spot.top + spot.height


def test_what_cannot_be_transformed_is_said(make):
    clip = clip_of(columns(width=8, height=4))
    with pytest.raises(TooFewFrames):
        to_tensor(clip, sampling=SamplingSpec(frames=5), transform=TransformSpec())
    with pytest.raises(ValueError, match="crop 9, resize 8"):
        to_tensor(clip, sampling=TWO, transform=TransformSpec(resize=8, crop=9))
    sparse = read_clip(make("a.mp4"), samplings=[TWO])  # keeps 10 and 30
    with pytest.raises(ValueError, match=r"without frames \[5, 15, 25, 35\]"):
        to_tensor(sparse, sampling=SamplingSpec(frames=4), transform=TransformSpec())


def test_a_sparse_clip_and_a_whole_one_give_the_same_tensor(make):
    path = make("a.mp4")
    spec = TransformSpec(resize=32, crop=32)
    sparse = to_tensor(read_clip(path, samplings=[TWO]), sampling=TWO, transform=spec)
    whole = to_tensor(read_clip(path), sampling=TWO, transform=spec)
    assert torch.equal(sparse.data, whole.data)
    assert sparse.digest == whole.digest


def test_the_digest_of_frames_in_memory_tells_pixels_shape_and_times():
    frames = columns(width=8, height=4)
    seconds = np.arange(4) / 10
    digests = {
        from_frames(frames, seconds=seconds).digest,
        from_frames(frames + np.uint8(1), seconds=seconds).digest,
        from_frames(frames, seconds=seconds * 2).digest,
        from_frames(frames.reshape(4, 8, 4, 3), seconds=seconds).digest,
    }
    assert len(digests) == 4
    assert from_frames(frames, seconds=seconds).digest in digests
