"""What the machine has: settings and who can read them, room on the disk, certificates, backups."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import psycopg
import redis
from redis.exceptions import RedisClusterException, RedisError
from sqlalchemy import Select, select

from booking.country.core.measures import ahead_of
from booking.country.core.presence import living, own_number
from booking.country.core.schema_changes import engine_of_changes
from booking.operations.backup.folder import newest_backup
from booking.operations.doctor.findings import Finding, Patient, connection_of, core_of, fault, warning
from booking.operations.doctor.servers import PATIENCE
from booking.operations.health.queues import OLD_BACKUP, list_certificates, read_room
from booking.platform.base.bounded_http import CallError, get
from booking.platform.base.clock import Clock, SystemClock
from booking.platform.base.https_check import check_https
from booking.platform.base.release import is_open_to_others
from booking.platform.base.settings import PREFIX, Environment, Settings, SettingsError, secrets_known
from booking.platform.base.settings_servers import BeaconKind
from booking.platform.files.place import Cause, FileMissingError, Files, FilesAwayError
from booking.platform.files.watched import open_files
from booking.platform.models import AccountCopy, ConsentPaper, OnlinePaper, UrgentEvidence
from booking.transparency.beacons.drand import MOST_BYTES, quicknet
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import check_round
from booking.transparency.log.witnesses import read_witnesses
from fraud.limiting.redis_client import connect

TIGHT: Final = 0.2
FULL: Final = 0.1
"""Free parts of a disk below which somebody must act, and below which it is bad."""
SOON: Final = timedelta(days=30)
TONIGHT: Final = timedelta(days=3)
_OTHERS: Final = 0o077


def look_at_settings(patient: Patient) -> Iterator[Finding]:
    """Find a secret that others can read or that is none, and what production should have."""
    settings, env = patient.settings, Path(".env")
    if is_open_to_others(env, PREFIX, Settings.model_fields):
        yield fault(".env holds a secret and is open to others", "chmod 600 .env, and ask who has read it")
    try:
        secrets_known(settings)
        read_witnesses(settings)
    except SettingsError as error:
        yield fault(str(error), "as it says; docs/runbook.md, “Settings”")
    if settings.environment is not Environment.PRODUCTION:
        return
    if settings.witnesses is None:
        yield warning(
            "nobody outside keeps the public log: who owns the database could write it anew",
            "name witnesses in MAWID_WITNESSES (docs/log.md)",
        )
    if plain := settings.plain_servers():
        yield warning(f"{' and '.join(plain)} is reached without TLS", "sslmode=verify-full, rediss://")
    if settings.database_url is not None and settings.database_owner_url is None:
        yield warning(
            "MAWID_DATABASE_OWNER_URL is not set here: migrate, backup to another place and restore need it",
            "set it for the person who runs these commands, and for no service",
        )


def look_at_disk(patient: Patient) -> Iterator[Finding]:
    """Find a disk that is nearly full, and a folder that can be entered by others or not be written to."""
    settings = patient.settings
    room = read_room(settings)
    if room.share < TIGHT:
        made = fault if room.share < FULL else warning
        yield made(
            f"{room.share:.0%} of the disk with evidence is free",
            "remove what is old, or give it a larger disk: nothing can be sent in once it is full",
        )
    for folder in (settings.evidence_folder, settings.backups_dir):
        if folder is not None and folder.is_dir() and folder.stat().st_mode & _OTHERS:
            yield warning(f"{folder} can be entered by others", f"chmod 700 {folder}")


def look_at_certificates(patient: Patient) -> Iterator[Finding]:
    """Find certificates of the settings that end soon, have ended, or cannot be read."""
    now = _now(patient)
    for one in list_certificates(patient.settings):
        if one.at is None:
            yield fault(f"the certificate in {one.setting} cannot be read", "name a file in PEM that Mawid may read")
        elif one.at - now < SOON:
            words = "has ended" if one.at <= now else f"ends on {one.at:%Y-%m-%d %H:%M} UTC"
            made = fault if one.at - now < TONIGHT else warning
            yield made(f"the certificate in {one.setting} {words}", "renew it, then start Mawid again")


def look_at_site(patient: Patient) -> Iterator[Finding]:
    """Ask the proxy in front of the site, where the site is reached by TLS."""
    address = patient.settings.base_url
    for one in check_https(address) if address.startswith("https://") else ():
        if one.well is False:
            yield fault(f"{address}: {one.tried}: {one.found}", "mend the proxy; `mawid https try` asks again")


def look_at_backups(patient: Patient) -> Iterator[Finding]:
    """Find that the last backup is old, was never tried, or is missing; and half-written ones that were left behind."""
    folder = patient.settings.backups_dir
    make = "`mawid backup` into MAWID_BACKUPS_DIR, or see why the job back_up failed (`/admin`, the worker's log)"
    if folder is None:
        yield warning("MAWID_BACKUPS_DIR names no folder: nothing is backed up by itself", "name one on another disk")
        return
    if patient.settings.database_pooled and patient.settings.database_listen_url is None:
        yield warning(
            "the job back_up makes no backup through a pooler",
            "name the server's own address in MAWID_DATABASE_LISTEN_URL of the worker",
        )
    newest = newest_backup(folder)
    if newest is None:
        yield fault(f"there is no backup in {folder}", make)
        return
    now = _now(patient)
    if now - newest.made_at > OLD_BACKUP:
        yield fault(f"the last backup is of {newest.made_at:%Y-%m-%d %H:%M} UTC", make)
    if newest.verified_at is None:
        yield warning(
            "the last backup was never tried: whether it can be restored is not known", f"mawid verify {newest.folder}"
        )
    for one in folder.glob("*.part"):
        if now.timestamp() - one.stat().st_mtime > OLD_BACKUP.total_seconds():
            yield warning(f"{one} is half a backup, which broke off", f"rm -r {one}")


def _now(patient: Patient) -> datetime:
    return patient.core.clock.now() if patient.core else SystemClock().now()


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


LEFT_AFTER: Final = timedelta(days=2)
"""A night's job removes what an upload that broke off left behind, once it is a day old."""
_ROWS: Final[Mapping[str, Select[UUID, int]]] = {
    "": select(UrgentEvidence.id, UrgentEvidence.pages).where(UrgentEvidence.removed_at.is_(None)),
    "online": select(OnlinePaper.id, OnlinePaper.pages).where(OnlinePaper.removed_at.is_(None)),
    "consents": select(ConsentPaper.id, ConsentPaper.pages).where(ConsentPaper.removed_at.is_(None)),
    "copies": select(AccountCopy.id, AccountCopy.parts).where(AccountCopy.removed_at.is_(None)),
}
"""By kind of files: whose they are, and how many each has."""
_REMEDIES: Final[Mapping[Cause, str]] = {
    Cause.FULL: "give it more room: nothing can be sent in until then",
    Cause.REFUSED: "let Mawid read, write and list there: rights of the folder, keys or policy of the bucket",
    Cause.SLOW: "see what holds it up; MAWID_S3_ANSWER_WITHIN says how long Mawid waits",
    Cause.UNREACHABLE: "check MAWID_S3_ENDPOINT, the network, and its certificate (MAWID_S3_CA_FILE)",
    Cause.NO_BUCKET: "make the bucket, or name the right one in MAWID_S3_BUCKET",
    Cause.LIED: "keep files elsewhere: it does not keep what it says that it kept",
    Cause.BROKEN: "see its own log",
}


def look_at_place(patient: Patient) -> Iterator[Finding]:
    """Find that files could not be read or kept now, and why."""
    try:
        files = open_files(patient.settings)
    except SettingsError as error:
        yield fault(str(error), "as it says")
        return
    try:
        files.look()
    except FilesAwayError as error:
        yield fault(f"{files.where}: {error.cause}", f"{_REMEDIES[error.cause]}; then `mawid files try`")


def look_at_files(patient: Patient) -> Iterator[Finding]:
    """Find rows whose files are missing, files that no row names, and files that others can read."""
    core = core_of(patient)
    files, now = core.files, core.clock.now()
    for kind, wanted in _ROWS.items():
        # Files first: one that came after it has a row by then, and one that went has none.
        there = {one.key.rpartition("/")[2]: one.changed_at for one in files.list(kind)}
        with core.sessions() as session:
            rows = {file_id.hex: pages for file_id, pages in session.execute(wanted).yield_per(10_000)}
        named = {f"{one}-{page}" for one, pages in rows.items() for page in range(pages)}
        missing = [name for name in named - there.keys() if not _is_there(files, kind, name)]
        where = f"{files.where}/{kind}" if kind else files.where
        if missing:
            yield fault(
                f"{len(missing)} files that rows name are not in {where}",
                "take them from the backup of that time: the folder evidence/ in it, or `mawid restore` beside",
            )
        old = (now - LEFT_AFTER).timestamp()
        if left := sum(1 for name in there.keys() - named if there[name] < old):
            yield warning(f"{left} files in {where} belong to no row", "the job remove_old_evidence takes them away")
        folder = core.settings.evidence_folder / kind
        if readable := _readable(folder):
            yield fault(f"{readable} files in {folder} can be read by others", f"chmod -R go= {folder}")


def _is_there(files: Files, kind: str, name: str) -> bool:
    key = f"{name[:2]}/{name}"
    try:
        files.head(f"{kind}/{key}" if kind else key, 1)
    except FileMissingError:
        return False
    return True


def _readable(folder: Path) -> int:
    """Return how many files of a folder others can read."""
    readable = 0
    for one in _entries(folder):
        if one.is_dir() and len(one.name) == 2:  # noqa: PLR2004 - the first two digits of the names in it
            files = (file for file in _entries(Path(one.path)) if file.is_file() and "-" in file.name)
            readable += sum(bool(file.stat().st_mode & _OTHERS) for file in files)
    return readable


def _entries(folder: Path) -> Iterator[Any]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from entries
