"""Subscribers: the people whom the account acts for."""

from typing import Any, ClassVar

from pydantic import Field
from starlette.requests import Request

from api.deps import CoreDep
from api.govstack.calls import Part
from api.govstack.scheduler.query import one, only, read, wanted
from api.v1.calls.guards import Caller
from api.v1.calls.values import member_id
from booking.people.accounts.household import list_members, remove_member

DETAILS = ("subscriber_id", "category", "name")
ID = "subscriber_id"


class SubscriberFilter(Part):
    """Which people; nobody is looked for by name, which would stand in an address."""

    NO_WORD: ClassVar[frozenset[str]] = frozenset(
        {"name", "phone", "email", "alert_url", "alert_preference", "status_poll_url"}
    )

    subscriber_id: list[str] | None = None
    category: str | None = None


class SubscriberQuery(Part):
    """Which people, and what of them."""

    subscriber_filter: SubscriberFilter = SubscriberFilter()
    subscriber_details_required: dict[str, bool] = Field(default={})


def subscribers(request: Request, core: CoreDep, caller: Caller) -> list[dict[str, Any]]:
    """List the people of the household: their name, and as the category how they are related to the account."""
    asked = read(request, SubscriberQuery)
    names = wanted(asked.subscriber_details_required, DETAILS, "subscriber_details_required")
    ids, category = asked.subscriber_filter.subscriber_id, asked.subscriber_filter.category
    found = [
        (str(person.id), {"name": person.name, "category": person.relation})
        for person in list_members(core, account_id=caller.account_id)
    ]
    return [
        {ID: number, "details": {key: value for key, value in details.items() if key in names}}
        for number, details in found
        if (ids is None or number in ids) and category in {None, details["category"]}
    ]


def remove(request: Request, core: CoreDep, caller: Caller) -> None:
    """Stop acting for a person."""
    only(request, ID)
    remove_member(core, account_id=caller.account_id, member_id=member_id(one(request, ID)))
