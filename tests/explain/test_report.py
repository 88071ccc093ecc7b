import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

import maagn
import maagn.explain.report
from maagn.api import ask
from maagn.errors import UnknownMethod, UnknownTarget
from maagn.explain.report import document, explain, find_class, report
from maagn.inference import trace
from maagn.labels import ClassPairs, Opposites, opposite_of
from maagn.video.transform import from_frames
from tests.tiny import BASELINES, LABELS, tiny_clip, tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def clip():
    return tiny_clip()


@pytest.fixture(scope="module")
def run(model, clip):
    return trace(model, clip)


def six_digits(values):
    return pytest.approx(np.asarray(values, dtype=float).tolist(), rel=5.1e-6, abs=1e-12)


def test_without_a_target_the_models_own_answer_is_explained(model, clip, run):
    assert report(model, clip, run).target == run.prediction.best
    assert report(model, clip, run).cam.about["class"] == LABELS[run.prediction.best]


def test_the_written_numbers_are_the_tensors(model, clip, run):
    made = report(model, clip, run, target="Closing something", method="hirescam")
    written = json.loads(json.dumps(made.as_dict(), allow_nan=False))
    assert written["prediction"]["labels"] == list(LABELS)
    assert written["prediction"]["logits"] == six_digits(run.logits[0].detach())
    assert sum(written["prediction"]["probabilities"]) == pytest.approx(1, abs=1e-5)
    for index, path in enumerate(written["paths"]):
        taps = {name: run.taps[f"paths.{index}.{name}"].detach().flatten() for name in PARTS}
        assert path["level"] == (3, 4, 5)[index]
        assert path["rate"] == (1, 2, 4)[index]
        assert path["seconds"] == six_digits(run.path_seconds[index])
        assert path["sdm"] == six_digits(taps["sdm.mask"])
        assert path["mtam"]["max"] == six_digits(taps["mtam.mask_max"])
        assert path["mtam"]["avg"] == six_digits(taps["mtam.mask_avg"])
        assert path["mtam"]["both"] == six_digits(taps["mtam.mask_both"])
        assert path["mtam"]["sum"] == six_digits(taps["mtam.sum"])
        assert path["agm"]["alpha"] == [0.5] * (8, 4, 2)[index]
        assert path["agm"]["silent"] is False
        shares = [path["agm"]["shares"][name] for name in ("spatial", "temporal", "gate")]
        np.testing.assert_allclose(shares, made.gates[index].shares, rtol=5.1e-6)
        np.testing.assert_allclose(np.sum(shares, axis=0), 1, atol=1e-5)
    cam = written["cam"]
    assert (cam["method"], cam["target"]) == ("hirescam", "Closing something")
    assert cam["shape"] == list(np.shape(cam["values"])) == [8, 4, 4]
    np.testing.assert_allclose(cam["values"], made.cam.values, rtol=5.1e-6, atol=1e-12)
    assert cam["max"] == six_digits(made.cam.values.max())


PARTS = ("sdm.mask", "mtam.mask_max", "mtam.mask_avg", "mtam.mask_both", "mtam.sum")


def test_energy_is_the_mean_of_what_speaks_for_the_class(model, clip, run):
    made = report(model, clip, run)
    by_hand = [sum(v for v in frame.flatten() if v > 0) / 16 for frame in made.cam.values]
    assert made.as_dict()["cam"]["energy"] == pytest.approx(by_hand, rel=1e-4)


def test_sampled_frames_and_crop_are_those_of_the_source(model, clip, run):
    sampled = report(model, clip, run).as_dict()["sampled"]
    assert sampled["positions"] == [1, 3, 5, 7, 9, 11, 13, 15]
    assert sampled["seconds"] == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5])
    assert sampled["crop"] == {"left": 0, "top": 0, "width": 48, "height": 48}


def test_the_margin_is_the_log_ratio_to_the_opposite(model, clip, run):
    made = report(model, clip, run, target="Opening something")
    p = run.prediction.probabilities
    assert made.as_dict()["opposite"] == {
        "label": "Opening something",
        "opposite": "Closing something",
        "log_margin": pytest.approx(float(np.log(p[0] / p[1])), rel=1e-4),
    }


def test_a_class_without_an_opposite_among_the_labels_has_no_margin(model, clip, run):
    assert opposite_of("Squeezing something") is None
    assert report(model, clip, run, target="Squeezing something").as_dict()["opposite"] is None


def test_the_margin_goes_by_the_networks_own_opposites(model, clip, run):
    names = ("Lid up", "Lid down", "push", "pull", "wait", "rise")
    own = replace(model, labels=names)
    made = report(own, clip, run, target="pull")
    assert (made.opposite, made.opposite_is_proposed) == ("push", True)
    assert made.margin == pytest.approx(float(run.prediction.logits[3] - run.prediction.logits[2]))
    assert made.as_dict()["opposite"]["proposed"] is True
    given = ClassPairs((Opposites("rise", "pull", "time-reversal"),))
    told = report(replace(own, pairs=given), clip, run, target="pull")
    assert (told.opposite, told.opposite_is_proposed) == ("rise", False)
    assert told.margin == pytest.approx(float(run.prediction.logits[3] - run.prediction.logits[5]))
    assert set(told.as_dict()["opposite"]) == {"label", "opposite", "log_margin"}


def test_another_class_needs_no_new_forward(model, clip, run, monkeypatch):
    def forward(*_):
        raise AssertionError("a second forward")

    monkeypatch.setattr(type(model.network), "forward", forward)
    one = report(model, clip, run, target=0)
    other = report(model, clip, run, target=2)
    assert not np.array_equal(one.cam.values, other.cam.values)


def test_explain_is_one_forward_and_the_same_report(model, clip, run, monkeypatch):
    forwards = []
    forward = type(model.network).forward
    monkeypatch.setattr(
        type(model.network), "forward", lambda *x: (forwards.append(1), forward(*x))[1]
    )
    made = explain(model, clip, target="opening SOMETHING", against="closing something")
    assert forwards == [1]
    kept = report(model, clip, run, target=0, against=1)
    np.testing.assert_array_equal(made.cam.values, kept.cam.values)


def test_a_baseline_has_no_paths(tmp_path, clip):
    written = explain(tiny_model(tmp_path, spec=BASELINES["tsm"]), clip).as_dict()
    assert written["paths"] == []
    assert written["model"]["arch"] == "tsm"


def test_a_document_has_the_audit_of_these_weights_and_null_without(model, clip, run, tmp_path):
    audit = {"clips": 7}
    masked, plain = (
        report(model, clip, run),
        explain(tiny_model(tmp_path, spec=BASELINES["tsm"]), clip),
    )
    audits = {model.digest: audit, plain.model.digest: {"clips": 8}}
    written = document([masked, plain], audits=audits)["models"]
    assert written[0]["audit"] == audit
    assert "audit" not in written[1]
    assert document([masked], audits={"other weights": audit})["models"][0]["audit"] is None
    assert masked.as_dict()["audit"] is None


def test_names_are_found_in_any_letter_case(model):
    assert find_class(model, "moving SOMETHING down") == 3
    assert find_class(model, 5) == 5


def test_an_unknown_name_lists_the_closest(model):
    with pytest.raises(UnknownTarget, match="closest are Opening something"):
        find_class(model, "Openning somthing")


def test_brackets_and_a_full_stop_are_not_needed_where_one_class_is_left(model):
    assert find_class(model, " moving [something] down.") == 3
    twice = replace(model, labels=("Open", "[open]", *model.labels[2:]))
    assert find_class(twice, "[open]") == 1
    with pytest.raises(UnknownTarget, match=r"the closest are Open; \[open\]\."):
        find_class(twice, "OPEN")


def test_a_word_proposes_the_classes_that_contain_it(model):
    with pytest.raises(
        UnknownTarget, match="closest are Moving something up; Moving something down"
    ):
        find_class(model, "move")


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"target": 6}, UnknownTarget),  # six classes, from 0
        ({"target": -1}, UnknownTarget),
        ({"against": "Flying"}, UnknownTarget),
        ({"target": 1, "against": 1}, UnknownTarget),  # its map would be zero everywhere
        ({"method": "scorecam"}, UnknownMethod),
        ({"layer": "paths.3.output"}, UnknownMethod),
    ],
)
def test_what_is_not_there_is_refused(model, clip, run, settings, error):
    with pytest.raises(error):
        report(model, clip, run, **settings)


def test_a_trace_of_another_clip_is_refused(model, run):
    with pytest.raises(ValueError, match="the trace is of clip"):
        report(model, tiny_clip(20), run)


def test_a_document_holds_the_clip_once(model, clip, run):
    written = document([report(model, clip, run), report(model, clip, run, target=2)])
    assert written["clip"]["frames"] == 16
    assert written["clip"]["digest"] == clip.digest
    assert [sorted(one) for one in written["models"]] == [sorted(written["models"][0])] * 2
    assert "clip" not in written["models"][0]


def test_the_public_functions_win_over_the_package_of_its_name():
    assert maagn.explain is ask.explain
    assert maagn.trace is ask.trace
    assert dir(maagn) == sorted(maagn.__all__)


def test_errors_are_imported_without_torch():
    code = "import sys, maagn.errors; print('torch' in sys.modules, 'cv2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_gradients_of_the_parameters_are_left_alone(model, clip):
    explain(model, clip)
    assert all(parameter.grad is None for parameter in model.network.parameters())
    assert torch.is_grad_enabled()


def test_a_clip_without_motion_has_a_notice_wherever_notices_stand(model, clip, tmp_path):
    frames = clip.frames[:1].repeat(len(clip.frames), axis=0)
    still = from_frames(frames, seconds=clip.seconds, name="still")
    still = replace(still, notices=("39 of 40 frames could be read.",))
    reports = [explain(one, still) for one in (model, tiny_model(tmp_path, spec=BASELINES["tsn"]))]
    (notice,) = reports[0].content_notices
    assert "same picture: no motion" in notice
    assert reports[0].notices == ("39 of 40 frames could be read.", notice)
    assert document(reports)["clip"]["notices"] == ["39 of 40 frames could be read.", notice]
    assert explain(model, clip).notices == ()
