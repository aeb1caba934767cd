"""The answers to attempts that come in one batch, with those that are finished after it."""

from collections.abc import Sequence

from booking.scheduling.requests.ask import Alone, Attempt, ask_all, finish_all
from booking.scheduling.requests.keep import Asked


def answered(attempts: Sequence[Attempt]) -> list[Asked | Exception]:
    """Return what became of attempts, in their order."""
    return [finish_all([one])[0] if isinstance(one, Alone) else one for one in ask_all(attempts)]
