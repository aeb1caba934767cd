"""A small working country for tests: settings, a core, a loaded pack, people who can ask."""

import atexit
import itertools
import os
import secrets
import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select, update

from booking.antifraud.gate.versions import RULES, propose_rules, publish_default_rules, publish_model
from booking.country.catalogue.load import load_catalogue, make_slots
from booking.country.core.core import Core
from booking.country.core.messages import ABOUT_SECRET
from booking.country.core.register import open_national_number, seal_grant
from booking.country.core.security import Origin
from booking.country.versions.steps import activate
from booking.entrypoints.demo.actor import do_what_was_asked
from booking.opening import open_core
from booking.people.accounts.household import add_member
from booking.people.accounts.identity import Identity, read_identity
from booking.people.accounts.opening import insert_account, read_account_form, register
from booking.people.registers.synthetic import Enrolled, grant_of
from booking.people.staff.create import create_staff
from booking.people.staff.propose import confirm, propose
from booking.people.staff.wanted import Wanted
from booking.platform.base.clock import SettableClock
from booking.platform.base.settings import PREFIX, SecondFactor, Settings
from booking.platform.models import HouseholdMember, Message, Service
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Door, Role
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.keep import Asked
from booking.scheduling.requests.wish import Wish
from fraud import train
from tests.support.roles import is_pooled

PASSWORD = "a turn for everyone"
START = datetime(2026, 11, 1, 6, tzinfo=UTC)
BORN = date(1990, 5, 17)
METRICS_TOKEN = "a token for the measures"
METRICS = {"authorization": f"Bearer {METRICS_TOKEN}"}
_counter = itertools.count(1)


@cache
def _evidence_dir() -> Path:
    """A folder for this process's evidence, gone when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="mawid-evidence-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def cheap_settings(**changes: object) -> Settings:
    """Settings for tests: passwords that are quick to hash, one fixed secret, no second factor unless asked for."""
    changes.setdefault("evidence_dir", _evidence_dir())
    for idle in ("staff_idle", "citizen_idle"):  # tests move the clock by hours between two clicks
        changes.setdefault(idle, timedelta(hours=12))
    changes.setdefault("public_pages_kept", timedelta(0))  # and look at what they have just changed
    changes.setdefault("database_pooled", is_pooled())
    environment = frozenset((name, value) for name, value in os.environ.items() if name.startswith(PREFIX))
    return _read_once(frozenset(changes.items()), environment).model_copy()


@cache
def _read_once(changes: frozenset[tuple[str, Any]], _: frozenset[tuple[str, str]]) -> Settings:
    """Read settings once a process for each environment: nearly all tests have the same, each a copy of its own."""
    return Settings(
        _env_file=None,
        secret_key=SecretStr("a secret for tests that is long enough"),
        password_hash_memory_kib=64,
        password_hash_rounds=1,
        **{
            "staff_second_factor": SecondFactor.OFF,
            "payment_provider": "sandbox",
            "metrics_token": SecretStr(METRICS_TOKEN),
        }
        | dict(changes),
    )


def fill_country(database_url: str, redis_url: str, *, days: int = 45, rows: int = 20_000) -> None:
    """Load the pack, make slots, rules and a model of so many rows, as seen on the first of November 2026."""
    start = SettableClock(START)
    past_any_pooler = cheap_settings(database_pooled=False)  # the database is renamed next, so nobody may be left in it
    with open_core(past_any_pooler, database_url=database_url, redis_url=redis_url, clock=start) as core:
        load_catalogue(core, pack=core.pack)
        make_slots(core, pack=core.pack, first=START.date(), last=START.date() + timedelta(days=days))
        publish_default_rules(core)
        publish_model(core, artifact=train(seed=7, rows=rows))


def a_colleague(core: Core, *roles: Role, office: str | None = None, agency: str | None = None) -> UUID:
    """One more member of staff."""
    n = next(_counter)
    return create_staff(
        core,
        username=f"{roles[0].value}-{n}-{secrets.token_hex(3)}",
        password=PASSWORD,
        phone=f"+9639430{n % 100_000:05d}",
        roles=roles,
        office_code=office,
        language="ar",
        by=None,
        agency_code=agency,
    )


def two_administrators_change(core: Core, account_id: UUID | None, kind: StaffChangeKind, **wanted: object) -> UUID:
    """Change a colleague's account, or make one, as it must be: one administrator proposes, another confirms."""
    first, second = a_colleague(core, Role.ADMINISTRATOR), a_colleague(core, Role.ADMINISTRATOR)
    reason = str(wanted.pop("reason", "new work"))
    change = propose(core, by=first, kind=kind, reason=reason, account_id=account_id, wanted=Wanted(**wanted))
    return confirm(core, by=second, change_id=change)


def a_citizen_of_the_register(core: Core) -> dict[str, str]:
    """Who somebody is, as the register knows them: the three fields of a form."""
    number = eligible_number(core)
    person = core.register.person_of(number)
    return {"name": person.name, "national_number": number, "birth_date": person.birth_date.isoformat()}


def an_analyst(core: Core) -> UUID:
    """One more analyst."""
    return a_colleague(core, Role.ANALYST)


def put_rules_in_force(core: Core, *, source: str) -> int:
    """Make rules active as they must be: one analyst proposes, another one activates."""
    version = propose_rules(core, source=source, by=an_analyst(core))
    activate(core, RULES, version=version, by=an_analyst(core), anyway=True)
    return version


def eligible_number(core: Core, *, never_had_passport: bool = False) -> str:
    """A fresh national number whose passport has (nearly) ended, or who never had one."""
    while True:
        number = f"{1 + secrets.randbelow(14):02d}{secrets.randbelow(10**9):09d}"
        record = core.register.made_of(number)
        days = record.passport_days_left(core.clock.now().date())
        if record.application_pending:
            continue
        if never_had_passport == (days < 0) and days <= 365:
            return number


def pending_number(core: Core) -> str:
    """A fresh national number of somebody whom the register rules out: another application is under way."""
    while True:
        number = f"{1 + secrets.randbelow(14):02d}{secrets.randbelow(10**9):09d}"
        if core.register.made_of(number).application_pending:
            return number


def last_secret(core: Core, account_id: UUID, kind: str) -> str:
    """The code in the last notice of that kind."""
    do_what_was_asked(core)
    with core.sessions() as session:
        found = session.scalars(
            select(Message.secret)
            .where(Message.account_id == account_id, Message.kind == kind)
            .order_by(Message.created_at.desc())
            .limit(1)
        ).one()
    return core.vault.decrypt(found, ABOUT_SECRET)


def an_origin(device: str | None = None) -> Origin:
    """Somebody's own phone, on a network of its own."""
    n = next(_counter)
    return Origin(f"198.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", device or f"phone-{n}-{secrets.token_hex(4)}", 90.0)


def an_account(
    core: Core,
    *,
    door: Door = Door.HOME,
    language: str = "ar",
    confirmed: bool = True,
    username: str | None = None,
    phone: str | None = None,
) -> UUID:
    """An account with a confirmed phone, made by its row alone: no code was sent; without one it is registered."""
    form = {
        "username": username or f"user{secrets.token_hex(6)}",
        "password": PASSWORD,
        "phone": phone or f"+96394{secrets.randbelow(10**7):07d}",
        "language": language,
    }
    if not confirmed:
        return register(core, **form, door=door, origin=an_origin())
    with core.sessions.begin() as session:
        return insert_account(
            session,
            core,
            read_account_form(core, **form, errors=[]),
            password_hash=core.passwords.hash(PASSWORD),
            roles=(Role.CITIZEN,),
            door=door,
            phone_confirmed_at=core.clock.now(),
        )


def a_member(
    core: Core,
    account_id: UUID,
    *,
    name: str = "أمل الخيالية",
    number: str | None = None,
    relation: str = "other",
    born: date = BORN,
    proven: bool = True,
) -> int:
    """One person of the household, whom the register knows, eligible to renew; proven unless told otherwise."""
    number = number or eligible_number(core)
    core.register.enrol(number, Enrolled(name, born))
    member_id = add_member(
        core, account_id=account_id, name=name, national_number=number, birth_date=born, relation=relation
    )
    if proven:
        prove_household(core, account_id)
    return member_id


def prove_household(core: Core, account_id: UUID) -> None:
    """Make everybody of a household proven, by rows alone: nobody is told, and no weaker claim ends."""
    with core.sessions.begin() as session:
        for member in session.scalars(select(HouseholdMember).where(HouseholdMember.account_id == account_id)):
            if not member.is_proven:
                _prove(core, member)


def prove_newest_member(core: Core) -> None:
    """Make proven whoever was added to a household last, as `prove_household` does."""
    with core.sessions.begin() as session:
        newest = session.scalars(select(HouseholdMember).order_by(HouseholdMember.id.desc()).limit(1)).one()
        _prove(core, newest)


def _prove(core: Core, member: HouseholdMember) -> None:
    grant = grant_of(open_national_number(core.vault, member.person))
    member.grant_ciphertext = seal_grant(core.vault, member.id, grant)
    member.level, member.proved_by, member.proved_at = IdentityLevel.PROVEN, ProofKind.CARD, core.clock.now()


def a_typed_person(
    core: Core, *, name: str = "حسن الخيالي", number: str | None = None, born: str = "3/4/1950"
) -> Identity:
    """Somebody whom the register knows, as typed from their document."""
    person = read_identity(core, name=name, national_number=number or eligible_number(core), birth_date=born)
    core.register.enrol(person.number, Enrolled(person.name, person.born))
    return person


def a_wish(people: tuple[int, ...], **changes: object) -> Wish:
    """A renewal in Damascus, any weekday, any time."""
    fields = {
        "service": "passport-renewal",
        "people": people,
        "offices": (changes.pop("office", None) or "damascus",),
        "bands": frozenset({"morning", "midday", "afternoon"}),
        "door": Door.HOME,
    }
    return Wish(**(fields | changes))


def a_request(core: Core, **changes: object) -> tuple[UUID, Asked]:
    """An honest citizen's request, with an account an old month behind it."""
    account_id = an_account(core)
    member = a_member(core, account_id)
    return account_id, ask(core, account_id=account_id, wish=a_wish((member,), **changes), origin=an_origin())


def services(core: Core) -> dict[str, Service]:
    """The services by code."""
    with core.sessions() as session:
        return {service.code: service for service in session.scalars(select(Service))}


def forget_proofs(core: Core, account_id: UUID) -> None:
    """Leave an account's claims as they were before anybody was asked for a proof."""
    nothing = {"proved_by": None, "proved_at": None, "grant_ciphertext": None, "level": IdentityLevel.CLAIMED}
    mine = update(HouseholdMember).where(HouseholdMember.account_id == account_id)
    with core.sessions.begin() as session:
        session.execute(mine.values(**nothing))
