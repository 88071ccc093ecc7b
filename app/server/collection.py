"""What a visitor collects to teach networks with: classes of their own clips."""

from dataclasses import dataclass, replace

from app.errors import CollectionError

MOST_CLIPS = 300  # of a collection
MOST_CLASSES = 20
LONGEST_NAME = 60  # of a class
LONGEST_TITLE = 40  # of a collection, as `maagn.teach.examples.check_name` has it


@dataclass(frozen=True)
class CollectedClip:
    """One clip of a class.

    Attributes:
        file: in the folder of clips: SHA-256 of its content, and its ending.
        name: what people read.
    """

    file: str
    name: str


@dataclass(frozen=True)
class Collected:
    """One class and its clips."""

    name: str
    clips: tuple[CollectedClip, ...] = ()


@dataclass(frozen=True)
class Collection:
    """Classes with their clips. Changes give a new one.

    Attributes:
        key: in the owner's folder and in addresses.
        name: what people read, and what its networks are called after.
        classes: in the order in which they stand on the page.
        opposites: names of two classes that show each other played backwards, a pair each.
    """

    key: str
    name: str
    classes: tuple[Collected, ...] = ()
    opposites: tuple[tuple[str, str], ...] = ()

    @property
    def clips(self) -> int:
        """How many there are in all classes."""
        return sum(len(each.clips) for each in self.classes)

    def of(self, name: str) -> Collected:
        """The class of that name.

        Raises:
            CollectionError: there is none, any more.
        """
        for each in self.classes:
            if each.name == name:
                return each
        raise CollectionError(f"There is no class {name} any more: reload the page.")

    def opposite_of(self, name: str) -> str | None:
        """What a class shows played backwards; None for nothing that is said."""
        for one, other in self.opposites:
            if name in (one, other):
                return other if name == one else one
        return None

    def with_class(self, name: str) -> "Collection":
        """With one more, empty class.

        Raises:
            CollectionError: the name is taken or no name, or there are as many as may be.
        """
        if len(self.classes) >= MOST_CLASSES:
            raise CollectionError(f"A collection has at most {MOST_CLASSES} classes.")
        return replace(self, classes=(*self.classes, Collected(self._free(name))))

    def without_class(self, name: str) -> "Collection":
        """Without a class and its clips."""
        return replace(
            self,
            classes=tuple(each for each in self.classes if each.name != name),
            opposites=tuple(pair for pair in self.opposites if name not in pair),
        )

    def renamed(self, name: str, to: str) -> "Collection":
        """With another name for a class.

        Raises:
            CollectionError: the name is taken or no name.
        """
        if name == to:
            return self
        free = self._free(to)
        return replace(
            self,
            classes=tuple(
                replace(each, name=free) if each.name == name else each for each in self.classes
            ),
            opposites=tuple(
                (free if one == name else one, free if other == name else other)
                for one, other in self.opposites
            ),
        )

    def with_opposite(self, name: str, opposite: str | None) -> "Collection":
        """With what a class shows played backwards; each has one opposite, or none."""
        pairs = [pair for pair in self.opposites if name not in pair and opposite not in pair]
        if opposite is not None and opposite != name:
            self.of(name), self.of(opposite)
            pairs.append((name, opposite))
        return replace(self, opposites=tuple(pairs))

    def with_clip(self, name: str, clip: CollectedClip) -> "Collection":
        """With one more clip of a class; one that is there already is not added again.

        Raises:
            CollectionError: the clip is in another class, or there are as many as may be.
        """
        for each in self.classes:
            if clip.file in (known.file for known in each.clips):
                if each.name == name:
                    return self
                raise CollectionError(
                    f"{clip.name} is in {each.name} already: a clip has one class."
                )
        if self.clips >= MOST_CLIPS:
            raise CollectionError(
                f"A collection has at most {MOST_CLIPS} clips: teach from a folder with "
                "`maagn teach` on the command line."
            )
        own = self.of(name)
        more = replace(own, clips=(*own.clips, clip))
        return replace(self, classes=tuple(more if each is own else each for each in self.classes))

    def without_clip(self, file: str) -> "Collection":
        """Without a clip."""
        return replace(
            self,
            classes=tuple(
                replace(each, clips=tuple(clip for clip in each.clips if clip.file != file))
                for each in self.classes
            ),
        )

    def _free(self, name: str) -> str:
        clean = " ".join(name.split())
        if not clean or len(clean) > LONGEST_NAME or clean[0] == "." or "/" in clean:
            raise CollectionError(
                f"A class needs a name of at most {LONGEST_NAME} letters, without / and not "
                "beginning with a dot."
            )
        if clean.casefold() in (each.name.casefold() for each in self.classes):
            raise CollectionError(f"There is a class {clean} already: take another name.")
        return clean
