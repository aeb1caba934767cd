"""Where expatriates live, and which consulate serves which country: the districts of the country pack."""

from collections.abc import Sequence

from booking.country.catalogue.views import list_offices
from booking.country.core.core import Core
from booking.platform.models import Office
from booking.platform.models.states import Door


def countries_served(core: Core) -> list[str]:
    """List the countries whose residents some consulate serves, by ISO code."""
    return sorted({country for office in core.pack.offices for country in office.district})


def consulates_of(core: Core, country: str) -> Sequence[Office]:
    """List the open consulates that serve the residents of a country, the one in that country first."""
    serving = {office.code: office for office in core.pack.offices if country in office.district}
    found = [office for office in list_offices(core, Door.ABROAD) if office.code in serving]
    return sorted(found, key=lambda one: core.pack.region(one.region_code).country != country)
