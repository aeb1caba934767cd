"""What a night's look may find: a question to somebody who watches approvals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from booking.platform.models.base import Json


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to ask about.

    Parameters
    ----------
    subjects
        Accounts of applicants or of a helper that it is about.
    concerns
        Officers whose own decisions it is about: they neither see nor answer it.
    office_id
        The office whose supervisors may answer; None for those alone who watch every office.
    evidence
        Figures and codes, without anybody's data; user names of officers are not in it either.
    """

    subjects: tuple[UUID, ...]
    concerns: tuple[UUID, ...]
    office_id: int | None
    evidence: Json


Finder: TypeAlias = Callable[[Session, datetime, datetime], Mapping[str, Finding]]
"""Gives what is found in the decisions from an instant until another one, by a text that stays the same each night."""
