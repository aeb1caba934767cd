"""The stand-alone check agrees with Mawid's own, and finds whatever is changed in any file."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from allocation.weights import weights
from booking.scheduling.draws import formats
from booking.scheduling.draws.csv_tables import read_csv, write_csv
from booking.scheduling.draws.decision import PLAN_COLUMNS, problem_of
from booking.scheduling.draws.files import (
    BINS,
    CERTIFICATE,
    DRAW,
    MEDIA_TYPES,
    PLAN,
    REPORT,
    REQUESTS,
    SEED,
    read_bins,
    read_frozen,
    write_bins,
)
from booking.scheduling.draws.verification import verify_files
from tests.standalone.drawn import DRAW_SEED, invented
from tests.standalone.forging import packed, requests_of, restated, signed, written
from tests.standalone.program import Folder
from tests.support.effort import examples
from tests.support.root import ROOT

PAGE = ROOT / "docs" / "verify-a-draw.md"
VECTORS = Path(__file__).with_name("vectors")
PROGRAM = Path(__file__).with_name("verify_draw.py")
PARTS = (
    *("log_copy", "strict_reading", "published_files", "second_files", "log_proofs", "beacon_value", "plan_checks"),
    *("report_of_draw", "first_draw", "second_draw", "opened_draw", "earlier_draws", "own_receipt", "coarse_wishes"),
    *("audit_value", "night_wish"),
)
BESIDE = [PROGRAM.with_name(f"{name}.py") for name in PARTS]
LIBRARIES = {"numpy", "cryptography", "py_ecc"}
COMPENSATION = {str(units): 1000 + 25 * (units - 1) for units in range(1, 5)}
DRAWS = {
    "singles": {"requests": 120, "seed": 1},
    "families": {"requests": 80, "seed": 2, "largest": 4, "wide": 5},
    "compensated families": {"requests": 80, "seed": 3, "largest": 4, "wide": 5, "compensation": COMPENSATION},
    "few families": {"requests": 6, "seed": 9, "largest": 4, "wide": 4},
    "in line order": {"requests": 80, "seed": 4, "largest": 4, "wide": 5, "mechanism": "in-line-order"},
    "nobody": {"requests": 0, "seed": 5},
    "no places": {"requests": 9, "seed": 6, "days": 0},
}


@pytest.fixture(scope="module")
def published():
    """The files of a draw of format 1 with winners, losers, families, deadlines and accessibility."""
    return invented(24, seed=5, largest=2, days=2)


def run(files, folder, *more):
    command = [sys.executable, "-E", "-s", PROGRAM, written(files, folder), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def rows_of(files):
    return read_csv(PLAN, files[PLAN], PLAN_COLUMNS)


def test_a_draw_of_the_service_passes_in_a_process_without_mawid(published, tmp_path):
    receipt = requests_of(published)[0]["receipt"]

    done = run(published, tmp_path, receipt)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    lines = done.stdout.splitlines()
    assert sum(line.startswith("passed: ") for line in lines) == len(lines) - 1 == 12
    assert "the request with this receipt took part" in lines[-2]
    assert verify_files(published).ok


def test_the_page_that_explains_it_shows_what_it_prints(program, capsys):
    own, log = VECTORS / "receipts" / "served.json", VECTORS / "log"
    assert program.main(VECTORS / "next", own, [VECTORS / "draw"], log) == 0

    (shown,) = re.findall(r"```\n(passed: .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown == capsys.readouterr().out
    for file in (PROGRAM, *BESIDE):
        lines = len(file.read_text(encoding="utf-8").splitlines())
        assert f"{file.name}), {lines} lines" in PAGE.read_text(encoding="utf-8"), (file.name, lines)


def test_it_imports_nothing_of_ours_and_only_what_is_listed():
    names = set()
    for file in (PROGRAM, *BESIDE):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert len(file.read_text(encoding="utf-8").splitlines()) < 300

    assert names - set(sys.stdlib_module_names) == LIBRARIES | set(PARTS)
    assert not {"importlib", "subprocess", "socket", "pickle", "os"} & names


@pytest.mark.parametrize("name", DRAWS)
def test_an_honest_draw_of_any_kind_passes(verdict, name):
    assert verdict(invented(**DRAWS[name])) == ""


@pytest.mark.parametrize("name", DRAWS)
def test_it_finds_the_same_pairs_weights_and_line_as_mawid(program, name):
    files = invented(**DRAWS[name])
    problem = problem_of(read_frozen(files), DRAW_SEED)

    draw = program.draw_in(Folder(files))
    for check in (draw.check_line, draw.check_wishes, draw.check_totals):
        check()

    order = np.lexsort((draw.place, draw.request))
    for found, expected in (
        (draw.request[order], problem.pair_request),
        (draw.place[order], problem.pair_bin),
        (draw.rank[order], problem.pair_rank),
        (draw.position, problem.order),
        (draw.weight, weights(problem)),
        (draw.places, problem.places),
    ):
        assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("name", sorted(MEDIA_TYPES))
def test_a_missing_cut_longer_or_foreign_file_is_found(published, verdict, name):
    content = published[name]
    for changed in (b"", content[:-1], content[: len(content) // 2], content + b"\n", b"\x00\xff" + content, b"{}"):
        assert verdict(published | {name: changed}), changed

    others = {other: content for other, content in published.items() if other != name}
    assert "missing" in verdict(others)


@pytest.mark.parametrize("name", sorted(MEDIA_TYPES))
def test_any_changed_byte_of_any_file_is_found(published, verdict, name):
    content = published[name]
    for place in range(0, len(content), max(1, len(content) // examples(10, nightly=25))):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

        assert verdict(published | {name: changed}), f"{name}, byte {place}"


def test_its_exit_status_shows_a_changed_file_and_a_receipt_that_took_no_part(published, tmp_path):
    changed = run(published | {BINS: published[BINS].replace(b"a", b"b", 1)}, tmp_path)
    absent = run(published, tmp_path, "00" * 32)

    assert (changed.returncode, absent.returncode) == (1, 1)
    assert changed.stdout.splitlines()[-1] == "FAILED: bins.csv does not have the SHA-256 that was published"


def test_another_seed_is_found(published, verdict):
    assert "committed to" in verdict(published | {SEED: b"00" * 32 + b"\n"})


def test_another_seed_with_its_own_commitment_gives_another_line(published, verdict):
    facts = json.loads(published[DRAW]) | {"seed_commitment": formats.digest(bytes(32))}

    assert "not the line" in verdict(restated(published, {SEED: b"00" * 32 + b"\n", DRAW: formats.write_json(facts)}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"priority": 9}, "do not give the published root"),
        ({"person": "00" * 16}, "do not give the published root"),
        ({"party": 3}, "not the wish's receipt"),
        ({"nonce": "00" * 16}, "not the wish's receipt"),
        ({"priority": 1.5}, "priority is 1.5, which cannot be"),
    ],
)
def test_a_changed_request_is_found_though_every_hash_fits(published, verdict, change, words):
    requests = requests_of(published)
    requests[3] |= change

    assert words in verdict(restated(published, {REQUESTS: packed(requests)}))


@pytest.mark.parametrize("change", [lambda r: r[:-1], lambda r: [*r, r[-1]], lambda r: r[::-1]])
def test_a_missing_repeated_or_reordered_request_is_found_though_every_hash_fits(published, verdict, change):
    assert verdict(restated(published, {REQUESTS: packed(change(requests_of(published)))}))


@pytest.mark.parametrize("change", [lambda b: b[1:], lambda b: [*b, b[0]]])
def test_places_kept_back_or_invented_afterwards_are_found_though_every_hash_fits(published, verdict, change):
    assert verdict(restated(published, {BINS: write_bins(change(read_bins(published[BINS])))}))


@pytest.mark.parametrize("name", ["singles", "families", "in line order"])
def test_every_exchange_of_two_places_is_found_though_every_hash_fits(verdict, name):
    files = invented(**DRAWS[name])
    rows = rows_of(files)
    random = np.random.default_rng(1)
    lucky = [number for number, row in enumerate(rows) if row[2]]
    unlucky = [number for number, row in enumerate(rows) if not row[2]]
    for _ in range(examples(8, nightly=20)):
        one, other = int(random.choice(lucky)), int(random.choice(unlucky))
        forged = [list(row) for row in rows]
        forged[one][2:], forged[other][2:] = forged[other][2:], forged[one][2:]

        assert verdict(restated(files, {PLAN: write_csv(PLAN_COLUMNS, forged)})), (one, other)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (1, "5", "not the line"),
        (2, "77", "a bin that is not there"),
        (2, "-5", "bin is '-5', which cannot be"),
        (2, "", "bin is '', which cannot be"),
        (3, "999", "does not sit where"),
        (4, "2", "is not whole"),
        (4, "0 1", "is not whole"),
        (4, "", "units is '', which cannot be"),
    ],
)
def test_a_wrong_row_of_the_plan_is_found_though_every_hash_fits(published, verdict, column, value, words):
    rows = rows_of(published)
    # whoever holds this value already, by the luck of the draw, is left as they are
    single = next(row for row in rows if row[4] == "1" and row[column] != value)
    single[column] = value

    assert words in verdict(restated(published, {PLAN: write_csv(PLAN_COLUMNS, rows)}))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("plan", "served_people"), 1, "report.json state (1, "),
        (("plan", "served_requests"), 1, "report.json state (1, "),
        (("plan", "served_units"), 1, "report.json state (1, "),
        (("plan", "objective"), 1, "report.json state (1, "),
        (("plan", "mechanism"), "first-come", "report.json state ('first-come', 'exchange')"),
        (("plan", "bound"), 1, "the bound does not fit"),
        (("plan", "bound"), 1 << 60, "the bound does not fit"),
        (("certificate", "bound"), 1, "the prices prove"),
        (("certificate", "columns"), {}, "columns is without ['prices']"),
    ],
)
def test_a_wrong_number_of_the_certificate_is_found_though_every_hash_fits(published, verdict, path, value, words):
    certificate = json.loads(published[CERTIFICATE])
    certificate[path[0]][path[1]] = value

    assert words in verdict(published | {CERTIFICATE: signed(certificate)})


@pytest.mark.parametrize("name", ["served_requests", "served_people", "used", "objective", "bound", "mechanism"])
def test_a_wrong_number_of_the_report_is_found_though_every_hash_fits(published, verdict, name):
    report = formats.write_json(json.loads(published[REPORT]) | {name: 1})

    assert verdict(restated(published, {REPORT: report}))


@pytest.mark.parametrize(
    "change", [{"mechanism": "in-line-order"}, {"mechanism": "other"}, {"compensation": {"1": 900}}, {"requests": 3}]
)
def test_other_rules_than_those_of_the_draw_are_found_though_every_hash_fits(published, verdict, change):
    facts = json.loads(published[DRAW]) | change

    assert verdict(restated(published, {DRAW: formats.write_json(facts)}))
