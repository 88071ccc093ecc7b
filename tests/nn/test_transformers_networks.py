"""VideoMAE and V-JEPA 2 are those of transformers: the same logits and matrices of attention."""

import builtins
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from maagn.errors import NetworkError
from maagn.nn.build import PRESETS, build
from maagn.nn.hugging_face import transformers
from maagn.nn.staged import STAGES
from maagn.nn.taps import record
from maagn.nn.tokens import stages_of
from tests.tiny import clip_tensor, generator, network, spec

every_network = pytest.mark.parametrize("arch", ["videomae", "vjepa2"])
ROOT = Path(__file__).parents[2]


def theirs_of(arch: str, **attention: str) -> torch.nn.Module:
    """The library's own small network, as a person would make it, with large random weights."""
    library = transformers(arch)
    common = {
        "patch_size": 8, "tubelet_size": 2, "hidden_size": 24, "num_hidden_layers": 4,
        "num_attention_heads": 2, "num_labels": 5, **attention,
    }  # fmt: skip
    if arch == "videomae":
        config = library.VideoMAEConfig(image_size=32, num_frames=8, intermediate_size=32, **common)
        made = library.VideoMAEForVideoClassification(config)
    else:
        config = library.VJEPA2Config(
            crop_size=32, frames_per_clip=8, mlp_ratio=4 / 3, num_pooler_layers=1,
            pred_hidden_size=12, pred_num_attention_heads=1, pred_num_hidden_layers=1, **common
        )  # fmt: skip
        made = library.VJEPA2ForVideoClassification(config)
    drawn = generator(5)
    for parameter in made.parameters():
        parameter.data.copy_(0.3 * torch.randn(parameter.shape, generator=drawn))
    return made.eval()


def ours_of(arch: str, theirs: torch.nn.Module) -> torch.nn.Module:
    made = build(spec(arch)).eval()
    state = {n: t for n, t in theirs.state_dict().items() if ".predictor." not in n}
    made.load_state_dict(state)
    return made


@every_network
def test_the_logits_are_the_librarys(arch):
    theirs = theirs_of(arch)
    ours = ours_of(arch, theirs)
    x = clip_tensor(batch=2)
    with torch.no_grad():
        expected, found = theirs(x.transpose(1, 2)).logits, ours(x)
    difference = ((found - expected).abs().max() / expected.abs().max()).item()
    print(f"{arch}: {difference:.1e} of the largest logit, whose deviation is {expected.std():.2f}")
    assert expected.std() > 0.1
    assert difference < 1e-5


@every_network
def test_matrices_of_attention_are_those_that_the_library_computes(arch):
    theirs = theirs_of(arch, attn_implementation="eager")
    x = clip_tensor()
    with torch.no_grad():
        said = theirs(x.transpose(1, 2), output_attentions=True).attentions
        found = list(ours_of(arch, theirs).attention_matrices(x))
    assert len(said) == 4
    for one, other in zip(found, said, strict=False):
        torch.testing.assert_close(one, other.mean(dim=1), rtol=1e-4, atol=1e-6)
    if arch == "videomae":
        assert len(found) == 4
        return
    # The pooler's own, which the library returns from its layers alone.
    pooler = theirs.pooler
    with torch.no_grad():
        tokens = theirs.vjepa2.encoder(x.transpose(1, 2)).last_hidden_state
        tokens, weights = pooler.self_attention_layers[0](tokens, None)
        _, last = pooler.cross_attention_layer(pooler.query_tokens, tokens)
    torch.testing.assert_close(found[4], weights.mean(dim=1), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(found[5], last.mean(dim=1), rtol=1e-4, atol=1e-6)
    assert found[5].shape == (1, 1, 64)


@pytest.mark.parametrize(
    ("preset", "millions"),
    # VideoMAE's paper gives 87 M and 305 M; the library's networks, without their predictor, have
    # as many as ours exactly (the test of files).
    [("videomae-b-16f", 86.4), ("videomae-l-16f", 304.0)],
)
def test_there_are_as_many_parameters_as_published(preset, millions):
    with torch.device("meta"):
        made = build(PRESETS[preset])
    assert sum(p.numel() for p in made.parameters()) / 1e6 == pytest.approx(millions, abs=0.5)


@every_network
def test_the_class_draws_on_every_token_of_every_stage(arch):
    made = network(spec(arch)).requires_grad_(False)
    with record(made) as taps:
        logits = made(clip_tensor())
    features = [taps[f"backbone.res{number}"] for number in STAGES]
    for slope in torch.autograd.grad(logits[0, 0], features):
        assert slope.abs().sum(dim=2).all()


def test_a_tubelet_is_centred_between_its_frames():
    made, x = network(spec("videomae")), clip_tensor().requires_grad_()
    (slope,) = torch.autograd.grad(made.begin(x)[:, 1].sum(), x)
    frames = slope.abs().sum(dim=(0, 1, 3, 4)).nonzero().flatten()
    for stage in stages_of(made.spec):
        assert (frames[0] + frames[-1]) / 2 == stage.rate + stage.offset == 2.5


def test_stages_are_quarters_of_the_blocks():
    titles = [stage.title for stage in stages_of(PRESETS["videomae-b-16f"])]
    assert titles == ["Blocks 1 to 3", "Blocks 4 to 6", "Blocks 7 to 9", "Blocks 10 to 12"]
    assert [stage.title for stage in stages_of(spec("videomae", depth=5))] == [
        "Block 1", "Block 2", "Blocks 3 to 4", "Block 5"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frames": 7}, "multiple of 2 frames, got 7"),
        ({"width": 25}, "multiple of 2 channels, got 25"),
        ({"depth": 3}, "4 to 64 blocks, got 3"),
        ({"depth": 10**9}, "4 to 64 blocks"),
        ({"frames": 2**20}, "at most 65536 tokens"),
        ({"options": ()}, "needs a value of its option tubelet"),
    ],
)
def test_numbers_that_make_no_network_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        build(spec("videomae", **changes))


@every_network
def test_frames_of_another_side_are_refused(arch):
    with pytest.raises(ValueError, match="sees frames of 32 x 32, got 40 x 40"):
        network(spec(arch))(clip_tensor(size=40))


def test_without_the_library_a_sentence_says_what_to_install(monkeypatch):
    really = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "transformers":
            raise ImportError(name)
        return really(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NetworkError, match=r"not installed: pip install 'maagn\[transformers\]'"):
        build(spec("videomae"))


_QUIET = """
import socket, sys
def refuse(*_):
    raise AssertionError("a socket was opened")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
sys.addaudithook(lambda event, _: refuse() if event.startswith("socket.") else None)
from tests.tiny import clip_tensor, network, spec
for arch in ("videomae", "vjepa2"):
    network(spec(arch))(clip_tensor())
import huggingface_hub.constants
assert huggingface_hub.constants.HF_HUB_OFFLINE
assert huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY
print("quiet")
"""


def test_no_socket_is_opened():
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS"))}
    ran = subprocess.run(
        [sys.executable, "-c", _QUIET],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.strip() == "quiet", ran.stderr[-2000:]
