"""Something-Something V2 as it is distributed: names of its files, and what is in them.

Goyal et al., "The Something Something Video Database for Learning and Evaluating Visual Common
Sense" (ICCV 2017); the label files of the release by Qualcomm:

    labels/labels.json         {"Approaching something with your camera": "0", ...}
    labels/train.json          [{"id": "78687", "label": "holding potato next to vicks",
                                 "template": "Holding [something] next to [something]",
                                 "placeholders": ["potato", "vicks"]}, ...]
    labels/validation.json     the same
    labels/test.json           [{"id": "1420"}, ...]
    labels/test-answers.csv    1420;Holding something next to something
    20bn-something-something-v2/78687.webm

Copies from before that release have `something-something-v2-labels.json` and so on, beside the
videos or in `annotations/`; many keep the videos as MP4, or on another disk.
"""

from typing import Literal

Split = Literal["train", "val", "test"]
VIDEOS = "20bn-something-something-v2"
PREFIX = "something-something-v2-"
LABELS = "labels"
CLASSES = "labels.json"
ANSWERS = "test-answers.csv"
FILES: dict[Split, str] = {"train": "train.json", "val": "validation.json", "test": "test.json"}


def class_of(template: str) -> str:
    """The class that a template stands for: itself without brackets."""
    return template.replace("[", "").replace("]", "")
