"""Small histories for tests of the counted facts, and the plainest way to count them."""

from datetime import UTC, datetime, timedelta

import pandas as pd
from hypothesis import strategies as st

from fraud.past.history import KINDS, History
from fraud.past.windows import OUTCOMES, REBOOK_WITHIN, Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY, INSTANT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
NOBODY = {"device": "", "network": "", "phone": ""}


def request(number, ago, account="account", people=("person",), gone=(), **subjects):
    """One request, ``ago`` before noon; people in ``gone`` did not stay. No device, network and phone unless given."""
    return {
        "request": number,
        "at": NOON - ago,
        "account": account,
        "people": people,
        "gone": gone,
        "moves": 0,
        **NOBODY,
        **subjects,
    }


def outcome(number, ago, kind, *, drawn=True):
    """The end of that request's appointment."""
    return {"request": number, "at": NOON - ago, "kind": kind, "drawn": drawn}


def correction(number, ended_ago, ago, kind):
    """That it became known, ``ago`` before noon, how that request's appointment really ended."""
    return {"request": number, "ended": NOON - ended_ago, "at": NOON - ago, "kind": kind}


def a_history(*entries):
    """A history of requests, outcomes and corrections."""
    requests = [entry for entry in entries if "account" in entry]
    ends = [entry for entry in entries if "kind" in entry and "ended" not in entry]
    put_right = [entry for entry in entries if "ended" in entry]
    instants = "datetime64[us, UTC]"
    return History.of(
        pd.DataFrame(requests, columns=["request", "at", "account", "device", "network", "phone", "moves"]).astype(
            {"at": instants}
        ),
        pd.DataFrame(
            [(one["request"], person, person not in one["gone"]) for one in requests for person in one["people"]],
            columns=["request", "person", "stayed"],
        ),
        pd.DataFrame(ends, columns=["request", "at", "kind", "drawn"]).astype({"at": instants, "drawn": bool}),
        pd.DataFrame(put_right, columns=["request", "ended", "at", "kind"]).astype({"at": instants, "ended": instants}),
    )


class Plainly:
    """Counts by the words of the declarations, entry by entry."""

    def __init__(self, history: History, most: int) -> None:
        self.most = most
        self.requests = list(history.requests.itertuples())
        self.ends = list(history.outcomes.itertuples())
        self.put_right = list(history.corrections.itertuples())
        self.by_number = {entry.request: entry for entry in self.requests}
        self.people = history.people.groupby("request")["person"].agg(set).to_dict()
        stayed = history.people.get("stayed", pd.Series(data=True, index=history.people.index)).astype(bool)
        self.stayed = history.people[stayed].groupby("request")["person"].agg(set).to_dict()

    def count(self, window: Window, ask) -> int:
        """Count one window for one ask."""
        if window.of != "person":
            return self._of_subject(window, ask, {getattr(ask, window.of)} - {""})
        return max((self._of_subject(window, ask, {person}) for person in self._people(ask)), default=0)

    def _of_subject(self, window, ask, subjects):
        people = self.stayed if window.counts in OUTCOMES else self.people

        def theirs(entry):
            of_entry = people.get(entry.request, set()) if window.of == "person" else {getattr(entry, window.of)}
            return bool(of_entry & subjects)

        entries = self.ends if window.counts in OUTCOMES else self.requests
        earlier = [entry for entry in entries if entry.at < ask.at and theirs(self.by_number[entry.request])]
        latest = [entry for entry in earlier[-self.most :] if entry.at >= ask.at - window.over]
        if window.counts in OUTCOMES:
            ended = [end for end in latest if self._known(end, ask.at) in OUTCOMES[window.counts]]
            return sum(
                window.counts != "handed_back" or (end.drawn and not self._moved(end, subjects)) for end in ended
            )
        if window.counts == "people":
            return len(set().union(*map(self._people, latest)))
        if window.counts == "accounts":
            return len({entry.account for entry in latest})
        if window.counts == "requests":
            return len(latest)
        if window.counts == "passed_on":
            return self._passed_on(window, ask, theirs, latest)
        return sum(any(self._rebooks(entry, end) for end in self.ends) for entry in latest)

    def _passed_on(self, window, ask, theirs, latest):
        """The smaller of two: given up before a request for newcomers, and requests for newcomers after one."""
        cancelled = [end for end in self.ends if end.kind == "cancelled" and theirs(self.by_number[end.request])]
        moves = {entry.at for entry in self.requests if getattr(entry, "moves", 0) > 0 and theirs(entry)}

        def had_one(entry):
            return any(
                entry.at - window.over <= end.at < entry.at and self._people(end) & self._people(entry)
                for end in cancelled
            )

        newcomers = [entry for entry in latest if getattr(entry, "moves", 0) == 0 and not had_one(entry)]
        ends = [end for end in self.ends if end.at < ask.at and theirs(self.by_number[end.request])][-self.most :]
        given_up = [
            end for end in ends if end.kind == "cancelled" and end.at >= ask.at - window.over and end.at not in moves
        ]
        return min(
            sum(any(end.at < entry.at for end in given_up) for entry in newcomers),
            sum(any(end.at < entry.at for entry in newcomers) for end in given_up),
        )

    def _moved(self, end, people):
        again = [entry for entry in self.requests if entry.at == end.at and getattr(entry, "moves", 0) > 0]
        return end.kind == "cancelled" and any(self._people(entry) & people for entry in again)

    def _known(self, end, instant):
        kinds = [
            one.kind for one in self.put_right if (one.request, one.ended) == (end.request, end.at) and one.at < instant
        ]
        return kinds[-1] if kinds else end.kind

    def _people(self, entry):
        return self.people.get(entry.request, set())

    def _rebooks(self, entry, end):
        return (
            getattr(entry, "moves", 0) == 0
            and end.kind == "cancelled"
            and self.by_number[end.request].account == entry.account
            and entry.at - REBOOK_WITHIN <= end.at < entry.at
            and not self._people(end) & self._people(entry)
        )


# Instants that meet each other and the edges of windows often.
_EDGES = (0 * HOUR, HOUR, DAY, 2 * DAY, 30 * DAY, 90 * DAY, 365 * DAY)
AGO = st.builds(
    lambda edge, other, step: edge + other + step * INSTANT,
    st.sampled_from(_EDGES),
    st.sampled_from((0 * HOUR, 0 * HOUR, HOUR, 2 * DAY)),
    st.integers(-1, 1),
)
_SUBJECTS = {
    "account": st.sampled_from("ab"),
    "device": st.sampled_from(["", "d", "e"]),
    "network": st.sampled_from(["", "n"]),
    "phone": st.sampled_from(["p", "q"]),
    "moves": st.sampled_from([0, 0, 0, 1]),
    "gone": st.sampled_from([(), (), ("one",)]),
}
_PEOPLE = st.sets(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=2).map(sorted)


@st.composite
def entries(draw):
    """Entries of a history: up to ten requests, how some of their appointments ended, and what was put right."""
    found = [
        request(number, draw(AGO), people=draw(_PEOPLE), **{name: draw(some) for name, some in _SUBJECTS.items()})
        for number in range(draw(st.integers(1, 10)))
    ]
    ended = draw(st.lists(st.integers(0, len(found) - 1), max_size=6))
    ends = [outcome(number, draw(AGO), draw(st.sampled_from(KINDS)), drawn=draw(st.booleans())) for number in ended]
    attended = [end for end in ends if ended.count(end["request"]) == 1 and end["kind"] in {"served", "no_show"}]
    put_right = [
        {"request": end["request"], "ended": end["at"], "at": draw(AGO.map(lambda ago: NOON - ago)), "kind": kind}
        for end in attended
        for kind in draw(st.lists(st.sampled_from(["served", "no_show"]), max_size=2))
    ]
    instants = [(one["request"], one["at"]) for one in put_right]
    clear = [one for one, key in zip(put_right, instants, strict=True) if instants.count(key) == 1]
    return found + ends + [one for one in clear if one["at"] >= one["ended"]]


@st.composite
def passings(draw):
    """Entries of a phone or an account that gives places up and asks for others, for the same, or moves some."""
    days = st.integers(0, 31).map(lambda day: day * DAY)
    either = {name: st.sampled_from(values) for name, values in (("account", "aab"), ("phone", "ppq"))}
    lent = [
        request(
            number, 32 * DAY + draw(days), people=(f"lent {number}",), **{k: draw(one) for k, one in either.items()}
        )
        for number in range(draw(st.integers(2, 5)))
    ]
    ends = [outcome(one["request"], draw(days), draw(st.sampled_from(["cancelled"] * 3 + ["lapsed"]))) for one in lent]
    after = st.sampled_from([INSTANT, DAY, 2 * DAY, 3 * DAY, 9 * DAY])
    asked = []
    for number in range(10, 10 + draw(st.integers(2, 7))):
        place = draw(st.integers(0, len(lent) - 1))
        who = lent[place] | {"request": number, "people": (f"buyer {number}",), "at": ends[place]["at"] + draw(after)}
        if draw(st.integers(0, 3)) == 0:
            who["people"] = (*who["people"], f"lent {draw(st.integers(0, 4))}")
        if draw(st.integers(0, 4)) == 0:
            who |= {"people": lent[place]["people"], "at": ends[place]["at"], "moves": 1}
        asked.append(who | {"account": draw(either["account"])})
    return lent + ends + asked


@st.composite
def drops(draw):
    """Entries of people whose places were moved and what waited instead let go, or changed in one step and cancelled.

    An end with ``was`` is of the appointment of that request; with ``changed``, of a place that a drawn one became.
    """
    found = []
    for number in range(draw(st.integers(1, 4))):
        same = {"people": draw(_PEOPLE), "account": draw(_SUBJECTS["account"]), "phone": draw(_SUBJECTS["phone"])}
        asked = request(number, 95 * DAY, **same, gone=draw(_SUBJECTS["gone"]))
        waited = request(number + 10, 92 * DAY, **same, gone=draw(_SUBJECTS["gone"]), moves=1)
        end = outcome(number + 10, draw(AGO), "cancelled", drawn=draw(st.booleans()))
        found += [asked, waited]
        if draw(st.booleans()):
            twice = request(number + 20, 94 * DAY, **same, gone=draw(_SUBJECTS["gone"]), moves=1)
            found += [twice, end | {"was": number + 20}]
        found.append(end | ({"changed": end["drawn"]} if draw(st.booleans()) else {"was": number}))
    return found


def before(found, instant):
    """The entries before an instant; an appointment's end goes with its request."""
    kept = [entry for entry in found if entry["at"] < instant]
    known = {entry["request"] for entry in kept if "account" in entry}
    return [entry for entry in kept if entry["request"] in known]
