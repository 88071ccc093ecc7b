from dataclasses import replace

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from maagn.checkpoint import load_model
from maagn.errors import CheckpointError, ModelError, PairsError, UnknownModel
from maagn.labels import ClassPairs
from maagn.nn.build import build
from maagn.train import loop
from maagn.train.augment import Augmentation
from maagn.train.devices import open_fabric
from maagn.train.schedule import steps
from maagn.train.state import Average, Run
from tests.tiny import BASELINES
from tests.train.made import LABELS, MAAGN, SPEC, MadeClips, train_on_made_clips


class Stopped(Exception):
    """Someone pulled the plug."""


def stop(line: str) -> None:
    """At the first epoch's end."""
    if "epoch 1/" in line:
        raise Stopped


def assert_same_weights(one, other):
    a, b = (load_model(path).network.state_dict() for path in (one, other))
    for name, value in a.items():
        assert torch.equal(value, b[name]), name


@pytest.mark.parametrize(
    "spec",
    [SPEC, replace(MAAGN, ema=0.9, accumulate=2, precision="bf16-mixed", optimiser="sgd")],
    ids=["plain", "everything"],
)
@pytest.mark.parametrize("calls", [2, 3], ids=["between epochs", "within an epoch"])
def test_an_interrupted_run_ends_with_the_same_weights(tmp_path, monkeypatch, spec, calls):
    whole = train_on_made_clips(spec, monkeypatch, out=tmp_path / "whole.safetensors")
    out = tmp_path / "cut.safetensors"
    gradients, made = loop.gradients, []

    def cut(*words, **more):
        if len(made) == calls:  # two steps are an epoch
            raise Stopped
        made.append(gradients(*words, **more))
        return made[-1]

    with monkeypatch.context() as patch:
        patch.setattr(loop, "gradients", cut)
        with pytest.raises(Stopped):
            train_on_made_clips(spec, patch, out=out, keep_every=1)
    assert not out.exists()
    assert torch.load(out.with_suffix(".state"), weights_only=True)["step"] == calls % 2
    train_on_made_clips(spec, monkeypatch, out=out)
    assert not out.with_suffix(".state").exists()
    assert_same_weights(whole, out)
    assert out.with_suffix(".csv").read_text() == whole.with_suffix(".csv").read_text()


def test_the_file_tells_how_it_was_made(tmp_path, monkeypatch):
    out = train_on_made_clips(SPEC, monkeypatch, out=tmp_path / "a.safetensors")
    model = load_model(out)
    made = model.provenance
    assert model.labels == LABELS
    assert (model.spec.width, model.spec.classes) == (4, 4)
    assert (model.transform.resize, model.transform.crop) == (36, 32)
    assert (made.clips, made.steps, made.epochs) == (16, 4, 2)
    for words in ("train tsn-demo", "--set width=4", "--short-side 36 36", "--crop 32"):
        assert words in made.command
    assert set(made.metrics) == {"validation_top1"}


def test_a_state_of_other_settings_is_refused(tmp_path, monkeypatch):
    out = tmp_path / "model.safetensors"
    with pytest.raises(Stopped):
        train_on_made_clips(SPEC, monkeypatch, out=out, report=stop)
    with pytest.raises(ModelError, match="other settings"):
        train_on_made_clips(replace(SPEC, seed=1), monkeypatch, out=out)


def test_a_batch_that_cannot_be_shared_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ModelError, match="3 parts"):
        train_on_made_clips(replace(SPEC, accumulate=3), monkeypatch, out=tmp_path / "a")


def test_an_unknown_preset_is_named():
    with pytest.raises(UnknownModel, match="maagn-demo"):
        Run.start(replace(SPEC, preset="nonsense"), classes=2)


def test_settings_that_make_no_network_are_told():
    with pytest.raises(ModelError, match="even number"):
        Run.start(replace(MAAGN, changes=(("frames", "4"),)), classes=2)


def test_a_run_begins_from_another_networks_backbone(tmp_path, monkeypatch):
    first = train_on_made_clips(SPEC, monkeypatch, out=tmp_path / "first.safetensors")
    run = Run.start(replace(MAAGN, start=str(first)), classes=4)
    source = load_model(first)
    assert run.begun.digest == source.digest
    assert torch.equal(run.network.backbone.conv1.weight, source.network.backbone.conv1.weight)
    wider = replace(MAAGN, changes=(*MAAGN.changes, ("width", "8")), start=str(first))
    with pytest.raises(CheckpointError, match="first has other layers"):
        Run.start(wider, classes=4)


def test_a_maagn_that_grows_from_a_tpn_answers_as_that_until_the_first_step(tmp_path, monkeypatch):
    spec = replace(MAAGN, preset="tpn-demo", epochs=1)
    first = train_on_made_clips(spec, monkeypatch, out=tmp_path / "first.safetensors")
    votes = (("votes", "own+levels"), ("rates", "1,1,1"))
    grown = replace(MAAGN, start=str(first), changes=(*MAAGN.changes, *votes))
    x, answers = torch.randn(2, 3, 8, 32, 32), []

    def look(_fabric, objective, _batch, **_):
        with torch.no_grad():
            answers.append(objective.module.network.eval()(x))
        raise Stopped

    monkeypatch.setattr(loop, "gradients", look)
    with pytest.raises(Stopped):
        train_on_made_clips(grown, monkeypatch, out=tmp_path / "second.safetensors")
    expected = load_model(first).network(x)
    torch.testing.assert_close(answers[0], expected, rtol=1e-4, atol=1e-4)


def test_a_training_tells_what_it_took_and_goes_on_with_a_state_of_an_earlier_version(
    tmp_path, monkeypatch
):
    first = train_on_made_clips(SPEC, monkeypatch, out=tmp_path / "first.safetensors")
    spec = replace(MAAGN, start=str(first))
    out, told = tmp_path / "second.safetensors", []

    def cut(line):
        told.append(line)
        if "epoch" in line:
            raise Stopped

    with pytest.raises(Stopped):
        train_on_made_clips(spec, monkeypatch, out=out, report=cut)
    assert told[0] == "From first: backbone: 120 tensors"
    assert told[1].startswith("New: ")
    assert "SDM, MTAM, AGM" in told[1]
    state = torch.load(out.with_suffix(".state"), weights_only=True)
    del state["spec"]["take"]
    torch.save(state, out.with_suffix(".state"))
    told.clear()
    train_on_made_clips(replace(spec, take="backbone"), monkeypatch, out=out, report=told.append)
    assert not any(line.startswith("From") for line in told)
    made = load_model(out).provenance
    digest = load_model(first).digest
    assert made.trained_on.endswith(f"; backbone of the file with SHA-256 {digest}")


@pytest.mark.parametrize("parts", [2, 3])
def test_the_parts_of_a_batch_give_its_gradients(parts):
    """Normalisation apart, which sees a part at a time: so it is frozen here."""
    found = []
    for number in (1, parts):
        torch.manual_seed(0)
        run = Run.start(SPEC, classes=4)
        run.objective.eval()
        batch = torch.randn(4, 3, 8, 32, 32), torch.arange(4)
        fabric = open_fabric(SPEC, devices=1)
        objective, _ = fabric.setup(run.objective, run.optimizer)
        loss = loop.gradients(fabric, objective, batch, parts=number)
        found.append((loss, [p.grad for p in run.objective.parameters()]))
    (whole, a), (sum_of_parts, b) = found
    assert whole == pytest.approx(sum_of_parts, rel=1e-5)
    for one, other in zip(a, b, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_a_loss_that_is_no_number_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "gradients", lambda *_, **__: float("nan"))
    with pytest.raises(ModelError, match="lower learning rate"):
        train_on_made_clips(SPEC, monkeypatch, out=tmp_path / "a.safetensors")


def test_the_board_holds_every_epoch(tmp_path, monkeypatch):
    out = train_on_made_clips(MAAGN, monkeypatch, out=tmp_path / "a.safetensors")
    board = EventAccumulator(str(out.with_suffix(".board"))).Reload()
    history = load_model(out).provenance.history
    for name in ("loss", "validation_top1", "alpha.paths.2"):
        told = [(event.step, event.value) for event in board.Scalars(name)]
        assert told == [(row["epoch"], pytest.approx(row[name])) for row in history]


def test_what_is_saved_is_the_running_mean(tmp_path, monkeypatch):
    plain = train_on_made_clips(SPEC, monkeypatch, out=tmp_path / "plain.safetensors")
    mean = train_on_made_clips(
        replace(SPEC, ema=0.5), monkeypatch, out=tmp_path / "mean.safetensors"
    )
    weights = [load_model(path).network.backbone.conv1.weight for path in (plain, mean)]
    assert not torch.equal(*weights)


def test_the_running_mean_is_that_of_the_formula():
    """Decays of 2/11 and 3/12 at the first two steps, 0.25 from then on; a count is copied."""
    network = build(BASELINES["tsn"])
    mean = Average(network, decay=0.25)
    norm, followed = network.backbone.bn1, mean.network.backbone.bn1
    expected = 0.0
    for step, decay in enumerate((2 / 11, 3 / 12, 0.25), start=1):
        norm.running_mean.fill_(float(step))
        norm.num_batches_tracked.fill_(step)
        mean.update(network)
        expected = decay * expected + (1 - decay) * step
        assert followed.running_mean[0].item() == pytest.approx(expected)
        assert followed.num_batches_tracked == step
    assert not any(parameter.requires_grad for parameter in mean.network.parameters())


def test_rows_tell_each_gates_way_from_zero(tmp_path, monkeypatch):
    out = train_on_made_clips(MAAGN, monkeypatch, out=tmp_path / "a.safetensors")
    header, *rows = out.with_suffix(".csv").read_text().splitlines()
    assert header == ("epoch,loss,validation_top1,rate,alpha.paths.0,alpha.paths.1,alpha.paths.2")
    assert len(rows) == SPEC.epochs
    history = load_model(out).provenance.history
    assert [",".join(map(str, row.values())) for row in history] == rows
    assert all(float(cell) > 0 for cell in rows[-1].split(",")[-3:])
    assert steps(SPEC) == 4


def test_pairs_of_ones_own_are_trained_on_and_kept(tmp_path, monkeypatch):
    opposites, mirrored = tmp_path / "pairs.csv", tmp_path / "sides.tsv"
    opposites.write_text(f"{LABELS[0]},opening_something\n")
    mirrored.write_text(f"{LABELS[2]}\t{LABELS[3]}\n")
    spec = replace(SPEC, flip=True, opposites=str(opposites), mirrored=str(mirrored))
    seen, apply = [], Augmentation.of

    def noted(*given):
        seen.append(apply(*given))
        return seen[-1]

    monkeypatch.setattr(loop.Augmentation, "of", noted)
    out = train_on_made_clips(spec, monkeypatch, out=tmp_path / "a.safetensors")
    (augmentation,) = seen
    assert augmentation.reversals == (2, None, 0, None)
    assert augmentation.mirrors == (1, 0, 3, 2)
    model = load_model(out)
    assert model.pairs.mirrored == ((LABELS[2], LABELS[3]),)
    assert model.relations.opposite_of(LABELS[0]) == LABELS[2]
    assert f"--opposites {opposites} --mirrored {mirrored}" in model.provenance.command


def test_unknown_mirror_images_end_a_run_before_it_begins(tmp_path, monkeypatch):
    labels = ("things left on table", "right", "up", "down")
    monkeypatch.setattr(MadeClips, "labels", labels)
    for flip in (True, False):
        spec, told = replace(SPEC, epochs=1, flip=flip), []
        out = tmp_path / f"{flip}.safetensors"
        if flip:
            with pytest.raises(PairsError, match="'things left on table', 'right' is not known"):
                train_on_made_clips(spec, monkeypatch, out=out)
            continue
        train_on_made_clips(spec, monkeypatch, out=out, report=told.append)
        assert any("No clip is shown backwards" in line for line in told)
        assert any("names propose: up <-> down. No clip is labelled by" in line for line in told)
        assert load_model(out).pairs == ClassPairs()


def test_a_state_of_an_earlier_version_goes_on_and_one_of_other_pairs_does_not(
    tmp_path, monkeypatch
):
    out, file = tmp_path / "model.safetensors", tmp_path / "pairs.csv"
    state = out.with_suffix(".state")
    with pytest.raises(Stopped):
        train_on_made_clips(SPEC, monkeypatch, out=out, report=stop)
    kept = torch.load(state, weights_only=True)
    del kept["pairs"], kept["spec"]["opposites"], kept["spec"]["mirrored"]
    torch.save(kept, state)
    train_on_made_clips(SPEC, monkeypatch, out=out)
    spec = replace(SPEC, opposites=str(file))
    file.write_text(f"{LABELS[0]},{LABELS[1]}\n")
    with pytest.raises(Stopped):
        train_on_made_clips(spec, monkeypatch, out=out, report=stop)
    file.write_text(f"{LABELS[0]},{LABELS[2]}\n")
    with pytest.raises(ModelError, match="other settings"):
        train_on_made_clips(spec, monkeypatch, out=out)
