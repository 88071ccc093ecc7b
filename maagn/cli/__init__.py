"""The command line: one command a question; what is heavy is imported inside the commands."""

from typing import Annotated

import typer

from maagn.cli.arrow import arrow
from maagn.cli.audit import audit
from maagn.cli.bench import bench
from maagn.cli.compare import compare, confused
from maagn.cli.data import check, data, pairs, register
from maagn.cli.evaluate import evaluate, explain_dataset, models, probe
from maagn.cli.explain import explain
from maagn.cli.imports import import_
from maagn.cli.measure import measure
from maagn.cli.networks import networks
from maagn.cli.pointing import pointing
from maagn.cli.serve import PASSED_ON, serve
from maagn.cli.teach import teach
from maagn.cli.timeline import timeline
from maagn.cli.train import gallery, reproduce, train

__all__ = ["app"]

app = typer.Typer(
    name="maagn",
    help="See how video networks tell opposite actions apart, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> bool:
    if wanted:
        import maagn

        typer.echo(f"maagn {maagn.__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


app.command("app", context_settings=PASSED_ON)(serve)
for command in (
    explain,
    arrow,
    models,
    networks,
    evaluate,
    compare,
    confused,
    train,
    reproduce,
    gallery,
):
    app.command()(command)
app.command()(timeline)
app.command()(teach)
app.command()(explain_dataset)
app.command()(probe)
app.command()(audit)
app.command()(pointing)
app.command("import")(import_)
data.command()(check)
data.command()(register)
data.command()(measure)
data.command()(pairs)
app.add_typer(data, name="data")
app.add_typer(bench, name="bench")
