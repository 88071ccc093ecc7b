import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from maagn.checkpoint import load_card
from maagn.evaluate.evaluations import EvaluationRun, benchmark_plan

ROOT = Path(__file__).parents[2]
WORK_MS = 120_000
PER_CLASS = 13  # a plan that nobody else would begin


@pytest.fixture
def kept():
    """The evaluation's folder, which the test begins without and leaves without."""
    evaluation_run = EvaluationRun(
        benchmark_plan([load_card("tsn-demo")], split="val", per_class=PER_CLASS)
    )
    shutil.rmtree(evaluation_run.folder, ignore_errors=True)
    yield evaluation_run
    shutil.rmtree(evaluation_run.folder, ignore_errors=True)


def open_evaluate(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Data").first.click(timeout=WORK_MS)
    page.get_by_role("radio", name="Evaluate").click(timeout=WORK_MS)
    expect(page.get_by_role("button", name="Run the evaluation")).to_be_visible(timeout=WORK_MS)


def test_an_evaluation_is_stopped_and_goes_on(browser_page, console_errors, serve_streamlit, kept):
    page = browser_page
    address = serve_streamlit(ROOT / "app" / "main.py")
    open_evaluate(page, address)
    for other in ("maagn-demo", "tpn-demo", "tsm-demo"):
        page.get_by_role("button", name=re.compile(f"{other}")).last.click()
    page.get_by_role("spinbutton", name="Clips of each class").fill(str(PER_CLASS))
    page.get_by_role("button", name="Run the evaluation").click()
    box = page.locator(f".st-key-evaluation-{kept.key}")
    expect(box.get_by_text(re.compile(r"of 442 clips, about"))).to_be_visible(timeout=WORK_MS)
    box.get_by_role("button", name="Stop").click()
    expect(box.get_by_text(re.compile("Stopped at"))).to_be_visible(timeout=WORK_MS)
    done = kept.progress().done
    assert 0 < done < 442
    open_evaluate(page, address)  # a reload
    box.get_by_role("button", name="Resume").click()
    expect(box.get_by_role("button", name="Parquet")).to_be_visible(timeout=WORK_MS)
    expect(box.get_by_text("Results")).to_be_visible()
    assert kept.progress().done == 442
    box.get_by_role("button", name="Remove").click()
    expect(box).to_have_count(0)
    assert not kept.folder.exists()
    assert console_errors == []
