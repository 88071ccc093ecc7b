"""A timeline as JSON, as a table and as subtitles."""

import io
import json
from dataclasses import replace

import av
import numpy as np
import pandas as pd
import pytest

from maagn.checkpoint import load_card
from maagn.explain.timeline import NetworkTimeline, Timeline
from maagn.explain.timeline_file import csv, document, subtitles, table

CARD = load_card("tsn-demo")
PUSH = CARD.labels.index("Pushing something from left to right")
OPPOSITE = CARD.labels.index(CARD.relations.opposite_of(CARD.labels[PUSH]))


def made(*best, card=CARD, step=1.0, start=0.0):
    logits = np.zeros((len(best), len(card.labels)), np.float32)
    logits[np.arange(len(best)), best] = 3
    logits[:, OPPOSITE] -= 1
    starts = start + np.arange(len(best)) * step
    answers = NetworkTimeline(card, logits)
    return Timeline("film.mp4", "0" * 64, starts[-1] + 4, starts, starts + 4, (1.5,), (answers,))


def test_the_document_has_every_window_and_the_segments():
    said = json.loads(json.dumps(document(made(PUSH, PUSH, OPPOSITE)), allow_nan=False))
    assert said["schema"] == "maagn-timeline-1"
    assert said["film"] == {"name": "film.mp4", "digest": "0" * 64, "seconds": 6.0, "cuts": [1.5]}
    assert said["windows"] == {"start": [0, 1, 2], "end": [4, 5, 6]}
    (model,) = said["models"]
    assert [(one["start"], one["end"], one["label"]) for one in model["segments"]] == [
        (0, 3.5, CARD.labels[PUSH]),
        (3.5, 6, CARD.labels[OPPOSITE]),
    ]
    assert model["log_odds"] == [4, 4, 2]
    assert np.sum(model["probabilities"], axis=1) == pytest.approx([1, 1, 1], abs=1e-4)


def test_the_table_has_a_row_a_window_and_goes_through_csv():
    line = made(PUSH, 5)
    frame = pd.read_csv(io.StringIO(csv(line)))
    assert frame["answer_1"].tolist() == [CARD.labels[PUSH], CARD.labels[5]]
    assert frame["opposite"][0] == CARD.labels[OPPOSITE]
    assert frame["log_odds"][0] == pytest.approx(4)
    assert frame["start"].tolist() == [0, 1]
    assert list(frame) == list(table(line))
    assert frame["probability_1"].to_numpy() == pytest.approx(
        line.answers[0].probabilities.max(axis=1), abs=1e-5
    )


def test_a_label_that_would_be_a_formula_is_none_in_a_spreadsheet():
    labels = tuple("=1+1" if i == 5 else label for i, label in enumerate(CARD.labels))
    line = made(5, card=replace(CARD, labels=labels))
    assert "'=1+1" in csv(line)
    assert not any(one.startswith("=") for one in csv(line).replace("\n", ",").split(","))


def cues(text, tmp_path):
    """What FFmpeg reads of subtitles: start and end in seconds, and the words."""
    path = tmp_path / "film.vtt"
    path.write_text(text, encoding="utf-8")
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        return [
            (
                round(float(packet.pts * packet.time_base), 3),
                round(float((packet.pts + packet.duration) * packet.time_base), 3),
                bytes(packet).decode(),
            )
            for packet in container.demux(stream)
            if packet.size
        ]


def test_subtitles_are_read_by_ffmpeg(tmp_path):
    line = made(PUSH, PUSH, OPPOSITE, start=3599.0)
    found = cues(subtitles(line, line.answers[0]), tmp_path)
    assert [(start, end) for start, end, _ in found] == [(3599, 3602.5), (3602.5, 3605)]
    assert found[0][2].startswith(f"{CARD.labels[PUSH]} (")
    assert "01:00:02.500 --> 01:00:05.000" in subtitles(line, line.answers[0])


def test_no_label_ends_a_cue_or_marks_one_up(tmp_path):
    labels = tuple(
        "<b>a & b</b>\n\n00:00 --> 00:01\nc" if i == 5 else label
        for i, label in enumerate(CARD.labels)
    )
    line = made(5, PUSH, card=replace(CARD, labels=labels))
    found = cues(subtitles(line, line.answers[0]), tmp_path)
    assert len(found) == 2
    assert found[0][2].startswith("&lt;b&gt;a &amp; b&lt;/b&gt; 00:00 --&gt; 00:01 c (")


def test_a_timeline_without_windows_is_written(tmp_path):
    nothing = np.zeros(0)
    empty = NetworkTimeline(CARD, np.zeros((0, len(CARD.labels)), np.float32))
    line = Timeline("film.mp4", "0" * 64, 9.0, nothing, nothing, (), (empty,), complete=False)
    assert document(line)["models"][0]["segments"] == []
    assert not document(line)["complete"]
    assert len(table(line)) == 0
    assert cues(subtitles(line, empty), tmp_path) == []
