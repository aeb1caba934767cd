"""A file that contradicts another one is found, most of it without seeing a single wish."""

import json

from booking.scheduling.draws import formats
from booking.scheduling.draws.files import CERTIFICATE, PLAN, REPORT
from booking.scheduling.draws.format2.closing import audit_of
from booking.scheduling.draws.format2.tables import RESULT
from tests.booking.scheduling.draws.format2.verdicts import failures, for_everyone
from tests.standalone.forging import signed
from tests.support.forged_draw import restated


def test_a_file_that_the_result_does_not_state_is_found(drawn):
    report = json.loads(drawn.files[REPORT])
    other = formats.write_json(report | {"used": report["used"] + 1})
    certificate = json.loads(drawn.files[CERTIFICATE])
    certificate["files"]["plan.csv"] = "00" * 32
    of_other_plan = restated(drawn, {CERTIFICATE: signed(certificate)}, witnesses=True)

    assert failures(for_everyone(drawn) | {REPORT: other}) == [f"{REPORT} is not the file that {RESULT} states"]
    assert failures(of_other_plan) == [f"{CERTIFICATE} states another plan.csv than {RESULT}"]


def test_a_result_that_is_older_than_the_round_of_its_beacon_is_found(later):
    early = later.closed.statement["closed_at"]
    told = {"at": early, "audit": audit_of(later.closed.statement, early)}

    (found,) = failures(restated(later, {}, result=told, witnesses=True))

    assert found.startswith(f"{RESULT} is older than the beacon's round")


def test_a_plan_that_says_other_than_the_line_is_found(drawn):
    rows = drawn.files[PLAN].decode().splitlines()
    one, other = (row.split(",") for row in rows[1:3])
    one[1], other[1] = other[1], one[1]
    swapped = "\n".join([rows[0], ",".join(one), ",".join(other), *rows[3:], ""]).encode()

    (found,) = failures(restated(drawn, {PLAN: swapped}, witnesses=True))

    assert found == f"{PLAN}, leaf 0: position or place is not what line.csv shows"
