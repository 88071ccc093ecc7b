"""The table of networks that documents have, from results and audits made by hand."""

from dataclasses import replace

import pytest

import maagn.checkpoint
from maagn.errors import ResultsError
from maagn.evaluate.network_table import network_table
from maagn.evaluate.results import Origin, Results
from tests.evaluate.made import answered
from tests.tiny import BASELINES, tiny_model

# Class 0 is the opposite of class 1: three of four are right, one is the opposite instead; two of
# the three become the opposite when reversed.
TRUTH, ANSWER, TURNED = [0, 0, 1, 1], [0, 0, 1, 0], [1, 0, 0, 0]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maagn.checkpoint, "FOLDER", folder)
        yield [tiny_model(folder), tiny_model(folder, spec=BASELINES["tsm"])]


def results_of(models):
    predictions = tuple(answered(TRUTH, ANSWER, TURNED, model=one.name) for one in models)
    digests = {model.name: model.digest for model in models}
    return Results(predictions, Origin(digests))


def test_a_row_is_counted_from_the_file_and_the_results(models):
    head, line, masked, plain = network_table(models, results_of(models), {}).splitlines()
    assert head.count("|") == line.count("|") == masked.count("|") == plain.count("|") == 9
    cells = [cell.strip() for cell in plain.split("|")[1:-1]]
    count = sum(parameter.numel() for parameter in models[1].network.parameters())
    size = (maagn.checkpoint.FOLDER / "tiny-tsm.safetensors").stat().st_size
    assert cells[:3] == ["tiny-tsm", f"{count / 1e6:.2f} M", f"{size / 1e6:.1f} MB"]
    assert cells[3].startswith("75.0 % (30.1 to 95.4)")
    assert cells[4:] == ["75.0 %", "25.0 %", "66.7 %", "none"]
    assert "| not audited: `maagn audit NAME --out FOLDER` |" in masked


def test_results_of_other_weights_are_refused(models):
    found = results_of(models)
    other = [models[0], replace(models[1], digest="other weights")]
    for present in (other, models[:1]):
        with pytest.raises(ResultsError, match=r"of tiny-tsm were made by other weights"):
            network_table(present, found, {})
