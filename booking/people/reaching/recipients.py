"""Who reads a notice: their language, their addresses and what they chose."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Uuid, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.sealed import read_address, read_phone
from booking.people.reaching.quiet import QuietHours
from booking.people.reaching.templates import Group
from booking.people.reaching.zones import UsualZones
from booking.platform.base.arrays import any_of
from booking.platform.base.message_states import Channel
from booking.platform.models import Account, ContactChannel, NoticeChoice


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
