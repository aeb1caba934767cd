"""The JSON API under ``/api/v1``: one module a resource; routes translate and decide nothing."""

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from api.v1 import (
    accounts,
    appointments,
    chances,
    documentation,
    draws,
    holds,
    household,
    identity,
    incoming_sms,
    observers,
    offices,
    online,
    other_times,
    password_resets,
    payments,
    plans,
    proposals,
    requests,
    rights,
    second_factor,
    services,
    session,
    signing_in,
    slots,
    telephone,
    urgent,
    webhooks,
)
from api.v1.calls.guards import stated_type


def operation_id(route: APIRoute) -> str:
    """Return an operation's name, of its module and function; programs are generated from these, so they stay."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}.{route.name}"


router = APIRouter(prefix="/api/v1", dependencies=[Depends(stated_type)], generate_unique_id_function=operation_id)
router.include_router(documentation.router)
for _resource in (
    session,
    accounts,
    password_resets,
    signing_in,
    second_factor,
    rights,
    household,
    identity,
    services,
    offices,
    chances,
    slots,
    requests,
    urgent,
    appointments,
    other_times,
    holds,
    draws,
    observers,
    incoming_sms,
    telephone,
    online,
    payments,
    plans,
    proposals,
    webhooks,
):
    router.include_router(_resource.router)
