"""What officers find out about a request: that its place was offered for money, or that this was wrong."""

from uuid import UUID

from booking.antifraud.gate.labels import learn
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.own_cases import refuse_own_request
from booking.country.core.permissions import Permission, require
from booking.platform.base import fields
from booking.platform.models import Account
from booking.platform.models.states import LabelKind
from booking.scheduling.requests.rows import locked_request


def confirm_reselling(core: Core, *, officer_id: UUID, reference: str, resold: bool, note: str) -> None:
    """Keep that the place of a request was offered for money, or that such a report was wrong; on the record.

    Raises
    ------
    ForbiddenError
        The account is not an officer.
    OwnCaseError
        The request is of the officer's own person, household or phone.
    InvalidInputError
        There is no note, or one that is too long.
    NotFoundError
        There is no such request.
    """
    note = fields.words("note", note)
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.DECIDE_REVIEWS)
        request = locked_request(session, reference)
        refuse_own_request(session, officer_id, request.id)
        learn(
            session,
            core,
            request_id=request.id,
            kind=LabelKind.RESELLING,
            value=resold,
            source="officer",
            account_id=officer_id,
        )
        audit.record(
            session, core, officer, "reselling.confirmed" if resold else "reselling.disproved", reference, note=note
        )
