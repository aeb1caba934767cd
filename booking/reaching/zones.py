"""Where an account's day is: at home the country's time, abroad that of the consulate for its phone's country."""

import phonenumbers

from booking.models.states import Door
from booking.packs.schema import Pack


def usual_zone(pack: Pack, *, door: Door, phone: str) -> str:
    """Return the time zone of a person with this phone (E.164), as long as they name no other one."""
    if door is Door.HOME or not phone:
        return pack.country.time_zone
    country = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    abroad = [office for office in pack.offices if office.kind == "consulate"]
    there = [office for office in abroad if pack.region(office.region).country == country]
    served = [office for office in abroad if country in office.district]
    return next((office.time_zone for office in (*there, *served)), pack.country.time_zone)


def zones(pack: Pack) -> list[str]:
    """List the time zones that a person can choose: the country's, then those of its offices."""
    return list(dict.fromkeys([pack.country.time_zone, *sorted({office.time_zone for office in pack.offices})]))
