"""Where an account's day is: at home the country's time, abroad that of the consulate for its phone's country."""

from collections.abc import Mapping
from functools import cached_property

import phonenumbers

from booking.country.packs.schema import Pack
from booking.platform.models.states import Door


class UsualZones:
    """The time zones of people, as long as they name no other one."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def of(self, *, door: Door, phone: str) -> str:
        """Return the time zone of a person with this phone (E.164)."""
        at_home = self._pack.country.time_zone
        if door is Door.HOME or not phone:
            return at_home
        country = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
        return self._abroad.get(country or "", at_home)

    @cached_property
    def _abroad(self) -> Mapping[str, str]:
        """By country: of the first consulate there, or else of the first whose district it is."""
        consulates = [office for office in self._pack.offices if office.kind == "consulate"]
        there = [(self._pack.region(office.region).country, office.time_zone) for office in consulates]
        served = [(country, office.time_zone) for office in consulates for country in office.district]
        return dict(reversed([*there, *served]))


def zones(pack: Pack) -> list[str]:
    """List the time zones that a person can choose: the country's, then those of its offices."""
    return list(dict.fromkeys([pack.country.time_zone, *sorted({office.time_zone for office in pack.offices})]))
