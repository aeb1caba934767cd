"""The night's run over all people: it knows how common each name and date is, which the online check does not."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pandas as pd
import structlog
from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Session

from booking.antifraud.linking.cases import Pair, open_pairs, person_pairs, references
from booking.antifraud.linking.newcomers import keep_keys
from booking.antifraud.linking.records import in_parts, records_of
from booking.country.core.core import Core
from booking.platform.base.arrays import any_of
from booking.platform.models import HouseholdMember, ReviewCase
from booking.platform.models.requests.case import CaseKind, CaseState

MOST_OPEN: Final = 200
"""Open cases of this kind up to which a night opens more, the most probable first: what officers can read in a day."""
_KEYS_AT_ONCE: Final = 5_000
_PARTS_AT_A_TIME: Final = 3
"""With two, both would now and then wait for the interpreter, and the database for them."""
_log = structlog.get_logger(__name__)


def find_duplicates(core: Core) -> list[Pair]:
    """Compare all people with each other; return the pairs that are probably one person, the most probable first.

    All records are in memory at once: some 4 GB for a million (docs/benchmarks.md).
    """
    with core.sessions() as session:
        return _linked(core, records_of(session, core.vault))


def open_duplicates(core: Core) -> int:
    """Open cases for pairs about which nobody was asked yet, as far as there is room; return how many.

    Records that the online check has not reached count as compared afterwards.
    """
    with core.sessions() as session:
        records = records_of(session, core.vault)
    pairs = _linked(core, records)
    _keep_missing_keys(core, records)
    with core.sessions.begin() as session:
        known = references(session, pairs)
        unasked = [pair for pair in pairs if pair.key not in known]
        opened = open_pairs(session, core, unasked[: _room(session)])
    _log.info("duplicates", pairs=len(pairs), opened=opened)
    return opened


def _linked(core: Core, records: pd.DataFrame) -> list[Pair]:
    from fraud.linkage import link  # noqa: PLC0415 - compiles when it is first used, which web processes never do
    from fraud.linkage.weights import shipped  # noqa: PLC0415

    if records.empty:
        return []
    with core.computing.opened() as spread:
        return person_pairs(link(records, learned=shipped(), spread=spread), records["person"])


def _room(session: Session) -> int:
    waiting = session.scalar(
        select(func.count())
        .select_from(ReviewCase)
        .where(ReviewCase.kind == CaseKind.SAME_PERSON, ReviewCase.state == CaseState.OPEN)
    )
    return max(0, MOST_OPEN - (waiting or 0))


def _keep_missing_keys(core: Core, compared: pd.DataFrame) -> None:
    """Keep the keys of records that have none yet, some parts at a time: the database works while hashes are made."""
    with core.sessions() as session:
        waiting = session.scalars(select(HouseholdMember.id).where(HouseholdMember.compared_at.is_(None))).all()
    missing = compared.index[compared.index.isin(waiting)].tolist()
    with ThreadPoolExecutor(_PARTS_AT_A_TIME) as pool:
        for _ in pool.map(lambda members: _keep_keys_of(core, compared, members), in_parts(missing, _KEYS_AT_ONCE)):
            pass


def _keep_keys_of(core: Core, compared: pd.DataFrame, members: Sequence[int]) -> None:
    """Keep the keys of these records, unless they were typed again since they were read."""
    told = ["name", "birth_date"]
    with core.sessions.begin() as session:
        waiting = session.scalars(
            select(HouseholdMember.id)
            .where(HouseholdMember.id == any_of(members, BigInteger), HouseholdMember.compared_at.is_(None))
            .with_for_update(of=HouseholdMember, skip_locked=True)
        ).all()
        now = records_of(session, core.vault, waiting)
        same = (now[told] == compared.loc[now.index, told]).all(axis=1)
        keep_keys(session, core, now[same])
