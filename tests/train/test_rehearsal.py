from dataclasses import replace

from maagn.train import dry_run
from maagn.train.dry_run import rehearse
from tests.train.made import SPEC, MadeClips


def test_a_rehearsal_tells_the_whole_run_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dry_run, "open_data", lambda *_, **__: (MadeClips(80), MadeClips(4)))
    told = rehearse(replace(SPEC, epochs=10, clips=0, batch=8))
    assert told.steps == 100
    assert told.parameters > 10_000
    assert told.memory > 2**20
    assert 0 < told.seconds < 1000
    assert "100 steps" in str(told)
    assert list(tmp_path.iterdir()) == []
