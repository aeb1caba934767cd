"""``mawid computing``: machines that compute for others. Nothing here opens a database or needs its secrets."""

from types import ModuleType
from typing import Annotated

import typer

from booking.platform.base.settings import SettingsError
from booking.platform.computing.errors import ClusterLostError
from booking.platform.computing.own_settings import read_computing_settings
from booking.platform.computing.spread import try_out

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def scheduler(
    host: Annotated[str, typer.Option(help="Where it listens; beyond this machine only by TLS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8786,
) -> None:
    """Hand out pieces of heavy work to workers; there is one for all of them."""
    _servers().serve_scheduler(read_computing_settings(), typer.echo, host=host, port=port)


@app.command()
def worker(
    processes: Annotated[int | None, typer.Option(min=1, help="None: one for each processor it may use.")] = None,
    memory: Annotated[str | None, typer.Option(help="Of each process, such as 4GiB; none: an equal share.")] = None,
) -> None:
    """Do pieces of heavy work for the scheduler that MAWID_DASK_ADDRESS names."""
    _servers().serve_workers(read_computing_settings(), typer.echo, processes=processes, memory=memory)


@app.command("try")
def try_cluster() -> None:
    """Let the cluster that MAWID_DASK_ADDRESS names do a small piece; status 1 where it cannot."""
    settings = read_computing_settings()
    if settings.dask_address is None:
        raise SettingsError("MAWID_DASK_ADDRESS names no scheduler")
    try:
        workers = try_out(settings)
    except ClusterLostError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{settings.dask_address} does {workers} pieces at a time, with the software of this machine")


def _servers() -> ModuleType:
    try:
        from booking.platform.computing import servers  # noqa: PLC0415 - the extra is loaded where it is needed
    except ModuleNotFoundError as error:
        raise SettingsError(
            "the extra is not installed: pip install --require-hashes -r requirements-cluster.txt"
        ) from error
    return servers
