"""Frozen specs: every number that decides what a network, its input and its training are.

The networks' presets are in `maagn.nn.build`, each with its architecture.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Fusion = Literal["none", "sdm", "mtam", "sdm>mtam", "mtam>sdm", "sum", "agm"]
SdmCombine = Literal["multiply", "add", "residual", "subtract"]
MtamMasks = Literal["max", "avg", "max+avg", "all"]
Pooling = Literal["frame", "channel"]
Votes = Literal["own", "own+levels", "own+last"]
Take = Literal["all", "backbone"]
Optimiser = Literal["adamw", "sgd"]
Option = int | float | str | bool
Freeze = Literal["none", "backbone"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, order=True)
class SamplingSpec:
    """Which frames a network sees: one of each of `frames` equal segments (TSN).

    Attributes:
        frames: T.
        window: how many consecutive frames the segments divide, so that tau = window / T; a shorter
            video is divided whole. 0 divides every video whole.
        clip: which of several clips of the same video, from 0.
        clips: how many there are; they lie evenly over the video.
    """

    frames: int = 8
    window: int = 0
    clip: int = 0
    clips: int = 1


@dataclass(frozen=True)
class TransformSpec:
    """How pixels become the network's input: short side to `resize`, centre `crop`, normalise."""

    resize: int = 256
    crop: int = 224
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD


Look = tuple[SamplingSpec, TransformSpec]
"""How a network looks at a video: at which frames, and at which pixels of them."""


@dataclass(frozen=True)
class ModelSpec:
    """Everything that decides a network's layers; stored inside its checkpoint.

    Attributes:
        arch: which network, a key of `maagn.nn.build.ARCHITECTURES`.
        classes: number of classes K.
        frames: number of frames T that it sees.
        depth: of the ResNet: 18, 34, 50 or 101.
        width: channels of the first stage; 64 is torchvision's.
        stem_pool: whether the stem ends in the max pool (without it maps are twice as large).
        shift: temporal shift in every residual block, as in TSM and in TPN's recipe for
            Something-Something.
        shift_downsample: whether the shifted input also feeds the shortcut's convolution of each
            stage's first block, as in decisionforce's code.
        shift_every: 1 where every block of a stage shifts, 2 for its first and every second, as the
            ResNet-101 of mit-han-lab's and mmaction2's code.
        strides: of res3, res4 and res5; 1 leaves a stage's maps as large as those before it.
        levels: backbone stages that feed the pyramid, shallow to deep, 2 to 5 (res2 to res5).
        rates: sampling rate tau of each level's path (maagn), or of the slow and the fast pathway
            (slowfast): every tau-th frame is kept.
        neck_width: channels of the pyramid's temporal modulation.
        neck_groups: groups of its convolutions.
        fusion: how SDM and MTAM meet on a path (Table 3).
        sdm_combine: how SDM's mask meets the feature (Table 4).
        mtam_masks: which of MTAM's masks are used (Table 5).
        pooling: what a mask has one number for: a `frame`, as the shapes of Eqs. 1 and 8 say, or a
            `channel` of a frame, as Eq. 8's sum over height and width alone says.
        votes: what each path votes by (decision 0028): its `own` feature behind the pyramid, as in
            the paper; that and the one feature that TPN's fusion makes of all levels; or that and
            the last path's mean over time and place, by which TSM classifies.
        reduction: r of Eq. 4.
        min_hidden: floor of the masks' hidden width (decision 0002).
        dropout: probability before the classifier, in training.
        options: what a network has beside all these, by name; each a number, a text, or yes or no.
    """

    arch: str
    classes: int = 174
    frames: int = 8
    depth: int = 50
    width: int = 64
    stem_pool: bool = True
    shift: bool = False
    shift_downsample: bool = False
    levels: tuple[int, ...] = (3, 4, 5)
    rates: tuple[int, ...] = (1, 2, 4)
    neck_width: int = 1024
    neck_groups: int = 32
    fusion: Fusion = "agm"
    sdm_combine: SdmCombine = "residual"
    mtam_masks: MtamMasks = "all"
    reduction: int = 16
    min_hidden: int = 4
    dropout: float = 0.5
    shift_every: int = 1
    pooling: Pooling = "frame"
    strides: tuple[int, ...] = (2, 2, 2)
    votes: Votes = "own"
    options: tuple[tuple[str, Option], ...] = ()

    def option(self, name: str) -> Any:  # noqa: ANN401 - the network knows which it is
        """The value of one of `options`.

        Raises:
            ValueError: there is none of that name.
        """
        if name not in dict(self.options):
            raise ValueError(f"{self.arch} needs a value of its option {name}")
        return dict(self.options)[name]

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form, without options where there are none; `from_dict` is its inverse."""
        values = asdict(self)
        return values if self.options else {k: v for k, v in values.items() if k != "options"}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ModelSpec":
        """The spec that `as_dict` wrote (JSON turns tuples into lists; this turns them back).

        Raises:
            TypeError: a field that there is not, or an option that is none.
        """
        tuples: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        options = tuple((name, value) for name, value in tuples.pop("options", ()))
        if not all(isinstance(n, str) and isinstance(v, Option) for n, v in options):
            raise TypeError("an option is a name with a number, a text, or yes or no")
        return cls(**tuples, options=options)


DEMO_CLASSES = 34  # of the rendered benchmark

DEMO_TRANSFORM = TransformSpec(resize=124, crop=112)


@dataclass(frozen=True)
class TrainSpec:
    """One training run; the same spec on the same machine gives the same weights.

    The defaults are the demonstration networks' recipe.

    Attributes:
        preset: which network; its number of classes is the data's.
        data: `opposites`, or a folder or list of videos (`maagn.data.open.open_videos`).
        changes: fields of the preset's `ModelSpec` and the texts of their new values.
        start: a network to begin from, ours or a published one; None for fresh weights.
        take: what of it: `all` that fits, or the `backbone` alone, as the paper does.
        epochs: passes over the data; rendered clips are fresh in each.
        clips: training clips an epoch; 0 for all of a folder's.
        validation_clips: clips of the validation split, looked at after every epoch; 0 for all.
        batch: clips an optimiser step; an epoch's last batch is filled up from its first clips.
        accumulate: parts that a batch is worked through in; its gradients are their mean.
        optimiser: AdamW, or SGD with momentum.
        learning_rate: peak of the rate: linear warm-up, then a cosine to zero or the milestones.
        momentum: SGD's.
        milestones: epochs after which the rate is a tenth of what it was; none for the cosine.
        warmup: part of all steps spent warming up, in [0, 1).
        weight_decay: the optimiser's.
        label_smoothing: of the cross entropy, in [0, 1).
        auxiliary_weight: of the auxiliary head's loss (TPN: 0.5).
        masks_spread: standard deviation over clips of what the masks' sigmoids are given at the
            start (`maagn.train.masks`); 0 begins their layers as every other.
        masks_rate: learning rate of SDM, MTAM and alpha, as a multiple of the others', without
            weight decay; 0 treats them as every other layer.
        idle: whether a clip's action takes only a part of its frames, drawn at random; in the
            others nothing moves.
        spoilt: at most so many of a clip's frames, drawn at random, show nothing of it: they are
            blank, noise, or of another clip.
        ema: decay of the running mean of the weights, which then are what is validated and saved;
            0 for none.
        precision: Lightning Fabric's name: `32-true`, `bf16-mixed` or `16-mixed`.
        short_side: smallest and largest short side of frames before the crop, in pixels; rendered
            clips and validation take the smallest.
        crop: side of the square that a network sees, in pixels.
        flip: whether clips are mirrored at random, left and right in their labels exchanged.
        colour: largest change of brightness, contrast and saturation, as a part, in [0, 1).
        reversal: whether every clip that has an opposite is shown backwards too, in the same batch,
            as that opposite.
        opposites: a file of pairs of opposite classes of the data; None for what is known of them.
        mirrored: a file of pairs that a mirror exchanges; None for what is known of them.
        seed: of initialisation, order, augmentation and dropout.
        freeze: what stays as it began: `backbone`, its normalisation's statistics included; `none`.
        compile: whether the loss and its gradients are compiled (`torch.compile`).
        validation: a folder or list of videos to validate on; None for the data's own split.
        hold_out: one clip in so many is held out of data that have no validation split.
        layout: how the data are distributed, as all that follow: see `open_videos`.
        names: a file of class names in order.
        root: the folder that a list's paths are from.
        videos: the folder of the videos.
        pictures: template of the names of frames in folders.
        columns: what the lines of a list hold.
        classes_from: the first class's number in a list.
    """

    preset: str
    data: str = "opposites"
    changes: tuple[tuple[str, str], ...] = ()
    start: str | None = None
    take: Take = "all"
    epochs: int = 5
    clips: int = 5440
    validation_clips: int = 510
    batch: int = 8
    accumulate: int = 1
    optimiser: Optimiser = "adamw"
    learning_rate: float = 2e-3
    momentum: float = 0.9
    milestones: tuple[int, ...] = ()
    warmup: float = 0.1
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    auxiliary_weight: float = 0.5
    masks_spread: float = 1.5
    masks_rate: float = 1.0
    idle: bool = False
    spoilt: int = 0
    ema: float = 0.0
    precision: str = "32-true"
    short_side: tuple[int, int] = (124, 124)
    crop: int = 112
    flip: bool = False
    colour: float = 0.3
    reversal: bool = True
    opposites: str | None = None
    mirrored: str | None = None
    seed: int = 0
    freeze: Freeze = "none"
    compile: bool = False
    validation: str | None = None
    hold_out: int = 5
    layout: str = "auto"
    names: str | None = None
    root: str | None = None
    videos: str | None = None
    pictures: str | None = None
    columns: str = "auto"
    classes_from: int | None = None

    @property
    def transform(self) -> TransformSpec:
        """The preprocessing used outside training."""
        return TransformSpec(resize=self.short_side[0], crop=self.crop)


_PAPER = TrainSpec(
    "maagn-r50-8f",
    epochs=150,
    clips=0,
    validation_clips=0,
    batch=32,
    optimiser="sgd",
    learning_rate=0.01,
    momentum=0.9,
    milestones=(75, 125),
    warmup=0.0,
    weight_decay=1e-4,
    label_smoothing=0.0,
    masks_spread=0.0,
    masks_rate=0.0,
    short_side=(256, 320),
    crop=224,
    flip=True,
    colour=0.0,
    reversal=False,
)

RECIPES: dict[str, TrainSpec] = {
    "demo": TrainSpec("maagn-demo"),
    "paper-something": _PAPER,  # Sec. 4.2; dropout 0.5 is the presets'
    "paper-kinetics": replace(_PAPER, preset="maagn-r101-32f", milestones=(100, 125)),
}
