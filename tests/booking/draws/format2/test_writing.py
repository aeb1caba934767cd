"""What a draw in format 2 writes is read back the same, and its secrets open only the rows of their owner."""

import hmac
import json
from dataclasses import replace
from hashlib import sha256

import pytest

from allocation import lottery
from booking.draws.format2 import nonces
from booking.draws.format2.closing import read_closing, statement_hash, write_closing
from booking.draws.format2.names import LEAVES, RESULT, STATEMENT
from booking.draws.format2.own_receipt import read_own_receipt
from booking.draws.format2.rows import Link, RowList
from booking.draws.format2.tables import read_line, write_leaves
from booking.draws.formats import DamagedFileError
from tests.draw_files import invented_draw


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
    again = read_closing(drawn.files | {LEAVES: write_leaves(closed.entrants)})

    assert (again.statement, again.entrants, again.turns, again.bins) == (
        closed.statement,
        closed.entrants,
        closed.turns,
        closed.bins,
    )
    assert statement_hash(again.statement) == sha256(drawn.files[STATEMENT][:-1]).digest()


def test_a_draw_that_nobody_could_check_is_not_closed(drawn):
    late = dict(drawn.closed.statement) | {"closed_at": "2026-11-01T16:59:59+00:00"}
    falling = drawn.closed.entrants[::-1]

    with pytest.raises(DamagedFileError, match="closed before asking ends"):
        write_closing(late, drawn.closed.entrants, drawn.closed.turns, drawn.closed.bins)
    with pytest.raises(DamagedFileError, match="receipts are not rising"):
        write_closing(drawn.closed.statement, falling, drawn.closed.turns, drawn.closed.bins)


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
