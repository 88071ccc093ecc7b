"""Notes as files that other programs read."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields

from maagn.notes.book import NamedSlice, Note
from maagn.spreadsheet import cell


def as_csv(found: Sequence[Note]) -> str:
    """A row a note, tags joined by `; `.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    names = [field.name for field in fields(Note)]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for note in found:
        row = {**asdict(note), "tags": "; ".join(note.tags)}
        writer.writerow({name: cell(value) for name, value in row.items()})
    return out.getvalue()


def as_json(found: Sequence[Note], slices: Sequence[NamedSlice] = ()) -> str:
    """Notes and slices, with the slices' queries as they were saved."""
    named = [{**asdict(one), "query": json.loads(one.query)} for one in slices]
    whole = {"notes": [asdict(note) for note in found], "slices": named}
    return json.dumps(whole, ensure_ascii=False, indent=2)
