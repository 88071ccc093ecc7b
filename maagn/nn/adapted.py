"""Somebody's module as a network here, by its parts in their order: a stem, four stages, a head.

Between the parts stand the taps that every network has, so that no hook is set on a module that
others use, and the stages behind a tap can be run again by themselves.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from math import isqrt, prod
from re import findall

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.errors import NetworkError
from maagn.nn.network import VideoNetwork
from maagn.nn.taps import Stage, Tap

CLIP = "n c t h w"
"""How torchvision's video networks lay out a clip, and what they make of it."""


class Adapted(VideoNetwork):
    """A module cut into parts, with taps between them.

    Args:
        spec: classes and frames; nothing else of it is used.
        stem: what comes before the first stage.
        stages: four; an `nn.Sequential` holds several blocks.
        head: logits (N, K) from what the last stage gives.
        takes: layout of the clip that the stem takes, of the axes n, c, t, h and w, as einops
            writes it: `(n t) c h w` for a network of pictures.
        gives: layout of what the stages give and take: `n (t h w) c` for tokens without one of
            their class.
        rates: frames of the clip from one frame of a stage's feature to the next, a number a stage.
    """

    def __init__(
        self,
        spec: ModelSpec,
        stem: nn.Module,
        stages: Sequence[nn.Module],
        head: nn.Module,
        *,
        takes: str,
        gives: str,
        rates: Sequence[int],
    ) -> None:
        super().__init__()
        self.spec, self.takes, self.gives, self.rates = spec, takes, gives, tuple(rates)
        self.stem, self.stages, self.head = stem, nn.ModuleList(stages), head
        self.backbone = nn.ModuleDict({f"res{number}_tap": Tap() for number in range(2, 6)})

    def forward_features(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> dict[int, Float[Tensor, "n _t _c _h _w"]]:
        """Features of the four stages, by number from 2 to 5."""
        if clip.shape[2] != self.spec.frames:
            raise ValueError(f"this network sees {self.spec.frames} frames, got {clip.shape[2]}")
        return self._run(self.stem(rearrange(clip, f"{CLIP} -> {self.takes}")), 2, len(clip))

    def forward_after(
        self, stage: int, feature: Float[Tensor, "n t c h w"]
    ) -> dict[int, Float[Tensor, "n _u _d _i _j"]]:
        """Features of the stages behind one, from that one's own."""
        return self._run(self._given(feature), stage + 1, len(feature))

    def _run(self, x: Tensor, first: int, clips: int) -> dict[int, Tensor]:
        features = {}
        for number in range(first, 6):
            frames = -(-self.spec.frames // self.rates[number - 2])
            x = self.stages[number - 2](x)
            feature = as_feature(x, self.gives, clips=clips, frames=frames)
            features[number] = self.backbone[f"res{number}_tap"](feature)
            x = self._given(features[number])
        return features

    def _given(self, feature: Float[Tensor, "n t c h w"]) -> Tensor:
        return rearrange(feature, f"n t c h w -> {self.gives}")

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"], ...]:
        """What the head's last layer reads, where that is linear."""
        if not self.classifiers:
            return ()
        assert isinstance(self.head, nn.Sequential)
        return (self.head[:-1](self._given(features[5])),)

    @property
    def classifiers(self) -> tuple[nn.Linear, ...]:
        """The head's last layer, where the head is an `nn.Sequential` that ends in a linear one."""
        if not isinstance(self.head, nn.Sequential) or len(self.head) < 2:
            return ()
        last = self.head[-1]
        return (last,) if isinstance(last, nn.Linear) and last.bias is not None else ()

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """What the head makes of the last stage's feature."""
        return self.head(self._given(features[5]))


def as_feature(
    x: Tensor, layout: str, *, clips: int, frames: int | None = None
) -> Float[Tensor, "n t c h w"]:
    """What a part gives, by frame; places that are joined in one axis are those of a square.

    Raises:
        NetworkError: it is not of that layout.
    """
    sizes = {"n": clips} if frames is None else {"n": clips, "t": frames}
    axes = [(joined or alone).split() for joined, alone in findall(r"\(([^)]*)\)|(\w+)", layout)]
    for size, names in zip(x.shape, axes, strict=False):
        if {"h", "w"} <= set(names):
            if "t" in names and frames is None:
                raise NetworkError(f"The layout {layout!r} does not show the rates: give them.")
            places = size // prod(sizes[name] for name in names if name in sizes)
            sizes |= {"h": isqrt(places), "w": isqrt(places)}
    try:
        return rearrange(x, f"{layout} -> n t c h w", **sizes)
    except Exception as error:  # einops has errors of its own
        known = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        raise NetworkError(
            f"A part gives the shape {tuple(x.shape)}, which is not {layout!r} with {known}: "
            "say how it is laid out, and at which rates."
        ) from error


def stages_of(network: Adapted, *, offset: float = 0.0) -> tuple[Stage, ...]:
    """The four stages, whose first frames are centred at frame `offset` of the clip."""
    frames = network.spec.frames
    return tuple(
        Stage.at(f"backbone.res{number}", f"Stage {number}", of=frames, rate=rate, offset=offset)
        for number, rate in enumerate(network.rates, 2)
    )


def fresh(network: Adapted) -> Callable[[ModelSpec], Adapted]:
    """What builds the network with fresh weights; it keeps none of the present ones.

    A layer draws its own, by PyTorch's `reset_parameters`.
    """
    empty, of = _with_parameters(deepcopy(network), "meta"), network.spec

    def build(spec: ModelSpec) -> Adapted:
        if spec != of:
            raise ValueError("an adapted network is as it was adapted, with all of its classes")
        device = torch.get_default_device().type
        if device == "meta":
            return deepcopy(empty).to("meta")
        return _drawn(_with_parameters(deepcopy(empty), device))

    return build


def _with_parameters(network: Adapted, device: str) -> Adapted:
    """Its parameters without values there, those that are one still one; buffers as they are."""
    made: dict[int, nn.Parameter] = {}
    for module in network.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                new = made.setdefault(
                    id(parameter), nn.Parameter(torch.empty_like(parameter, device=device))
                )
                module._parameters[name] = new
    return network


def _drawn(network: Adapted) -> Adapted:
    for module in network.modules():
        if next(module.parameters(recurse=False), None) is None:
            continue
        draw = getattr(module, "reset_parameters", None) or getattr(
            module, "_reset_parameters", None
        )
        if draw is None:
            raise NetworkError(
                f"No fresh weights can be drawn for {type(module).__name__}: "
                "it has no reset_parameters."
            )
        draw()
    return network
