"""A wish as programs write it: to ask, and to change what waits."""

from typing import Annotated

from pydantic import Field

from api.v1.calls.values import Code, Day, DoorWord, Id, In
from booking.platform.models.states import Door
from booking.scheduling.requests.change import Change
from booking.scheduling.requests.wish import ALL_WEEKDAYS, Also, Wish

Weekday = Annotated[int, Field(ge=0, le=6)]
LostDraws = Annotated[int, Field(ge=0, le=32_767)]
Receipt = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AlsoIn(In):
    """One more service on the same visit."""

    service: Code
    people: list[Id] = Field(max_length=20, description="Ids of household members who come for it.")
    reason: Code | None = Field(default=None, description="Why, by code, where the service asks for a reason.")


class RequestIn(In):
    """A wish. The core says which services, offices, bands and reasons there are, and how many may be named."""

    service: Code
    door: DoorWord = "home"
    people: list[Id] = Field(max_length=20, description="Ids of household members, who come for it together.")
    also: list[AlsoIn] = Field(
        default=[],
        max_length=10,
        description="More services on the same visit, for these people or others: one appointment for all of it.",
    )
    offices: list[Code] = Field(max_length=20, description="Codes, first choice first.")
    bands: list[Code] = Field(max_length=20, description="Times of day that suit, by code.")
    weekdays: list[Weekday] = Field(
        default=sorted(ALL_WEEKDAYS), max_length=7, description="Days that suit; 0 is Monday."
    )
    first_day: Day | None = None
    last_day: Day | None = None
    needed_by: Day | None = None
    home_first: Day | None = Field(default=None, description="First day of a visit home, for branches ranked abroad.")
    home_last: Day | None = None
    accessible: bool = Field(default=False, description="An accessible counter is needed.")
    together: bool = Field(
        default=False,
        description="With the account's other waiting requests: at one office on one day, if all get a place.",
    )
    reason: Code | None = Field(default=None, description="Why a valid passport is replaced, by code.")

    def wish(self) -> Wish:
        """Return what is wished, as the core reads it."""
        return Wish(
            service=self.service,
            people=tuple(self.people),
            offices=tuple(self.offices),
            bands=frozenset(self.bands),
            door=Door(self.door),
            first_day=self.first_day,
            last_day=self.last_day,
            weekdays=frozenset(self.weekdays),
            needed_by=self.needed_by,
            home_first=self.home_first,
            home_last=self.home_last,
            accessible=self.accessible,
            reason=self.reason,
            together=self.together,
            also=tuple(Also(one.service, tuple(one.people), one.reason) for one in self.also),
        )


class WishIn(In):
    """What a waiting request should say from now on: all of it, also what stays. Nobody can join."""

    receipt: Receipt = Field(description="The receipt of the request as you read it; another one is refused.")
    lost_draws: LostDraws | None = Field(default=None, description="As you read them; other ones are refused.")
    people: list[Id] = Field(max_length=20, description="Ids of the household members who stay.")
    offices: list[Code] = Field(max_length=20, description="Codes, first choice first.")
    bands: list[Code] = Field(max_length=20, description="Times of day that suit, by code.")
    weekdays: list[Weekday] = Field(max_length=7, description="Days that suit; 0 is Monday.")
    first_day: Day | None = None
    last_day: Day | None = None
    needed_by: Day | None = None
    home_first: Day | None = Field(default=None, description="First day of a visit home, for branches ranked abroad.")
    home_last: Day | None = None
    accessible: bool = False
    together: bool = False
    services: list[Code] | None = Field(
        default=None, max_length=10, description="Codes of the services that are still wanted; null for all of them."
    )

    def change(self) -> Change:
        """Return it as the core reads it."""
        lists = {"people", "offices", "bands", "weekdays", "services"}
        return Change(
            people=tuple(self.people),
            offices=tuple(self.offices),
            bands=frozenset(self.bands),
            weekdays=frozenset(self.weekdays),
            services=None if self.services is None else tuple(self.services),
            **self.model_dump(exclude=lists),
        )
