"""What all web processes answered: each leaves its counts in the shared store, and who shows them adds them up.

A count names a function of the program, never an address or a person. It lies there sealed: whoever can write the store
can take counts away, and plant none. A process that ended is forgotten within a minute or two.
"""

import asyncio
import json
import secrets
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from cryptography.exceptions import InvalidTag
from prometheus_client import CollectorRegistry
from starlette.concurrency import run_in_threadpool

from api.health.answers import Answers, Counts, answers_of, count
from booking.country.core.core import Core
from booking.country.core.sessions import answering_store
from booking.platform.base.errors import SessionsUnavailableError

EVERY: Final = timedelta(seconds=20)
_FORGOTTEN: Final = 4 * EVERY
_MOST: Final = 200
"""Processes that are added up."""
_KEY: Final = "{mawid}:answers"
_ABOUT: Final = b"answers of a process"


@dataclass(frozen=True, slots=True)
class AllAnswers:
    """The answers of ``processes`` web processes; the earliest of them began at ``began``."""

    answers: Answers
    processes: int
    began: datetime


class SharedAnswers:
    """The counts of one process, and those that the others left."""

    def __init__(self, core: Core, registry: CollectorRegistry) -> None:
        self._core, self._registry = core, registry
        self._own, self._began, self._left = secrets.token_hex(8), core.clock.now(), b""

    async def keep_leaving(self) -> None:
        """Leave the counts again and again, for as long as the process runs."""
        while True:
            with suppress(SessionsUnavailableError):
                await run_in_threadpool(self.leave)
            await asyncio.sleep(EVERY.total_seconds())

    def leave(self) -> None:
        """Leave this process' counts for the others, and remove those of processes that ended.

        Raises
        ------
        booking.platform.base.errors.SessionsUnavailableError
            The shared store does not answer.
        """
        now, before = self._core.clock.now(), self._left
        content = {"process": self._own, "at": now, "began": self._began, "counts": count(self._registry)}
        self._left = self._core.vault.seal(json.dumps(content, default=datetime.isoformat).encode(), _ABOUT)
        with answering_store():
            pipeline = self._core.redis.pipeline()
            pipeline.zremrangebyscore(_KEY, "-inf", (now - _FORGOTTEN).timestamp())
            pipeline.zrem(_KEY, before)
            pipeline.zadd(_KEY, {self._left: now.timestamp()})
            pipeline.expire(_KEY, _FORGOTTEN)
            pipeline.execute()

    def read(self) -> AllAnswers:
        """Add up what every process answered; where the shared store does not answer, what this one did."""
        total: dict[str, Counts] = defaultdict(lambda: dict.fromkeys(("calls", "sum", "quick", "failed"), 0.0))
        others: list[dict[str, Any]] = []
        with suppress(SessionsUnavailableError):
            others = self._others()
        for counts in (count(self._registry), *(left["counts"] for left in others)):
            for handler, values in counts.items():
                for name, value in values.items():
                    total[handler][name] += value
        began = min([self._began, *(datetime.fromisoformat(left["began"]) for left in others)])
        return AllAnswers(answers_of(total), 1 + len(others), began)

    def _others(self) -> list[dict[str, Any]]:
        """Return what others left last; what was planted, or left under another secret, is passed over."""
        with answering_store():
            stored = cast("list[bytes]", self._core.redis.zrange(_KEY, -_MOST, -1))
        left: list[dict[str, Any]] = []
        for sealed in stored:
            with suppress(InvalidTag):
                left.append(json.loads(self._core.vault.unseal(sealed, _ABOUT)))
        since = self._core.clock.now() - _FORGOTTEN
        last = {one["process"]: one for one in sorted(left, key=lambda one: str(one["at"]))}
        return [
            one for one in last.values() if one["process"] != self._own and datetime.fromisoformat(one["at"]) > since
        ]
