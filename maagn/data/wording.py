"""A class of the benchmark as a template with placeholders, and in words with its things."""

import re
from dataclasses import dataclass

# What stands for a thing in the class names; "one of many similar things" is part of none of ours.
_THING = re.compile(r"\bsomething\b", re.IGNORECASE)


@dataclass(frozen=True)
class Wording:
    """How the data set tells what is to be seen.

    Attributes:
        template: the class with its things in brackets.
        label: the template filled, in small letters.
        placeholders: what was filled in, in order.
    """

    template: str
    label: str
    placeholders: tuple[str, ...]


def word(name: str, things: tuple[str, ...]) -> Wording:
    """Fill a class name with things; where there are too few, "something" stays.

    Args:
        name: a class such as "Putting something into something".
        things: such as "red box", in the order of the name.
    """
    places = len(_THING.findall(name))
    filled = [*(with_article(thing) for thing in things[:places])]
    filled += ["something"] * (places - len(filled))
    rest = iter(filled)
    return Wording(
        template=_THING.sub(lambda found: f"[{found[0]}]", name),
        label=_THING.sub(lambda _: next(rest), name).lower(),
        placeholders=tuple(filled),
    )


def with_article(thing: str) -> str:
    """A thing as people speak of it: "a red box", "an orange mug"."""
    return f"{'an' if thing[:1].lower() in 'aeiou' else 'a'} {thing}"
