"""Heads by hand, and what is left out when they are tested."""

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from maagn.teach import heads, left_out
from maagn.teach.heads import STRENGTHS, USUAL, Labelled, choose_strength, fit
from maagn.teach.left_out import ONE_BY_ONE, PARTS, HeadInputs, fit_all, parts
from maagn.teach.network import taught_network
from tests.tiny import clip_tensor, make_model, spec


def labelled(features, labels, groups=None):
    groups = range(len(labels)) if groups is None else groups
    return Labelled(np.array(features, float), np.array(labels), np.array(list(groups)))


def test_four_separable_features_by_hand():
    """Standardised, the features are -1, -1, 1, 1. The weight w solves w = 4 C / (1 + exp(w)),
    which is w = 1 where C = (1 + e) / 4; folded, x is taken from 4 and halved: w x / 2 - 2."""
    head = fit(labelled([[2], [2], [6], [6]], [0, 0, 1, 1]), classes=2, strength=(1 + math.e) / 4)
    np.testing.assert_allclose(head.weight, [[-0.25], [0.25]], atol=1e-4)
    np.testing.assert_allclose(head.bias, [1, -1], atol=1e-4)
    logits = head.logits(np.array([[2.0], [6.0]], np.float32))
    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], [-1, 1], atol=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_folding_the_standardisation_into_the_weights_changes_no_logit(classes):
    noise = np.random.default_rng(0)
    features = noise.normal(5, 20, (30, 7)) * np.array([1e-3, 1, 1e3, 1, 1, 1, 0])  # one is still
    labels = np.arange(30) % classes
    head = fit(labelled(features, labels), classes=classes, strength=1.0)
    scaler = StandardScaler().fit(features)
    plain = LogisticRegression(C=1.0, max_iter=1000).fit(scaler.transform(features), labels)
    expected = plain.predict_log_proba(scaler.transform(features))
    logits = head.logits(features)
    own = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(own, expected, atol=1e-6)


@pytest.mark.parametrize("arch", ["maagn", "tpn", "tsm", "tsn", "r2plus1d"])
def test_the_taught_network_is_an_ordinary_one_with_the_heads_logits(arch):
    base = make_model(spec(arch))
    clips = clip_tensor(batch=8)
    with torch.no_grad():
        read = base.network.head_inputs(base.network.forward_features(clips))
    values = [np.stack([x.numpy(), x.numpy()[::-1]], axis=1) for x in read]
    labels, none = np.arange(8) % 3, np.array([-1, -1, -1])
    fitted = fit_all([HeadInputs(v, labels, np.arange(8), none) for v in values])
    network = taught_network(base, fitted)
    assert network.spec.classes == 3
    expected = np.mean(
        [head.logits(v[:, 0]) for head, v in zip(fitted, values, strict=True)], axis=0
    )
    with torch.no_grad():
        np.testing.assert_allclose(network(clips).numpy(), expected, atol=1e-5)
    before = base.network.state_dict()
    changed = [
        name
        for name, tensor in network.state_dict().items()
        if tensor.shape != before[name].shape or not torch.equal(tensor, before[name])
    ]
    backbone = base.architecture.backbone
    of_classes = [name for name, tensor in before.items() if 5 in tensor.shape[:1]]
    assert changed == [name for name in of_classes if not name.startswith(backbone)]


def test_every_class_counts_the_same():
    features = [[0.0]] * 9 + [[1.0]] + [[0.0]] + [[1.0]] * 1
    head = fit(labelled(features, [0] * 10 + [1] * 2), classes=2, strength=USUAL)
    middle = head.logits(np.array([[0.0], [1.0]]))
    assert middle[0].argmax() == 0  # nine of ten, against one of two
    assert middle[1].argmax() == 1


def test_a_class_without_examples_is_refused():
    with pytest.raises(ValueError, match="examples of each"):
        fit(labelled([[0], [1]], [0, 1]), classes=3, strength=1.0)


def test_the_strength_is_the_best_in_inner_folds_and_noise_takes_a_strong_penalty():
    noise = np.random.default_rng(1)
    labels = np.arange(24) % 2
    silent = labelled(noise.normal(size=(96, 50)), np.arange(96) % 2)
    assert choose_strength(silent, classes=2) <= 1e-2
    clear = labels[:, None] * 4 + noise.normal(size=(24, 3)) * 0.1
    assert choose_strength(labelled(clear, labels), classes=2) == STRENGTHS[-1]


def test_too_few_to_choose_by():
    assert choose_strength(labelled([[0], [1]], [0, 1], [0, 0]), classes=2) == USUAL
    assert choose_strength(labelled([[0], [1]], [0, 1]), classes=2) == USUAL


def head_inputs(n, *, dimensions=3, opposites=(1, 0), groups=None, seed=0):
    noise = np.random.default_rng(seed)
    return HeadInputs(
        noise.normal(size=(n, 2, dimensions)).astype(np.float32),
        np.arange(n) % len(opposites),
        np.arange(n) if groups is None else np.array(groups),
        np.array(opposites),
    )


def test_reversals_are_examples_of_the_opposite_alone():
    inputs = head_inputs(3, opposites=(1, 0, -1))
    examples = inputs.examples(np.arange(3))
    assert examples.labels.tolist() == [0, 1, 2, 1, 0]  # the third class has no opposite
    np.testing.assert_array_equal(examples.features[3:], inputs.values[:2, 1])
    assert examples.groups.tolist() == [0, 1, 2, 0, 1]


def test_neither_a_left_out_clip_nor_its_reversal_is_learnt_from(monkeypatch):
    inputs = head_inputs(12, groups=[0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    learnt = []
    taught = heads.taught_head
    monkeypatch.setattr(
        left_out,
        "taught_head",
        lambda e, *, classes: (learnt.append(e), taught(e, classes=classes))[1],
    )
    left_out.left_out([inputs])
    tested = [test for _, test in parts(inputs.labels, inputs.groups)]
    assert sorted(np.concatenate(tested).tolist()) == list(range(12))
    for examples, test in zip(learnt, tested, strict=True):
        own = inputs.values[test].reshape(-1, 3)  # the clips of the group, both ways
        assert not (examples.features[:, None] == own).all(axis=2).any()
        assert len(examples.labels) == 20


def test_inner_folds_keep_a_clip_and_its_reversal_together(monkeypatch):
    splits = []
    real = heads.StratifiedGroupKFold.split

    def split(self, x, y, groups):
        for learn, test in real(self, x, y, groups):
            splits.append((set(groups[learn]), set(groups[test])))
            yield learn, test

    monkeypatch.setattr(heads.StratifiedGroupKFold, "split", split)
    choose_strength(head_inputs(9).examples(np.arange(9)), classes=2)
    assert splits
    assert all(learn.isdisjoint(test) for learn, test in splits)


def test_what_does_not_depend_on_order_is_right_half_of_the_time():
    """TSN by construction: a clip and its reversal have the same feature."""
    inputs = head_inputs(12)
    same = HeadInputs(
        np.repeat(inputs.values[:, :1], 2, axis=1), inputs.labels, inputs.groups, inputs.opposites
    )
    votes = left_out.left_out([same]).votes[:, 0]
    assert (votes.argmax(axis=1) == inputs.labels).sum() == 6


def test_order_is_told_of_clips_that_no_head_has_seen():
    inputs = head_inputs(12)
    sign = np.where(inputs.labels == 0, 1, -1)
    inputs.values[:, 0, 0], inputs.values[:, 1, 0] = 5 * sign, -5 * sign
    found = left_out.left_out([inputs])
    assert (found.votes[:, 0].argmax(axis=1) == inputs.labels).all()
    assert (found.backward[:, 0].argmax(axis=1) == 1 - inputs.labels).all()


def test_many_clips_are_left_out_in_parts():
    inputs = head_inputs(ONE_BY_ONE + 1)
    folds = list(parts(inputs.labels, inputs.groups))
    assert len(folds) == PARTS
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(41))
    assert all(set(learn).isdisjoint(test) for learn, test in folds)


def test_classes_of_few_clips_each_are_left_out_in_fewer_parts():
    folds = list(parts(np.repeat(np.arange(3), 15), np.arange(45)))
    assert len(folds) == 15
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(45))
