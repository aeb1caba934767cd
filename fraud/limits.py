"""How often each subject may try each action: the policy as data, and the decision about one attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

SUBJECTS: Final = ("network", "device", "account", "person", "phone", "office", "prefix", "country", "everyone")
"""``prefix``: the ten thousand phone numbers that differ in their last four digits only; ``country``: the calling code
of a foreign phone; ``everyone``: all of the installation, a budget."""

MAX_COUNT: Final = 1_000_000

Policy = Mapping[str, tuple["Limit", ...]]


class PolicyError(Exception):
    """A limit or policy makes no sense; the message says which."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` attempts at once, and ``count`` in each period ``per`` in the long run.

    The limit is a generic cell rate: any stretch of time of length t admits at most
    ``count * (1 + t / per)`` attempts, so twice the count in the worst period.
    """

    subject: str
    per: timedelta
    count: int

    def __post_init__(self) -> None:
        if self.subject not in SUBJECTS:
            raise PolicyError(f"unknown subject {self.subject!r}; known are {', '.join(SUBJECTS)}")
        if not timedelta(seconds=1) <= self.per <= timedelta(days=90):
            raise PolicyError(f"the period for {self.subject} must be between a second and 90 days, not {self.per}")
        if not 1 <= self.count <= MAX_COUNT:
            raise PolicyError(f"the count for {self.subject} must be between 1 and {MAX_COUNT:,}, not {self.count}")

    @property
    def interval_us(self) -> int:
        """Microseconds in which one attempt is regained; rounded up, so that rounding never admits more."""
        return -(-(self.per // timedelta(microseconds=1)) // self.count)


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """The answer to one attempt.

    ``tightest`` is the limit that refused it (the one to wait longest for) or else came nearest to refusing, None where
    no limit applies; ``remaining`` attempts are left on it. ``retry_after_seconds`` (0 when allowed) and ``reset``
    (seconds until that limit is as if unused) are rounded up. ``degraded`` marks a decision made without the server.
    """

    allowed: bool
    tightest: Limit | None
    remaining: int
    retry_after_seconds: int
    reset: int
    degraded: bool


def check_policy(policy: Policy) -> Policy:
    """Return the policy frozen, after checking that no subject has two limits with the same period in one action."""
    for action, limits in policy.items():
        seen = {(limit.subject, limit.per) for limit in limits}
        if len(seen) != len(limits):
            raise PolicyError(f"action {action!r} limits one subject twice over the same period")
    return MappingProxyType({action: tuple(limits) for action, limits in policy.items()})


_QUARTER, _HOUR, _DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

# Generous on purpose: the draw takes the prize from speed, so limits only have to keep machines from drowning people.
# Networks stand for whole mobile operators, schools and camps; a device for a household of ten or a shared phone.
DEFAULT_LIMITS: Final[Policy] = check_policy(
    {
        "ask": (
            Limit("network", _HOUR, 5_000),
            Limit("device", _HOUR, 30),
            Limit("device", _DAY, 60),
            Limit("account", _HOUR, 30),
            Limit("person", _HOUR, 8),
            Limit("phone", _HOUR, 30),
        ),
        "hold": (
            Limit("network", _HOUR, 5_000),
            Limit("device", _HOUR, 30),
            Limit("account", _HOUR, 30),
            Limit("person", _HOUR, 10),
            Limit("phone", _HOUR, 30),
        ),
        "code": (
            Limit("network", _HOUR, 1_000),
            Limit("device", _HOUR, 20),
            Limit("account", _HOUR, 10),
            Limit("person", _HOUR, 10),
            Limit("phone", _QUARTER, 4),
            Limit("phone", _DAY, 12),
            Limit("prefix", _HOUR, 150),
            Limit("prefix", _DAY, 600),
            Limit("country", _HOUR, 2_000),
            Limit("country", _DAY, 10_000),
            Limit("everyone", _DAY, 100_000),
        ),
        "code_warning": (Limit("everyone", _DAY, 50_000),),
        "proof": (
            Limit("network", _HOUR, 2_000),
            Limit("device", _DAY, 30),
            Limit("account", _HOUR, 10),
            Limit("account", _DAY, 30),
        ),
        "signin": (
            Limit("network", _QUARTER, 5_000),
            Limit("device", _QUARTER, 40),
            Limit("account", _QUARTER, 12),
        ),
        "register": (
            Limit("network", _HOUR, 2_000),
            Limit("device", _DAY, 20),
            Limit("account", _DAY, 40),
            Limit("person", _DAY, 6),
            Limit("phone", _DAY, 20),
        ),
        "search": (
            Limit("network", _HOUR, 60_000),
            Limit("device", _HOUR, 1_200),
            Limit("account", _HOUR, 1_200),
        ),
    }
)
