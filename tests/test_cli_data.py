import json
from dataclasses import replace

import numpy as np
import typer
from typer.testing import CliRunner

from maagn.cli.data import data
from maagn.cli.evaluate import evaluate
from maagn.evaluate import runner
from maagn.evaluate.results import read_results
from maagn.evaluate.stored_features import has_features
from maagn.opposites.clip import OPPOSITES_LABELS
from tests.tiny import BASELINES, save_tiny

run = CliRunner().invoke


def test_an_export_appears_whole_in_a_new_folder(tmp_path, monkeypatch):
    import maagn.data.export as export

    def write(folder, *, splits, per_class, size):
        (folder / "labels").mkdir()
        (folder / "labels" / "labels.json").write_text(f"{splits} {per_class} {size}")
        if per_class == 3:
            raise OSError(28, "No space left on device")
        return 5

    monkeypatch.setattr(export, "export_opposites", write)
    out = tmp_path / "out"
    words = ["opposites", "--split", "val", "--split", "test", "--out", str(out)]
    assert run(data, [*words, "--per-class", "3"]).exit_code == 2
    assert list(tmp_path.iterdir()) == []
    assert run(data, words).stdout == f"Written to {out}: 5 clips\n"
    assert (out / "labels" / "labels.json").read_text() == "['val', 'test'] 20 240"
    again = run(data, words)
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "is not empty, give a new folder" in again.stderr


def test_leak_prints_every_view(monkeypatch):
    import maagn.evaluate.leak as leak
    from maagn.evaluate.intervals import share

    half = share(np.array([True, False]))
    found = [leak.Leak(seen, half, {"Opening something": half}) for seen in leak.SEEN]
    monkeypatch.setattr(leak, "leaks", lambda **_: found)
    done = run(data, ["leak"], env={"COLUMNS": "120"})
    assert done.exit_code == 0
    for words in (*leak.SEEN, "Opening something", "50.0 (9.5 to 90.5) %"):
        assert words in done.stdout


def test_evaluate_keeps_the_results_of_every_clip(tmp_path):
    app = typer.Typer()
    app.command()(evaluate)
    spec = replace(BASELINES["tsn"], classes=len(OPPOSITES_LABELS))
    files = [
        save_tiny(tmp_path / f"{name}.safetensors", spec=spec, labels=OPPOSITES_LABELS)
        for name in ("a", "b")
    ]
    out = tmp_path / "results.parquet"
    words = [f"--model={file}" for file in files] + ["--per-class", "1"]
    done = run(app, [*words, "--out", str(out)], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "a against b: top-1 +0.0 points" in done.stdout
    assert read_results(out).models == ("a", "b")
    assert (tmp_path / "results.factors.parquet").exists()
    counts = json.loads(run(app, [*words, "--json", "--split", "val"]).stdout)
    assert [count["split"] for count in counts] == ["val", "val"]
    assert counts[0]["top1"]["trials"] == len(OPPOSITES_LABELS)


def test_evaluate_keeps_features_where_the_explorer_looks_for_them(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "evaluations")
    app = typer.Typer()
    app.command()(evaluate)
    spec = replace(BASELINES["tsn"], classes=len(OPPOSITES_LABELS))
    file = save_tiny(tmp_path / "a.safetensors", spec=spec, labels=OPPOSITES_LABELS)
    words = [f"--model={file}", "--per-class", "1", "--features", "--json"]
    done = run(app, words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["model"] == "a"
    (table,) = (tmp_path / "evaluations").glob("*/answers.parquet")
    assert f"Written to {table.parent}" in done.stderr
    assert has_features(table)
