"""The table of networks in README.md and checkpoints/README.md, from the stored results."""

from collections.abc import Mapping, Sequence

from maagn.checkpoint import Model, find
from maagn.errors import ResultsError
from maagn.evaluate.attention import NetworkAudit
from maagn.evaluate.audit_file import masks_line
from maagn.evaluate.intervals import Share
from maagn.evaluate.metrics import count
from maagn.evaluate.predictions import Predictions
from maagn.evaluate.results import Results

_HEAD = (
    "network",
    "parameters",
    "file",
    "top-1 (95 % interval)",
    "correct within the pair",
    "predicts the opposite",
    "flips when reversed",
    "masks",
)


def network_table(
    models: Sequence[Model], results: Results, audits: Mapping[str, NetworkAudit]
) -> str:
    """Markdown: a row for each network of the results, in their order.

    Args:
        models: that there are in `checkpoints/`.
        results: what some of them said about the test clips.
        audits: of their masks, by the digest of the network's file.

    Raises:
        ResultsError: a network of the results is not there, or has other weights now.
    """
    present = {model.name: model for model in models}
    digests = results.origin.digests
    changed = [
        name
        for name in results.models
        if name not in present or present[name].digest != digests.get(name)
    ]
    if changed:
        raise ResultsError(
            f"The stored predictions of {', '.join(changed)} were made by other weights than those "
            "in checkpoints/: run `make results` first."
        )
    rows = [_row(present[one.model], one, audits) for one in results]
    head, *body = (f"| {' | '.join(row)} |\n" for row in (_HEAD, *rows))
    return "".join([head, f"|{'---|' * len(_HEAD)}\n", *body])


def _row(
    model: Model, predictions: Predictions, audits: Mapping[str, NetworkAudit]
) -> tuple[str, ...]:
    counted = count(predictions)
    parameters = sum(parameter.numel() for parameter in model.network.parameters())
    return (
        model.name,
        f"{parameters / 1e6:.2f} M",
        f"{find(model.name).stat().st_size / 1e6:.1f} MB",
        f"{_percent(counted.top1)} ({100 * counted.top1.low:.1f} to {100 * counted.top1.high:.1f})",
        _percent(counted.within_pair),
        _percent(counted.opposite_confusion),
        _percent(counted.reversal_flips),
        masks_line(model, audits) or "none",
    )


def _percent(share: Share) -> str:
    return f"{100 * share.value:.1f} %"
