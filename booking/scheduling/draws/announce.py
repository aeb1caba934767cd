"""A draw before anybody is drawn: announced with a commitment to its seed, opened, or given up for a stated reason."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, exists, insert, select, text
from sqlalchemy.orm import Session

from allocation import lottery
from booking.country.catalogue.views import content_in, parts_of
from booking.country.core import audit
from booking.country.core.core import Core
from booking.platform.base.copied import NULL, copy_lines
from booking.platform.base.drawing_agreed import CLOSING
from booking.platform.base.errors import DrawNotReadyError, FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Draw, DrawFile, DrawFilePart, LogEntry
from booking.platform.models.requests.draw import Ring
from booking.platform.models.states import DrawState
from booking.scheduling.draws import files as format1
from booking.scheduling.draws.format2 import tables
from booking.scheduling.draws.formats import DamagedFileError, digest
from booking.scheduling.draws.freeze import Participant
from booking.scheduling.draws.progress import end_progress
from booking.scheduling.draws.statement import announced_facts
from booking.scheduling.draws.turns import link_cells, take_back
from booking.transparency.beacons.choose import terms
from booking.transparency.log.entries import instant
from booking.transparency.log.log import append_in, sequence
from booking.transparency.log.witnesses import promised

_ROW: Final = (
    *("leaf_index", "request_id", "person_draw_id", "priority", "link_draw", "link_list", "link_row"),
    *("gained", "credited", "lasting"),
)
_NO_TURN: Final = "\t".join([NULL] * 3)
_TABLE: Final = text(
    """
    CREATE TEMPORARY TABLE entering (
        leaf_index integer, request_id uuid, person_draw_id bytea, priority smallint, link_draw text, link_list text,
        link_row integer, gained smallint, credited smallint, lasting smallint
    ) ON COMMIT DROP
    """
)
_BIND: Final = text(
    """
    UPDATE request
    SET draw_id = :draw, link_draw = :reference, link_list = 'line', link_row = leaf.leaf_index,
        lost_draws = lost_draws + coalesce(leaf.gained, 0), lasting_draws = lasting_draws + coalesce(leaf.lasting, 0),
        resting_draws = CASE WHEN leaf.gained IS NULL THEN resting_draws ELSE 0 END,
        owed_turns = owed_turns - coalesce(leaf.credited, 0)
    FROM (SELECT * FROM entering ORDER BY request_id OFFSET 0) leaf
    WHERE request.id = ANY (ARRAY(SELECT request_id FROM entering)) AND request.id = leaf.request_id
    """
)
"""Each is found by its key, and locked by its update alone, in the order of their keys; who would lock two of them in
another order is undone by the database and tried again, as this is."""
_ENTER: Final = text(
    """
    INSERT INTO draw_entry (
        draw_id, request_id, leaf_index, person_draw_id, priority, link_draw, link_list, link_row, explanation
    )
    SELECT :draw, request_id, leaf_index, person_draw_id, priority, link_draw, link_list, link_row, '{}'
    FROM entering ORDER BY leaf_index
    """
)


def enter(session: Session, draw: Draw, first: int, entrants: Sequence[Participant]) -> None:
    """Write who takes part, a run of the line from its leaf ``first`` on; their turns follow from these rows.

    The turns that the draw put on record beside the line are there already
    (`booking.scheduling.draws.turns.add_turns`).
    """
    session.execute(_TABLE)
    copy_lines(session, "entering", _ROW, _lines(first, entrants))
    session.execute(_BIND, {"draw": draw.id, "reference": draw.reference})
    session.execute(_ENTER, {"draw": draw.id})


def _lines(first: int, entrants: Sequence[Participant]) -> Iterator[str]:
    for leaf, each in enumerate(entrants, first):
        written, turn = each.written, each.turn
        changes = f"{turn.gained}\t{turn.credited}\t{turn.lasting}" if turn else _NO_TURN
        yield (
            f"{leaf}\t{each.request_id.hex}\t\\\\x{written.person.hex()}\t{written.priority}\t{link_cells(each.link)}\t"
            f"{changes}\n"
        )


ACTOR: Final = "draw"
PLACES: Final = "places.tree"
"""The hashes of the tree over the places, level by level from the leaves up, so that one path is read at once."""
_MEDIA_TYPES: Final = {**format1.MEDIA_TYPES, **tables.MEDIA_TYPES, PLACES: "application/octet-stream"}
ABOUT_SEED: Final = "draw seed"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a draw, whole."""

    ring: Ring
    sha256: str
    content: bytes


def found(session: Session, reference: str) -> Draw:
    """Return a draw; raises NotFoundError."""
    draw = session.scalar(select(Draw).where(Draw.reference == reference))
    if draw is None:
        raise NotFoundError(f"no draw {reference}")
    return draw


def locked(session: Session, reference: str) -> Draw:
    """Return a draw, locked until commit; raises NotFoundError."""
    draw = session.scalar(select(Draw).where(Draw.reference == reference).with_for_update())
    if draw is None:
        raise NotFoundError(f"no draw {reference}")
    return draw


def require_format(session: Session, draw: Draw) -> None:
    """Refuse a draw that says it is of format 1, which is in no log, though the log announces it.

    Raises
    ------
    DamagedFileError
        Somebody wrote that into the database, to be rid of the log.
    """
    if draw.format == 1 and session.scalar(_past_the_log().where(Draw.id == draw.id)) is not None:
        raise DamagedFileError(f"draw {draw.reference} is in the log, and cannot be of format 1")


def list_past_the_log(core: Core) -> list[str]:
    """List the draws that `require_format` refuses."""
    with core.sessions() as session:
        return list(session.scalars(_past_the_log().order_by(Draw.reference)))


def _past_the_log() -> Select[str]:
    announced = exists().where(LogEntry.kind == "announcement", LogEntry.key == Draw.reference)
    return select(Draw.reference).where(Draw.format == 1, announced)


def add_files(session: Session, draw: Draw, contents: Mapping[str, bytes], *, ring: Ring | None = None) -> None:
    """Write files of a draw, each with its hash and the ring of those who may see it, a part of a large one at a time.

    ``ring``: where it is another one than names say.
    """
    for name, content in contents.items():
        (_, begin), *parts = parts_of(content)
        about = {"media_type": _MEDIA_TYPES[name], "size": len(content), "sha256": digest(content)}
        seen_by = (_ring(name) if draw.format > 1 else Ring.EVERYONE) if ring is None else ring
        session.execute(
            insert(DrawFile).values(draw_id=draw.id, name=name, ring=seen_by, content=bytes(begin), **about)
        )
        for start, part in parts:
            session.execute(insert(DrawFilePart).values(draw_id=draw.id, name=name, start=start, content=bytes(part)))


def _ring(name: str) -> Ring:
    if name in tables.FOR_OBSERVERS:
        return Ring.OBSERVERS
    return Ring.EVERYONE if name in (*tables.FOR_EVERYONE, tables.AUDIT) else Ring.NOBODY


def in_the_log(file: bytes) -> dict[str, Any]:
    """Return what an entry's file says beside its type, as the log takes it."""
    entry: dict[str, Any] = json.loads(file)
    del entry["type"]
    return entry


def stored_files(session: Session, draw: Draw, only: Sequence[str] = ()) -> dict[str, StoredFile]:
    """Return the files of a draw by name, with their content; where some are named, those of them that are there."""
    wanted = select(DrawFile.name, DrawFile.ring, DrawFile.sha256).where(DrawFile.draw_id == draw.id)
    if only:
        wanted = wanted.where(DrawFile.name.in_(only))
    found = session.execute(wanted.order_by(DrawFile.name)).all()
    return {name: StoredFile(Ring(ring), sha256, content_in(session, draw.id, name)) for name, ring, sha256 in found}


def record(session: Session, core: Core, draw: Draw, step: str, **details: str | int) -> None:
    """Append a step to the audit log."""
    audit.append(
        session, at=core.clock.now(), actor=ACTOR, action=f"draw.{step}", subject=draw.reference, details=dict(details)
    )


def patient(session: Session) -> None:
    """Let the statements of this transaction take minutes, and memory to join in: they go over everyone in a draw."""
    session.execute(text("SET LOCAL statement_timeout = '20min'; SET LOCAL work_mem = '256MB'"))


def wait_for(core: Core, at: datetime, words: str) -> None:
    """Raise DrawNotReadyError, with these words, before an instant."""
    if core.clock.now() < at:
        raise DrawNotReadyError(words)


def seed_of(core: Core, draw: Draw) -> bytes:
    """Return the committed seed; raises DamagedFileError where it is another one."""
    seed = bytes.fromhex(core.vault.decrypt(draw.seed_ciphertext, ABOUT_SEED))
    return committed(draw, seed, draw.seed_commitment)


def committed(draw: Draw, seed: bytes | None, commitment: bytes) -> bytes:
    """Return a seed of a draw; raises DamagedFileError where it is not the one that the commitment is to."""
    if seed is None or not lottery.keeps_commitment(seed, commitment):
        raise DamagedFileError(f"the seed of draw {draw.reference} is not the committed one")
    return seed


SEED_BYTES: Final = 32
LONGEST_HORIZON: Final = timedelta(days=366)
LONGEST_REASON: Final = 200
FORMAT: Final = 2
"""Of the files of a new draw."""
_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{1,24}")


def announce(
    core: Core,
    *,
    reference: str,
    opens_at: datetime,
    closes_at: datetime,
    horizon_first: date,
    horizon_last: date,
    again: str | None = None,
    reason: str | None = None,
) -> Draw:
    """Announce a draw over the days of a horizon, commit to its seed, and say in the log which beacon will decide it.

    Parameters
    ----------
    reference
        Public name: letters, digits and dashes, at most 24.
    again
        The abandoned draw that this one replaces.
    reason
        Why, for everyone to read; where none is given, the reason for which it was abandoned.

    Raises
    ------
    InvalidInputError
        The reference is used or unusable, the draw would close before it opens or in the past, or the horizon
        begins before the closing, ends before it begins, or is longer than a year; it would replace a draw that is
        not abandoned, or the reason is no text of at most 200 characters.
    """
    now = core.clock.now()
    errors = []
    if not _REFERENCE.fullmatch(reference):
        errors.append(FieldError("reference", "reference_misread"))
    if closes_at <= max(opens_at, now):
        errors.append(FieldError("closes_at", "closes_too_early"))
    if not closes_at.date() <= horizon_first <= horizon_last or horizon_last - horizon_first > LONGEST_HORIZON:
        errors.append(FieldError("horizon_last", "horizon_in_wrong_order"))
    if errors:
        raise InvalidInputError(errors)
    seed, beacon = secrets.token_bytes(SEED_BYTES), terms(core, closes_at)
    with core.sessions.begin() as session:
        if session.scalar(select(Draw.id).where(Draw.reference == reference)) is not None:
            raise InvalidInputError([FieldError("reference", "draw_exists")])
        replaced = _replaced(session, again, reason)
        draw = Draw(
            reference=reference,
            state=DrawState.ANNOUNCED,
            opens_at=opens_at,
            closes_at=closes_at,
            horizon_first=horizon_first,
            horizon_last=horizon_last,
            confirm_seconds=int(core.settings.confirm_within.total_seconds()),
            seed_commitment=lottery.commitment(seed),
            seed_ciphertext=core.vault.encrypt(seed.hex(), ABOUT_SEED),
            figures={},
            format=FORMAT,
            beacon=beacon,
            announced_at=now,
            again_of=replaced[0] if replaced else None,
            again_reason=replaced[1] if replaced else None,
        )
        session.add(draw)
        append_in(session, "announcement", _announcement(core, draw), reference)
        record(session, core, draw, "announced", seed_commitment=draw.seed_commitment.hex())
    sequence(core)  # what was promised is in the log before anybody asks
    return draw


def open_draw(core: Core, reference: str) -> Draw:
    """Open an announced draw; raises DrawNotReadyError before its time."""
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state is DrawState.ANNOUNCED:
            wait_for(core, draw.opens_at, f"draw {reference} opens at {draw.opens_at.isoformat()}")
            draw.move_to(DrawState.OPEN)
            record(session, core, draw, "opened")
        return draw


def abandon(core: Core, reference: str, *, reason: str, by: str) -> Draw:
    """Give a draw up before it has a result, for a reason that everyone reads; who took part waits on.

    Nobody has lost a draw by it, and the turns that its closing put on record are owed again. Abandoning it again
    changes nothing.

    Parameters
    ----------
    by
        Who does it, for the audit log.

    Raises
    ------
    InvalidInputError
        The reason is no text of at most 200 characters.
    DrawNotReadyError
        The draw has a result already.
    booking.scheduling.draws.formats.DamagedFileError
        It passes the log by.
    NotFoundError
        There is no such draw.
    """
    reason = _read_reason(reason)
    with core.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOSING})
        draw = locked(session, reference)
        if draw.state is DrawState.ABANDONED:
            return draw
        if draw.drawn_at is not None:
            raise DrawNotReadyError(f"draw {reference} is {draw.state}: it has a result")
        require_format(session, draw)
        was = draw.state
        if was is not DrawState.ANNOUNCED:  # an open one may have been left in the middle of its closing
            patient(session)
            take_back(session, draw)
            end_progress(session, draw)
        draw.reason, draw.abandoned_at, draw.waits_for = reason, core.clock.now(), None
        draw.move_to(DrawState.ABANDONED)
        if draw.format > 1:
            given_up = {"reference": reference, "reason": reason, "at": instant(draw.abandoned_at)}
            append_in(session, "abandoned", given_up, reference)
        record(session, core, draw, "abandoned", by=by, was=was.value, reason=reason)
        return draw


def _announcement(core: Core, draw: Draw) -> dict[str, Any]:
    """Return what the log says of an announced draw."""
    again = {"of": draw.again_of, "reason": draw.again_reason} if draw.again_of else None
    return announced_facts(draw) | promised(core, draw.announced_at) | {"again": again}


def _replaced(session: Session, again: str | None, reason: str | None) -> tuple[str, str] | None:
    """Return the abandoned draw that is announced again and why; raises InvalidInputError."""
    if again is None:
        return None
    old = session.scalar(select(Draw).where(Draw.reference == again, Draw.state == DrawState.ABANDONED))
    if old is None:
        raise InvalidInputError([FieldError("again", "draw_not_abandoned")])
    return old.reference, _read_reason(reason or old.reason or "")


def _read_reason(reason: str) -> str:
    """Return a reason that can stand in the log; raises InvalidInputError."""
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise InvalidInputError([FieldError("reason", "too_long" if reason else "missing", max=LONGEST_REASON)])
    return reason
