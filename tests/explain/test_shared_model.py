"""Four visitors ask one shared model at once; each gets the answer to the own question."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from maagn.explain.attention import gates, masks
from maagn.explain.cam import METHODS, cam, layers
from maagn.inference import trace
from tests.tiny import make_clip

QUESTIONS = 200
VISITORS = 4


def questions(model) -> list[dict]:
    chance = random.Random(0)
    return [
        {
            "clip": chance.randrange(6),
            "target": chance.randrange(5),
            "against": chance.choice([None, 0, 4]),
            "method": chance.choice(list(METHODS)),
            "layer": chance.choice(list(layers(model))),
            "pooling": chance.choice([None, "frame", "clip"]),
        }
        for _ in range(QUESTIONS)
    ]


def answer(model, run, question) -> dict[str, np.ndarray]:
    about = {name: value for name, value in question.items() if name != "clip"}
    found = {"logits": run.prediction.logits, "votes": run.prediction.path_logits}
    found |= {mask.name: mask.values for mask in masks(model, run)}
    for gate in gates(model, run):
        found |= {f"shares {gate.path}": gate.shares, f"response {gate.path}": gate.response}
    found["cam"] = cam(model, run, **about).values
    return found


def test_two_hundred_answers_of_four_threads_are_those_given_alone(model):
    clips = [make_clip(seed=seed) for seed in range(6)]
    asked = questions(model)

    def visit(question) -> dict[str, np.ndarray]:
        return answer(model, trace(model, clips[question["clip"]]), question)

    with ThreadPoolExecutor(VISITORS) as pool:
        together = list(pool.map(visit, asked))
    runs = [trace(model, clip) for clip in clips]
    for question, ours in zip(asked, together, strict=True):
        alone = answer(model, runs[question["clip"]], question)
        assert list(ours) == list(alone)
        for name, values in alone.items():
            np.testing.assert_allclose(
                ours[name], values, rtol=1e-6, atol=1e-6, err_msg=f"{name} of {question}"
            )
