"""Bookings a second by MOSIP's calls over HTTP: each looks at a centre's free times and books one of them.

Run with ``./run bench mosip``; it starts its own durable PostgreSQL and Valkey and two web processes. Each booking is a
new person's and of a place that is free, in any branch and on any day, as MOSIP's own load scripts spread theirs over
centres: this shows what a booking costs, not who wins a race for one place. In the end as many people as a round has
book again, another time than they have, each by one call; who comes within a day is refused.
"""

import argparse
import asyncio
import json
import os
import random
import runpy
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from booking.country.catalogue.load import make_slots
from booking.country.catalogue.views import list_offices
from booking.country.core.core import Core
from booking.country.places.views import open_slots
from booking.platform.models import Appointment, Office
from booking.platform.models.states import AppointmentState, Door

HTTP = runpy.run_path(str(Path(__file__).parent / "http_requests.py"))
SERVICE = "passport-renewal"
AT = "/api/mosip/preregistration/v1/applications/appointment"
ENVELOPE = {
    "id": "mosip.pre-registration.booking.book",
    "version": "1.0",
    "requesttime": "2026-11-28T00:00:00.000Z",
}


def places(core: Core, count: int) -> list[dict[str, Any]]:
    """Return so many free places, each of which one person can book, in any order."""
    found: list[dict[str, Any]] = []
    with core.sessions() as session:
        units = core.known_services.read(core.sessions).by_code[SERVICE].units
        for office in list_offices(core, Door.HOME):
            now = core.clock.now()
            for slot in open_slots(session, door=Door.HOME, units=units, now=now, office_code=office.code):
                found += [as_booked(office, slot)] * (slot.free // units)
    assert len(found) >= count, f"only {len(found)} places"
    random.Random(7).shuffle(found)  # noqa: S311 - the same at every run
    return found[:count]


def as_booked(office: Office, slot: Any) -> dict[str, Any]:
    """Name a time as MOSIP's clients do."""
    zone = ZoneInfo(office.time_zone)
    return {
        "registration_center_id": office.code,
        "appointment_date": slot.local_day.isoformat(),
        "time_slot_from": f"{slot.starts_at.astimezone(zone):%H:%M:%S}",
        "time_slot_to": f"{slot.ends_at.astimezone(zone):%H:%M:%S}",
    }


def calls(core: Core, citizens: Sequence[Any], free: Sequence[dict[str, Any]]) -> list[bytes]:
    """Return two calls for each citizen: what is free at the centre, then a booking there."""
    made = []
    for one, place in zip(citizens, free, strict=True):
        token, network = HTTP["a_token"](core, one), HTTP["network"](one)
        same = f"Host: localhost\r\nAuthorization: Bearer {token}\r\nX-Forwarded-For: {network}\r\n"
        body = json.dumps(ENVELOPE | {"request": place})
        look = f"GET {AT}/slots/availability/{place['registration_center_id']} HTTP/1.1\r\n{same}\r\n"
        book = f"POST {AT}/{one.member} HTTP/1.1\r\n{same}Content-Type: application/json\r\n"
        made += [look.encode(), f"{book}Content-Length: {len(body)}\r\n\r\n{body}".encode()]
    return made


def counted(core: Core, state: AppointmentState) -> int:
    """Count the appointments of a state."""
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(Appointment).where(Appointment.state == state)) or 0


def measure(core: Core, payloads: Sequence[bytes], wanted: int, clients: int, counts: AppointmentState) -> str:
    """Send calls, and return a row of the table: how many appointments came to a state, how fast, and what one cost."""
    had, began = counted(core, counts), HTTP["used"]()
    rate, latencies, answers = asyncio.run(HTTP["over_http"](payloads, clients=clients, good=b"200"))
    made = counted(core, counts) - had
    seconds = answers[b"200"] / rate
    cuts = [f"{cut * 1e3:.0f} ms" for cut in statistics.quantiles(latencies, n=100)]
    spent = 1e3 * (HTTP["used"]() - began) / max(made, 1)
    told = (f"{made / seconds:.1f}", cuts[49], cuts[98], f"{spent:.1f}", f"{os.getloadavg()[0]:.1f}")
    return f"| {made} of {wanted} | {' | '.join(told)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=600, help="a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=HTTP["CLIENTS"])
    options = parser.parse_args()
    each, rounds = options.bookings, options.rounds
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(HTTP["opened"]())
        make_slots(core, pack=core.pack, first=core.today(), last=core.today() + timedelta(days=45))
        citizens = HTTP["settle"](core, each * (rounds + 1))
        free = places(core, len(citizens) + each)
        payloads = calls(core, citizens, free[: len(citizens)])
        again = calls(core, citizens[:each], free[len(citizens) :])[1::2]
        settings = {"MAWID_TRUSTED_PROXIES": "127.0.0.1", "MAWID_MOSIP_SERVICE": SERVICE}
        stack.enter_context(HTTP["site"](postgres.url, valkey.url, folder, settings))
        asyncio.run(HTTP["over_http"](payloads[-2 * each :], clients=options.clients, good=b"200"))
        with core.sessions.begin() as session:
            session.execute(text("ANALYZE"))
        print(f"{options.clients} clients, {HTTP['PROCESSES']} web processes,")
        print(f"{core.clock.now().astimezone(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared by all of it\n")
        print("| bookings | a second | p50 of a call | p99 | processor of a booking, ms | load |")
        print("|--:|--:|--:|--:|--:|--:|")
        for number in range(rounds):
            some = payloads[2 * each * number :][: 2 * each]
            print(measure(core, some, each, options.clients, AppointmentState.CONFIRMED))
        changed = measure(core, again, each, options.clients, AppointmentState.CANCELLED)
        print(f"\nThe same columns for people of the first round who book again:\n\n{changed}")


if __name__ == "__main__":
    main()
