"""Open everything that one process works with, and say which subjects answer what happens below them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final

import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import select

from booking.country.core.code_counts import CodeCounts
from booking.country.core.core import Core, Hooks
from booking.country.core.key_check import connection_name, open_vault, refuse_left_behind
from booking.country.core.known_rows import KnownOffices, KnownServices
from booking.country.core.live_limits import LiveLimits
from booking.country.core.passwords import Passwords
from booking.country.core.policies import GatePolicies
from booking.country.core.pooled import require_time_limits
from booking.country.core.register import RegisterCalls
from booking.country.core.replica import Replica
from booking.country.core.roles import (
    migrate_and_grant,
    require_humble_role,
    require_schema_and_grant,
    require_terse_log,
)
from booking.country.core.schema import SchemaError
from booking.country.core.together import Together
from booking.country.packs.loading import read_pack
from booking.eservices.credentials.end_claim import end_credentials_of_claim
from booking.eservices.online.officers import ONLINE
from booking.eservices.online.originals import go_on_when_paid
from booking.eservices.online.send import end_cases_of_claim
from booking.people.hands.claim import release_all
from booking.people.registers.choose import open_register
from booking.platform.base import security_events
from booking.platform.base.clock import Clock, SystemClock
from booking.platform.base.db import Sessions, make_engine
from booking.platform.base.settings import Environment, Settings, load_settings
from booking.platform.base.syslog_tls import open_syslog
from booking.platform.computing.spread import Computing
from booking.platform.embedded import start_servers
from booking.platform.files.folder import is_half_restored
from booking.platform.files.watched import open_files
from booking.platform.languages.speech import load_languages
from booking.platform.models import Office
from booking.platform.traces.open import open_traces
from booking.scheduling.appointments.expire import end_requests_of_claim
from booking.scheduling.urgent.ask import end_with_request
from booking.scheduling.urgent.rows import URGENT
from booking.transparency.log.views import log_active_in
from booking.transparency.log.witnesses import read_witnesses
from fraud.limiting.limiter import Limiter
from fraud.limiting.redis_client import connect, make_client
from fraud.stage_times import StageTimes

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

POOL: Final = 10
"""Connections of one process to the database; twice as many for a short time."""

PATIENCE: Final = 1.0
"""Seconds that a session or a lock waits for Redis; the limiter has a client of its own, which gives up in 50 ms."""

TRIES_AGAIN: Final = 1
"""A connection that the server closed meanwhile is opened again; one that is really away stays so for two seconds."""

HOOKS: Final = Hooks(
    officer_left=(partial(release_all, (URGENT, ONLINE)),),
    request_ended=(end_with_request,),
    payment_made=(go_on_when_paid,),
    claim_ended=(end_requests_of_claim, end_cases_of_claim, end_credentials_of_claim),
    version_activated=(log_active_in,),
)
"""The answers of every process: nothing else makes a `Core`."""


@contextmanager
def open_core(
    settings: Settings, *, database_url: str, redis_url: str, clock: Clock | None = None, pool_size: int = POOL
) -> Iterator[Core]:
    """Open everything that one process needs, and close it again.

    Raises
    ------
    SettingsError
        The secret, a certificate or the file of witnesses cannot be read, production has no register, or what buckets
        or traces need is not installed.
    WrongSecretError
        The secret is not the database's, or one before it is still needed.
    LanguageError
        The pack names a language that has no folder, or does not name the one of the settings.
    SchemaError
        The database has no schema, or an older one; or behind a pooler, the role has no time limits; or in production,
        it may do more than it should, or the server's own log would quote people.
    """
    clock = clock or SystemClock()
    witnesses = read_witnesses(settings)
    pack, problems = read_pack(settings.country)
    for problem in problems:
        log.error("service_left_out", file=problem.file, line=problem.line, problem=problem.message)
    languages = load_languages(settings, pack.country.languages)
    if settings.security_log is not None or settings.security_syslog is not None:
        security_events.write_to(path=settings.security_log, beside=open_syslog(settings))
    files, traces = open_files(settings), open_traces(settings)
    pooled = settings.database_pooled
    engine = make_engine(database_url, pool_size=pool_size, name=connection_name(settings), pooled=pooled)
    sessions = Sessions(engine)
    retry = Retry(NoBackoff(), TRIES_AGAIN)
    client = connect(redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=retry)
    hurried = make_client(redis_url)
    calls, running, together = RegisterCalls(), ExitStack(), Together()
    replica: Replica | None = None
    try:
        if pooled:
            require_time_limits(engine)
        if settings.environment is Environment.PRODUCTION:
            require_humble_role(engine)
            require_terse_log(engine)
            if plain := settings.plain_servers():
                log.warning("servers_without_tls", settings=plain)
            if not witnesses:
                log.warning("log_without_witnesses", setting="MAWID_WITNESSES")
        vault = open_vault(sessions, settings, now=clock.now())
        refuse_left_behind(engine, vault, pooled=pooled)
        if settings.database_replica_url is not None:
            replica = Replica(settings.database_replica_url.get_secret_value(), sessions, pool_size=pool_size)
            running.callback(replica.close)
            replica.start()
        if traces is not None:
            from booking.platform.traces.servers import trace_commands, trace_statements  # noqa: PLC0415 - needs an extra

            running.callback(traces.close)
            trace_statements(traces, engine)
            trace_commands(traces, client)
            trace_commands(traces, hurried)
        limiter = Limiter(hurried, vault.key("limiter"), workers=settings.workers)
        yield Core(
            settings=settings,
            sessions=sessions,
            clock=clock,
            vault=vault,
            redis=client,
            limiter=limiter,
            live_limits=LiveLimits(limiter),
            register=running.enter_context(open_register(settings, pack, clock, calls)),
            register_calls=calls,
            passwords=Passwords(
                memory_kib=settings.password_hash_memory_kib,
                rounds=settings.password_hash_rounds,
                concurrency=settings.password_hash_concurrency,
            ),
            pack=pack,
            languages=languages,
            known_services=KnownServices(pack, languages),
            known_offices=KnownOffices(),
            gate_policies=GatePolicies(),
            code_counts=CodeCounts(),
            gate_times=StageTimes(),
            together=together,
            computing=Computing(settings),
            hooks=HOOKS,
            files=files,
            traces=traces,
            replica=replica,
        )
    finally:
        together.close()
        running.close()
        hurried.close()
        client.close()
        engine.dispose()


def require_own_country(core: Core) -> None:
    """Refuse to serve or to work on a database of another country; a command that loads a catalogue may.

    Raises
    ------
    SchemaError
        Offices are loaded, and none of them is one of the country of the settings; or half a backup was restored.
    """
    evidence = core.settings.evidence_folder
    if is_half_restored(evidence):
        raise SchemaError(
            f"{evidence} holds half of a backup: a restore broke off. Begin it again, in an empty database and an empty"
            " folder"
        )
    with core.sessions() as session:
        codes = set(session.scalars(select(Office.code).where(Office.active)))
    if codes and not codes & {one.code for one in core.pack.offices}:
        raise SchemaError(
            f"no office of the database is one of the country {core.settings.country}: set MAWID_COUNTRY to that of the"
            " database, or MAWID_DATABASE_URL to that of the country"
        )


@contextmanager
def command_core(
    settings: Settings | None = None, *, clock: Clock | None = None, upgrade: bool = False
) -> Iterator[Core]:
    """Open the core that the environment describes; private servers are started, or joined where they run.

    Parameters
    ----------
    upgrade
        Bring an older schema up to date; else `booking.country.core.roles.require_schema_and_grant` refuses it.
    """
    settings = settings or load_settings()
    with start_servers(settings) as servers:
        (migrate_and_grant if upgrade else require_schema_and_grant)(servers)
        with open_core(
            settings,
            database_url=servers.database_url,
            redis_url=servers.redis_url,
            clock=clock,
            pool_size=max(POOL, settings.jobs_concurrency),  # a worker's jobs wait for locks, not for each other
        ) as core:
            yield core
