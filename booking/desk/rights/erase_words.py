"""The later steps of forgetting an account: what was written in words, and the keyed hashes of where it came from."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.eservices.online.rows import seal_answers
from booking.platform.models import Account, Appeal, OnlineCase, Outcome, Request, UrgentRequest, Verdict


def erase_words(session: Session, core: Core, account: Account) -> None:
    """Empty the words of appeals and urgent cases, the answers of online cases, and notes that can be changed."""
    mine = select(Request.id).where(Request.account_id == account.id)
    session.execute(update(Appeal).where(Appeal.request_id.in_(mine)).values(words=""))
    session.execute(update(Verdict).where(Verdict.request_id.in_(mine)).values(note=""))
    session.execute(
        update(UrgentRequest).where(UrgentRequest.account_id == account.id).values(words="", evidence_note="")
    )
    for case in session.scalars(
        select(OnlineCase).where(OnlineCase.account_id == account.id).with_for_update(of=OnlineCase)
    ):
        case.answers, case.note = seal_answers(core.vault, case.id, {}), ""


def erase_traces(session: Session, _core: Core, account: Account) -> None:
    """Empty the keyed hashes of devices, networks and phones in requests and in how appointments ended."""
    session.execute(
        update(Request)
        .where(Request.account_id == account.id)
        .values(device_hash=b"", network_hash=b"", phone_hash=b"")
    )
    session.execute(update(Outcome).where(Outcome.account_id == account.id).values(device_hash=b"", phone_hash=b""))
