from datetime import date

import pytest

from booking.country.packs.loading import load_pack
from booking.scheduling.forecast.panel import Panel
from booking.scheduling.forecast.seasons import calendar, weeks_from
from booking.scheduling.forecast.simulate import MIX, simulate_demand

FIRST = date(2022, 11, 6)
WEEKS = 208


@pytest.fixture(scope="package")
def pack():
    """Twelve offices and the passport services are enough, and quicker."""
    whole = load_pack("syria")
    kinds = {"branch": 8, "consulate": 4}
    offices = [one for kind, count in kinds.items() for one in [o for o in whole.offices if o.kind == kind][:count]]
    services = [service for service in whole.services if service.code in MIX]
    return whole.model_copy(update={"offices": tuple(offices), "services": tuple(services)})


@pytest.fixture(scope="package")
def history(pack):
    return simulate_demand(pack, first_week=FIRST, weeks=WEEKS, seed=1, weekly=4_000)


@pytest.fixture(scope="package")
def panel(history, pack):
    return Panel.read(history, pack)


@pytest.fixture(scope="package")
def known(pack):
    return calendar(pack, weeks_from(FIRST, WEEKS + 8))
