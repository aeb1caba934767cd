"""What is judged first and then kept, once for each key: a repetition gets the answer of the first."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.idempotency import claim_key, find_replay
from booking.platform.base.errors import MawidError

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
