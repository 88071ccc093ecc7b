"""Plotly's charts in the site: data in the page, drawn by the one script that the site has.

Run by the tutorials' kernels when they start; in a notebook of one's own Plotly shows them itself.
"""

from typing import Any

import plotly.io as pio
from plotly.io._base_renderers import MimetypeRenderer


class SiteRenderer(MimetypeRenderer):  # type: ignore[misc]  # Plotly has no types
    """A chart as HTML without Plotly's script, which `conf.py` puts on the page."""

    def to_mimebundle(self, fig_dict: dict[str, Any]) -> dict[str, str]:
        """The HTML of a chart."""
        page = pio.to_html(fig_dict, include_plotlyjs=False, full_html=False, validate=False)
        return {"text/html": page}


pio.renderers["site"] = SiteRenderer()
pio.renderers.default = "site"
