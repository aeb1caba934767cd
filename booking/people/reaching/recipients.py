"""Who reads a notice: their language, their addresses and what they chose."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
from cryptography.exceptions import InvalidTag
from sqlalchemy import Uuid, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import read_address, read_phone
from booking.country.packs.phone import normalise_phone
from booking.country.packs.schema import Pack
from booking.people.reaching.notice_text import Group
from booking.platform.base.arrays import any_of
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import DIRECTION_MARKS, LONGEST_NUMBER, latin_digits, number
from booking.platform.base.message_states import Channel
from booking.platform.models import Account, ContactChannel, NoticeChoice
from booking.platform.models.states import Door

ADDRESS: Final = "address"
LONGEST_EMAIL: Final = 254
LONGEST_LOCAL: Final = 64
_LOCAL: Final = re.compile(r"[^\s@<>()\[\],;:\"\\]+")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_TELEGRAM: Final = re.compile(r"[1-9][0-9]{4,14}")


def read_new_address(channel: Channel, text: str, region: str) -> str:
    """Read an address of ``channel``; a number without country code is one of ``region`` (ISO 3166).

    Raises
    ------
    FieldError
        On the field ``address``: "missing", "too_long", or why it is not an address ("no_email", "no_telegram", and
        what `booking.country.packs.phone.normalise_phone` says of WhatsApp numbers).
    """
    if channel is Channel.EMAIL:
        return _email(text)
    if channel is Channel.TELEGRAM:
        plain = number(ADDRESS, text).translate(DIRECTION_MARKS).strip()
        if not _TELEGRAM.fullmatch(plain):
            raise FieldError(ADDRESS, "no_telegram")
        return plain
    return normalise_phone(number(ADDRESS, text), region, field=ADDRESS)


def masked(channel: Channel, address: str) -> str:
    """Return enough of an address for its owner to recognise it, and for nobody else to learn it."""
    if channel is Channel.EMAIL:
        local, _, domain = address.rpartition("@")
        return f"{local[:1]}•••@{domain}"
    return f"••• {address[-3:]}"


def _email(text: str) -> str:
    if len(text) > LONGEST_EMAIL + LONGEST_NUMBER:
        raise FieldError(ADDRESS, "too_long")
    plain = latin_digits(text.translate(DIRECTION_MARKS)).strip()
    if not plain:
        raise FieldError(ADDRESS, "missing")
    local, at, domain = plain.rpartition("@")
    try:
        ascii_domain = domain.lower().encode("idna").decode()
    except UnicodeError:
        raise FieldError(ADDRESS, "no_email") from None
    whole = f"{local}@{ascii_domain}"
    fits = at and len(local) <= LONGEST_LOCAL and len(whole) <= LONGEST_EMAIL
    if not fits or not plain.isprintable() or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        raise FieldError(ADDRESS, "no_email")
    return whole


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one full hour of the day to another, over midnight where the first is later; the same twice: none."""

    begins: int
    ends: int
    zone: str

    def end_after(self, now: datetime) -> datetime | None:
        """Return the instant at which the quiet hours that ``now`` falls into end, or None outside them.

        Local hours are meant: a night in which clocks change is an hour longer or shorter.
        """
        local = now.astimezone(ZoneInfo(self.zone))
        over_midnight = self.begins > self.ends
        if over_midnight:
            inside = local.hour >= self.begins or local.hour < self.ends
        else:
            inside = self.begins <= local.hour < self.ends
        if not inside:
            return None
        day = local.date() + timedelta(days=1 if over_midnight and local.hour >= self.begins else 0)
        return datetime.combine(day, time(self.ends), ZoneInfo(self.zone)).astimezone(now.tzinfo)


class UsualZones:
    """The time zones of people, as long as they name no other one."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def of(self, *, door: Door, phone: str) -> str:
        """Return the time zone of a person with this phone (E.164)."""
        at_home = self._pack.country.time_zone
        if door is Door.HOME or not phone:
            return at_home
        country = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
        return self._abroad.get(country or "", at_home)

    @cached_property
    def _abroad(self) -> Mapping[str, str]:
        """By country: of the first consulate there, or else of the first whose district it is."""
        consulates = [office for office in self._pack.offices if office.kind == "consulate"]
        there = [(self._pack.region(office.region).country, office.time_zone) for office in consulates]
        served = [(country, office.time_zone) for office in consulates for country in office.district]
        return dict(reversed([*there, *served]))


def zones(pack: Pack) -> list[str]:
    """List the time zones that a person can choose: the country's, then those of its offices."""
    return list(dict.fromkeys([pack.country.time_zone, *sorted({office.time_zone for office in pack.offices})]))


@dataclass(frozen=True, slots=True)
class Reader:
    """An account as a reader of notices. ``addresses`` are all that it gave, ``confirmed`` those that work."""

    language: str
    addresses: Mapping[Channel, str]
    confirmed: frozenset[Channel]
    first: Channel
    silenced: frozenset[Group]
    quiet: QuietHours

    def channels(self, group: Group, only: Channel | None) -> tuple[Channel, ...]:
        """Return the channels for a notice, in the order in which they are tried.

        A code goes to what it proves. News about the account itself goes to the phone first, whatever was chosen:
        somebody who got into the account may have added a channel.
        """
        if only is not None:
            return (only,) if only in self.addresses else ()
        if group is Group.CODES:
            return (Channel.SMS,)
        first = Channel.SMS if group in {Group.SECURITY, Group.ANSWERS} else self.first
        others = [channel for channel in Channel if channel in self.confirmed]
        return tuple(dict.fromkeys([first, *others])) if first in self.confirmed else tuple(others)


def read_readers(session: Session, core: Core, account_ids: Collection[UUID]) -> dict[UUID, Reader]:
    """Read accounts as readers, many at a time; an account that somebody damaged is left out, and stops no other."""
    ours = any_of(account_ids, Uuid)
    columns = select(Account.id, Account.language, Account.door, Account.phone_ciphertext)
    accounts = session.execute(columns.where(Account.id == ours)).all()
    choices = {
        one.account_id: one for one in session.scalars(select(NoticeChoice).where(NoticeChoice.account_id == ours))
    }
    more: dict[UUID, list[ContactChannel]] = {}
    for one in session.scalars(select(ContactChannel).where(ContactChannel.account_id == ours)):
        more.setdefault(one.account_id, []).append(one)
    readers: dict[UUID, Reader] = {}
    zones = UsualZones(core.pack)
    for account in accounts:
        with suppress(InvalidTag, ValueError):
            readers[account.id] = _reader(core, zones, account, choices.get(account.id), more.get(account.id, []))
    return readers


def own_zone(core: Core, account_id: UUID) -> str:
    """Return the time zone of an account's owner: the one they chose, else that of their phone's country."""
    with core.sessions() as session:
        return read_readers(session, core, [account_id])[account_id].quiet.zone


def _reader(
    core: Core, zones: UsualZones, account: Any, choice: NoticeChoice | None, more: list[ContactChannel]
) -> Reader:
    phone = read_phone(core.vault, account.phone_ciphertext)
    own = {Channel.SMS: phone} if phone else {}
    addresses = own | {one.kind: read_address(core.vault, one.address_ciphertext) for one in more}
    confirmed = set(own) | {one.kind for one in more if one.confirmed_at is not None}
    if choice is None:
        zone = zones.of(door=account.door, phone=phone)
        quiet = QuietHours(core.settings.quiet_from, core.settings.quiet_until, zone)
        return Reader(account.language, addresses, frozenset(confirmed), Channel.SMS, frozenset(), quiet)
    return Reader(
        language=account.language,
        addresses=addresses,
        confirmed=frozenset(confirmed),
        first=choice.first,
        silenced=frozenset(Group(word) for word in choice.silenced),
        quiet=QuietHours(choice.quiet_from, choice.quiet_until, choice.time_zone),
    )
