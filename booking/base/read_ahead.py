"""Rows that are fetched while those before them are worked on: the database does not wait for us, nor we for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Event, Thread
from typing import Any, Final

from sqlalchemy import Result

_AHEAD: Final = 2
"""Batches that wait to be worked on."""


@contextmanager
def read_ahead(result: Result[Any], at_once: int) -> Iterator[Iterator[Any]]:
    """Yield the rows of a result that is streamed (``yield_per``), fetched by a thread so many at once.

    Until the block ends nobody else may use the connection. What fetching raises is raised where the row is wanted.
    """
    batches: Queue[Any] = Queue(_AHEAD)
    over = Event()

    def fetch() -> None:
        try:
            for batch in result.partitions(at_once):
                batches.put(batch)
                if over.is_set():
                    return
            batches.put(None)
        except BaseException as error:  # noqa: BLE001 - it is raised again by who wants the rows
            batches.put(error)

    def rows() -> Iterator[Any]:
        while (batch := batches.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield from batch

    thread = Thread(target=fetch, name="read ahead", daemon=True)
    thread.start()
    try:
        yield rows()
    finally:
        over.set()
        while thread.is_alive():
            if not batches.empty():
                batches.get()
            thread.join(0.01)
        result.close()
