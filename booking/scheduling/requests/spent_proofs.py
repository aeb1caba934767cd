"""Which solutions were used, and how many wrong ones an account sent lately: kept in Redis until they no longer matter.

Where Redis does not answer nothing is believed: no solution is accepted then, and the code from the phone remains.
"""

from datetime import timedelta
from typing import Final, cast
from uuid import UUID

import redis

from booking.country.core.core import Core
from booking.scheduling.requests.proof_errors import ProofUnavailableError

REMEMBER_FAILURES: Final = timedelta(hours=1)
_SPENT: Final = "{mawid}:proof:spent:"
_FAILED: Final = "{mawid}:proof:failed:"


def spend(core: Core, mark: str, *, lifetime: timedelta) -> bool:
    """Use a solution up; of any number at once, exactly one gets True. Raises ProofUnavailableError.

    ``lifetime`` is how long the solution would still be right.
    """
    seconds = max(1, -(-lifetime // timedelta(seconds=1))) + 60  # the servers' clocks may differ a little
    try:
        return bool(core.redis.set(_SPENT + mark, b"1", nx=True, ex=seconds))
    except (redis.RedisError, OSError):
        raise ProofUnavailableError from None


def count_failure(core: Core, account_id: UUID) -> None:
    """Remember a wrong solution of the account for an hour. Raises ProofUnavailableError."""
    name = _failed(core, account_id)
    try:
        with core.redis.pipeline() as both:
            both.incr(name)
            both.expire(name, REMEMBER_FAILURES)
            both.execute()
    except (redis.RedisError, OSError):
        raise ProofUnavailableError from None


def failures(core: Core, account_id: UUID) -> int:
    """Count the account's wrong solutions of the last hour. Raises ProofUnavailableError."""
    try:
        return int(cast("bytes | None", core.redis.get(_failed(core, account_id))) or 0)
    except (redis.RedisError, OSError):
        raise ProofUnavailableError from None


def _failed(core: Core, account_id: UUID) -> str:
    return _FAILED + core.vault.lookup_hash(str(account_id), "proof failures").hex()
