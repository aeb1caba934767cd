"""``mawid demo``: a booking day of a synthetic country, and then its pages."""

from typing import Annotated

import typer

from booking.entrypoints.demo.play import play


def demo(
    people: Annotated[int, typer.Option(min=200, max=200_000, help="Citizens and expatriates who ask.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed plays the same day.")] = 1,
    serve: Annotated[bool, typer.Option(help="Serve the pages after the report.")] = True,  # noqa: FBT002 - a switch
    host: str = "127.0.0.1",
    port: int = 8000,
) -> None:
    """Play a booking day in a synthetic country, print what happened, then serve the pages."""
    raise typer.Exit(play(people=people, seed=seed, serve=serve, host=host, port=port))
