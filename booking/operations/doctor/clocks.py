"""The clock of this machine beside those of its servers, and beside the rounds that the world's beacon signed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import psycopg
import redis
from redis.exceptions import RedisClusterException, RedisError

from booking.country.core.clock_off import ahead_of
from booking.country.core.presence import living, own_number
from booking.country.core.schema_changes import engine_of_changes
from booking.operations.doctor.findings import Finding, Patient, fault, warning
from booking.operations.doctor.read_only import connection_of
from booking.operations.doctor.servers import PATIENCE
from booking.platform.base.bounded_http import CallError, get
from booking.platform.base.clock import Clock, SystemClock
from booking.platform.base.settings_beacon import BeaconKind
from booking.transparency.beacons.drand import MOST_BYTES, quicknet
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import check_round
from fraud.limiting.redis_client import connect

APART: Final = timedelta(seconds=2)
FAR: Final = timedelta(seconds=30)
"""Codes of authenticators are refused, and draws close at another time than was said."""
STALE: Final = timedelta(minutes=5)
"""A relay of the beacon may be behind by some rounds."""
_NTP: Final = "keep every machine's clock by NTP (timedatectl set-ntp true), then start Mawid again"
_LATEST: Final = "/{chain}/public/latest"


def look_at_clocks(patient: Patient, clock: Clock | None = None) -> Iterator[Finding]:
    """Find that this machine's clock differs from the database's or Valkey's by more than the question took."""
    clock = clock or SystemClock()
    with connection_of(patient.servers.database_url) as connection:
        connection.execute("SELECT 1")
        off = ahead_of(clock, lambda: _first(connection.execute("SELECT clock_timestamp()")))
    yield from _compare("the database", off)
    try:
        with connect(patient.servers.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            client.ping()
            off = ahead_of(clock, lambda: _time_of(client))
    except (RedisError, RedisClusterException):
        return  # said by the check of that server
    yield from _compare("Valkey", off)


def look_at_processes(patient: Patient) -> Iterator[Finding]:
    """Find processes of other machines whose clock is wrong, and those of a version that is not this one's."""
    engine = engine_of_changes(patient.servers.database_url)
    with engine.connect() as connection:
        alive = living(connection)
    for host in sorted({one.host for one in alive}):
        off = max((one.ahead for one in alive if one.host == host), key=abs)
        yield from _compare("the database", timedelta(seconds=off), whom=f"the clock of {host}")
    if others := sorted({one.words for one in alive if one.schema_number != own_number()}):
        yield warning(
            f"processes of another version live: {'; '.join(others)}", "bring every machine to the same version"
        )


def _first(found: psycopg.Cursor[Any]) -> datetime:
    (at,) = found.fetchone() or (None,)
    return cast("datetime", at)


def _time_of(client: redis.Redis) -> datetime:
    seconds, micros = client.time()
    return datetime.fromtimestamp(seconds + micros / 1e6, UTC)


def _compare(whose: str, off: timedelta, *, whom: str = "this machine's clock") -> Iterator[Finding]:
    if abs(off) > APART:
        way = "ahead of" if off > timedelta(0) else "behind"
        made = fault if abs(off) > FAR else warning
        yield made(f"{whom} is {abs(off).total_seconds():.0f} seconds {way} that of {whose}", _NTP)


def look_at_beacon(patient: Patient, clock: Clock | None = None) -> Iterator[Finding]:
    """Find that this machine's clock differs from the newest round of drand, which cannot be signed before its time."""
    settings, clock = patient.settings, clock or SystemClock()
    if settings.beacon is not BeaconKind.DRAND:
        return
    newest = max((at for relay in settings.drand_urls for at in _newest(relay)), default=None)
    if newest is None:
        yield warning("no relay of drand answers rightly", "let this machine reach one of MAWID_DRAND_URLS")
    elif newest - clock.now() > APART:
        off = (newest - clock.now()).total_seconds()
        yield fault(f"this machine's clock is {off:.0f} seconds behind: the beacon has signed later rounds", _NTP)
    elif clock.now() - newest > STALE:
        off = (clock.now() - newest).total_seconds()
        yield warning(
            f"the newest round of the beacon is {off:.0f} seconds old: this clock is ahead, or all relays are behind",
            _NTP,
        )


def _newest(relay: str) -> Iterator[datetime]:
    """Yield when the newest round that a relay has came out, where its signature is right."""
    terms = quicknet(1)
    try:
        answer = get(relay + _LATEST.format(chain=terms.chain), most=MOST_BYTES)
        said: Any = json.loads(answer.body)
        number, signature = int(said["round"]), bytes.fromhex(said["signature"])
        check_round(terms, number, signature)
        yield terms.time_of(number)
    except (CallError, BeaconError, ValueError, TypeError, KeyError, RecursionError):
        return
