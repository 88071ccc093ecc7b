"""How often what is slow is done for an answer: decoding, scaling, forwards."""

from io import BytesIO

import pytest

from app import cache, predictions
from app.gallery.catalogue import gallery
from app.jobs import Job
from app.selection import Question
from app.server.uploads import Holder, Uploads
from maagn.explain.cam import FIRST_LAYER, FIRST_METHOD

MODELS = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")
SLOW = ("read_video", "prepare", "trace", "report")


@pytest.fixture
def counts(monkeypatch) -> dict[str, int]:
    """How often each was called so far."""
    made = dict.fromkeys(SLOW, 0)

    def counted(name):
        work = getattr(cache, name)

        def count(*args, **kwargs):
            made[name] += 1
            return work(*args, **kwargs)

        monkeypatch.setattr(cache, name, count)

    for name in SLOW:
        counted(name)
    cache.forget()
    yield made
    cache.forget()


def asked(clip, target=None):
    digests = tuple(cache.card(name).digest for name in MODELS)
    question = Question(clip, MODELS, target, FIRST_METHOD, FIRST_LAYER, digests)
    return predictions.answer(question, Job())


def test_an_upload_is_decoded_and_scaled_once_for_all_networks(counts, tmp_path):
    uploads = Uploads(tmp_path)
    content = gallery()[5].path.read_bytes()
    holder = Holder(uploads)  # whose files go with it
    clip = uploads.store(BytesIO(content), name="own.mp4", holder=holder)
    answer = asked(clip)
    networks = len(MODELS)
    assert counts == {"read_video": 1, "prepare": 1, "trace": networks, "report": networks}
    assert len({id(report.inputs) for report in answer.reports}) == 1
    other = answer.reports[0].model.labels[-1]
    asked(clip, target=other)  # gradients alone
    assert counts == {"read_video": 1, "prepare": 1, "trace": networks, "report": 2 * networks}
