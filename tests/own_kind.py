"""A kind of network of somebody's own: what a person writes who brings one."""

from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.network import VideoNetwork
from maagn.nn.register import register_network
from maagn.nn.taps import Stage, Tap

SPEC = ModelSpec("mine", classes=5, frames=8, width=4, options=(("bins", 2),))
RATES = {2: 1, 3: 2, 4: 4, 5: 4}


class Mine(VideoNetwork):
    """Four convolutions, two of which halve time, and one linear layer."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.backbone = nn.ModuleDict()
        inputs, before = 3, 1
        for stage, rate in RATES.items():
            stride = (rate // before, 2, 2)
            self.backbone[f"res{stage}"] = nn.Conv3d(inputs, spec.width, 3, stride, padding=1)
            self.backbone[f"res{stage}_tap"] = Tap()
            inputs, before = spec.width, rate
        self.classify = nn.Linear(spec.width * spec.option("bins"), spec.classes)

    def forward_features(self, clip: Float[Tensor, "n 3 t h w"]) -> dict[int, Tensor]:
        if clip.shape[2] != self.spec.frames:
            raise ValueError(f"this network sees {self.spec.frames} frames, got {clip.shape[2]}")
        return self.forward_after(1, clip.transpose(1, 2))

    def forward_after(self, stage: int, feature: Float[Tensor, "n t c h w"]) -> dict[int, Tensor]:
        features = {}
        for number in range(stage + 1, 6):
            x = self.backbone[f"res{number}"](feature.transpose(1, 2)).sigmoid()
            features[number] = feature = self.backbone[f"res{number}_tap"](x.transpose(1, 2))
        return features

    def head_inputs(self, features: dict[int, Tensor]) -> tuple[Tensor]:
        mean = features[5].mean(dim=(3, 4))
        return (mean[:, : self.spec.option("bins")].flatten(1),)

    @property
    def classifiers(self) -> tuple[nn.Linear, ...]:
        return (self.classify,)

    def forward_head(self, features: dict[int, Tensor]) -> Tensor:
        return self.classify(*self.head_inputs(features))


class Headless(Mine):
    """The same with a head in which nothing linear can be replaced."""

    def head_inputs(self, _features: dict[int, Tensor]) -> tuple[()]:
        return ()

    @property
    def classifiers(self) -> tuple[()]:
        return ()

    def forward_head(self, features: dict[int, Tensor]) -> Tensor:
        return self.classify(*super().head_inputs(features)).tanh()


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    return tuple(
        Stage.at(f"backbone.res{stage}", f"Stage {stage}", of=spec.frames, rate=rate)
        for stage, rate in RATES.items()
    )


def register(build: type[Mine] = Mine) -> None:
    register_network(
        "mine",
        build,
        title="My network",
        stages=stages_of,
        presets={"mine-small": SPEC},
        side=32,
    )
