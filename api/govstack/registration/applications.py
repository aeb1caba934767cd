"""Application files: one's own cases of services that are asked for online."""

import re
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from api.deps import CoreDep
from api.govstack.calls import Part, only_these, understood, written
from api.incoming.bodies import JSON, reads
from api.v1.calls.guards import Caller
from booking.country.core.core import Core
from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.eservices.online.views import CaseLine, list_own, own_view
from booking.people.accounts.household import list_members
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.references import read_reference
from booking.platform.models import OnlineCase
from booking.platform.models.online.case import OnlineState

FILTERS: Final = ("serviceId", "applicantId")
PAGING: Final = ("firstResult", "maxResult", "sortBy", "sortOrder")
_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_STATUS: Final = {
    OnlineState.NEEDS_MORE: "SENDBACK",
    OnlineState.APPROVED: "APPROVED",
    OnlineState.ISSUED: "APPROVED",
    OnlineState.EXPIRED: "APPROVED",
    OnlineState.REFUSED: "REJECTED",
    OnlineState.REVOKED: "REJECTED",
    OnlineState.WITHDRAWN: "REJECTED",
    OnlineState.LAPSED: "REJECTED",
}
"""GovStack has four words where we have thirteen states; ours is the status's title. All others are PENDING."""


class FormData(Part):
    """Answers by the code of their question, in the types of the form."""

    data: dict[str, Any]
    eFormId: str | None = None  # noqa: N815 - GovStack's own name


class Submitted(Part):
    """For whom, and the answers; papers come to the case by themselves."""

    NO_WORD: ClassVar[frozenset[str]] = frozenset({"applicationName", "created", "documentUrls"})

    applicantId: str  # noqa: N815 - GovStack's own name
    formData: FormData | None = None  # noqa: N815 - the same


@reads(JSON)
async def submitted(request: Request, _caller: Caller) -> Submitted:
    """Read what is submitted."""
    return understood(Submitted, (await request.body()).decode(), "body")


def create(
    *,
    request: Request,
    serviceId: str,  # noqa: N803 - GovStack's own name
    body: Annotated[Submitted, Depends(submitted)],
    core: CoreDep,
    caller: Caller,
) -> dict[str, Any]:
    """Begin a case for somebody of the household and keep the answers; it stays a draft until its owner sends it.

    Sending it takes the owner's declaration and the papers, for which this interface has no fields.
    """
    only_these(request)
    if body.formData is not None and body.formData.eFormId not in {None, serviceId}:
        raise FieldError("body.formData.eFormId", "invalid_value")
    person = int(body.applicantId) if _NUMBER.fullmatch(body.applicantId) else 0
    reference = begin_case(core, account_id=caller.account_id, service=serviceId, member_id=person)
    if body.formData is not None:
        keep_answers(core, account_id=caller.account_id, reference=reference, answers=body.formData.data)
    return _file(core, caller, reference)


def applications(request: Request, core: CoreDep, caller: Caller) -> list[dict[str, Any]]:
    """List the account's cases, the latest first unless ``sortOrder`` is asc."""
    only_these(request, *FILTERS, *PAGING)
    query = request.query_params
    if query.get("sortBy", "created") != "created":
        raise FieldError("sortBy", "invalid_value")
    if query.get("sortOrder", "desc") not in {"asc", "desc"}:
        raise FieldError("sortOrder", "invalid_value")
    first, most = _number(request, "firstResult"), _number(request, "maxResult")
    ids = _applicants(core, caller)
    found = [_line(line, ids) for line in list_own(core, caller.account_id)]
    if query.get("sortOrder") == "asc":
        found.reverse()
    found = [one for one in found if all(query.get(name, one[name]) == one[name] for name in FILTERS)]
    begin = first or 0
    return found[begin : None if most is None else begin + most]


def application(
    request: Request,
    fileId: str,  # noqa: N803 - GovStack's own name
    core: CoreDep,
    caller: Caller,
) -> dict[str, Any]:
    """Show a case."""
    only_these(request)
    try:
        reference = read_reference(fileId)
    except FieldError:
        raise NotFoundError from None
    return _file(core, caller, reference)


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise FieldError(name, "unreadable")
    return int(text)


def _status(state: OnlineState) -> dict[str, str]:
    return {"code": _STATUS.get(state, "PENDING"), "title": state.value}


def _applicants(core: Core, caller: Caller) -> dict[UUID, str]:
    """Return how the people of the household are called here; who left it has no name."""
    return {person.person_id: str(person.id) for person in list_members(core, account_id=caller.account_id)}


def _line(line: CaseLine, ids: dict[UUID, str]) -> dict[str, Any]:
    case = line.case
    common = _common(case, case.service.code, case.service.name_en)
    return common | {"name": case.service.name_en, "applicantId": ids.get(case.person_id, "")}


def _common(case: OnlineCase, code: str, name: str) -> dict[str, Any]:
    sent = {"registered": written(case.submitted_at)} if case.submitted_at else {}
    return {
        "fileId": case.reference,
        "serviceId": code,
        "serviceName": name,
        "status": _status(case.state),
    } | sent


def _file(core: Core, caller: Caller, reference: str) -> dict[str, Any]:
    view = own_view(core, account_id=caller.account_id, reference=reference)
    applicant = _applicants(core, caller).get(view.case.person_id, "")
    form = {"data": dict(view.answers), "eFormId": view.spec.code}
    return _common(view.case, view.spec.code, view.spec.name["en"]) | {
        "ended": view.case.closed_at is not None,
        "applicationData": {"applicantId": applicant, "formData": form},
    }
