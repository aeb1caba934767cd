"""What was asked in the weeks before the play, and who came: the past that a forecast learns from.

It is written as rows, for playing it would take hours. It belongs to accounts that were closed and forgotten: so it
names nobody, and no limit of the gate counts it. How many there were is drawn by
`booking.scheduling.forecast.simulate`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np
import pandas as pd
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.passwords import NOBODYS
from booking.country.open_data.days import publish_day
from booking.desk.rights.erase import STEPS
from booking.entrypoints.demo.country import Country
from booking.entrypoints.demo.timetable import Timetable
from booking.platform.base.references import new_reference
from booking.platform.models import Account, Office, Service
from booking.platform.models.states import Role
from booking.scheduling.forecast import kept
from booking.scheduling.forecast.seasons import week_of
from booking.scheduling.forecast.simulate import MIX, simulate_attendance, simulate_demand

WEEKLY: Final = 50
"""Requests of the whole country in a week, before seasons."""
_WORKING_DAYS: Final = 5
_MORNING, _WAKING, _OPEN = 6, 12, 5  # hours of UTC, of which two time zones away none is on another day
_MOST_TOGETHER: Final = 6
_VISIT_AFTER: Final = timedelta(days=7)
_CELL: Final = ["office", "service", "week"]

_ASKED: Final = """
    CREATE TEMPORARY TABLE asked ON COMMIT DROP AS SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:references AS text[]), CAST(:accounts AS uuid[]), CAST(:services AS int[]),
        CAST(:offices AS int[]), CAST(:doors AS text[]), CAST(:parties AS int[]), CAST(:units AS int[]),
        CAST(:asked AS timestamptz[]), CAST(:visits AS timestamptz[]), CAST(:kinds AS text[])
    ) AS one (id, reference, account_id, service_id, office_id, door, party, units, at, visit, kind)
"""
_REQUESTS: Final = """
    INSERT INTO request (
        id, reference, account_id, service_id, door, state, party_size, units, first_day, weekdays, bands, accessible,
        lost_draws, reschedules, nonce, receipt, device_hash, network_hash, phone_hash, created_at, decided_at
    ) SELECT
        id, reference, account_id, service_id, door,
        CASE kind WHEN 'served' THEN 'completed' WHEN 'no_show' THEN 'lapsed' ELSE 'withdrawn' END,
        party, units, CAST(at AS date), 127, :bands, false, 0, 0,
        sha256(uuid_send(gen_random_uuid())), sha256(uuid_send(gen_random_uuid())), '', '', '', at, at
    FROM asked
"""
_OFFICES: Final = "INSERT INTO request_office (request_id, rank, office_id) SELECT id, 0, office_id FROM asked"
_VISITS: Final = """
    INSERT INTO appointment (
        id, reference, request_id, office_id, state, starts_at, ends_at, confirm_by, created_at, confirmed_at,
        checked_in_at, ended_at
    ) SELECT
        id, reference, id, office_id, kind, visit, visit + interval '30 minutes', at + interval '2 days', at, at,
        CASE kind WHEN 'served' THEN visit END, visit + interval '30 minutes'
    FROM asked WHERE kind <> ''
"""
_OUTCOMES: Final = """
    INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)
    SELECT id, id, account_id, '', '', kind, visit + interval '30 minutes' FROM asked WHERE kind <> ''
"""


def weeks_before(core: Core, country: Country, timetable: Timetable, *, seed: int) -> int:
    """Write the weeks before the play and learn the coming ones from them; return how many requests they had.

    What is published day by day goes on from the day before the play, as if it had been published all along.
    """
    asked = _asked(core, country, seed)
    with core.sessions.begin() as session:
        _write(session, core, asked)
    publish_day(core, (timetable.opens - timedelta(days=1)).date())
    kept.learn_own(core)
    return len(asked)


def _asked(core: Core, country: Country, seed: int) -> pd.DataFrame:
    """Draw a row for each request: when, what, for how many people, when the visit was, and how it ended."""
    services = tuple(one for one in country.stage.services if one.code in MIX)
    pack = country.stage.model_copy(update={"services": services})
    first = week_of(pack, core.today()) - timedelta(weeks=kept.SHOWN_WEEKS)
    cells = simulate_demand(pack, first_week=first, weeks=kept.SHOWN_WEEKS, seed=seed, weekly=WEEKLY)
    cells = cells.merge(simulate_attendance(pack, cells, seed=seed), on=_CELL, how="left")
    rows = cells.loc[cells.index.repeat(cells["requests"])]
    number, rng = rows.groupby(_CELL).cumcount(), np.random.default_rng([seed, 23])
    others = rows["people"] - rows["requests"]
    party = 1 + others // rows["requests"] + (number < others % rows["requests"])
    day = pd.to_datetime(rows["week"], utc=True) + _some(rng, len(rows), _WORKING_DAYS, timedelta(days=1))
    at = day + timedelta(hours=_MORNING) + _some(rng, len(rows), _WAKING * 3600, timedelta(seconds=1))
    visit = day + _VISIT_AFTER + timedelta(hours=_MORNING) + _some(rng, len(rows), 2 * _OPEN, timedelta(minutes=30))
    came = np.where(number < rows["no_shows"], "no_show", np.where(number < rows["appointments"], "served", ""))
    over = visit < core.clock.now() - timedelta(days=1)
    return pd.DataFrame(
        {
            "office": rows["office"],
            "service": rows["service"],
            "party": party.clip(upper=_MOST_TOGETHER),
            "at": at,
            "visit": visit,
            "kind": np.where(over, came, ""),
        }
    ).reset_index(drop=True)


def _some(rng: np.random.Generator, number: int, most: int, step: timedelta) -> pd.TimedeltaIndex:
    return pd.to_timedelta(rng.integers(most, size=number) * step.total_seconds(), unit="s")


def _write(session: Session, core: Core, asked: pd.DataFrame) -> None:
    offices = {one.code: one for one in session.scalars(select(Office))}
    services = {one.code: one for one in session.scalars(select(Service))}
    accounts = {code: _account(session, offices[code], asked["at"].min()) for code in asked["office"].unique()}
    of_offices, of_services = asked["office"], asked["service"]
    values: Mapping[str, Any] = {
        "ids": [uuid4() for _ in range(len(asked))],
        "references": [new_reference() for _ in range(len(asked))],
        "accounts": [accounts[code] for code in of_offices],
        "services": [services[code].id for code in of_services],
        "offices": [offices[code].id for code in of_offices],
        "doors": [offices[code].door.value for code in of_offices],
        "parties": asked["party"].tolist(),
        "units": (asked["party"] * [services[code].units for code in of_services]).tolist(),
        "asked": asked["at"].dt.to_pydatetime().tolist(),
        "visits": asked["visit"].dt.to_pydatetime().tolist(),
        "kinds": asked["kind"].tolist(),
    }
    session.execute(text(_ASKED), values)
    session.execute(text(_REQUESTS), {"bands": ",".join(sorted(band.code for band in core.pack.country.bands))})
    for statement in (_OFFICES, _VISITS, _OUTCOMES):
        session.execute(text(statement))
    now = core.clock.now()
    left = {"closed_at": now, "closed_by_owner": True, "erased_at": now, "erasure": max(STEPS)}
    session.execute(update(Account).where(Account.id.in_(accounts.values())).values(left))


def _account(session: Session, office: Office, opened: datetime) -> UUID:
    """Open what `booking.desk.rights.erase` leaves of an account; nobody can sign in to it."""
    account = Account(
        username=f"erased-{uuid4().hex}",
        password_hash=NOBODYS,
        phone_ciphertext=b"",
        phone_hash=b"",
        language="ar",
        door=office.door,
        roles=[Role.CITIZEN],
        created_at=opened,
    )
    session.add(account)
    session.flush()
    return account.id
