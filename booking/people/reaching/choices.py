"""What an account chose about notices: language, first channel, reminders, quiet hours; and what was sent to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.reaching.addresses import masked
from booking.people.reaching.recipients import Reader, read_readers
from booking.people.reaching.templates import SILENCEABLE, Group, templates
from booking.people.reaching.zones import zones
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.message_states import Channel, MessageState
from booking.platform.models import Account, Message, NoticeChoice

SHOWN: Final = 10
_MIDNIGHT_TO_MIDNIGHT: Final = range(24)


@dataclass(frozen=True, slots=True)
class Way:
    """A channel of an account as its owner sees it."""

    channel: Channel
    masked: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that an account got, without its text."""

    subject: str
    state: MessageState
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choices:
    """All that the page of notices shows."""

    reader: Reader
    ways: tuple[Way, ...]
    latest: tuple[Sent, ...]


def read_choices(core: Core, *, account_id: UUID, language: str) -> Choices:
    """Return an account's channels, choices and latest notices; subjects are in ``language``."""
    speech = core.languages.of(language)
    with core.sessions() as session:
        reader = read_readers(session, core, [account_id])[account_id]
        messages = session.scalars(
            select(Message)
            .where(Message.account_id == account_id)
            .order_by(Message.created_at.desc(), Message.id)
            .limit(SHOWN)
        ).all()
    known = templates()
    return Choices(
        reader=reader,
        ways=tuple(
            Way(channel, masked(channel, reader.addresses[channel]), channel in reader.confirmed)
            for channel in Channel
            if channel in reader.addresses
        ),
        latest=tuple(
            Sent(speech.choose(known[one.kind].subject), one.state, one.created_at, one.sent_at)
            for one in messages
            if one.kind in known
        ),
    )


def save_choices(
    core: Core,
    *,
    account_id: UUID,
    language: str,
    first: str,
    wanted: Collection[str],
    quiet_from: int,
    quiet_until: int,
    time_zone: str,
) -> None:
    """Keep what an account chose. ``wanted`` are the groups of notices that it can do without and still wants.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    """
    errors: list[FieldError] = []
    with fields.noted(errors):
        language = fields.language(language, core.languages)
    for name, hour in (("quiet_from", quiet_from), ("quiet_until", quiet_until)):
        if hour not in _MIDNIGHT_TO_MIDNIGHT:
            errors.append(FieldError(name, "unknown"))
    if time_zone not in zones(core.pack):
        errors.append(FieldError("time_zone", "unknown"))
    fields.raise_all(errors)
    with core.sessions.begin() as session:
        reader = read_readers(session, core, [account_id])[account_id]
        if first not in {one.value for one in reader.confirmed}:
            raise InvalidInputError([FieldError("first", "unknown")])
        session.get_one(Account, account_id, with_for_update=True).language = language
        silenced = sorted(group.value for group in SILENCEABLE if group.value not in wanted)
        values = {
            "first": Channel(first),
            "silenced": silenced,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "time_zone": time_zone,
            "changed_at": core.clock.now(),
        }
        session.execute(
            insert(NoticeChoice)
            .values(account_id=account_id, **values)
            .on_conflict_do_update(index_elements=[NoticeChoice.account_id], set_=values)
        )


def silence(session: Session, core: Core, *, account_id: UUID, silenced: Collection[Group]) -> None:
    """Silence these groups and no others, in the caller's transaction; the other choices stay as they are."""
    reader = read_readers(session, core, [account_id])[account_id]
    words = sorted(group.value for group in silenced)
    session.execute(
        insert(NoticeChoice)
        .values(
            account_id=account_id,
            first=reader.first,
            silenced=words,
            quiet_from=reader.quiet.begins,
            quiet_until=reader.quiet.ends,
            time_zone=reader.quiet.zone,
            changed_at=core.clock.now(),
        )
        .on_conflict_do_update(
            index_elements=[NoticeChoice.account_id], set_={"silenced": words, "changed_at": core.clock.now()}
        )
    )
