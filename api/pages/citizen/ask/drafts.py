"""The request that a person is filling in, kept for them on our side, step by step, for some days.

It is kept for the account and the door, not for the session, so an expired session, another device or a dead battery
lose nothing. Every step is a field of its own, so that two tabs cannot undo each other's answers.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from booking.country.core.core import Core
from booking.country.core.sessions import answering_store
from booking.country.core.together import answer_of
from booking.platform.models.states import Door

KEPT_FOR: Final = timedelta(days=7)
_SENT: Final = "sent:"


class Draft(NamedTuple):
    """The answers so far, by step, and of the last form that was sent, by its key, the reference that it became."""

    answers: dict[str, Any]
    sent: Mapping[str, str]


class Owner(NamedTuple):
    """Whose draft it is, behind which door."""

    core: Core
    account_id: UUID
    door: Door


class Sent(NamedTuple):
    """A form that was sent, by its key, and the reference that it became."""

    owner: Owner
    form_key: str
    reference: str


def read_draft(core: Core, account_id: UUID, door: Door) -> Draft:
    """Return what is kept of a request in progress. Raises SessionsUnavailableError."""
    [found] = read_drafts([Owner(core, account_id, door)])
    if isinstance(found, Exception):
        raise found
    return found


def read_drafts(owners: Sequence[Owner]) -> list[Draft | Exception]:
    """Read drafts by one question to the store; one that cannot be read stops no other.

    Raises
    ------
    SessionsUnavailableError
        The store does not answer.
    """
    keys = [_key(one.account_id, one.door) for one in owners]
    with answering_store():
        pipeline = owners[0].core.redis.pipeline(transaction=False)
        for key in keys:
            pipeline.hgetall(key)
        stored = cast("list[dict[bytes, bytes]]", pipeline.execute())
    return [answer_of(partial(_open, one.core, key, kept)) for one, key, kept in zip(owners, keys, stored, strict=True)]


def _open(core: Core, key: str, stored: Mapping[bytes, bytes]) -> Draft:
    named = {name.decode(): kept for name, kept in stored.items()}
    return Draft(
        {name: json.loads(core.vault.decrypt(kept, key)) for name, kept in named.items() if not name.startswith(_SENT)},
        {name.removeprefix(_SENT): kept.decode() for name, kept in named.items() if name.startswith(_SENT)},
    )


def keep_step(core: Core, account_id: UUID, door: Door, **steps: Any) -> None:
    """Keep the answers of one or more steps. Raises SessionsUnavailableError."""
    key = _key(account_id, door)
    sealed: dict[str, bytes] = {name: core.vault.encrypt(json.dumps(value), key) for name, value in steps.items()}

    with answering_store():
        pipeline = core.redis.pipeline()
        pipeline.hset(key, mapping=cast("Any", sealed))
        pipeline.expire(key, KEPT_FOR)
        pipeline.execute()


def finish_drafts(sent: Sequence[Sent]) -> list[None]:
    """Forget the answers, and remember for each sent form which request it became: a second click finds it.

    Raises
    ------
    SessionsUnavailableError
        The store does not answer.
    """
    with answering_store():
        pipeline = sent[0].owner.core.redis.pipeline()
        for one in sent:
            key = _key(one.owner.account_id, one.owner.door)
            pipeline.delete(key)
            pipeline.hset(key, _SENT + one.form_key, one.reference)
            pipeline.expire(key, KEPT_FOR)
        pipeline.execute()
    return [None] * len(sent)


def _key(account_id: UUID, door: Door) -> str:
    return f"{{mawid}}:draft:{account_id}:{door.value}"
