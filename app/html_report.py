"""A page as one HTML file that works without a network and without this app."""

import base64
import hashlib
import html
import json
import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from plotly.offline import get_plotlyjs

import maagn
from app import downloads
from app.components.player import PlayerView
from app.components.player.bundle import css, javascript
from app.components.player.bundle import html as player_html
from app.components.player.payload import to_json
from app.elements import Exhibit, PageContents
from app.facts import NetworkFacts
from maagn.figures.layout import percent

_STYLE = """
:root { --st-font: system-ui, sans-serif; --st-text-color: #1f2430; --st-background-color: #fff;
  --st-secondary-background-color: #f2f4f8; --st-primary-color: #0072B2; --st-base-radius: 8px;
  --st-border-color: #d5d9e0; --st-code-font: ui-monospace, monospace; }
body { font-family: var(--st-font); color: var(--st-text-color); max-width: 1400px;
  margin: 2rem auto; padding: 0 1.5rem; line-height: 1.5; overflow-wrap: break-word; }
table { border-collapse: collapse; font-size: .85rem; } td, th { padding: 2px 10px 2px 0;
  border-bottom: 1px solid var(--st-border-color); text-align: left; vertical-align: top; }
td.long { overflow-wrap: anywhere; min-width: 17em; }
.predictions { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; }
.predictions h3 { margin: 0; } .predictions p { margin: 0; }
.predictions td { border: 0; }
.deck { position: static !important; }
.caption { -webkit-line-clamp: none !important; line-clamp: none !important; }
.words { white-space: normal !important; } .beneath { height: auto !important; }
pre { background: var(--st-secondary-background-color); padding: 1rem; border-radius: 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
@page { size: A4; margin: 12mm; }
@media print {
  body { margin: 0; padding: 0; font-size: 9pt; } .options { display: none !important; }
  h2, h3 { break-after: avoid; } .plot, .pane, .chart, tr, pre { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
_LONG = 32  # letters of a word that may be parted: digests, paths
_NOTHING = "'none'"
# Every plot is data beside its place; this one script draws them.
_DRAW = """
const plots = [];
for (const host of document.querySelectorAll(".plot")) {
  const { data, layout } = JSON.parse(host.querySelector("script").textContent);
  const place = host.querySelector("div");
  Plotly.newPlot(place, data, layout, { responsive: true, displaylogo: false });
  plots.push(place);
}
for (const kind of ["beforeprint", "afterprint"]) {
  addEventListener(kind, () => plots.forEach((place) => {
    Plotly.relayout(place, { width: place.parentElement.clientWidth });
  }));
}"""
# Paper is narrower than a window, and what is drawn for the one is cut off on the other.
_PAPER = """
addEventListener("beforeprint", () => { document.body.style.width = "186mm"; });
addEventListener("afterprint", () => { document.body.style.width = ""; });"""
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(sheet: PageContents, *, made: datetime | None = None) -> str:
    """The report as one self-contained HTML document: the question, then everything drawn.

    Args:
        sheet: what the page drew.
        made: when, with its zone; now by default.
    """
    shown = sheet.exhibits.values()
    plots = any(isinstance(one.content, go.Figure) for one in shown)
    players = any(isinstance(one.content, PlayerView) for one in shown)
    title = html.escape(sheet.question)
    plotly = get_plotlyjs() if plots else ""
    drawing = _DRAW if plots else ""
    module = _player_module() if players else ""
    scripts = (_PAPER, plotly, drawing, module)
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(*scripts)}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{title}</title><style>{_STYLE}{css() if players else ''}</style>",
        f"<script>{_PAPER}</script>",
        f"<script>{plotly}</script>" if plots else "",
        f"<script type=module>{module}</script>" if players else "",
        f"<h1>{title}</h1>",
        _head(sheet, made or datetime.now().astimezone()),
        *(_section(one, index) for index, one in enumerate(shown)),
        f"<h2>The same in Python</h2><pre>{html.escape(sheet.code)}</pre>" if sheet.code else "",
        f"<p><small>Made by MAAGN Explorer {html.escape(maagn.__version__)}.</small></p>",
        f"<script>{drawing}</script></html>" if plots else "</html>",
    ]
    return "\n".join(parts)


def _head(sheet: PageContents, made: datetime) -> str:
    """What the report is about: clip, settings, predictions, and the weights that made them."""
    facts = sheet.facts
    lines = {
        "Clip": facts.clip,
        "Section": facts.section,
        "Clip's SHA-256": facts.clip_digest,
        "True class": facts.truth or ("not known" if facts.clip else ""),
        "Class explained": facts.explained,
        "Method": facts.method,
        "Layer": facts.layer,
        "Path": facts.path,
        "Made": f"{made:%Y-%m-%d %H:%M:%S} {made:%z} ({made.tzname()})",
        "MAAGN version": maagn.__version__,
    }
    rows = [[name, value] for name, value in lines.items() if value]
    run = f"<p>{html.escape(sheet.run)}</p>" if sheet.run else ""
    return (
        f"<header>{run}{_table((), rows)}{_predictions(facts.networks)}{_weights(facts.networks)}"
        "</header>"
    )


def _predictions(networks: Sequence[NetworkFacts]) -> str:
    asked = [one for one in networks if one.top]
    if not asked:
        return ""
    blocks = []
    for one in asked:
        top = ((str(i), label, percent(share)) for i, (label, share) in enumerate(one.top, 1))
        right = f"<p>{html.escape(one.verdict)}</p>" if one.verdict else ""
        blocks.append(f"<div><h3>{html.escape(one.name)}</h3>{right}{_table((), top)}</div>")
    return f'<h2>Predictions</h2><div class="predictions">{"".join(blocks)}</div>'


def _weights(networks: Sequence[NetworkFacts]) -> str:
    if not networks:
        return ""
    rows = [
        [one.name, one.kind, one.checkpoint, one.digest, one.layer, one.masks, one.trained_on]
        for one in networks
    ]
    heading = (
        "network", "kind", "checkpoint", "SHA-256", "layer of the map", "masks", "trained on",
    )  # fmt: skip
    return f"<h2>Networks</h2>{_table(heading, rows)}"


def _table(heading: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Every row and every letter: pandas' own HTML leaves some out."""
    above = "".join(f"<th>{html.escape(str(one))}</th>" for one in heading)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f"<table>{f'<thead><tr>{above}</tr></thead>' if above else ''}<tbody>{body}</tbody></table>"
    )


def _cell(value: object) -> str:
    """One cell: numbers in six digits, as `explanation.json` has them; empty for none."""
    if isinstance(value, float):
        text = "" if math.isnan(value) else f"{value:.6g}"
        return f"<td>{text}</td>"
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = "" if value is None else str(value)
    long = ' class="long"' if any(len(word) > _LONG for word in text.split()) else ""
    return f"<td{long}>{html.escape(text)}</td>"


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
            return _table(list(frame.columns), frame.itertuples(index=False))
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
            file_name=downloads.name_of(sheet.facts, sheet.page, "report", ending="html"),
            mime="text/html",
            on_click="ignore",
            icon=":material/download:",
            key="report",
        )
