"""How far a run is, for someone who watches."""

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)


class Bar:
    """A progress bar of steps on a terminal; nothing where stderr is a file or a pipe.

    Args:
        name: what is trained.
        done: steps of the run that were done before.
        total: steps of the whole run.
        shown: whether this process shows it; one does.
    """

    def __init__(self, name: str, *, done: int, total: int, shown: bool) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.3f}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
        )
        self._task = self._progress.add_task(name, completed=done, total=total, loss=0.0)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step(self, loss: float) -> None:
        """One more step is done."""
        self._progress.update(self._task, advance=1, loss=loss)
