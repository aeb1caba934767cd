"""Who is let in to the pages of systems that are told of events, and which system an address means."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from api.deps import CoreDep, SignedIn, WebhooksDep
from api.pages.shared.references import id_in_path
from booking.people.webhooks.signing import check_manager

SubscriptionId = Annotated[UUID, id_in_path("subscription_id")]


def managing(manager: WebhooksDep, core: CoreDep) -> SignedIn:
    """Return who manages webhooks; raises ForbiddenError for a supervisor of no agency, which no session knows."""
    check_manager(core, by=manager.account_id)
    return manager


ManagerDep = Annotated[SignedIn, Depends(managing)]
