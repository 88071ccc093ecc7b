"""R(2+1)D: a ResNet whose 3D convolutions are a spatial one and then a temporal one.

Tran, Wang, Torresani, Ray, LeCun and Paluri, "A Closer Look at Spatiotemporal Convolutions for
Action Recognition" (CVPR 2018). Tensors are named as torchvision's `r2plus1d_18` names them, so
that its weights load as they are. From res3 on each stage halves time as well as height and width:
of 16 frames res5 keeps 2.
"""

from collections.abc import Iterable

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.network import VideoNetwork
from maagn.nn.resnet import drawn
from maagn.nn.taps import Stage, Tap

RATES = {2: 1, 3: 2, 4: 4, 5: 8}
"""Frames of the clip from one frame of a stage's feature to the next, by stage."""

TRANSFORM = TransformSpec(
    resize=128, crop=112, mean=(0.43216, 0.394666, 0.37645), std=(0.22803, 0.22145, 0.216989)
)
"""What torchvision's weights want; its own transform resizes to 128 x 171, whatever the shape."""

_BLOCKS = 2  # a stage, in the network of depth 18


class Factorised(nn.Sequential):
    """A 1 x 3 x 3 convolution, BatchNorm, ReLU and a 3 x 1 x 1 convolution, for one of 3 x 3 x 3.

    Args:
        inputs: channels that come in.
        middle: channels between the two.
        outputs: channels that go out.
        stride: of both, in place and in time.
    """

    def __init__(self, inputs: int, middle: int, outputs: int, *, stride: int = 1) -> None:
        super().__init__(
            _convolution(inputs, middle, (1, 3, 3), (1, stride, stride)),
            nn.BatchNorm3d(middle),
            nn.ReLU(inplace=True),
            _convolution(middle, outputs, (3, 1, 1), (stride, 1, 1)),
        )


class Block(nn.Module):
    """Two factorised convolutions and a shortcut.

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        stride: of the first convolution and of the shortcut, in place and in time.
    """

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        super().__init__()
        # As many weights as two convolutions of 3 x 3 x 3 have (Sec. 3.5 of the paper).
        middle = (inputs * outputs * 27) // (inputs * 9 + 3 * outputs)
        self.conv1 = nn.Sequential(
            Factorised(inputs, middle, outputs, stride=stride),
            nn.BatchNorm3d(outputs),
            nn.ReLU(inplace=True),
        )
        self.conv2 = nn.Sequential(Factorised(outputs, middle, outputs), nn.BatchNorm3d(outputs))
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                _convolution(inputs, outputs, (1, 1, 1), (stride, stride, stride)),
                nn.BatchNorm3d(outputs),
            )

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n d u i j"]:
        """The sum of both ways, rectified."""
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(self.conv2(self.conv1(x)) + shortcut)


class R2Plus1D(VideoNetwork):
    """R(2+1)D-18, and one linear layer on the mean of its last stage.

    Args:
        spec: classes, frames, width (64 is torchvision's) and dropout; the depth is 18.

    Raises:
        ValueError: another depth than 18.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        if spec.depth != 18:
            raise ValueError(f"R(2+1)D is built at depth 18, got {spec.depth}")
        self.spec = spec
        width = spec.width
        first = 45 * width // 64  # torchvision's stem has 45 channels between its convolutions
        self.stem = nn.Sequential(
            _convolution(3, first, (1, 7, 7), (1, 2, 2)),
            nn.BatchNorm3d(first),
            nn.ReLU(inplace=True),
            _convolution(first, width, (3, 1, 1), (1, 1, 1)),
            nn.BatchNorm3d(width),
            nn.ReLU(inplace=True),
        )
        inputs = width
        for stage in RATES:
            outputs = width * 2 ** (stage - 2)
            blocks = [Block(inputs, outputs, stride=1 if stage == 2 else 2)]
            blocks += [Block(outputs, outputs) for _ in range(_BLOCKS - 1)]
            self.add_module(f"layer{stage - 1}", nn.Sequential(*blocks))
            inputs = outputs
        self.dropout = nn.Dropout(spec.dropout)
        self.fc = nn.Linear(inputs, spec.classes)
        # Called as in the other networks, so that one layer can be asked of all of them; a tap has
        # no tensors, so torchvision's names stay whole.
        self.backbone = nn.ModuleDict({f"res{stage}_tap": Tap() for stage in RATES})

    def forward_features(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> dict[int, Float[Tensor, "n _t _c _h _w"]]:
        """Features of res2 to res5, by number, in the layout (N, T, C, H, W)."""
        if clip.shape[2] != self.spec.frames:
            raise ValueError(f"this network sees {self.spec.frames} frames, got {clip.shape[2]}")
        return self._stages(self.stem(clip), RATES)

    def forward_after(
        self, stage: int, feature: Float[Tensor, "n t c h w"]
    ) -> dict[int, Float[Tensor, "n _u _d _i _j"]]:
        """Features of the stages behind one, from that one's own."""
        return self._stages(rearrange(feature, "n t c h w -> n c t h w"), range(stage + 1, 6))

    def _stages(self, x: Float[Tensor, "n c t h w"], stages: Iterable[int]) -> dict[int, Tensor]:
        features = {}
        for stage in stages:
            x = getattr(self, f"layer{stage - 1}")(x)
            tap = self.backbone[f"res{stage}_tap"]
            features[stage] = tap(rearrange(x, "n c t h w -> n t c h w"))
            x = rearrange(features[stage], "n t c h w -> n c t h w")
        return features

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """The last stage's mean over time and place."""
        return (features[5].mean(dim=(1, 3, 4)),)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one linear layer."""
        return (self.fc,)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the last stage's mean over time and place."""
        return self.fc(self.dropout(*self.head_inputs(features)))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5.

    A temporal convolution of size 3 and stride 2 that is padded by 1 is centred at every second
    frame, the first included.
    """
    return tuple(
        Stage.at(f"backbone.res{stage}", f"Backbone res{stage}", of=spec.frames, rate=rate)
        for stage, rate in RATES.items()
    )


def _convolution(
    inputs: int, outputs: int, kernel: tuple[int, int, int], stride: tuple[int, int, int]
) -> nn.Conv3d:
    """A convolution without bias, padded to keep the size but for its stride."""
    padding = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
    return drawn(nn.Conv3d(inputs, outputs, kernel, stride, padding, bias=False))
