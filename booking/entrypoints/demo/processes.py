"""Processes that help the director of the demonstration, each at the other end of a pipe."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

_PATIENCE: Final = 2.0  # seconds
_LOADED: Final = ("booking.entrypoints.demo.crew", "booking.entrypoints.demo.witnesses")
"""What they run is loaded once, by the process that all are made from: in each of six it took seconds."""


@dataclass(frozen=True, slots=True)
class Helper:
    """A process, and the pipe to it: once that is closed, it ends."""

    process: Any
    connection: Connection


@contextmanager
def open_helpers(work: Callable[..., None], arguments: Iterable[object]) -> Iterator[list[Helper]]:
    """Start a process for each argument, given to ``work`` after its end of the pipe; end them whatever happened."""
    context = get_context("forkserver")
    context.set_forkserver_preload([*_LOADED])
    helpers: list[Helper] = []
    try:
        for argument in arguments:
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, argument), daemon=True)
            process.start()
            theirs.close()
            helpers.append(Helper(process, ours))
        yield helpers
    finally:
        for helper in helpers:
            helper.connection.close()
        for helper in helpers:
            helper.process.join(_PATIENCE)
            if helper.process.is_alive():
                helper.process.terminate()
                helper.process.join()
