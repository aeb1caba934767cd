"""The catalogue: services by group, a search over them, and a page for each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, WordsDep
from api.i18n import Words
from api.pages.public.help_topics import find_topics
from api.pages.public.service_words import only_when, rules_of, validity_of, who_can_ask, who_is_known
from api.pages.shared.forms import as_form
from api.pages.shared.kept_pages import kept_page
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.core.session_data import SessionData
from booking.country.packs.fields import GroupSpec
from booking.country.packs.schema import Pack
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.begin import is_offered
from booking.people.accounts.household import list_members
from booking.platform.models import Service
from booking.platform.search.spelling import LONGEST_SEARCH

router = APIRouter(prefix="/services")


@router.get("")
async def services(request: Request, core: CoreDep, words: WordsDep, q: str = "") -> Response:
    """List the services by group; where somebody looks for words, what was found, best first."""
    sought = " ".join(q.split())[:LONGEST_SEARCH]
    return await kept_page(
        request, "public/services.html", lambda: _services(core, words, sought, request.app.state.words.values())
    )


def _services(core: Core, words: Words, sought: str, every: Collection[Words]) -> dict[str, Any]:
    groups = in_groups(core.pack.groups, catalogue.list_services(core))
    return {
        "sought": sought,
        "found": catalogue.find_services(core, sought) if sought else [],
        "answers": find_topics(sought, every) if sought else [],
        "groups": groups,
        "group_names": {group.code: words.said(group.name) for group, _ in groups},
    }


@router.get("/{code}")
async def service(request: Request, code: str, core: CoreDep, words: WordsDep) -> Response:
    """Show everything about a service: who can ask, what comes first, what it needs, costs and takes, what one gets.

    Who is signed in begins an online one here.
    """
    return await kept_page(
        request,
        "public/service.html",
        lambda: _service(core, code, words),
        own=lambda session: run_in_threadpool(_members, core, code, session),
    )


def _service(core: Core, code: str, words: Words) -> dict[str, Any]:
    found = catalogue.find_service(core, code)
    return {
        "offered": is_offered(core, ServiceSpec.from_stored(found.spec)),
        "members": [],
        "typed": as_form({}),
        "wrong": {},
        **about(core.pack, found, words, known=catalogue.list_services(core)),
    }


def _members(core: Core, code: str, session: SessionData | None) -> dict[str, Any]:
    spec = ServiceSpec.from_stored(catalogue.find_service(core, code).spec)
    if session is None or session.account_id is None or not is_offered(core, spec):
        return {}
    members = list_members(core, account_id=session.account_id)
    return {"members": members, "typed": as_form({"person": members[0].id} if len(members) == 1 else {})}


def about(pack: Pack, service: Service, words: Words, *, known: Sequence[Service]) -> dict[str, Any]:
    """Return what the page of a service says; ``known`` are the services to which it may lead."""
    spec = ServiceSpec.from_stored(service.spec)
    reasons = {reason.code: words.said(reason.name) for reason in pack.reasons}
    names = {one.code: words.name(one) for one in known}
    residences = [one for one in ("resident", "expatriate") if spec.audience in ("both", one)]
    return {
        "service": service,
        "service_address": "/services/%s",
        "spec": spec,
        "minutes": service.units * pack.country.unit_minutes,
        "agency": _name_of(pack.agencies, spec.agency, words),
        "group": _name_of(pack.groups, spec.group, words),
        "can_ask": [*who_can_ask(spec.eligibility, reasons, words), *who_is_known(spec, words)],
        "first": [
            {
                "service": one.service if one.service in names else None,
                "name": names.get(one.service or "", "") or (words.said(one.name) if one.name else ""),
                "rules": rules_of(spec, one, words, inside=words.said(pack.country.state.inside)),
            }
            for one in spec.prerequisites
            if one.name or one.service in names
        ],
        "doors": [
            {
                "residence": residence,
                "documents": [
                    (one, [*([words.said(one.note)] if one.note else []), *_told(spec, one, words)])
                    for one in spec.documents
                    if one.residence in (None, residence)
                ],
                "fees": [(one, _told(spec, one, words)) for one in spec.fees if one.residence == residence],
            }
            for residence in residences
        ],
        "validity": validity_of(spec.result, words),
    }


def in_groups(groups: Sequence[GroupSpec], services: Sequence[Service]) -> list[tuple[GroupSpec, list[Service]]]:
    """Put services into the groups of the pack, in its order; groups without any are left out."""
    inside: Mapping[str, list[Service]] = {group.code: [] for group in groups}
    for one in services:
        inside.get(one.group_code, []).append(one)
    return [(group, inside[group.code]) for group in groups if inside[group.code]]


def _told(spec: ServiceSpec, one: Any, words: Words) -> list[str]:
    told = only_when(spec, one.when, words)
    return [told] if told else []


def _name_of(named: Sequence[Any], code: str, words: Words) -> str:
    return next((words.said(one.name) for one in named if one.code == code), code)
