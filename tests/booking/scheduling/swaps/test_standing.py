"""What the log must say of a night beside its files: times that fit, and witnesses who saw the closing in time."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.scheduling.swaps.errors import WrongNightError
from booking.scheduling.swaps.verification import check_times, check_witnesses
from booking.transparency.beacons.drand import quicknet
from booking.transparency.beacons.terms import write_terms
from booking.transparency.beacons.values import round_after
from tests.support.own_log import OwnLog

CLOSES = datetime(2026, 11, 1, 22, tzinfo=UTC)
COMES = CLOSES + timedelta(minutes=10, seconds=3)
SECOND = timedelta(seconds=1)


def beacon(closes):
    first = quicknet(1)
    return write_terms(quicknet(round_after(closes, genesis=first.genesis, period=first.period)))


def entries(*, announced=CLOSES - timedelta(hours=9), closed=CLOSES, done=COMES, terms=None):
    stated = {
        "closes_at": CLOSES.isoformat(),
        "closed_at": closed.isoformat(),
        "beacon": terms or beacon(CLOSES),
    }
    return {"at": announced.isoformat()}, stated, {"at": done.isoformat()}


def test_a_night_in_its_time_is_right():
    check_times(*entries())


def test_a_round_that_was_known_when_the_night_was_announced_is_refused():
    """Whoever names a past round knows the line before wishes are fixed, though seed, signature and hashes fit."""
    with pytest.raises(WrongNightError, match="not the one that is due"):
        check_times(*entries(terms=beacon(CLOSES - timedelta(days=2))))


@pytest.mark.parametrize(
    "times",
    [
        {"announced": CLOSES},
        {"closed": CLOSES - SECOND},
        {"closed": COMES + SECOND, "done": COMES + 2 * SECOND},
        {"done": CLOSES + SECOND},
    ],
    ids=["announced late", "closed early", "closed when the value was out", "decided before it was"],
)
def test_times_that_let_somebody_know_the_value_are_refused(times):
    with pytest.raises(WrongNightError):
        check_times(*entries(**times))


@pytest.mark.parametrize(
    ("seen", "right"), [(CLOSES + SECOND, True), (CLOSES - SECOND, False), (COMES + SECOND, False)]
)
def test_a_statement_counts_when_witnesses_saw_it_before_its_value(seen, right):
    log = OwnLog(witnesses=2)
    for name, at in (("announcement", CLOSES - timedelta(hours=9)), ("statement", seen), ("result", COMES)):
        log.add(name.encode(), at)
    names = ("announcement", "statement", "result")
    proofs = {name: log.proof(number) for number, name in enumerate(names)}
    announced = {"need": 2, "witnesses": [key.text for key in log.witness_keys]}
    stated = entries()[1]
    if right:
        assert check_witnesses(announced, stated, proofs).startswith("2 witnesses saw the statement in time")
    else:
        with pytest.raises(WrongNightError, match="0 witnesses cosigned it before"):
            check_witnesses(announced, stated, proofs)
    with pytest.raises(WrongNightError, match="2 witnesses cosigned it, 3 are needed"):
        check_witnesses(announced | {"need": 3}, stated, proofs)
