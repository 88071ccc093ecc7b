"""`maagn reproduce`: the paper's tables and its Figure 8, on the rendered benchmark."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.failure import one_line

_RESULTS = Path("docs/reproduction")


class Target(StrEnum):
    """What can be reproduced."""

    TABLE1 = "table1"
    TABLE3 = "table3"
    TABLE4 = "table4"
    TABLE5 = "table5"
    TABLE6 = "table6"
    FIG8 = "fig8"
    ALL = "all"
    PAGE = "page"


@one_line()
def reproduce(
    target: Annotated[
        Target, typer.Argument(help="A table, fig8, all, or page: only write the page again.")
    ],
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of every network.")] = 3,
    work: Annotated[Path, typer.Option(help="For checkpoints and rendered clips.")] = Path(
        "runs/reproduce"
    ),
    results: Annotated[Path, typer.Option(help="Where outcomes are kept.")] = _RESULTS,
    page: Annotated[Path, typer.Option(help="Written from all outcomes.")] = Path(
        "docs/reproduction.md"
    ),
) -> None:
    """Train what TARGET compares, measure it on the test split, and write what came out.

    A run that was stopped goes on; what was measured before is not trained again.
    """
    from maagn.reproduce.cost import write_costs
    from maagn.reproduce.page import write_page
    from maagn.reproduce.queue import run_queue
    from maagn.reproduce.size import Size
    from maagn.reproduce.study import STUDIES, rows

    tables = list(STUDIES) if target is Target.ALL else [t for t in STUDIES if t == target]
    run_queue(
        rows(tables),
        seeds=range(seeds),
        size=Size(),
        work=work,
        results=results,
        cache=work / "clips",
        report=typer.echo,
    )
    if target in (Target.TABLE3, Target.TABLE6, Target.ALL):
        write_costs(results / "costs.json")
    write_page(page, results)
    typer.echo(f"Written to {page}")
