"""What a draw in format 2 writes is read back the same, and its secrets open only the rows of their owner."""

import hmac
import json
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import lottery
from booking.people.prerequisites.standing import Days
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.closing import read_closing, statement_hash, write_closing
from booking.scheduling.draws.format2.line import LineWriter, Standing, Written, read_line, write_leaves
from booking.scheduling.draws.format2.own_receipt import read_own_receipt
from booking.scheduling.draws.format2.rows import (
    Entrant,
    Link,
    RowList,
    TurnReason,
    leaf_record,
    place_record,
    turn_record,
)
from booking.scheduling.draws.format2.tables import LEAVES, RESULT, STATEMENT
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.requests.receipt import WishRow
from tests.support.draw_files import invented_draw


@pytest.fixture(scope="module")
def drawn():
    return invented_draw()


def test_secrets_of_a_draw_follow_from_the_base_nonce_by_use_and_draw():
    base = bytes(range(16))
    made = [of(base, "d1") for of in (nonces.draw_nonce, nonces.turn_nonce, nonces.link_salt, nonces.place_salt)]

    assert made[0] == hmac.digest(base, b"mawid-draw-nonce\nd1", sha256)[:16]
    assert len({*made, nonces.draw_nonce(base, "d2")}) == 5


def test_a_link_is_the_hash_of_an_earlier_row_with_its_salt():
    salt = nonces.link_salt(bytes(16), "d2").hex()

    assert (
        Link("d1", RowList.TURNS, 7).hash(bytes(16), "d2")
        == sha256(f'{{"draw":"d1","list":"turns","row":7,"salt":"{salt}"}}'.encode()).digest()
    )


def test_what_is_closed_is_read_back_the_same(drawn):
    closed = drawn.closed
    again = read_closing(drawn.files | {LEAVES: write_leaves([Written.of(each) for each in closed.entrants])})

    assert (again.statement, again.entrants, again.turns, again.bins) == (
        closed.statement,
        closed.entrants,
        closed.turns,
        closed.bins,
    )
    assert statement_hash(again.statement) == sha256(drawn.files[STATEMENT][:-1]).digest()


@settings(max_examples=50)
@given(
    days=st.lists(st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)), min_size=3, max_size=3),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    numbers=st.lists(st.integers(0, 6), min_size=4, max_size=4),
)
def test_a_line_from_pieces_is_the_line_of_its_row(days, flags, numbers):
    accessible, linked, held, together, windows = flags
    first = days[0] or date(2026, 11, 8)
    wish = WishRow(
        *("passport-renewal", numbers[0], numbers[1], ("a-1", "b")[: 1 + held], first, days[1], numbers[2]),
        *(("midday", "morning")[: 1 + linked], days[2], accessible, "home", bytes(range(16))),
        windows=(("a-1", first, first),) if windows else (),
    )
    standing = Standing(
        *(bytes([7] * 16), numbers[3], 5, numbers[3] // 2),
        link=Link("d1", RowList.LINE, 3) if linked else None,
        holds=Days(first, first) if held else None,
        together=bytes([9] * 16) if together else None,
    )

    entrant = Entrant.of(wish, "d2", **standing._asdict())

    assert LineWriter("d2").write(wish, standing) == Written.of(entrant)


@settings(max_examples=25)
@given(
    before=st.none() | st.binary(min_size=32, max_size=32),
    person=st.binary(min_size=16, max_size=16),
    receipt=st.binary(min_size=32, max_size=32),
    number=st.integers(0, 32767),
    reason=st.sampled_from(TurnReason),
    seat=st.lists(st.tuples(st.integers(0, 2**31), st.integers(1, 32767)), max_size=3).map(tuple),
)
def test_records_of_the_trees_are_exact_json(before, person, receipt, number, reason, seat):
    row = {"before": before and before.hex(), "priority": number, "receipt": receipt.hex()}
    place = {"bin": number if seat else None, "first_slot": seat[0][0] if seat else None, "leaf": number + 1}
    units = {"units": [taken for _, taken in seat]}

    assert leaf_record(person, number, receipt, before) == canonical(row | {"person": person.hex()})
    assert turn_record(receipt, number, reason, before) == canonical(row | {"reason": reason.value})
    assert place_record(number + 1, number, seat, person) == canonical(place | {"salt": person.hex()} | units)


def test_a_draw_that_nobody_could_check_is_not_closed(drawn):
    late = dict(drawn.closed.statement) | {"closed_at": "2026-11-01T16:59:59+00:00"}
    rows = [Written.of(each) for each in drawn.closed.entrants]

    with pytest.raises(DamagedFileError, match="closed before asking ends"):
        write_closing(late, rows, drawn.closed.turns, drawn.closed.bins)
    with pytest.raises(DamagedFileError, match="receipts are not rising"):
        write_closing(drawn.closed.statement, rows[::-1], drawn.closed.turns, drawn.closed.bins)


def test_an_own_receipt_opens_the_row_and_the_place_of_its_owner(drawn):
    line = read_line(drawn.files, most=len(drawn.closed.entrants))
    result = json.loads(drawn.files[RESULT])
    for leaf in range(0, len(line), 5):
        own = read_own_receipt(drawn.own_receipt(leaf))

        assert (own.receipt, own.before) == (line[leaf].receipt, line[leaf].before)
        assert own.asked == drawn.closed.entrants[leaf].asked()
        assert lottery.is_included(
            own.place_record(), leaf, len(line), own.place.siblings, bytes.fromhex(result["places_root"])
        )
        stranger = replace(own, base=bytes(16)).place_record()
        assert not lottery.is_included(
            stranger, leaf, len(line), own.place.siblings, bytes.fromhex(result["places_root"])
        )


def test_nobody_shares_a_receipt_or_a_pseudonym_across_two_draws(drawn):
    later = invented_draw(requests=6, before=drawn, seed=2)
    rows = [{(row.receipt, row.person) for row in read_line(each.files, most=99)} for each in (drawn, later)]
    known = [{value for row in each for value in row} for each in rows]

    assert len(known[1]) > len(later.closed.entrants) > 10
    assert not known[0] & known[1]
