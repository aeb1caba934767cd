"""Draw a closed draw from what its closing fixed, apply the result, and publish everything by which it is checked."""

from time import perf_counter

from sqlalchemy import select

from booking.base.errors import DrawNotReadyError
from booking.core.core import Core
from booking.draws import files as drawing_files
from booking.draws import formats
from booking.draws.apply import apply
from booking.draws.decision import decide
from booking.draws.explanations import Place, explanations
from booking.draws.files import DRAW, PLAN, SEED
from booking.draws.rows import add_files, found, locked, record, seed_of, stored_files
from booking.models import Draw, DrawFile, Office
from booking.models.states import DrawState


def run(core: Core, reference: str, *, workers: int = 1) -> Draw:
    """Draw a closed draw from its frozen files and its seed, and apply the result in one transaction.

    Stopped at any moment and run again it gives the same files; run after it is drawn it changes nothing.

    Parameters
    ----------
    workers
        Threads of the solver; they do not change the result.

    Raises
    ------
    DrawNotReadyError
        The draw is not closed yet.
    CapacityChangedError
        Places that it counted on are gone; nothing has changed.
    booking.draws.formats.DamagedFileError
        The frozen files are not those of the closing.
    NotFoundError
        There is no such draw.
    """
    with core.sessions() as session:
        draw = found(session, reference)
        if draw.state in {DrawState.DRAWN, DrawState.PUBLISHED}:
            return draw
        if draw.state is not DrawState.CLOSED:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not closed")
        contents = {name: file.content for name, file in stored_files(session, draw).items()}
        places = {
            office.code: Place(office.latitude, office.longitude, office.door.value)
            for office in session.scalars(select(Office).order_by(Office.code))
        }
    frozen = drawing_files.read_frozen(contents)
    if frozen.root != draw.root or frozen.commitment != draw.seed_commitment:
        raise formats.DamagedFileError(f"{DRAW}: it is not the file of draw {reference}")
    started = perf_counter()
    decision = decide(frozen, seed_of(core, draw), workers=workers)
    seconds = perf_counter() - started
    explained = explanations(decision, places)
    results = decision.result_files(contents)
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is not DrawState.CLOSED:
            return draw
        left = apply(session, core, draw, decision, explained)
        add_files(session, draw, results)
        draw.figures = decision.figures() | {"seconds": round(seconds, 1)}
        draw.drawn_at = core.clock.now()
        draw.move_to(DrawState.DRAWN)
        record(
            session,
            core,
            draw,
            "drawn",
            plan=formats.digest(results[PLAN]),
            served=decision.plan.served_requests,
            left_meanwhile=left,
        )
        return draw


def publish(core: Core, reference: str) -> Draw:
    """Publish a drawn draw: its seed and files are public from now on. Publishing again changes nothing.

    Raises
    ------
    DrawNotReadyError
        It is not drawn yet.
    NotFoundError
        There is no such draw.
    """
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is DrawState.PUBLISHED:
            return draw
        if draw.state is not DrawState.DRAWN:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not drawn")
        draw.seed = seed_of(core, draw)
        draw.published_at = core.clock.now()
        draw.move_to(DrawState.PUBLISHED)
        add_files(session, draw, {SEED: draw.seed.hex().encode() + b"\n"})
        record(session, core, draw, "published", seed=draw.seed.hex())
        return draw


def files(core: Core, reference: str) -> dict[str, DrawFile]:
    """Return the files of a published draw by name, with their content.

    Raises
    ------
    DrawNotReadyError
        It is not published yet.
    NotFoundError
        There is no such draw.
    """
    with core.sessions() as session:
        draw = found(session, reference)
        if draw.state is not DrawState.PUBLISHED:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}, not published")
        return stored_files(session, draw)
