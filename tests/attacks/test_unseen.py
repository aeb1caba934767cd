"""Somebody tries doors for hours, and nobody notices (M8).

Before, a wrong password, a refused page and another one's role were nowhere but in a web server's lines of status and
time: nothing told one guesser at a hundred accounts from a hundred people who mistyped.
"""

import io
import json
from contextlib import suppress

from booking.country.core.security import Origin
from booking.people.accounts.sign_in import sign_in
from booking.platform.base import security_events
from booking.platform.base.errors import TooManyAttemptsError, WrongCredentialsError
from tests.support.country import an_account


def test_one_guesser_at_many_accounts_can_be_told_from_many_people(core):
    stream = io.StringIO()
    security_events.write_to(stream)
    known = an_account(core)

    for n in range(8):
        with suppress(WrongCredentialsError, TooManyAttemptsError):
            sign_in(core, username=f"planted-{n}", password="a guess", origin=Origin(f"203.0.113.{n}", f"device {n}"))
    with suppress(WrongCredentialsError):
        sign_in(core, username="planted-elsewhere", password="a guess", origin=Origin("198.51.100.9", "device 0"))

    written = stream.getvalue()
    tries = [json.loads(line) for line in written.splitlines()]
    tries = [one for one in tries if one["event.action"] == "sign_in.password"]
    networks = [one["mawid.network_hash"] for one in tries]
    assert len(networks) == 9
    assert len(set(networks[:8])) == 1, "the same /24"
    assert networks[8] not in networks[:8]
    assert {one["event.outcome"] for one in tries} == {"failure"}
    assert str(known) not in written
    assert [word for word in ("planted", "203.0.113", "a guess") if word in written] == []
