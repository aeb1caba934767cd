"""Whoever changes a draw in format 2 is found out in words, even with every key of the office."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from booking.platform.base.exact_json import one_line
from booking.scheduling.draws import formats
from booking.scheduling.draws.files import BINS, CERTIFICATE, PLAN, REPORT, REQUESTS, SEED
from booking.scheduling.draws.format2.coarse import write_coarse
from booking.scheduling.draws.format2.line import read_line
from booking.scheduling.draws.format2.tables import (
    ANNOUNCEMENT,
    BEACON,
    COARSE,
    FOR_EVERYONE,
    FOR_OBSERVERS,
    KEPT_TURNS,
    LINE,
    PROOFS,
    RESULT,
    STATEMENT,
    TURNS,
)
from booking.scheduling.draws.format2.trust import Trust
from booking.scheduling.draws.verification import verify_files
from booking.transparency.beacons import bls
from booking.transparency.beacons.values import DRAND_DST, round_message, value_of
from tests.booking.scheduling.draws.format2.verdicts import failures, for_everyone
from tests.support.draw_files import SECRET
from tests.support.forged_draw import drawn_otherwise, lines_of, repacked, restated, with_cell, with_line

pytestmark = pytest.mark.slow

LAST = "9999-12-31T23:59:59+00:00"


def test_an_untouched_draw_passes_for_everyone_and_for_observers(drawn, later):
    report = verify_files(later.files, before=[drawn.files])
    public = verify_files(for_everyone(drawn))
    assert report.ok, report.words()
    assert "everyone's priority follows from their rows in 1 earlier draws" in report.words()
    assert public.ok
    assert public.words().endswith("for the rest ask an observer, who has the wishes and the plan")
    assert "turns from before this format, which are the word of the office: 1" in public.words()


@pytest.mark.parametrize("name", [*FOR_EVERYONE, *FOR_OBSERVERS])
def test_a_missing_cut_or_changed_file_is_found_and_named(drawn, name):
    content = drawn.files[name]
    missing = {key: value for key, value in drawn.files.items() if key != name}
    expected = "draw.json" if name == STATEMENT else name

    assert failures(missing) == [f"{expected}: the file is missing"]
    for other in (b"", content[:-1], content + b"\n", content + content):
        assert failures(drawn.files | {name: other})[0].startswith(name)
    for place in range(0, len(content), max(1, len(content) // 8)):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert failures(drawn.files | {name: changed}), place


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (STATEMENT, b'{"announcement"', b'{"format":"mawid-draw-2","announcement"', "twice"),
        (STATEMENT, b'"solver_seconds":1,', b'"solver_seconds":NaN,', "not an integer"),
        (STATEMENT, b'"solver_seconds":1,', b'"solver_seconds":1.0,', "not an integer"),
        (STATEMENT, b'"solver_seconds":1,', b'"solver_seconds":' + b"9" * 5000 + b",", "too large"),
        (RESULT, b'"served_people":', b'"served_people":' + "\u0663".encode(), "not JSON"),
        (RESULT, b'"audit":null', b'"audit":' + b"[" * 9999 + b"]" * 9999, "nested too deeply"),
        (ANNOUNCEMENT, b'"again":null', b'"again":null,"more":1', "key"),
        (BEACON, b'"round":null', b'"round":1', "another beacon or round"),
        (BEACON, b'"kind":"witnesses"', b'"kind":"dice"', "the kind is 'dice'"),
    ],
)
def test_another_spelling_of_an_object_is_refused(drawn, name, old, new, words):
    changed = drawn.files[name].replace(old, new, 1)
    forged = restated(drawn, {name: changed}, witnesses=True) if name == BEACON else drawn.files | {name: changed}

    (found,) = failures(forged)

    assert found.startswith(name)
    assert words in found


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "words"),
    [
        (LINE, 2, "priority", "\u0661", "is not a number"),
        (LINE, 2, "position", "+1", "is not a number"),
        (LINE, 2, "served", "2", "expected 0 or 1"),
        (LINE, 2, "before", "00", "32 bytes"),
        (LINE, 2, "leaf", "7", "not in order"),
        (TURNS, 1, "reason", "friend", "no reason for a turn"),
        (TURNS, 1, "priority", "32768", "is not a number"),
        (PLAN, 2, "salt", "", "16 bytes"),
    ],
)
def test_another_spelling_in_a_table_is_refused_with_its_line(drawn, name, row, column, value, words):
    (found,) = failures(restated(drawn, with_cell(drawn.files, name, row, column, value)))

    assert found.startswith(f"{name}, line {row + 1}: ")
    assert words in found


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (REQUESTS, {"nonce": "00" * 16}, "unknown key 'nonce'"),
        (REQUESTS, {"base": "00"}, "16 bytes"),
        (REQUESTS, {"logged": -1}, "logged is -1"),
        (REQUESTS, {"logged": "absent"}, "without logged"),
        (REQUESTS, {"link": {"draw": "d", "list": "queue", "row": 0}}, "names the list 'queue'"),
        (KEPT_TURNS, {"asked": "AB"}, "32 bytes"),
        (KEPT_TURNS, {"logged": True}, "logged is True"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(drawn, name, change, words):
    (found,) = failures(restated(drawn, with_line(drawn.files, name, 1, **change)))

    assert found.startswith(f"{name}, line 2: ")
    assert words in found


@pytest.mark.parametrize("name", [REQUESTS, KEPT_TURNS])
def test_lines_in_another_order_or_number_are_refused(drawn, name):
    first, *rest = lines_of(drawn.files, name)
    for other, words in ((rest, "lines for"), ([first, *rest, first], "more than")):
        (found,) = failures(restated(drawn, {name: repacked(other)}))

        assert found.startswith(name)
        assert words in found
    assert failures(restated(drawn, {name: repacked([*rest, first])}, witnesses=True))


def test_files_of_two_formats_in_one_folder_are_refused(drawn):
    assert failures(drawn.files | {"draw.json": b"{}"}) == [
        "draw.json and statement.json: these are files of two formats"
    ]


@pytest.mark.parametrize(
    ("changed", "result", "words"),
    [
        ((LINE, 1, "position", "0"), {}, "the position is not what seed, beacon and priority give"),
        ((LINE, 1, "priority", "9"), {}, "not the rows that the statement binds"),
        ((LINE, 1, "served", None), {}, "requests served"),
        ((TURNS, 1, "priority", "7"), {}, "not the rows that the statement binds"),
        ((PLAN, 1, "salt", "00" * 16), {}, "the salt is not that of the request"),
        (None, {"served_people": 1}, "served_people is not what the other files give"),
        (None, {"seed": "00" * 32}, "not the one that was committed to"),
        (None, {"at": "2026-11-01T16:00:00+00:00"}, "older than the closing"),
        (None, {"audit": {"round": 1}}, "the round of the audit"),
        (None, {"reference": "other"}, "of another draw"),
        (None, {"places_root": "00" * 32}, "the places give another root"),
    ],
)
def test_a_changed_result_is_found_though_everything_is_signed_again(drawn, changed, result, words):
    files = {}
    if changed is not None:
        name, row, column, value = changed
        served = drawn.files[LINE].decode().splitlines()[1].endswith("1")
        files = with_cell(drawn.files, name, row, column, value or str(int(not served)))

    found = failures(restated(drawn, files, result=result, witnesses=True))

    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize("change", [{"mechanism": "in-line-order"}, {"solver_seconds": 2}, {"compensation": {}}])
def test_any_change_of_the_statement_is_found_through_the_witnesses_alone(drawn, change):
    late = f"{PROOFS[STATEMENT]}: 0 witnesses cosigned before the beacon's value could be known, 2 are needed"

    assert failures(drawn_otherwise(drawn, held=False, **change)) == [late]
    assert failures(drawn_otherwise(drawn, held=True, **change)) == []


def test_the_proofs_of_other_entries_or_another_log_are_refused(drawn):
    swapped = drawn.files | {
        PROOFS[STATEMENT]: drawn.files[PROOFS[RESULT]],
        PROOFS[RESULT]: drawn.files[PROOFS[STATEMENT]],
    }
    cut = drawn.files[PROOFS[RESULT]].replace(b"index 38", b"index 37")

    assert "does not show this entry" in failures(swapped)[0]
    assert "does not show this entry" in failures(drawn.files | {PROOFS[RESULT]: cut})[0]
    assert "known is" in failures(drawn.files, trust=Trust(log="other"))[0]
    assert "the witness that is known: other" in failures(drawn.files, trust=Trust(witnesses=["other"]))[0]


def test_known_keys_and_an_outside_checkpoint_are_compared(drawn):
    keys = [key.text for key in drawn.log.witness_keys]
    same = str(drawn.log.note(38, drawn.log.at[0])).encode()
    known = verify_files(for_everyone(drawn), trust=Trust(drawn.log.key.text, keys, same))
    further = verify_files(
        for_everyone(drawn), trust=Trust(checkpoint=str(drawn.log.note(9, drawn.log.at[0])).encode())
    )
    forked = drawn_otherwise(drawn, solver_seconds=2)

    assert known.ok
    assert "all 2 known witnesses cosigned" in known.words()
    assert "it is checked that one continues the other" in further.words()
    assert "the log has two faces" in failures(forked, trust=Trust(checkpoint=same))[0]


def test_a_statement_that_was_cosigned_too_early_or_too_late_is_refused(drawn, later):
    for each, moved in ((drawn, -timedelta(hours=1)), (later, timedelta(hours=1))):
        index = each.log.entries.index(each.files[STATEMENT][:-1])
        proof = each.log.proof(index)
        at = each.log.at[index] + moved
        forged = replace(proof, note=each.log.note(index + 1, at))

        assert "0 witnesses cosigned before" in failures(each.files | {PROOFS[STATEMENT]: str(forged).encode()})[0]


def test_the_last_second_of_the_calendar_is_refused_in_words(later):
    days = {"horizon_first": LAST[:10], "horizon_last": LAST[:10]}
    for statement, result, words in (
        (days | {"closes_at": LAST, "closed_at": LAST}, {}, "round"),
        ({}, {"at": LAST}, "the round of the audit"),
    ):
        assert words in failures(restated(later, {}, statement=statement, result=result, witnesses=True))[0]


def test_the_value_of_another_round_or_key_is_refused(drawn, later):
    number = later.closed.statement["beacon"]["round"]
    next_round = bls.sign(SECRET, round_message(number + 1), dst=DRAND_DST)
    for each, words in ((later, f"value of round {number + 1}"), (drawn, "not the one of this key")):
        value = {"signature": next_round.hex(), "value": value_of(next_round).hex()}
        told = json.loads(each.files[BEACON]) | value

        (found,) = failures(restated(each, {BEACON: one_line(told)}, result={"beacon": value}, witnesses=True))

        assert words in found


def test_a_wish_that_is_not_the_one_asked_is_found(drawn):
    first, *rest = drawn.closed.entrants
    other = replace(first, leaf=replace(first.leaf, wish=replace(first.leaf.wish, weekdays=1)))

    (found,) = failures(drawn_otherwise(drawn, entrants=[other, *rest]))

    assert found == f"{REQUESTS}, line 1: the wish has another receipt than {LINE} shows"


@pytest.mark.parametrize("name", [BINS, SEED, PLAN, REPORT, CERTIFICATE])
def test_a_file_of_another_draw_is_not_taken_for_this_ones(drawn, later, name):
    if drawn.files[name] != later.files[name]:
        assert failures(drawn.files | {name: later.files[name]})


def test_what_everyone_sees_later_of_the_wishes_must_follow_the_rule(drawn):
    line = read_line(drawn.files, most=len(drawn.closed.entrants))
    right = drawn.files | {COARSE: write_coarse(drawn.closed.entrants, line)}
    less = repacked([b'{"coarse":{}}'] * len(line))

    assert failures(right) == []
    assert failures(right | {COARSE: less}) == [
        f"{COARSE}: what everyone may see of the wishes is not what its rule gives"
    ]
    assert failures(for_everyone(drawn) | {COARSE: repacked([b'{"coarse":{"name":"x"}}'])})[0].startswith(COARSE)


def test_a_report_of_another_format_or_with_impossible_figures_is_refused(drawn):
    report = json.loads(drawn.files[REPORT])
    for change in ({"format": "mawid-report-1"}, {"used": -1}, {"gap": -0.0}, {"first_choice": 2**63}):
        (found,) = failures(restated(drawn, {REPORT: formats.write_json(report | change)}))

        assert found.startswith(f"{REPORT}: ")
