"""Services: what can be asked for and what is needed for it. The same for everyone."""

from typing import Any, Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.v1.caching import CATALOGUE_SECONDS, public
from api.v1.refusals import refusals
from api.v1.values import Bilingual, Code, DoorWord, Out, bilingual
from booking.core import Core
from booking.errors import InvalidInputError, NotFoundError
from booking.models import Service
from booking.queries import directory
from booking.states import Door

router = APIRouter(prefix="/services", tags=["catalogue"])


class DocumentOut(Out):
    """A paper to bring; ``residence`` says that only residents or only expatriates need it."""

    code: str
    name: Bilingual
    note: Bilingual | None
    residence: Literal["resident", "expatriate"] | None


class FeeOut(Out):
    """An amount to pay, per person, in whole units of a currency."""

    code: str
    name: Bilingual
    residence: Literal["resident", "expatriate"]
    amount: str
    currency: str


class ReasonOut(Out):
    """Why a valid passport is replaced, and what the counter will ask for."""

    code: str
    name: Bilingual
    evidence: Bilingual


class ServiceOut(Out):
    """A service. A person has one live request among the services of an ``exclusive_group``."""

    code: str
    name: Bilingual
    description: Bilingual
    audience: Literal["resident", "expatriate", "both"]
    exclusive_group: str
    minutes: int
    maximum_wait_days: int
    max_party: int
    min_age: int | None
    max_age: int | None
    needs_reason: Literal["never", "long-valid", "always"]
    reasons: list[ReasonOut]
    documents: list[DocumentOut]
    fees: list[FeeOut]


class ServicesOut(Out):
    """The services that can be asked for."""

    services: list[ServiceOut]


@router.get("", response_model=ServicesOut, responses=refusals(InvalidInputError))
def show_all(request: Request, core: CoreDep, door: DoorWord | None = None) -> Response:
    """List the services, those of one door only where it is given."""
    services = directory.list_services(core, Door(door) if door else None)
    answer = ServicesOut(services=[service_out(core, service) for service in services])
    return public(request, answer, seconds=CATALOGUE_SECONDS)


@router.get("/{code}", response_model=ServiceOut, responses=refusals(InvalidInputError, NotFoundError))
def show(request: Request, core: CoreDep, code: Code) -> Response:
    """Show a service."""
    return public(request, service_out(core, directory.find_service(core, code)), seconds=CATALOGUE_SECONDS)


def service_out(core: Core, service: Service) -> ServiceOut:
    """Write a service out."""
    spec: dict[str, Any] = service.spec
    eligibility: dict[str, Any] = spec["eligibility"]
    return ServiceOut(
        code=service.code,
        name=bilingual(service),
        description=bilingual(service, "description"),
        audience=service.audience,  # type: ignore[arg-type] # the database holds only these words
        exclusive_group=service.exclusive_group,
        minutes=service.units * core.pack.country.unit_minutes,
        maximum_wait_days=service.maximum_wait_days,
        max_party=spec["max_party"],
        min_age=eligibility["min_age"],
        max_age=eligibility["max_age"],
        needs_reason=eligibility["reason"],
        reasons=[ReasonOut.model_validate(reason) for reason in spec["reasons"]],
        documents=[DocumentOut.model_validate(document) for document in spec["documents"]],
        fees=[FeeOut.model_validate(fee | {"amount": str(fee["amount"])}) for fee in spec["fees"]],
    )
