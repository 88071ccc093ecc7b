"""The ten steps, from a person's own guess to the reversal of the frames."""

from app.tour import findings
from app.tour.step import Step

_FRAMES = 8  # that every network of the project sees
_NETWORKS = ("MAAGN", "TPN", "TSM", "TSN")

STEPS = (
    Step(
        "Name the action",
        "Play the clip, or go through its frames with the arrow keys. The networks see these "
        "frames and nothing else.",
        "What happens here?",
        "one",
        ("Opening something", "Closing something", "Folding something", "Unfolding something"),
        "clip",
        findings.action,
        "errors",
    ),
    Step(
        "Name the key frame",
        "Look at one frame at a time. Before some frame you could not have said whether the thing "
        "opens or closes; with it, you could.",
        "Which frame told you?",
        "one",
        tuple(f"Frame {i + 1}" for i in range(_FRAMES)),
        "masks",
        findings.key_frame,
        "attention",
        scored=False,
    ),
    Step(
        "Four networks answer",
        "TSN looks at every frame by itself and averages. TSM lets neighbouring frames exchange a "
        "part of their features. TPN adds paths of several frame rates, MAAGN adds attention in "
        "time and gates to those paths.",
        "Which of them name the action rightly?",
        "several",
        _NETWORKS,
        "networks",
        findings.networks,
        "compare",
    ),
    Step(
        "SDM: what has changed?",
        "The Spatial Difference Module subtracts the clip's first half from its second and makes "
        "one weight a frame of the difference, between 0 and 1 (Eqs. 1 to 5).",
        "Which half of the frames gets more weight?",
        "one",
        findings.HALVES,
        "masks",
        findings.spatial,
        "attention",
    ),
    Step(
        "MTAM: three angles on time",
        "The Multi-angle Temporal Attention Module weighs each frame three times: by the maximum "
        "of its features, by their mean, and by both together (Eqs. 7 to 12).",
        "Which of the three masks is the largest here, on average?",
        "one",
        findings.ANGLES,
        "masks",
        findings.temporal,
        "attention",
    ),
    Step(
        "AGM: which stream wins?",
        "The Adaptive Gating Module adds the spatial stream, the temporal stream and a gate "
        "between them (Eqs. 14 to 16). The sum is linear, so each one's share is exact.",
        "Which makes the largest part of the fused feature on the path of all frames?",
        "one",
        findings.STREAMS,
        "gates",
        findings.gate,
        "gating",
    ),
    Step(
        "Three paths vote",
        "One path sees every frame (res3), one every second (res4), one every fourth (res5). Each "
        "has an answer of its own.",
        "Which path gives most to the true class?",
        "one",
        ("res3", "res4", "res5"),
        "paths",
        findings.paths,
        "gating",
    ),
    Step(
        "Where is the evidence?",
        "A class activation map tells which places and moments speak for a class.",
        "Which half of the clip holds more of MAAGN's evidence?",
        "one",
        findings.HALVES,
        "evidence",
        findings.evidence,
        "evidence",
    ),
    Step(
        "Backwards, without order",
        "Now the same frames are shown last first. What opened closes. TSN averages what it sees "
        "in the single frames.",
        "What does TSN say to the reversed frames?",
        "one",
        findings.TURNS,
        "reversal",
        findings.without_order,
        "whatif",
    ),
    Step(
        "Backwards, with order",
        "The other networks see how frames follow each other.",
        "Which networks now answer the opposite of the clip's true action?",
        "several",
        _NETWORKS,
        "reversal",
        findings.with_order,
        "whatif",
    ),
)
