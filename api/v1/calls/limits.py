"""How much is left of the limit that came nearest to refusing a call, in the headers of its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final, cast

from fastapi import Depends
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.rate_limits import rate_limit_headers
from booking.country.core.core import Core
from fraud.limiting.limiter import Limiter, Try
from fraud.limiting.limits import LimitDecision

OF_STRANGERS: Final = frozenset({"prefix", "country", "everyone"})
"""Budgets that strangers use up together: what is left of them is nobody's business."""


class _Noting:
    """A limiter that remembers its decisions; use cases need nothing of a limiter but its attempts."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self.decisions: list[LimitDecision] = []

    def attempt(self, action: str, subjects: Mapping[str, str], *, helper: bool = False) -> LimitDecision:
        """Ask the limiter and note its answer."""
        [decision] = self.attempt_all([Try(action, subjects, helper)])
        return decision

    def attempt_all(self, tries: Sequence[Try]) -> list[LimitDecision]:
        """Ask the limiter about several attempts and note its answers."""
        decisions = self._limiter.attempt_all(tries)
        self.decisions += decisions
        return decisions


class Metered:
    """A core whose limits are noted while one call is answered."""

    def __init__(self, core: Core) -> None:
        self._noting = _Noting(core.limiter)
        self.core: Core = replace(core, limiter=cast("Limiter", self._noting))

    def show(self, response: Response) -> None:
        """Write the headers of the tightest limit; none where the call was not limited."""
        show_limits(response, self._noting.decisions)


def show_limits(response: Response, decisions: Sequence[LimitDecision]) -> None:
    """Write the headers of the tightest limit among decisions; none where the call was not limited."""
    known = [
        (one.tightest, one)
        for one in decisions
        if one.tightest is not None and one.tightest.subject not in OF_STRANGERS
    ]
    if known:
        limit, tightest = min(known, key=lambda pair: pair[1].remaining)
        response.headers.update(rate_limit_headers(limit, tightest.remaining, tightest.reset))


async def metered(core: CoreDep) -> Metered:
    """Return a core whose limits this call can show."""
    return Metered(core)


MeteredDep = Annotated[Metered, Depends(metered)]
