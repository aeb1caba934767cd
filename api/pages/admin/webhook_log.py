"""What came of the events that were sent to another system, and sending those of past days again."""

from contextlib import suppress
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, SignedIn
from api.pages.admin.webhook_manager import ManagerDep, SubscriptionId
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.references import id_of
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.people.webhooks.again import ask_for_replay, try_again
from booking.people.webhooks.views import find_receiver, list_replays, list_sent
from booking.platform.base.errors import MawidError
from booking.platform.models.webhook import DeliveryState

router = APIRouter(prefix="/admin/webhooks/{subscription_id}")


@router.get("/events")
def events(
    request: Request, subscription_id: SubscriptionId, manager: ManagerDep, core: CoreDep, show: str = ""
) -> Response:
    """List the latest events, all or those of one state, and what the system answered."""
    state: DeliveryState | None = None
    with suppress(ValueError):
        state = DeliveryState(show)
    receiver, sent = list_sent(core, by=manager.account_id, subscription_id=subscription_id, state=state)
    zone = core.pack.country.time_zone
    return page(request, "admin/webhook_events.html", receiver=receiver, sent=sent, state=state, zone=zone)


@router.post("/events")
def events_post(form: PostedDep, subscription_id: SubscriptionId, manager: ManagerDep, core: CoreDep) -> Response:
    """Try one event again."""
    event_id = id_of(form.text("event"))
    try_again(core, by=manager.account_id, subscription_id=subscription_id, event_id=event_id)
    return told(core.settings, f"/admin/webhooks/{subscription_id}/events", "webhook-again")


@router.get("/replay")
def replay_form(request: Request, subscription_id: SubscriptionId, manager: ManagerDep, core: CoreDep) -> Response:
    """Ask of which days, and show the replays before."""
    return _replay_page(request, core, manager, subscription_id)


@router.post("/replay")
def replay_post(
    request: Request, form: PostedDep, subscription_id: SubscriptionId, manager: ManagerDep, core: CoreDep
) -> Response:
    """Send the events of these days again."""
    require_fresh_proof(core, manager, form)
    with show_again(lambda error: _replay_page(request, core, manager, subscription_id, form, error)):
        ask_for_replay(
            core,
            by=manager.account_id,
            subscription_id=subscription_id,
            since_day=form.text("since_day"),
            until_day=form.text("until_day"),
        )
    return told(core.settings, f"/admin/webhooks/{subscription_id}/replay", "webhook-replayed")


def _replay_page(
    request: Request,
    core: Core,
    manager: SignedIn,
    subscription_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    by = manager.account_id
    return form_page(
        request,
        "admin/webhook_replay.html",
        form,
        error,
        receiver=find_receiver(core, by=by, subscription_id=subscription_id),
        replays=list_replays(core, by=by, subscription_id=subscription_id),
        days=core.settings.webhooks_kept.days,
        zone=core.pack.country.time_zone,
    )
