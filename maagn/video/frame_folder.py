"""The pictures of a folder that are a clip's frames: one family of names, in order, with its holes.

Extractors of frames and of optical flow leave pictures of several kinds in one folder (TSN's
`img_00001.jpg`, `flow_x_00001.jpg`, `flow_y_00001.jpg`). A family is what names share apart from
their number. Only the standard library is imported: the decoding worker needs this too, and starts
often.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

PICTURES = (".jpg", ".jpeg", ".png")
_DIGITS = re.compile(r"\d+")
_FIELD = re.compile(r"\{[^{}]*\}|%0?\d*d")
_WELL_FORMED = re.compile(r"\{\w*(?::0?\d*d?)?\}|%0?\d*d")
_RGB = re.compile(r"im|imgs?|images?|frames?|rgb|pics?|pictures?|colou?rs?|keyframes?")
_FLOW = re.compile(r"\w*flow[xyuvij]?|tvl1?")
_AXIS = re.compile(r"(?<![a-z0-9])[xyuv](?![a-z0-9])")  # not the v of a clip that is called v1
_OTHER = re.compile(r"depth|disparity|masks?|segm?|segmentations?|edges?|infrared|ir|normals?")
_LISTED = 4  # families, or runs of numbers, in a sentence


class FrameNamesError(ValueError):
    """Which pictures of a folder are its frames cannot be told; half a sentence says why."""


@dataclass(frozen=True)
class FrameFamily:
    """Pictures whose names differ in their number alone.

    Attributes:
        template: their common name, such as `img_{:05d}.jpg`.
        paths: in the order of the numbers; by name where there are none.
        numbers: of each; None where the names have none, or no whole ones.
        others: templates of the other pictures in the folder, which are no part of the clip.
    """

    template: str = ""
    paths: tuple[Path, ...] = ()
    numbers: tuple[int, ...] | None = None
    others: tuple[str, ...] = ()

    def holes(self, *, first: int | None = None) -> list[range]:
        """Runs of the numbers that are missing; as ranges, for a stray number may be huge.

        Frames that were kept at a regular step (1, 6, 11, ...) are whole, and numbers that follow
        no step, such as times in milliseconds, tell nothing.

        Args:
            first: the number that a whole folder begins with, its step then being 1; None is the
                smallest number that is there.
        """
        there = list(self.numbers or ())
        step = min((after - before for before, after in pairwise(there)), default=1)
        if first is not None and there:
            step = 1
            there = [first - 1, *there] if there[0] >= first else there
        if any((after - before) % step for before, after in pairwise(there)):
            return []
        gaps = (range(before + step, after, step) for before, after in pairwise(there))
        return [gap for gap in gaps if gap]


def told(holes: Sequence[range]) -> str:
    """How many numbers are missing, and the first of them: `6 pictures (6 to 10, 14)`."""
    count = sum((hole[-1] - hole[0]) // hole.step + 1 for hole in holes)
    runs = [f"{hole[0]} to {hole[-1]}" if hole[0] < hole[-1] else f"{hole[0]}" for hole in holes]
    more = " and more" if len(runs) > _LISTED else ""
    return f"{count:,} picture{'s' * (count != 1)} ({', '.join(runs[:_LISTED])}{more})"


def frames_in(folder: Path, *, template: str | None = None) -> FrameFamily:
    """The frames of a folder; no picture is opened.

    Args:
        folder: that the pictures lie in; what lies in folders within it does not count.
        template: of their names, with a field for the number: `img_{:05d}.jpg`, `img_%05d.jpg`.
            None takes the only family, or the one that is called as RGB frames usually are.

    Raises:
        FrameNamesError: no picture is called so, or several families could be meant, or there is
            optical flow alone.
        OSError: the folder cannot be read.
    """
    names = sorted(
        name
        for name in _names(folder)
        if name[0] != "." and split_ending(name)[1].lower() in PICTURES
    )
    if template is not None:
        return _of_template(folder, names, template)
    families = _families(folder, names)
    if not families:
        return FrameFamily()
    chosen = _chosen(families)
    others = tuple(family.template for family in families if family is not chosen)
    return replace(chosen, others=others)


def valid_template(template: str) -> bool:
    """Whether a text is a picture's name with one field for its number."""
    fields = _FIELD.findall(template)
    return (
        len(fields) == 1
        and _WELL_FORMED.fullmatch(fields[0]) is not None
        and split_ending(template)[1].lower() in PICTURES
        and "/" not in template
        and "\\" not in template
    )


def is_other_modality(name: str) -> bool:
    """Whether what is called so holds optical flow, depth or masks rather than what was filmed."""
    return _AXIS.search(name.casefold()) is not None or any(
        _FLOW.fullmatch(word) or _OTHER.fullmatch(word) for word in _words(name)
    )


def split_ending(name: str) -> tuple[str, str]:
    """A file's name without its ending, and the ending with its dot, as `Path` splits them.

    Folders of 220,000 names are looked through, which takes `Path` some seconds.
    """
    dot = name.rfind(".")
    return (name[:dot], name[dot:]) if 0 < dot < len(name) - 1 else (name, "")


def _names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _of_template(folder: Path, names: Sequence[str], template: str) -> FrameFamily:
    if not valid_template(template):
        raise FrameNamesError(f"{template!r} is no template such as 'img_{{:05d}}.jpg'")
    before, after = _FIELD.split(template)
    pattern = re.compile(re.escape(before) + r"(\d+)" + re.escape(after), re.IGNORECASE)
    matches = {name: pattern.fullmatch(name) for name in names}
    numbered = [(int(match[1]), name) for name, match in matches.items() if match]
    rest = [name for name, match in matches.items() if not match]
    others = tuple(family.template for family in _families(folder, rest))
    if others and not numbered:
        raise FrameNamesError(f"no picture is called {template}; there are {_listed(others)}")
    return _numbered(folder, template, numbered, others=others)


def _families(folder: Path, names: Sequence[str]) -> list[FrameFamily]:
    """All families of a folder; pictures without numbers are one."""
    groups: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    written: dict[tuple[str, str, str], tuple[str, str]] = {}
    unnumbered = []
    for name, before, digits, after in _split(names):
        if not digits:
            unnumbered.append(name)
            continue
        ending = split_ending(name)[1]
        kind = ending.lower().replace("jpeg", "jpg")
        key = (before.casefold(), after.casefold(), kind)
        groups.setdefault(key, []).append((int(digits), name))
        field = f"{{:0{len(digits)}d}}" if digits[0] == "0" and len(digits) > 1 else "{}"
        written.setdefault(key, (f"{before}{field}{after}{ending}", f"{before}{{}}{after}{ending}"))
        if field != "{}" and written[key][0] != f"{before}{field}{after}{ending}":
            written[key] = (written[key][1], written[key][1])
    for key in [key for key in groups if key[2] != ".jpg" and (*key[:2], ".jpg") in groups]:
        jpeg = groups[(*key[:2], ".jpg")]
        if {number for number, _ in jpeg}.isdisjoint(number for number, _ in groups[key]):
            jpeg += groups.pop(key)  # one clip in two formats: no number is there twice
    families = [
        _numbered(folder, written[key][0], members) for key, members in sorted(groups.items())
    ]
    if unnumbered:
        ending = split_ending(unnumbered[0])[1]
        label = unnumbered[0] if len(unnumbered) == 1 else f"*{ending}"
        families.append(FrameFamily(label, tuple(folder / name for name in unnumbered)))
    return families


def _split(names: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Each name with what stands before its frame's number, the number, and what stands after.

    Of several numbers in names of one wording, the one that tells all of them apart counts frames,
    and the others say something of a frame (`frame_12_0480ms`): they are written as `#`. Where none
    does, it is the last, and the others tell families apart (`v1_0001`, `v2_0001`).
    """
    wordings: dict[str, list[tuple[str, list[re.Match[str]]]]] = {}
    for name in names:
        stem = split_ending(name)[0]
        runs = list(_DIGITS.finditer(stem))
        wordings.setdefault(_DIGITS.sub("#", stem), []).append((name, runs))
    for wording, members in wordings.items():
        columns = list(zip(*([run[0] for run in runs] for _, runs in members), strict=True))
        telling = [
            index
            for index, column in enumerate(columns)
            if len({int(digits) for digits in column}) == len(members) > 1
        ]
        index = telling[0] if telling else len(columns) - 1
        for name, runs in members:
            if not runs:
                yield name, split_ending(name)[0], "", ""
                continue
            texts = wording.split("#")
            fills = [
                "#" if telling and len(set(column)) > 1 else run[0]
                for column, run in zip(columns, runs, strict=True)
            ]
            before = "".join(a + b for a, b in zip(texts[:index], fills[:index], strict=True))
            after = "".join(
                b + a for a, b in zip(texts[index + 2 :], fills[index + 1 :], strict=True)
            )
            yield name, before + texts[index], runs[index][0], texts[index + 1] + after


def _numbered(
    folder: Path, template: str, members: Iterable[tuple[int, str]], *, others: tuple[str, ...] = ()
) -> FrameFamily:
    ordered = sorted(members)
    for (number, name), (other, twin) in pairwise(ordered):
        if number == other:
            raise FrameNamesError(f"{name} and {twin} have one number: remove one of them")
    numbers = tuple(number for number, _ in ordered)
    return FrameFamily(template, tuple(folder / name for _, name in ordered), numbers, others)


def _chosen(families: Sequence[FrameFamily]) -> FrameFamily:
    rgb = [family for family in families if _is_rgb(family.template)]
    unknown = [family for family in families if not is_other_modality(_stem(family.template))]
    if len(families) == 1 and not _is_flow(families[0].template):
        return families[0]
    for candidates in (rgb, [family for family in unknown if family.numbers], unknown):
        several = [family for family in candidates if len(family.paths) > 1]
        if len(candidates) == 1 or len(several) == 1:
            return (several or candidates)[0]
        if candidates:
            break
    templates = _listed(family.template for family in families)
    if not unknown:
        raise FrameNamesError(f"it holds {templates}, and nothing that is called as RGB frames are")
    raise FrameNamesError(f"several kinds of pictures lie there: {templates}")


def _is_rgb(template: str) -> bool:
    """Whether names are numbers alone, or hold a word for a frame and none for anything else."""
    stem = _stem(template)
    words = _words(stem)
    return not words or (not is_other_modality(stem) and bool(_RGB.fullmatch(words[0])))


def _is_flow(template: str) -> bool:
    return any(_FLOW.fullmatch(word) for word in _words(_stem(template)))


def _stem(template: str) -> str:
    return _FIELD.sub("", split_ending(template)[0])


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^a-z]+", name.casefold()) if word]


def _listed(templates: Iterable[str]) -> str:
    names = list(templates)
    return ", ".join(names[:_LISTED]) + (" and more" if len(names) > _LISTED else "")
