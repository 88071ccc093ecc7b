import numpy as np
import pytest

from maagn.explain.edits import (  # fmt: skip
    Edit,
    Region,
    ask,
    drop,
    edited,
    freeze,
    minimal_counterfactual,
    reverse,
    shuffle,
    speed,
    swap_halves,
)
from maagn.inference import predict, prepare
from tests.tiny import make_clip


def test_every_edit_in_time_is_an_order_of_frames():
    assert reverse(4) == (3, 2, 1, 0)
    assert freeze(4, at=2) == (2, 2, 2, 2)
    assert swap_halves(6) == (3, 4, 5, 0, 1, 2)
    assert drop(5, gone=frozenset({0, 2})) == (1, 1, 1, 3, 4)
    assert speed(4, factor=2.0) == (0, 2, 3, 3)
    assert speed(4, factor=0.5) == (0, 0, 1, 1)
    assert sorted(shuffle(8, seed=3)) == list(range(8))
    assert shuffle(8, seed=3) == shuffle(8, seed=3) != tuple(range(8))
    assert shuffle(2) == (1, 0)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="left"):
        drop(2, gone=frozenset({0, 1}))
    with pytest.raises(ValueError, match="above 0"):
        speed(4, factor=0.0)
    with pytest.raises(ValueError, match="region"):
        Region(0.5, 0.0, 0.4, 1.0)


def test_edits_of_pictures():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 10, 10, 3), dtype=np.uint8)
    assert np.array_equal(edited(pictures, Edit((2, 1, 0))), pictures[::-1])
    assert np.array_equal(edited(pictures, Edit((0, 1, 2), mirrored=True)), pictures[:, :, ::-1])
    blurred = edited(pictures, Edit((0, 1, 2), blurred=Region(0.0, 0.0, 0.5, 1.0)))
    assert np.array_equal(blurred[:, :, 5:], pictures[:, :, 5:])
    assert blurred[:, :, :5].std() < 0.5 * pictures[:, :, :5].std()
    one = edited(pictures, Edit((0, 1, 2), blurred=Region(0.0, 0.0, 0.5, 1.0), where=(1,)))
    assert np.array_equal(one, np.stack([pictures[0], blurred[1], pictures[2]]))


def test_an_edit_that_changes_nothing_is_the_plain_answer(any_model):
    clip = make_clip()
    inputs = prepare(any_model, clip)
    plain = Edit(tuple(range(len(inputs.pictures))))
    found = ask(any_model, inputs, (plain, plain))
    assert np.allclose(found[1].logits, predict(any_model, clip).logits, atol=1e-4)


def test_tsn_does_not_see_the_order(tsn):
    inputs = prepare(tsn, make_clip())
    n = len(inputs.pictures)
    plain, turned, mixed = ask(
        tsn, inputs, tuple(Edit(o) for o in (tuple(range(n)), reverse(n), shuffle(n)))
    )
    assert np.abs(turned.logits - plain.logits).max() < 1e-5
    assert np.abs(mixed.logits - plain.logits).max() < 1e-5


def test_the_fewest_frames_are_the_fewest(model):
    for seed in range(4):
        inputs = prepare(model, make_clip(seed=seed))
        n = len(inputs.pictures)
        own = ask(model, inputs, (Edit(tuple(range(n))),))[0].best
        flip = minimal_counterfactual(model, inputs)
        singles = ask(model, inputs, tuple(Edit(drop(n, gone=frozenset({i}))) for i in range(n)))
        if any(single.best != own for single in singles):
            assert flip is not None
            assert len(flip.gone) == 1
        if flip is not None:
            again = ask(model, inputs, (Edit(drop(n, gone=frozenset(flip.gone))),))[0]
            assert again.best == flip.answer.best != own
