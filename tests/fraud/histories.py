"""Small histories for tests of the counted facts, and the plainest way to count them."""

from datetime import UTC, datetime, timedelta

import pandas as pd
from hypothesis import strategies as st

from fraud.history import KINDS, History
from fraud.windows import OUTCOMES, REBOOK_WITHIN, Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY, INSTANT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
NOBODY = {"device": "", "network": "", "phone": ""}


def request(number, ago, account="account", people=("person",), **subjects):
    """One request, ``ago`` before noon; unknown device, network and phone unless given."""
    return {
        "request": number,
        "at": NOON - ago,
        "account": account,
        "people": people,
        **NOBODY,
        **subjects,
    }


def outcome(number, ago, kind):
    """The end of that request's appointment."""
    return {"request": number, "at": NOON - ago, "kind": kind}


def a_history(*entries):
    """A history of requests and outcomes."""
    requests = [entry for entry in entries if "account" in entry]
    ends = [entry for entry in entries if "kind" in entry]
    instants = "datetime64[us, UTC]"
    return History.of(
        pd.DataFrame(requests, columns=["request", "at", "account", "device", "network", "phone"]).astype(
            {"at": instants}
        ),
        pd.DataFrame(
            [(entry["request"], person) for entry in requests for person in entry["people"]],
            columns=["request", "person"],
        ),
        pd.DataFrame(ends, columns=["request", "at", "kind"]).astype({"at": instants}),
    )


class Plainly:
    """Counts by the words of the declarations, entry by entry."""

    def __init__(self, history: History, most: int) -> None:
        self.most = most
        self.requests = list(history.requests.itertuples())
        self.ends = list(history.outcomes.itertuples())
        self.by_number = {entry.request: entry for entry in self.requests}
        self.people = history.people.groupby("request")["person"].agg(set).to_dict()

    def count(self, window: Window, ask) -> int:
        """Count one window for one ask."""
        if window.of != "person":
            return self._of_subject(window, ask, {getattr(ask, window.of)} - {""})
        return max((self._of_subject(window, ask, {person}) for person in self._people(ask)), default=0)

    def _of_subject(self, window, ask, subjects):
        def theirs(entry):
            return bool((self._people(entry) if window.of == "person" else {getattr(entry, window.of)}) & subjects)

        entries = self.ends if window.counts in OUTCOMES else self.requests
        earlier = [entry for entry in entries if entry.at < ask.at and theirs(self.by_number[entry.request])]
        latest = [entry for entry in earlier[-self.most :] if entry.at >= ask.at - window.over]
        if window.counts in OUTCOMES:
            return sum(end.kind in OUTCOMES[window.counts] for end in latest)
        if window.counts == "people":
            return len(set().union(*map(self._people, latest)))
        if window.counts == "accounts":
            return len({entry.account for entry in latest})
        return sum(map(self._rebooks, latest)) if window.counts == "rebooked" else len(latest)

    def _people(self, entry):
        return self.people.get(entry.request, set())

    def _rebooks(self, entry):
        return any(
            end.kind == "cancelled"
            and self.by_number[end.request].account == entry.account
            and entry.at - REBOOK_WITHIN <= end.at < entry.at
            and not self._people(end) & self._people(entry)
            for end in self.ends
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
}
_PEOPLE = st.sets(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=2).map(sorted)


@st.composite
def entries(draw):
    """Entries of a history: up to ten requests and how some of their appointments ended."""
    found = [
        request(number, draw(AGO), people=draw(_PEOPLE), **{name: draw(some) for name, some in _SUBJECTS.items()})
        for number in range(draw(st.integers(1, 10)))
    ]
    ended = draw(st.lists(st.integers(0, len(found) - 1), max_size=6))
    return found + [outcome(number, draw(AGO), draw(st.sampled_from(KINDS))) for number in ended]


def before(found, instant):
    """The entries before an instant; an appointment's end goes with its request."""
    kept = [entry for entry in found if entry["at"] < instant]
    known = {entry["request"] for entry in kept if "account" in entry}
    return [entry for entry in kept if entry["request"] in known]
