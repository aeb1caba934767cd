"""Services and their forms: the same for everyone."""

import json
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request

from api.deps import CoreDep, WordsDep
from api.govstack.calls import only_these
from booking.country.catalogue import views as catalogue
from booking.country.packs.service import ServiceSpec
from booking.country.packs.service_form import form_schema
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.models import Service
from booking.platform.search.spelling import LONGEST_SEARCH

NAME: Final = "name"
_VERSION_DIGITS: Final = 12


def services(request: Request, core: CoreDep) -> list[dict[str, Any]]:
    """List the services; with ``name`` those that these words find, in any spelling, best first."""
    only_these(request, NAME)
    words = request.query_params.getlist(NAME)
    if len(words) > 1 or any(len(one) > LONGEST_SEARCH for one in words):
        raise FieldError(NAME, "too_many" if len(words) > 1 else "too_long")
    found = catalogue.find_services(core, words[0]) if words and words[0].strip() else catalogue.list_services(core)
    return [_service(one) for one in found]


def service(request: Request, serviceId: str, core: CoreDep) -> dict[str, Any]:  # noqa: N803 - GovStack's own name
    """Show a service."""
    only_these(request)
    return _service(catalogue.find_service(core, serviceId))


def forms(request: Request, serviceId: str, core: CoreDep) -> list[dict[str, Any]]:  # noqa: N803 - the same
    """List the forms of a service: one where it is asked for online, none where people come to an office."""
    only_these(request)
    found = catalogue.find_service(core, serviceId)
    return [_form(found)] if found.online else []


def form(request: Request, eFormId: str, core: CoreDep, words: WordsDep) -> dict[str, Any]:  # noqa: N803 - the same
    """Show a form with its questions as JSON Schema, labelled in the language of ``Accept-Language``."""
    only_these(request)
    found = catalogue.find_service(core, eFormId)
    if not found.online:
        raise NotFoundError
    spec = ServiceSpec.from_stored(found.spec)
    return _form(found) | {"schema": form_schema(spec.fields, core.languages[words.language.code].said)}


def _service(found: Service) -> dict[str, Any]:
    return {
        "id": found.code,
        "name": found.name_en,
        "version": _version(found),
        "type": "Public",
        "isExecutable": found.online,
        "isClosed": False,
        "description": found.description_en,
    }


def _form(found: Service) -> dict[str, Any]:
    return {
        "eFormId": found.code,
        "name": found.name_en,
        "description": found.description_en,
        "version": _version(found),
        "latest": True,
    }


def _version(found: Service) -> str:
    """Return a word that changes when the service's file does; files have no numbers."""
    return sha256(json.dumps(found.spec, sort_keys=True).encode()).hexdigest()[:_VERSION_DIGITS]
