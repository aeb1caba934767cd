"""Events for other systems: who is told of what, who agreed to it, secrets, pausing and ending."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, SignedIn
from api.event_words import EVENTS, SUBJECTS
from api.pages.admin.webhook_manager import ManagerDep, SubscriptionId
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, allows
from booking.people.webhooks import again, subscribe
from booking.people.webhooks.catalogue import Kind, offered
from booking.people.webhooks.signing import OVERLAP, make_secret
from booking.people.webhooks.subscribe import agree, end, pause, refuse, resume
from booking.people.webhooks.views import find_receiver, list_receivers
from booking.platform.base.errors import MawidError, NotFoundError

router = APIRouter(prefix="/admin/webhooks")

_DECISIONS: Final[Mapping[str, tuple[Callable[..., object], str]]] = {
    "agree": (agree, "webhook-changed"),
    "refuse": (refuse, "webhook-changed"),
    "pause": (pause, "webhook-changed"),
    "resume": (resume, "webhook-changed"),
    "test": (again.send_test, "webhook-tested"),
    "again": (again.try_again, "webhook-again"),
}
_SECRETS: Final[Mapping[str, bool]] = {"secret": False, "secret_at_once": True}
"""Decisions that make a secret, and whether the one before ends at once."""


@router.get("")
def receivers(request: Request, manager: ManagerDep, core: CoreDep) -> Response:
    """List the systems that are told of events."""
    return page(
        request,
        "admin/webhooks.html",
        receivers=list_receivers(core, by=manager.account_id),
        every=_hears_of_all(manager),
    )


@router.get("/new")
def new_form(request: Request, manager: ManagerDep) -> Response:
    """Ask which system, and what it is to be told of."""
    return _new_page(request, manager)


@router.post("/new")
def new_post(request: Request, form: PostedDep, manager: ManagerDep, core: CoreDep) -> Response:
    """Subscribe it, or propose that."""
    require_fresh_proof(core, manager, form)
    with show_again(lambda error: _new_page(request, manager, form, error)):
        subscription_id = subscribe.subscribe(
            core,
            by=manager.account_id,
            name=form.text("name"),
            url=form.text("url"),
            kinds=form.every("kinds"),
            reason=form.text("reason"),
        )
    return RedirectResponse(f"/admin/webhooks/{subscription_id}", 303)


@router.get("/{subscription_id}")
def receiver_form(request: Request, subscription_id: SubscriptionId, manager: ManagerDep, core: CoreDep) -> Response:
    """Show one with what can be done."""
    return _receiver_page(request, core, manager, subscription_id)


@router.post("/{subscription_id}")
def receiver_post(
    request: Request, form: PostedDep, subscription_id: SubscriptionId, manager: ManagerDep, core: CoreDep
) -> Response:
    """Agree to it, refuse it, pause it, resume it, try whether it answers, end it, or show a new secret this once."""
    require_fresh_proof(core, manager, form)
    by, decision = manager.account_id, form.text("decision")
    with show_again(lambda error: _receiver_page(request, core, manager, subscription_id, form, error)):
        if decision in _SECRETS:
            secret = make_secret(core, by=by, subscription_id=subscription_id, at_once=_SECRETS[decision])
            receiver = find_receiver(core, by=by, subscription_id=subscription_id)
            return page(request, "admin/webhook_secret.html", receiver=receiver, secret=secret)
        if decision == "end":
            end(core, by=by, subscription_id=subscription_id, reason=form.text("reason"))
            deed = "webhook-changed"
        elif decision in _DECISIONS:
            work, deed = _DECISIONS[decision]
            work(core, by=by, subscription_id=subscription_id)
        else:
            raise NotFoundError
    return told(core.settings, f"/admin/webhooks/{subscription_id}", deed)


def _hears_of_all(manager: SignedIn) -> bool:
    return allows(manager.session.roles, manager.session.office_id, Permission.MANAGE_STAFF)


def _new_page(
    request: Request, manager: SignedIn, form: Form | None = None, error: MawidError | None = None
) -> Response:
    kinds: dict[str, list[Kind]] = {}
    for one in offered(agency=not _hears_of_all(manager)):
        kinds.setdefault(one.subject.name, []).append(one)
    about: dict[str, Any] = {"kinds": kinds, "events": EVENTS, "subjects": SUBJECTS}
    return form_page(request, "admin/webhook_new.html", form, error, every=_hears_of_all(manager), **about)


def _receiver_page(
    request: Request,
    core: Core,
    manager: SignedIn,
    subscription_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    receiver = find_receiver(core, by=manager.account_id, subscription_id=subscription_id)
    return form_page(
        request,
        "admin/webhook.html",
        form,
        error,
        receiver=receiver,
        events=EVENTS,
        agency=next((one.name for one in core.pack.agencies if one.code == receiver.agency_code), None),
        agrees=_hears_of_all(manager),
        overlap=OVERLAP.days,
        zone=core.pack.country.time_zone,
    )
