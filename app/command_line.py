"""What the app was started with: `--clip FILE`, `--folder FOLDER`, `--device DEVICE`."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from app.errors import CommandLineError
from maagn.errors import DeviceError

_MOST_NAMES = 3  # of each kind that is left out


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandLineError(f"{message[:1].upper()}{message[1:]}.")


@dataclass(frozen=True)
class Listing:
    """What a folder holds, without the folders in it.

    Attributes:
        clips: video files, by name.
        others: names of files of other kinds; hidden files count as such.
        folders: names of folders.
    """

    clips: tuple[Path, ...]
    others: tuple[str, ...]
    folders: tuple[str, ...]

    def left_out(self, *, names: bool) -> str:
        """What of it is no clip, in words; "" where there is nothing.

        Args:
            names: whether some of the names are told too.
        """
        kinds = (
            (self.others, "file of another kind", "files of other kinds"),
            (self.folders, "folder", "folders"),
        )
        return " and ".join(_counted(*kind, names=names) for kind in kinds if kind[0])


def paths(arguments: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """The files and the folders that are asked for; other options are other programs'.

    Raises:
        CommandLineError: an option without its value.
    """
    given, _ = _parser().parse_known_args(_own(arguments))
    return given.clip, given.folder


def sorted_out(arguments: Sequence[str]) -> list[str]:
    """The same for Streamlit: its options, `--`, and the app's, wherever those stood.

    Raises:
        CommandLineError: an option without its value.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    given, rest = _parser().parse_known_args(arguments[:end])
    moved = [f"--clip={path}" for path in given.clip] + [
        f"--folder={path}" for path in given.folder
    ]
    if given.device is not None:
        moved.append(f"--device={given.device}")
    return [*rest, "--", *moved, *arguments[end + 1 :]]


def check(arguments: Sequence[str]) -> list[str]:
    """What is opened, one line per folder, before the server starts.

    Args:
        arguments: of the program, its name left out; the app's own stand after `--`.

    Raises:
        CommandLineError: an option that the app does not have, a file or folder that is not there
            or cannot be read, a folder without a clip, or a device that is not here.
    """
    _, unknown = _parser().parse_known_args(_own(arguments))
    if unknown:
        raise CommandLineError(
            f"There is no option {unknown[0]}: after -- give --clip FILE, --folder FOLDER or "
            "--device DEVICE."
        )
    _check_device(device(arguments))
    clips, folders = paths(arguments)
    for clip in clips:
        _check_clip(clip)
    return [_told(folder, _checked(folder)) for folder in folders]


def listing(folder: Path) -> Listing:
    """What lies in a folder.

    Raises:
        OSError: it cannot be read.
    """
    from app.server.uploads import (
        KINDS,  # it brings Streamlit, which not every start has to wait for
    )

    clips, others, folders = [], [], []
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            folders.append(path.name)
        elif path.suffix[1:].lower() in KINDS and not path.name.startswith(".") and path.is_file():
            clips.append(path)
        else:
            others.append(path.name)
    return Listing(tuple(clips), tuple(others), tuple(folders))


def found(arguments: Sequence[str] | None = None) -> tuple[list[Path], str]:
    """The clips as they lie there now, and what is to be told about them on the page.

    What has gone since the start is left out.

    Args:
        arguments: of the program; those of this process by default.
    """
    try:
        clips, folders = paths(sys.argv[1:] if arguments is None else arguments)
    except CommandLineError as error:
        return [], str(error)
    clips = list(clips)
    told = []
    for folder in folders:
        try:
            there = listing(folder)
        except OSError:
            told.append("The folder that the explorer was started with cannot be read.")
            continue
        clips += there.clips
        rest = there.left_out(names=False)
        told.append(f"{_clips(there)} of the folder" + (f"; left out: {rest}." if rest else "."))
    return clips, " ".join(told)


def folders() -> list[Path]:
    """The folders that the app was started with; none where its arguments are wrong."""
    try:
        return paths(sys.argv[1:])[1]
    except CommandLineError:
        return []


def device(arguments: Sequence[str] | None = None) -> str | None:
    """Where networks compute, as `maagn.device.choose` takes it; None where nothing was said.

    Args:
        arguments: of the program; those of this process by default.
    """
    own = _own(sys.argv[1:] if arguments is None else arguments)
    try:
        return _parser().parse_known_args(own)[0].device
    except CommandLineError:
        return None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--clip", type=Path, action="append", default=[])
    parser.add_argument("--folder", type=Path, action="append", default=[])
    parser.add_argument("--device")
    return parser


def _own(arguments: Sequence[str]) -> Sequence[str]:
    """The app's own arguments: those after `--`, which Streamlit strips."""
    return arguments[arguments.index("--") + 1 :] if "--" in arguments else arguments


def _check_device(asked: str | None) -> None:
    if not (asked or os.environ.get("MAAGN_DEVICE")):
        return
    from maagn.device import choose  # it brings PyTorch, which not every start has to wait for

    try:
        choose(asked)
    except DeviceError as error:
        raise CommandLineError(str(error)) from error


def _check_clip(clip: Path) -> None:
    try:
        if clip.is_dir():
            if not _pictures(clip):
                raise CommandLineError(
                    f"{clip} is a folder without pictures: give a video file to --clip, or the "
                    "folder to --folder."
                )
        elif not clip.exists():
            raise CommandLineError(f"There is no file {clip}: check its name and folder.")
        elif not os.access(clip, os.R_OK):
            raise CommandLineError(f"{clip} cannot be read: you have no permission.")
    except OSError as error:
        raise CommandLineError(f"{clip} cannot be read: {error.strerror}.") from error


def _pictures(folder: Path) -> bool:
    from maagn.data.read import pictures_in  # it brings NumPy and more

    return bool(pictures_in(folder))


def _checked(folder: Path) -> Listing:
    try:
        if not folder.exists():
            raise CommandLineError(f"There is no folder {folder}: check its name.")
        if not folder.is_dir():
            raise CommandLineError(f"{folder} is no folder: give a file to --clip.")
        there = listing(folder)
    except OSError as error:
        raise CommandLineError(f"{folder} cannot be read: {error.strerror}.") from error
    if not there.clips:
        rest = there.left_out(names=True)
        holds = f"no clips, only {rest}" if rest else "nothing"
        advice = "give a folder with videos"
        if _pictures(folder):
            advice = "a folder with one picture per frame is one clip, give it to --clip"
        elif there.folders:
            advice = (
                "give one of its folders, or register it by `maagn data register` and see the "
                "page Data"
            )
        raise CommandLineError(f"{folder} holds {holds}: {advice}.")
    return there


def _told(folder: Path, there: Listing) -> str:
    rest = there.left_out(names=True)
    return f"{_clips(there)} of {folder}" + (f"; left out: {rest}." if rest else ".")


def _clips(there: Listing) -> str:
    return f"{len(there.clips):,} clip{'s' * (len(there.clips) != 1)}"


def _counted(names_: Sequence[str], singular: str, plural: str, *, names: bool) -> str:
    words = f"{len(names_):,} {singular if len(names_) == 1 else plural}"
    if not names:
        return words
    more = ", ..." if len(names_) > _MOST_NAMES else ""
    return f"{words} ({', '.join(names_[:_MOST_NAMES])}{more})"
