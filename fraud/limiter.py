"""Rate limits shared by all processes: one script call judges all subjects of an attempt.

This is the only module of the library that speaks to Redis or Valkey.
"""

import hashlib
import hmac
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fraud.limits import DEFAULT_LIMITS, Limit, LimitDecision, Policy, check_policy
from fraud.local_limits import LocalLimits

__all__ = ["DEFAULT_LIMITS", "Limit", "LimitDecision", "Limiter", "UnknownActionError", "make_client"]

TIMEOUT_SECONDS: Final = 0.05
FAILURES_TO_OPEN: Final = 3
REST_SECONDS: Final = 1.0
MIN_KEY_BYTES: Final = 16
_MICROSECONDS: Final = 1_000_000


class UnknownActionError(Exception):
    """The policy has no limits for this action."""


def make_client(url: str) -> redis.Redis:
    """Return a client that gives up after 50 ms and never tries twice, as an outage must not slow anyone down.

    ``url`` is redis://, rediss:// or unix://; the client is safe to share between threads.
    """
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


class Limiter:
    """Judges attempts by a policy; during an outage of the server it judges by itself and says so.

    Parameters
    ----------
    client
        From ``make_client``, or one with its time-outs.
    key
        Secret of at least 16 bytes. The server sees only HMAC-SHA-256 of what is limited, never a number or address.
    policy
        Limits for each action.
    workers
        Processes that share the traffic. During an outage each has 1 / workers of every limit.
    monotonic
        Seconds of a clock that never goes back, for outages only; the server's own clock judges otherwise.
    """

    def __init__(
        self,
        client: redis.Redis,
        key: bytes,
        policy: Policy = DEFAULT_LIMITS,
        *,
        workers: int = 1,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise ValueError(f"the key must have at least {MIN_KEY_BYTES} bytes")
        if workers < 1:
            raise ValueError("workers must be at least 1")
        self._client = client
        self._key = key
        self._policy = {
            action: [_prepared(limit) for limit in limits] for action, limits in check_policy(policy).items()
        }
        self._breaker = _Breaker(monotonic)
        self._local = LocalLimits(workers, monotonic)
        self._script = resources.files("fraud").joinpath("gcra.lua").read_text(encoding="utf-8")
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()
        self._counts = {"decided": 0, "refused": 0, "degraded": 0, "failures": 0}
        self._counting = threading.Lock()

    def attempt(self, action: str, subjects: Mapping[str, str]) -> LimitDecision:
        """Charge one attempt to all its subjects, or, if any limit is reached, to none.

        Parameters
        ----------
        action
            A name of the policy, such as ``"ask"``.
        subjects
            What is limited, as in ``{"network": "203.0.113.0/24", "person": "…"}``. A limit whose subject is absent
            does not apply; a subject without a limit is ignored.

        Raises
        ------
        UnknownActionError
            The policy does not name the action.
        ValueError
            A subject is given but empty: it would make strangers share one budget.
        """
        try:
            policy = self._policy[action]
        except KeyError:
            raise UnknownActionError(action) from None
        applying = [prepared for prepared in policy if prepared.limit.subject in subjects]
        if not applying:
            return LimitDecision(
                allowed=True, tightest=None, remaining=0, retry_after_seconds=0, reset=0, degraded=False
            )
        hashes = {prepared.limit.subject: "" for prepared in applying}
        for subject in hashes:
            hashes[subject] = self._hash(action, subject, subjects[subject])
        keys = [prepared.prefix + hashes[prepared.limit.subject] for prepared in applying]
        reply = self._ask_server(keys, b"".join([prepared.packed for prepared in applying]))
        degraded = reply is None
        limits = [prepared.limit for prepared in applying]
        allowed, tightest, remaining, wait, reset = reply or self._local.attempt(keys, limits)
        self._count(refused=not allowed, degraded=degraded)
        return LimitDecision(
            allowed=bool(allowed),
            tightest=limits[tightest - 1],
            remaining=remaining,
            retry_after_seconds=-(-wait // _MICROSECONDS),
            reset=-(-reset // _MICROSECONDS),
            degraded=degraded,
        )

    def counts(self) -> dict[str, int]:
        """Return how many attempts were decided, refused and decided degraded, and how many calls failed."""
        with self._counting:
            return dict(self._counts)

    def _hash(self, action: str, subject: str, value: str) -> str:
        if not value:
            raise ValueError(f"the {subject} is empty")
        return hmac.digest(self._key, f"{action}\0{subject}\0{value}".encode(errors="surrogatepass"), "sha256")[
            :16
        ].hex()

    def _ask_server(self, keys: list[str], packed: bytes) -> tuple[int, int, int, int, int] | None:
        """Return the script's reply, or None where the server did not give one."""
        if not self._breaker.may_try():
            return None
        try:
            reply = self._run(keys, packed)
        except (redis.RedisError, OSError):
            self._breaker.failed()
            with self._counting:
                self._counts["failures"] += 1
            return None
        if self._breaker.worked():
            self._local.clear()
        return cast("tuple[int, int, int, int, int]", tuple(reply))

    def _run(self, keys: list[str], packed: bytes) -> list[int]:
        try:
            reply = self._client.evalsha(self._sha, len(keys), *keys, packed)
        except redis.exceptions.NoScriptError:
            # The server is new or was restarted. EVAL runs the script and stores it, in one trip.
            reply = self._client.eval(self._script, len(keys), *keys, packed)
        return cast("list[int]", reply)

    def _count(self, *, refused: bool, degraded: bool) -> None:
        with self._counting:
            self._counts["decided"] += 1
            self._counts["refused"] += refused
            self._counts["degraded"] += degraded


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What each attempt needs of a limit, made once."""

    limit: Limit
    prefix: str
    packed: bytes


def _prepared(limit: Limit) -> _Prepared:
    # One hash tag keeps all keys of an attempt on one node of a cluster, as a script requires.
    prefix = f"{{mawid}}:limit:{limit.per.total_seconds():.0f}:"
    return _Prepared(limit, prefix, struct.pack(">QQ", limit.interval_us, limit.count))


class _Breaker:
    """After some failures in a row, leaves the server alone for a while; then lets one call at a time try it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._next_try = 0.0

    def may_try(self) -> bool:
        if self._failures < FAILURES_TO_OPEN:
            return True
        with self._lock:
            now = self._monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + REST_SECONDS
            return True

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._next_try = self._monotonic() + REST_SECONDS

    def worked(self) -> bool:
        """Close the breaker; return whether it had been failing."""
        if self._failures == 0:
            return False
        with self._lock:
            had_failed = self._failures > 0
            self._failures = 0
            return had_failed
