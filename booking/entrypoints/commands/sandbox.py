"""``mawid sandbox``: a small country with known accounts, for whoever writes a program against the API."""

from datetime import timedelta
from typing import Annotated

import typer

from booking.entrypoints.demo.sandbox import run


def sandbox(
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 1,
    draw_in: Annotated[int, typer.Option(min=1, max=1440, help="Minutes until its first draw closes.")] = 10,
    exchange_in: Annotated[
        int, typer.Option(min=1, max=1440, help="Minutes until its first night of the exchange closes.")
    ] = 30,
    serve: Annotated[bool, typer.Option(help="Serve the API and the pages.")] = True,  # noqa: FBT002 - a switch
    host: str = "127.0.0.1",
    port: int = 8000,
) -> None:
    """Make a small country with known accounts for programs to try the API on, and serve it; nobody in it is real."""
    draw, night = timedelta(minutes=draw_in), timedelta(minutes=exchange_in)
    raise typer.Exit(run(seed=seed, draw_in=draw, exchange_in=night, serve=serve, host=host, port=port))
