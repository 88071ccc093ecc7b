"""The values that flow through the pipeline: clip, clip tensor, prediction, trace, explanation.

All are frozen. Shapes are in the annotations (jaxtyping) and are executed in every test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64, UInt8
from torch import Tensor

from maagn.cache import BoundedCache
from maagn.section import Section
from maagn.shown import percent, plural, shortened, spread, strip_html

_NOTICES = 3  # that a clip's repr has

Reader = Literal["decord", "pyav", "pillow", "memory", "pictures"]


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of a video that were kept, and when each is shown.

    Attributes:
        frames: kept frames, HWC RGB in [0, 255], upright (rotation applied).
        seconds: presentation time of each kept frame from the clip's start; strictly increasing.
        indices: place of each kept frame among all of the source, from 0; strictly increasing.
        source_seconds: presentation time of every frame of the source; strictly increasing.
        digest: SHA-256 of the file's bytes, hexadecimal: the cache key.
        name: file name, for people; never used to find anything.
        reader: the decoder whose frames these are.
        notices: sentences about what was unusual, e.g. that some frames could not be read.
        section: the part of the film that these frames are, from its first frame to what follows
            its last; all times and places here are counted from that first frame. None for a whole
            file.
        film_seconds: how long the file is, from its first frame to the end of its last; None where
            there is no file.
    """

    frames: UInt8[np.ndarray, "t h w 3"]
    seconds: Float64[np.ndarray, " t"]
    indices: Int64[np.ndarray, " t"]
    source_seconds: Float64[np.ndarray, " n"]
    digest: str
    name: str
    reader: Reader
    notices: tuple[str, ...] = ()
    section: Section | None = None
    film_seconds: float | None = None

    @property
    def key(self) -> str:
        """What tells these frames from all others: the file's digest, and a section's times.

        Written as a media fragment (W3C, Media Fragments URI 1.0): `DIGEST#t=12.5,16`.
        """
        if self.section is None:
            return self.digest
        return f"{self.digest}#t={round(self.section.start, 6)},{round(self.section.end, 6)}"

    @property
    def title(self) -> str:
        """Its name and, of a film, which part of it: `walk.mp4, 12.40 to 16.40 s of 207.00 s`."""
        if self.section is None:
            return self.name
        whole = "" if self.film_seconds is None else f" of {self.film_seconds:.2f} s"
        return f"{self.name}, {self.section}{whole}"

    def __post_init__(self) -> None:
        """Hold the invariants that every later step relies on."""
        for what, times in (("seconds", self.seconds), ("source_seconds", self.source_seconds)):
            if np.any(np.diff(times) <= 0):
                raise ValueError(f"Clip.{what} must be strictly increasing, got {times}")
        if np.any(np.diff(self.indices) <= 0):
            raise ValueError(f"Clip.indices must be strictly increasing, got {self.indices}")

    def __repr__(self) -> str:
        height, width = self.frames.shape[1:3]
        total, kept = len(self.source_seconds), len(self.frames)
        lines = [
            f"Clip {shortened(self.name)!r}: {plural(total, 'frame')} of {width} x {height} "
            f"pixels, the last at {self.source_seconds[-1]:.2f} s"
            + ("" if kept == total else f"; {kept:,} of them kept")
        ]
        if self.section is not None:
            lines.append(f"  {self.section} of the film, counted from its first frame")
        lines += [f"  {shortened(notice)}" for notice in self.notices[:_NOTICES]]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return strip_html(repr(self), self.frames, [f"{second:.2f} s" for second in self.seconds])


def _short(key: str) -> str:
    """The beginning of a clip's key, and the times of its section."""
    digest, mark, section = key.partition("#")
    return f"{digest[:12]}{mark}{section}"


@dataclass(frozen=True)
class Crop:
    """The part of the source frame that the network saw, in source pixels (may be fractional)."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class ClipTensor:
    """What the network sees, and where in the source each cell of it comes from.

    Attributes:
        data: normalised RGB, (N, C, T, H, W) with N = 1.
        pictures: the same pixels before normalisation, in [0, 255]: what a person is shown.
        positions: place of each sampled frame in the source, from 0.
        seconds: presentation time of each sampled frame.
        crop: the part of a source frame that fills the network's H x W.
        digest: the clip's `key`.
    """

    data: Float32[Tensor, "1 3 t h w"]
    pictures: UInt8[np.ndarray, "t h w 3"]
    positions: Int64[np.ndarray, " t"]
    seconds: Float64[np.ndarray, " t"]
    crop: Crop
    digest: str

    def seconds_at(self, rate: int, offset: float = 0.0) -> Float64[np.ndarray, " _"]:
        """Presentation time of each frame of a feature.

        Args:
            rate: sampled frames from one frame of the feature to the next.
            offset: the sampled frame at which its first is centred; between two of them time is
                taken to pass evenly.
        """
        frames = np.arange(len(self.seconds), dtype=np.float64)
        return np.interp(np.arange(offset, len(self.seconds), rate), frames, self.seconds)

    def __repr__(self) -> str:
        frames, height, width = self.pictures.shape[:3]
        return (
            f"ClipTensor {tuple(self.data.shape)}: {plural(frames, 'frame')} of {width} x {height} "
            f"pixels, {self.seconds[0]:.2f} to {self.seconds[-1]:.2f} s, "
            f"of clip {_short(self.digest)}"
        )

    def _repr_html_(self) -> str:
        return strip_html(repr(self), self.pictures, [f"{second:.2f} s" for second in self.seconds])


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model says about a clip.

    Attributes:
        labels: class names, in the order of the model's logits.
        logits: before the softmax.
        probabilities: in [0, 1], summing to 1.
        path_probabilities: softmax of each path's own logits, one row per path; no rows for models
            without paths.
        path_logits: each path's own logits; their plain mean is `logits`.
    """

    labels: tuple[str, ...]
    logits: Float[np.ndarray, " k"]
    probabilities: Float[np.ndarray, " k"]
    path_probabilities: Float[np.ndarray, "p k"]
    path_logits: Float[np.ndarray, "p k"]

    @property
    def best(self) -> int:
        """Index of the most probable class."""
        return int(np.argmax(self.probabilities))

    def top(self, k: int = 5) -> list[tuple[str, float]]:
        """The k most probable classes with their probabilities, most probable first."""
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return [(self.labels[i], float(self.probabilities[i])) for i in order]

    def __repr__(self) -> str:
        lines = [f"Prediction among {plural(len(self.labels), 'class', 'classes')}:"]
        lines += [f"  {percent(share):>11}  {shortened(label)}" for label, share in self.top(3)]
        if len(self.path_probabilities):
            shares = ", ".join(percent(path[self.best]) for path in self.path_probabilities)
            lines.append(f"  the first by path: {shares}")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class ForwardTrace:
    """One run of a model with every tapped tensor kept, the later ones still attached to the graph.

    Attributes:
        prediction: what the model said.
        logits: (1, K), attached, so that a gradient at any tap is one `torch.autograd.grad` away.
        taps: tapped tensors by module name, e.g. `paths.2.mtam.mask_max`.
        clip: what went in.
        path_seconds: presentation time of the frames on each path.
        stage_seconds: presentation time of the frames of each stage's feature, by tap.
        gradients: of classes at taps, the last that were asked for (`maagn.explain.cam`).
        kept: small results that hang on the run alone, by name.
        reruns: the last run from a tap before the graph: that tap and the logits, attached.
    """

    prediction: Prediction
    logits: Float[Tensor, "1 k"]
    taps: dict[str, Tensor]
    clip: ClipTensor
    path_seconds: tuple[Float64[np.ndarray, " _"], ...]
    stage_seconds: Mapping[str, Float64[np.ndarray, " _"]]
    gradients: BoundedCache[tuple[Tensor, ...]] = field(default_factory=lambda: BoundedCache(4))
    kept: BoundedCache[Any] = field(default_factory=lambda: BoundedCache(4))
    reruns: BoundedCache[tuple[Tensor, Tensor]] = field(default_factory=lambda: BoundedCache(1))

    def seconds_of(self, tap: str) -> Float64[np.ndarray, " _"]:
        """Presentation time of the frames of a tapped tensor."""
        parts = tap.split(".")
        if parts[0] == "paths":
            return self.path_seconds[int(parts[1])]
        return self.stage_seconds.get(tap, self.clip.seconds)

    def __repr__(self) -> str:
        (label, share), *_ = self.prediction.top(1)
        stages = [
            f"{tap} {tuple(self.taps[tap].shape)}" for tap in self.stage_seconds if tap in self.taps
        ]
        return "\n".join(
            [
                f"ForwardTrace: {percent(share)} {shortened(label)}",
                f"  {', '.join(stages)}",
                f"  {plural(len(self.taps), 'tapped tensor')} in `taps`, of "
                f"{plural(len(self.path_seconds), 'path')}",
            ]
        )


@dataclass(frozen=True, eq=False)
class Explanation:
    """An answer to one question about one run, in numbers that can be drawn.

    Attributes:
        kind: which question (`sdm`, `mtam`, `gate`, `cam`, ...).
        name: which part of the network, e.g. `paths.0.sdm`.
        values: the numbers.
        axes: name of each axis of `values`.
        unit: what the numbers count; empty for a plain ratio.
        bounds: the range that the numbers can take, where one is known.
        signed: whether zero is the middle (decides the colour map).
        seconds: time of each entry of the `time` axis.
        about: method, class, digests of clip and checkpoint, settings.
    """

    kind: str
    name: str
    values: Float32[np.ndarray, "..."]
    axes: tuple[str, ...]
    unit: str
    bounds: tuple[float, float] | None
    signed: bool
    seconds: Float64[np.ndarray, " _"]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def per_frame(self) -> Float32[np.ndarray, " t"]:
        """One number per entry of `time`, the first axis: the mean over the others."""
        return self.values.reshape(len(self.values), -1).mean(axis=1)

    def __repr__(self) -> str:
        shape = " x ".join(
            f"{axis} {size}" for axis, size in zip(self.axes, self.values.shape, strict=True)
        )
        bounds = "" if self.bounds is None else f" in [{self.bounds[0]:g}, {self.bounds[1]:g}]"
        unit = f" {self.unit}" if self.unit else ""
        return (
            f"Explanation {self.kind} of {self.name}: {shape}, {spread(self.values)}{unit}{bounds}"
        )
