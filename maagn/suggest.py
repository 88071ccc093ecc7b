"""What somebody meant who typed a name that there is not: by its words, then by its spelling."""

import difflib
import re
from collections.abc import Iterable, Sequence

MOST = 5
"""Names that are proposed at most."""

_WORD = re.compile(r"\w+")
_ENDINGS = ("ing", "ed", "es", "s", "e")  # of English verbs and plurals
_LEAST_STEM = 3  # letters
_CLOSE = 0.6  # difflib's ratio from which two names look alike
_SAME_WORD = 0.75


def normalised(name: str) -> str:
    """The name in lower case, without brackets, final full stop and doubled spaces."""
    plain = re.sub(r"[\[\](){}]", "", name.casefold())
    return " ".join(plain.split()).rstrip(". ")


def same(name: str, names: Sequence[str]) -> list[int]:
    """Places of the names that differ from one in nothing but what `normalised` leaves out."""
    wanted = normalised(name)
    return [index for index, other in enumerate(names) if wanted and normalised(other) == wanted]


def closest(name: str, names: Iterable[str]) -> list[str]:
    """The names that were meant, most likely first, at most `MOST`.

    First those that contain all of its words, in any order and form ("pushing" is in "Push it");
    a word that no name has counts as the one that is spelt like it. Then names that are spelt like
    it, then those with the rarest of its words. Where there are none of these, the three that are
    least unlike it.
    """
    known = list(dict.fromkeys(names))
    folded = {other: normalised(other) for other in known}
    stems = {other: {_stem(word) for word in _WORD.findall(folded[other])} for other in known}
    wanted = {_spelt(word, stems.values()) for word in map(_stem, _words(name))}

    def likeness(other: str) -> float:
        return difflib.SequenceMatcher(None, normalised(name), folded[other]).ratio()

    alike = sorted(known, key=likeness, reverse=True)
    containing = [other for other in alike if wanted and all(_in(w, stems[other]) for w in wanted)]
    near = [other for other in alike if likeness(other) >= _CLOSE and other not in containing]
    if not containing:
        rarity = {word: sum(_in(word, stems[other]) for other in known) for word in wanted}
        rare = [word for word in wanted if 0 < rarity[word] <= max(1, len(known) // 4)]
        score = {other: sum(_in(w, stems[other]) / rarity[w] for w in rare) for other in alike}
        partly = sorted((x for x in alike if score[x]), key=lambda x: score[x], reverse=True)
        near += [other for other in partly if other not in near]
    return [*containing, *near][:MOST] or alike[:3]


def closest_first(name: str, names: Iterable[str]) -> str:
    """All of a short list of names in one line, those that were probably meant first."""
    known = list(names)
    near = closest(name, known)
    return ", ".join([*near, *(other for other in known if other not in near)])


def _words(name: str) -> list[str]:
    return _WORD.findall(normalised(name))


def _stem(word: str) -> str:
    """A word without its ending, so that "putting", "puts" and "put" are the same."""
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _LEAST_STEM:
            word = stem
            break
    doubled = len(word) > _LEAST_STEM and word[-1] == word[-2]
    return word[:-1] if doubled else word


def _in(stem: str, stems: Iterable[str]) -> bool:
    """Whether a word is there, or the beginning of one."""
    return any(
        other == stem or (len(stem) >= _LEAST_STEM and other.startswith(stem)) for other in stems
    )


def _spelt(stem: str, vocabularies: Iterable[set[str]]) -> str:
    """The word that is spelt like it, where no name has it."""
    vocabulary = set().union(*vocabularies)
    if _in(stem, vocabulary):
        return stem
    near = difflib.get_close_matches(stem, sorted(vocabulary), n=1, cutoff=_SAME_WORD)
    return near[0] if near else stem
