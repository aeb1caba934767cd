"""What priority follows from: rows that are made up, or that count for another wish than was lost with, are found."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from booking.scheduling.draws import formats
from booking.scheduling.draws.format2.rows import Link, RowList, TurnReason
from tests.booking.scheduling.draws.format2.verdicts import failures, for_everyone
from tests.standalone.program import Folder, part, quick_pairings
from tests.support.draw_files import invented_draw
from tests.support.forged_draw import drawn_otherwise

pytestmark = pytest.mark.slow


def found_instead(drawn, old, new, **options):
    rows = [new if row is old else row for row in drawn.closed.entrants]
    return failures(drawn_otherwise(drawn, entrants=rows), **options)


def test_lost_draws_without_a_place_do_not_count_for_a_wider_wish(drawn, later):
    asked = {row.base for row in drawn.closed.entrants}
    wider = next(row for row in later.closed.entrants if row.link and not row.leaf.priority)
    same = next(row for row in later.closed.entrants if row.base in asked and row.leaf.priority > row.lasting)
    for row, priority, lasting, words in (
        (wider, 1, 0, "its priority is 1, the row that it points to gives 0"),
        (same, 0, 0, "its priority is 0, the row that it points to gives 1"),
        (same, 1, 1, "1 of its draws last, the row that it points to gives 0"),
        (same, 1, 2, "lasting is 2"),
        (same, 1, None, "lasting"),
    ):
        other = replace(row, lasting=lasting, leaf=replace(row.leaf, priority=priority))
        with nullcontext() if lasting in (0, 1) else pytest.raises(formats.DamagedFileError, match=words):
            assert words in found_instead(later, row, other, before=[drawn.files])[0]
    assert "without its files for observers" in failures(later.files, before=[for_everyone(drawn)])[0]


def test_every_draw_lost_in_the_format_before_lasts():
    first = invented_draw(8, days=1, format="mawid-draw-2")
    then = invented_draw(8, days=1, seed=2, before=first)

    assert failures(then.files, before=[first.files]) == []
    assert failures(then.files, before=[for_everyone(first)]) == []
    with quick_pairings():
        words = list(part("verify_draw").checked(Folder(then.files), before=[Folder(first.files)]))
    assert "priorities follow from draws that were lost before" in words[-2]


def test_priority_and_links_that_are_made_up_are_found(drawn, later):
    line, turns = list(later.closed.entrants), list(later.closed.turns)
    linked = next(row for row in line if row.link and row.link.list is RowList.LINE)
    other = next(row for row in line if row.link and row is not linked)
    fresh = next(row for row in line if row.link is None)

    def relinked(row, link, **leaf):
        before = link.hash(row.base, later.closed.reference) if link else None
        return replace(row, link=link, before=before, leaf=replace(row.leaf, **leaf))

    def instead(old, new):
        return found_instead(later, old, new, before=[drawn.files])

    here = later.closed.reference
    assert "priority 9 without an earlier row" in instead(fresh, relinked(fresh, None, priority=9))[0]
    assert "another row has the same earlier row" in instead(other, relinked(other, linked.link))[0]
    assert "not before it" in instead(fresh, relinked(fresh, Link(here, RowList.LINE, 0)))[0]
    assert "not its own" in instead(fresh, relinked(fresh, Link(here, RowList.TURNS, 0), priority=2))[0]
    assert "its priority is 5" in instead(linked, relinked(linked, linked.link, priority=5))[0]
    assert "whose files were not given" in instead(fresh, relinked(fresh, Link("d0", RowList.LINE, 0)))[0]
    assert "row 99 of line.csv" in instead(fresh, relinked(fresh, Link("invented-1", RowList.LINE, 99)))[0]
    assert "logged after the list" in instead(fresh, replace(fresh, logged=10_000))[0]
    assert "same entry of the log" in instead(fresh, replace(fresh, logged=other.logged))[0]
    late = [replace(turns[0], reason=TurnReason.BEFORE_FORMAT_2, before=None, link=None), *turns[1:]]
    assert "receipt than turns.csv" in failures(drawn_otherwise(later, turns=late))[0]
