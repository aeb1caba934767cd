"""Online services by program: the form as a schema, a case with answers and papers, payment, result, check."""

import pytest
from jsonschema import Draft202012Validator

from booking.eservices.online.check import code_of
from booking.platform.models.states import Door
from tests.support.online_cases import (
    INSURANCE,
    a_caseworker,
    a_filled_draft,
    paid_event,
    pay,
    result_of,
    tell,
    valid_answers,
)
from tests.support.urgent_cases import a_photo

pytestmark = pytest.mark.neighbours


@pytest.fixture
def driver(citizen):
    return citizen()


def begin(driver):
    answer = driver.post("/online/cases", {"service": INSURANCE, "person": driver.members[0]})
    assert answer.status_code == 201, answer.text
    return f"/online/cases/{answer.json()['reference']}"


def put(driver, path, body):
    headers = {"Authorization": f"Bearer {driver.token}", "Accept-Language": "en"}
    return driver.client.put(f"/api/v1{path}", json=body, headers=headers)


def send_file(driver, case, content, *, paper="registration", media_type="application/octet-stream"):
    headers = {"Authorization": f"Bearer {driver.token}", "Content-Type": media_type, "Accept-Language": "en"}
    return driver.client.post(f"/api/v1{case}/papers/{paper}", content=content, headers=headers)


def test_a_program_buys_a_policy_and_another_one_checks_it(driver, core):
    schema = driver.get(f"/services/{INSURANCE}/form").json()["form"]
    answers = valid_answers(core, core.pack.service(INSURANCE))
    Draft202012Validator(schema).validate(answers)
    case = begin(driver)
    assert put(driver, f"{case}/answers", {"answers": answers}).json()["amount"] == 65 * 12
    assert send_file(driver, case, a_photo(), media_type="image/jpeg").json()["papers"] == {"registration": 1}
    assert driver.post(f"{case}/submission", {"declared": True}).json()["state"] == "awaiting_payment"
    address = driver.post(f"{case}/payment").json()["address"]
    assert driver.post(f"{case}/payment").json()["address"] == address
    reference = case.rpartition("/")[2]
    tell(core, paid_event(core, reference))
    issued = driver.get(case).json()
    assert issued["state"] == "issued"
    assert driver.get(f"{case}/result.pdf").content.startswith(b"%PDF-1.7")
    assert driver.get("/online/cases").json()["cases"][0]["reference"] == reference

    driver.token = None
    code = code_of(core, result_of(core, reference))
    checked = driver.post("/online/checks", {"document": code}).json()
    assert (checked["standing"], checked["number"]) == ("valid", issued["number"])
    assert {"code": "plate", "ar": "123456", "en": "123456"} in checked["rows"]
    by_number = driver.post("/online/checks", {"document": issued["number"]}).json()
    assert (by_number["standing"], by_number["holder"], by_number["rows"]) == ("valid", None, [])
    assert by_number["issuer"]["en"] == "Syrian Insurance Federation"
    assert driver.post("/online/checks", {"document": "A" * 200}).json()["standing"] == "forged"


@pytest.mark.parametrize(
    ("answers", "field", "reason"),
    [
        ({"months": "12"}, "months", "unreadable"),
        ({"months": 13}, "months", "above"),
        ({"plate": {"$ref": "file:///etc/passwd"}}, "plate", "unreadable"),
        ({"plate": ["1", "2"]}, "plate", "unreadable"),
        ({"state": "issued", "account_id": 1}, "account_id", "unknown_field"),
        ({"make": "ك" * 2001}, "make", "too_long"),
    ],
)
def test_wrong_types_and_unasked_answers_are_refused_with_reasons(driver, answers, field, reason):
    answer = put(driver, f"{begin(driver)}/answers", {"answers": answers})
    assert answer.status_code == 422
    found = {one["field"]: one for one in answer.json()["errors"]}
    assert found[field]["reason"] == reason
    assert found[field]["detail"]


def test_hostile_papers_are_refused(driver):
    case = begin(driver)
    for content, reason in (
        (b"MZ" + bytes(50), "executable_file"),
        (b"PK\x03\x04" + bytes(50), "archive_file"),
        (b"<svg onload=alert(1)>", "script_file"),
        (b"%PDF-1.7 and nothing else", "damaged_file"),
        (b"", "no_file"),
    ):
        answer = send_file(driver, case, content)
        assert (answer.status_code, answer.json()["errors"][0]["reason"]) == (422, reason)
    assert send_file(driver, case, a_photo(), paper="another").status_code == 404
    assert send_file(driver, case, bytes(10 * 1024 * 1024 + 1)).status_code == 413
    assert send_file(driver, case, b"{}", media_type="application/json").status_code == 415


def test_missing_and_impossible_steps_are_reported(driver):
    case = begin(driver)
    errors = driver.post(f"{case}/submission", {"declared": False}).json()["errors"]
    assert {one["reason"] for one in errors} == {"missing", "must_declare"}
    assert driver.post(f"{case}/payment").json()["code"] == "illegal_move"
    assert driver.get(f"{case}/result.pdf").status_code == 404
    assert driver.post(f"{case}/withdrawal").json()["state"] == "withdrawn"
    assert put(driver, f"{case}/answers", {"answers": {"months": 1}}).json()["code"] == "illegal_move"
    not_offered = driver.post("/online/cases", {"service": "clearance-certificate", "person": driver.members[0]})
    assert not_offered.json()["code"] == "not_offered"


def test_a_program_chooses_how_originals_reach_a_consulate(citizen, core):
    a_caseworker(core, "foreign-affairs")
    asked = a_filled_draft(core, "document-legalisation", door=Door.ABROAD)
    abroad = citizen()
    abroad.account_id = asked.account
    abroad.sign_in_again()
    case = f"/online/cases/{asked.reference}"
    rule = abroad.get("/services/document-legalisation").json()["originals"]
    assert (rule["by"], rule["except_at"]) == ("either", [{"consulate": "tripoli", "by": "visit"}])
    missing = abroad.post(f"{case}/submission", {"declared": True})
    assert [one["field"] for one in missing.json()["errors"]] == ["way"]
    for wrong in ({"way": "pigeon", "consulate": "berlin"}, {"way": "post", "consulate": "tripoli"}):
        assert put(abroad, f"{case}/originals", wrong).status_code == 422
    assert put(citizen(), f"{case}/originals", {"way": "post", "consulate": "berlin"}).status_code == 404

    kept = put(abroad, f"{case}/originals", {"way": "post", "consulate": "berlin"}).json()["originals"]

    assert (kept["way"], kept["consulate"], kept["state"], kept["last_day"]) == ("post", "berlin", "chosen", None)
    abroad.post(f"{case}/submission", {"declared": True})
    pay(core, asked)
    waiting = abroad.get(case).json()
    assert (waiting["state"], waiting["originals"]["state"]) == ("awaiting_papers", "awaited")
    assert waiting["originals"]["last_day"] is not None
