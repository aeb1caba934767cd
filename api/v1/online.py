"""Services asked for online: cases with their answers and papers, the payment, the result, a check."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.deps import CoreDep
from api.incoming.upload_threads import in_own_threads
from api.v1.calls.files import DOCUMENTED, FileDep
from api.v1.calls.guards import Caller, ProgramOrigin, StoredReference
from api.v1.calls.once import Created, IdempotencyKey, once
from api.v1.calls.refusals import CREATES, INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import Code, Id, In, Out
from booking.country.core.core import Core
from booking.country.core.register import RegisterAwayError
from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.eservices.online.check import check_result, issuer_of, own_certificate
from booking.eservices.online.errors import AlreadyAskedError, NotEligibleError, NotOfferedError, TooManyDraftsError
from booking.eservices.online.issue import ThingTakenError
from booking.eservices.online.originals import choose_way
from booking.eservices.online.pay import begin_payment
from booking.eservices.online.rows import add_paper
from booking.eservices.online.send import send_case, withdraw_case
from booking.eservices.online.views import list_own, own_view
from booking.people.evidence.errors import EvidenceUnavailableError, UploadRunningError
from booking.people.identity.levels import IdentityLevelError
from booking.people.payments.provider import ProviderUnavailableError
from booking.people.prerequisites.standing import PrerequisiteMissingError
from booking.platform.base.errors import FieldError, IllegalMoveError, NotFoundError, PhoneNotConfirmedError
from booking.platform.models.online.case import OnlineState, OriginalsState, PaperWay

router = APIRouter(prefix="/online", tags=["online services"])

ONE_CASE: Final = (*SIGNED_IN, FieldError, NotFoundError)
MAY_NOT: Final = (IdentityLevelError, RegisterAwayError, NotEligibleError, PrerequisiteMissingError, NotOfferedError)

PaperCode = Annotated[Code, Path(description="Of the paper, as the service names it.")]


class CaseIn(In):
    """Which service, and for which member of the household."""

    service: Code
    person: Id


class AnswersIn(In):
    """Answers by the code of their question, in the types of the form; those that are not named stay."""

    answers: Annotated[dict[Annotated[str, StringConstraints(max_length=40)], Any], Field(max_length=100)]


class OriginalsIn(In):
    """How the original papers of somebody abroad reach which consulate."""

    way: Literal["visit", "post"]
    consulate: Code


class SubmissionIn(In):
    """That the answers are true and the service's conditions hold."""

    declared: bool


class CheckIn(In):
    """What the QR code of a document holds, or its number."""

    document: Annotated[str, StringConstraints(max_length=2000)]


class CaseOriginalsOut(Out):
    """Where the original papers are; ``last_day`` is the one on which posted ones still count."""

    way: PaperWay
    consulate: str
    state: OriginalsState
    last_day: date | None
    tracking: str | None


class CaseOut(Out):
    """A case. ``papers`` counts the files by paper, ``note`` is what an officer wrote, ``number`` the result's."""

    reference: str
    service: str
    state: OnlineState
    answers: dict[str, Any]
    papers: dict[str, int]
    amount: int | None
    currency: str | None
    note: str
    originals: CaseOriginalsOut | None
    due_on: date | None
    submitted_at: datetime | None
    number: str | None
    valid_from: date | None
    valid_until: date | None


class CaseLineOut(Out):
    """A case in a list."""

    reference: str
    service: str
    state: OnlineState


class CasesOut(Out):
    """The account's cases, the latest first."""

    cases: list[CaseLineOut]


class PaymentOut(Out):
    """Where the fee is paid."""

    address: str


class CheckedOut(Out):
    """How a document stands; ``issuer`` is who issued it; ``holder`` and ``rows`` only with the whole code."""

    standing: str
    service: str | None = None
    issuer: dict[str, str] | None = None
    number: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    holder: str | None = None
    rows: tuple[dict[str, str], ...] = ()


@router.get("/cases", responses=refusals(*SIGNED_IN))
def cases(core: CoreDep, caller: Caller) -> CasesOut:
    """List the account's cases."""
    return CasesOut(
        cases=[
            CaseLineOut(reference=one.case.reference, service=one.case.service.code, state=one.case.state)
            for one in list_own(core, caller.account_id)
        ]
    )


@router.post(
    "/cases",
    status_code=201,
    response_model=CaseOut,
    responses=refusals(*SIGNED_IN, *CREATES, NotFoundError, *MAY_NOT, PhoneNotConfirmedError, TooManyDraftsError),
)
def begin(body: CaseIn, key: IdempotencyKey, core: CoreDep, caller: Caller) -> Response:
    """Begin a case, or go on with the draft that there is."""

    def make() -> Created:
        reference = begin_case(core, account_id=caller.account_id, service=body.service, member_id=body.person)
        now = _out(core, caller, reference)
        return Created(now.model_dump(mode="json"), f"/api/v1/online/cases/{reference}")

    return once(core, scope=f"online:{caller.account_id}", key=key, content=body.model_dump(), make=make)


@router.get("/cases/{reference}", responses=refusals(*ONE_CASE))
def show(reference: StoredReference, core: CoreDep, caller: Caller) -> CaseOut:
    """Show a case."""
    return _out(core, caller, reference)


@router.put("/cases/{reference}/answers", responses=refusals(*ONE_CASE, *INPUT, IllegalMoveError))
def answer(reference: StoredReference, body: AnswersIn, core: CoreDep, caller: Caller) -> CaseOut:
    """Keep answers; all are kept or none."""
    keep_answers(core, account_id=caller.account_id, reference=reference, answers=body.answers)
    return _out(core, caller, reference)


@router.post(
    "/cases/{reference}/papers/{paper}",
    responses=refusals(*ONE_CASE, *INPUT, EvidenceUnavailableError, UploadRunningError),
    openapi_extra=DOCUMENTED,
)
@in_own_threads
def attach(
    *,
    reference: StoredReference,
    paper: PaperCode,
    content: FileDep,
    core: CoreDep,
    caller: Caller,
    origin: ProgramOrigin,
) -> CaseOut:
    """Attach a file, sent as it is, to a paper of the service; the same file again changes nothing."""
    add_paper(
        core,
        account_id=caller.account_id,
        reference=reference,
        document=paper,
        content=content,
        origin=origin,
    )
    return _out(core, caller, reference)


@router.put("/cases/{reference}/originals", responses=refusals(*ONE_CASE, *INPUT))
def choose_originals(reference: StoredReference, body: OriginalsIn, core: CoreDep, caller: Caller) -> CaseOut:
    """Choose how the original papers reach which consulate, for a service that asks people abroad for them."""
    choose_way(core, account_id=caller.account_id, reference=reference, way=body.way, consulate=body.consulate)
    return _out(core, caller, reference)


@router.post(
    "/cases/{reference}/submission",
    responses=refusals(*ONE_CASE, *INPUT, *MAY_NOT, AlreadyAskedError, ThingTakenError, IllegalMoveError),
)
def submit(reference: StoredReference, body: SubmissionIn, core: CoreDep, caller: Caller) -> CaseOut:
    """Send the case: to its agency, or to the payment where it costs something."""
    send_case(core, account_id=caller.account_id, reference=reference, declared=body.declared)
    return _out(core, caller, reference)


@router.post(
    "/cases/{reference}/payment",
    responses=refusals(*ONE_CASE, *NO_BODY, NotOfferedError, ProviderUnavailableError, IllegalMoveError),
)
def pay(reference: StoredReference, core: CoreDep, caller: Caller) -> PaymentOut:
    """Prepare the payment; asked again, it is the same one until that one has failed."""
    return PaymentOut(address=begin_payment(core, account_id=caller.account_id, reference=reference))


@router.post("/cases/{reference}/withdrawal", responses=refusals(*ONE_CASE, *NO_BODY, IllegalMoveError))
def withdraw(reference: StoredReference, core: CoreDep, caller: Caller) -> CaseOut:
    """Take the case back; a fee that was paid goes back."""
    withdraw_case(core, account_id=caller.account_id, reference=reference)
    return _out(core, caller, reference)


@router.get(
    "/cases/{reference}/result.pdf",
    response_class=Response,
    responses={**refusals(*ONE_CASE), 200: {"content": {"application/pdf": {}}}},
)
def result(reference: StoredReference, core: CoreDep, caller: Caller) -> Response:
    """Return the result on paper."""
    _, pdf = own_certificate(core, account_id=caller.account_id, reference=reference)
    return Response(pdf, media_type="application/pdf")


@router.post("/checks", responses=refusals(*INPUT))
def check(body: CheckIn, core: CoreDep, origin: ProgramOrigin) -> CheckedOut:
    """Check a document, without signing in."""
    checked = check_result(core, body.document, origin=origin)
    found, content = checked.result, checked.content
    rows, issuer = content.rows if content else (), issuer_of(core, checked)
    if found is None or checked.service is None:
        return CheckedOut(standing=checked.standing.value)
    return CheckedOut(
        standing=checked.standing.value,
        service=checked.service.code,
        issuer=dict(issuer.root) if issuer else None,
        number=found.number,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        holder=content.holder if content else None,
        rows=tuple({"code": row.code, "ar": row.value_ar, "en": row.value_en} for row in rows),
    )


def _out(core: Core, caller: Caller, reference: str) -> CaseOut:
    view = own_view(core, account_id=caller.account_id, reference=reference)
    case, due, issued, kept = view.case, view.due, view.result, view.originals
    papers: dict[str, int] = {}
    for one in view.papers:
        papers[one.document_code] = papers.get(one.document_code, 0) + 1
    return CaseOut(
        reference=case.reference,
        service=view.spec.code,
        state=case.state,
        answers=view.answers,
        papers=papers,
        amount=due.amount if due else None,
        currency=(due.currency or None) if due else None,
        note=case.note,
        originals=CaseOriginalsOut(
            way=kept.way,
            consulate=kept.office.code,
            state=kept.state,
            last_day=kept.last_day,
            tracking=kept.tracking or None,
        )
        if kept
        else None,
        due_on=case.due_on,
        submitted_at=case.submitted_at,
        number=issued.number if issued else None,
        valid_from=issued.valid_from if issued else None,
        valid_until=issued.valid_until if issued else None,
    )
