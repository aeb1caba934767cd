"""Visitors of every kind, where the table lets them in, and who comes to which route.

On each submission they come by turns, each night all of them everywhere.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias, TypeVar
from uuid import UUID

from booking.country.core.four_eyes import GRANTS, Permission, Reach
from booking.platform.models.states import Role
from tests.support.effort import Effort

HOME, FOREIGN = "damascus", "berlin"
AGENCY = "justice"
PUBLIC, SECOND_STEP, ACCOUNT, OBSERVER = "public", "second_step", "account", "observer"
PERMISSIONS = set(Permission)
OF_EVERY_KIND = ("nobody", "half way", "citizen", f"{Role.ADMINISTRATOR.value} of None")
Route: TypeAlias = tuple[str, str]
"""A method and a path."""
Place, Someone = TypeVar("Place"), TypeVar("Someone")


@dataclass(frozen=True)
class Visitor:
    """Someone at the door; ``roles`` is None for who is not signed in, ``proving`` for who is half way."""

    account_id: UUID | None
    roles: frozenset[Role] | None
    office: str | None = None
    proving: UUID | None = None
    agency: str | None = None

    def tells_more(self, who: str, *, of_a_case: bool) -> bool:
        """Leave out other offices where no case's is looked at, and all but one for a role that may nowhere."""
        if (
            self.office == HOME
            or self.agency
            or self.roles in {None, frozenset({Role.CITIZEN})}
            or who not in PERMISSIONS
        ):
            return True
        return not self.roles.isdisjoint(GRANTS[Permission(who)]) and (self.office is None or of_a_case)

    def may(self, who: str, office_of_case: str | None) -> bool:
        """Read the table as it is meant."""
        if who in {PUBLIC, SECOND_STEP, OBSERVER}:
            return who == PUBLIC or (who == SECOND_STEP and self.proving is not None)
        if self.roles is None or who == ACCOUNT:
            return self.roles is not None
        far = {GRANTS[Permission(who)].get(role) for role in self.roles}
        own = self.office is not None and office_of_case in {None, self.office}
        ours = self.agency is not None and (office_of_case is None or self.agency == AGENCY)
        own_things = (Reach.OWN_OFFICE in far and own) or (Reach.OWN_AGENCY in far and ours)
        return Reach.EVERY_OFFICE in far or own_things


def visits(
    table: Mapping[Route, str], visitors: Mapping[str, Visitor], cases: Collection[str]
) -> Mapping[Route, list[str]]:
    """Say who comes to each route: who may and who may not, by turns over what one guard stands before.

    All come to a case, where it matters whose it is. A route without a guard knows no roles.
    """
    behind, found = defaultdict(list), defaultdict(list)
    for route, who in table.items():
        behind[who, route if route[1] in cases else None].append(route)
    for (who, case), among in behind.items():
        known = visitors if who in PERMISSIONS else OF_EVERY_KIND[: None if who != PUBLIC or Effort.thorough else 1]
        come = [name for name in known if visitors[name].tells_more(who, of_a_case=case is not None)]
        for may, least in ((True, 1), (False, 2)):
            some = [name for name in come if visitors[name].may(who, HOME if case else None) is may]
            for route, name in turns(among, some, least=least):
                found[route].append(name)
    return found


def turns(places: Sequence[Place], visitors: Sequence[Someone], *, least: int) -> list[tuple[Place, Someone]]:
    """Pair places with visitors: so many or all come to each, everybody comes somewhere, and each night everywhere."""
    if Effort.thorough:
        return list(product(places, visitors))
    each = min(least, len(visitors))
    found = [
        (place, visitors[(at * least + turn) % len(visitors)])
        for at, place in enumerate(places)
        for turn in range(each)
    ]
    return found + [(places[at % len(places)], one) for at, one in enumerate(visitors[len(found) :])]
