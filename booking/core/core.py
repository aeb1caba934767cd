"""The parts that every use case is given: sessions, clock, vault, limiter, registry, settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from booking.base.clock import Clock, SystemClock
from booking.base.db import Sessions, make_engine, make_sessions
from booking.base.settings import Settings, master_secret
from booking.base.vault import Vault
from booking.core.code_counts import CodeCounts
from booking.core.key_check import require_secret
from booking.core.known_services import KnownServices
from booking.core.live_limits import LiveLimits
from booking.core.passwords import Passwords
from booking.core.policies import GatePolicies
from booking.core.registry import Registry, SyntheticRegistry
from booking.packs.loading import read_pack
from booking.packs.schema import Pack
from fraud.limiting.limiter import Limiter
from fraud.limiting.redis_client import connect, make_client
from fraud.stage_times import StageTimes

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PATIENCE: Final = 1.0
"""Seconds that a session or a lock waits for Redis; the limiter has a client of its own, which gives up in 50 ms."""

TRIES_AGAIN: Final = 1
"""A connection that the server closed meanwhile is opened again; whoever is really away stays so for two seconds."""


@dataclass(frozen=True, slots=True)
class Core:
    """What a use case works with; made once for a process by `open_core`."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    vault: Vault
    redis: redis.Redis
    limiter: Limiter
    live_limits: LiveLimits
    registry: Registry
    passwords: Passwords
    pack: Pack
    known_services: KnownServices
    gate_policies: GatePolicies
    code_counts: CodeCounts
    gate_times: StageTimes

    def today(self) -> date:
        """Return the date in the country's own time zone."""
        return self.clock.now().astimezone(ZoneInfo(self.pack.country.time_zone)).date()


@contextmanager
def open_core(
    settings: Settings, *, database_url: str, redis_url: str, clock: Clock | None = None, pool_size: int = 10
) -> Iterator[Core]:
    """Open everything that one process needs, and close it again.

    Raises
    ------
    SettingsError
        The secret cannot be read.
    WrongSecretError
        The database was first used with another secret.
    SchemaError
        The database has no schema, or an older one.
    """
    clock = clock or SystemClock()
    vault = Vault(master_secret(settings))
    pack, problems = read_pack(settings.country)
    for problem in problems:
        log.error("service_left_out", file=problem.file, line=problem.line, problem=problem.message)
    engine = make_engine(database_url, pool_size=pool_size)
    sessions = make_sessions(engine)
    retry = Retry(NoBackoff(), TRIES_AGAIN)
    client = connect(redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=retry)
    hurried = make_client(redis_url)
    limiter = Limiter(hurried, vault.key("limiter"), workers=settings.workers)
    try:
        require_secret(sessions, vault, settings, now=clock.now())
        yield Core(
            settings=settings,
            sessions=sessions,
            clock=clock,
            vault=vault,
            redis=client,
            limiter=limiter,
            live_limits=LiveLimits(limiter),
            registry=SyntheticRegistry(
                clock, [region.code for region in pack.regions if region.country == pack.country.code]
            ),
            passwords=Passwords(
                memory_kib=settings.password_hash_memory_kib,
                rounds=settings.password_hash_rounds,
                concurrency=settings.password_hash_concurrency,
            ),
            pack=pack,
            known_services=KnownServices(pack),
            gate_policies=GatePolicies(),
            code_counts=CodeCounts(),
            gate_times=StageTimes(),
        )
    finally:
        hurried.close()
        client.close()
        engine.dispose()
