"""A page as one HTML file that works without a network and without this app."""

import base64
import hashlib
import html
import json

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from plotly.offline import get_plotlyjs

from app.components.player import PlayerView
from app.components.player.bundle import css, javascript
from app.components.player.bundle import html as player_html
from app.components.player.payload import to_json
from app.elements import Exhibit, PageContents

_STYLE = """
:root { --st-font: system-ui, sans-serif; --st-text-color: #1f2430; --st-background-color: #fff;
  --st-secondary-background-color: #f2f4f8; --st-primary-color: #0072B2; --st-base-radius: 8px;
  --st-border-color: #d5d9e0; --st-code-font: ui-monospace, monospace; }
body { font-family: var(--st-font); color: var(--st-text-color); max-width: 1400px;
  margin: 2rem auto; padding: 0 1.5rem; line-height: 1.5; }
table { border-collapse: collapse; font-size: .85rem; } td, th { padding: 2px 10px;
  border-bottom: 1px solid var(--st-border-color); text-align: left; }
.wide { overflow-x: auto; } pre { background: var(--st-secondary-background-color);
  padding: 1rem; overflow-x: auto; border-radius: 8px; }
"""
_NOTHING = "'none'"
# Every plot is data beside its place; this one script draws them.
_DRAW = """
for (const host of document.querySelectorAll(".plot")) {
  const { data, layout } = JSON.parse(host.querySelector("script").textContent);
  Plotly.newPlot(host.querySelector("div"), data, layout, { responsive: true, displaylogo: false });
}"""
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(sheet: PageContents) -> str:
    """The report as one self-contained HTML document: the question, then everything drawn."""
    shown = sheet.exhibits.values()
    plots = any(isinstance(one.content, go.Figure) for one in shown)
    players = any(isinstance(one.content, PlayerView) for one in shown)
    title = html.escape(sheet.question)
    plotly = get_plotlyjs() if plots else ""
    drawing = _DRAW if plots else ""
    module = _player_module() if players else ""
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(plotly, drawing, module)}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{title}</title><style>{_STYLE}{css() if players else ''}</style>",
        f"<script>{plotly}</script>" if plots else "",
        f"<script type=module>{module}</script>" if players else "",
        f"<h1>{title}</h1>",
        *(_section(one, index) for index, one in enumerate(shown)),
        f"<h2>The same in Python</h2><pre>{html.escape(sheet.code)}</pre>" if sheet.code else "",
        "<p><small>Made by MAAGN Explorer.</small></p>",
        f"<script>{drawing}</script></html>" if plots else "</html>",
    ]
    return "\n".join(parts)


def _policy(*scripts: str) -> str:
    """Content security policy of the file: only these scripts, no connections."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts if script)
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed or _NOTHING}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _section(exhibit: Exhibit, place: int) -> str:
    head = f"<h2>{html.escape(exhibit.title)}</h2>" if exhibit.title else ""
    return f"<section>{head}{_content(exhibit, place)}</section>"


def _content(exhibit: Exhibit, place: int) -> str:
    match exhibit.content:
        case go.Figure() as fig:
            name = html.escape(exhibit.alt)
            drawn = f'<div id="plot-{place}" role="img" aria-label="{name}"></div>'
            return f'<div class="plot">{drawn}{_data(fig.to_json())}</div>'
        case pd.DataFrame() as frame:
            return f'<div class="wide">{frame.to_html(index=False, border=0)}</div>'
        case PlayerView() as view:
            inside = _data(json.dumps(to_json(view, key=f"player-{place}")))
            return f'<div class="player-host">{player_html()}{inside}</div>'
        case text:
            return _text(text)


def _data(content: str) -> str:
    """JSON for a script element, escaped so that it cannot close the element."""
    inside = content.replace("<", "\\u003c")
    return f'<script type="application/json">{inside}</script>'


def _text(text: str) -> str:
    """Markdown, its formulas as MathML, which browsers set by themselves."""
    pieces = text.split("$$")
    return "".join(
        convert(piece.strip(), display="block") if odd else _MARKDOWN.render(piece)
        for piece, odd in zip(pieces, [i % 2 for i in range(len(pieces))], strict=True)
    )


def _player_module() -> str:
    """The player's scripts, and a start of them on every player of the file."""
    script = javascript().replace("export default function", "function mount", 1)
    start = """
for (const host of document.querySelectorAll(".player-host")) {
  mount({ data: JSON.parse(host.querySelector("script").textContent), parentElement: host });
}"""
    return (script + start).replace("</script", "<\\/script")


def offer(sheet: PageContents) -> None:
    """Draw the report and notebook buttons at the foot of the page."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if sheet.code:
            with st.popover("Copy as Python", icon=":material/code:"):
                st.code(sheet.code, language="python")
        st.download_button(
            "Report as one HTML file",
            data=lambda: to_html(sheet),
            file_name="maagn-report.html",
            mime="text/html",
            on_click="ignore",
            icon=":material/download:",
            key="report",
        )
