"""Forget the owners of closed accounts: names first, then words, at last the keyed hashes by which the past is counted.

One account is one transaction, so nothing waits long; a run that breaks off goes on where it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.packs.quotas import RightsLimits
from booking.country.policy import limits as policy_limits
from booking.desk.rights.erase_names import erase_ended_results, erase_names
from booking.desk.rights.erase_words import erase_traces, erase_words
from booking.platform.models import Account, OnlineCase, Request
from booking.platform.models.online.case import RUNNING
from booking.platform.models.states import LIVE_REQUEST_STATES

BATCH: Final = 500
"""Accounts of one step in one run; the next night goes on."""
ACTOR: Final = "erasure"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of forgetting an account: ``days`` after the closing, by the limits of the active policy."""

    days: Callable[[RightsLimits], int]
    do: Callable[[Session, Core, Account], None]


STEPS: Final[Mapping[int, Step]] = {
    1: Step(lambda limits: limits.account_reopen_days, erase_names),
    2: Step(lambda limits: limits.erase_words_days, erase_words),
    3: Step(lambda limits: limits.erase_traces_days, erase_traces),
}
"""What is done in which order; `Account.erasure` is the last one done."""


def erase_closed(core: Core) -> int:
    """Take every step that is due, and end what issued results show once they ended; return how many steps.

    An account waits while anything of it runs, as an online case at its agency.

    Raises
    ------
    PolicyMissingError
        No quota policy is active.
    """
    with core.sessions() as session:
        limits = policy_limits.read(session, RightsLimits)
    done = {number: _step(core, limits, number) for number in STEPS}
    results = erase_ended_results(core)
    if any(done.values()) or results:
        with core.sessions.begin() as session:
            audit.append(
                session,
                at=core.clock.now(),
                actor=ACTOR,
                action="accounts.erased",
                subject=core.today().isoformat(),
                details={"names": done[1], "words": done[2], "traces": done[3], "results": results},
            )
    return sum(done.values())


def _step(core: Core, limits: RightsLimits, number: int) -> int:
    step, done = STEPS[number], 0
    due = _due(number).where(Account.closed_at <= core.clock.now() - timedelta(days=step.days(limits)))
    with core.sessions() as session:
        found = session.scalars(due.limit(BATCH)).all()
    for account_id in found:
        with core.sessions.begin() as session:
            mine = due.with_only_columns(Account).where(Account.id == account_id)
            account = session.scalar(mine.with_for_update(of=Account, key_share=True, skip_locked=True))
            if account is None:
                continue
            account.erased_at = account.erased_at or core.clock.now()
            account.erasure = number
            step.do(session, core, account)
            done += 1
    return done


def _due(number: int) -> Select[UUID]:
    runs = (
        exists().where(OnlineCase.account_id == Account.id, OnlineCase.state.in_(RUNNING)),
        exists().where(Request.account_id == Account.id, Request.state.in_(LIVE_REQUEST_STATES)),
    )
    return (
        select(Account.id)
        .where(Account.closed_by_owner, Account.erasure == number - 1, *(~one for one in runs))
        .order_by(Account.closed_at)
    )
