"""A repeated POST creates nothing twice: the client's key is written in the transaction that it protects."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.base.errors import IdempotencyConflictError
from booking.models import IdempotencyKey

KEY_LIFETIME: Final = timedelta(days=2)


def fingerprint_of(content: dict[str, Any]) -> bytes:
    """Hash what a repeated POST must repeat."""
    plain = {key: sorted(value) if isinstance(value, frozenset) else value for key, value in content.items()}
    return sha256(json.dumps(plain, sort_keys=True, default=str).encode()).digest()


def find_replay(session: Session, account_id: UUID, key: str | None, fingerprint: bytes) -> str | None:
    """Return the result that this key had before, if any; raises IdempotencyConflictError on other content."""
    if key is None:
        return None
    kept = session.get(IdempotencyKey, (account_id, key))
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise IdempotencyConflictError
    return kept.result


def claim_key(
    session: Session, *, account_id: UUID, key: str | None, fingerprint: bytes, result: str, now: datetime
) -> str | None:
    """Write the key in the caller's transaction, or return the result of the twin that came first.

    A twin that is still writing is waited for. Keys older than two days are forgotten on the way.
    """
    if key is None:
        return None
    session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.account_id == account_id, IdempotencyKey.created_at < now - KEY_LIFETIME
        )
    )
    written = session.scalar(
        insert(IdempotencyKey)
        .values(account_id=account_id, key=key, fingerprint=fingerprint, result=result, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.result)
    )
    return None if written else find_replay(session, account_id, key, fingerprint)
