"""The rate limits as use cases see them: one call, and a refusal is an error."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from booking.country.core.core import Core
from booking.platform.base.errors import TooManyAttemptsError
from fraud.limiting.limiter import Try
from fraud.limiting.limits import LimitDecision


def about(account_id: UUID, number: str) -> str:
    """Return the subject "person" of an attempt that is about a national number.

    The tries of an account on a number are counted, never those on a number alone: whoever knows a number could use up
    its owner's.
    """
    return f"{account_id} {number}"


class Charge(NamedTuple):
    """An attempt that is charged: to whose limiter, for what, on which subjects; `charge` says more."""

    core: Core
    action: str
    subjects: Mapping[str, str]
    helper: bool


def attempt(core: Core, action: str, subjects: Mapping[str, str], *, helper: bool = False) -> LimitDecision:
    """Charge one attempt to all subjects by the active limits, or to none; the caller reads the decision."""
    core.live_limits.refresh(core.sessions)
    return core.limiter.attempt(action, subjects, helper=helper)


def charge(core: Core, action: str, subjects: Mapping[str, str], *, helper: bool = False) -> LimitDecision:
    """Charge one attempt to all subjects, or refuse it and charge none.

    Parameters
    ----------
    action
        A name of `fraud.limiting.text.ACTIONS`.
    subjects
        From `booking.country.core.security.Origin.subjects`.
    helper
        The account is a registered helper's.

    Raises
    ------
    TooManyAttemptsError
        A limit is reached; it has the whole seconds to wait, and the limit that makes them wait.
    """
    [decision] = charge_all([Charge(core, action, subjects, helper)])
    if isinstance(decision, Exception):
        raise decision
    return decision


def charge_all(charges: Sequence[Charge]) -> list[LimitDecision | TooManyAttemptsError]:
    """Do for each attempt what `charge` does, those of one limiter in one trip; a refusal is an answer here."""
    decided: dict[int, LimitDecision] = {}
    for core in {id(one.core.limiter): one.core for one in charges}.values():
        core.live_limits.refresh(core.sessions)
        places = [place for place, one in enumerate(charges) if one.core.limiter is core.limiter]
        tries = [Try(one.action, one.subjects, one.helper) for one in map(charges.__getitem__, places)]
        decided |= zip(places, core.limiter.attempt_all(tries), strict=True)
    return [
        one if one.allowed else TooManyAttemptsError(one.retry_after_seconds, one.tightest)
        for _, one in sorted(decided.items())
    ]
