"""Other people's words, shown letter by letter where a text is read as Markdown.

Names of files, classes, networks and data sets are people's own. Where they meet Markdown (also
labels of buttons and links, captions of pictures, the words of a progress bar), they pass here.
"""

import re

_MARKS = re.compile(r"[\\`*_\[\]<>#|$~&]|:(?=\S)")
_FIRST = re.compile(r"^(?:\d+(?=[.)])|(?=[-+=]))")  # what begins a list or a line
_LINES = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_JOINER = "\u2060"  # no width, no break
# Streamlit reads these in the text that is left when the backslashes are gone: icons and emojis
# (`:delete:`), links (`www.`, `https:`, `me@here`), arrows and dashes (`->`, `--`, `>=`, `~=`).
_READ_LATE = re.compile(r"(?<=:)(?=\S)|(?<=w)(?=\.)|(?<=\S)(?=@)|(?<=[-<>~=])(?=[-<>~=])")


def markdown(text: str) -> str:
    """The text with every mark of Markdown made a plain letter, on one line.

    Where a mark cannot be escaped, an invisible word joiner parts it.
    """
    parted = _READ_LATE.sub(_JOINER, _LINES.sub(" ", text).strip())
    escaped = _MARKS.sub(r"\\\g<0>", parted)
    return _FIRST.sub(r"\g<0>\\", escaped)
