"""The request that a person is filling in, kept for them on our side, step by step, for some days.

It is kept for the account and the door, not for the session, so an expired session, another device or a dead battery
lose nothing. Every step is a field of its own, so that two tabs cannot undo each other's answers.
"""

import json
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from booking.core.core import Core
from booking.core.sessions import answering_store
from booking.models.states import Door

KEPT_FOR: Final = timedelta(days=7)
_SENT: Final = "sent:"


def read_draft(core: Core, account_id: UUID, door: Door) -> dict[str, Any]:
    """Return the answers so far, by step. Raises SessionsUnavailableError."""
    key = _key(account_id, door)
    with answering_store():
        stored = cast("dict[bytes, bytes]", core.redis.hgetall(key))
    return {
        name.decode(): json.loads(core.vault.decrypt(sealed, key))
        for name, sealed in stored.items()
        if not name.startswith(_SENT.encode())
    }


def keep_step(core: Core, account_id: UUID, door: Door, **steps: Any) -> None:
    """Keep the answers of one or more steps. Raises SessionsUnavailableError."""
    key = _key(account_id, door)
    sealed: dict[str, bytes] = {name: core.vault.encrypt(json.dumps(value), key) for name, value in steps.items()}

    with answering_store():
        pipeline = core.redis.pipeline()
        pipeline.hset(key, mapping=cast("Any", sealed))
        pipeline.expire(key, KEPT_FOR)
        pipeline.execute()


def finish(core: Core, account_id: UUID, door: Door, *, form_key: str, reference: str) -> None:
    """Forget the answers, and remember for the sent form which request it became: a second click finds it."""
    key = _key(account_id, door)

    with answering_store():
        pipeline = core.redis.pipeline()
        pipeline.delete(key)
        pipeline.hset(key, _SENT + form_key, reference)
        pipeline.expire(key, KEPT_FOR)
        pipeline.execute()


def sent_as(core: Core, account_id: UUID, door: Door, form_key: str) -> str | None:
    """Return the reference that a form already became. Raises SessionsUnavailableError."""
    key = _key(account_id, door)
    with answering_store():
        found = cast("bytes | None", core.redis.hget(key, _SENT + form_key))
    return found.decode() if found else None


def _key(account_id: UUID, door: Door) -> str:
    return f"{{mawid}}:draft:{account_id}:{door.value}"
