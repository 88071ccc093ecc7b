"""A timeline to take away: as JSON, as a table, and as subtitles that players show.

Times are seconds from the film's first frame; probabilities are in [0, 1].
"""

from typing import Any

import numpy as np
import pandas as pd

from maagn.explain.report import Json, rounded
from maagn.explain.timeline import NetworkTimeline, Timeline
from maagn.shown import percent
from maagn.spreadsheet import cell

SCHEMA = "maagn-timeline-1"
_TOLD = 3  # answers of a window in the table


def document(line: Timeline) -> Json:
    """What `timeline.json` holds, numbers rounded to six significant digits."""
    return {
        "schema": SCHEMA,
        "film": {
            "name": line.name,
            "digest": line.digest,
            "seconds": rounded(line.film_seconds),
            "cuts": rounded(np.array(line.cuts)),
        },
        "complete": line.complete,
        "windows": {"start": rounded(line.starts), "end": rounded(line.ends)},
        "models": [_network(line, answers) for answers in line.answers],
    }


def _network(line: Timeline, answers: NetworkTimeline) -> Json:
    labels = answers.model.labels
    segments = []
    for segment in answers.segments():
        part = line.part(segment)
        segments.append(
            {
                "start": rounded(part.start),
                "end": rounded(part.end),
                "label": labels[segment.label],
                "opposite": answers.model.relations.opposite_of(labels[segment.label]),
                "probability": rounded(segment.probability),
            }
        )
    return {
        "name": answers.model.name,
        "arch": answers.model.spec.arch,
        "digest": answers.model.digest,
        "labels": list(labels),
        "segments": segments,
        "log_odds": [None if np.isnan(one) else rounded(one) for one in answers.margins()],
        "probabilities": rounded(answers.probabilities),
    }


def table(line: Timeline) -> pd.DataFrame:
    """A row a network and window.

    Returns:
        `model`, `start`, `end`; `answer_1` to `answer_3`, the most probable classes, each with its
        `probability_1` to `probability_3`; the `opposite` of the first, and `log_odds`, the
        natural logarithm of p(answer_1) / p(opposite), missing where there is none.
    """
    tables = [_rows(line, answers) for answers in line.answers]
    return pd.concat(tables, ignore_index=True)


def _rows(line: Timeline, answers: NetworkTimeline) -> pd.DataFrame:
    model, shares = answers.model, answers.probabilities
    top = answers.top(_TOLD)
    columns: dict[str, Any] = {"model": model.name, "start": line.starts, "end": line.ends}
    for rank in range(top.shape[1]):
        best = top[:, rank]
        columns[f"answer_{rank + 1}"] = [model.labels[index] for index in best]
        columns[f"probability_{rank + 1}"] = shares[np.arange(len(best)), best]
    opposites = [model.relations.opposite_of(label) for label in columns["answer_1"]]
    return pd.DataFrame({**columns, "opposite": opposites, "log_odds": answers.margins()})


def csv(line: Timeline) -> str:
    """The table as text; no label is run as a formula."""
    return table(line).map(cell).to_csv(index=False, float_format="%.6g", lineterminator="\n")


def subtitles(line: Timeline, answers: NetworkTimeline) -> str:
    """One network's answers as WebVTT (https://www.w3.org/TR/webvtt1/): a cue a segment.

    Args:
        line: the timeline.
        answers: of one of its networks.
    """
    model = answers.model
    note = f"What {model.name} ({model.digest[:12]}) says of {line.name}"
    cues = [f"WEBVTT\n\nNOTE {_text(note)}"]
    for segment in answers.segments():
        part = line.part(segment)
        said = f"{_text(model.labels[segment.label])} ({percent(segment.probability)})"
        cues.append(f"{_moment(part.start)} --> {_moment(part.end)}\n{said}")
    return "\n\n".join(cues) + "\n"


def _moment(seconds: float) -> str:
    whole = round(1000 * seconds)
    minutes, rest = divmod(whole, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _text(words: str) -> str:
    """On one line, without what WebVTT takes for tags, entities or the arrow between times."""
    line = " ".join(words.split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
