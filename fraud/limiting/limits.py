"""How often each subject may try each action: limits, to whom each applies, and the decision about one attempt."""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

SUBJECTS: Final = (
    *("network", "device", "account", "visitor", "person", "phone", "office", "prefix", "country", "everyone"),
)
"""``prefix``: the ten thousand phone numbers that differ in their last four digits only; ``country``: the calling code
of a foreign phone; ``visitor``: an account as tried from one network; ``everyone``: all of the installation, a
budget."""

MAX_COUNT: Final = 1_000_000

Policy = Mapping[str, tuple["Limit", ...]]


class PolicyError(Exception):
    """A limit or policy makes no sense; the message says which."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` attempts at once, and ``count`` in each period ``per`` in the long run.

    The limit is a generic cell rate: any stretch of time of length t admits at most
    ``count * (1 + t / per)`` attempts, so twice the count in the worst period.
    A limit for a registered ``helper`` holds in place of everyone's limits on the same subject, on a budget of its own.
    """

    subject: str
    per: timedelta
    count: int
    helper: bool = False
    interval_us: int = field(init=False, repr=False, compare=False)
    """Microseconds in which one attempt is regained; rounded up, so that rounding never admits more."""

    def __post_init__(self) -> None:
        if self.subject not in SUBJECTS:
            raise PolicyError(f"unknown subject {self.subject!r}; known are {', '.join(SUBJECTS)}")
        if not timedelta(seconds=1) <= self.per <= timedelta(days=90):
            raise PolicyError(f"the period for {self.subject} must be between a second and 90 days, not {self.per}")
        if not 1 <= self.count <= MAX_COUNT:
            raise PolicyError(f"the count for {self.subject} must be between 1 and {MAX_COUNT:,}, not {self.count}")
        object.__setattr__(self, "interval_us", -(-(self.per // timedelta(microseconds=1)) // self.count))


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """The answer to one attempt.

    ``tightest`` is the limit that refused it (the one to wait longest for) or else came nearest to refusing, None where
    no limit applies; ``remaining`` attempts are left on it. ``retry_after_seconds`` (0 when allowed) and ``reset``
    (seconds until that limit is as if unused) are rounded up. ``degraded`` marks a decision made without the server,
    ``version`` names the policy that decided.
    """

    allowed: bool
    tightest: Limit | None
    remaining: int
    retry_after_seconds: int
    reset: int
    degraded: bool
    version: str = ""


def check_policy(policy: Policy) -> Policy:
    """Return the policy frozen, after checking that no subject has two limits with the same period in one action."""
    for action, limits in policy.items():
        seen = {(limit.subject, limit.per, limit.helper) for limit in limits}
        if len(seen) != len(limits):
            raise PolicyError(f"action {action!r} limits one subject twice over the same period")
    return MappingProxyType({action: tuple(limits) for action, limits in policy.items()})


def limits_for(limits: Sequence[Limit], *, helper: bool) -> list[Limit]:
    """Choose the limits that hold for a registered helper, or for everyone else, in the order of the policy."""
    of_helpers = {limit.subject for limit in limits if limit.helper} if helper else set()
    return [limit for limit in limits if limit.helper == (limit.subject in of_helpers)]


MAX_KEYS: Final = 100_000
_MICROSECONDS: Final = 1_000_000


class LocalLimits:
    """Generic cell rates in memory, at each limit's share for one of ``workers`` processes.

    A share has the limit's rate divided by the workers; at least one attempt at once, or nobody could pass.
    At most ``max_keys`` keys are kept: beyond that the ones that would end soonest are forgotten.
    """

    def __init__(self, workers: int, monotonic: Callable[[], float], max_keys: int = MAX_KEYS) -> None:
        self._workers = workers
        self._monotonic = monotonic
        self._max_keys = max_keys
        self._arrivals: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def attempt(self, keys: Sequence[Hashable], limits: Sequence[Limit]) -> tuple[int, int, int, int, int]:
        """Judge one attempt, all or nothing; the reply has the form of ``gcra.lua``."""
        with self._lock:
            now = int(self._monotonic() * _MICROSECONDS)
            arrivals: list[int] = []
            wait = tightest = remaining = reset = 0
            for place, (key, limit) in enumerate(zip(keys, limits, strict=True), start=1):
                interval = limit.interval_us * self._workers
                count = max(1, limit.count // self._workers)
                arrival = max(now, self._arrivals.get(key, now))
                moved = arrival + interval
                over = moved - interval * count - now
                arrivals.append(moved)
                if over > 0:
                    if over > wait:
                        wait, tightest, remaining, reset = over, place, 0, arrival - now
                elif wait == 0:
                    left = -over // interval
                    if tightest == 0 or left < remaining or (left == remaining and moved - now > reset):
                        tightest, remaining, reset = place, left, moved - now
            if wait > 0:
                return 0, tightest, remaining, wait, reset
            self._arrivals.update(zip(keys, arrivals, strict=True))
            if len(self._arrivals) > self._max_keys:
                self._forget(now)
            return 1, tightest, remaining, 0, reset

    def clear(self) -> None:
        """Forget all attempts, once the shared server judges again."""
        with self._lock:
            self._arrivals.clear()

    def _forget(self, now: int) -> None:
        alive = {key: arrival for key, arrival in self._arrivals.items() if arrival > now}
        if len(alive) > self._max_keys:
            longest = sorted(alive, key=alive.__getitem__, reverse=True)
            alive = {key: alive[key] for key in longest[: self._max_keys // 2]}
        self._arrivals = alive
