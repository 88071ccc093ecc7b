"""Something-Something V2 from a folder, as it is distributed (`maagn.data.layout`)."""

from collections.abc import Iterator
from pathlib import Path

from maagn.data.errors import DatasetError
from maagn.data.layout import ANSWERS, CLASSES, FILES, LABELS, VIDEOS, Split, class_of
from maagn.data.listing import distinct, name_of_file, number_of, numbers_of, read_json, read_rows
from maagn.data.videos import Video, VideoSet


def open_something_v2(folder: Path, split: Split) -> VideoSet:
    """The videos of a split; those of `test` have classes where `test-answers.csv` is there.

    Raises:
        DatasetError: a label file is missing or damaged, or names an unknown class.
    """
    labels = _labels(folder / LABELS / CLASSES)
    answered = split == "test" and (folder / LABELS / ANSWERS).exists()
    source = folder / LABELS / (ANSWERS if answered else FILES[split])
    numbers = numbers_of(labels)

    def video(name: str, template: str | None) -> Video:
        name = name_of_file(name, source=source)
        label = None
        if template is not None:
            label = number_of(class_of(template), numbers, source=source)
        return Video(name, folder / VIDEOS / f"{name}.webm", label)

    rows = _answers(source) if answered else _entries(source)
    videos = distinct((video(*row) for row in rows), source=source)
    return VideoSet(folder.name, "something-v2", folder, split, labels, videos)


def _labels(path: Path) -> tuple[str, ...]:
    numbers = read_json(path)
    try:
        if sorted(int(i) for i in numbers.values()) == list(range(len(numbers))):
            return tuple(sorted(numbers, key=lambda name: int(numbers[name])))
    except (AttributeError, TypeError, ValueError):
        pass
    raise DatasetError(f"{path} does not number the classes from 0: download it again.")


def _entries(path: Path) -> Iterator[tuple[str, str | None]]:
    try:
        for row in read_json(path):
            template = row.get("template")
            yield str(row["id"]), None if template is None else str(template)
    except (AttributeError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is not as it was distributed: download it again.") from error


def _answers(path: Path) -> Iterator[tuple[str, str | None]]:
    for row in read_rows(path, delimiter=";"):
        if len(row) < 2:
            raise DatasetError(f"{path} is not as it was distributed: download it again.")
        yield row[0], ";".join(row[1:])
