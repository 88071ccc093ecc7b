"""A page as one HTML file that works without a network and without this app."""

import html
import json

import pandas as pd
import plotly.graph_objects as go
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from plotly.offline import get_plotlyjs

from app.exhibit import Exhibit, Sheet
from app.player import PlayerView
from app.player.bundle import css, javascript
from app.player.bundle import html as player_html
from app.player.payload import to_json

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
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(sheet: Sheet) -> str:
    """The question, then everything that was drawn, in its order; nothing comes from outside."""
    shown = sheet.exhibits.values()
    plots = any(isinstance(one.content, go.Figure) for one in shown)
    players = any(isinstance(one.content, PlayerView) for one in shown)
    title = html.escape(sheet.question)
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{title}</title><style>{_STYLE}{css() if players else ''}</style>",
        f"<script>{get_plotlyjs()}</script>" if plots else "",
        f"<script type=module>{_player_module()}</script>" if players else "",
        f"<h1>{title}</h1>",
        *(_section(one, place) for place, one in enumerate(shown)),
        f"<h2>The same in Python</h2><pre>{html.escape(sheet.code)}</pre>" if sheet.code else "",
        "<p><small>Made by MAAGN Explorer.</small></p></html>",
    ]
    return "\n".join(parts)


def _section(one: Exhibit, place: int) -> str:
    head = f"<h2>{html.escape(one.title)}</h2>" if one.title else ""
    return f"<section>{head}{_content(one, place)}</section>"


def _content(one: Exhibit, place: int) -> str:
    match one.content:
        case go.Figure() as fig:
            drawn = fig.to_html(full_html=False, include_plotlyjs=False, div_id=f"plot-{place}")
            return f'<div role="img" aria-label="{html.escape(one.alt)}">{drawn}</div>'
        case pd.DataFrame() as frame:
            return f'<div class="wide">{frame.to_html(index=False, border=0)}</div>'
        case PlayerView() as view:
            data = json.dumps(to_json(view, key=f"player-{place}")).replace("<", "\\u003c")
            inside = f'<script type="application/json">{data}</script>'
            return f'<div class="player-host">{player_html()}{inside}</div>'
        case text:
            return _text(text)


def _text(text: str) -> str:
    """Markdown, its formulas as MathML, which browsers set by themselves."""
    pieces = text.split("$$")
    return "".join(
        convert(piece.strip(), display="block") if odd else _MARKDOWN.render(piece)
        for piece, odd in zip(pieces, [i % 2 for i in range(len(pieces))], strict=True)
    )


def _player_module() -> str:
    """The player's own scripts, started on every player of the file."""
    script = javascript().replace("export default function", "function mount", 1)
    start = """
for (const host of document.querySelectorAll(".player-host")) {
  mount({ data: JSON.parse(host.querySelector("script").textContent), parentElement: host });
}"""
    return (script + start).replace("</script", "<\\/script")
