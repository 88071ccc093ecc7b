"""Any PyTorch module as a `Model`, which is explained, traced and evaluated as those in files."""

from collections.abc import Sequence
from copy import deepcopy
from hashlib import sha256

import torch
from einops import rearrange
from torch import Tensor, nn

from maagn.checkpoint import Model, Provenance
from maagn.config import ModelSpec, TransformSpec
from maagn.errors import NetworkError
from maagn.nn.adapted import CLIP, Adapted, as_feature, fresh, stages_of
from maagn.nn.build import ARCHITECTURES, Architecture
from maagn.nn.check import check_network, refusing, same, small_clip
from maagn.nn.register import free_colour
from maagn.nn.taps import Stage

_SIDE = 32  # of the frames on which parts are tried, where the module takes such


def adapt(
    module: nn.Module,
    *,
    stem: nn.Module,
    stages: Sequence[nn.Module],
    head: nn.Module,
    labels: Sequence[str],
    frames: int,
    size: int,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    resize: int | None = None,
    name: str = "",
    takes: str = CLIP,
    gives: str = CLIP,
    rates: Sequence[int] | None = None,
    offset: float = 0.0,
) -> Model:
    """A frozen copy of a module, cut into its parts; the module itself is left as it is.

    Args:
        module: clips to logits (N, K), which its parts must compute, too.
        stem: its part before the first stage; `nn.Identity()` where there is none.
        stages: four parts, shallow first, called `backbone.res2` to `backbone.res5`.
        head: what makes logits of the last stage. As an `nn.Sequential` that ends in an
            `nn.Linear`, that is its classifier.
        labels: class names in the order of the logits.
        frames: that it sees.
        size: of the square that it sees, in pixels.
        mean: that is subtracted from pixels in [0, 1], RGB.
        std: that they are then divided by.
        resize: short side of the frames before the square is cut out; None for 8 / 7 of `size`.
        name: for people; the module's class where it is empty.
        takes: layout of the clip that module and stem take, as einops writes it: `n c t h w`,
            `n t c h w`, or `(n t) c h w` for a network of pictures.
        gives: layout of what stages give, and take of each other: also `n (t h w) c`, for tokens.
        rates: frames of the clip from one frame of a stage's feature to the next, a number a stage;
            None where the layout shows it.
        offset: frame of the clip at which a stage's first frame is centred; 0.5 where a stem makes
            one of every two.

    Returns:
        A model that is in no file; its digest is of weights and settings.

    Raises:
        NetworkError: parts that compute something else than the module, or do not go together; or
            a name that another network has.
    """
    title = name or type(module).__name__
    if len(stages) != 4:
        raise NetworkError(f"{title} needs four stages, got {len(stages)}: join some, or cut one.")
    parts = nn.ModuleList([module, stem, *stages, head])
    whole, stem, *stages, head = deepcopy(parts).eval().requires_grad_(False)
    side = _side_of(whole, title, takes, frames=frames, size=size)
    clip = small_clip(whole, clips=1, frames=frames, side=side)
    if rates is None:
        with refusing(title, "has parts that do not go together"):
            rates = _rates_of(stem, stages, clip, takes=takes, gives=gives)
    seen = (tuple(labels), frames, size, mean, std, resize)
    settings = (*seen, takes, gives, tuple(rates), offset)
    digest = _digest(parts, settings)
    spec = ModelSpec(f"adapted-{digest[:16]}", classes=len(labels), frames=frames)
    network = Adapted(spec, stem, stages, head, takes=takes, gives=gives, rates=rates)
    cut = stages_of(network, offset=offset)
    check_network(network, cut, side=side, name=title)
    with torch.no_grad():
        if not same(network(clip), _logits(whole, clip, takes)):
            raise NetworkError(f"The parts of {title} compute something else than {title} does.")
    _enter(network, title, cut)
    return Model(
        name=title,
        spec=spec,
        labels=tuple(labels),
        transform=TransformSpec(resize or round(size * 8 / 7), size, mean, std),
        provenance=Provenance("data of its authors", "maagn.adapt", 0, 0, 0, 0, "unknown"),
        digest=digest,
        network=network,
    )


def _side_of(whole: nn.Module, title: str, takes: str, *, frames: int, size: int) -> int:
    """Of frames that the module takes: small ones, unless it takes none but its own."""
    with torch.no_grad():
        try:
            _logits(whole, small_clip(whole, clips=1, frames=frames, side=_SIDE), takes)
        except Exception:  # whatever it raises; its own size shows whether that is why
            clip = small_clip(whole, clips=1, frames=frames, side=size)
            with refusing(title, f"cannot run on {frames} frames of {size} x {size} pixels"):
                _logits(whole, clip, takes)
            return size
    return _SIDE


def _logits(whole: nn.Module, clip: Tensor, takes: str) -> Tensor:
    found = whole(rearrange(clip, f"{CLIP} -> {takes}"))
    found = getattr(found, "logits", found)  # what `transformers` gives
    if not isinstance(found, Tensor):
        raise TypeError(f"it gives a {type(found).__name__}, not logits")
    return found


def _rates_of(
    stem: nn.Module, stages: Sequence[nn.Module], clip: Tensor, *, takes: str, gives: str
) -> tuple[int, ...]:
    frames, rates = clip.shape[2], []
    with torch.no_grad():
        x = stem(rearrange(clip, f"{CLIP} -> {takes}"))
        for number, stage in enumerate(stages, 2):
            x = stage(x)
            kept = as_feature(x, gives, clips=1).shape[1]
            rate = round(frames / kept)
            if rate == 0 or -(-frames // rate) != kept:
                raise NetworkError(f"Stage {number} has {kept} frames of {frames}, not every nth.")
            rates.append(rate)
    return tuple(rates)


def _digest(parts: nn.Module, settings: tuple[object, ...]) -> str:
    """SHA-256 of weights, layers and settings, hexadecimal."""
    content = sha256(repr((parts, settings)).encode())
    for name, tensor in (*parts.named_parameters(), *parts.named_buffers()):
        values = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        content.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        content.update(values.numpy().tobytes())
    return content.hexdigest()


def _enter(network: Adapted, title: str, stages: tuple[Stage, ...]) -> None:
    """Among the kinds of network, so that it has a title, a colour and stages as others have."""
    known = {one.title.casefold(): (arch, one.colour) for arch, one in ARCHITECTURES.items()}
    arch, colour = known.get(title.casefold(), ("", None))
    if arch and not arch.startswith("adapted-"):
        raise NetworkError(f"There is a network called {title} already: give another name.")
    ARCHITECTURES[network.spec.arch] = Architecture(
        title=title,
        colour=colour or free_colour(),
        build=fresh(network),
        stages=lambda _spec: stages,
        presets={},
        backbone=("stem.", "stages."),
    )
