"""Publish a drawn draw: its seed, and everything by which it is checked, to those who may see it."""

from booking.country.core.core import Core
from booking.platform.base.errors import DrawNotReadyError
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws.announce import (
    StoredFile,
    add_files,
    found,
    locked,
    record,
    require_format,
    seed_of,
    stored_files,
)
from booking.scheduling.draws.beacon import Waits
from booking.scheduling.draws.chances import renew_chances
from booking.scheduling.draws.files import SEED
from booking.scheduling.draws.format2 import tables
from booking.scheduling.draws.proofs import entry_of, proof, statement_proof
from booking.scheduling.draws.publish_audit import await_audit_in
from booking.transparency.log.asking import ask_witnesses
from booking.transparency.log.log import sequence


def publish(core: Core, reference: str) -> Draw:
    """Publish a drawn draw: its seed and files are public from now on. Publishing again changes nothing.

    As long as too few witnesses have signed that its result is in the log it stays drawn, and says so. From publication
    on the value is awaited that picks the lines which observers open.

    Raises
    ------
    DrawNotReadyError
        It is not drawn yet.
    booking.scheduling.draws.formats.DamagedFileError
        It passes the log by.
    NotFoundError
        There is no such draw.
    """
    with core.sessions() as session:
        draw = found(session, reference)
        require_format(session, draw)
    if draw.state is DrawState.PUBLISHED:
        return draw
    if draw.state is not DrawState.DRAWN:
        raise DrawNotReadyError(f"draw {reference} is {draw.state}, not drawn")
    proofs = _proofs(core, draw) if draw.format > 1 else {}
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is not DrawState.DRAWN:
            return draw
        if proofs is None:
            draw.waits_for = Waits.WITNESSES
            return draw
        draw.seed = seed_of(core, draw)
        draw.published_at, draw.waits_for = core.clock.now(), None
        draw.move_to(DrawState.PUBLISHED)
        add_files(session, draw, proofs or {SEED: draw.seed.hex().encode() + b"\n"})
        renew_chances(session)
        record(session, core, draw, "published", seed=draw.seed.hex())
        await_audit_in(session, draw)
        return draw


def files(core: Core, reference: str) -> dict[str, StoredFile]:
    """Return the files of a published draw by name, with their content, for everyone and for observers.

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
        return {name: file for name, file in stored_files(session, draw).items() if file.ring}


def _proofs(core: Core, draw: Draw) -> dict[str, bytes] | None:
    """Return the announcement and the proofs of all that the log says of a draw; None while one is not there."""
    sequence(core)
    ask_witnesses(core)
    found = {
        tables.ANNOUNCEMENT: proof(core, "announcement", draw.reference),
        tables.STATEMENT: statement_proof(core, draw.reference),
        tables.RESULT: proof(core, "result", draw.reference),
    }
    texts = {tables.PROOFS[name]: str(one).encode() for name, one in found.items() if one is not None}
    if len(texts) < len(found):
        return None
    return texts | {tables.ANNOUNCEMENT: entry_of(core, "announcement", draw.reference) + b"\n"}
