"""The online check: a person who was added or typed again is compared with those who share a key, within a minute.

Adding somebody writes a row that was not compared yet, in one transaction; the job takes such rows up. So nobody has
to wait, no row is forgotten, and after an upgrade the same job works through all people.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pandas as pd
import structlog
from sqlalchemy import BigInteger, delete, func, select, text, update
from sqlalchemy.orm import Session

from booking.antifraud.linking.cases import Pair, open_pairs, person_pairs, references
from booking.antifraud.linking.records import in_parts, key_hashes, records_of
from booking.country.core.core import Core
from booking.platform.base.arrays import any_of
from booking.platform.models import HouseholdMember, PersonKey, ReviewCase
from booking.platform.models.requests.case import CaseKind, CaseState

BATCH: Final = 50
MOST_BATCHES: Final = 40
_LOCK: Final = 0x6C696E6B  # "link"

_KEEP: Final = text(
    """
    INSERT INTO person_key (member_id, key)
    SELECT * FROM unnest(CAST(:members AS integer[]), CAST(:keys AS bigint[]))
    """
)
# One more than makes pairs shows that a key says too little. An index scan for each key.
_SHARING: Final = text(
    """
    SELECT mine.member_id AS one, mine.key, theirs.member_id AS other
    FROM person_key mine CROSS JOIN LATERAL (
        SELECT member_id FROM person_key WHERE key = mine.key ORDER BY member_id LIMIT :most + 1
    ) AS theirs
    WHERE mine.member_id = ANY(:members)
    """
)


def compare_newcomers(core: Core) -> int:
    """Compare the records that were not compared yet, oldest first, and open cases; return how many were compared.

    Each batch is one transaction. Two runs at once would not see each other's records: the second leaves at once.
    """
    compared = 0
    for _ in range(MOST_BATCHES):
        with core.sessions.begin() as session:
            if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
                break
            made = _compare_batch(session, core)
        compared += made
        if made < BATCH:
            break
    return compared


def keep_keys(session: Session, core: Core, records: pd.DataFrame) -> None:
    """Replace the keys of records, and mark these as compared; the records' rows must be locked by the caller."""
    members = any_of(records.index.tolist(), BigInteger)
    session.execute(delete(PersonKey).where(PersonKey.member_id == members))
    kept = sorted({(key, member) for member, key in key_hashes(core.vault, records)})
    session.execute(_KEEP, {"members": [member for _, member in kept], "keys": [key for key, _ in kept]})
    session.execute(update(HouseholdMember).where(HouseholdMember.id == members).values(compared_at=core.clock.now()))


def _compare_batch(session: Session, core: Core) -> int:
    waiting = session.scalars(
        select(HouseholdMember.id)
        .where(HouseholdMember.compared_at.is_(None))
        .order_by(HouseholdMember.id)
        .limit(BATCH)
        .with_for_update(of=HouseholdMember, skip_locked=True)
    ).all()
    if not waiting:
        return 0
    ours = records_of(session, core.vault, waiting)
    keep_keys(session, core, ours)
    open_pairs(session, core, _pairs(session, core, ours))
    return len(waiting)


def _pairs(session: Session, core: Core, ours: pd.DataFrame) -> list[Pair]:
    from fraud.linkage import link_one  # noqa: PLC0415 - compiles when it is first used, which web processes never do
    from fraud.linkage.weights import shipped  # noqa: PLC0415

    sharing = _sharing(session, ours.index.tolist())
    others = records_of(session, core.vault, set().union(*sharing.values()))
    records = pd.concat([ours, others[~others.index.isin(ours.index)]])
    among = session.scalar(select(func.count()).select_from(HouseholdMember)) or 0
    weights = shipped()
    linked = []
    for member, candidates in sharing.items():
        record = records.loc[member]
        theirs = records.loc[sorted(candidates)]
        theirs = theirs[theirs["person"] != record["person"]]
        if len(theirs):
            # How common a name is, is not known here: an average is assumed, and the night's run knows better.
            found = link_one(dict(record), theirs, among=among, learned=weights, rarity={})
            linked.append(found.assign(left=member))
    return person_pairs(pd.concat(linked), records["person"]) if linked else []


def _sharing(session: Session, members: list[int]) -> dict[int, set[int]]:
    """Return for each member those who share a key that is not too common; members without any are left out."""
    from fraud.linkage import PEOPLE  # noqa: PLC0415

    by_key: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in session.execute(_SHARING, {"members": members, "most": PEOPLE.largest_block}):
        by_key[row.one, row.key].add(row.other)
    sharing: dict[int, set[int]] = defaultdict(set)
    for (one, _), others in by_key.items():
        if len(others) <= PEOPLE.largest_block:
            sharing[one] |= others - {one}
    return {one: others for one, others in sharing.items() if others}


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
