"""A cluster of Dask as seen by who asks: pieces go there, results come back, and every wait has an end."""

import socket
import warnings
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic
from typing import Any, Final, NamedTuple

from distributed import Client
from distributed.scheduler import KilledWorker

from booking.platform.base.settings_servers import ComputingSettings, split_address
from booking.platform.computing.configure import configure, security_of
from booking.platform.computing.errors import ClusterLostError, PieceKillsWorkersError
from booking.platform.computing.remote import OtherSoftwareError, done, pack, software, unpack

ANSWERS_WITHIN: Final = 5.0
"""Seconds for a scheduler to be connected to, and to answer a question."""
LOOKS_EVERY: Final = 0.5
ASKS_EVERY: Final = 3.0
"""Seconds between two questions how many workers there are, while a piece is waited for."""
WITHOUT_WORKERS: Final = 30.0
"""Seconds without any worker, after which nobody is waited for: one that was killed is back within five."""
LONGEST_PIECE: Final = 900.0
"""Seconds for one piece, whatever became of it."""
LONGEST_TRANSFER: Final = 120.0
"""Seconds for a result that is there to come, or to be made again where it was lost on its way."""
AHEAD: Final = 2
"""Pieces for each worker that are sent before the first of them is back."""


class Ticket(NamedTuple):
    """A piece that is being done somewhere: a future of Dask, and what is set when it is over."""

    future: Any
    over: Event


class Cluster:
    """A connection to the scheduler.

    Raises
    ------
    ClusterLostError
        A certificate cannot be read, or the scheduler does not answer in `ANSWERS_WITHIN`.
    """

    def __init__(self, settings: ComputingSettings) -> None:
        configure()
        _, host, port = split_address(settings.dask_address or "")
        try:
            socket.create_connection((host, port), ANSWERS_WITHIN).close()  # Dask would try again and again
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions that differ: `software` is stricter
                self._client = Client(
                    settings.dask_address,
                    security=security_of(settings),
                    timeout=ANSWERS_WITHIN,
                    set_as_default=False,
                    name="mawid",
                )
        except Exception as error:
            raise ClusterLostError(f"no scheduler answers: {type(error).__name__}") from error
        self._work: Any = None
        self._packed: Any = None
        self._workers = 0
        self._had_workers = monotonic()
        self._asked_at = 0.0
        try:
            self._count_workers()
        except ClusterLostError:
            self.close()
            raise

    @property
    def ahead(self) -> int:
        """How many pieces are worth having on the way."""
        return max(AHEAD, AHEAD * self._workers)

    @property
    def workers(self) -> int:
        """How many pieces are done at a time, as last asked."""
        return self._workers

    def send(self, work: Callable[[Any], Any], piece: object) -> Ticket:
        """Ask for a piece; the work goes there once, and again to whoever comes later. Raises ClusterLostError."""
        try:
            if work is not self._work:
                self._packed, self._work = self._client.submit(unpack, pack(work), pure=False), work
            ticket = Ticket(self._client.submit(done, self._packed, pack(piece), software(), pure=False), Event())
            ticket.future.add_done_callback(lambda _: ticket.over.set())
        except Exception as error:
            raise ClusterLostError(f"a piece could not be sent: {type(error).__name__}") from error
        return ticket

    def result(self, ticket: Ticket, look: Callable[[], None]) -> Any:
        """Wait for a piece; ``look`` is called meanwhile, and may raise.

        Raises
        ------
        ClusterLostError
            The scheduler is gone or does not answer, there is no worker, the software there is other, or it takes too
            long.
        PieceKillsWorkersError
            Workers die of it.
        Exception
            What the work itself raised.
        """
        began = monotonic()
        look()
        while not ticket.over.wait(LOOKS_EVERY):
            look()
            self._require_progress(began)
        try:
            right, value = ticket.future.result(timeout=LONGEST_TRANSFER)
        except KilledWorker as error:
            raise PieceKillsWorkersError(f"{error.allowed_failures + 1} workers died of one piece") from error
        except OtherSoftwareError as error:
            raise ClusterLostError(str(error)) from error
        except Exception as error:
            raise ClusterLostError(f"a piece was lost: {type(error).__name__}") from error
        if right:
            return value
        raise value

    def take_back(self, tickets: Sequence[Ticket]) -> None:
        """Give up what nobody waits for; a piece that is begun is finished there, and thrown away."""
        if tickets and self._client.status == "running":
            self._client.cancel([ticket.future for ticket in tickets])

    def close(self) -> None:
        """Leave; whoever is waited for no longer is."""
        self._packed = self._work = None
        try:
            self._client.close(timeout=ANSWERS_WITHIN)
        except Exception:  # noqa: BLE001 - a scheduler that is gone cannot be told
            return

    def _require_progress(self, began: float) -> None:
        if self._client.status != "running":
            raise ClusterLostError("the scheduler is gone")
        if monotonic() - began > LONGEST_PIECE:
            raise ClusterLostError("a piece takes too long")
        if monotonic() - self._asked_at > ASKS_EVERY:
            self._count_workers()
        if monotonic() - self._had_workers > WITHOUT_WORKERS:
            raise ClusterLostError("there is no worker")

    def _count_workers(self) -> None:
        try:
            threads = self._client.sync(self._client.scheduler.ncores, workers=None, callback_timeout=ANSWERS_WITHIN)
        except Exception as error:
            raise ClusterLostError(f"the scheduler does not answer: {type(error).__name__}") from error
        self._workers, self._asked_at = sum(threads.values()), monotonic()
        if self._workers:
            self._had_workers = self._asked_at
