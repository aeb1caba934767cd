"""What every use case is given: sessions, clock, vault, limiter, register, settings; and who answers what happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import redis
from sqlalchemy.orm import Session

from booking.country.core.code_counts import CodeCounts
from booking.country.core.known_rows import KnownOffices, KnownServices
from booking.country.core.live_limits import LiveLimits
from booking.country.core.passwords import Passwords
from booking.country.core.policies import GatePolicies
from booking.country.core.register import Register, RegisterCalls
from booking.country.core.replica import Read, Replica
from booking.country.core.together import Together
from booking.country.packs.schema import Pack
from booking.platform.base.clock import Clock
from booking.platform.base.db import Sessions
from booking.platform.base.settings import Settings
from booking.platform.base.vault import Vault
from booking.platform.computing.spread import Computing
from booking.platform.files.watched import WatchedFiles
from booking.platform.languages.speech import Languages
from booking.platform.models.policies.policy import ApprovedVersion
from booking.platform.models.states import RequestState
from fraud.limiting.limiter import Limiter
from fraud.stage_times import StageTimes

if TYPE_CHECKING:  # its library is an extra
    from booking.platform.traces.spans import Traces


@dataclass(frozen=True, slots=True)
class Departure:
    """An officer who leaves or gets other work; ``by`` says so (None: the command line), and is named ``actor``."""

    officer_id: UUID
    by: UUID | None
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """What happens in one subject and is answered by subjects above it, which it must not import.

    A subject calls every answer, in this order, inside the transaction in which the thing happens: all of it is
    committed, or nothing. `booking.opening` alone names the answers.

    Attributes
    ----------
    officer_left
        Called with the account locked, before it changes.
    request_ended
        Called with the request locked, its id, and how it ended: withdrawn, also by cancelling, or lapsed.
    payment_made
        Called once a payment, with its case locked and the case's id.
    claim_ended
        Called with the ids of an account and of a person whom it no longer acts for, as another one proved them; the
        person is locked, and the household row is gone.
    version_activated
        Called with a version of rules, a model or quotas that decides from now on, once it is added to the session.
    """

    officer_left: tuple[Callable[[Session, "Core", Departure], None], ...]
    request_ended: tuple[Callable[[Session, "Core", UUID, RequestState], None], ...]
    payment_made: tuple[Callable[[Session, "Core", UUID], None], ...]
    claim_ended: tuple[Callable[[Session, "Core", UUID, UUID], None], ...]
    version_activated: tuple[Callable[[Session, "Core", ApprovedVersion], None], ...]


@dataclass(frozen=True, slots=True)
class Core:
    """What a use case works with; made once for a process by `booking.opening.open_core`."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    vault: Vault
    redis: redis.Redis
    limiter: Limiter
    live_limits: LiveLimits
    register: Register
    register_calls: RegisterCalls
    passwords: Passwords
    pack: Pack
    languages: Languages
    known_services: KnownServices
    known_offices: KnownOffices
    gate_policies: GatePolicies
    code_counts: CodeCounts
    gate_times: StageTimes
    together: Together
    computing: Computing
    hooks: Hooks
    files: WatchedFiles
    replica: Replica | None = None
    traces: "Traces | None" = None

    def read_older(self, work: Callable[[Session], Read]) -> Read:
        """Do work that only reads what may be `booking.country.core.replica.OLDEST` seconds old, never a person's own.

        It may be done twice: see `booking.country.core.replica.Replica.read`.
        """
        if self.replica is not None:
            return self.replica.read(self.sessions, work)
        with self.sessions() as session:
            return work(session)

    def older_sessions(self) -> Sessions:
        """Return what opens sessions for long questions whose answer may be as old as that."""
        return self.sessions if self.replica is None else self.replica.sessions_or(self.sessions)

    def today(self) -> date:
        """Return the date in the country's own time zone."""
        return self.clock.now().astimezone(ZoneInfo(self.pack.country.time_zone)).date()
