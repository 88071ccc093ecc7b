"""The site of the documentation: the pages of this folder, the tutorials run, and the API."""

import os
import re
import shutil
import sys
from pathlib import Path

import plotly
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

project = "MAAGN Explorer"
html_title = project
copyright = ""  # the licence says it
html_show_copyright = False
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_nb"]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
suppress_warnings = ["config.cache"]

# The pages are read on GitHub as well: their anchors are GitHub's.
myst_heading_anchors = 4

# Tutorials are run each time, from nothing; a cell that fails fails the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True
nb_output_stderr = "remove"  # what libraries warn of is not about the page
os.environ["PYTHONSTARTUP"] = str(HERE / "site_plots.py")
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
napoleon_use_ivar = True
default_role = "code"  # docstrings have names in single backticks
python_maximum_signature_line_length = 80

html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "navbar_end": ["theme-switcher"],
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
html_context = {"default_mode": "auto"}
html_favicon = "../app/favicon.png"
html_show_sphinx = False
html_copy_source = False
PLOTLY = "plotly.min.js"


def _escaped(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Stars and bars of docstrings are letters, outside of what stands in backticks.

    Shapes go without the name of the library that checks them.
    """
    for index, line in enumerate(lines):
        parts = re.split(r"(`[^`]*`)", line.replace("jaxtyping.", ""))
        parts[::2] = [re.sub(r"([*|])", r"\\\1", part) for part in parts[::2]]
        lines[index] = "".join(parts)


def _inside(app: Sphinx, name: str, source: list[str]) -> None:
    """Links to pages beside this folder lead to their copies in the site."""
    source[0] = source[0].replace("](../SECURITY.md", "](security.md")


def _with_plotly(
    app: Sphinx, page: str, template: str, context: dict[str, object], doctree: object
) -> None:
    """Only the tutorials have charts, and the script that draws them is large."""
    if page.startswith("tutorials/"):
        app.add_js_file(PLOTLY, priority=100)


def _copy_plotly(app: Sphinx, error: Exception | None) -> None:
    if error is None:
        source = Path(plotly.__file__).parent / "package_data" / PLOTLY
        shutil.copy(source, Path(app.outdir) / "_static" / PLOTLY)


def setup(app: Sphinx) -> None:
    """Connect what is said above."""
    app.connect("autodoc-process-docstring", _escaped)
    app.connect("source-read", _inside)
    app.connect("html-page-context", _with_plotly)
    app.connect("build-finished", _copy_plotly)
