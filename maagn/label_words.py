"""What the words of a class name say: its mirror image, and a proposal for its reversal.

English words alone; a name without them says nothing here.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from unicodedata import normalize

Words = tuple[str, ...]

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014", "-"))
_HYPHEN = re.compile(r"(?<=[^\W\d])-(?=\w)|(?<=\w)-(?=[^\W\d])|(?<=\s)-+(?=\s)")  # no sign of "-1"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")


def plain(label: str) -> str:
    """A class name without what layouts differ in.

    Square brackets, case, a final dot, and whether words are parted by spaces, underscores or
    hyphens do not count, nor does how a letter with an accent is encoded.
    """
    text = normalize("NFC", label).translate(_DASHES)
    text = text.replace("[", "").replace("]", "").replace("_", " ").casefold()
    text = " ".join(_HYPHEN.sub(" ", text).split()).rstrip(". ")
    return text or label.strip()


def words_of(label: str) -> Words:
    """The words of a name, lower case, also of one in CamelCase; one spelling of a turn's sense."""
    words = _WORD.findall(plain(_CAMEL.sub(" ", label)))
    text = " ".join(_SAME.get(word, word) for word in words)
    for spelling, word in _PARTED:
        text = re.sub(rf"\b{spelling}\b", word, text)
    return tuple(text.split(" "))


_SAME = {
    **{f"{way}wards": f"{way}ward" for way in ("left", "right", "up", "down", "in", "out")},
    **{f"{way}wards": f"{way}ward" for way in ("to", "for", "back")},
    "cw": "clockwise",
    "ccw": "counterclockwise",
    "acw": "counterclockwise",
    "anticlockwise": "counterclockwise",
    "contraclockwise": "counterclockwise",
}
_PARTED = (("clock wise", "clockwise"), ("(?:counter|anti|contra) clockwise", "counterclockwise"))

_SIDES = (
    *((f"left{end}", f"right{end}") for end in ("", "ward", "hand", "handed", "most", "side")),
    ("clockwise", "counterclockwise"),
)
_MIRROR = {a: b for pair in _SIDES for a, b in (pair, pair[::-1])}
_JOINED = re.compile(r"(?<=[a-z]{2})(?<!copy)(left|right)$|^(left|right)(?=[a-z]{3})")


def mirror_words(words: Words) -> Words | None:
    """The words with left and right, and the two senses of a turn, exchanged; None without any."""
    swapped = tuple(_MIRROR.get(word, word) for word in words)
    return None if swapped == words else swapped


def joined_mirror_words(words: Words) -> Words | None:
    """The same for names written in one word ("swipeleft"); None without any.

    They prove nothing alone ("bright", "leftover"): only where both names are classes.
    """
    swapped = tuple(_JOINED.sub(lambda side: _MIRROR[side[0]], word) for word in words)
    return None if swapped == words else swapped


# Two rows of phrases; those at one place are exchanged.
Axis = tuple[tuple[str, ...], tuple[str, ...]]


def _verbs(one: str, other: str) -> Axis:
    return tuple(one.split()), tuple(other.split())


_OPEN = (
    _verbs("open opens opened opening", "close closes closed closing"),
    _verbs("opened opens open opening", "shut shuts shut shutting"),
)
_PUSH = _verbs("push pushes pushed pushing", "pull pulls pulled pulling")
_PUT = _verbs("put puts putting", "take takes taking")
_PICK = _verbs("pick picks picking", "put puts putting")
_SIT = _verbs("sit sits sat sitting", "stand stands stood standing")
_LIFT = (
    _verbs("lift lifts lifted lifting", "lower lowers lowered lowering"),
    _verbs("raise raises raised raising", "lower lowers lowered lowering"),
)
_ENTER = (
    _verbs("enter enters entered entering", "exit exits exited exiting"),
    _verbs("enter enters entered entering", "leave leaves left leaving"),
)
_PARTS = (
    _verbs(
        "connect connects connected connecting", "disconnect disconnects disconnected disconnecting"
    ),
    _verbs("attach attaches attached attaching", "detach detaches detached detaching"),
    _verbs("inflate inflates inflated inflating", "deflate deflates deflated deflating"),
    _verbs(
        "assemble assembles assembled assembling",
        "disassemble disassembles disassembled disassembling",
    ),
)
_UP = _verbs("up upward upstairs uphill", "down downward downstairs downhill")
_IN: tuple[Axis, ...] = (
    (("into",), ("out of",)),
    _verbs("in inside inward", "out outside outward"),
    (("in",), ("out of",)),
)
_ON: tuple[Axis, ...] = (
    (("on",), ("off",)),
    (("onto",), ("off of",)),
    (("onto",), ("off",)),
    (("on",), ("off of",)),
)
_TOWARDS: tuple[Axis, ...] = ((("toward",), ("away from",)), (("forward",), ("backward",)))
_SIDEWAYS: Axis = (tuple(one for one, _ in _SIDES), tuple(other for _, other in _SIDES))
_DIRECTIONS = (_UP, *_IN, *_ON, *_TOWARDS, _SIDEWAYS)
_TOGETHER = (
    *((_PUT, particle) for particle in (*_IN, *_ON)),  # put on, take off
    (_PICK, _UP),
    (_SIT, _UP),
    (_PUSH, _SIDEWAYS),  # a hand stays on its side when a push runs backwards
)


def reversal_words(words: Words) -> Iterator[Words]:
    """What a clip of that name may show backwards, the likeliest first; nothing is certain.

    Two words that go together ("sit down", "push left") are exchanged together, and so are
    directions beside each other ("up left"); else a verb before a direction, and a direction before
    a side, which may be part of the object ("open the left door").
    """
    text = f" {' '.join(words)} "
    for axes in (*_TOGETHER, *_beside(text)):
        swaps = [_exchange(text, axis) for axis in axes]
        if all(swapped != text for swapped in swaps):
            yield _all_exchanged(text, axes)
    for axis in (*_OPEN, _PUSH, *_LIFT, *_ENTER, *_PARTS):
        yield from _changed(text, _exchange(text, axis))
    yield from _undone(words)
    for axis in _DIRECTIONS:
        yield from _changed(text, _exchange(text, axis))


def _beside(text: str) -> Iterator[tuple[Axis, ...]]:
    """Pairs of directions that stand beside each other."""
    where = [(axis, _places(text, axis)) for axis in (_UP, _IN[1], _SIDEWAYS)]
    for i, (one, mine) in enumerate(where):
        for other, its in where[i + 1 :]:
            if any(end == start for _, end in mine for start, _ in its) or any(
                end == start for _, end in its for start, _ in mine
            ):
                yield one, other


def _places(text: str, axis: Axis) -> list[tuple[int, int]]:
    """Where its words begin, with the space before, and end."""
    pattern, _ = _compiled(axis)
    return [match.span() for match in pattern.finditer(text)]


def _exchange(text: str, axis: Axis) -> str:
    pattern, into = _compiled(axis)
    return pattern.sub(lambda match: f" {into[match[0][1:]]}", text)


@cache
def _compiled(axis: Axis) -> tuple[re.Pattern[str], dict[str, str]]:
    one, other = axis
    into = {**dict(zip(other, one, strict=True)), **dict(zip(one, other, strict=True))}
    phrases = sorted(into, key=len, reverse=True)
    return re.compile(rf" (?:{'|'.join(phrases)})(?= )"), into


def _all_exchanged(text: str, axes: Sequence[Axis]) -> Words:
    for axis in axes:
        text = _exchange(text, axis)
    return tuple(text.split())


def _changed(text: str, swapped: str) -> Iterator[Words]:
    if swapped != text:
        yield tuple(swapped.split())


def _undone(words: Words) -> Iterator[Words]:
    """fold, unfold."""
    for index, word in enumerate(words):
        other = word[2:] if word.startswith("un") and len(word) > 4 else f"un{word}"
        yield (*words[:index], other, *words[index + 1 :])
