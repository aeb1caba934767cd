"""The same paper for people who have nothing to do with each other: the very file, or a picture that looks alike."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from booking.antifraud.watching.limits import Finding

LOOK_BACK: Final = timedelta(days=366)
"""Papers sent so long before are compared with new ones."""
NEAR: Final = 4
"""Bits of 64 in which two pictures of one paper may differ (docs/watching.md says what that finds, and what not)."""
MOST_ALIKE: Final = 2
"""A picture that resembles those of more other accounts is a form, and says nothing about anyone."""
CROWD: Final = 64
"""Near pages from which one is a form without counting whose they are: thousands of them have millions of pairs."""
FEWEST_BITS: Final = 8
"""A fingerprint with fewer bits set, or unset, is of a nearly empty page: those are all alike."""
_ROWS_AT_ONCE: Final = 256

_PAPERS: Final = text(
    """
    SELECT e.id, e.sha256, e.fingerprints, e.uploaded_at, u.id AS case_id, u.reference, u.account_id, u.office_id,
           u.request_id, u.submitted_at
    FROM urgent_evidence e JOIN urgent_request u ON u.id = e.urgent_request_id
    WHERE e.uploaded_at >= :first AND e.uploaded_at < :until AND u.submitted_at IS NOT NULL
    ORDER BY e.uploaded_at, e.id
    """
)
_PEOPLE: Final = text(
    """
    SELECT account_id, person_id FROM household_member WHERE account_id IN :accounts
    UNION
    SELECT r.account_id, m.person_id FROM request_member m JOIN request r ON r.id = m.request_id
    WHERE r.account_id IN :accounts
    """
).bindparams(bindparam("accounts", expanding=True))
_APPROVERS: Final = text(
    "SELECT DISTINCT officer_id FROM urgent_decision WHERE act = 'approval' AND urgent_request_id IN :cases"
).bindparams(bindparam("cases", expanding=True))


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that was sent with a case; of the fingerprints those that tell something."""

    sha256: bytes
    fingerprints: tuple[int, ...]
    sent_at: datetime
    case_id: UUID
    reference: str
    account_id: UUID
    office_id: int


def same_file(session: Session, since: datetime, until: datetime) -> dict[str, Finding]:
    """Find files that came, the same to the last bit, from unrelated people, one of them since an instant."""
    by_file: defaultdict[bytes, list[Paper]] = defaultdict(list)
    for paper in _papers(session, since, until):
        by_file[paper.sha256].append(paper)
    several = {
        digest: papers
        for digest, papers in by_file.items()
        if len({one.account_id for one in papers}) > 1 and any(one.sent_at >= since for one in papers)
    }
    people = _people(session, {one.account_id for papers in several.values() for one in papers})
    return {
        f"file:{digest.hex()[:32]}": _finding(session, papers, {"alike": "same"})
        for digest, papers in several.items()
        if _strangers(papers, people)
    }


def alike(session: Session, since: datetime, until: datetime) -> dict[str, Finding]:
    """Find pairs of cases of unrelated people with pictures that look alike, though the files differ."""
    papers = _papers(session, since, until)
    pairs = _near_pairs(papers, since)
    resembled: defaultdict[int, set[UUID]] = defaultdict(set)
    for one, other in pairs:
        resembled[one].add(papers[other].account_id)
        resembled[other].add(papers[one].account_id)
    forms = {number for number, accounts in resembled.items() if len(accounts) > MOST_ALIKE}
    people = _people(session, {papers[n].account_id for pair in pairs for n in pair})
    found: dict[str, Finding] = {}
    for (one, other), distance in sorted(pairs.items(), key=lambda pair: pair[1]):
        both = (papers[one], papers[other])
        if forms.isdisjoint((one, other)) and _strangers(both, people):
            key = "alike:" + ":".join(sorted(paper.case_id.hex for paper in both))
            found.setdefault(key, _finding(session, both, {"alike": "near", "bits": distance}))
    return found


def informative(fingerprint: int) -> bool:
    """Return whether a fingerprint is of a page with something on it."""
    return FEWEST_BITS <= fingerprint.bit_count() <= 64 - FEWEST_BITS


def near(new: NDArray[np.uint64], known: NDArray[np.uint64]) -> tuple[list[tuple[int, int, int]], set[int]]:
    """Find the pairs of fingerprints within ``NEAR`` bits, and the common forms among them.

    Parameters
    ----------
    new, known
        (n,) and (m,) fingerprints; n * m exclusive-ors, some rows of ``new`` at a time.

    Returns
    -------
    tuple
        For each pair the row in ``new``, the row in ``known`` and the differing bits. And the rows in ``known`` of a
        crowd: a new page with more than ``CROWD`` near ones has no pairs, and all of them are named here.
    """
    pairs: list[tuple[int, int, int]] = []
    crowded: set[int] = set()
    for start in range(0, len(new), _ROWS_AT_ONCE):
        distances = np.bitwise_count(new[start : start + _ROWS_AT_ONCE, None] ^ known[None, :])
        close = distances <= NEAR
        crowds = close.sum(axis=1) > CROWD
        crowded.update(np.flatnonzero(close[crowds].any(axis=0)).tolist())
        close[crowds] = False
        pairs += [(start + row, column, int(distances[row, column])) for row, column in np.argwhere(close).tolist()]
    return pairs, crowded


def _near_pairs(papers: Sequence[Paper], since: datetime) -> dict[tuple[int, int], int]:
    """Return the bits by which two papers differ, by their numbers, where one is new and files and accounts differ."""
    pages = [(number, fingerprint) for number, paper in enumerate(papers) for fingerprint in paper.fingerprints]
    known = np.array([fingerprint for _, fingerprint in pages], dtype=np.uint64)
    fresh = [row for row, (number, _) in enumerate(pages) if papers[number].sent_at >= since]
    pairs, crowded = near(known[fresh], known)
    best: dict[tuple[int, int], int] = {}
    for row, column, distance in pairs:
        one, other = sorted((pages[fresh[row]][0], pages[column][0]))
        apart = papers[one].account_id != papers[other].account_id and papers[one].sha256 != papers[other].sha256
        if apart and crowded.isdisjoint((fresh[row], column)):
            best[one, other] = min(best.get((one, other), distance), distance)
    return best


def _papers(session: Session, since: datetime, until: datetime) -> list[Paper]:
    return [
        Paper(
            row.sha256,
            tuple(one for one in (int(text, 16) for text in row.fingerprints) if informative(one)),
            max(row.uploaded_at, row.submitted_at),
            row.case_id,
            row.reference,
            row.account_id,
            row.office_id,
        )
        for row in session.execute(_PAPERS, {"first": since - LOOK_BACK, "until": until})
    ]


def _people(session: Session, accounts: set[UUID]) -> dict[UUID, set[UUID]]:
    """Return the people that each account acts or asked for."""
    people: defaultdict[UUID, set[UUID]] = defaultdict(set)
    if accounts:
        for row in session.execute(_PEOPLE, {"accounts": sorted(accounts)}):
            people[row.account_id].add(row.person_id)
    return people


def _strangers(papers: Sequence[Paper], people: dict[UUID, set[UUID]]) -> bool:
    """Return whether two of the accounts have no person in common. A shared phone or device makes nobody a relative."""
    accounts = {paper.account_id for paper in papers}
    return any(people.get(one, set()).isdisjoint(people.get(other, set())) for one, other in combinations(accounts, 2))


def _finding(session: Session, papers: Sequence[Paper], evidence: dict[str, str | int]) -> Finding:
    """Sum up a shared paper; the supervisors of the office to which it came last are asked."""
    papers = sorted(papers, key=lambda paper: (paper.sent_at, paper.reference))
    accounts = sorted({one.account_id for one in papers})
    cases = {one.case_id: one.reference for one in papers}
    approvers = session.scalars(_APPROVERS, {"cases": list(cases)}).all()
    return Finding(
        subjects=tuple(accounts),
        concerns=tuple(approvers),
        office_id=papers[-1].office_id,
        evidence=evidence | {"accounts": len(accounts), "cases": list(cases.values())},
    )
