"""The history that facts are counted from, as frames: an analyst's, a simulation's, or the database's for a replay."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from fraud.past.counting import Flags, Questions, Timeline, Whole, ranges

KINDS: Final = ("cancelled", "no_show", "lapsed", "served")
REQUEST_COLUMNS: Final = ("request", "at", "account", "device", "network", "phone")
"""Of a request: what it is counted by."""


class HistoryError(Exception):
    """A frame lacks a column, has gaps, or names something twice or not at all; the message says which."""


@dataclass(frozen=True, slots=True)
class History:
    """What happened, in three frames; ``History.of`` checks and sorts them.

    Parameters
    ----------
    requests
        One row a request, in the order of ``at`` and ``request``: request (unique), at (datetime64[us, UTC]), account,
        device, network, phone ("" where unknown). A column moves (int) may say how often the same people moved to
        another time before it. Further columns are kept and not looked at.
    people
        One row for each person of a request: request, person. A column stayed (bool) may say who was proven and in it
        until it ended: nobody else handed its place back. Without it, all were.
    outcomes
        One row for each appointment that ended: request, at, kind (``KINDS``). Of one that was moved, the request is
        that which waited for another place and ended without, or gave that one up. A column drawn (bool) may say
        whether a draw gave the place; without it, all are drawn.
    corrections
        One row for each time that it became known otherwise how an appointment ended: request and ended (the ``at`` of
        its outcome), at, kind. What was asked at or before ``at`` still knew the earlier kind.
    """

    requests: pd.DataFrame
    people: pd.DataFrame
    outcomes: pd.DataFrame
    corrections: pd.DataFrame

    @classmethod
    def of(
        cls,
        requests: pd.DataFrame,
        people: pd.DataFrame,
        outcomes: pd.DataFrame,
        corrections: pd.DataFrame | None = None,
    ) -> Self:
        """Check the frames and put them in the order of time; the frames given stay as they are.

        Raises
        ------
        HistoryError
            Something that counting relies on does not hold.
        """
        _need(requests, "requests", REQUEST_COLUMNS)
        _need(people, "people", ("request", "person"))
        _need(outcomes, "outcomes", ("request", "at", "kind"))
        if corrections is None:
            corrections = outcomes.iloc[:0][["request", "at", "kind"]].assign(ended=outcomes["at"].iloc[:0])
        _need(corrections, "corrections", ("request", "ended", "at", "kind"))
        if requests["request"].duplicated().any():
            raise HistoryError("requests names a request twice")
        for name, frame in (("people", people), ("outcomes", outcomes)):
            if not frame["request"].isin(requests["request"]).all():
                raise HistoryError(f"{name} names a request that requests does not know")
        unknown = sorted((set(outcomes["kind"].unique()) | set(corrections["kind"].unique())) - set(KINDS))
        if unknown:
            raise HistoryError(f"unknown kind of outcome: {', '.join(map(str, unknown))}")
        corrections = corrections.assign(ended=in_utc(corrections["ended"]))
        return cls(
            _in_order(requests),
            people.drop_duplicates().reset_index(drop=True),
            _in_order(outcomes),
            _in_order(corrections),
        )

    def only(self, requests: pd.Series, outcomes: pd.Series, corrections: pd.Series) -> Self:
        """Return the part of the history that flags (one for each row of requests, outcomes, corrections) leave."""
        kept = self.requests[requests]
        people = self.people[self.people["request"].isin(kept["request"])]
        ends = self.outcomes[outcomes & self.outcomes["request"].isin(kept["request"])]
        put_right = self.corrections[corrections & self.corrections["request"].isin(kept["request"])]
        return type(self)(*(frame.reset_index(drop=True) for frame in (kept, people, ends, put_right)))

    def with_one_phone(self, phones: Collection[str]) -> Self:
        """Return the history as if the first of these phones had been used wherever one of them was."""
        phone = self.requests["phone"]
        one = phone.mask(phone.isin(phones), min(phones, default=""))
        return type(self)(self.requests.assign(phone=one), self.people, self.outcomes, self.corrections)


def _need(frame: pd.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise HistoryError(f"{name} has no column {', '.join(missing)}")
    gaps = [column for column in columns if frame[column].isna().any()]
    if gaps:
        raise HistoryError(f"{name} has gaps in {', '.join(gaps)}")
    if "at" in columns and not isinstance(frame["at"].dtype, pd.DatetimeTZDtype):
        raise HistoryError(f"{name}: at must be instants with a time zone")


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    ordered = frame.assign(at=in_utc(frame["at"])).sort_values(["at", "request"], kind="stable")
    return ordered.reset_index(drop=True)


def in_utc(instants: pd.Series) -> pd.Series:
    """Return instants as a history keeps them: datetime64[us, UTC]."""
    utc: pd.Series = instants.dt.tz_convert("UTC").dt.as_unit("us")
    return utc


@dataclass(frozen=True, slots=True)
class Followers:
    """What requests (n,) are after cancelled appointments; one that only moved an appointment of its people is neither.

    ``rebooks``: one was cancelled of which nobody is in the request. ``newcomers``: nobody in it had one cancelled.
    """

    rebooks: Flags
    newcomers: Flags


@dataclass(frozen=True, slots=True)
class Ends:
    """Cancelled appointments (m,) in the order of time: the row of the request of each, and the instant."""

    row: Whole
    at: Whole


def followers(
    subject: Whole, at: Whole, ends: Ends, *, moves: Flags, people: tuple[Whole, Whole], within: int
) -> Followers:
    """Find what each request is after the cancelled appointments of its subject.

    Parameters
    ----------
    subject, at, moves
        Of each request (n,), in the order of time: whose it is (-1: nobody's), microseconds, and whether it only moved
        an appointment of its own people.
    people
        Rows of requests and the person of each (k,).
    within
        Microseconds for which a cancelled appointment is looked at.
    """
    line = Timeline.of(subject[ends.row], ends.at)
    span = line.span(Questions.of(subject, at), within)
    request, place = ranges(span.uncut, span.high)
    shares = _share_somebody(request, ends.row[line.order[place]], people, len(subject))
    rebooks, newcomers = np.zeros(len(subject), dtype=bool), subject >= 0
    rebooks[request[~shares]] = True
    newcomers[request[shares]] = False
    return Followers(rebooks & ~moves, newcomers & ~moves)


def moved(ended: tuple[Whole, Whole], again: tuple[Whole, Whole]) -> Flags:
    """Flag the ends (m,) of appointments that were moved: at that instant a request of the subject moved one.

    Parameters
    ----------
    ended, again
        Subject and microseconds, of each end (m,) and of each request that moves an appointment, in the order of time.
    """
    whose, at = ended
    span = Timeline.of(*again).span(Questions.of(whose, at + 1), 1)
    return span.high > span.uncut


def _share_somebody(one: Whole, other: Whole, people: tuple[Whole, Whole], requests: int) -> Flags:
    """Return for each pair of requests whether somebody is in both."""
    row, person = people
    by_row = np.argsort(row, kind="stable")
    row, person = row[by_row], person[by_row] + 1
    begins = np.searchsorted(row, np.arange(requests + 1))
    pair, place = ranges(begins[other], begins[other + 1])
    most = int(person.max(initial=0)) + 1
    shares = np.isin(one[pair] * most + person[place], row * most + person)
    found = np.zeros(len(one), dtype=bool)
    found[pair[shares]] = True
    return found
