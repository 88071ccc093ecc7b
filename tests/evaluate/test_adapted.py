"""A module of somebody's own is evaluated as the networks in files are."""

import pyarrow.parquet as pq
import pytest
import torch
from torch import nn

import maagn
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.queries import Queries
from maagn.evaluate.runner import run


@pytest.mark.usefixtures("own_table")
def test_a_run_asks_an_adapted_module(odd_set, tmp_path):
    torch.manual_seed(0)
    parts = [nn.Conv3d(inputs, 4, 3, (1, 2, 2), padding=1) for inputs in (3, 4, 4, 4)]
    head = nn.Sequential(nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 3))
    model = maagn.adapt(
        nn.Sequential(*parts, head),
        stem=nn.Identity(),
        stages=parts,
        head=head,
        labels=odd_set.labels,
        frames=8,
        size=32,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        name="Plain",
    )
    plan = Plan.of([model], odd_set, kind="both-orders")
    table = pq.read_table(run(tmp_path, plan, odd_set, PredictionRows(plan, [model])))
    assert table["logits"].drop_null().combine_chunks().flatten().to_numpy().std() > 0
    assert table["answer"].null_count == 4  # which no network can read
    assert len(Queries(tmp_path).overall()) == 1
