"""A repeated POST creates nothing twice: the client's key is written in the transaction that it protects."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, delete, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.arrays import any_named, insert_new
from booking.platform.base.errors import IdempotencyConflictError, MawidError
from booking.platform.models import IdempotencyKey

KEY_LIFETIME: Final = timedelta(days=2)
_KEPT: Final = select(
    IdempotencyKey.account_id, IdempotencyKey.key, IdempotencyKey.fingerprint, IdempotencyKey.result
).where(IdempotencyKey.account_id == any_named("accounts", Uuid), IdempotencyKey.key == any_named("keys", String))
_FORGET: Final = (
    delete(IdempotencyKey)
    .where(IdempotencyKey.account_id == any_named("accounts", Uuid), IdempotencyKey.created_at < bindparam("before"))
    .execution_options(synchronize_session=False)
)


def fingerprint_of(content: dict[str, Any]) -> bytes:
    """Hash what a repeated POST must repeat."""
    plain = {key: sorted(value) if isinstance(value, frozenset) else value for key, value in content.items()}
    return sha256(json.dumps(plain, sort_keys=True, default=str).encode()).digest()


class Claim(NamedTuple):
    """A key with what must be the same when it comes again, and what is made under it; ``key`` None claims nothing."""

    account_id: UUID
    key: str | None
    fingerprint: bytes
    result: str = ""


def find_replay(session: Session, account_id: UUID, key: str | None, fingerprint: bytes) -> str | None:
    """Return the result that this key had before, if any; raises IdempotencyConflictError on other content."""
    [found] = find_replays(session, [Claim(account_id, key, fingerprint)])
    return _one(found)


def find_replays(session: Session, claims: Sequence[Claim]) -> list[str | IdempotencyConflictError | None]:
    """Return for each claim the result that its key had before, or as an answer that it came with other content."""
    keys = [one.key for one in claims if one.key is not None]
    if not keys:
        return [None] * len(claims)
    rows = session.execute(_KEPT, {"accounts": list({one.account_id for one in claims}), "keys": keys})
    kept = {(account, key): (fingerprint, result) for account, key, fingerprint, result in rows}
    return [_found(kept.get((one.account_id, one.key or "")), one) for one in claims]


def claim_key(
    session: Session, *, account_id: UUID, key: str | None, fingerprint: bytes, result: str, now: datetime
) -> str | None:
    """Write the key in the caller's transaction, or return the result of the twin that came first.

    A twin that is still writing is waited for. Keys older than two days are forgotten on the way.
    """
    [twin] = claim_keys(session, [Claim(account_id, key, fingerprint, result)], now)
    return _one(twin)


def claim_keys(session: Session, claims: Sequence[Claim], now: datetime) -> list[str | IdempotencyConflictError | None]:
    """Do for each claim what `claim_key` does, in one order for all who claim; twins may be among them."""
    wanted = sorted((one for one in claims if one.key is not None), key=lambda one: (one.account_id, one.key))
    if not wanted:
        return [None] * len(claims)
    session.execute(_FORGET, {"accounts": list({one.account_id for one in wanted}), "before": now - KEY_LIFETIME})
    rows = [one._asdict() | {"created_at": now} for one in wanted]
    written = set(insert_new(session, IdempotencyKey, rows, IdempotencyKey.result))
    others = [one for one in claims if one.key is not None and one.result not in written]
    twins = dict(zip(others, find_replays(session, others), strict=True))
    return [twins.get(one) for one in claims]


def _found(kept: tuple[bytes, str] | None, claim: Claim) -> str | IdempotencyConflictError | None:
    if kept is None:
        return None
    fingerprint, result = kept
    return result if fingerprint == claim.fingerprint else IdempotencyConflictError()


def _one(found: str | IdempotencyConflictError | None) -> str | None:
    if isinstance(found, IdempotencyConflictError):
        raise found
    return found


Judged = TypeVar("Judged")
Answer = TypeVar("Answer")


def judged_once(
    core: Core,
    *,
    account_id: UUID,
    key: str | None,
    fingerprint: bytes,
    judge: Callable[[Session], Judged],
    result: Callable[[Judged], str],
    keep: Callable[[Session, Judged], Answer],
    again: Callable[[Session, str], Answer],
) -> Answer:
    """Judge outside of the transaction that writes, then keep what was judged in it, with its key.

    A twin that comes while the first is judged or kept is not judged twice in the end: where its judging is refused,
    as by the turn that the first has taken, or the first has claimed the key, it gets what the first got.

    Parameters
    ----------
    key
        None where nothing is repeated.
    result
        Names what is kept, for ``again``.
    again
        Makes the answer anew from the result of the first.

    Raises
    ------
    IdempotencyConflictError
        The key came before, with other content.
    MawidError
        ``judge`` or ``keep`` refuse.
    """
    with core.sessions() as session:
        before = find_replay(session, account_id, key, fingerprint)
        if before is not None:
            return again(session, before)
        try:
            judged = judge(session)
        except MawidError:
            twin = find_replay(session, account_id, key, fingerprint)  # it may be kept by now
            if twin is None:
                raise
            return again(session, twin)
    with core.sessions.begin() as session:
        twin = claim_key(
            session,
            account_id=account_id,
            key=key,
            fingerprint=fingerprint,
            result=result(judged),
            now=core.clock.now(),
        )
        return keep(session, judged) if twin is None else again(session, twin)
