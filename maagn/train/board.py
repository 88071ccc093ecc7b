"""A run's rows for TensorBoard."""

from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


def write_row(folder: Path, row: dict[str, int | float]) -> None:
    """Add an epoch's numbers to the board in `folder`; made where it is missing.

    An epoch that is written again, after an interruption, replaces what was there from it on.
    """
    epoch = int(row["epoch"])
    with SummaryWriter(str(folder), purge_step=epoch) as board:
        for name, value in row.items():
            if name != "epoch":
                board.add_scalar(name, value, epoch)
