"""Do a pure function on many pieces, in order: here, or, where it takes long, on the machines that compute for us."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from booking.platform.base.settings_servers import ComputingSettings
from booking.platform.computing.errors import ClusterLostError

if TYPE_CHECKING:
    from booking.platform.computing.cluster import Cluster, Ticket


P = TypeVar("P")
R = TypeVar("R")

ALONE_FOR: Final = 2.0
"""Seconds of work that a process does by itself before it asks anybody: most of what may be heavy is not."""
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def nothing() -> None:
    """Look at nothing."""


def connect(settings: ComputingSettings) -> "Cluster":
    """Connect to the scheduler.

    Raises
    ------
    ClusterLostError
        The extra is not installed, a certificate cannot be read, or the scheduler does not answer in time.
    """
    try:
        from booking.platform.computing.cluster import Cluster  # noqa: PLC0415 - the extra is loaded where it is needed
    except ModuleNotFoundError as error:
        raise ClusterLostError(f"the extra mawid[cluster] is not installed: {error.name}") from error
    return Cluster(settings)


class Computing:
    """Where this process does heavy work.

    Parameters
    ----------
    settings
        Name the scheduler, or none.
    alone_for
        Seconds of work after which others are asked to help.
    """

    def __init__(self, settings: ComputingSettings, *, alone_for: float = ALONE_FOR) -> None:
        self._settings, self._alone_for = settings, alone_for

    @contextmanager
    def opened(self) -> Iterator["Spread"]:
        """Open what a work needs, and close it with the work; a scheduler is only connected to when it is needed."""
        spread = Spread(self._settings, alone_for=self._alone_for)
        try:
            yield spread
        finally:
            spread.close()


class Spread:
    """`map` for heavy pure functions, as long as it is open.

    Work and pieces must be picklable where there is a cluster, and the work of this package's own release: another one
    would be a different function. Nothing is kept on those machines, nor written to their disks.
    """

    def __init__(self, settings: ComputingSettings, *, alone_for: float) -> None:
        self._settings, self._left_alone = settings, alone_for
        self._cluster: Cluster | None = None
        self._given_up = settings.dask_address is None

    def __call__(
        self,
        work: Callable[[P], R],
        pieces: Iterable[P],
        *,
        here: Callable[[P], R] | None = None,
        look: Callable[[], None] = nothing,
    ) -> Iterator[R]:
        """Yield the work's result of each piece, in the order of the pieces.

        A cluster that cannot be reached, has no worker for a while or is lost in the middle costs time and nothing
        else: what is missing is done here.

        Parameters
        ----------
        work
            A pure function: it may be done twice.
        pieces
            Read some ahead of the results.
        here
            The same work as this process does it, where it can tell how far it is, say; `work` where not given.
        look
            Called before each piece that is done here, and twice a second while one is waited for. What it raises ends
            all of it, and what was asked of others is taken back.

        Raises
        ------
        booking.platform.computing.errors.PieceKillsWorkersError
            Several workers died of one piece, most likely for want of memory: it is not tried here.
        """
        waiting, end = iter(pieces), object()
        here = here or work
        while self._left_alone > 0 or self._given_up:
            look()
            piece = next(waiting, end)
            if piece is end:
                return
            began = monotonic()
            done = here(piece)  # type: ignore[arg-type] # the end is no piece
            self._left_alone -= monotonic() - began
            yield done
        yield from self._elsewhere(work, waiting, here, look)

    def close(self) -> None:
        """Leave the cluster."""
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None

    def _elsewhere(
        self, work: Callable[[P], R], pieces: Iterator[P], here: Callable[[P], R], look: Callable[[], None]
    ) -> Iterator[R]:
        """Keep the workers busy, some pieces ahead; whatever they cannot do is done here."""
        sent: deque[tuple[P, Ticket | None]] = deque()
        try:
            for piece in pieces:
                sent.append((piece, self._send(work, piece)))
                if len(sent) > self._ahead():
                    yield self._take(sent, here, look)
            while sent:
                yield self._take(sent, here, look)
        finally:
            if self._cluster is not None:
                self._cluster.take_back([ticket for _, ticket in sent if ticket is not None])

    def _ahead(self) -> int:
        return 0 if self._cluster is None else self._cluster.ahead

    def _send(self, work: Callable[[P], R], piece: P) -> "Ticket | None":
        """Ask the cluster for a piece; None where there is none."""
        if self._given_up:
            return None
        try:
            if self._cluster is None:
                self._cluster = connect(self._settings)
            return self._cluster.send(work, piece)
        except ClusterLostError as error:
            self._give_up(error)
            return None

    def _take(self, sent: "deque[tuple[P, Ticket | None]]", here: Callable[[P], R], look: Callable[[], None]) -> R:
        """Return the result of the oldest piece that was sent."""
        piece, ticket = sent[0]
        if ticket is not None and self._cluster is not None:
            try:
                result: R = self._cluster.result(ticket, look)
            except ClusterLostError as error:
                self._give_up(error)
            else:
                sent.popleft()
                return result
        look()
        sent.popleft()
        return here(piece)

    def _give_up(self, error: ClusterLostError) -> None:
        """Go on alone until this work is done."""
        log.warning("computing_alone", why=str(error))
        self._given_up = True
        self.close()


def try_out(settings: ComputingSettings) -> int:
    """Let the cluster do one small piece; return how many it does at a time.

    Raises
    ------
    ClusterLostError
        It cannot do its part: no scheduler, no worker, or other software.
    """
    cluster = connect(settings)
    try:
        if not cluster.workers:
            raise ClusterLostError("there is no worker")
        cluster.result(cluster.send(str.upper, "mawid"), nothing)
        return cluster.workers
    finally:
        cluster.close()
