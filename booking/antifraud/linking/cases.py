"""Open review cases, each question once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

import pandas as pd
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.antifraud.linking.records import in_parts, level_words
from booking.country.core.core import Core
from booking.platform.base.references import new_reference
from booking.platform.models import ReviewCase
from booking.platform.models.base import Json
from booking.platform.models.requests.case import CaseKind, CaseState

_OPEN_ONCE: Final = (
    insert(ReviewCase)
    .on_conflict_do_nothing(
        index_elements=[ReviewCase.kind, ReviewCase.subject_key],
        index_where=text("state = 'open' OR kind = 'same_person'"),
    )
    .returning(ReviewCase.id)
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who are probably one: ``levels`` name for each part how far their records agree."""

    people: tuple[UUID, UUID]
    probability: float
    levels: dict[str, str]

    @classmethod
    def of(cls, one: UUID, other: UUID, row: Any) -> Self:
        """Make the pair of a row that `fraud.linkage.link` returns."""
        first, second = sorted((one, other))
        return cls((first, second), float(row["probability"]), level_words(row))

    @property
    def key(self) -> str:
        """The one text of these two, whichever was named first."""
        return ":".join(one.hex for one in self.people)


def person_pairs(linked: pd.DataFrame, person_of: "pd.Series[Any]") -> list[Pair]:
    """Bring pairs of records to pairs of people, each once, the most probable first.

    Parameters
    ----------
    linked
        What `fraud.linkage.link` gives; its labels are those of ``person_of``.
    person_of
        For each record its person: a person may be in several households.
    """
    found: dict[tuple[UUID, UUID], Pair] = {}
    for row in linked.sort_values("probability", ascending=False, kind="stable").to_dict("records"):
        one, other = person_of[row["left"]], person_of[row["right"]]
        if one != other:
            pair = Pair.of(one, other, row)
            found.setdefault(pair.people, pair)
    return list(found.values())


def open_pairs(session: Session, core: Core, pairs: Iterable[Pair]) -> int:
    """Open a case for each pair about which nobody was asked yet, in the caller's transaction; return how many."""
    rows = [
        new_case(
            core,
            CaseKind.SAME_PERSON,
            pair.people,
            pair.key,
            {"probability": pair.probability, "levels": pair.levels},
        )
        for pair in pairs
    ]
    return sum(len(session.execute(_OPEN_ONCE, part).all()) for part in in_parts(rows, 1000))


def references(session: Session, pairs: Sequence[Pair]) -> dict[str, str]:
    """Return the reference of each pair's case, by the pair's key; pairs without one are left out."""
    found: dict[str, str] = {}
    for part in in_parts([pair.key for pair in pairs]):
        statement = select(ReviewCase.subject_key, ReviewCase.reference).where(
            ReviewCase.kind == CaseKind.SAME_PERSON, ReviewCase.subject_key.in_(part)
        )
        found |= {row.subject_key: row.reference for row in session.execute(statement)}
    return found


def new_case(core: Core, kind: CaseKind, subjects: Sequence[UUID], key: str, evidence: Json) -> dict[str, Any]:
    """Return the row of a new open case."""
    return {
        "reference": new_reference(),
        "kind": kind,
        "state": CaseState.OPEN,
        "subjects": list(subjects),
        "subject_key": key,
        "evidence": evidence,
        "opened_at": core.clock.now(),
    }
