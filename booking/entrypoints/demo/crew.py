"""The processes in which the applicants act: each has its own core, and its own share of the accounts."""

import gc
import logging
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from typing import Any, Final
from zlib import crc32

import redis

from booking.country.core.core import Core
from booking.entrypoints.demo.actor import Actor, Offer, Outcome
from booking.entrypoints.demo.people import Applicant, PlannedAsk
from booking.entrypoints.demo.processes import Helper, open_helpers
from booking.entrypoints.demo.progress import Tell
from booking.entrypoints.demo.stage import Stage
from booking.opening import open_core
from booking.platform.base import logs
from booking.platform.base.clock import Clock, SettableClock
from booking.platform.base.db import Sessions, make_engine
from booking.platform.base.logs import without_words
from fraud.limiting.limiter import Limiter

SHARDS: Final = 8
"""Parts of the population that share no network, device or phone, so their order among each other changes nothing."""

_REPORT_EVERY: Final = 25
_PATIENCE: Final = 20.0  # seconds


class CrewError(Exception):
    """A process of the crew failed; the message is its traceback."""


class Crew:
    """Processes that play their accounts through the real services.

    All that the gate counts (networks, devices, phones) stays within one process, where events run in the order of
    the simulated time: so a seed gives the same day, however fast each process is.
    """

    def __init__(self, members: Sequence[Helper]) -> None:
        self._members = members

    def wait(self) -> None:
        """Return once every process is ready to act."""
        for _ in self._run("ready", [[] for _ in self._members], lambda _, __: None):
            pass

    def register(self, applicants: Iterable[Applicant], tell: Tell) -> Counter[str]:
        """Open the accounts; return what happened by word."""
        counts: Counter[str] = Counter()
        for part in self._run("register", self._split(applicants, lambda one: one), tell):
            counts.update(part)
        return counts

    def ask(self, asks: Iterable[tuple[Applicant, PlannedAsk]], tell: Tell) -> list[Outcome]:
        """Send requests; return the outcomes in the order of their keys."""
        found: list[Outcome] = []
        for part in self._run("ask", self._split(asks, lambda one: one[0]), tell):
            found += part
        return sorted(found, key=lambda outcome: outcome.ask)

    def respond(self, offers: Iterable[tuple[Applicant, PlannedAsk, Offer, datetime]], tell: Tell) -> Counter[str]:
        """Answer offers; return what was done by word."""
        counts: Counter[str] = Counter()
        for part in self._run("respond", self._split(offers, lambda one: one[0]), tell):
            counts.update(part)
        return counts

    def _split(self, items: Iterable[Any], applicant: Callable[[Any], Applicant]) -> list[list[Any]]:
        parts: list[list[Any]] = [[] for _ in self._members]
        for item in items:
            parts[shard_of(applicant(item)) % len(parts)].append(item)
        return parts

    def _run(self, step: str, parts: list[list[Any]], tell: Tell) -> Iterator[Any]:
        for member, part in zip(self._members, parts, strict=True):
            member.connection.send((step, part))
        waiting = [member.connection for member in self._members]
        while waiting:
            for connection in [one for one in waiting if one in wait(waiting)]:
                try:
                    kind, *content = connection.recv()
                except EOFError:
                    raise CrewError("a process of the crew is gone") from None
                if kind == "failed":
                    raise CrewError(content[0])
                if kind == "made":
                    tell(content[0], content[1])
                else:
                    waiting.remove(connection)
                    yield content[0]


def shard_of(applicant: Applicant) -> int:
    """Return the shard of an applicant: everyone on one network is in the same."""
    return crc32(applicant.network.rpartition(".")[0].encode()) % SHARDS


@contextmanager
def open_crew(stage: Stage, processes: int) -> Iterator[Crew]:
    """Start the processes, and end them on the way out, whatever happened."""
    with open_helpers(_work, [stage] * min(processes, SHARDS)) as members:
        yield Crew(members)


def _work(connection: Connection, stage: Stage) -> None:
    """Play what is sent, until the connection is closed."""
    logs.configure(level=logging.WARNING)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the director, who then closes the connection
    clock = SettableClock(datetime.min.replace(tzinfo=UTC))
    with open_player(stage, clock) as core:
        actor, report = Actor(core, clock), _Report(connection)
        gc.freeze()  # what was imported stays; looking through it again and again takes a tenth of the time
        while True:
            try:
                step, items = connection.recv()
                connection.send(("done", _STEPS[step](actor, items, report)))
            except (EOFError, BrokenPipeError):
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the director must hear of it
                connection.send(("failed", without_words(error)))


@contextmanager
def open_player(stage: Stage, clock: Clock) -> Iterator[Core]:
    """Open a core for people who do not exist: quick passwords, and a limiter that waits for its answer.

    A full argon2id hash takes 64 MiB and a fifth of a second on purpose; for ten thousand people who will never sign
    in that is half an hour of nothing else, and the passwords of the ready accounts stand on a page. And here the crew
    takes every processor, which must not count as an outage of the limits: each request would need a check.
    """
    settings = stage.settings.model_copy(update={"password_hash_memory_kib": 64, "password_hash_rounds": 1})
    with (
        open_core(
            settings, database_url=stage.database_url, redis_url=stage.redis_url, clock=clock, pool_size=2
        ) as core,
        redis.Redis.from_url(stage.redis_url, socket_timeout=_PATIENCE) as client,
    ):
        engine = make_engine(stage.database_url, pool_size=2, pre_ping=False)  # never idle, so never stale
        try:
            yield replace(core, sessions=Sessions(engine), limiter=Limiter(client, core.vault.key("limiter")))
        finally:
            engine.dispose()


class _Report:
    """Tells the director of steps made, some at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._steps, self._words = 0, Counter[str]()

    def add(self, *words: str) -> None:
        self._steps += 1
        self._words.update(words)
        if self._steps == _REPORT_EVERY:
            self.flush()

    def flush(self) -> None:
        self._connection.send(("made", self._steps, self._words))
        self._steps, self._words = 0, Counter()


def _register(actor: Actor, applicants: list[Applicant], report: _Report) -> Counter[str]:
    counts: Counter[str] = Counter()
    for applicant in sorted(applicants, key=lambda one: (one.registered_at, one.key)):
        counts.update(actor.register(applicant))
        report.add()
    report.flush()
    return counts


def _ask(actor: Actor, asks: list[tuple[Applicant, PlannedAsk]], report: _Report) -> list[Outcome]:
    outcomes = []
    for applicant, planned in sorted(asks, key=lambda one: (one[1].at, one[1].key)):
        outcomes.append(actor.ask(applicant, planned))
        report.add(outcomes[-1].word)
    report.flush()
    return outcomes


def _respond(
    actor: Actor, offers: list[tuple[Applicant, PlannedAsk, Offer, datetime]], report: _Report
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for applicant, planned, offer, at in sorted(offers, key=lambda one: (one[3], one[1].key)):
        words = actor.respond(applicant, planned, offer, at)
        counts.update(words)
        report.add(words[0])
    report.flush()
    return counts


_STEPS: Final[dict[str, Callable[[Actor, list[Any], _Report], Any]]] = {
    "ready": lambda *_: None,
    "register": _register,
    "ask": _ask,
    "respond": _respond,
}
