"""The facts of many requests from their history, as frames, and as a model takes them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.facts import FEATURES, LATER, SCHEMA, FactError
from fraud.past.counting import Flags, Questions, Span, Timeline, Whole, codes, ranges
from fraud.past.history import Ends, Followers, History, followers, moved
from fraud.past.windows import OUTCOMES, REBOOK_WITHIN, WINDOWS, Subject, Window

_TYPES: Final[Mapping[str, type[int] | type[float] | type[bool]]] = {"count": int, "number": float, "flag": bool}
WINDOW_NAMES: Final[frozenset[str]] = frozenset(window.name for window in WINDOWS)


def fact_frame(history: History, asks: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return all facts of many requests: the counted ones from the history, the others from the asks' own columns.

    Parameters
    ----------
    asks
        See `window_facts`; has a column for each fact of the schema that is not counted in a window.

    Returns
    -------
    pandas.DataFrame
        A column for each fact in schema order and type, on the index of ``asks``.

    Raises
    ------
    FactError
        ``asks`` has no column for a fact.
    """
    asks = history.requests if asks is None else asks
    missing = [name for name in FEATURES if name not in WINDOW_NAMES and name not in asks]
    if missing:
        raise FactError(f"missing fact: {', '.join(missing)}")
    counted = _counts(history, asks, history.people)
    columns = {
        fact.name: counted[fact.name] if fact.name in counted else asks[fact.name].astype(_TYPES[fact.kind]).to_numpy()
        for fact in SCHEMA
    }
    return pd.DataFrame(columns, index=asks.index)


def window_facts(
    history: History, asks: pd.DataFrame | None = None, people: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count every window of `fraud.past.windows` strictly before each ask.

    Parameters
    ----------
    history
        What happened; an ask's own request may be in it, for it is not before itself.
    asks
        One row an ask: request, at, account, device, network, phone, as in ``History``; by default the requests.
    people
        The people of each ask (request, person); by default those of the history.

    Returns
    -------
    pandas.DataFrame
        int64, a column for each window in the order of their declaration, on the index of ``asks``.
    """
    asks = history.requests if asks is None else asks
    counts = _counts(history, asks, history.people if people is None else people)
    return pd.DataFrame(counts, index=asks.index)


def _counts(history: History, asks: pd.DataFrame, people: pd.DataFrame) -> dict[str, Whole]:
    """Return the counts of each window by its name, in the order of their declaration."""
    counts = _Counts(history, asks, people)
    return {window.name: counts.of(window) for window in WINDOWS}


class _Counts:
    """One pass over all windows; what several windows share is prepared once."""

    def __init__(self, history: History, asks: pd.DataFrame, people: pd.DataFrame) -> None:
        self._requests, self._outcomes = history.requests, history.outcomes
        self._at = _microseconds(history.requests)
        self._ended_at = _microseconds(history.outcomes)
        self._asked_at = _microseconds(asks)
        self._asks = asks
        row_of = pd.Series(np.arange(len(self._requests)), index=self._requests["request"])
        ask_of = pd.Series(np.arange(len(asks)), index=asks["request"])
        self._person, self._asked_person = codes(history.people["person"], people["person"])
        self._person_row = row_of.loc[history.people["request"]].to_numpy()
        places = ask_of.reindex(people["request"]).to_numpy()
        self._asked_person = self._asked_person[~np.isnan(places)]
        self._asked_person_ask = places[~np.isnan(places)].astype(np.int64)
        self._stayed: Flags = np.ones(len(history.people), dtype=bool)
        if "stayed" in history.people:
            self._stayed = history.people["stayed"].to_numpy(dtype=bool)
        self._outcome_row = row_of.loc[self._outcomes["request"]].to_numpy()
        self._lines: dict[tuple[Subject, bool], tuple[Timeline, Questions]] = {}
        self._spans: dict[tuple[Subject, bool, int], Span] = {}
        self._codes: dict[Subject, tuple[Whole, Whole]] = {}
        self._followers: dict[tuple[Subject, timedelta], Followers] = {}
        self._moved_by: dict[Subject, Flags] = {}
        self._corrections = _corrections(history)
        self._cancelled: Flags = (self._outcomes["kind"] == "cancelled").to_numpy()
        self._drawn: Flags = np.ones(len(self._outcomes), dtype=bool)
        if "drawn" in self._outcomes:
            self._drawn = self._outcomes["drawn"].to_numpy(dtype=bool)
        self._moves: Flags = np.zeros(len(self._requests), dtype=bool)
        if "moves" in self._requests:
            self._moves = (self._requests["moves"] > 0).to_numpy()

    def of(self, window: Window) -> Whole:
        ends = window.counts in OUTCOMES
        line, _ = self._line(window.of, outcomes=ends)
        over = _in_microseconds(window.over)
        found = self._counted(window, line, self._span(window.of, over, outcomes=ends), over)
        if window.of != "person":
            return found
        most = np.zeros(len(self._asks), dtype=np.int64)
        np.maximum.at(most, self._asked_person_ask, found)
        return most

    def _counted(self, window: Window, line: Timeline, span: Span, over: int) -> Whole:
        kinds = OUTCOMES.get(window.counts)
        if kinds is not None:
            outcome = self._outcome_of(window.of)
            flags = self._outcomes["kind"].isin(kinds).to_numpy()[outcome]
            if window.counts == "handed_back":
                flags = flags & self._drawn[outcome] & ~self._moved_for_person()
            return line.count(span, flags) + self._put_right(line, span, kinds, outcome)
        if window.counts == "people":
            return line.distinct(span, self._person_row, self._person, over)
        if window.counts == "accounts":
            return line.distinct(span, np.arange(len(self._requests)), self._subject("account")[0], over)
        if window.counts == "rebooked":
            return line.count(span, self._follow(window.of, REBOOK_WITHIN).rebooks)
        return self._passed_on(window, line, span) if window.counts == "passed_on" else line.count(span)

    def _passed_on(self, window: Window, line: Timeline, span: Span) -> Whole:
        """Count newcomers after the first cancelled appointment, and those before the last newcomers: the smaller."""
        ends, asked = self._line(window.of, outcomes=True)
        ended = self._span(window.of, _in_microseconds(window.over), outcomes=True)
        given_up = self._given_up(window.of)
        newcomers = self._follow(window.of, window.over).newcomers
        first, last = ends.first(ended, given_up), line.last(span, newcomers)
        found, both = np.zeros(len(span.low), dtype=np.int64), np.flatnonzero(first < last)
        after = line.before(Questions.of(asked.subjects[both], first[both] + 1))
        before = ends.before(Questions.of(asked.subjects[both], last[both]))
        low, high = np.maximum(span.low[both], after), span.high[both]
        came = line.count(Span(low, high, low), newcomers)
        low = ended.low[both]
        found[both] = np.minimum(came, ends.count(Span(low, before, low), given_up))
        return found

    def _put_right(self, line: Timeline, span: Span, kinds: frozenset[str], outcome: Whole) -> Whole:
        """Return what corrections that were known when it was asked change in each count; they are few."""
        change = np.zeros(len(span.low), dtype=np.int64)
        ended = outcome[line.order]
        for row, at, before, after in self._corrections:
            if (before in kinds) != (after in kinds):
                for place in np.flatnonzero(ended == row):
                    counted = (span.low <= place) & (place < span.high) & (self._asked_at > at)
                    change[counted] += 1 if after in kinds else -1
        return change

    def _outcome_of(self, of: Subject) -> Whole:
        """Return the outcome that each entry of a timeline of outcomes is of: it is one of each person's."""
        return self._ended_people()[0] if of == "person" else np.arange(len(self._outcomes))

    def _ended_people(self) -> tuple[Whole, Whole]:
        """Return each outcome for each of the people who stayed to its end, in the order of time, and the person."""
        stayed = np.flatnonzero(self._stayed)
        order = stayed[np.argsort(self._person_row[stayed], kind="stable")]
        begins = np.searchsorted(self._person_row[order], np.arange(len(self._requests) + 1))
        outcome, place = ranges(begins[self._outcome_row], begins[self._outcome_row + 1])
        return outcome, self._person[order][place]

    def _line(self, of: Subject, *, outcomes: bool) -> tuple[Timeline, Questions]:
        """Return the timeline of one kind of subject, and the asks' questions about it."""
        if (of, outcomes) not in self._lines:
            if of == "person":
                if outcomes:
                    ended, person = self._ended_people()
                    line = Timeline.of(person, self._ended_at[ended])
                else:
                    order = np.argsort(self._person_row, kind="stable")
                    line = Timeline.of(self._person[order], self._at[self._person_row[order]])
                asked = Questions.of(self._asked_person, self._asked_at[self._asked_person_ask])
            else:
                subject, asked_subject = self._subject(of)
                at = self._ended_at if outcomes else self._at
                line = Timeline.of(subject[self._outcome_row] if outcomes else subject, at)
                asked = Questions.of(asked_subject, self._asked_at)
            self._lines[of, outcomes] = (line, asked)
        return self._lines[of, outcomes]

    def _span(self, of: Subject, over: int, *, outcomes: bool) -> Span:
        if (of, outcomes, over) not in self._spans:
            line, asked = self._line(of, outcomes=outcomes)
            self._spans[of, outcomes, over] = line.span(asked, over)
        return self._spans[of, outcomes, over]

    def _subject(self, of: Subject) -> tuple[Whole, Whole]:
        if of not in self._codes:
            subject, asked = codes(self._requests[of], self._asks[of])
            self._codes[of] = (subject, asked)
        return self._codes[of]

    def _follow(self, of: Subject, within: timedelta) -> Followers:
        if (of, within) not in self._followers:
            subject, people, over = self._subject(of)[0], (self._person_row, self._person), _in_microseconds(within)
            ends = self._ends(self._cancelled)
            self._followers[of, within] = followers(
                subject, self._at, ends, moves=self._moves, people=people, within=over
            )
        return self._followers[of, within]

    def _given_up(self, of: Subject) -> Flags:
        """Flag the outcomes that are cancelled appointments which their subject did not only move."""
        return self._cancelled & ~self._moved(of)

    def _moved(self, of: Subject) -> Flags:
        """Flag the outcomes that are cancelled appointments which their subject only moved."""
        if of not in self._moved_by:
            found = self._moved_by[of] = self._cancelled.copy()
            ends, subject = self._ends(found), self._subject(of)[0]
            found[found] = moved((subject[ends.row], ends.at), (subject[self._moves], self._at[self._moves]))
        return self._moved_by[of]

    def _moved_for_person(self) -> Flags:
        """Flag the entries of `_ended_people` for whom somebody asked again at that instant, only to move it."""
        outcome, person = self._ended_people()
        order = np.argsort(self._person_row, kind="stable")
        again = order[self._moves[self._person_row[order]]]
        asked_again = self._person[again], self._at[self._person_row[again]]
        return self._cancelled[outcome] & moved((person, self._ended_at[outcome]), asked_again)

    def _ends(self, flags: Flags) -> Ends:
        return Ends(self._outcome_row[flags], self._ended_at[flags])


def _corrections(history: History) -> list[tuple[int, int, str, str]]:
    """Return the corrections in the order of time: row of the outcome, instant, what was known before and after."""
    if history.corrections.empty:
        return []
    rows = {key: row for row, key in enumerate(zip(history.outcomes["request"], history.outcomes["at"], strict=True))}
    known = history.outcomes["kind"].tolist()
    found = []
    made = history.corrections
    for request, ended, at, kind in zip(made["request"], made["ended"], _microseconds(made), made["kind"], strict=True):
        row = rows.get((request, ended))
        if row is not None:
            found.append((row, int(at), known[row], kind))
            known[row] = kind
    return found


def _in_microseconds(over: timedelta) -> int:
    return int(over.total_seconds() * 1_000_000)


def _microseconds(frame: pd.DataFrame) -> Whole:
    instants: Whole = frame["at"].dt.tz_convert("UTC").to_numpy(dtype="datetime64[us]").astype(np.int64)
    return instants


def matrix(frame: pd.DataFrame, features: Sequence[str] = FEATURES) -> npt.NDArray[np.float64]:
    """Return the features of many requests, float64 (n, f), from a frame with a column for each fact.

    What an older verdict does not have (`fraud.facts.LATER`) is nan there and here.

    Raises
    ------
    FactError
        A fact has no column, its column is not numeric, or a value is not finite.
    """
    missing = [name for name in features if name not in frame]
    if missing:
        raise FactError(f"missing fact: {', '.join(missing)}")
    mistyped = [name for name in features if not pd.api.types.is_numeric_dtype(frame[name])]
    if mistyped:
        raise FactError(f"not a column of numbers: {', '.join(mistyped)}")
    values = frame.loc[:, list(features)].to_numpy(dtype=np.float64, na_value=np.nan)
    fine = np.isfinite(values) | (np.isnan(values) & [name in LATER for name in features])
    endless = [name for name, whole in zip(features, fine.all(axis=0), strict=True) if not whole]
    if endless:
        raise FactError(f"missing or endless values: {', '.join(endless)}")
    return np.ascontiguousarray(values)
