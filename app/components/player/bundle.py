"""The player's scripts as the one module that an inline Streamlit component may have.

The files are ordinary ES modules that import each other. Joined in the order of `SCRIPTS`, each
after those it needs, they are one module once the imports and the word `export` are gone.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
SCRIPTS = (
    "dom.js",
    "time.js",
    "heat.js",
    "shape.js",
    "layer.js",
    "arrows.js",
    "picture.js",
    "stage.js",
    "pane.js",
    "scrubber.js",
    "ruler.js",
    "transport.js",
    "chart.js",
)
ENTRY = "player.js"
STYLES = ("player.css", "panes.css", "controls.css", "charts.css")

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[a-z]+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


def javascript() -> str:
    """One ES module whose default export Streamlit calls."""
    parts = [(FOLDER / name).read_text(encoding="utf-8") for name in (*SCRIPTS, ENTRY)]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", part)) for part in parts)


def html() -> str:
    """The empty root element that the player's scripts fill, as HTML."""
    return (FOLDER / "player.html").read_text(encoding="utf-8")


def css() -> str:
    """The styles, which Streamlit keeps to the player."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in STYLES)
