"""An operator with every key of the office, but not the witnesses', looks for another outcome that still verifies.

In format 1 the root bound the requests alone: 31 outcomes passed. Here everything that the outcome follows from is in
the statement, which witnesses cosigned before the beacon's value existed. What comes after it they cosign as it comes:
they cannot know whether a result is right.
"""

import base64
import json
import zlib
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from booking.scheduling.draws import formats
from booking.scheduling.draws.files import CERTIFICATE, PLAN, REPORT
from booking.scheduling.draws.format2.tables import LINE, RESULT
from booking.scheduling.draws.verification import verify_files
from tests.support.draw_files import invented_draw
from tests.support.forged_draw import drawn_otherwise, restated

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drawn():
    """A small draw in which many are left without a place."""
    return invented_draw(20, seed=4, days=1, wide=2)


def closed_otherwise(drawn):
    """Close again over everything that the operator may choose, and draw."""
    weights = ({}, {"2": 1500}, {"1": 1100, "3": 2000})
    for mechanism, compensation, seconds in product(("exchange", "in-line-order"), weights, (1, 2)):
        yield drawn_otherwise(drawn, held=False, mechanism=mechanism, compensation=compensation, solver_seconds=seconds)
    yield drawn_otherwise(drawn, held=False, compensation_rule="even")
    for versions in ({"numpy": "1.0"}, {"mawid": "9"}):
        yield drawn_otherwise(drawn, held=False, versions=dict(drawn.closed.statement["versions"]) | versions)
    for number, each in enumerate(drawn.closed.bins):
        others = [*drawn.closed.bins[:number], *drawn.closed.bins[number + 1 :]]
        yield drawn_otherwise(drawn, held=False, bins=others)
        more = replace(each, free=(each.free[0] + 1, *each.free[1:]))
        yield drawn_otherwise(drawn, held=False, bins=[more if one is each else one for one in drawn.closed.bins])


def given_otherwise(drawn):
    """Keep the statement and give the places to others: any two change places, or one gets another's or none."""
    rows = [row.split(",") for row in drawn.files[PLAN].decode().splitlines()]
    for one, other in combinations(range(1, len(rows)), 2):
        if rows[one][2:] != rows[other][2:]:
            swapped = [list(row) for row in rows]
            swapped[one][2:], swapped[other][2:] = rows[other][2:], rows[one][2:]
            yield with_plan(drawn, swapped)
    for one in range(1, len(rows)):
        if rows[one][2]:
            emptied = [list(row) for row in rows]
            emptied[one][2:] = ["", "", ""]
            yield with_plan(drawn, emptied)


def with_plan(drawn, rows):
    """Publish another plan with a line that agrees with it, and a result that counts it."""
    line = [row.split(",") for row in drawn.files[LINE].decode().splitlines()]
    for leaf, row in enumerate(rows[1:], 1):
        line[leaf][-1] = str(int(bool(row[2])))
    changed = {name: ("\n".join(map(",".join, each)) + "\n").encode() for name, each in ((PLAN, rows), (LINE, line))}
    served = sum(bool(row[2]) for row in rows[1:])
    people = sum(
        entrant.leaf.wish.party for entrant, row in zip(drawn.closed.entrants, rows[1:], strict=True) if row[2]
    )
    counted = {"served_requests": served, "served_people": people}
    report = json.loads(drawn.files[REPORT]) | counted
    certificate = json.loads(drawn.files[CERTIFICATE])
    certificate["plan"] |= counted
    changed |= {REPORT: formats.write_json(report), CERTIFICATE: formats.write_json(certificate)}
    return restated(drawn, changed, result=counted, witnesses=True)


def told_otherwise(drawn):
    """Keep the plan and change what is told about it: prices, bounds, versions, figures, the time of the result."""
    certificate = json.loads(drawn.files[CERTIFICATE])
    column = certificate["certificate"]["columns"]["prices"]
    prices = np.frombuffer(zlib.decompress(base64.b64decode(column["data"])), "<i8")
    for change in (prices * 0, prices + 1):
        column["data"] = base64.b64encode(zlib.compress(change.astype("<i8").tobytes())).decode()
        yield restated(drawn, {CERTIFICATE: formats.write_json(certificate)}, witnesses=True)
    for name in ("objective", "bound", "served_units"):
        other = json.loads(drawn.files[CERTIFICATE])
        other["plan"][name] += 1
        yield restated(drawn, {CERTIFICATE: formats.write_json(other)}, witnesses=True)
    report = json.loads(drawn.files[REPORT])
    yield restated(drawn, {REPORT: formats.write_json(report | {"used": report["used"] + 1})}, witnesses=True)
    for result in ({"places_root": "00" * 32}, {"served_people": 1}, {"seed": "00" * 32}):
        yield restated(drawn, {}, result=result, witnesses=True)
    yield restated(
        drawn, {}, result={"at": json.loads(drawn.files[RESULT])["at"].replace("17:20", "17:21")}, witnesses=True
    )


def test_exactly_one_outcome_passes_whatever_the_operator_changes(drawn):
    tried = [*closed_otherwise(drawn), *given_otherwise(drawn), *told_otherwise(drawn), drawn.files]
    passing = {files[PLAN] + files[LINE] for files in tried if verify_files(files).ok}

    assert len({files[PLAN] for files in tried}) > 90, "the search tries many outcomes"
    assert passing == {drawn.files[PLAN] + drawn.files[LINE]}
