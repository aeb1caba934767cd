"""Draw a closed draw from what its closing fixed, state the result, and give it out."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from time import perf_counter

from sqlalchemy import select

from allocation.lottery import merkle_tree, tree_root
from booking.country.core.core import Core
from booking.platform.base.collecting import uncollected
from booking.platform.base.errors import DrawNotReadyError
from booking.platform.base.release import processors
from booking.platform.models import Draw, DrawPhase, Office
from booking.platform.models.states import DrawState
from booking.scheduling.draws import files as format1
from booking.scheduling.draws.announce import (
    PLACES,
    add_files,
    found,
    in_the_log,
    locked,
    record,
    require_format,
    seed_of,
    stored_files,
)
from booking.scheduling.draws.apply import apply, keep_outcome, take_places
from booking.scheduling.draws.beacon import settled
from booking.scheduling.draws.chances import Explained, Place, explain, record_chances
from booking.scheduling.draws.decision import Decision, decide
from booking.scheduling.draws.files import PLAN, Frozen
from booking.scheduling.draws.format2.closing import Closed, read_bound, read_facts, read_in_line
from booking.scheduling.draws.format2.outcome import places_of, write_outcome
from booking.scheduling.draws.format2.tables import RESULT, STATEMENT
from booking.scheduling.draws.formats import DamagedFileError, digest
from booking.scheduling.draws.progress import AbandonedMeanwhileError, Progress, end_progress
from booking.transparency.beacons.values import value_of
from booking.transparency.log.entries import instant
from booking.transparency.log.log import append_in, sequence


@dataclass(frozen=True, slots=True)
class _Ready:
    """All that the result follows from, and the requests' nonces; ``closed`` and ``signature`` are of format 2."""

    frozen: Frozen
    bases: Sequence[bytes]
    closed: Closed | None = None
    signature: bytes = b""

    def salt(self) -> None:
        """Make what hides the places, which takes a while and waits for no decision."""
        if self.closed is not None:
            _ = self.closed.place_salts


@uncollected()
def run(core: Core, reference: str, *, workers: int | None = None) -> Draw:
    """Draw a closed draw from its frozen files, its seed and the beacon's value, and apply the result.

    As long as the value is not there the draw stays closed and says what it waits for. Stopped at any moment and run
    again it gives the same plan, and goes on with a result that was stated; run after it is drawn it changes nothing.

    Parameters
    ----------
    workers
        Threads of the solver, as many as there are processors where none are named; they do not change the result.

    Raises
    ------
    DrawNotReadyError
        The draw is not closed yet.
    CapacityChangedError
        Places that it counted on are gone; nothing has changed.
    booking.scheduling.draws.formats.DamagedFileError
        The frozen files are not those of the closing, or the draw passes the log by.
    NotFoundError
        There is no such draw.
    """
    with core.sessions() as session:
        draw = found(session, reference)
        if draw.state in {DrawState.DRAWN, DrawState.PUBLISHED}:
            return draw
        if draw.state is not DrawState.CLOSED:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not closed")
        require_format(session, draw)
        if draw.drawn_at is not None:
            return _given_out(core, reference)
        progress = Progress(core, draw.id)
        contents = {name: file.content for name, file in stored_files(session, draw).items()}
        places = {
            office.code: Place(office.latitude, office.longitude, office.door.value)
            for office in session.scalars(select(Office).order_by(Office.code))
        }
    ready = _ready(core, draw, contents, progress)
    if ready is None:
        with core.sessions() as session:
            return found(session, reference)
    try:
        _drawn(core, draw, ready, contents, places, progress, workers or processors())
    except AbandonedMeanwhileError:
        with core.sessions() as session:
            return found(session, reference)
    return _given_out(core, reference)


def _drawn(
    core: Core,
    draw: Draw,
    ready: _Ready,
    contents: Mapping[str, bytes],
    places: Mapping[str, Place],
    progress: Progress,
    workers: int,
) -> None:
    """Decide, write the files of it, and state the result."""
    requests = ready.frozen.asked.requests
    progress.begin(DrawPhase.DRAWING, requests)
    started = perf_counter()
    seed = seed_of(core, draw)
    with ThreadPoolExecutor(1) as beside:
        beside.submit(ready.salt)
        decision = decide(ready.frozen, seed, workers=workers)
        seconds = perf_counter() - started
        progress.begin(DrawPhase.WRITING, requests)
        results = beside.submit(_results, core, ready, contents, decision, seed)
        explained = explain(decision, places)
        progress.begin(DrawPhase.APPLYING, requests)
        _state(core, draw.reference, ready, decision, explained, results, seconds)


def _ready(core: Core, draw: Draw, contents: Mapping[str, bytes], progress: Progress) -> _Ready | None:
    """Return what a draw is decided by; None while its beacon has no value that may be used."""
    if draw.format == 1:
        frozen = format1.read_frozen(contents)
        _require_same(draw, frozen.root, frozen.commitment)
        return _Ready(frozen, [leaf.wish.nonce for leaf in frozen.leaves])
    stated = read_facts(contents, STATEMENT)
    _require_same(draw, bytes.fromhex(stated["requests"]["root"]), bytes.fromhex(stated["seed_commitment"]))
    bound = read_bound(contents, stated)  # what was changed is found in time to mend it, before the value is known
    signature = settled(core, draw, stated)
    if signature is None:
        return None
    progress.begin(DrawPhase.OPENING, len(bound.line))
    closed = read_in_line(contents, bound)
    return _Ready(closed.frozen(value_of(signature)), closed.bases, closed, signature)


def _require_same(draw: Draw, root: bytes, commitment: bytes) -> None:
    if (root, commitment) != (draw.root, draw.seed_commitment):
        raise DamagedFileError(f"the frozen files are not those of draw {draw.reference}")


def _results(
    core: Core, ready: _Ready, contents: Mapping[str, bytes], decision: Decision, seed: bytes
) -> dict[str, bytes]:
    if ready.closed is None:
        return decision.result_files(contents)
    at = instant(core.clock.now())
    tree = merkle_tree(places_of(ready.closed, decision))
    made = write_outcome(
        ready.closed, contents, decision, places_root=tree_root(tree), seed=seed, signature=ready.signature, at=at
    )
    return made | {PLACES: b"".join(chain.from_iterable(tree))}


def _state(
    core: Core,
    reference: str,
    ready: _Ready,
    decision: Decision,
    explained: Explained,
    made: Future[dict[str, bytes]],
    seconds: float,
) -> None:
    """State a result and take its places, in one transaction, where no other process has done it meanwhile.

    What was decided is copied while the files are ``made``.
    """
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is not DrawState.CLOSED or draw.drawn_at is not None:
            return
        keep_outcome(session, draw, decision, ready.bases, explained)
        record_chances(session, draw, decision)
        results = made.result()
        add_files(session, draw, results)
        draw.figures = dict(decision.figures) | {"seconds": round(seconds, 1)}
        draw.drawn_at, draw.waits_for = core.clock.now(), None
        session.flush()
        take_places(session, draw)
        if RESULT in results:
            append_in(session, "result", in_the_log(results[RESULT]), reference)
        record(session, core, draw, "result", plan=digest(results[PLAN]), served=decision.plan.served_requests)


def _given_out(core: Core, reference: str) -> Draw:
    """Give a stated result out to everyone in it: the draw is drawn. What an earlier process began is gone on with."""
    sequence(core)  # the result is in the log before anybody sees what it gave them
    with core.sessions() as session:
        draw = found(session, reference)
    if draw.state is DrawState.CLOSED:
        apply(core, draw)
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is DrawState.CLOSED:
            left = end_progress(session, draw)
            draw.move_to(DrawState.DRAWN)
            record(session, core, draw, "drawn", left_meanwhile=left)
        return draw
