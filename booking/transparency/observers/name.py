"""Who is an observer: one administrator proposes an organisation, another person agrees; each alone may end it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import (
    ChangeOverError,
    Permission,
    SecondAdministratorNeededError,
    may_be_second,
    require,
)
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Account, AuditEntry, Observer
from booking.platform.models.log import ObserverState
from booking.transparency.log.log import append_in
from booking.transparency.log.notes import ED25519, NoteError, VerifierKey
from booking.transparency.observers.keys import read_observer_key
from booking.transparency.observers.look import LOOKED

WAITS: Final = timedelta(days=7)
"""How long a proposal waits for a second administrator."""
LONGEST_NAME: Final = 120
_LIVE: Final = (ObserverState.PROPOSED, ObserverState.NAMED)


def propose(core: Core, *, by: UUID, organisation: str, key: str, last_day: str, reason: str) -> UUID:
    """Propose an organisation as an observer; return the proposal's id.

    Parameters
    ----------
    organisation
        How people call it.
    key
        Its public key as `VerifierKey.text` writes it, brought by somebody whom the administrator knows.
    last_day
        When its right ends by itself, in the country's time; "" for no such day.

    Raises
    ------
    InvalidInputError
        A field is unusable: there is no organisation, no reason or no such key, the last day is over, or an observer,
        or a proposal that waits, has the key or its name ("taken").
    ForbiddenError
        ``by`` is not an administrator.
    """
    now, observer_id = core.clock.now(), uuid4()
    proposed = _read(core, organisation=organisation, key=key, last_day=last_day, reason=reason)
    with core.sessions.begin() as session:
        administrator = require(session.get(Account, by), Permission.MANAGE_STAFF)
        _let_go_in(session, core)
        _refuse_taken(session, proposed.verifier)
        session.add(
            Observer(
                id=observer_id,
                name=proposed.verifier.name,
                organisation=proposed.organisation,
                public_key=proposed.verifier.key,
                until=proposed.until,
                reason=proposed.reason,
                proposed_by=administrator.id,
                proposed_at=now,
                expires_at=now + WAITS,
            )
        )
        about = {"observer": proposed.verifier.name, "key": proposed.verifier.text, "reason": proposed.reason}
        audit.record(session, core, administrator, "observer.proposed", str(observer_id), **about)
    return observer_id


def agree(core: Core, *, by: UUID, observer_id: UUID) -> None:
    """Name a proposed organisation, as a second administrator: from now on its key reads every file of a draw.

    Raises
    ------
    ForbiddenError
        ``by`` is not an administrator, or who proposed it is not one any more.
    SecondAdministratorNeededError
        The person ``by`` proposed it, with this account or another one.
    ChangeOverError
        It was decided, or waited for too long.
    NotFoundError
        There is no such proposal.
    """
    with core.sessions.begin() as session:
        administrator, observer = _open(session, core, by, observer_id)
        require(session.get(Account, observer.proposed_by), Permission.MANAGE_STAFF)
        if not may_be_second(session, core, by, observer.proposed_by):
            raise SecondAdministratorNeededError
        observer.decide(ObserverState.NAMED, at=core.clock.now(), by=by)
        _record(session, core, administrator, "observer.named", observer, proposed_by=str(observer.proposed_by))
        _log_in(session, core, observer, until=observer.until)


def refuse(core: Core, *, by: UUID, observer_id: UUID) -> None:
    """Refuse a proposal, or take one's own back: any administrator may, for nobody becomes an observer.

    Raises
    ------
    ForbiddenError
        ``by`` is not an administrator.
    ChangeOverError
        It was decided, or waited for too long.
    NotFoundError
        There is no such proposal.
    """
    with core.sessions.begin() as session:
        administrator, observer = _open(session, core, by, observer_id)
        observer.decide(ObserverState.REFUSED, at=core.clock.now(), by=by)
        _record(session, core, administrator, "observer.refused", observer)


def end(core: Core, *, by: UUID, observer_id: UUID, reason: str) -> None:
    """End an observer's right at once: one administrator may, for it takes away, and everybody can see it.

    Raises
    ------
    InvalidInputError
        There is no reason, or one that is too long.
    ForbiddenError
        ``by`` is not an administrator.
    ChangeOverError
        It is not an observer (any more).
    NotFoundError
        There is none.
    """
    reason = fields.words("reason", reason)
    with core.sessions.begin() as session:
        administrator, observer = _found(session, by, observer_id)
        if observer.state_at(core.clock.now()) is not ObserverState.NAMED:
            raise ChangeOverError
        observer.end(at=core.clock.now(), by=by, because=reason)
        _record(session, core, administrator, "observer.ended", observer, reason=reason)
        _log_in(session, core, observer, until=core.clock.now())


@dataclass(frozen=True, slots=True)
class _Proposed:
    organisation: str
    verifier: VerifierKey
    until: datetime | None
    reason: str


def _read(core: Core, *, organisation: str, key: str, last_day: str, reason: str) -> _Proposed:
    """Read the form of a proposal; raises InvalidInputError with all that is wrong with it."""
    errors: list[FieldError] = []
    organisation, until = organisation.strip(), None
    if not organisation or len(organisation) > LONGEST_NAME:
        errors.append(FieldError("organisation", "too_long" if organisation else "missing"))
    if last_day.strip():
        with fields.noted(errors):
            until = _end_of(core, fields.day("last_day", last_day))
    try:
        reason = fields.words("reason", reason)
    except InvalidInputError as error:
        errors.extend(error.errors)
    try:
        verifier = read_observer_key(key)
    except NoteError:
        raise InvalidInputError([FieldError("key", "invalid_value" if key.strip() else "missing"), *errors]) from None
    fields.raise_all(errors)
    return _Proposed(organisation, verifier, until, reason)


def _end_of(core: Core, day: date) -> datetime:
    zone = ZoneInfo(core.pack.country.time_zone)
    if day < core.today():
        raise FieldError("last_day", "past_day")
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _refuse_taken(session: Session, verifier: VerifierKey) -> None:
    same = or_(Observer.name == verifier.name, Observer.public_key == verifier.key)
    if session.scalar(select(Observer.id).where(Observer.state.in_(_LIVE), same).limit(1)) is not None:
        raise InvalidInputError([FieldError("key", "taken")])


def _let_go_in(session: Session, core: Core) -> None:
    """Free the names and keys of proposals that waited for too long, and of observers whose last day is over."""
    now = core.clock.now()
    over = or_(
        (Observer.state == ObserverState.PROPOSED) & (Observer.expires_at <= now),
        (Observer.state == ObserverState.NAMED) & (Observer.until <= now),
    )
    for observer in session.scalars(select(Observer).where(over).with_for_update(skip_locked=True)):
        observer.lapse(at=now)
    session.flush()


def _found(session: Session, by: UUID, observer_id: UUID) -> tuple[Account, Observer]:
    administrator = require(session.get(Account, by), Permission.MANAGE_STAFF)
    observer = session.get(Observer, observer_id, with_for_update=True)
    if observer is None:
        raise NotFoundError
    return administrator, observer


def _open(session: Session, core: Core, by: UUID, observer_id: UUID) -> tuple[Account, Observer]:
    administrator, observer = _found(session, by, observer_id)
    if observer.state_at(core.clock.now()) is not ObserverState.PROPOSED:
        raise ChangeOverError
    return administrator, observer


def _record(
    session: Session, core: Core, administrator: Account, action: str, observer: Observer, **details: str
) -> None:
    audit.record(session, core, administrator, action, str(observer.id), observer=observer.name, **details)


def _log_in(session: Session, core: Core, observer: Observer, *, until: datetime | None) -> None:
    """Tell everyone whose key reads draws, or does not any more from ``until`` on."""
    body = {
        "name": observer.name,
        "key": VerifierKey(observer.name, ED25519, observer.public_key).text,
        "until": until.astimezone(UTC).isoformat() if until else None,
        "at": core.clock.now().astimezone(UTC).isoformat(),
    }
    append_in(session, "observer", body, f"{observer.id}-{observer.state.value}")


MOST_LOOKS: Final = 100

_PROPOSER, _DECIDER = aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True)
class KnownObserver:
    """An organisation that is, was or may become an observer; ``state`` is where it stands at this moment.

    ``proposed_by`` and ``decided_by`` are user names, the last "" where nobody decided; ``key`` is the line that the
    organisation compares with its own.
    """

    id: UUID
    name: str
    organisation: str
    key: str
    state: ObserverState
    until: datetime | None
    reason: str
    proposed_by: str
    proposer_id: UUID
    decided_by: str
    decided_at: datetime | None
    ended_at: datetime | None
    ended_because: str


@dataclass(frozen=True, slots=True)
class Look:
    """That an observer read a file of a draw."""

    at: datetime
    reference: str
    file: str


def list_observers(core: Core) -> list[KnownObserver]:
    """List all that were ever proposed, those that wait or hold first, then the latest."""
    live = Observer.state.in_([ObserverState.PROPOSED, ObserverState.NAMED])
    with core.sessions() as session:
        rows = session.execute(_observers().order_by(~live, Observer.proposed_at.desc())).all()
    return [_observer(core, row) for row in rows]


def find_observer(core: Core, observer_id: UUID) -> KnownObserver:
    """Return one of them; raises NotFoundError."""
    with core.sessions() as session:
        row = session.execute(_observers().where(Observer.id == observer_id)).one_or_none()
    if row is None:
        raise NotFoundError
    return _observer(core, row)


def list_looks(core: Core, observer_id: UUID) -> list[Look]:
    """List what an observer read, the latest first, at most `MOST_LOOKS`."""
    looks = AuditEntry.subject == str(observer_id), AuditEntry.action == LOOKED
    with core.sessions() as session:
        entries: Sequence[AuditEntry] = session.scalars(
            select(AuditEntry).where(*looks).order_by(AuditEntry.sequence.desc()).limit(MOST_LOOKS)
        ).all()
    return [Look(entry.at, entry.details["reference"], entry.details["file"]) for entry in entries]


def _observers() -> Select[Observer, str, str]:
    return (
        select(Observer, _PROPOSER.username, func.coalesce(_DECIDER.username, ""))
        .join(_PROPOSER, _PROPOSER.id == Observer.proposed_by)
        .outerjoin(_DECIDER, _DECIDER.id == Observer.decided_by)
    )


def _observer(core: Core, row: Row[Observer, str, str]) -> KnownObserver:
    observer, proposer, decider = row
    return KnownObserver(
        id=observer.id,
        name=observer.name,
        organisation=observer.organisation,
        key=VerifierKey(observer.name, ED25519, observer.public_key).text,
        state=observer.state_at(core.clock.now()),
        until=observer.until,
        reason=observer.reason,
        proposed_by=proposer,
        proposer_id=observer.proposed_by,
        decided_by=decider,
        decided_at=observer.decided_at,
        ended_at=observer.ended_at,
        ended_because=observer.ended_because or "",
    )
