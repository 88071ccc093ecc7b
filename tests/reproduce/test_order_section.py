"""What the page says of temporal divergence and of the chiral probes."""

from maagn.evaluate.intervals import Estimate
from maagn.evaluate.order import LayerProbe, NetworkOrder, OrderReport, write_order
from maagn.evaluate.results import write_results
from maagn.reproduce.page import write_page
from tests.evaluate.made import answered, results


def _probe(layer, low, *, reading="mean over frames"):
    return LayerProbe(layer, 8, reading, 0.1, Estimate(low + 0.02, low, low + 0.04), {})


def _report(*, digest="0" * 64):
    one = NetworkOrder(
        "m",
        digest,
        divergence=Estimate(1.234, 1.1, 1.4),
        paths={"path res3": Estimate(0.5, 0.4, 0.6)},
        classes={"Opening something": Estimate(2.0, 1.5, 2.5)},
        probes=(
            _probe("res2", 0.50),
            _probe("res2", 0.76, reading="frames side by side"),
            _probe("res3", 0.74),  # its mean is above 75 %, its interval is not
            _probe("after the pyramid", 0.75001),
        ),
    )
    other = NetworkOrder(
        "n",
        digest,
        divergence=Estimate(0.0, 0.0, 0.0),
        paths={},
        classes={"Opening something": Estimate(0.0, 0.0, 0.0)},
        probes=(_probe("res2", 0.48),),
    )
    return OrderReport("maagn probe m n", 30, {}, (one, other))


def _page(tmp_path, report):
    write_results(tmp_path / "results.parquet", results(answered([0, 1], [0, 1])))
    if report is not None:
        write_order(tmp_path / "probe.json", report)
    write_page(
        tmp_path / "page.md",
        tmp_path,
        shipped=tmp_path / "results.parquet",
        probed=tmp_path / "probe.json",
    )
    return (tmp_path / "page.md").read_text()


def test_divergence_stands_beside_reversal_flips(tmp_path):
    page = _page(tmp_path, _report())
    assert "| reversal flips | temporal divergence | ECE |" in page
    (row,) = [line for line in page.splitlines() if line.startswith("| m | 100.0 %")]
    assert " | 1.23 [1.10, 1.40] | " in row
    assert "| m, votes of path res3 | 0.50 [0.40, 0.60] | | |" in page
    assert "| Opening something | 2.00 [1.50, 2.50] | 0.00 [0.00, 0.00] |" in page


def test_divergence_of_other_weights_is_not_shown_as_these(tmp_path):
    page = _page(tmp_path, _report(digest="1" * 64))
    (row,) = [line for line in page.splitlines() if line.startswith("| m | 100.0 %")]
    assert row.split(" | ")[-2] == "-"


def test_order_is_readable_from_the_first_layer_whose_interval_is_above(tmp_path):
    page = _page(tmp_path, _report())
    assert "| m | 1.23 [1.10, 1.40] | after the pyramid | res2 |" in page
    assert "| n | 0.00 [0.00, 0.00] | none | none |" in page
    assert "| res2 | 52.0 % [50.0, 54.0] | 50.0 % [48.0, 52.0] |" in page
    assert "| res3 | 76.0 % [74.0, 78.0] |  |" in page  # a layer that one network alone has


def test_a_page_without_probes_has_no_such_section(tmp_path):
    assert "Where order becomes readable" not in _page(tmp_path, None)
