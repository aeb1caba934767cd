"""A person's own file shows their row, their turn and their place; a changed one is refused with the reason."""

import json

from booking.platform.base.exact_json import one_line
from booking.scheduling.draws.verification import verify_files
from tests.booking.scheduling.draws.format2.verdicts import failures, for_everyone


def test_a_person_sees_their_row_their_turn_and_their_place(drawn, later):
    served = next(leaf for leaf, seat in enumerate(drawn.decision.seats) if seat)
    carried = next(leaf for leaf, row in enumerate(later.closed.entrants) if row.link)
    words = verify_files(for_everyone(drawn), receipt=drawn.own_receipt(served)).words()
    before = verify_files(for_everyone(later), receipt=later.own_receipt(carried, decided=False)).words()
    by_digits = verify_files(for_everyone(drawn), receipt=drawn.closed.entrants[served].leaf.receipt).words()

    assert "FAILED" not in words + before + by_digits
    assert "the place is one that was wished, at " in words
    assert "its turn follows from row " in before
    assert "from before the result: download it again" in before
    assert "it has a place" in by_digits


def test_a_changed_own_receipt_is_refused_with_the_reason(drawn):
    leaf = next(leaf for leaf, seat in enumerate(drawn.decision.seats) if seat)
    honest = json.loads(drawn.own_receipt(leaf))
    place, wish = honest["place"], honest["wish"]
    for change, words in (
        ({"draw": "other"}, "of the draw 'other'"),
        ({"base": "00" * 16}, "no request with this receipt"),
        ({"leaf": leaf + 1}, "another leaf"),
        ({"wish": wish | {"party": 100}}, "no request with this receipt"),
        ({"link": {"draw": "d", "list": "line", "row": 1}}, "earlier row is not the one"),
        ({"log_proof": None}, "does not prove"),
        ({"log_proof": "hello"}, "a proof begins with"),
        ({"logged": 0}, "not logged where it says"),
        ({"place": place | {"first_slot": 999}}, "not under the root"),
        ({"place": place | {"bin": None}}, "not whole"),
        ({"place": place | {"siblings": place["siblings"][:-1]}}, "not under the root"),
        ({"format": "mawid-receipt-3"}, "the format is"),
        ({"more": 1}, "unknown key 'more'"),
    ):
        found = failures(for_everyone(drawn), receipt=one_line(honest | change))

        assert len(found) == 1
        assert words in found[0], found
    assert "no request with this receipt" in failures(for_everyone(drawn), receipt=bytes(32))[0]
