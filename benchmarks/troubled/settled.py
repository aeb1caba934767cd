"""A country at rest, before anything breaks: people with accounts, slots, staff with sessions."""

import io
import random
import runpy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import insert, select

from benchmarks.troubled.calls import Client, Told
from booking.antifraud.gate.versions import publish_default_rules
from booking.country.catalogue.load import load_catalogue, make_slots
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.people.staff.create import create_staff
from booking.platform.models import Office as OfficeRow
from booking.platform.models import Slot, SlotPool
from booking.platform.models.states import Door, Pool, Role

HTTP: Final = runpy.run_path(str(Path(__file__).parents[1] / "http_requests.py"))
DAYS: Final = 11
FEW: Final = 40
"""Places of each slot that many want."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody with an account, and themselves in its household."""

    account: UUID
    member: int
    network: str

    def token(self, core: Core) -> str:
        """Begin a session."""
        return sessions.create(core, account_id=self.account, language="en", door=Door.HOME, roles=("citizen",))[0]


@dataclass(frozen=True, slots=True)
class Office:
    """Where they come: slots with few and with many places some days ahead, slots of today, and who works there."""

    few: Sequence[int]
    many: Sequence[int]
    today: Sequence[tuple[datetime, int]]
    clerk: Client
    officer: Client
    answers: dict[str, Any]

    def within_the_hour(self, now: datetime) -> int | None:
        """Return a slot whose people can check in already; None where the day has none any more."""
        later = (slot for starts_at, slot in self.today if now < starts_at - timedelta(minutes=1))
        return next(later, None)


class Settling:
    """New people, a few thousand at a time; each is another one."""

    def __init__(self, core: Core) -> None:
        self._core, self._next, self._after = core, 1, 0

    def more(self, count: int) -> list[Citizen]:
        """Write so many more; those whose writing failed are left out for good, as they may have been kept."""
        first, after = self._next, self._after
        self._next, self._after = first + count, self._numbers_until(count)
        made = HTTP["settle"](self._core, count, first=first, after=after)
        return [Citizen(one.account, one.member, HTTP["network"](one)) for one in made]

    def _numbers_until(self, count: int) -> int:
        """Return where the numbers of so many people end."""
        numbers = HTTP["numbers"](self._core, self._after)
        for _ in range(count - 1):
            next(numbers)
        return int(next(numbers)[2:]) + 1


def open_country(core: Core, told: Told) -> Office:
    """Load the catalogue, make slots and let staff sign in."""
    load_catalogue(core, pack=core.pack)
    publish_default_rules(core)
    now = core.clock.now().replace(second=0, microsecond=0)
    make_slots(core, pack=core.pack, first=core.today() + timedelta(days=2), last=core.today() + timedelta(days=DAYS))
    soon = [now + timedelta(minutes=minutes) for minutes in range(10, 150, 5)]
    far = [now + timedelta(days=6, minutes=30 * step) for step in range(24)]
    few, many = _slots(core, far[:12], FEW), _slots(core, far[12:], 5_000)
    answers = dict(core.pack.service("compulsory-car-insurance").example)
    for one in core.pack.service("compulsory-car-insurance").fields:
        if one.answer.format == "date" and one.code in answers:
            answers[one.code] = (core.today() + timedelta(days=one.earliest_days or 0)).isoformat()
    clerk, officer = (_at_work(core, told, number) for number in range(2))
    return Office(few, many, list(zip(soon, _slots(core, soon, 500), strict=True)), clerk, officer, answers)


def a_photo(chance: random.Random) -> bytes:
    """Return a small photo, another one each time."""
    output = io.BytesIO()
    shade = tuple(chance.randrange(256) for _ in range(3))
    Image.new("RGB", (chance.randrange(60, 90), 50), shade).save(output, "JPEG")
    return output.getvalue()


def _slots(core: Core, starts: Sequence[datetime], places: int) -> list[int]:
    """Make slots with so many instant places each."""
    zone = ZoneInfo(core.pack.country.time_zone)
    with core.sessions.begin() as session:
        office = session.scalars(select(OfficeRow.id).where(OfficeRow.code == "damascus")).one()
        made = []
        for start in starts:
            day = start.astimezone(zone).date()
            row = {"office_id": office, "local_day": day, "band": "morning", "starts_at": start}
            row |= {"ends_at": start + timedelta(minutes=30), "counters": 8}
            made.append(session.scalars(insert(Slot).values(row).returning(Slot.id)).one())
        rows = [{"slot_id": one, "pool": Pool.INSTANT, "places": places, "taken": 0} for one in made]
        session.execute(insert(SlotPool), rows)
    return made


def _at_work(core: Core, told: Told, number: int) -> Client:
    """Sit one more officer of Damascus down."""
    account = create_staff(
        core,
        username=f"officer{number}",
        password="a turn for everyone",  # noqa: S106 - of a benchmark
        phone=f"+96393000000{number}",
        roles=(Role.OFFICER,),
        office_code="damascus",
        language="en",
        by=None,
    )
    with core.sessions() as session:
        office = session.scalars(select(OfficeRow.id).where(OfficeRow.code == "damascus")).one()
    token, data = sessions.create(
        core, account_id=account, language="en", door=Door.HOME, roles=(Role.OFFICER,), office_id=office
    )
    return Client(told, token=token, address=f"192.0.2.{number + 1}", csrf=data.csrf)
