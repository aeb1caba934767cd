"""Browsers that an account was signed in from: told apart from strangers by a random value in a cookie of theirs.

A known device signs nobody in. It has a budget of tries of its own, so strangers cannot use it up.
"""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.platform.base.arrays import any_named
from booking.platform.models import Account, CalendarFeed, CitizenSubject, CredentialOffer, KnownDevice, PhoneChange

MOST: Final = 10
"""Of one account; the one used longest ago makes room."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ABOUT: Final = "known device"
_LONGEST_WORDS: Final = 60


def is_token(text: str) -> bool:
    """Return whether a text has the form of a known device's value."""
    return _TOKEN.fullmatch(text) is not None


def is_known(session: Session, core: Core, *, account_id: UUID, token: str) -> bool:
    """Return whether the account was signed in to from the browser that holds ``token``, and did not forget it."""
    held = KnownDevice.token_hash == _hash(core, token)
    return is_token(token) and session.scalars(select(exists().where(KnownDevice.account_id == account_id, held))).one()


def is_known_by_name(session: Session, core: Core, *, username: str, token: str) -> bool:
    """Return whether the account of a stored user name knows the browser, in one statement whoever has the name."""
    held = exists().where(
        Account.username == username,
        KnownDevice.account_id == Account.id,
        KnownDevice.token_hash == _hash(core, token),
    )
    return is_token(token) and session.scalars(select(held)).one()


def charge_try(core: Core, action: str, *, name: str, origin: Origin, known: bool) -> None:
    """Charge one try to be the owner of ``name``: to what is at this browser alone where it is known.

    Raises
    ------
    TooManyAttemptsError
        Too many were tried at this browser; or, where it is not known, for this name from this network, from the
        network or device in all, or for the name where ``action`` limits that.
    """
    if known:
        charge(core, "signin_known", {"account": f"{action} of {name} at {_hash(core, origin.known).hex()}"})
    else:
        charge(core, action, origin.subjects(account=name, visitor=origin.visitor(name)))


def remember_in(session: Session, core: Core, *, account_id: UUID, token: str, words: str) -> str:
    """Remember the browser that has ``token`` in the caller's transaction; return the value that it is to hold.

    That is ``token`` itself, which several accounts of one browser share, or a new one where it is none of ours.
    """
    token, now = token if is_token(token) else secrets.token_urlsafe(32), core.clock.now()
    used = {"words": words[:_LONGEST_WORDS], "used_at": now}
    remembered = insert(KnownDevice).values(
        account_id=account_id, token_hash=_hash(core, token), created_at=now, **used
    )
    session.execute(remembered.on_conflict_do_update(constraint="uq_known_device_account_id", set_=used))
    newest = (
        select(KnownDevice.id)
        .where(KnownDevice.account_id == account_id)
        .order_by(KnownDevice.used_at.desc(), KnownDevice.created_at.desc(), KnownDevice.id)
        .limit(MOST)
    )
    session.execute(delete(KnownDevice).where(KnownDevice.account_id == account_id, KnownDevice.id.not_in(newest)))
    return token


def remember(core: Core, *, account_id: UUID, token: str, words: str) -> str:
    """Remember a browser after a whole sign-in; see `remember_in`."""
    with core.sessions.begin() as session:
        return remember_in(session, core, account_id=account_id, token=token, words=words)


def list_devices(core: Core, account_id: UUID) -> list[KnownDevice]:
    """List an account's known devices, the one used last first."""
    mine = select(KnownDevice).where(KnownDevice.account_id == account_id)
    with core.sessions() as session:
        return list(session.scalars(mine.order_by(KnownDevice.used_at.desc(), KnownDevice.id)))


def forget_one(core: Core, *, account_id: UUID, device_id: UUID) -> None:
    """Forget a known device of the account; nothing happens where it has no such one."""
    mine = delete(KnownDevice).where(KnownDevice.account_id == account_id, KnownDevice.id == device_id)
    with core.sessions.begin() as session:
        session.execute(mine)


def forget_others(session: Session, core: Core, *, account_id: UUID, token: str) -> None:
    """Forget all known devices of an account but the one that has ``token``, and end its offers for wallets.

    In the caller's transaction. Whoever sat at one of these devices may have made an offer and wait with it.
    """
    others = delete(KnownDevice).where(KnownDevice.account_id == account_id)
    session.execute(others.where(KnownDevice.token_hash != _hash(core, token)))
    session.execute(delete(CredentialOffer).where(CredentialOffer.account_id == account_id))


def forget_for_new_password(session: Session, core: Core, *, account_id: UUID, token: str) -> None:
    """Forget other devices, offers for wallets, the state's sign-in and addresses of calendars, in one transaction.

    Who chooses a new password because somebody else got in must not leave them a way that needs none.
    """
    forget_others(session, core, account_id=account_id, token=token)
    for table in (CitizenSubject, CalendarFeed):
        session.execute(delete(table).where(table.account_id == account_id))


def _hash(core: Core, token: str) -> bytes:
    return core.vault.lookup_hash(token, _ABOUT)


LATELY: Final = timedelta(days=30)
"""How long a phone before counts on: longer than any limit's window that is counted by phone."""
_CHANGED: Final = (
    select(PhoneChange.account_id, PhoneChange.done_at, PhoneChange.old_hash)
    .where(PhoneChange.account_id == any_named("accounts", Uuid), PhoneChange.done_at > bindparam("since"))
    .order_by(PhoneChange.done_at)
)


@dataclass(frozen=True, slots=True)
class Change:
    """When an account got another phone, and the keyed hash of the one before: b"" where it had none, or none sure."""

    done_at: datetime
    before: bytes


def phones_before(session: Session, *, account_id: UUID, now: datetime) -> Sequence[bytes]:
    """Return the keyed hashes of the phones that an account had within `LATELY` and changed, the latest first."""
    changes = changed_phones(session, accounts=[account_id], since=now - LATELY).get(account_id, ())
    return had_lately(changes, now)


def had_lately(changes: Sequence[Change], now: datetime) -> Sequence[bytes]:
    """Return what `phones_before` does, from changes that were read already, the earliest first."""
    return list(dict.fromkeys(one.before for one in reversed(changes) if one.before and one.done_at > now - LATELY))


def changed_phones(session: Session, *, accounts: Collection[UUID], since: datetime) -> Mapping[UUID, Sequence[Change]]:
    """Return the changes of phone of accounts after an instant, the earliest first; who made none is not in it."""
    rows = session.execute(_CHANGED, {"accounts": list(accounts), "since": since})
    found: dict[UUID, list[Change]] = {}
    for account, done_at, before in rows:
        if done_at is not None:
            found.setdefault(account, []).append(Change(done_at, before))
    return found
