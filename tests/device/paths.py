"""Everything that a network is asked, once on the CPU and once on the pretended device.

The numbers must be the same, and tensors of the two must never meet. Run in a process of its own by
`test_pretend.py`, since the device stays for good; by hand, `pytest tests/device/paths.py`.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn
from torch.nn import functional

from maagn.adapter import adapt
from maagn.bench import gpu
from maagn.checkpoint import load_model, save_difference
from maagn.data.videos import Video, VideoSet
from maagn.device import choose
from maagn.evaluate.audit import audit, own_data
from maagn.evaluate.explanations import ExplanationRows
from maagn.evaluate.features import FeatureRows
from maagn.evaluate.plan import Plan
from maagn.evaluate.pointing_rows import Maps, PointingRows
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.runner import run as run_plan
from maagn.explain.attention import MTAM, gates, masks
from maagn.explain.cam import METHODS, cam, layers, sources
from maagn.explain.edits import Edit, ask, minimal_counterfactual, reverse
from maagn.explain.faithfulness import faithfulness
from maagn.explain.frames import FrameFeatures, logits_of, looks_by_frame
from maagn.explain.intermediates import steps
from maagn.explain.interventions import PARTS, Intervention, change, mask_values
from maagn.explain.randomised import randomised
from maagn.explain.replacement import logits_with, parts, run_live
from maagn.explain.report import explain
from maagn.explain.reversal import reversal
from maagn.inference import device_of, predict, prepare, trace
from maagn.reproduce.cost import step_seconds
from maagn.teach.features import features_of
from maagn.teach.tune import votes_of
from maagn.train import dry_run
from maagn.train.dry_run import rehearse
from maagn.video.transform import normalise
from maagn.video.views import ViewSpec
from tests.device import pretend
from tests.evaluate.planted import planted_model, planted_set
from tests.teach.squares import drawn, run, seen_and_kept, taught
from tests.tiny import SPEC, SPECS, make_clip, make_model, save_tiny, spec
from tests.train.made import MAAGN, MadeClips, train_on_made_clips

LABELS = ("opening", "closing", "folding", "unfolding", "waiting")
OWN = ("maagn", "tpn", "tsm", "tsn", "r2plus1d")


def moved(model):
    """A copy on the device."""
    return replace(model, network=deepcopy(model.network).to(pretend.DEVICE))


def numbers(found):
    """All numbers in it, in order; of a dataclass its fields', of a table its columns'."""
    if isinstance(found, torch.Tensor):
        return numbers(found.detach().cpu().numpy())
    if isinstance(found, np.ndarray):
        return found.astype(np.float64).ravel().tolist() if found.dtype.kind in "fiub" else []
    if isinstance(found, bool | int | float):
        return [float(found)]
    if isinstance(found, pa.Table):
        return numbers(found.to_pylist())
    if is_dataclass(found):
        return numbers([getattr(found, one.name) for one in fields(found)])
    if isinstance(found, Mapping):
        return numbers(list(found.values()))
    if isinstance(found, list | tuple):
        return [number for one in found for number in numbers(one)]
    return []


def same(question, model):
    """Asks the model here and there, and compares all numbers of the answers."""
    here = numbers(question(model))
    other = moved(model)
    before = pretend.operators
    found = numbers(question(other))
    assert pretend.operators > before, "nothing was computed there"
    assert len(here) == len(found) > 0
    assert any(isfinite(one) and one for one in here)
    np.testing.assert_allclose(found, here, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module", params=SPECS)
def model(request):
    """Of each kind of network."""
    return make_model(spec(request.param))


@pytest.fixture(scope="module", params=OWN)
def own(request):
    """Of those whose maps, edits and evaluations are all looked at."""
    return make_model(spec(request.param))


@pytest.fixture(scope="module")
def maagn():
    return make_model(spec("maagn"))


@pytest.fixture(scope="module")
def tsn():
    return make_model(spec("tsn"))


CLIP = make_clip()


def test_predictions(model):
    same(lambda model: predict(model, CLIP), model)


def test_reports(model):
    same(lambda model: explain(model, CLIP).as_dict(), model)


@pytest.mark.parametrize("stage", [2, 4, 5])
def test_maps_of_all_methods_at_all_layers(own, stage):
    """From stage 4 on the graph is kept; behind earlier ones the network runs again."""

    def maps(model):
        seen = trace(model, CLIP, grad_from_stage=stage)
        seen_at = [one for one in layers(model) if "res" not in one or int(one[-1]) >= 3]
        return [
            cam(model, seen, 1, against=0, method=method, layer=layer).values
            for layer in seen_at
            for method in METHODS
        ]

    same(maps, own)


def test_maps_for_which_the_network_runs_again(model):
    def maps(model):
        seen = trace(model, CLIP, grad_from_stage=5)
        return [
            cam(model, seen, 1, method="gradcam", layer=layer).values for layer in layers(model)
        ]

    same(maps, model)


def test_fused_maps(maagn):
    def maps(model):
        seen = trace(model, CLIP)
        return [cam(model, seen, 1, layer=layer).values for layer in sources(model)]

    same(maps, maagn)


def test_masks_gates_and_the_paper_s_steps(maagn):
    def inside(model):
        seen = trace(model, CLIP)
        paths = range(len(seen.path_seconds))
        return [
            masks(model, seen),
            gates(model, seen),
            [steps(model, seen, i).tensors for i in paths],
        ]

    same(inside, maagn)


def test_switches_and_changed_masks(maagn):
    def changed(model):
        seen = trace(model, CLIP)
        own = mask_values(seen, MTAM, 0)
        first = [
            *(Intervention(off=frozenset({part})) for part in PARTS),
            Intervention(mtam=own),
            Intervention(sdm=(0.5, *[None] * (len(own) - 1)), gate=(2.0,) * len(own)),
        ]
        rest = (Intervention(),) * (len(model.spec.levels) - 1)
        return [change(model, seen, (one, *rest)) for one in first]

    same(changed, maagn)


def test_edits_of_the_frames(own):
    def edits(model):
        inputs = prepare(model, CLIP)
        found = ask(model, inputs, (Edit(tuple(range(8))), Edit(reverse(8))))
        return [found, reversal(model, inputs)]

    same(edits, own)


def test_the_fewest_frames_that_decide(tsn):
    same(lambda model: minimal_counterfactual(model, prepare(model, CLIP)), tsn)


def test_a_module_that_was_there_before_it_was_adapted():
    torch.manual_seed(0)
    parts = [nn.Conv3d(3 if i == 0 else 4, 4, 3, stride=2 - i % 2, padding=1) for i in range(5)]
    parts.append(nn.Sequential(nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 5)))

    def adapted(module):
        stem, *stages, head = module
        return adapt(
            module, stem=stem, stages=stages, head=head, labels=LABELS, frames=8, size=32,
            mean=(0.5,) * 3, std=(0.5,) * 3,
        )  # fmt: skip

    here, there = nn.Sequential(*parts), nn.Sequential(*deepcopy(parts)).to(pretend.DEVICE)
    models = [adapted(here), adapted(there)]
    found = [numbers(explain(model, CLIP, layer="backbone.res4").as_dict()) for model in models]
    np.testing.assert_allclose(*found, rtol=1e-4, atol=1e-5)
    assert device_of(randomised(models[1])) == pretend.DEVICE


def test_frames_that_clips_share(own):
    pictures = prepare(own, CLIP).pictures
    clips = np.stack([pictures, pictures[::-1]])
    same(lambda model: logits_of(model, clips), own)
    if looks_by_frame(own):
        new = np.stack([pictures, np.roll(pictures, 1, axis=2)])
        same(lambda model: FrameFeatures(model, list(clips))(new), own)


@pytest.mark.parametrize(("unit", "arch"), [("cells", "maagn"), ("frames", "tsn")])
def test_the_test_of_a_map(unit, arch):
    about = {"target": 1, "method": "gradcam", "layer": "backbone.res4", "unit": unit}
    same(
        lambda model: faithfulness(model, CLIP, trace(model, CLIP), **about).curves,
        make_model(spec(arch)),
    )


def test_random_weights(model):
    same(lambda model: predict(randomised(model), CLIP), model)


def test_replaced_masks_and_gates(maagn):
    data = prepare(maagn, CLIP).data.repeat(2, 1, 1, 1, 1)

    def replaced(model):
        live = run_live(model, data)
        off = {tap: torch.zeros_like(value[:1]) for tap, value in live.values.items()}
        return [live, logits_with(model, live, parts(model), off)]

    same(replaced, maagn)


def draw(seed, frames, side):
    return np.random.default_rng(seed).integers(0, 256, (frames, side, side, 3), dtype=np.uint8)


VIDEOS = VideoSet(
    "drawn", "drawn", Path("drawn"), "test", LABELS,
    tuple(Video(f"{i}.mp4", Path(f"drawn/{i}.mp4"), i, draw=partial(draw, i)) for i in range(2)),
)  # fmt: skip


def rows_of(model, make, kind, **options):
    plan = Plan.of([model], VIDEOS, kind=kind, batch=2, **options)
    rows = make(plan, [model])
    videos = list(VIDEOS.videos)
    return rows.rows(range(len(videos)), videos, [rows.prepare(video) for video in videos])


def test_evaluations(own):
    same(lambda model: rows_of(model, PredictionRows, "both-orders", features=True), own)


def test_evaluations_of_ten_crops(tsn):
    views = ViewSpec("ten-crop", clips=2)
    same(lambda model: rows_of(model, PredictionRows, "answers", views=views), tsn)


def test_evaluations_in_half_precision(maagn):
    same(
        lambda model: np.isfinite(
            rows_of(model, PredictionRows, "answers", precision="bf16-mixed")
            .column("logits").combine_chunks().flatten().to_numpy(zero_copy_only=False)
        ),
        maagn,
    )  # fmt: skip


def test_explanations_of_a_set(own):
    same(lambda model: rows_of(model, ExplanationRows, "explanations"), own)


def test_features_of_all_layers(own):
    same(lambda model: rows_of(model, FeatureRows, "features"), own)


def test_pointing(maagn):
    def rows(model):
        maps = Maps.of(
            [model],
            methods=["hirescam"],
            layers=["backbone.res3", "paths.0.output"],
            smoothings=[1],
            deletion=True,
        )
        plan = Plan.of([model], VIDEOS, kind="pointing", batch=2, maps=maps.as_dict())
        made = PointingRows(plan, VIDEOS, [model])
        videos = list(VIDEOS.videos[:1])
        return made.rows(range(1), videos, [made.prepare(video) for video in videos])

    same(rows, maagn)


@pytest.mark.parametrize("validation", [True, False])
def test_audits(validation, tmp_path):
    numbered = iter(range(9))

    def audited(model):
        folder = tmp_path / str(next(numbered))
        rows = [(0, 0), (1, 1)] * 3
        own = planted_set(rows, split="test", folder=folder)
        reference = planted_set(rows, split="val", folder=folder) if validation else None
        return audit(folder / "run", [model], own_data([model], own, reference), batch=5)

    same(audited, planted_model())


def test_audits_of_gates(maagn, tmp_path):
    numbered = iter(range(9))

    def audited(model):
        data = own_data([model], VIDEOS, None)
        return audit(tmp_path / str(next(numbered)), [model], data, batch=2)

    same(audited, maagn)


def test_a_run_in_a_folder(own, tmp_path):
    numbered = iter(range(9))

    def made(model):
        plan = Plan.of([model], VIDEOS, batch=2)
        rows = PredictionRows(plan, [model])
        return pa.parquet.read_table(run_plan(tmp_path / str(next(numbered)), plan, VIDEOS, rows))

    same(made, own)


def test_what_heads_read(own, tmp_path):
    numbered = iter(range(9))
    same(
        lambda model: features_of(VIDEOS.videos[0], [model], tmp_path / str(next(numbered))),
        own,
    )


def test_teaching(tmp_path):
    """Heads, then a fine-tuning, and what is stored of it."""
    numbered = iter(range(9))

    def lesson(model):
        folder = tmp_path / str(next(numbered))
        heads, kept = seen_and_kept(model, drawn(4), folder)
        network = taught(model, heads).to(device_of(model))
        run(network, kept, which="all", passes=1)
        own = replace(model, network=network)
        save_difference(
            folder / "taught.safetensors", network, model,
            collection="squares", clips=(), labels=("right", "left"),
            provenance=model.provenance,
        )  # fmt: skip
        return [votes_of(network, kept, np.arange(2)), network.state_dict(), predict(own, CLIP)]

    same(lesson, make_model(spec("tsm")))


def test_a_training(tmp_path, monkeypatch):
    """Masks are standardised, an average is kept, clips are reversed; stopped, it goes on."""
    asked = replace(MAAGN, masks_spread=1.5, ema=0.9, reversal=True, label_smoothing=0.1)
    asked = replace(asked, changes=(*asked.changes, ("dropout", "0")))  # drawn otherwise there
    weights = []
    for device in ("cpu", "pretend"):
        before = pretend.operators
        out = tmp_path / f"{device}.safetensors"

        def stop(line, device=device):
            if "epoch 1/" in line:
                raise KeyboardInterrupt(device)

        with pytest.raises(KeyboardInterrupt):
            train_on_made_clips(asked, monkeypatch, out=out, device=device, report=stop)
        train_on_made_clips(asked, monkeypatch, out=out, device=device)
        assert (pretend.operators > before) == (device == "pretend")
        weights.append(load_model(out, "cpu"))
    here, found = (numbers(one.network.state_dict()) for one in weights)
    np.testing.assert_allclose(found, here, rtol=1e-3, atol=1e-4)
    assert weights[0].provenance.hardware.startswith("CPU,")
    assert weights[1].provenance.hardware.startswith("pretend of")


def test_a_rehearsal(monkeypatch):
    made = MadeClips(8), MadeClips(4)
    monkeypatch.setattr(dry_run, "open_data", lambda *_, **__: made)
    before = pretend.operators
    assert rehearse(MAAGN, device="pretend").parameters > 0
    assert pretend.operators > before


def test_the_time_of_a_step(monkeypatch):
    waits = []
    monkeypatch.setattr(torch.accelerator, "synchronize", waits.append)
    seconds = step_seconds(
        {"tsn": SPECS["tsn"]}, side=32, batch=2, rounds=1, device=choose("pretend")
    )
    assert seconds["tsn"][0] > 0
    assert len(waits) == 4  # before and after each step, of which there are two


def test_what_is_measured_of_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "synchronize", lambda _: None)
    monkeypatch.setattr(gpu, "ARCHITECTURES", ("maagn",))
    monkeypatch.setattr(gpu, "BATCH", 2)
    for measure in gpu.TOPICS.values():
        before = pretend.operators
        found = list(measure(pretend.DEVICE, short=True))
        assert (pretend.operators > before) == bool(found)
        assert all(one.value is not None for one in found)
        assert all(one.value < 1e-3 for one in found if one.topic == "parity")


def test_a_checkpoint_goes_where_it_is_asked_for(tmp_path):
    path = save_tiny(tmp_path / "tiny.safetensors", spec=SPEC)
    for name, device in ((None, "pretend"), ("pretend:0", "pretend"), ("cpu", "cpu")):
        assert device_of(load_model(path, name)).type == device


def mixed_sum(x):
    return x + torch.ones(3)


def written_over(x):
    torch.zeros(3).add_(x)


MIXES = {
    "a tensor made on the CPU": mixed_sum,
    "an index made on the CPU": lambda x: x.index_select(0, torch.tensor([0, 2])),
    "an index made there": lambda x: torch.ones(3)[x.long()],
    "a mask made on the CPU": lambda x: torch.where(torch.tensor([True, False, True]), x, 0.0),
    "a weight made on the CPU": lambda x: functional.linear(x, torch.ones(2, 3)),
    "what is joined": lambda x: torch.cat([x, torch.ones(1)]),
    "what is written into": written_over,
    "one number that is joined": lambda x: torch.stack([x[0], torch.tensor(1.0)]),
}


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_a_planted_mix_is_refused(mix):
    x = torch.arange(3.0)
    mix(x)
    with pytest.raises(pretend.Mixed):
        mix(x.to(pretend.DEVICE))


def test_numpy_does_not_read_the_device():
    x = torch.arange(3.0).to(pretend.DEVICE)
    for read in (lambda: x.numpy(), lambda: np.asarray(x), lambda: np.stack([x, x])):
        with pytest.raises(TypeError, match="convert"):
            read()
    np.testing.assert_array_equal(x.cpu().numpy(), [0, 1, 2])


def test_what_a_gpu_takes_is_taken():
    x = torch.arange(3.0).to(pretend.DEVICE)
    assert (x + torch.tensor(2.0)).tolist() == [2, 3, 4]
    assert float(x.sum()) == 3
    assert x[torch.tensor([0, 2])].tolist() == [0, 2]


def test_there_are_no_doubles():
    with pytest.raises(pretend.NoDoubles):
        torch.arange(3.0).to(pretend.DEVICE).double()


@pytest.mark.parametrize("place", ["maagn.explain.frames", "maagn.inference"])
def test_a_mix_planted_in_the_library_is_found(place, monkeypatch):
    """Were a path to forget `.to(device)`, the questions above would fail."""
    import importlib

    here = torch.device("cpu")
    monkeypatch.setattr(importlib.import_module(place), "device_of", lambda _: here)
    model = moved(make_model(spec("tsn")))
    clips = prepare(model, CLIP).pictures[None]
    question = {
        "maagn.explain.frames": lambda: logits_of(model, clips),
        "maagn.inference": lambda: predict(model, CLIP),
    }[place]
    with pytest.raises(pretend.Mixed):
        question()
    assert normalise(clips, model.transform).device == here
