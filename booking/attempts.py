"""The rate limits as use cases see them: one call, and a refusal is an error."""

from collections.abc import Mapping

from booking.core import Core
from booking.errors import TooManyAttemptsError
from fraud.limits import LimitDecision


def charge(core: Core, action: str, subjects: Mapping[str, str]) -> LimitDecision:
    """Charge one attempt to all subjects, or refuse it and charge none.

    Parameters
    ----------
    action
        A name of the limits' policy: "register", "signin", "code", "ask", "hold", "search".
    subjects
        From `booking.origin.Origin.subjects`.

    Raises
    ------
    TooManyAttemptsError
        With the whole seconds to wait.
    """
    decision = core.limiter.attempt(action, subjects)
    if not decision.allowed:
        limit = decision.tightest.count if decision.tightest else 0
        raise TooManyAttemptsError(decision.retry_after_seconds, limit, decision.remaining)
    return decision
