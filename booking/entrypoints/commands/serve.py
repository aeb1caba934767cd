"""``mawid serve``: the pages and the API, with a worker beside them; nothing of theirs is loaded to watch over them."""

from typing import Annotated

import typer

from booking.serving import serve as serve_web


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    worker: Annotated[bool, typer.Option(help="Run a worker for jobs beside them.")] = True,  # noqa: FBT002 - a switch
) -> None:
    """Serve the pages and the API, with a worker for jobs beside them, unless workers run elsewhere."""
    raise typer.Exit(serve_web(host=host, port=port, worker=worker))
