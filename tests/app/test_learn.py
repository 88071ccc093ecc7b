from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.jobs import Job
from app.networks import DEMONSTRATION, groups
from app.selection import Question
from app.tour.lesson import about, clip, learn
from app.tour.steps import STEPS
from app.views.learn import reversal_rows

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 120


@pytest.fixture(scope="module")
def lesson():
    return learn(
        about(Question(clip(), groups()[DEMONSTRATION], None, "gradcam", "backbone.res4")), Job()
    )


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=WAIT_SECONDS)
    app.run()
    app.switch_page(str(ROOT / "pages" / "learn.py"))
    return app


def settle(app: AppTest) -> str:
    app.run()
    assert not app.exception
    assert not app.error
    return " ".join(x.value for x in [*app.markdown, *app.success, *app.warning, *app.info])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_what_is_computed_is_among_what_can_be_predicted(step, lesson):
    finding = step.finding(lesson)
    assert step.accepts(finding.right)
    assert step.right(finding.right, lesson)
    wrong = tuple(option for option in step.options if option not in finding.right)[:1]
    assert not step.right(wrong, lesson)
    assert not step.accepts(("unheard of",))


def test_tsn_knows_no_order_and_the_others_do(lesson):
    assert lesson.reversals["TSN"].change < 1e-5
    for name in ("MAAGN", "TPN", "TSM"):
        assert lesson.reversals[name].change > 1
    rows = reversal_rows(lesson).set_index("network")
    assert rows.loc["MAAGN", "backwards"].startswith("Opening something")
    assert rows.loc["TSN", "forwards"] == rows.loc["TSN", "backwards"]


def test_nothing_is_told_before_the_learner_predicts_and_going_back_keeps_the_answer(app):
    before = settle(app)
    assert "was filmed as" not in before
    assert app.button(key="tour-next").disabled
    app.button(key="tour-show-0").click()
    assert "Choose an answer first" in settle(app)
    app.radio(key="tour-one-0").set_value("Opening something")
    app.button(key="tour-show-0").click()
    after = settle(app)
    assert "✗ You said **Opening something**; computed: **Closing something**." in after
    app.button(key="tour-next").click()
    assert "Name the key frame" in [x.value for x in (settle(app), app)[1].subheader]
    assert app.query_params["step"] == "2"
    app.button(key="tour-back").click()
    assert "✗ You said **Opening something**" in settle(app)


def test_a_link_to_a_step_opens_it_and_a_wrong_one_is_told(app):
    app.query_params["step"] = "10"
    settle(app)
    assert "Backwards, with order" in [x.value for x in app.subheader]
    app.query_params["step"] = "eleven"
    assert "The link asks for step 'eleven'" in settle(app)
    assert "Name the action" in [x.value for x in app.subheader]
