from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import audits
from app.errors import Cancelled
from app.jobs import Job
from app.networks import DEMONSTRATION, groups
from app.selection import Question
from app.tour.constancy import OWN, SAME, constancy
from app.tour.lesson import about, clip, learn, mask, other_clip
from app.tour.steps import STEPS
from app.views.learn import reversal_rows
from maagn.evaluate.intervals import Estimate
from maagn.evaluate.mask_statistics import Variance
from maagn.explain.attention import MTAM
from maagn.figures.masks import of_two_clips

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 120


def question():
    return about(Question(clip(), groups()[DEMONSTRATION], None, "gradcam", "backbone.res4"))


@pytest.fixture(scope="module")
def lesson():
    return learn(question(), Job())


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
    app.query_params["step"] = "11"
    settle(app)
    assert "Backwards, with order" in [x.value for x in app.subheader]
    app.query_params["step"] = "twelve"
    assert "The link asks for step 'twelve'" in settle(app)
    assert "Name the action" in [x.value for x in app.subheader]


def weighed(lesson, first, second):
    """The lesson as if MTAM's sum had been so for its clip, and so for the other one."""
    reports = []
    for report, values in ((lesson.maagn, first), (lesson.other.reports[0], second)):
        values = np.asarray(values, np.float32)
        own = mask(report, MTAM)
        axes = ("time", "channel")[: values.ndim]
        masks = tuple(
            replace(one, values=values, axes=axes) if one is own else one for one in report.masks
        )
        reports.append(replace(report, masks=masks))
    return replace(
        lesson,
        answer=replace(lesson.answer, reports=(reports[0], *lesson.answer.reports[1:])),
        other=replace(lesson.other, reports=(reports[1],)),
    )


@pytest.fixture
def plant(monkeypatch, lesson):
    """The shipped audit with another one of MTAM's sum in its place."""
    shipped = audits.audit_of(lesson.maagn.model)

    def planted(low, value, high, *, place, dead="", channels=1):
        own = shipped.of(0, MTAM.key)
        effect = own.effects["average"]
        top1 = replace(effect.top1, points=Estimate(value, low, high))
        changed = replace(
            own,
            channels=channels,
            variance=Variance(place, (1 - place) / 4, 3 * (1 - place) / 4, 1.0, 0.1),
            dead=dead,
            effects=own.effects | {"average": replace(effect, top1=top1)},
        )
        parts = tuple(changed if part is own else part for part in shipped.parts)
        audit = replace(shipped, clips=2040, parts=parts)
        monkeypatch.setattr(audits, "_shipped", lambda: {shipped.digest: audit})
        return changed

    return planted


ATTENDS, CONSTANT, UNDECIDED = (0.5, 1.2, 1.9), (-0.3, 0.1, 0.4), (-0.5, 0.6, 1.7)


@pytest.mark.parametrize(
    ("points", "options", "right", "meaning"),
    [
        (ATTENDS, {"place": 0.4}, OWN, "So this is attention: the mask follows the clip"),
        (ATTENDS, {"place": 0.95}, OWN, "So this is attention: the mask follows the clip"),
        (CONSTANT, {"place": 0.95}, SAME, "a weight of the frame's place, not attention"),
        (CONSTANT, {"place": 0.95}, SAME, "costs 0.1 points of top-1 (-0.3 to 0.4)"),
        (CONSTANT, {"place": 0.95, "channels": 4}, SAME, "a weight of frame and channel, not att"),
        (CONSTANT, {"place": 0.4}, OWN, "follows the clip, but predictions hardly need that"),
        (UNDECIDED, {"place": 0.4}, OWN, "follows the clip; whether that matters, this sample"),
        (UNDECIDED, {"place": 0.95}, SAME, "hardly follows the clip; whether the little that it"),
        (UNDECIDED, {"place": 0.4, "dead": "all are zero"}, SAME, "So no clip can change it"),
    ],
)
def test_attention_or_a_constant_is_what_the_audit_found(
    lesson, plant, points, options, right, meaning
):
    known = plant(*points, **options)
    # however far apart the two clips are: the audit is of many
    found = constancy(weighed(lesson, [0.0] * 8, [0.0, 3.0] * 4))
    assert found.right == (right,)
    assert f"MTAM, sum, over 2,040 test clips: **{known.sentence}**" in found.words
    assert meaning in found.words
    assert "differs by 1.5 on average and by 3 at most" in found.words
    clip_share = 0.75 * (1 - options["place"])
    assert f"the single clip {100 * clip_share:.2g} %" in found.words


@pytest.mark.parametrize(
    ("first", "second", "right", "words"),
    [
        # of 8 weights, 4 of them 1 apart: 0.5 from the mean of their frame, 2 from that of all
        ([0, 0, 2, 2], [1, 1, 3, 3], OWN, "the frame's place alone explains 80 %"),
        # 0.1 from the mean of their frame, 1 from that of all: 1 / 1.01
        ([0.4, 0.4, 2.4, 2.4], [0.6, 0.6, 2.6, 2.6], SAME, "alone explains 99 %"),
        # 1 / 1.09: of two clips no 0.9 of many, since their mean is halfway to each
        ([0.2, 0.2, 2.2, 2.2], [0.8, 0.8, 2.8, 2.8], OWN, "alone explains 92 %"),
        # nothing but the clip, where nobody could see it
        ([1.5] * 4, [1.505] * 4, SAME, "by 0.005 on average"),
        ([1.5] * 4, [1.52] * 4, OWN, "by 0.02 on average"),
        ([[0, 2], [0, 2]], [[2, 0], [2, 0]], OWN, "frame and channel alone explain under 0.1 %"),
    ],
)
def test_without_an_audit_two_clips_tell_of_two_clips_alone(
    monkeypatch, lesson, first, second, right, words
):
    monkeypatch.setattr(audits, "_shipped", dict)
    found = constancy(weighed(lesson, first, second))
    assert found.right == (right,)
    assert words in found.words
    assert found.words.startswith("Of two clips only")
    assert "has not been measured for these weights" in found.words


def test_every_step_takes_masks_of_channels(lesson):
    few = mask(lesson.maagn, MTAM).per_frame[:, None] * np.array([0.2, 0.9, 0.4])
    found = weighed(lesson, few, few)
    for step in STEPS:
        assert step.accepts(step.finding(found).right)
    assert STEPS[1].finding(found).right == STEPS[1].finding(lesson).right  # the same frame


def test_the_other_clip_shows_another_action(lesson):
    (report,) = lesson.other.reports
    assert report.model.digest == lesson.maagn.model.digest
    assert lesson.other.question.clip == other_clip()
    assert other_clip().label not in (lesson.truth, lesson.opposite)


class Told(Job):
    """Remembers what it is told, and is cancelled where a word is said."""

    def __init__(self, until=None):
        super().__init__()
        self.until, self.told = until, []

    def step(self, part, doing):
        super().step(part, doing)
        self.told.append((part, doing))
        if self.until and self.until in doing:
            self.cancel()


def test_the_lesson_tells_how_far_it_is_and_ends_where_it_is_stopped():
    job = Told()
    learn(question(), job)
    parts, doing = zip(*job.told, strict=True)
    assert list(parts) == sorted(set(parts))
    assert parts[-1] < 1
    assert "Asking MAAGN about another clip" in doing
    job = Told(until="about another clip")
    with pytest.raises(Cancelled):
        learn(question(), job)
    assert job.told[-1][1] == "Asking MAAGN about another clip"


def test_two_clips_share_an_axis_and_the_band_lies_behind_them():
    low, high = np.array([0.5, 1.0]), np.array([1.0, 1.5])
    both = {"one": np.array([0.9, 1.4]), "two": np.array([0.6, 1.1])}
    band, one, two = of_two_clips(both, MTAM, band=(low, high)).data
    assert (list(band.x), list(band.y)) == ([1, 2, 2, 1], [1.0, 1.5, 1.0, 0.5])
    assert (list(one.x), list(one.y), list(two.y)) == ([1, 2], [0.9, 1.4], [0.6, 1.1])
    assert one.line.dash != two.line.dash
    alone = of_two_clips(both, MTAM)
    assert [line.name for line in alone.data] == ["one", "two"]
    assert tuple(alone.layout.yaxis.range) == (0, 3)


def test_the_step_names_both_actions_once_it_is_answered(app, lesson):
    known = audits.of_mask(lesson.maagn.model, MTAM, 0)
    right, wrong = (OWN, SAME) if known.varies else (SAME, OWN)
    app.query_params["step"] = "6"
    before = settle(app)
    assert "Attention, or a constant?" in [x.value for x in app.subheader]
    assert "**The tour's clip**" in before
    assert f"**{other_clip().label}**" in before
    assert clip().label not in before
    assert "variance" not in before
    app.radio(key="tour-one-5").set_value(wrong)
    app.button(key="tour-show-5").click()
    after = settle(app)
    assert f"✗ You said **{wrong}**; computed: **{right}**." in after
    assert f"**{clip().label}**" in after
    assert f"**{known.sentence}**" in after
