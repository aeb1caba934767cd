"""The history that facts are counted from, as frames: an analyst's, a simulation's, or the database's for a replay."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

import pandas as pd

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
