"""Whoever changes a published file of format 1 is found out, in words."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from booking.entrypoints.commands.draw import app
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws import files as drawing_files
from booking.scheduling.draws import formats
from booking.scheduling.draws.csv_tables import read_csv, write_csv
from booking.scheduling.draws.files import BINS, CERTIFICATE, DRAW, MEDIA_TYPES, PLAN, REQUESTS, SEED
from booking.scheduling.draws.format2.trust import Trust
from booking.scheduling.draws.verification import verify_files
from tests.standalone.drawn import invented
from tests.standalone.forging import lines_of, packed, restated, signed


@pytest.fixture(scope="module")
def files_of_a_draw():
    """The files of a draw with winners, losers and families."""
    return invented(24, seed=5, largest=2, days=2)


@pytest.fixture
def published(files_of_a_draw):
    return dict(files_of_a_draw)


def failures(published):
    return [sentence for right, sentence in verify_files(published).checks if not right]


def test_an_untouched_draw_passes_every_check(published):
    report = verify_files(published)

    assert report.ok, report.words()
    assert len(report.checks) > 10


@pytest.mark.parametrize("name", sorted(MEDIA_TYPES))
def test_a_missing_file_is_named(published, name):
    del published[name]

    assert failures(published) == [f"{name}: the file is missing"]


@pytest.mark.parametrize("name", sorted(MEDIA_TYPES))
def test_any_changed_byte_of_any_file_is_found(published, name):
    content = published[name]
    for place in range(0, len(content), max(1, len(content) // 25)):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

        assert failures(published | {name: changed}), f"{name}, byte {place}"


@pytest.mark.parametrize("name", sorted(MEDIA_TYPES))
@pytest.mark.parametrize("change", [lambda c: b"", lambda c: c + b"\n", lambda c: c[:-1], lambda c: b"\x00\xff" + c])
def test_a_cut_or_longer_file_is_found(published, name, change):
    assert failures(published | {name: change(published[name])})


def test_another_seed_is_found(published):
    found = failures(published | {SEED: b"00" * 32 + b"\n"})

    assert len(found) == 1, "what another seed would give is not worked out"
    assert "committed to" in found[0]


def test_another_seed_with_its_own_commitment_gives_another_order(published):
    facts = json.loads(published[DRAW]) | {"seed_commitment": formats.digest(bytes(32))}

    found = failures(restated(published, {SEED: b"00" * 32 + b"\n", DRAW: formats.write_json(facts)}))

    assert any("position" in sentence for sentence in found)


def test_an_added_request_is_found_though_every_hash_fits(published):
    extra = json.loads(lines_of(published)[0])
    extra |= {"nonce": "00" * 16, "receipt": "ff" * 32}
    more = json.loads(published[DRAW])
    more["requests"] += 1
    lines = packed([*lines_of(published), canonical(extra)])
    forged = restated(published, {REQUESTS: lines, DRAW: formats.write_json(more)})

    found = failures(forged)

    assert any("receipt is not that of the wish" in sentence for sentence in found)


def test_a_removed_request_is_found_though_every_hash_fits(published):
    found = failures(restated(published, {REQUESTS: packed(lines_of(published)[:-1])}))

    assert any("requests" in sentence for sentence in found)


def test_a_priority_that_was_raised_is_found_though_every_hash_fits(published):
    lines = lines_of(published)
    raised = json.loads(lines[3]) | {"priority": 9}
    lines[3] = canonical(raised)

    found = failures(restated(published, {REQUESTS: packed(lines)}))

    assert "the root over the requests is not the one that was published at closing" in found


def test_places_kept_back_are_found_though_every_hash_fits(published):
    bins = drawing_files.read_bins(published[BINS])
    full = next(number for number, each in enumerate(bins) if each.free[-1] > 1)
    fewer = replace(bins[full], free=(*bins[full].free[:-1], bins[full].free[-1] - 1))
    for kept, words in ((bins[1:], "prices for"), ([*bins[:full], fewer, *bins[full + 1 :]], "another problem")):
        found = failures(restated(published, {BINS: drawing_files.write_bins(kept)}))

        assert any(words in sentence for sentence in found), found


@pytest.mark.parametrize("columns", [(2, 3, 4)])
def test_an_exchange_of_places_is_found_though_every_hash_fits(published, columns):
    rows = read_csv(PLAN, published[PLAN], ["leaf", "position", "bin", "first_slot", "units"])
    lucky = next(row for row in rows if row[2] and row[4] == "1")
    unlucky = next(row for row in rows if not row[2])
    for column in columns:
        lucky[column], unlucky[column] = unlucky[column], lucky[column]
    changed = write_csv(["leaf", "position", "bin", "first_slot", "units"], rows)

    found = failures(restated(published, {PLAN: changed}))

    assert any("drawing again gives another plan" in sentence for sentence in found)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (4, "2", "not whole"),
        (4, "1 1", "slots that its bin does not have"),
        (4, "", "not whole"),
        (3, "999", "slots that its bin does not have"),
        (2, "77", "in a bin that is not there"),
    ],
)
def test_wrong_seats_are_found_though_every_hash_fits(published, column, value, words):
    header = ["leaf", "position", "bin", "first_slot", "units"]
    rows = read_csv(PLAN, published[PLAN], header)
    bins = drawing_files.read_bins(published[BINS])
    last_of_bin = next(row for row in rows if row[4] == "1" and int(row[3]) == bins[int(row[2])].slots[-1])
    last_of_bin[column] = value

    found = failures(restated(published, {PLAN: write_csv(header, rows)}))

    assert any(words in sentence for sentence in found), found


def test_two_people_in_one_place_are_found_though_every_hash_fits(published):
    header = ["leaf", "position", "bin", "first_slot", "units"]
    rows = read_csv(PLAN, published[PLAN], header)
    bins = drawing_files.read_bins(published[BINS])
    full = next(number for number, each in enumerate(bins) if each.free[0] == 1 and len(each.free) == 2)
    inside = [row for row in rows if row[2] == str(full) and row[4] == "1"]
    if len(inside) == 2:
        inside[0][3] = inside[1][3]
    changed = write_csv(header, rows)

    found = failures(restated(published, {PLAN: changed}))

    assert any("holds more than was free" in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"party": 0}, "party is 0"),
        ({"priority": "3"}, "priority is '3'"),
        ({"weekdays": 128}, "weekdays is 128"),
        ({"accessible": 1}, "accessible"),
        ({"service": 7}, "7 is not a code"),
        ({"first_day": "2026-13-01"}, "month must be in 1..12"),
        ({"offices": None}, "offices is not a list"),
        ({"more": 1}, "unknown key 'more'"),
    ],
)
def test_a_malformed_request_is_reported_with_its_line(published, change, words):
    lines = lines_of(published)
    lines[1] = canonical(json.loads(lines[1]) | change)

    (found,) = failures(restated(published, {REQUESTS: packed(lines)}))

    assert found.startswith(f"{REQUESTS}, line 2: ")
    assert words in found


@pytest.mark.parametrize(
    "change", [{"format": "other"}, {"solver_seconds": 0}, {"root": "xy"}, {"root": "00"}, {"seed_commitment": None}]
)
def test_malformed_facts_are_reported(published, change):
    facts = formats.write_json(json.loads(published[DRAW]) | change)

    (found,) = failures(restated(published, {DRAW: facts}))

    assert found.startswith(f"{DRAW}: ")


@pytest.mark.parametrize(
    "change",
    [{"plan": {}}, {"certificate": {}}, {"certificate": {"problem_sha256": "00", "format": "mawid-certificate-1"}}],
)
def test_a_malformed_certificate_is_reported(published, change):
    forged = published | {CERTIFICATE: signed(json.loads(published[CERTIFICATE]) | change)}

    assert failures(forged)


def test_a_receipt_is_found_among_the_requests(published):
    receipt = bytes.fromhex(json.loads(lines_of(published)[4])["receipt"])

    report = verify_files(published, receipt=receipt)
    stranger = verify_files(published, receipt=bytes(32))

    assert report.ok
    assert any("line 5" in sentence for _, sentence in report.checks)
    assert (False, "no request with this receipt took part") in stranger.checks


def test_whoever_knows_a_log_takes_no_files_that_are_in_none(published):
    """A draw of the log is given out as one of format 1, which needs neither log nor witnesses."""
    for known in (Trust(log="a key"), Trust(witnesses=["a key"]), Trust(checkpoint=b"one"), Trust(mirror=Path("log"))):
        assert not verify_files(published, trust=known).ok
    assert not verify_files(published, before=[published]).ok
    said = [words for _, words in verify_files(published).checks]
    assert "no log holds a draw of format 1: if the log announces this draw, these files are forged" in said


def test_the_command_checks_a_folder(published, tmp_path):
    for name, content in published.items():
        (tmp_path / name).write_bytes(content)
    right = CliRunner().invoke(app, ["verify", str(tmp_path)])
    (tmp_path / PLAN).write_bytes(published[PLAN].replace(b"leaf", b"leaves"))
    wrong = CliRunner().invoke(app, ["verify", str(tmp_path)])
    unreadable = CliRunner().invoke(app, ["verify", str(tmp_path), "--receipt", "zz"])

    assert (right.exit_code, wrong.exit_code, unreadable.exit_code) == (0, 1, 2)
    assert right.output.count("passed: ") == len(right.output.splitlines())
    assert wrong.output.startswith(f"FAILED: {PLAN}, line 1")
