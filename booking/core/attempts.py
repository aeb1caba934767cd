"""The rate limits as use cases see them: one call, and a refusal is an error."""

from collections.abc import Mapping
from uuid import UUID

from booking.base.errors import TooManyAttemptsError
from booking.core.core import Core
from fraud.limiting.limits import LimitDecision


def about(account_id: UUID, number: str) -> str:
    """Return the subject "person" of an attempt that is about a national number.

    The tries of an account on a number are counted, never those on a number alone: whoever knows a number could use up
    its owner's.
    """
    return f"{account_id} {number}"


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
        From `booking.core.origin.Origin.subjects`.
    helper
        The account is a registered helper's.

    Raises
    ------
    TooManyAttemptsError
        A limit is reached; it has the whole seconds to wait, and the limit that makes them wait.
    """
    decision = attempt(core, action, subjects, helper=helper)
    if not decision.allowed:
        raise TooManyAttemptsError(decision.retry_after_seconds, decision.tightest)
    return decision
