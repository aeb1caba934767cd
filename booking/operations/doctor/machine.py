"""What the machine has: settings and who can read them, room on the disk, certificates, backups."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from booking.operations.backup.folder import newest_backup
from booking.operations.doctor.findings import Finding, Patient, fault, warning
from booking.operations.health.machine import OLD_BACKUP, list_certificates, read_room
from booking.platform.base.clock import SystemClock
from booking.platform.base.env_file import is_open_to_others
from booking.platform.base.https_check import check_https
from booking.platform.base.settings import PREFIX, Environment, Settings, SettingsError, secrets_known
from booking.transparency.log.witnesses import read_witnesses

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
