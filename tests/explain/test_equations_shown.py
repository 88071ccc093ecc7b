"""Every number that stands in a formula, against Eqs. 1-16 in float64 NumPy."""

import re

import numpy as np
import pytest

from maagn.checkpoint import load_model
from maagn.errors import ModelError
from maagn.explain.equations import equations, shown
from maagn.explain.intermediates import steps
from maagn.inference import trace
from maagn.video.read import read_clip
from tests.nn import reference as ref
from tests.test_gallery_answers import GALLERY
from tests.tiny import make_clip, make_model, spec

NUMBER = re.compile(r"-?\d+\.?\d*(?:\\cdot 10\^\{-?\d+\})?")


@pytest.fixture(scope="module")
def demo():
    model = load_model("maagn-demo")
    clip = read_clip(GALLERY / "06-opening-something-2.mp4", samplings=[model.sampling])
    return model, trace(model, clip)


def made(pooling: str):
    """A network whose masks have one number a `frame`, or one a `channel` of a frame."""
    model = make_model(spec("maagn", stem_pool=False, pooling=pooling, min_hidden=6))
    return model, trace(model, make_clip())


@pytest.fixture(params=["demo", "frame", "channel"])
def any_kind(request):
    return request.getfixturevalue("demo") if request.param == "demo" else made(request.param)


def weights(module) -> dict[str, np.ndarray]:
    return {name: value.double().numpy() for name, value in module.state_dict().items()}


def each(equation, x: np.ndarray, own: dict, *, pooling: str) -> np.ndarray:
    """An equation that pools the whole frame; of masks of channels, about each channel alone."""
    if pooling == "frame":
        return equation(x, own)
    return np.concatenate([equation(x[:, :, c : c + 1], own) for c in range(x.shape[2])], axis=2)


def both_lines(x: np.ndarray, mtam: dict, *, pooling: str) -> np.ndarray:
    """What the sigmoid of Eq. 12 is given: (t, c), its kernel of 3 sliding over the channels."""
    lines = [each(eq, x, mtam, pooling=pooling) for eq in (ref.eq10_average, ref.eq11_maximum)]
    joined = np.concatenate(lines, axis=1)
    return ref.convolve1d(joined, mtam["joint.weight"], mtam["joint.bias"])[0]


def by_reference(model, run, path: int, t: int) -> dict[int, list[float]]:
    """The numbers of each equation, in the order in which they are shown."""
    one = model.network.paths[path]
    x = run.taps[f"paths.{path}.input"].detach().double().numpy()
    sdm, mtam, agm = weights(one.sdm), weights(one.mtam), weights(one.agm)
    half = x.shape[1] // 2
    j = t % half
    change = ref.eq3_difference(x)[0]
    c, row, column = np.unravel_index(change[j].argmax(), change[j].shape)
    at = (0, t, c, row, column)
    pooling = model.spec.pooling
    of = 0 if pooling == "frame" else c  # of the pooled numbers, those of the place's channel
    spatial = each(ref.eq5_mask, x, sdm, pooling=pooling)
    third = ref.sigmoid(both_lines(x, mtam, pooling=pooling))[None, :, :, None, None]
    angles = [each(one, x, mtam, pooling=pooling) for one in (ref.eq7_mask, ref.eq9_mask)]
    s, m = x + x * spatial, x + x * (sum(angles) + third)
    joined = ref.convolve3d(np.concatenate([s, m], axis=1), agm["conv1.weight"], agm["conv1.bias"])
    z = ref.softmax_over_frames(joined)
    inner = ref.convolve3d(z, agm["gate.inner.weight"], agm["gate.inner.bias"])
    y0 = ref.eq14_gate(z, agm)
    second = ref.convolve3d(y0 + m, agm["conv2.weight"], agm["conv2.bias"])
    logit = each(ref.eq4_mlp, x, sdm, pooling=pooling)[0, t, of].item()
    mask = spatial[0, t, of].item()
    top, mean = (
        each(one, x, mtam, pooling=pooling)[0, t, of].item()
        for one in (ref.eq11_maximum, ref.eq10_average)
    )
    m1, m2, m3 = (one[0, t, of].item() for one in (*angles, third))
    both = both_lines(x, mtam, pooling=pooling)[t, of].item()
    here, pooled = x[at], x[0, t] if pooling == "frame" else x[0, t, c]
    return {
        1: [x[0, j, c, row, column]],
        2: [x[0, j + half, c, row, column]],
        3: [x[0, j + half, c, row, column], x[0, j, c, row, column], change[j, c, row, column]],
        4: [change[j].max(), logit],
        5: [logit, mask],
        6: [here, here, mask, s[at]],
        7: [pooled.max(), top, m1],
        8: [pooled.mean()],
        9: [mean, m2],
        10: [mean],
        11: [top],
        12: [both, m3],
        13: [here, here, m1, m2, m3, m[at]],
        14: [z[at], agm["gate.alpha"][0, t].item(), inner[at], y0[at]],
        15: [s[at], m[at], z[at], y0[at]],
        16: [y0[at], m[at], second[at], s[at], second[at], ref.eq16_agm(s, m, agm)[at]],
    }


def read_back(latex: str) -> list[float]:
    """The numbers that stand in a formula, without indices of symbols."""
    plain = re.sub(
        r"\[\d, c, y, x\]|_\{[^}]*\}|_\d|\\mathrm\{[^}]*\}|Conv1d|[A-Z]_\w|Y_0|X_\d", "", latex
    )
    found = []
    for text in NUMBER.findall(plain):
        mantissa, _, power = text.partition(r"\cdot 10^{")
        found.append(float(mantissa) * 10.0 ** float(power.rstrip("}") or 0))
    return found


@pytest.mark.parametrize("path", [0, 1, 2])
def test_every_number_shown_is_the_papers_equation(any_kind, path):
    model, run = any_kind
    found = steps(model, run, path)
    for t in range(found.frames):
        expected = by_reference(model, run, path, t)
        written = equations(found, t)
        assert [one.number for one in written] == list(range(1, 17))
        for one in written:
            numbers = read_back(one.numbers)
            assert len(numbers) == len(one.values) == len(expected[one.number]), one
            assert np.allclose(numbers, expected[one.number], rtol=2e-3, atol=2e-5), one
            assert np.allclose(numbers, one.values, rtol=6e-4), one


@pytest.mark.parametrize("path", [0, 1, 2])
def test_what_is_worked_out_again_is_what_was_tapped(any_kind, path):
    model, run = any_kind
    found = steps(model, run, path).tensors
    tapped = {
        "sdm": "sdm.mask", "mtam_max": "mtam.mask_max", "mtam_avg": "mtam.mask_avg",
        "mtam_both": "mtam.mask_both", "mtam": "mtam.sum", "Fmax": "sdm.change", "Z": "agm.z",
        "Y0": "agm.gated", "Ysdm": "agm.s", "Ymtam": "agm.m", "Y": "output",
    }  # fmt: skip
    for name, tap in tapped.items():
        there = run.taps[f"paths.{path}.{tap}"].detach().numpy().reshape(found[name].shape)
        assert np.allclose(found[name], there, atol=1e-5), name


def test_of_masks_of_channels_the_channel_of_the_numbers_is_named():
    found = steps(*made("channel"), 0)
    for t in (1, 5):  # of one pair
        channel = found.origin[1][0]
        written = {one.number: one for one in equations(found, t)}
        assert rf"(F_m)_{{1, {channel}}} =" in written[4].numbers
        assert rf"F'_{{{t}, {channel}}} =" in written[4].numbers
        assert all(f"channel {channel}" in written[number].about for number in (4, 5, 7, 8))
    assert not any("channel" in one.about for one in equations(steps(*made("frame"), 0), 1))


def test_numbers_are_written_as_people_write_them():
    assert [shown(v) for v in (0.5, -1234.56, 1e-7, 12345678.0)] == [
        "0.5", "-1235", r"1\cdot 10^{-7}", r"1.235\cdot 10^{7}",
    ]  # fmt: skip


def test_what_is_not_there_is_refused(demo, tsn):
    found = steps(*demo, 2)
    with pytest.raises(IndexError, match="2 frames"):
        equations(found, 2)
    with pytest.raises(ModelError, match="no SDM"):
        steps(tsn, trace(tsn, make_clip()), 0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sdm_combine": "multiply"}, "variant multiply of Table 4"),
        ({"sdm_combine": "add"}, "variant add of Table 4"),
        ({"sdm_combine": "subtract"}, "variant subtract of Table 4"),
        ({"mtam_masks": "max"}, "variant max of Table 5"),
        ({"mtam_masks": "avg"}, "variant avg of Table 5"),
        ({"mtam_masks": "max+avg"}, r"variant max\+avg of Table 5"),
        ({"fusion": "sum"}, "no SDM, MTAM and AGM"),
    ],
)
def test_variants_that_the_equations_are_not_of_are_refused_by_name(changes, says):
    model = make_model(spec("maagn", stem_pool=False, **changes))
    with pytest.raises(ModelError, match=says):
        steps(model, trace(model, make_clip()), 0)
