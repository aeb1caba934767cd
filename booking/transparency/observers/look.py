"""An observer reads a file of a draw: who, what and when is on record before the first byte leaves."""

from datetime import UTC, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.catalogue.views import FOR_OBSERVERS, published_in
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.published import PublishedFile
from booking.platform.base.errors import TooManyAttemptsError
from booking.platform.models import AuditEntry, Observer
from booking.platform.models.log import ObserverState
from booking.transparency.log.log import append_in
from booking.transparency.log.notes import NoteError
from booking.transparency.observers.keys import NotAnObserverError, ObserversClockError, SignedCall

LOOKED: Final = "observer.looked"
DRIFT: Final = timedelta(minutes=5)
"""How far an observer's clock and ours may be apart; as long, a call that somebody overheard could be made again."""
MOST_LOOKS: Final = 60
"""Of one observer within `WINDOW`: each is kept for ever."""
WINDOW: Final = timedelta(hours=1)


def look(core: Core, *, call: SignedCall, method: str, path: str, reference: str, name: str) -> PublishedFile:
    """Return a file of a published draw for an observer, once it is on record that they read it.

    Parameters
    ----------
    call
        Who says to have signed the call.
    method, path
        What was called; the address that was signed is the path below the settings' ``base_url``.

    Raises
    ------
    NotAnObserverError
        No observer whose right holds signed this call.
    ObserversClockError
        One did, and for a time that is more than `DRIFT` from ours.
    NotFoundError
        There is no such file, or not yet.
    TooManyAttemptsError
        The observer read `MOST_LOOKS` files within `WINDOW`.
    """
    with core.sessions.begin() as session:
        observer = _signer(session, core, call, method=method, path=path)
        file = published_in(session, core, reference, name, rings=FOR_OBSERVERS)
        _refuse_flood(session, core, observer)
        entry = audit.append(
            session,
            at=core.clock.now(),
            actor=f"observer {observer.name}",
            action=LOOKED,
            subject=str(observer.id),
            details={"reference": reference, "file": name},
        )
        at = entry.at.astimezone(UTC).isoformat()
        body = {"observer": observer.name, "reference": reference, "file": name, "at": at}
        append_in(session, "look", body, str(entry.sequence))
    return file


def _signer(session: Session, core: Core, call: SignedCall, *, method: str, path: str) -> Observer:
    """Return the observer who signed a call, and hold the row until the look is on record: an end waits for it.

    Nobody else can hold it: the signature comes first.
    """
    named = Observer.name == call.name, Observer.state == ObserverState.NAMED
    observer = session.scalar(select(Observer).where(*named))
    if observer is None:
        raise NotAnObserverError
    try:
        call.verify(observer.public_key, method=method, address=core.settings.base_url + path)
    except NoteError:
        raise NotAnObserverError from None
    session.refresh(observer, with_for_update=True)
    if observer.state_at(core.clock.now()) is not ObserverState.NAMED:
        raise NotAnObserverError
    if abs(core.clock.now().timestamp() - call.at) > DRIFT.total_seconds():
        raise ObserversClockError
    return observer


def _refuse_flood(session: Session, core: Core, observer: Observer) -> None:
    looks = session.scalars(
        select(AuditEntry.at)
        .where(
            AuditEntry.subject == str(observer.id),
            AuditEntry.action == LOOKED,
            AuditEntry.at > core.clock.now() - WINDOW,
        )
        .order_by(AuditEntry.at)
    ).all()
    if len(looks) >= MOST_LOOKS:
        raise TooManyAttemptsError(int((looks[0] + WINDOW - core.clock.now()).total_seconds()) + 1)
