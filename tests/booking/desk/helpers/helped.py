"""A registered helper and the people whom it helps, for tests."""

import itertools
import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import select

from booking.country.core.core import Core
from booking.desk.helpers.ask import ask_for, give_consent
from booking.desk.helpers.clients import ask_consent
from booking.desk.helpers.papers import begin_paper, consent_store, send_paper
from booking.desk.helpers.register import register_helper
from booking.people.accounts.identity import Identity
from booking.platform.base.references import new_reference
from booking.platform.models import Account, Appointment, Consent, ConsentPaper, Helper, Request
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.states import AppointmentState, RequestState, Role
from booking.scheduling.requests.keep import Asked
from tests.support.country import BORN, a_colleague, a_wish, an_origin, eligible_number, last_secret, prove_household
from tests.support.urgent_cases import a_photo

CAPS = {"per_day": "30", "per_month": "400", "at_once": "10"}
_counter = itertools.count(1)


def a_helper(core: Core, *, by: UUID | None = None, office: str = "damascus", **caps: object) -> UUID:
    """One more registered helper; the account's id."""
    n = next(_counter)
    helper_id = register_helper(
        core,
        by=by or a_colleague(core, Role.SUPERVISOR, office=office),
        username=f"shop-{n}-{secrets.token_hex(3)}",
        phone=f"+9639550{n:05d}",
        organisation="مكتبة الياسمين",
        licence=f"D-{n}-{secrets.token_hex(3)}",
        office_code=office,
        caps=CAPS | {name: str(value) for name, value in caps.items()},
        language="ar",
    )
    with core.sessions() as session:
        return session.get_one(Helper, helper_id).account_id


def helper_id_of(core: Core, account_id: UUID) -> UUID:
    """The helper of an account."""
    with core.sessions() as session:
        return session.scalars(select(Helper.id).where(Helper.account_id == account_id)).one()


def a_person(
    core: Core,
    by: UUID,
    *,
    phone: str | None = None,
    number: str | None = None,
    proven: bool = True,
    **changes: object,
) -> UUID:
    """Somebody, proven unless told otherwise, whose consent the helper asks for; the consent's id."""
    n = next(_counter)
    fields = {
        "name": "سعاد الخيالية",
        "national_number": number or eligible_number(core),
        "birth_date": BORN,
        "phone": phone or f"+9639660{n:05d}",
        "language": "ar",
        "origin": an_origin("the shop's computer"),
    }
    consent = ask_consent(core, by=by, **fields | changes)
    if proven:
        prove_household(core, owner_of(core, consent).id)
    return consent


def owner_of(core: Core, consent_id: UUID) -> Account:
    """The account of the helped person."""
    with core.sessions() as session:
        return session.get_one(Account, session.get_one(Consent, consent_id).account_id)


def code_of(core: Core, consent_id: UUID, kind: str = "helper_consent") -> str:
    """The last code that the person got."""
    return last_secret(core, owner_of(core, consent_id).id, kind)


def agreed(core: Core, by: UUID, **changes: object) -> UUID:
    """Somebody who agreed; the consent's id."""
    consent = a_person(core, by, **changes)
    give_consent(core, by=by, consent_id=consent, code=code_of(core, consent))
    return consent


def ask_it(core: Core, by: UUID, consent: UUID) -> Asked:
    """Ask for a renewal with a consent."""
    return ask_for(core, by=by, consent_id=consent, wish=a_wish(()), origin=an_origin("the shop's computer"))


def on_paper(core: Core, by: UUID, *, number: str | None = None) -> UUID:
    """Somebody without a phone, for whom the form can be printed; the consent's id."""
    person = Identity("سعاد الخيالية", number or eligible_number(core), BORN)
    consent = begin_paper(core, by=by, person=person, origin=an_origin("the shop's computer"))
    prove_household(core, owner_of(core, consent).id)
    return consent


def photographed(core: Core, by: UUID, consent: UUID, content: bytes | None = None) -> None:
    """Send a photo of the signed form, another one each time."""
    shade = next(_counter) % 250
    photo = a_photo(shade, (61, 40 + shade)) if content is None else content
    send_paper(core, by=by, consent_id=consent, content=photo, origin=an_origin("the shop's computer"))


def signed(core: Core, by: UUID, *, number: str | None = None) -> UUID:
    """Somebody without a phone whose signed form is there, put where the converter would put it; the consent's id."""
    consent, paper, page = on_paper(core, by, number=number), uuid4(), a_photo()
    consent_store(core).put(paper, 0, page)
    with core.sessions.begin() as session:
        row = session.get_one(Consent, consent)
        row.move_to(ConsentState.GIVEN)
        row.given_at = core.clock.now()
        session.add(
            ConsentPaper(
                id=paper,
                consent_id=consent,
                sha256=sha256(paper.bytes).digest(),
                media_type="image/jpeg",
                size=len(page),
                pages=1,
                uploaded_at=core.clock.now(),
            )
        )
    return consent


def an_offer(core: Core, reference: str) -> str:
    """Offer a place to a request, for three days from now; the appointment's reference."""
    now = core.clock.now()
    with core.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
        request.state = RequestState.DRAWN
        starts_at = now + timedelta(days=10)
        appointment = Appointment(
            reference=new_reference(),
            request=request,
            office_id=request.offices[0].office_id,
            state=AppointmentState.OFFERED,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=15),
            confirm_by=now + timedelta(days=3),
            created_at=now,
        )
        session.add(appointment)
        return appointment.reference
