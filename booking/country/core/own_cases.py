"""Nobody decides a case of their own: the officer's person, household or phone, whichever login they have.

A phone that an account had before is its own too. Each function asks the database what its triggers ask again when the
decision is written: see `own_cases.sql` in `migrations/first/guards`, and `guards_0010.sql`.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Function, Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.orm import Session

from booking.platform.base.errors import OwnCaseError
from booking.platform.models import OnlineCase, ReviewCase


def refuse_own_request(session: Session, officer_id: UUID, request_id: UUID) -> None:
    """Refuse an officer whom a request is about, or who asked for it.

    Raises
    ------
    OwnCaseError
        The request is of the officer's own person, household or phone.
    """
    _refuse(session, func.is_own_request(officer_id, request_id))


def refuse_own_online_case(session: Session, officer_id: UUID, case: OnlineCase) -> None:
    """Refuse an officer whom an online case is about.

    Raises
    ------
    OwnCaseError
        The case is of the officer's own person, household or phone.
    """
    _refuse(session, func.is_own_online_case(officer_id, case.id))


def refuse_own_review_case(session: Session, officer_id: UUID, case: ReviewCase) -> None:
    """Refuse an officer whom a question is about, or whom it concerns.

    Raises
    ------
    OwnCaseError
        People or accounts of the question are the officer's own, or of their household or phone.
    """
    _refuse(session, func.is_own_review_case(officer_id, case.kind.value, _ids(case.subjects), _ids(case.concerns)))


def refuse_own_number(session: Session, officer_id: UUID, number_hash: bytes) -> None:
    """Refuse an officer to whose household a national number belongs, by its keyed hash.

    Raises
    ------
    OwnCaseError
        The person is of the officer's own household.
    """
    _refuse(session, func.is_own_number(officer_id, number_hash))


def refuse_own_exception(session: Session, officer_id: UUID, subject: bytes) -> None:
    """Refuse an officer whom an exception from rules is for, by the keyed hash of the person's number or phone.

    Raises
    ------
    OwnCaseError
        The exception is of the officer's own person, household or phone.
    """
    refuse_own_number(session, officer_id, subject)
    nobody = _ids(())
    _refuse(session, func.is_own(officer_id, nobody, nobody, cast([subject], ARRAY(BYTEA))))


def refuse_own_account(session: Session, officer_id: UUID, account_id: UUID) -> None:
    """Refuse an officer who holds an account, or shares its household or phone.

    Raises
    ------
    OwnCaseError
        The account is the officer's own, or of their household or phone.
    """
    nobody, no_phone = _ids(()), cast([], ARRAY(BYTEA))
    _refuse(session, func.is_own(officer_id, _ids((account_id,)), nobody, no_phone))


def _refuse(session: Session, own: Function[bool]) -> None:
    if session.scalar(select(own)):
        raise OwnCaseError


def _ids(ids: Sequence[UUID]) -> ColumnElement[Any]:
    return cast(list(ids), ARRAY(Uuid))
