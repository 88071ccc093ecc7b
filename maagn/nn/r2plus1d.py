"""R(2+1)D: a ResNet whose 3D convolutions are a spatial one and then a temporal one.

Tran, Wang, Torresani, Ray, LeCun and Paluri, "A Closer Look at Spatiotemporal Convolutions for
Action Recognition" (CVPR 2018). Tensors are named as torchvision's `r2plus1d_18` names them, so
that its weights load as they are. From res3 on each stage halves time as well as height and width:
of 16 frames res5 keeps 2.
"""

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.staged import Staged, convolution
from maagn.nn.taps import Stage

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
            convolution(inputs, middle, (1, 3, 3), (1, stride, stride)),
            nn.BatchNorm3d(middle),
            nn.ReLU(inplace=True),
            convolution(middle, outputs, (3, 1, 1), (stride, 1, 1)),
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
                convolution(inputs, outputs, (1, 1, 1), (stride, stride, stride)),
                nn.BatchNorm3d(outputs),
            )

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n d u i j"]:
        """The sum of both ways, rectified."""
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(self.conv2(self.conv1(x)) + shortcut)


class R2Plus1D(Staged):
    """R(2+1)D-18, and one linear layer on the mean of its last stage.

    Args:
        spec: classes, frames, width (64 is torchvision's) and dropout; the depth is 18.

    Raises:
        ValueError: another depth than 18.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        if spec.depth != 18:
            raise ValueError(f"R(2+1)D is built at depth 18, got {spec.depth}")
        width = spec.width
        first = 45 * width // 64  # torchvision's stem has 45 channels between its convolutions
        self.stem = nn.Sequential(
            convolution(3, first, (1, 7, 7), (1, 2, 2)),
            nn.BatchNorm3d(first),
            nn.ReLU(inplace=True),
            convolution(first, width, (3, 1, 1), (1, 1, 1)),
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

    def begin(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n t _c _h _w"]:
        """The first two convolutions."""
        return rearrange(self.stem(clip), "n c t h w -> n t c h w")

    def stage(
        self, number: int, feature: Float[Tensor, "n t c h w"]
    ) -> Float[Tensor, "n _u _d _i _j"]:
        """Its two blocks, the first of which halves time and place from res3 on."""
        x = getattr(self, f"layer{number - 1}")(rearrange(feature, "n t c h w -> n c t h w"))
        return rearrange(x, "n c t h w -> n t c h w")

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
