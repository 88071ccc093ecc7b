"""The audit as a run, of networks of which it is known what their masks and gates are worth."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from typer.testing import CliRunner

from maagn.cli import app
from maagn.data.rendered import open_opposites
from maagn.data.videos import Video, VideoSet
from maagn.errors import ModelError, ResultsError, RunError
from maagn.evaluate.audit import AuditData, audit, own_data, rendered_data
from maagn.evaluate.audit_file import audit_record, masks_line, read_audit, write_audit
from maagn.evaluate.audit_rows import Reference, Sums
from maagn.evaluate.store import AUDIT
from maagn.explain.attention import MASKS
from maagn.explain.interventions import Intervention, change
from maagn.inference import trace
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.video.transform import from_frames
from tests.evaluate.planted import SPEC, planted_model, planted_set
from tests.tiny import make_model, save_tiny, spec

FOLLOWS_CLASS = [(0, 0), (1, 1)] * 6
FOLLOWS_CLIP = [(0, 0), (1, 1), (0, 1), (1, 0)] * 3
HIGH, LOW = 1 / (1 + np.exp(-4.0)), 1 / (1 + np.exp(4.0))


def asked(folder, rows, *, validation=FOLLOWS_CLASS, **settings):
    model = planted_model()
    audited = planted_set(rows, split="test", folder=folder)
    reference = None
    if validation is not None:
        reference = planted_set(validation, split="val", folder=folder)
    data = own_data([model], audited, reference)
    (found,) = audit(folder / "run", [model], data, batch=5, **settings)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of an audit that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole")
    asked(folder, FOLLOWS_CLASS)
    return folder / "run"


@pytest.fixture(scope="module")
def follows_class(whole):
    (found,) = read_audit(whole / AUDIT)
    return found


def test_a_planted_attender_costs_what_it_must(follows_class):
    attender = follows_class.of(0, "sdm")
    assert follows_class.top1 == follows_class.within_pair == 1
    assert attender.verdict == "attends"
    assert attender.variance.shares == pytest.approx((0, 1, 0), abs=1e-6)
    assert attender.variance.deviation == pytest.approx((HIGH - LOW) / 2, abs=1e-4)
    costs = {way: effect.top1.points.value for way, effect in attender.effects.items()}
    # The average, 0.5, is answered with class 0, as is a mask of 0; another clip of the class
    # has the same mask; one of the opposite has the mask of the opposite.
    assert costs == {"average": 50, "same": 0, "opposite": 100, "off": 50}
    assert attender.effects["opposite"].changed == 1
    assert attender.effects["opposite"].within_pair.after == 0
    assert attender.effects["opposite"].top1.test.first == 12
    assert attender.band.mean == pytest.approx((0.5,) * 8, abs=1e-4)
    assert attender.band.low == pytest.approx((LOW,) * 8, abs=1e-4)
    assert follows_class.of(None, "sdm").effects == attender.effects
    assert follows_class.masks.key == "sdm"


def test_an_explanation_holds_verdicts_shares_and_costs(follows_class):
    record = audit_record(follows_class)
    assert (record["data"], record["split"], record["clips"]) == ("planted", "test", 12)
    attender, constant = record["parts"]
    cost = follows_class.of(0, "sdm").effects["average"].top1.points
    assert attender == {
        "path": 0,
        "key": "sdm",
        "title": "res4 SDM",
        "verdict": "attends",
        "variance": pytest.approx({"place": 0, "class": 1, "clip": 0}, abs=1e-6),
        "average": {
            "points": 50,
            "low": pytest.approx(cost.low, rel=1e-5),
            "high": pytest.approx(cost.high, rel=1e-5),
            "changed": 0.5,
            "clips": 12,
        },
    }
    assert (constant["path"], constant["verdict"]) == (1, "constant")
    assert record["masks"] == {**attender, "path": None, "title": "SDM, all paths"} | {
        "variance": pytest.approx(record["masks"]["variance"])
    }
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_a_card_speaks_of_the_audited_weights_alone(follows_class):
    model, audits = planted_model(), {follows_class.digest: follows_class}
    assert masks_line(model, audits) == follows_class.masks.summary
    other = masks_line(replace(model, digest="other weights"), audits)
    assert other == "not audited: `maagn audit NAME --out FOLDER`"
    for without in (spec("tsm"), spec("maagn", fusion="none")):
        assert masks_line(make_model(without), audits) is None


def test_the_divergence_is_that_of_the_two_answers(follows_class):
    live = 10 * np.array([1 + np.array([LOW, HIGH]) - 1.6]).T * [[-1, 1]] / 2
    replaced = 10 * np.array([[1.5 - 1.6]]) * [[-1, 1]] / 2  # half: the other path votes nothing
    p, q = log_softmax(live, axis=1), log_softmax(replaced, axis=1)
    expected = (np.exp(p) * (p - q)).sum(axis=1).mean()
    found = follows_class.of(0, "sdm").effects["average"].divergence
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_planted_constant_and_a_planted_dead_unit_are_found(follows_class):
    constant = follows_class.of(1, "sdm")
    assert constant.verdict == "constant"
    assert constant.sentence == (
        "The same for every clip: the frame's place alone explains 100 %; with its average in "
        "place 0.0 % of predictions change; 1 of 4 hidden units is dead."
    )
    assert [part.alive.dead_units for part in follows_class.parts if part.alive] == [(1,), (1,)]
    assert constant.alive.awake == (0.5, 0, 1, 1)  # the first where pixels change


def test_a_network_without_a_waking_unit_is_dead(tmp_path):
    model = planted_model()
    for path in model.network.paths:
        path.sdm.squeeze.bias.fill_(-1.0)
        path.sdm.squeeze.weight.zero_()
    data = own_data([model], planted_set(FOLLOWS_CLASS, split="val", folder=tmp_path), None)
    (found,) = audit(tmp_path / "run", [model], data)
    assert {part.verdict for part in found.parts} == {"dead"}
    assert "all 4 hidden units" in found.of(0, "sdm").sentence


def test_a_mask_that_follows_the_clip_is_the_clips(tmp_path):
    found = asked(tmp_path, FOLLOWS_CLIP).of(0, "sdm")
    assert found.variance.shares == pytest.approx((0, 0, 1), abs=1e-6)
    assert found.clip_share == pytest.approx(1)
    # Half are right live; the average is answered with class 0, which half are.
    assert found.effects["average"].top1.points.value == 0
    assert found.effects["average"].changed == 0.5
    # A validation clip of the class has the mask that tells the class: the wrong half changes.
    assert found.effects["same"].changed == 0.5
    assert found.effects["same"].top1.after == 1
    assert found.verdict == "not decided at this sample"


def test_without_a_validation_split_the_average_is_of_all_other_clips(tmp_path):
    """Of three clips whose pixels change and two whose do not, each is left out in turn."""
    rows = [(1, 1), (1, 1), (1, 1), (0, 0), (0, 0)]
    found = asked(tmp_path, rows, validation=None)
    assert found.origin.leave_one_out
    assert found.origin.reference == found.origin.data
    # Of a changing clip the others' mean is 0.5, hence class 0; of another 0.75 - 0.25 * 0.018.
    after = found.of(0, "sdm").effects["average"].top1
    assert after.after == 0
    # A donor is never the clip itself: of one alone there is none.
    alone = asked(tmp_path / "alone", [(1, 1), (0, 0), (0, 0)], validation=None).of(0, "sdm")
    assert alone.effects["same"].clips == 2
    assert alone.effects["opposite"].clips == 3


class Stopped(Exception):
    pass


@pytest.mark.parametrize("after", [1, 3, 5])
def test_stopped_anywhere_and_begun_again_gives_the_same_bytes(
    after, whole, follows_class, tmp_path
):
    told = []

    def stop(progress):
        told.append(progress)
        if len(told) == after:
            raise Stopped

    with pytest.raises(Stopped):
        asked(tmp_path, FOLLOWS_CLASS, report=stop)
    assert asked(tmp_path, FOLLOWS_CLASS, report=told.append) == follows_class
    assert len(told) == 6  # none of either pass's three batches twice
    for name in (AUDIT, "effects.parquet", "reference/sums.safetensors"):
        assert (tmp_path / "run" / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.parametrize("lost", ["sums.safetensors", "parts/00000005-5.parquet"])
def test_sums_and_batches_that_are_lost_are_made_again(lost, whole, tmp_path):
    told = []

    def stop(progress):
        told.append(progress)
        if len(told) == 3:
            raise Stopped  # between the passes, where the averages are still to be used

    with pytest.raises(Stopped):
        asked(tmp_path, FOLLOWS_CLASS, report=stop)
    (tmp_path / "run/reference" / lost).write_bytes(b"damaged")
    asked(tmp_path, FOLLOWS_CLASS)
    for name in (AUDIT, "effects.parquet"):
        assert (tmp_path / "run" / name).read_bytes() == (whole / name).read_bytes()


def noise(seed, frames, side):
    return np.random.default_rng(seed).integers(0, 256, (frames, side, side, 3), dtype=np.uint8)


def noise_set(labels, seeds, *, split, folder):
    videos = tuple(
        Video(f"{split}/{seed}", folder / split / str(seed), seed % 2, draw=partial(noise, seed))
        for seed in seeds
    )
    return VideoSet("noise", "drawn", folder, split, labels, videos)


def test_gates_are_replaced_by_the_average_of_the_validation_clips_and_closed(tmp_path):
    model = make_model(spec("maagn", stem_pool=False))
    sets = [
        noise_set(model.labels, seeds, split=split, folder=tmp_path)
        for split, seeds in (("test", range(3)), ("val", range(10, 15)))
    ]
    (found,) = audit(tmp_path / "run", [model], own_data([model], *sets), batch=2)

    def run(seed):
        return trace(model, from_frames(noise(seed, 8, 36), seconds=np.arange(8.0), name="noise"))

    averages = torch.stack([run(seed).taps["paths.1.agm.gated"] for seed in range(10, 15)]).mean(0)
    path, expected = model.network.paths[1], {"average": [], "off": []}
    for seed in range(3):
        live = run(seed)
        frames = live.taps["paths.1.input"].shape[1]
        closed = change(
            model,
            live,
            (Intervention(), Intervention(gate=(0.0,) * frames), Intervention()),
        )
        with torch.no_grad():
            s, m = live.taps["paths.1.agm.s"], live.taps["paths.1.agm.m"]
            levels = [model.network.recorded(i, live.taps) for i in range(3)]
            levels[1] = model.network.modulate(1, path.agm.conv3(s + path.agm.conv2(averages + m)))
            averaged = model.network.votes(levels).mean(dim=1)[0].numpy()
        p = log_softmax(live.prediction.logits.astype(float))
        for way, logits in (("average", averaged), ("off", closed.logits)):
            expected[way].append((np.exp(p) * (p - log_softmax(logits.astype(float)))).sum())
    gate = found.of(1, "agm")
    for way, divergences in expected.items():
        assert gate.effects[way].divergence == pytest.approx(np.mean(divergences), rel=1e-3)
    assert gate.alive.alpha == pytest.approx(float(path.agm.gate.alpha.abs().mean()))
    response = [
        run(seed).taps["paths.1.agm.gated"].abs().mean(dim=(0, 2, 3, 4)) for seed in range(3)
    ]
    assert gate.band.mean == pytest.approx(torch.stack(response).mean(0).tolist(), rel=1e-4)
    assert found.of(None, "all").variance is None
    assert gate.effects["same"].clips == 3
    opposite = [part.effects.get("opposite") for part in found.parts]
    assert all(opposite) == any(opposite)


def test_of_masks_of_channels_the_audit_has_the_average_of_each(tmp_path):
    model = make_model(spec("maagn", stem_pool=False, pooling="channel"))
    audited = noise_set(model.labels, range(3), split="test", folder=tmp_path)
    audit(tmp_path / "run", [model], own_data([model], audited, None), batch=2)
    (found,) = read_audit(tmp_path / "run" / AUDIT)
    runs = [
        trace(model, from_frames(noise(seed, 8, 36), seconds=np.arange(8.0), name="noise"))
        for seed in range(3)
    ]
    for path, frames, channels in ((0, 8, 16), (1, 4, 32), (2, 2, 64)):
        for quantity in MASKS:
            masks = [run.taps[quantity.on(path)][0, :, :, 0, 0].detach() for run in runs]
            band = found.of(path, quantity.key).band
            assert np.shape(band.by_channel) == (frames, channels)
            assert band.by_channel == pytest.approx(torch.stack(masks).mean(0).numpy(), abs=1e-4)
            assert np.mean(band.by_channel, axis=1) == pytest.approx(band.mean, abs=1e-4)
        assert found.of(path, "agm").band.by_channel == ()


def test_a_file_without_averages_of_channels_is_still_read(follows_class, tmp_path):
    path = tmp_path / AUDIT
    write_audit(path, (follows_class,))
    content = json.loads(path.read_text())
    for part in content["networks"][0]["parts"]:
        if part["band"] is not None:
            del part["band"]["by_channel"]
    path.write_text(json.dumps(content))
    with pytest.raises(ResultsError, match="holds no audit that this version can read"):
        read_audit(path)  # of the present format they are missing
    path.write_text(json.dumps({**content, "format": "maagn-audit-1"}))
    assert read_audit(path) == (follows_class,)


def test_a_donor_is_another_clip_of_the_class_and_always_the_same(tmp_path):
    videos = planted_set(FOLLOWS_CLASS, split="val", folder=tmp_path)
    usable = np.arange(12) >= 4
    made = Reference(videos, usable, Sums(tmp_path / "none"), np.array([1, 0]), leave_one_out=True)
    donors = [made.donor(place, 1) for place in range(12)]
    assert {donor.label for donor in donors} == {1}
    places = [int(donor.id.split("/")[1]) for donor in donors]
    assert all(place >= 4 and place != i for i, place in enumerate(places))
    assert len(set(places)) > 2
    assert donors == [made.donor(place, 1) for place in range(12)]
    assert made.donor(0, -1) is None


def test_networks_and_sets_that_cannot_be_audited_are_refused(tmp_path):
    tsn = make_model(spec("tsn"))
    videos = noise_set(tsn.labels, range(2), split="val", folder=tmp_path)
    data = AuditData(videos, videos, np.full(5, -1))
    with pytest.raises(ModelError, match="tsn has no masks and no gates"):
        audit(tmp_path / "run", [tsn], data)
    with pytest.raises(ModelError, match="not trained on the rendered opposites"):
        rendered_data([tsn], split="test", per_class=1)
    with pytest.raises(RunError, match="an average needs two"):
        asked(tmp_path, FOLLOWS_CLASS, validation=[(0, 0)])


def test_an_audit_is_read_as_it_was_written_and_damaged_files_are_named(follows_class, tmp_path):
    origin = replace(follows_class.origin, command="maagn audit planted")
    written, path = replace(follows_class, origin=origin), tmp_path / AUDIT
    write_audit(path, (written,))
    (found,) = read_audit(path)
    assert found == written
    assert found.origin.data.digest != found.origin.reference.digest
    content = json.loads(path.read_text())
    assert content["networks"][0]["parts"][0]["verdict"] == "attends"
    for damaged in (
        path.read_text()[:-20],
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps({**content, "format": "maagn-audit-0"}),
        json.dumps({**content, "networks": []}),
        json.dumps(content).replace('"clips": 12', '"clips": "many"'),
        json.dumps(content).replace('"average"', '"mean"'),
        json.dumps(content).replace('"deviation"', '"spread"'),
    ):
        path.write_text(damaged)
        with pytest.raises(ResultsError, match="holds no audit that this version can read"):
            read_audit(path)
    with pytest.raises(ResultsError, match=r"no none\.json yet"):
        read_audit(tmp_path / "none.json")


def test_the_command_prints_a_table_and_a_line_and_goes_on_where_it_was(tmp_path, monkeypatch):
    def few(split, *, per_class):
        videos = open_opposites(split, per_class=per_class)
        return replace(videos, videos=videos.videos[:4])

    monkeypatch.setattr("maagn.evaluate.audit.open_opposites", few)
    labels = OPPOSITES_LABELS
    path = save_tiny(tmp_path / "tiny.safetensors", spec=spec_of(len(labels)), labels=labels)
    line = ["audit", str(path), "--per-class", "1", "--out", str(tmp_path / "run")]
    first = CliRunner().invoke(app, line)
    assert first.exit_code == 0, first.output
    for said in ("res4 SDM", "tiny: top-1", "on 4 clips", "times the arithmetic", "4 clips of"):
        assert said in " ".join(first.output.split())
    (found,) = read_audit(tmp_path / "run" / AUDIT)
    assert found.origin.command == "maagn audit tiny --split test --per-class 1 --out FOLDER"
    assert (found.origin.data.split, found.origin.reference.split) == ("test", "val")
    assert found.forwards > 4
    again = CliRunner().invoke(app, line)
    assert "videos" not in again.stderr  # no batch is left
    assert again.stdout == first.stdout
    refused = CliRunner().invoke(app, ["audit", "tsn-demo", "--out", str(tmp_path / "other")])
    assert refused.exit_code == 2
    assert "tsn-demo has no masks and no gates" in refused.stderr


def spec_of(classes):
    return replace(SPEC, classes=classes, stem_pool=False)
