"""What everyone learns of the wishes once the days are over: nothing that fewer than five lines share."""

import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.people.prerequisites.standing import Days
from booking.scheduling.draws.files import pack_lines
from booking.scheduling.draws.format2.coarse import COARSE, FEWEST, coarse_forms, in_line, read_coarse, write_coarse
from booking.scheduling.draws.format2.rows import Entrant, Link, RowList
from booking.scheduling.draws.format2.tables import LineRow
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.requests.receipt import WishRow

FIRST = date(2026, 11, 9)
COMMON = WishRow("renewal", 2, 2, ("a", "b"), FIRST, None, 127, ("am",), None, accessible=False, door="home", nonce=b"")
LATE = date(2026, 11, 12)


def a_line(*rows):
    """The rows of a line: each a wish, with what else is said of it."""
    entrants, line = [], []
    for number, (wish, said) in enumerate(rows):
        about = {"person": number, "priority": 0, "served": False, "before": False} | said
        hidden = {name: about[name] for name in ("holds", "together") if name in about}
        entrant = Entrant.of(
            replace(wish, nonce=number.to_bytes(16)),
            "d1",
            person=about["person"].to_bytes(16),
            priority=about["priority"],
            logged=number,
            link=Link("d0", RowList.LINE, number) if about["before"] else None,
            **hidden,
        )
        entrants.append(entrant)
        row = LineRow(entrant.leaf.person, about["priority"], entrant.leaf.receipt, entrant.before)
        line.append(replace(row, served=about["served"]))
    order = sorted(range(len(line)), key=lambda leaf: line[leaf].receipt)
    return [entrants[leaf] for leaf in order], [line[leaf] for leaf in order]


def shown(*rows):
    """How often each form is published; None is an exact wish."""
    forms = coarse_forms(*a_line(*rows))
    return Counter(json.dumps(form.columns) if form.rung else None for form in forms)


few = st.sampled_from
rows = st.lists(
    st.tuples(
        st.builds(
            lambda *changes: replace(
                COMMON,
                **dict(zip(("service", "party", "offices", "needed_by", "accessible", "door"), changes, strict=True)),
            ),
            *(few(["renewal", "first"]), few([1, 2, 3]), few([("a",), ("a", "b"), ("b",)])),
            *(few([None, None, LATE]), few([False, False, False, True]), few(["home", "home", "abroad"])),
        ),
        st.fixed_dictionaries(
            {"priority": few([0, 0, 0, 1, 7]), "served": st.booleans()},
            optional={"holds": st.just(Days(FIRST, LATE)), "person": few([900, 901, 902])},
        ),
    ),
    max_size=60,
)


@given(rows.map(lambda few: few * 2), rows)
def test_no_published_form_is_shared_by_fewer_than_five_lines(common, more):
    common = [(wish, about | ({"person": 900} if "person" in about else {})) for wish, about in common]
    entrants, line = a_line(*common, *more)
    forms = coarse_forms(entrants, line)
    alike, delicate = Counter(), Counter()
    for entrant, row, form in zip(entrants, line, forms, strict=True):
        hides = entrant.leaf.wish.accessible or entrant.leaf.holds is not None
        looks = json.dumps(form.columns), *(in_line(row) if form.columns else ())
        alike[looks] += 1
        delicate[looks] += hides
        assert not hides or not {"office", "offices"} & form.columns.keys()
        assert not form.columns or sum(row.person == other.person for other in line) == 1
    whole = set(alike) == {("{}",)}
    assert whole or all(count >= FEWEST and 2 * delicate[looks] <= count for looks, count in alike.items())
    assert read_coarse({COARSE: write_coarse(entrants, line)}, line) == forms


def test_a_wish_gets_coarser_until_five_share_it():
    days = replace(COMMON, needed_by=LATE)
    assert shown(*[(COMMON, {})] * 5) == {None: 5}
    assert shown(*[(COMMON, {})] * 5, *[(replace(COMMON, weekdays=day), {}) for day in range(5)]) == {
        None: 5,
        '{"door": "home", "offices": ["a", "b"], "party": 2, "service": "renewal"}': 5,
    }
    offices = [(replace(COMMON, offices=("a", code)), {}) for code in "cdefg"]
    assert shown(*offices) == {'{"door": "home", "office": "a", "party": 2, "service": "renewal"}': 5}
    sizes = [(replace(COMMON, party=party), {}) for party in (2, 3, 4, 2, 4)]
    assert shown(*sizes) == {'{"door": "home", "party": [2, 4], "service": "renewal"}': 5}
    assert shown(*[(replace(COMMON, service=f"s{n}"), {}) for n in range(5)]) == {'{"door": "home"}': 5}
    assert shown(*[(days, {})] * 4) == {"{}": 4}


def test_a_rare_turn_or_outcome_or_a_second_request_keeps_the_wish_hidden():
    five = [(COMMON, {})] * 5
    for about in ({"priority": 7}, {"served": True}, {"before": True}):
        assert shown(*five, (COMMON, about)) == {"{}": 6}
    twice = [(COMMON, {"person": 900})] * 2
    assert None not in shown(*five, *twice)


def test_one_rare_line_alone_does_not_stand_out():
    """Else what everyone knows of the whole less what is published of the others would be its wish."""
    rare = replace(COMMON, service="first", party=6)
    many = [(COMMON, {})] * 9
    assert shown(*many, (rare, {})) == {"{}": 10}
    groups = [(replace(COMMON, service=f"s{n}"), {}) for n in range(3) for _ in range(5 + n)]
    assert shown(*groups, (rare, {})) == {None: 13, "{}": 6}


def test_delicate_lines_are_never_the_most_of_those_that_look_alike():
    ramp = replace(COMMON, accessible=True)
    assert shown(*[(COMMON, {})] * 20, *[(ramp, {})] * 5) == {"{}": 25}
    others = [(replace(COMMON, weekdays=day, offices=(f"o{day}",)), {}) for day in range(6)]
    assert shown(*others, *[(ramp, {})] * 5) == {'{"door": "home", "party": [2, 4], "service": "renewal"}': 11}


def test_an_exact_line_is_what_its_receipt_is_of():
    entrants, line = a_line(*[(replace(COMMON, windows=(("b", FIRST, LATE),)), {})] * 5)
    texts = gzip.decompress(write_coarse(entrants, line)).splitlines()
    assert [sha256(text).digest() for text in texts] == [row.receipt for row in line]


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"[]", b'{"coarse":null}', b'{"coarse":{},"more":1}', b'{"coarse": {}}', b'{"coarse":{},"coarse":{}}'),
        *(b'{"coarse":{"door":"sea"}}', b'{"coarse":{"service":"a"}}', b'{"coarse":{"door":"home","needed_by":null}}'),
        b'{"coarse":{"door":"home","party":2,"service":"a"}}',
        b'{"coarse":{"door":"home","party":[2,5],"service":"a"}}',
        b'{"coarse":{"door":"home","office":"a","party":[2,4],"service":"a"}}',
        b'{"coarse":{"door":"home","office":"a","party":true,"service":"a"}}',
        b'{"coarse":{"door":"home","offices":["\xd9\xa1"],"party":2,"service":"a"}}',
        b'{"coarse":{"door":"home","offices":"ab","party":2,"service":"a"}}',
        b'{"coarse":{"door":["home"],"offices":[],"party":2,"service":"a"}}',
        b"[" * 60_000,
    ],
)
def test_a_line_in_another_spelling_is_refused_with_its_number(text):
    _, line = a_line((COMMON, {}))
    with pytest.raises(DamagedFileError, match="line 1"):
        read_coarse({COARSE: pack_lines([text])}, line)


def test_a_file_of_another_length_or_with_a_changed_wish_is_refused():
    entrants, line = a_line(*[(COMMON, {})] * 6)
    lines = gzip.decompress(write_coarse(entrants, line)).splitlines()
    wrong = [lines[:5], [*lines, b'{"coarse":{}}'], [lines[0].replace(b'"am"', b'"pm"'), *lines[1:]], lines[::-1]]
    for changed in wrong:
        with pytest.raises(DamagedFileError):
            read_coarse({COARSE: pack_lines(changed)}, line)
    with pytest.raises(DamagedFileError, match="missing"):
        read_coarse({}, line)
