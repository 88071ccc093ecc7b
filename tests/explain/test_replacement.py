"""Masks and gates of a batch replaced: one by one the same as a person's changes to one clip."""

import numpy as np
import pytest
import torch

from maagn.errors import ModelError
from maagn.explain.interventions import Intervention, change
from maagn.explain.replacement import hidden_units, logits_with, parts, run_live
from maagn.inference import trace
from maagn.nn.mtam import TemporalAttention
from maagn.nn.sdm import SpatialDifference
from tests.tiny import clip_tensor, make_clip, make_model, spec

NONE = Intervention()


def made(**changes):
    return make_model(spec("maagn", stem_pool=False, **changes))


def named(found):
    return {(part.path, part.key): logits for part, logits in found}


def with_all(model, live, values):
    asked = parts(model)
    return named(zip(asked, logits_with(model, live, asked, values), strict=True))


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, "sdm max avg both sum agm"),
        ({"fusion": "sum", "mtam_masks": "max+avg"}, "sdm max avg sum"),
        ({"fusion": "sdm"}, "sdm"),
        ({"fusion": "mtam", "mtam_masks": "avg"}, "avg sum"),
        ({"fusion": "sdm>mtam"}, "sdm max avg both sum"),
        ({"fusion": "mtam>sdm"}, "sdm max avg both sum"),
        ({"sdm_combine": "subtract"}, "sdm max avg both sum agm"),
    ],
)
def test_what_is_replaced_by_itself_leaves_the_networks_own_logits(changes, keys):
    model = made(**changes)
    live = run_live(model, clip_tensor(batch=3))
    with torch.no_grad():
        own = model.network(clip_tensor(batch=3))
    assert torch.allclose(live.logits, own, atol=1e-5)
    found = with_all(model, live, live.values)
    assert [key for path, key in found if path == 1] == keys.split()
    for logits in found.values():
        assert torch.allclose(logits, own, atol=5e-6)
    zero = with_all(model, live, {tap: torch.zeros_like(x[:1]) for tap, x in live.values.items()})
    for logits in zero.values():
        assert (logits - own).abs().max() > 2e-5


def test_a_batch_is_changed_as_each_clip_alone():
    """By `interventions.change`, with one clip's masks given to another."""
    model = made()
    runs = [trace(model, make_clip(seed=seed)) for seed in (0, 1)]
    live = run_live(model, torch.cat([run.clip.data for run in runs]))
    turned = {tap: value.flip(0) for tap, value in live.values.items()}
    found = with_all(model, live, turned)
    silent = with_all(model, live, {tap: torch.zeros_like(x) for tap, x in live.values.items()})
    for row, run in enumerate(runs):

        def numbers(tap, row=row):
            return tuple(live.values[tap][1 - row].flatten().tolist())

        def answer(*changes, run=run):
            return change(model, run, changes).logits

        sdm = [Intervention(sdm=numbers(f"paths.{i}.sdm.mask")) for i in range(3)]
        mtam = [Intervention(mtam=numbers(f"paths.{i}.mtam.sum")) for i in range(3)]
        both = [
            Intervention(sdm=one.sdm, mtam=other.mtam) for one, other in zip(sdm, mtam, strict=True)
        ]
        frames = run.taps["paths.1.input"].shape[1]
        closed = Intervention(gate=(0.0,) * frames)
        for logits, expected in (
            (found[0, "sdm"], answer(sdm[0], NONE, NONE)),
            (found[2, "sum"], answer(NONE, NONE, mtam[2])),
            (found[None, "sdm"], answer(*sdm)),
            (found[None, "sum"], answer(*mtam)),
            (found[None, "masks"], answer(*both)),
            (silent[1, "agm"], answer(NONE, closed, NONE)),
            (silent[1, "max"], answer(NONE, Intervention(off=frozenset({"max"})), NONE)),
            (silent[1, "both"], answer(NONE, Intervention(off=frozenset({"both"})), NONE)),
        ):
            assert np.allclose(logits[row], expected, atol=1e-5)
            assert np.abs(expected - run.prediction.logits).max() > 1e-5


def test_anothers_gate_is_added_where_the_own_one_was():
    model = made()
    live = run_live(model, clip_tensor(batch=2))
    found = with_all(model, live, {tap: value.flip(0) for tap, value in live.values.items()})
    path = model.network.paths[0]
    with torch.no_grad():
        s, m = path.sdm(live.inputs[0]), path.mtam(live.inputs[0])
        fused = path.agm.conv3(s + path.agm.conv2(live.values["paths.0.agm.gated"].flip(0) + m))
        levels = [model.network.modulate(0, fused), *live.levels[1:]]
        expected = model.network.votes(levels).mean(dim=1)
    assert torch.allclose(found[0, "agm"], expected, atol=1e-5)
    assert (expected - live.logits).abs().max() > 1e-5


def test_a_mask_behind_another_follows_from_its_replacement():
    model = made(fusion="sdm>mtam")
    live = run_live(model, clip_tensor(batch=2))
    found = with_all(model, live, {tap: torch.ones_like(x) for tap, x in live.values.items()})
    with torch.no_grad():
        fused = model.network.paths[0].mtam(2 * live.inputs[0])
        levels = [model.network.modulate(0, fused), *live.levels[1:]]
        expected = model.network.votes(levels).mean(dim=1)
    assert torch.allclose(found[0, "sdm"], expected, atol=1e-5)


def test_masks_with_channels_are_replaced_as_they_are(monkeypatch):
    """Pooled over height and width alone, as Eqs. 1 and 8 print it."""

    def mask(self, x):
        front, back = x.chunk(2, dim=1)
        change = (back - front).amax(dim=(3, 4), keepdim=True)
        return torch.sigmoid(self.expand(self.squeeze(self.change_tap(change)).relu()))

    def masks(self, x):
        top, mean = (self.mlp(way(x, dim=(3, 4), keepdim=True)) for way in (torch.amax, torch.mean))
        both = self.joint(torch.cat([mean, top], dim=1).flatten(2))[..., None, None]
        named = {"max": top, "avg": mean, "both": both}
        return {name: torch.sigmoid(one) for name, one in named.items()}

    monkeypatch.setattr(SpatialDifference, "mask", mask)

    def total(self, x):
        seen = [getattr(self, f"mask_{name}_tap")(one) for name, one in self.masks(x).items()]
        return self.sum_tap(sum(seen))

    monkeypatch.setattr(TemporalAttention, "masks", masks)
    monkeypatch.setattr(TemporalAttention, "total", total)
    model = made(fusion="sum")
    live = run_live(model, clip_tensor(batch=2))
    x, own = live.inputs[0], live.values
    assert own["paths.0.mtam.mask_both"].shape == (*x.shape[:3], 1, 1)
    for logits in with_all(model, live, own).values():
        assert torch.allclose(logits, live.logits, atol=1e-5)
    found = with_all(model, live, {tap: value.flip(0) for tap, value in own.items()})
    with torch.no_grad():
        fused = x * (2 + own["paths.0.sdm.mask"].flip(0) + own["paths.0.mtam.sum"])
        levels = [model.network.modulate(0, fused), *live.levels[1:]]
        expected = model.network.votes(levels).mean(dim=1)
    assert torch.allclose(found[0, "sdm"], expected, atol=1e-5)
    # A unit that the faintest channel wakes, and the mean of all channels would not.
    by_channel = x[0].mean(dim=(2, 3)).sum(dim=0)
    assert by_channel.min() < 0.5 * by_channel.mean()
    hidden = model.network.paths[0].mtam.mlp[0]
    hidden.weight[0], hidden.bias[0] = -1.0, (by_channel.min() + by_channel.mean()) / 2
    assert run_live(model, clip_tensor(batch=2)).active[0, "sum"][0, 0]


def test_hidden_units_that_nothing_wakes_are_seen():
    model = made()
    for path in model.network.paths:
        path.sdm.squeeze.weight[1] = path.sdm.squeeze.bias[1] = 0.0  # never above zero
        path.mtam.mlp[0].bias[2] = -1e6
        path.mtam.mlp[0].bias[0] = 1e6
    live = run_live(model, clip_tensor(batch=4))
    assert set(hidden_units(model).values()) == {4}
    for path in range(3):
        assert not live.active[path, "sdm"][:, 1].any()
        assert not live.active[path, "sum"][:, 2].any()
        assert live.active[path, "sum"][:, 0].all()


def test_hidden_units_behind_another_mask_see_what_it_weighed():
    model = made(fusion="sdm>mtam")
    x = run_live(model, clip_tensor(batch=1)).inputs[0]
    path = model.network.paths[0]
    path.sdm.expand.bias.fill_(1e3)  # a mask of one: MTAM sees twice the feature
    path.mtam.mlp[0].weight[0] = 1.0
    path.mtam.mlp[0].bias[0] = -1.5 * x.amax(dim=(2, 3, 4)).sum()
    assert run_live(model, clip_tensor(batch=1)).active[0, "sum"][0, 0]


def test_a_softmax_that_is_one_hot_is_seen():
    model = made()
    conv = model.network.paths[0].agm.conv1
    conv.weight.zero_()
    conv.bias.zero_()[3] = 50.0
    model.network.paths[1].agm.conv1.weight.zero_()
    live = run_live(model, clip_tensor(batch=2))
    assert live.one_hot[:, 0].tolist() == [1, 1]
    assert live.one_hot[:, 1].tolist() == [0, 0]


@pytest.mark.parametrize("of", [spec("tsn"), spec("maagn", fusion="none")])
def test_networks_without_masks_are_refused_by_name(of):
    with pytest.raises(ModelError, match="has no masks and no gates"):
        parts(make_model(of))
