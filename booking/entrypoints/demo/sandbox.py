"""A sandbox for programs that use the API: a small country with known accounts, where nobody is real.

The same seed makes the same people. Nothing of it is a demonstration's or a site's: its database bears a mark of its
own, and is emptied at each start.
"""

import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from booking.antifraud.gate.versions import publish_default_rules, publish_model
from booking.country.catalogue.load import SLOTS_AHEAD, load_catalogue, make_slots
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.places.views import open_slots
from booking.entrypoints.demo.progress import add_proven
from booking.entrypoints.demo.stage import Place, Stage, open_stage
from booking.entrypoints.demo.witnesses import watching
from booking.opening import open_core
from booking.people.accounts.opening import insert_account, read_account_form
from booking.people.registers.choose import invented
from booking.people.staff.create import create_staff
from booking.platform.base.clock import SettableClock, SystemClock
from booking.platform.models.states import Door, Role
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.draws.draw import announce, open_draw
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.wish import Wish
from booking.scheduling.swaps.nights import announce as announce_night
from booking.serving import check_address, serve_on
from fraud import train

PLACE: Final = Place("sandbox", "made by the sandbox of Mawid, which may empty it")
PASSWORD: Final = "a turn in the sandbox"  # noqa: S105 - of people who do not exist
FILE: Final = "sandbox.json"
OFFICE, SERVICE, DRAW, NIGHT = "damascus", "passport-renewal", "sandbox", "x-sandbox"
_OLD: Final = timedelta(days=40)
"""How long the accounts have been there: a new one is looked at more closely."""
_LONG: Final = timedelta(hours=12)
_ROWS: Final = 20_000
_ENDS_SOON: Final = 180
"""Days within which a passport may be renewed for no other reason."""
_BORN: Final = date(1985, 3, 14)
_HOUSEHOLDS: Final = {
    "amal": ("أمل الخيالية", "هدى الخيالية", "سامر الخيالي"),
    "basel": ("باسل الخيالي",),
    "dima": ("ديما الخيالية",),
    "nour": ("نور الخيالية",),
    "rima": ("ريما الخيالية", "كريم الخيالي"),
}
_NEVER_HAD_ONE: Final = {"كريم الخيالي"}
"""Has no passport yet, and so needs another service than who renews on the same visit."""
_STAFF: Final = {
    "officer": (Role.OFFICER, OFFICE),
    "supervisor": (Role.SUPERVISOR, OFFICE),
    "analyst": (Role.ANALYST, None),
    "administrator": (Role.ADMINISTRATOR, None),
    "administrator-2": (Role.ADMINISTRATOR, None),
}


@dataclass(frozen=True, slots=True)
class Known:
    """An account that a program may use: its people by their ids, and what it has asked for or was given."""

    username: str
    password: str
    token: str
    people: Sequence[int] = ()
    request: str = ""
    appointment: str = ""


def run(*, seed: int, draw_in: timedelta, exchange_in: timedelta, serve: bool, host: str, port: int) -> int:
    """Make the country, write down its accounts, then serve it; return the code with which the command ends.

    Raises
    ------
    booking.platform.base.server_error.ServerError
        The address cannot be served on, or a private server does not start.
    booking.entrypoints.demo.stage.NotOursError
        The database holds something that no sandbox made, or the settings are a production's; nothing is touched.
    booking.entrypoints.demo.stage.DemoRunningError
        Another sandbox holds the state folder; nothing is touched.
    """
    if serve:
        check_address(host, port)
    with open_stage(host=host, port=port, place=PLACE) as stage:
        clock = SettableClock(SystemClock().now())
        database_url, redis_url = stage.database_url, stage.redis_url
        with open_core(stage.settings, database_url=database_url, redis_url=redis_url, clock=clock) as core:
            set_up(core, seed=seed)
            known = invite(core, clock, seed=seed)
            hold_a_draw(core, closes_in=draw_in)
            hold_a_night(core, closes_in=exchange_in)
        path = stage.settings.state_dir / FILE
        write_known(path, stage, known)
        for line in told(stage, path, known):
            print(line)  # noqa: T201 - what the command is for
        if not serve:
            return 0
        with watching(stage.settings.state_dir):
            more = stage.environment() | {"MAWID_CITIZEN_IDLE": "PT12H", "MAWID_WEBHOOK_PLAIN": "true"}
            return serve_on(
                stage.settings, database_url=database_url, redis_url=redis_url, host=host, port=port, more=more
            )


def set_up(core: Core, *, seed: int) -> None:
    """Load the country pack with its slots, rules and a small model."""
    load_catalogue(core, pack=core.pack)
    today = core.today()
    make_slots(core, pack=core.pack, first=today, last=today + SLOTS_AHEAD)
    publish_default_rules(core)
    publish_model(core, artifact=train(seed, _ROWS))


def invite(core: Core, clock: SettableClock, *, seed: int) -> list[Known]:
    """Open the accounts: three that asked for nothing, one whose request waits for the draw, one with an appointment.

    Colleagues have the same password; here they need no second step.
    """
    numbers, first_ones, now = numbers_of(core, seed), numbers_of(core, seed, had_one=False), core.clock.now()
    clock.set(now - _OLD)
    accounts = {name: _citizen(core, name, position) for position, name in enumerate(_HOUSEHOLDS)}
    clock.set(now)
    people = {
        name: tuple(
            add_proven(
                core,
                account_id=account_id,
                name=one,
                number=next(first_ones if one in _NEVER_HAD_ONE else numbers),
                born=_BORN,
                relation="other" if n else "self",
            )
            for n, one in enumerate(_HOUSEHOLDS[name])
        )
        for name, account_id in accounts.items()
    }
    waits = ask(
        core, account_id=accounts["basel"], wish=_wish(core, people["basel"]), origin=_origin("basel")
    ).reference
    with core.sessions() as session:
        slot = open_slots(session, door=Door.HOME, units=1, now=now + timedelta(days=1), office_code=OFFICE)[0]
    booked = hold(
        core,
        account_id=accounts["dima"],
        slot_id=slot.slot_id,
        wish=_wish(core, people["dima"]),
        origin=_origin("dima"),
    )
    confirm_hold(core, account_id=accounts["dima"], reference=booked.reference)
    given = {"basel": {"request": waits}, "dima": {"request": booked.request, "appointment": booked.reference}}
    for position, (name, (role, office)) in enumerate(_STAFF.items()):
        create_staff(
            core,
            username=name,
            password=PASSWORD,
            phone=f"+9639430099{position:02d}",
            roles=[role],
            office_code=office,
            language="en",
            by=None,
        )
    citizens = [
        Known(name, PASSWORD, _token(core, account_id), people[name], **given.get(name, {}))
        for name, account_id in accounts.items()
    ]
    return [*citizens, *(Known(name, PASSWORD, "") for name in _STAFF)]


def hold_a_draw(core: Core, *, closes_in: timedelta) -> None:
    """Open a draw that closes soon and gives out the coming two weeks; others follow by the schedule."""
    now = core.clock.now()
    first = core.today() + timedelta(days=2)
    announce(
        core,
        reference=DRAW,
        opens_at=now,
        closes_at=now + closes_in,
        horizon_first=first,
        horizon_last=first + timedelta(days=12),
    )
    open_draw(core, DRAW)


def hold_a_night(core: Core, *, closes_in: timedelta) -> None:
    """Announce a night of the exchange that closes soon, and not in the night; others follow by the schedule.

    Whoever confirmed a place of the draw by then can wish for another one.
    """
    announce_night(core, reference=NIGHT, closes_at=core.clock.now() + closes_in)


def numbers_of(core: Core, seed: int, *, had_one: bool = True) -> Iterator[str]:
    """Yield national numbers of people who may renew a passport, or never had one: for a seed the same, each once."""
    chance = random.Random(seed)  # noqa: S311 - the same each time is what it is for
    register, seen = invented(core.settings, core.pack, core.clock), set[str]()
    while True:
        number = f"{1 + chance.randrange(14):02d}{chance.randrange(10**9):09d}"
        record = register.made_of(number)
        if record is None or record.application_pending or number in seen:
            continue
        left = record.passport_days_left(core.today())
        if (0 <= left <= _ENDS_SOON) if had_one else left < 0:
            seen.add(number)
            yield number


def write_known(path: Path, stage: Stage, known: Sequence[Known]) -> None:
    """Write the accounts for programs to read, for the folder's owner alone."""
    content = {"base_url": stage.settings.base_url, "accounts": {one.username: asdict(one) for one in known}}
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


def told(stage: Stage, path: Path, known: Sequence[Known]) -> Iterator[str]:
    """Yield what whoever started it must know."""
    yield f"A sandbox: nobody in it is real, and the next start empties it. {stage.settings.base_url}/api/v1/docs"
    yield f"User names: {', '.join(one.username for one in known)}. Password of all: {PASSWORD}"
    yield f"Tokens for {int(_LONG.total_seconds() // 3600)} hours, ids and references: {path}"
    yield f"Codes and notices that would be sent: {stage.settings.base_url}/outbox"


def _citizen(core: Core, name: str, position: int) -> UUID:
    form = {"username": name, "password": PASSWORD, "phone": f"+96394400{position:04d}", "language": "en"}
    with core.sessions.begin() as session:
        return insert_account(
            session,
            core,
            read_account_form(core, **form, errors=[]),
            password_hash=core.passwords.hash(PASSWORD),
            roles=(Role.CITIZEN,),
            door=Door.HOME,
            phone_confirmed_at=core.clock.now(),
        )


def _token(core: Core, account_id: UUID) -> str:
    token, _ = sessions.create(core, account_id=account_id, language="en", door=Door.HOME, lifetime=_LONG)
    return token


def _wish(core: Core, people: tuple[int, ...]) -> Wish:
    bands = frozenset(band.code for band in core.pack.country.bands)
    return Wish(service=SERVICE, people=people, offices=(OFFICE,), bands=bands, door=Door.HOME)


def _origin(name: str) -> Origin:
    return Origin("198.51.100.7", f"sandbox {name}", 150.0)
