"""Online cases for tests: people who ask, officers of an agency, papers put where the converter would put them."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.packs.service import ServiceSpec
from booking.eservices.online import decide, officers
from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.eservices.online.originals import choose_way
from booking.eservices.online.pay import begin_payment
from booking.eservices.online.rows import case_spec, paper_store, read_answers_of, wanted_papers
from booking.eservices.online.send import send_case
from booking.people.payments.capture import take_webhook
from booking.people.payments.provider import SANDBOX, ProviderEvent, Sandbox
from booking.platform.models import CaseOriginals, IssuedResult, Message, Office, OnlineCase, OnlinePaper, Payment
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import EventKind, Outcome
from booking.platform.models.states import Door, Role
from tests.support.country import a_colleague, a_member, an_account
from tests.support.urgent_cases import a_photo

INSURANCE = "compulsory-car-insurance"
CLEARANCE = "clearance-certificate"
NOTE = "the second page cannot be read"


@dataclass(frozen=True)
class Asked:
    """A case with whose it is."""

    account: UUID
    member: int
    reference: str


def a_caseworker(core: Core, agency: str = "justice", role: Role = Role.CASEWORKER) -> UUID:
    """One more officer of an agency."""
    return a_colleague(core, role, agency=agency)


def valid_answers(core: Core, spec: ServiceSpec) -> dict[str, object]:
    """The example of a service's file, with days that can still be chosen."""
    answers = dict(spec.example)
    for field in spec.fields:
        if field.answer.format == "date" and field.code in answers:
            first = field.earliest_days if field.earliest_days is not None else 0
            last = field.latest_days if field.latest_days is not None else first
            answers[field.code] = (core.today() + timedelta(days=min(max(first, 0), last))).isoformat()
    return answers


def put_papers(core: Core, reference: str) -> None:
    """Give a case every paper that it needs; it takes no process of its own."""
    page = a_photo()
    with core.sessions.begin() as session:
        case = session.scalars(select(OnlineCase).where(OnlineCase.reference == reference)).one()
        for document in wanted_papers(case, case_spec(case), read_answers_of(core.vault, case)):
            paper = uuid4()
            paper_store(core).put(paper, 0, page)
            session.add(
                OnlinePaper(
                    id=paper,
                    case_id=case.id,
                    document_code=document.code,
                    sha256=sha256(paper.bytes).digest(),
                    media_type="image/jpeg",
                    size=len(page),
                    pages=1,
                    fingerprints=["0" * 16],
                    uploaded_by=case.account_id,
                    uploaded_at=core.clock.now(),
                )
            )


def a_filled_draft(
    core: Core,
    service: str = CLEARANCE,
    *,
    door: Door = Door.HOME,
    number: str | None = None,
    proven: bool = True,
    **answers: object,
) -> Asked:
    """A draft that could be sent, if its person is proven."""
    account = an_account(core, door=door)
    member = a_member(core, account, number=number, proven=proven)
    reference = begin_case(core, account_id=account, service=service, member_id=member)
    filled = valid_answers(core, core.pack.service(service)) | answers
    keep_answers(core, account_id=account, reference=reference, answers=filled)
    put_papers(core, reference)
    return Asked(account, member, reference)


def sent(core: Core, asked: Asked) -> OnlineState:
    """Send a case."""
    return send_case(core, account_id=asked.account, reference=asked.reference, declared=True).state


def pay(core: Core, asked: Asked) -> Outcome:
    """Pay what a case costs, as the provider tells it."""
    begin_payment(core, account_id=asked.account, reference=asked.reference)
    return tell(core, paid_event(core, asked.reference))


def paid_event(core: Core, case: str, /, **changes: object) -> ProviderEvent:
    """What the provider tells once a case's payment is made."""
    payment = payment_of(core, case)
    fields = {
        "event_id": f"{payment.reference}-paid",
        "kind": EventKind.PAID,
        "reference": payment.reference,
        "amount": payment.amount,
        "currency": payment.currency,
    }
    return ProviderEvent(**fields | changes)


def tell(core: Core, event: ProviderEvent) -> Outcome:
    """Send an event as the provider does, signed."""
    body, headers = Sandbox(core).signed(event)
    return take_webhook(core, provider=SANDBOX, body=body, headers=headers)


def payment_of(core: Core, reference: str) -> Payment:
    """The last payment of a case."""
    with core.sessions() as session:
        return session.scalars(
            select(Payment)
            .join(OnlineCase, OnlineCase.id == Payment.case_id)
            .where(OnlineCase.reference == reference)
            .order_by(Payment.created_at.desc())
            .limit(1)
        ).one()


def with_agency(core: Core, service: str = CLEARANCE, **answers: object) -> Asked:
    """A case that is sent and paid."""
    asked = a_filled_draft(core, service, **answers)
    if sent(core, asked) is OnlineState.AWAITING_PAYMENT:
        assert pay(core, asked) is Outcome.APPLIED
    return asked


def a_posted_case(core: Core, office: str) -> str:
    """A case whose papers an office waits for; give its reference."""
    a_caseworker(core, "foreign-affairs")
    asked = a_filled_draft(core, "document-legalisation", door=Door.ABROAD)
    choose_way(core, account_id=asked.account, reference=asked.reference, way="post", consulate="berlin")
    sent(core, asked)
    pay(core, asked)
    with core.sessions.begin() as session:
        office_id = session.scalars(select(Office.id).where(Office.code == office)).one()
        session.get_one(CaseOriginals, stored(core, asked.reference).id).office_id = office_id
    return asked.reference


def decided(core: Core, asked: Asked, officer: UUID) -> None:
    """Take a case and approve it."""
    officers.claim(core, officer_id=officer, reference=asked.reference)
    decide.approve(core, officer_id=officer, reference=asked.reference, reason="all_is_there", note="")


def stored(core: Core, reference: str) -> OnlineCase:
    """A case as it is stored."""
    with core.sessions() as session:
        return session.scalars(select(OnlineCase).where(OnlineCase.reference == reference)).one()


def result_of(core: Core, reference: str) -> IssuedResult:
    """The result of a case."""
    with core.sessions() as session:
        return session.scalars(
            select(IssuedResult)
            .join(OnlineCase, OnlineCase.id == IssuedResult.case_id)
            .where(OnlineCase.reference == reference)
        ).one()


def notices(core: Core, account: UUID) -> list[str]:
    """The kinds of notices that an account got."""
    with core.sessions() as session:
        return list(session.scalars(select(Message.kind).where(Message.account_id == account)))
