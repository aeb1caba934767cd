"""Places in status lists: one for each credential, drawn at random; and the end of credentials in them."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.eservices.credentials.bits import POSITIONS
from booking.eservices.credentials.documents import Document, Subject
from booking.platform.models import CredentialOffer, IssuedCredential

Given: TypeAlias = IssuedCredential | CredentialOffer
ACTION: Final = "wallet"
"""The limits of what brings a document one more place, or leads to it: files and offers."""
MOST_PLACES: Final = 12
"""Credentials of one document that have nothing in common; later ones share places with those from longest ago."""
_TRIES: Final = 8
"""So many places in a row are taken in a list that is about a third full: then another one begins."""


def of_subject(table: type[Given], subject: Subject) -> ColumnElement[bool]:
    """Return the condition that a row is of this result or appointment."""
    if subject.result_id is not None:
        return table.result_id == subject.result_id
    return table.appointment_id == subject.appointment_id


def end_given(session: Session, now: datetime, which: Callable[[type[Given]], ColumnElement[bool]]) -> None:
    """End credentials that were given out, and take back the offers of more, in the caller's transaction.

    Parameters
    ----------
    which
        Returns for each of both tables the condition that a row is meant.
    """
    session.execute(
        update(IssuedCredential)
        .where(which(IssuedCredential), IssuedCredential.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(delete(CredentialOffer).where(which(CredentialOffer)))


def take_place(session: Session, now: datetime, document: Document) -> tuple[int, int]:
    """Give a document, which is locked, one more place, or one of its own again that still says what is true."""
    usable = [of_subject(IssuedCredential, document.subject), IssuedCredential.ended_at.is_(None)]
    if document.since is not None:
        usable.append(IssuedCredential.issued_at > document.since)
    own = session.scalars(
        select(IssuedCredential)
        .where(*usable)
        .order_by(IssuedCredential.issued_at, IssuedCredential.list, IssuedCredential.position)
    ).all()
    if len(own) >= MOST_PLACES:
        own[0].issued_at = now
        session.flush()  # of several that are given at once, each is another one
        return own[0].list, own[0].position
    newest = session.scalar(select(func.max(IssuedCredential.list))) or 0
    whose = {"result_id": document.subject.result_id, "appointment_id": document.subject.appointment_id}
    while True:
        for _ in range(_TRIES):
            position = secrets.randbelow(POSITIONS)
            taken = (
                insert(IssuedCredential)
                .values(list=newest, position=position, issued_at=now, **whose)
                .on_conflict_do_nothing()
                .returning(IssuedCredential.position)
            )
            if session.scalar(taken) is not None:
                return newest, position
        newest += 1
