"""Services: what can be asked for, what is needed for it, and a search by words. The same for everyone."""

from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.caching import CATALOGUE_SECONDS, public
from api.v1.calls.refusals import refusals
from api.v1.calls.values import Bilingual, Code, DoorWord, LanguageCode, Out, bilingual
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.packs.service import ServiceSpec
from booking.country.packs.service_form import form_schema
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Service
from booking.platform.models.states import Door
from booking.platform.search.spelling import LONGEST_SEARCH

router = APIRouter(prefix="/services", tags=["catalogue"])
OutT = TypeVar("OutT", bound=Out)


class WhenOut(Out):
    """Only where the question ``field`` of the form has one of these answers."""

    field: str
    answers: list[str]


class DocumentOut(Out):
    """A paper to bring or attach; ``residence`` says that only residents or only expatriates need it."""

    code: str
    name: Bilingual
    note: Bilingual | None
    residence: Literal["resident", "expatriate"] | None
    required: bool = True
    when: WhenOut | None = None


class FeeOut(Out):
    """An amount to pay, per person, in whole units of a currency, for ``each`` of what a question counts."""

    code: str
    name: Bilingual
    residence: Literal["resident", "expatriate"]
    amount: str
    currency: str
    each: str | None = None
    when: WhenOut | None = None


class PrerequisiteOut(Out):
    """What must be there first: the result of another ``service``, or a condition in words (``name``)."""

    code: str
    service: str | None
    name: Bilingual | None
    note: Bilingual | None
    valid: Literal["when-asking", "on-the-day"]
    not_older_than_days: int | None
    when: WhenOut | None = None


class ResultOut(Out):
    """What the person gets, and for how many days it is valid."""

    kind: Literal["certificate", "policy", "appointment", "none"]
    name: Bilingual
    valid_days: int | None


class NamedOut(Out):
    """Something with a name."""

    name: Bilingual


class OriginalsAtOut(Out):
    """A consulate with a rule of its own."""

    consulate: str
    by: Literal["visit", "post", "either"]


class OriginalsOut(Out):
    """Papers that people abroad must also show themselves; posted ones must arrive within ``days``."""

    by: Literal["visit", "post", "either"]
    papers: list[NamedOut]
    days: int
    sent_back: bool
    except_at: list[OriginalsAtOut]


class ServiceReasonOut(Out):
    """Why a valid passport is replaced, and what the counter will ask for."""

    code: str
    name: Bilingual
    evidence: Bilingual


class ServiceOut(Out):
    """A service. A person has one live request among the services of an ``exclusive_group``.

    What is only done "online" takes no minutes at a counter. ``processing_days`` are working days, null where the
    service is not done online.
    """

    code: str
    group: str
    agency: str
    name: Bilingual
    description: Bilingual
    audience: Literal["resident", "expatriate", "both"]
    delivery: Literal["appointment", "online", "both"]
    processing_days: int | None
    exclusive_group: str
    minutes: int
    maximum_wait_days: int
    max_party: int
    min_age: int | None
    max_age: int | None
    gender: Literal["female", "male"] | None
    needs_reason: Literal["never", "long-valid", "always"]
    reasons: list[ServiceReasonOut]
    conditions: list[NamedOut]
    documents: list[DocumentOut]
    originals: OriginalsOut | None
    fees: list[FeeOut]
    prerequisites: list[PrerequisiteOut]
    result: ResultOut
    legal: list[NamedOut]


class ServicesOut(Out):
    """The services that can be asked for."""

    services: list[ServiceOut]


class FormOut(Out):
    """The questions of a service: a JSON Schema (draft 2020-12), and answers that it accepts, apart from old dates."""

    service: str
    form: dict[str, Any] = Field(description="A JSON Schema of the answers, by the codes of the questions.")
    example: dict[str, Any]


Sought = Annotated[
    str, Query(max_length=LONGEST_SEARCH, description="Words, in any spelling, Arabic, English or Latin letters.")
]


@router.get("", response_model=ServicesOut, responses=refusals(InvalidInputError))
def show_all(request: Request, core: CoreDep, door: DoorWord | None = None, q: Sought = "") -> Response:
    """List the services, those of one door only where it is given; with words in ``q``, those found, best first."""
    chosen = Door(door) if door else None
    services = catalogue.find_services(core, q, chosen) if q.strip() else catalogue.list_services(core, chosen)
    answer = ServicesOut(services=[service_out(core, service) for service in services])
    return public(request, answer, seconds=CATALOGUE_SECONDS)


@router.get("/{code}", response_model=ServiceOut, responses=refusals(InvalidInputError, NotFoundError))
def show(request: Request, core: CoreDep, code: Code) -> Response:
    """Show a service."""
    return public(request, service_out(core, catalogue.find_service(core, code)), seconds=CATALOGUE_SECONDS)


@router.get("/{code}/form", response_model=FormOut, responses=refusals(InvalidInputError, NotFoundError))
def show_form(request: Request, core: CoreDep, code: Code, language: LanguageCode = "ar") -> Response:
    """Show what a service that is done online asks, as JSON Schema with labels in ``language``."""
    spec = ServiceSpec.from_stored(catalogue.find_service(core, code).spec)
    if not spec.online:
        raise NotFoundError
    if language not in core.languages:
        raise InvalidInputError([FieldError("language", "unknown")])
    form = form_schema(spec.fields, core.languages[language].said)
    answer = FormOut(service=spec.code, form=form, example=dict(spec.example))
    return public(request, answer, seconds=CATALOGUE_SECONDS)


def service_out(core: Core, service: Service) -> ServiceOut:
    """Write a service out."""
    spec: dict[str, Any] = service.spec
    eligibility: dict[str, Any] = spec["eligibility"]
    return ServiceOut(
        code=service.code,
        group=service.group_code,
        agency=service.agency_code,
        name=bilingual(service),
        description=bilingual(service, "description"),
        audience=service.audience,  # type: ignore[arg-type] # the database holds only these words
        delivery=service.delivery,  # type: ignore[arg-type] # the same
        processing_days=spec["processing_days"],
        exclusive_group=service.exclusive_group,
        minutes=service.units * core.pack.country.unit_minutes,
        maximum_wait_days=service.maximum_wait_days,
        max_party=spec["max_party"],
        min_age=eligibility["min_age"],
        max_age=eligibility["max_age"],
        gender=eligibility["gender"],
        needs_reason=eligibility["reason"],
        reasons=_each(ServiceReasonOut, spec["reasons"]),
        conditions=_each(NamedOut, eligibility["conditions"]),
        documents=_each(DocumentOut, spec["documents"]),
        originals=OriginalsOut.model_validate(spec["originals"]) if spec.get("originals") else None,
        fees=_each(FeeOut, [fee | {"amount": str(fee["amount"])} for fee in spec["fees"]]),
        prerequisites=_each(PrerequisiteOut, spec["prerequisites"]),
        result=ResultOut.model_validate(spec["result"]),
        legal=_each(NamedOut, spec["legal"]),
    )


def _each(model: type[OutT], items: list[dict[str, Any]]) -> list[OutT]:
    return [model.model_validate(item) for item in items]
