"""Whether a network keeps the contract, `VideoNetwork`: it is run on a small random clip.

Explanation, evaluation and teaching rely on each of these without looking again, and would be wrong
in silence.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.errors import NetworkError
from maagn.nn.build import Architecture, architecture_of
from maagn.nn.network import VideoNetwork
from maagn.nn.taps import Stage, record

STAGES = (2, 3, 4, 5)
SIDE = 64
"""Of the square frames that a network is tried on, in pixels."""
_CLOSE = 1e-4  # of the largest value: the same sum in another order


def check_network(
    network: nn.Module,
    stages: Sequence[Stage] | None = None,
    *,
    side: int = SIDE,
    name: str | None = None,
) -> None:
    """Refuse a network that does not keep the contract; it is copied, and left as it is.

    Args:
        network: to try, on whichever device it is.
        stages: its stages; None for those of its kind, which then is registered.
        side: of the frames of the clip, in pixels.
        name: for people; None for its class.

    Raises:
        NetworkError: what is otherwise, in one sentence.
    """
    name = name or type(network).__name__
    if not isinstance(network, VideoNetwork):
        raise NetworkError(f"{name} is no subclass of maagn.nn.network.VideoNetwork: make it one.")
    if not isinstance(getattr(network, "spec", None), ModelSpec):
        raise NetworkError(f"{name} has no spec: keep the ModelSpec that it is built from there.")
    if stages is None:
        stages = architecture_of(network.spec).stages(network.spec)
    tried = deepcopy(network).eval().requires_grad_(False)
    clip = small_clip(tried, clips=2, frames=network.spec.frames, side=side)
    _Trial(name, tried, tuple(stages), clip).run()


def small_clip(
    network: nn.Module, *, clips: int, frames: int, side: int
) -> Float[Tensor, "n 3 t h w"]:
    """Noise, the same every time, where the network is."""
    where = next(network.parameters(), torch.empty(0)).device
    drawn = torch.Generator().manual_seed(0)
    return torch.randn(clips, 3, frames, side, side, generator=drawn).to(where)


def check_architecture(architecture: Architecture, spec: ModelSpec, *, side: int = SIDE) -> None:
    """Refuse a kind of network that cannot be built, checked, stored and taught as others are.

    Args:
        architecture: the kind.
        spec: of a small network of it.
        side: of the frames of the clip that it is tried on, in pixels.

    Raises:
        NetworkError: what is otherwise, in one sentence.
    """
    title = architecture.title
    with refusing(title, "cannot be built from its spec"), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = architecture.build(spec)
    check_network(network, architecture.stages(spec), side=side)
    if network.spec != spec:
        raise NetworkError(f"{title} keeps another spec than it is built from.")
    _check_storage(architecture, network)
    _check_names(architecture, network)


def same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors differ by rounding alone."""
    if one.shape != other.shape:
        return False
    return bool((one - other).abs().max() <= _CLOSE * other.abs().max() + 1e-7)


@dataclass(frozen=True)
class _Trial:
    """A frozen network and a clip of two, the second of which must not change the first."""

    name: str
    network: VideoNetwork
    stages: tuple[Stage, ...]
    clip: Tensor

    def run(self) -> None:
        self._stages_say_what_they_are()
        with torch.no_grad(), self._calling("forward_features"):
            features = self.network.forward_features(self.clip)
        self._features_are_the_stages(features)
        with torch.no_grad(), record(self.network) as taps, self._calling("forward"):
            logits = self.network(self.clip)
        self._logits_are_of_the_classes(logits)
        for stage in STAGES:
            tap = f"backbone.res{stage}"
            self._holds(tap in taps, f"shows no tap called {tap} its feature of stage {stage}")
            self._same(taps[tap], features[stage], f"tap {tap} sees no feature of stage {stage}")
        with torch.no_grad(), self._calling("forward_head"):
            head = self.network.forward_head(features)
        self._same(head, logits, "forward is not forward_head of forward_features")
        with torch.no_grad(), self._calling("forward"):
            alone = self.network(self.clip[:1])
        self._same(alone, logits[:1], "says something else of a clip where another is beside it")
        self._classifiers_make_the_prediction(features, logits)
        for stage in STAGES if self.network.resumes else ():
            self._goes_on_from(stage, features, logits)
        self._has_gradients()
        self._refuses_other_frames()

    def _holds(self, true: bool, otherwise: str) -> None:
        if not true:
            raise NetworkError(f"{self.name} {otherwise}.")

    def _same(self, one: Tensor, other: Tensor, otherwise: str) -> None:
        if not same(one, other):
            raise NetworkError(f"{self.name}: {otherwise}.")

    def _calling(self, method: str) -> AbstractContextManager[None]:
        shape = " x ".join(map(str, self.clip.shape))
        return refusing(self.name, f"cannot run {method} on a clip of {shape}")

    def _stages_say_what_they_are(self) -> None:
        taps = tuple(f"backbone.res{stage}" for stage in STAGES)
        found = tuple(stage.tap for stage in self.stages)
        self._holds(found == taps, f"has stages {', '.join(found)}, not {', '.join(taps)}")
        for stage in self.stages:
            kept = -(-self.network.spec.frames // stage.rate)
            self._holds(
                stage.frames == kept,
                f"says that {stage.tap} has {stage.frames} frames; one of each "
                f"{stage.rate} of {self.network.spec.frames} makes {kept}",
            )

    def _features_are_the_stages(self, features: dict[int, Tensor]) -> None:
        self._holds(
            sorted(features) == list(STAGES),
            f"has features of stages {sorted(features)}, not of {list(STAGES)}",
        )
        for number, stage in zip(STAGES, self.stages, strict=True):
            shape = tuple(features[number].shape)
            self._holds(
                len(shape) == 5 and shape[:2] == (2, stage.frames),
                f"gives stage {number} the shape {shape}, not (N, T', C, H, W) with N = 2 and "
                f"T' = {stage.frames}",
            )
            self._holds(
                bool(features[number].isfinite().all()),
                f"computes numbers that are not finite in stage {number}",
            )

    def _logits_are_of_the_classes(self, logits: Tensor) -> None:
        wanted = (2, self.network.spec.classes)
        self._holds(
            tuple(logits.shape) == wanted,
            f"gives logits of the shape {tuple(logits.shape)}, not {wanted}",
        )
        self._holds(bool(logits.isfinite().all()), "computes logits that are not finite")

    def _classifiers_make_the_prediction(self, features: dict[int, Tensor], logits: Tensor) -> None:
        layers = self.network.classifiers
        with torch.no_grad(), self._calling("head_inputs"):
            read = self.network.head_inputs(features)
        self._holds(
            len(read) == len(layers),
            f"has {len(layers)} classifiers, but head_inputs for {len(read)}",
        )
        if not layers:
            return
        for layer in layers:
            linear = isinstance(layer, nn.Linear) and layer.bias is not None
            self._holds(linear, "has a classifier that is no nn.Linear with a bias")
        with torch.no_grad(), self._calling("classifiers"):
            votes = [layer(values) for layer, values in zip(layers, read, strict=True)]
            mean = torch.stack(votes).mean(dim=0)
        self._same(mean, logits, "the mean of the classifiers' logits is not the prediction")

    def _goes_on_from(self, stage: int, features: dict[int, Tensor], logits: Tensor) -> None:
        """As a map of an early layer does: from a leaf of the graph."""
        with torch.enable_grad(), self._calling("forward_after"):
            leaf = features[stage].detach().clone().requires_grad_()
            after = self.network.forward_after(stage, leaf)
            before = {number: features[number] for number in STAGES if number < stage}
            again = self.network.forward_head(before | {stage: leaf} | after)
        behind = [number for number in STAGES if number > stage]
        self._holds(
            sorted(after) == behind,
            f"goes on from stage {stage} to {sorted(after)}, not to {behind}",
        )
        for number in behind:
            words = f"forward_after({stage}, ...) gives another feature of stage {number}"
            self._same(after[number], features[number], words)
        self._same(again, logits, f"another prediction comes of forward_after({stage}, ...)")
        self._holds(again.requires_grad, f"has no gradient from its logits to stage {stage}")

    def _has_gradients(self) -> None:
        """As a trace does: the taps' tensors are leaves, or on the way from them."""
        leaves = {f"backbone.res{stage}" for stage in STAGES}
        with torch.enable_grad(), record(self.network, leaves=leaves) as taps:
            with self._calling("forward with gradients"):
                score = self.network(self.clip)[0, 0]
            tapped = [taps[f"backbone.res{stage}"] for stage in STAGES]
            slopes = torch.autograd.grad(score, tapped, allow_unused=True)
        for stage, slope in zip(STAGES, slopes, strict=True):
            words = f"goes on from another tensor than the tap backbone.res{stage} gives"
            self._holds(slope is not None, words)

    def _refuses_other_frames(self) -> None:
        longer = torch.cat([self.clip, self.clip], dim=2)
        try:
            with torch.no_grad():
                self.network.forward_features(longer)
        except ValueError:
            return
        except Exception as error:  # whatever comes of it
            raise NetworkError(
                f"{self.name} stumbles over {longer.shape[2]} frames, where a ValueError says that "
                f"it sees {self.clip.shape[2]}."
            ) from error
        raise NetworkError(
            f"{self.name} takes {longer.shape[2]} frames without a word, where a ValueError says "
            f"that it sees {self.clip.shape[2]}."
        )


def _check_storage(architecture: Architecture, network: VideoNetwork) -> None:
    """As a checkpoint is loaded: built without memory, then given its tensors."""
    title, state = architecture.title, network.state_dict()
    places = [tensor.data_ptr() for tensor in state.values() if tensor.numel()]
    if len(set(places)) < len(places):
        raise NetworkError(f"{title} has two names for one tensor, which no file can hold.")
    with refusing(title, "cannot be built on PyTorch's meta device, as for every file"):
        with torch.device("meta"):
            empty = architecture.build(network.spec)
        empty.load_state_dict(state, assign=True)
    for name, buffer in empty.named_buffers():
        if buffer.is_meta:
            raise NetworkError(
                f"{title} does not save its buffer {name}, so that no file brings it back: "
                "register it as persistent."
            )


def _check_names(architecture: Architecture, network: VideoNetwork) -> None:
    """As training starts from another's backbone, and teaching replaces the classifiers alone."""
    title, backbone, spec = architecture.title, architecture.backbone, network.spec
    state = network.state_dict()
    if not any(name.startswith(backbone) for name in state):
        raise NetworkError(f"{title} has no tensor whose name begins with {' or '.join(backbone)}.")
    with torch.device("meta"), refusing(title, "cannot be built with another number of classes"):
        other = architecture.build(replace(spec, classes=spec.classes + 1)).state_dict()
    for name in state:
        if name.startswith(backbone) and name in other and other[name].shape != state[name].shape:
            raise NetworkError(
                f"{title} has the tensor {name} in its backbone, and it depends on the classes: "
                "say what the names before the classifier begin with."
            )


@contextmanager
def refusing(name: str, otherwise: str) -> Iterator[None]:
    """Whatever a network raises, in one sentence.

    Raises:
        NetworkError: what was raised in the block.
    """
    try:
        yield
    except NetworkError:
        raise
    except Exception as error:
        said = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise NetworkError(f"{name} {otherwise}: {said}.") from error
