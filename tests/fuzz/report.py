"""Outcomes of the fuzz as a table for people, and as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tests.fuzz.fuzz import Outcome


def usable(outcomes: Sequence["Outcome"]) -> tuple[int, int]:
    """Files that gave frames, of those that a person may expect frames of."""
    expected = [outcome for outcome in outcomes if outcome.expected]
    return sum(one.frames > 0 for one in expected), len(expected)


def write(
    outcomes: Sequence["Outcome"], leaks: Sequence[str], *, seed: int, out: Path | None
) -> str:
    """The table, in Markdown; with `out`, also `fuzz.md` and `fuzz.json` in that folder."""
    got, of = usable(outcomes)
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    lost = [outcome.number for outcome in outcomes if outcome.expected and not outcome.frames]
    seconds = np.array([outcome.seconds for outcome in outcomes])
    pairs = {outcome.of for outcome in outcomes if outcome.kind == "sound"}
    lines = [
        f"# {len(outcomes)} files",
        "",
        "`make fuzz` wrote this: "
        f"`python -m tests.fuzz.fuzz --files {len(outcomes)} --seed {seed}`.",
        "",
        f"- Containers with codecs: {len(pairs)} ({', '.join(sorted(pairs))}).",
        "- Unnamed errors, broken promises of a clip, or past the deadline of 10 s and one more: "
        f"{len(wrong)}.",
        f"- Processes or open files left behind: {len(leaks)}.",
        f"- Usable, of the files that give PyAV alone at least 8 frames and are within bounds: "
        f"{got} of {of} ({100 * got / max(of, 1):.1f} %)"
        + (f"; not: {', '.join(map(str, lost))}." if lost else "."),
        f"- Seconds a file: median {np.median(seconds):.2f}, 99th percentile "
        f"{np.quantile(seconds, 0.99):.2f}, longest {seconds.max():.2f}.",
        "",
    ]
    results = sorted(
        {outcome.result for outcome in outcomes},
        key=lambda name: (not name.startswith("read"), name),
    )
    lines += [
        f"| kind | files | {' | '.join(results)} |",
        f"|---|---:|{'---:|' * len(results)}",
    ]
    for kind in dict.fromkeys(
        outcome.kind for outcome in sorted(outcomes, key=lambda one: one.kind)
    ):
        counts = Counter(outcome.result for outcome in outcomes if outcome.kind == kind)
        cells = " | ".join(str(counts[result]) for result in results)
        lines.append(f"| {kind} | {counts.total()} | {cells} |")
    text = "\n".join(lines) + "\n"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "fuzz.md").write_text(text)
        rows = [asdict(outcome) | {"seconds": round(outcome.seconds, 3)} for outcome in outcomes]
        body = ",\n".join(json.dumps(row) for row in rows)
        (out / "fuzz.json").write_text(f'{{"seed": {seed}, "files": [\n{body}\n]}}\n')
    return text
