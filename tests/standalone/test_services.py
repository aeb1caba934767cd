"""Wishes for several services: what both verifiers take, and what both refuse."""

from datetime import date

import pytest

from booking.scheduling.draws.leaf import read_wish
from booking.scheduling.requests.receipt import WishRow, is_within
from tests.standalone.program import part

WISH = WishRow(
    service="passport-renewal",
    party=2,
    units=3,
    offices=("berlin",),
    first_day=date(2026, 11, 8),
    last_day=None,
    weekdays=127,
    bands=("morning",),
    needed_by=None,
    accessible=False,
    door="abroad",
    nonce=bytes(16),
    also=("new-passport", "power-of-attorney-abroad"),
)


def taken_by_both(also):
    """Whether ours takes a list of services, and whether the stand-alone program does."""
    published, strict = part("published_files"), part("strict_reading")
    columns = WISH.columns() | {"also": also}
    shape = published.REQUEST | published.SEVERAL
    shape = {name: shape[name] for name in shape if name.removesuffix("?") in columns}
    taken = []
    for read, refusals in (
        (lambda: read_wish(columns, WISH.nonce), ValueError),
        (lambda: (strict.shaped(columns, shape, "it"), published.check_wish(columns, "it")), strict.WrongError),
    ):
        try:
            read()
            taken.append(True)
        except refusals:
            taken.append(False)
    return taken


def test_both_take_what_was_written():
    assert taken_by_both(list(WISH.also)) == [True, True]
    assert read_wish(WISH.columns(), WISH.nonce) == WISH


@pytest.mark.parametrize(
    "also",
    [
        [],
        ["passport-renewal"],
        ["new-passport", "new-passport"],
        ["new passport"],
        [""],
        [1],
        "new-passport",
        {"new-passport": 1},
        None,
        ["x" * 61],
    ],
)
def test_both_refuse_a_list_that_cannot_be(also):
    assert taken_by_both(also) == [False, False]


@pytest.mark.parametrize(
    ("services", "within"),
    [
        (("passport-renewal", "new-passport", "power-of-attorney-abroad"), True),
        (("new-passport", "power-of-attorney-abroad", "passport-renewal"), True),
        (("passport-renewal", "new-passport"), False),
        (("passport-renewal", "new-passport", "power-of-attorney-abroad", "return-travel-document"), False),
    ],
)
def test_both_see_alike_whether_a_wish_asks_for_no_more(services, within):
    columns = WISH.columns() | {"service": services[0], "also": list(services[1:])}

    assert is_within(read_wish(columns, WISH.nonce), WISH) is within
    assert part("earlier_draws").asks_for_no_more(columns, WISH.columns()) is within
