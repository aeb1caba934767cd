"""What the people of a stored request come for: one service for all of them, or several, each for some."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking.people.prerequisites.errors import Lack
from booking.platform.models import HouseholdMember, Request
from booking.scheduling.requests.wish import Errand


def errands_of(request: Request, party: Sequence[HouseholdMember]) -> tuple[Errand, ...]:
    """Return what a request's people come for, in the order of the wish.

    Parameters
    ----------
    party
        Those of its people for whom its account acts still; who is missing is in no errand.
    """
    if request.service_count == 1:
        return (Errand(request.service, list(party), request.reason_code),)
    by_person = {member.person_id: member for member in party}
    found: dict[int, Errand] = {}
    for row in request.errands:
        errand = found.setdefault(row.position, Errand(row.service, [], row.reason_code))
        if row.person_id in by_person:
            errand.members.append(by_person[row.person_id])
    order = {member.id: place for place, member in enumerate(party)}
    for errand in found.values():
        errand.members.sort(key=lambda member: order[member.id])
    return tuple(found.values())


def in_party(lacks: Iterable[Lack], errand: Errand, party: Sequence[HouseholdMember]) -> list[Lack]:
    """Say what those who come for a service lack by their places in the whole party."""
    places = {member.id: place for place, member in enumerate(party)}
    return [replace(lack, position=places[errand.members[lack.position].id]) for lack in lacks]
