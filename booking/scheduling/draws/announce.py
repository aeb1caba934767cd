"""A draw before anybody is drawn: announced with a commitment to its seed, opened, or given up for a stated reason."""

import re
import secrets
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from allocation import lottery
from booking.country.core.core import Core
from booking.platform.base.drawing_agreed import CLOSING
from booking.platform.base.errors import DrawNotReadyError, FieldError, InvalidInputError
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws.progress import end_progress
from booking.scheduling.draws.rows import ABOUT_SEED, locked, patient, record, require_format, wait_for
from booking.scheduling.draws.statement import announced_facts
from booking.scheduling.draws.turns import take_back
from booking.transparency.beacons.choose import terms
from booking.transparency.log.entries import instant
from booking.transparency.log.log import append_in, sequence
from booking.transparency.log.witnesses import promised

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
