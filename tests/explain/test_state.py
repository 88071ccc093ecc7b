"""A model that all visitors share is the same after any number of explanations, failed ones too."""

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from maagn.explain.cam import METHODS, layers
from maagn.explain.report import report
from maagn.inference import trace
from maagn.nn import taps
from maagn.nn.taps import Tap
from tests.tiny import LABELS, tiny_clip, tiny_model

EXPLANATIONS = int(os.environ.get("MAAGN_EXPLANATIONS", "150"))  # `make faults`: 10,000
THREADS = 2


class Injected(Exception):
    pass


class Faults:
    """Raises at the k-th tap or gradient of this thread, where k is set."""

    def __init__(self, monkeypatch):
        self._own = threading.local()
        self.raised = 0
        forward, grad = Tap.forward, torch.autograd.grad
        monkeypatch.setattr(Tap, "forward", lambda one, x: forward(one, self.pass_by(x)))
        monkeypatch.setattr(torch.autograd, "grad", lambda *a, **k: grad(*self.pass_by(a), **k))

    def after(self, steps):
        self._own.left = steps

    def pass_by(self, x):
        left = getattr(self._own, "left", 0)
        self._own.left = left - 1
        if left == 1:
            self.raised += 1
            raise Injected
        return x


def digest(network):
    state = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        state.update(name.encode() + tensor.numpy().tobytes())
    return state.hexdigest()


def test_many_explanations_some_failing_leave_the_model_as_it_was(tmp_path, monkeypatch):
    model = tiny_model(tmp_path)
    clip = tiny_clip()
    before = digest(model.network)
    methods, known = list(METHODS), list(layers(model))
    alone = report(model, clip, trace(model, clip), target=LABELS[0], method="gradcam")
    faults = Faults(monkeypatch)

    def explain(number):
        rng = np.random.default_rng(number)
        faults.after(int(rng.integers(1, 80)) if number % 3 == 0 else 0)
        try:
            run = trace(model, clip)
            report(
                model,
                clip,
                run,
                target=LABELS[rng.integers(len(LABELS))],
                method=methods[rng.integers(len(methods))],
                layer=known[rng.integers(len(known))],
            )
        except Injected:
            pass
        finally:
            faults.after(0)
        assert not taps.recording()
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()

    with ThreadPoolExecutor(THREADS) as many:
        list(many.map(explain, range(EXPLANATIONS)))
    print(f"{EXPLANATIONS} explanations, {faults.raised} of them with an injected exception")
    assert faults.raised > EXPLANATIONS / 10
    assert digest(model.network) == before
    assert not any(part.training for part in model.network.modules())
    assert all(p.grad is None and not p.requires_grad for p in model.network.parameters())
    assert not any(part._forward_hooks or part._backward_hooks for part in model.network.modules())
    again = report(model, clip, trace(model, clip), target=LABELS[0], method="gradcam")
    assert np.array_equal(again.cam.values, alone.cam.values)
