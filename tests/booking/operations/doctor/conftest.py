"""Examines a test's own country."""

import pytest

from booking.operations.doctor.examine import examine_servers
from booking.operations.doctor.findings import Report
from tests.support.country import cheap_settings
from tests.support.roles import servers_of


@pytest.fixture
def examined(country_url, redis_url, clock):
    """Examine the country, as its settings changed in these ways describe it; return what was looked at by name."""

    def examine(*, quick=False, url=country_url, redis=redis_url, **changes):
        report = Report()
        servers = servers_of(url)._replace(redis_url=redis)
        examine_servers(report, cheap_settings().model_copy(update=changes), servers, quick=quick, clock=clock)
        return {one.check: one for one in report.looked}

    return examine
