"""Evaluations in the background: a queue of their own, so that answers need not wait for them."""

from collections.abc import Sequence

from app import cache
from app.jobs import Job, Queue
from maagn.checkpoint import Card
from maagn.evaluate.results import Results
from maagn.evaluate.runner import Kept, Progress, evaluate
from maagn.reproduce.cost import Cost, cost

QUEUE = Queue(kept=4)


def start(kept: Kept) -> Job:
    """Begin an evaluation, or go on with it; who starts it again meanwhile gets the same job."""
    kept.begin()
    job = QUEUE.find(kept.plan.key)
    if job is not None and job.done:
        QUEUE.forget(kept.plan.key)
    return QUEUE.ask(kept.plan.key, lambda job: _work(kept, job))


def running(kept: Kept) -> Job | None:
    """The job of an evaluation that runs or waits for its turn."""
    job = QUEUE.find(kept.plan.key)
    return None if job is None or job.done else job


def failed(kept: Kept) -> BaseException | None:
    """Why the last go ended, where it ended badly; nobody's wish to stop is no failure."""
    job = QUEUE.find(kept.plan.key)
    if job is None or not job.done or job.cancelled:
        return None
    return job.future.exception()


def costs(cards: Sequence[Card], job: Job) -> dict[str, Cost]:
    """Parameters and multiply-accumulates of each network, by digest; no weight is read."""
    found = {}
    for place, card in enumerate(cards):
        job.step(place / len(cards), f"Counting the parameters of {card.name}")
        found[card.digest] = cost(card.spec, side=card.transform.crop)
    return found


def _work(kept: Kept, job: Job) -> Results:
    job.step(kept.progress().part, "Loading the models")
    models = [cache.model(name) for name in kept.plan.models]
    _tell(job, kept.progress())
    return evaluate(kept, models, report=lambda progress: _tell(job, progress))


def _tell(job: Job, progress: Progress) -> None:
    left = progress.seconds_left
    words = f"{progress.done:,} of {progress.total:,} answers"
    job.step(progress.part, words if left is None else f"{words}, about {_duration(left)} left")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
