import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.facts import BY_NAME, ELSEWHERE, FEATURES, FactError, Facts
from fraud.features import WINDOW_NAMES, fact_frame, matrix, window_facts
from fraud.past import counting
from fraud.past.history import History, HistoryError
from fraud.past.windows import MOST, WINDOWS
from tests.fraud.histories import (
    DAY,
    HOUR,
    INSTANT,
    NOON,
    Plainly,
    a_history,
    before,
    entries,
    outcome,
    passings,
    request,
)
from tests.support.effort import examples

pytestmark = pytest.mark.slow

BY_WINDOW = {window.name: window for window in WINDOWS}
ASK = 99


def velocity(subject, over, **same):
    """Four requests that count, at the edges of the window, and four that do not."""
    other = dict.fromkeys(same, "another")
    return [
        request(1, over, **same),
        request(2, over, **same),
        request(3, over / 2, **same),
        request(4, INSTANT, **same),
        request(5, over + INSTANT, **same),
        request(6, over / 2, **other),
        request(7, 0 * HOUR, **same),
        request(8, -HOUR, **same),
        request(ASK, 0 * HOUR, **same),
    ], 4


def different(over, counted, **same):
    """Three different people (or accounts), some of them twice; a fourth is too old, a fifth elsewhere."""
    rows = [(1, over + INSTANT, "four"), (2, over, "one"), (3, over, "two"), (4, DAY, "two"), (5, HOUR, "three")]
    named = (lambda who: {"people": (who,)}) if counted == "people" else (lambda who: {"account": who})
    return [
        *(request(number, ago, **named(who), **same) for number, ago, who in rows),
        request(6, HOUR, **named("five"), **dict.fromkeys(same, "another")),
        request(ASK, 0 * HOUR, **named("six"), **same),
    ], 3


def ends(over, kind, other_kind, **same):
    """Two ends that count, of four: one is too old, one is of another kind."""
    return [
        *(request(number, 400 * DAY, **same) for number in (1, 2, 3, 4)),
        request(5, 400 * DAY, account="another", device="another", phone="another"),
        outcome(1, over, kind),
        outcome(2, INSTANT, kind),
        outcome(3, over + INSTANT, kind),
        outcome(4, HOUR, other_kind),
        outcome(5, HOUR, kind),
        outcome(4, 0 * HOUR, kind),
        request(ASK, 0 * HOUR, **same),
    ], 2


REBOOKED = (
    [
        request(1, 40 * DAY, people=("client",)),
        request(2, 40 * DAY, people=("mother", "child")),
        outcome(1, 5 * DAY, "cancelled"),
        outcome(2, 20 * DAY, "cancelled"),
        request(3, 5 * DAY - INSTANT, people=("next client",)),  # counts
        request(4, 3 * DAY, people=("one more",)),  # counts: exactly two days later
        request(5, 3 * DAY - INSTANT, people=("late",)),  # too late
        request(6, 5 * DAY, people=("same instant",)),  # not after the cancelling
        request(7, 19 * DAY, people=("child",)),  # asked again for the same people
        request(9, 4 * DAY, people=("uncle",), moves=1),  # his own appointment at another time
        request(8, 4 * DAY, account="another", people=("cousin",)),
        request(ASK, 0 * HOUR, people=("friend",)),
    ],
    2,
)


def passed_on(**same):
    """Three places given up before the last newcomer, of whom four came after the first."""

    def asks(number, ago, *people, moves=0, **other):
        return request(number, ago, people=people, moves=moves, **({"account": f"account {number}"} | same | other))

    return [
        *(asks(number, 60 * DAY, f"lent {number}") for number in range(1, 7)),
        outcome(1, 30 * DAY + INSTANT, "cancelled"),  # too old
        asks(11, 30 * DAY, "buyer of the old one"),  # no place of the window was given up yet
        outcome(2, 30 * DAY, "cancelled"),  # counts: just within the window
        *(asks(number, 28 * DAY, f"buyer {number}") for number in (12, 13, 14)),
        outcome(3, 20 * DAY, "cancelled"),
        outcome(4, 20 * DAY, "cancelled"),
        outcome(5, 20 * DAY, "lapsed"),  # nobody gave it up
        asks(15, 5 * DAY, "buyer of one of the two"),
        outcome(6, 5 * DAY, "cancelled"),  # at the same instant: nobody came after
        asks(16, 4 * DAY, "lent 4"),  # had one cancelled
        asks(17, 4 * DAY, "friend", "lent 6"),
        asks(18, 4 * DAY, "elsewhere", **dict.fromkeys(same, "another")),
        asks(19, 4 * DAY, "uncle", moves=1),  # his own appointment at another time
        asks(7, 60 * DAY, "aunt"),
        outcome(7, 6 * DAY, "cancelled"),  # not given up: she moved it
        asks(20, 6 * DAY, "aunt", moves=1),
        asks(ASK, 0 * HOUR, "next buyer"),  # only from the next request on
    ], 3


HANDED_BACK = (
    [
        *(request(number, 100 * DAY, people=("one", f"other {number}")) for number in range(1, 8)),
        request(8, 100 * DAY, account="another", people=("two",)),
        outcome(1, 90 * DAY + INSTANT, "cancelled"),  # too old
        outcome(2, 90 * DAY, "cancelled"),  # counts: just within the window
        outcome(3, 9 * DAY, "lapsed"),  # counts
        outcome(4, 8 * DAY, "no_show"),
        outcome(5, 7 * DAY, "cancelled"),  # was moved, at that instant
        request(9, 7 * DAY, account="of their own by now", people=("one",), moves=1),
        outcome(6, 6 * DAY, "cancelled"),  # counts: somebody else's was moved then
        request(10, 6 * DAY, people=("uncle",), moves=1),
        outcome(7, 0 * HOUR, "cancelled"),  # not before
        outcome(7, 5 * DAY, "lapsed", drawn=False),  # was held at once, and not taken
        outcome(8, 1 * DAY, "cancelled"),  # of somebody else in the request, who has less
        request(11, 20 * DAY, account="another", people=("one", "uncle"), gone=("one",)),
        outcome(11, 3 * DAY, "cancelled"),  # was taken out before
        request(ASK, 0 * HOUR, account="a third", people=("two", "one")),
    ],
    3,
)

BY_HAND = {
    **{
        f"requests_{words}_{label}": velocity(subject, over, **same)
        for subject, words, same in (
            ("device", "from_device", {"device": "d"}),
            ("network", "from_network", {"network": "n"}),
            ("phone", "with_phone", {"phone": "p"}),
            ("account", "by_account", {"account": "a"}),
            ("person", "for_person", {"people": ("p",)}),
        )
        for label, over in (("1h", HOUR), ("24h", DAY), ("30d", 30 * DAY))
    },
    "people_on_device_30d": different(30 * DAY, "people", device="d"),
    "people_on_phone_30d": different(30 * DAY, "people", phone="p"),
    "accounts_on_device_30d": different(30 * DAY, "accounts", device="d"),
    "accounts_on_phone_30d": different(30 * DAY, "accounts", phone="p"),
    "cancellations_90d": ends(90 * DAY, "cancelled", "lapsed"),
    "no_shows_365d": ends(365 * DAY, "no_show", "served"),
    "lapsed_offers_365d": ends(365 * DAY, "lapsed", "cancelled"),
    "given_up_on_device_90d": ends(90 * DAY, "lapsed", "no_show", device="d"),
    "given_up_on_phone_90d": ends(90 * DAY, "cancelled", "served", phone="p"),
    "rebookings_30d": REBOOKED,
    "passed_on_by_account_30d": passed_on(account="a"),
    "passed_on_with_phone_30d": passed_on(phone="p"),
    "handed_back_for_person_90d": HANDED_BACK,
}


def of_the_ask(history: History) -> pd.Series:
    return window_facts(history).loc[history.requests["request"] == ASK].squeeze()


def test_each_window_is_a_fact_of_the_schema():
    assert len(BY_WINDOW) == len(WINDOWS)
    assert {name for name in BY_WINDOW if BY_NAME[name].kind != "count"} == set()
    assert {window.name for window in WINDOWS if window.of == "person"} == ELSEWHERE


@pytest.mark.parametrize("name", BY_WINDOW)
def test_a_window_counts_what_was_counted_by_hand(name):
    found, expected = BY_HAND[name]

    assert of_the_ask(a_history(*found))[name] == expected


def test_the_person_asked_for_most_often_counts_in_a_party():
    history = a_history(
        request(1, HOUR, people=("child",)),
        request(2, 2 * HOUR, people=("child", "mother")),
        request(ASK, 0 * HOUR, people=("father", "mother", "child")),
    )

    assert of_the_ask(history)["requests_for_person_24h"] == 2


def test_what_is_unknown_has_no_history():
    history = a_history(
        *(request(number, HOUR, account=f"account {number}") for number in range(5)), request(ASK, 0 * HOUR)
    )

    counts = of_the_ask(history)
    assert (
        counts[[name for name in counts.index if "_device_" in name or "_network_" in name or "_phone_" in name]]
        .eq(0)
        .all()
    )


@pytest.mark.slow
@settings(max_examples=examples(25, nightly=60))
@given(entries() | passings(), st.sampled_from([MOST, 1, 2, 3]))
def test_every_window_agrees_with_the_plainest_way_to_count(found, most):
    history = a_history(*found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "MOST", most)
        counts = window_facts(history)

    plainly = Plainly(history, most)
    for ask, found_counts in zip(plainly.requests, counts.to_dict("records"), strict=True):
        assert found_counts == {window.name: plainly.count(window, ask) for window in WINDOWS}


@settings(max_examples=examples(10, nightly=25))
@given(entries(), entries())
def test_the_future_never_changes_the_past(found, later):
    past = [*before(found, NOON - DAY), request(ASK, DAY, people=("one", "two"))]
    future = [{**entry, "request": entry["request"] + 100, "at": entry["at"] + 400 * DAY} for entry in later]
    earlier, after = a_history(*past), a_history(*past, *(entry for entry in future if entry["at"] >= NOON - DAY))

    known = after.requests["request"].isin(earlier.requests["request"])
    assert window_facts(after)[known].to_numpy().tolist() == window_facts(earlier).to_numpy().tolist()


@settings(max_examples=examples(5, nightly=10))
@given(entries())
def test_the_order_of_the_rows_does_not_matter(found):
    history, turned = a_history(*found), a_history(*reversed(found))

    pd.testing.assert_frame_equal(window_facts(history), window_facts(turned))


def test_asks_that_did_not_become_requests_are_counted_as_well():
    history = a_history(request(1, 2 * HOUR, device="d"), request(2, HOUR, device="d"))
    asks = pd.DataFrame([request("draft", 0 * HOUR, device="d")], index=[7]).astype({"at": "datetime64[us, UTC]"})
    people = pd.DataFrame({"request": ["draft"], "person": ["person"]})

    counts = window_facts(history, asks, people)

    assert counts.loc[7, ["requests_from_device_24h", "requests_for_person_24h"]].tolist() == [2, 2]


def test_a_frame_of_facts_is_what_the_model_reads():
    history = a_history(request(1, 2 * HOUR, device="d"), request(2, HOUR, device="d"))
    told = {name: False if BY_NAME[name].kind == "flag" else 1 for name in FEATURES if name not in WINDOW_NAMES}
    asks = history.requests.assign(**told)

    frame = fact_frame(history, asks)

    assert matrix(frame).shape == (2, len(FEATURES))
    assert Facts.from_mapping(frame.iloc[1].to_dict()).requests_from_device_24h == 1
    with pytest.raises(FactError, match="missing fact: form_seconds"):
        fact_frame(history, asks.drop(columns="form_seconds"))


def test_a_history_that_cannot_be_counted_is_refused():
    fine = a_history(request(1, HOUR), outcome(1, HOUR, "served"))
    twice = pd.concat([fine.requests, fine.requests])
    naive = fine.requests.assign(at=fine.requests["at"].dt.tz_localize(None))
    for requests, people, outcomes, words in (
        (twice, fine.people, fine.outcomes, "a request twice"),
        (naive, fine.people, fine.outcomes, "with a time zone"),
        (fine.requests.drop(columns="phone"), fine.people, fine.outcomes, "no column phone"),
        (fine.requests.assign(device=None), fine.people, fine.outcomes, "gaps in device"),
        (fine.requests, fine.people.assign(request=5), fine.outcomes, "does not know"),
        (fine.requests, fine.people, fine.outcomes.assign(kind="eaten"), "eaten"),
    ):
        with pytest.raises(HistoryError, match=words):
            History.of(requests, people, outcomes)


def test_an_empty_history_gives_zeros():
    nothing = a_history()
    asks = a_history(request(1, HOUR, device="d"))

    assert window_facts(nothing).empty
    assert not window_facts(nothing, asks.requests, asks.people).to_numpy(dtype=np.int64).any()
