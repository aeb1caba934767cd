"""Rate limits shared by all processes: one script call judges all subjects of an attempt.

This is the only module of the library that speaks to Redis or Valkey.
"""

import hashlib
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias, cast

import redis

from fraud.limiting.breaker import Breaker
from fraud.limiting.limits import Limit, LimitDecision, LocalLimits, Policy, check_policy, limits_for
from fraud.limiting.outage_log import OutageLog
from fraud.limiting.redis_client import HASH_TAG, make_client
from fraud.limiting.redis_script import HASH_BYTES, PreparedCall, Script
from fraud.limiting.text import default_limits

__all__ = ["Limit", "LimitDecision", "Limiter", "Try", "UnknownActionError", "make_client"]

KEY_BYTES: Final = range(16, 65)
REPLY: Final = struct.Struct(">BBIQQ")
"""What the script answers: allowed, tightest, remaining, wait and reset."""

_MICROSECONDS: Final = 1_000_000
_Reply: TypeAlias = tuple[int, int, int, int, int]


class UnknownActionError(Exception):
    """The policy has no limits for this action."""


class Try(NamedTuple):
    """An attempt: what is tried, for which subjects, and whether the account is a registered helper's."""

    action: str
    subjects: Mapping[str, str]
    helper: bool = False


class Limiter:
    """Judges attempts by a policy; during an outage of the server it judges by itself and says so.

    Parameters
    ----------
    client
        From ``make_client``, or one with its time-outs.
    key
        Secret of 16 to 64 bytes. The server sees only keyed hashes (BLAKE2b) of what is limited, never a number or
        address.
    policy
        Limits for each action; None for the built-in ones.
    version
        What decisions name the policy by.
    workers
        Processes that share the traffic. During an outage each has 1 / workers of every limit.
    monotonic
        Seconds of a clock that never goes back, for outages only; the server's own clock judges otherwise.
    """

    def __init__(
        self,
        client: redis.Redis,
        key: bytes,
        policy: Policy | None = None,
        *,
        version: str = "",
        workers: int = 1,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if len(key) not in KEY_BYTES:
            raise ValueError(f"the key must have {KEY_BYTES.start} to {KEY_BYTES.stop - 1} bytes")
        if workers < 1:
            raise ValueError("workers must be at least 1")
        self._key = key
        self._script = Script(client, Path(__file__).with_name("gcra.lua").read_text(encoding="utf-8"))
        self._breaker = Breaker(monotonic)
        self._outages = OutageLog("limits")
        self._local = LocalLimits(workers, monotonic)
        self._counts: dict[str, _Counts] = {}
        self._failures = 0
        self._counting = threading.Lock()
        if policy is None:
            policy, version = default_limits().policy, default_limits().version
        self.adopt(policy, version)

    def adopt(self, policy: Policy, version: str) -> None:
        """Judge by another policy from the next attempt on; attempts already made still count.

        Raises
        ------
        PolicyError
            The policy contradicts itself; the one before stays.
        """
        self._current = _Current(check_policy(policy), version, {})

    def attempt(self, action: str, subjects: Mapping[str, str], *, helper: bool = False) -> LimitDecision:
        """Charge one attempt to all its subjects, or, if any limit is reached, to none.

        Parameters
        ----------
        action
            A name of the policy, such as ``"ask"``.
        subjects
            What is limited, as in ``{"network": "203.0.113.0/24", "person": "…"}``. A limit whose subject is absent
            does not apply; a subject without a limit is ignored.
        helper
            The account is a registered helper's: its own budget holds where the policy has one.

        Raises
        ------
        UnknownActionError
            The policy does not name the action.
        ValueError
            A subject is given but empty: it would make strangers share one budget.
        """
        [decision] = self.attempt_all([Try(action, subjects, helper)])
        return decision

    def attempt_all(self, tries: Sequence[Try]) -> list[LimitDecision]:
        """Do for each of several attempts what `attempt` does, one after the other, in one trip to the server."""
        current = self._current
        plans = [
            current.plans.get((one.action, one.helper, *one.subjects))
            or self._planned(current, one.action, one.helper, one.subjects)
            for one in tries
        ]
        keys = [plan.keys(one.subjects) for plan, one in zip(plans, tries, strict=True)]
        calls = [(plan.call, ends) for plan, ends in zip(plans, keys, strict=True) if plan.call is not None]
        replies: Iterator[_Reply | None] = iter((self._ask_server(calls) if calls else None) or repeat(None))
        return [
            self._decision(current, one.action, plan, ends, None if plan.call is None else next(replies))
            for one, plan, ends in zip(tries, plans, keys, strict=True)
        ]

    def _decision(
        self, current: "_Current", action: str, plan: "_Plan", ends: tuple[bytes, ...], reply: _Reply | None
    ) -> LimitDecision:
        """Read the server's reply to one attempt; without one, judge it here. What nothing limits is allowed."""
        if plan.call is None:
            return LimitDecision(
                allowed=True,
                tightest=None,
                remaining=0,
                retry_after_seconds=0,
                reset=0,
                degraded=False,
                version=current.version,
            )
        degraded = reply is None
        allowed, tightest, remaining, wait, reset = reply or self._local.attempt(
            [head + end for head, end in zip(plan.call.key_heads, ends, strict=True)], plan.limits
        )
        self._count(action, refused=not allowed, degraded=degraded)
        return LimitDecision(
            allowed=bool(allowed),
            tightest=plan.limits[tightest - 1],
            remaining=remaining,
            retry_after_seconds=-(-wait // _MICROSECONDS),
            reset=-(-reset // _MICROSECONDS),
            degraded=degraded,
            version=current.version,
        )

    @property
    def version(self) -> str:
        """What names the policy that judges now."""
        return self._current.version

    def counts(self) -> dict[str, int]:
        """Return how many attempts were decided, refused and decided degraded, and how many calls failed."""
        with self._counting:
            every = list(self._counts.values())
            return {
                "decided": sum(one.decided for one in every),
                "refused": sum(one.refused for one in every),
                "degraded": sum(one.degraded for one in every),
                "failures": self._failures,
            }

    def counts_by_action(self) -> dict[str, dict[str, int]]:
        """Return for each action how many attempts were decided, refused and decided degraded."""
        with self._counting:
            return {
                action: {"decided": one.decided, "refused": one.refused, "degraded": one.degraded}
                for action, one in self._counts.items()
            }

    def _planned(self, current: "_Current", action: str, helper: bool, subjects: Mapping[str, str]) -> "_Plan":  # noqa: FBT001
        """Prepare what attempts with these subjects have in common, and keep it."""
        try:
            policy = current.policy[action]
        except KeyError:
            raise UnknownActionError(action) from None
        limits = [limit for limit in limits_for(policy, helper=helper) if limit.subject in subjects]
        budgets = list(dict.fromkeys((limit.subject, limit.helper) for limit in limits))
        plan = _Plan(
            subjects=tuple((subject, self._begin_hash(action, subject, of_helper)) for subject, of_helper in budgets),
            places=tuple(budgets.index((limit.subject, limit.helper)) for limit in limits),
            limits=tuple(limits),
            call=self._script.prepare(
                [f"{HASH_TAG}:limit:{limit.per.total_seconds():.0f}:".encode() for limit in limits],
                b"".join([struct.pack(">QQ", limit.interval_us, limit.count) for limit in limits]),
            )
            if limits
            else None,
        )
        current.plans[action, helper, *subjects] = plan
        return plan

    def _begin_hash(self, action: str, subject: str, of_helper: bool) -> "hashlib.blake2b":  # noqa: FBT001
        budget = f"{action}\0{'helper ' if of_helper else ''}{subject}\0"
        return hashlib.blake2b(budget.encode(), key=self._key, digest_size=HASH_BYTES)

    def _ask_server(self, calls: Sequence[tuple[PreparedCall, tuple[bytes, ...]]]) -> list[_Reply] | None:
        """Return the script's reply to each call, or None where the server did not give them."""
        if not self._breaker.may_try():
            return None
        try:
            replies = self._script.run_all(calls)
        except (redis.RedisError, redis.exceptions.RedisClusterException, OSError) as error:
            if self._breaker.failed():
                self._outages.failed(error)
            with self._counting:
                self._failures += 1
            return None
        if self._breaker.worked():
            self._local.clear()
            self._outages.worked()
        return [cast("_Reply", REPLY.unpack(reply)) for reply in replies]

    def _count(self, action: str, *, refused: bool, degraded: bool) -> None:
        with self._counting:
            counts = self._counts.get(action)
            if counts is None:
                counts = self._counts[action] = _Counts()
            counts.decided += 1
            counts.refused += refused
            counts.degraded += degraded


@dataclass(slots=True)
class _Counts:
    """What became of the attempts of one action."""

    decided: int = 0
    refused: int = 0
    degraded: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """What attempts with the same action and subjects have in common: made once, as it costs more than an attempt.

    ``subjects`` are those to hash, each with a hash that has already taken in key, action and subject; ``places`` says
    for each limit which of them it is on; ``call`` is None where nothing is limited.
    """

    subjects: tuple[tuple[str, "hashlib.blake2b"], ...]
    places: tuple[int, ...]
    limits: tuple[Limit, ...]
    call: PreparedCall | None

    def keys(self, values: Mapping[str, str]) -> tuple[bytes, ...]:
        """Return for each limit the hash of its subject; raises ValueError for an empty one."""
        hashes = []
        for subject, begun in self.subjects:
            value = values[subject]
            if not value:
                raise ValueError(f"the {subject} is empty")
            hashed = begun.copy()
            hashed.update(value.encode(errors="surrogatepass"))
            hashes.append(hashed.digest())
        return tuple([hashes[place] for place in self.places])


@dataclass(frozen=True, slots=True)
class _Current:
    """The policy that judges now; plans belong to it, so that no attempt mixes two policies."""

    policy: Policy
    version: str
    plans: dict[tuple[str | bool, ...], _Plan]
