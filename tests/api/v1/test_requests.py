import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from booking.country.core.core import Core
from booking.platform.models import Request
from booking.platform.models.states import RequestState
from booking.transparency.log.log import sequence
from tests.support.country import a_member, eligible_number, last_secret

pytestmark = pytest.mark.neighbours

UNUSABLE = [
    ({"service": "flying-lessons"}, "service"),
    ({"service": "Passport Renewal"}, "service"),
    ({"service": "x" * 5_000}, "service"),
    ({"people": []}, "people"),
    ({"people": [2_000_000_000]}, "people"),
    ({"people": [-1]}, "people.0"),
    ({"people": ["1"]}, "people.0"),
    ({"people": [True]}, "people.0"),
    ({"people": [1] * 21}, "people"),
    ({"people": None}, "people"),
    ({"offices": []}, "offices"),
    ({"offices": ["atlantis"]}, "offices"),
    ({"offices": ["damascus", "damascus"]}, "offices"),
    ({"offices": ["damascus", "homs", "hama", "aleppo"]}, "offices"),
    ({"bands": ["midnight"]}, "bands"),
    ({"bands": []}, "bands"),
    ({"weekdays": [7]}, "weekdays.0"),
    ({"weekdays": []}, "weekdays"),
    ({"first_day": "2026-10-31"}, "first_day"),
    ({"first_day": "2026-02-30"}, "first_day"),
    ({"first_day": "١ تشرين"}, "first_day"),
    ({"first_day": 1_790_000_000}, "first_day"),
    ({"first_day": "9999-12-31"}, "first_day"),
    ({"last_day": "2026-10-31"}, "last_day"),
    ({"needed_by": "2026-10-31"}, "needed_by"),
    ({"accessible": "yes"}, "accessible"),
    ({"reason": "because"}, "reason"),
    ({"reason": "\x00"}, "reason"),
    ({"door": "back"}, "door"),
    ({"also": [{"service": "flying-lessons", "people": [1]}]}, "also"),
    ({"also": [{"service": "new-passport", "people": []}]}, "also"),
    ({"also": [{"people": [1]}]}, "also.0.service"),
    ({"also": [{"service": "new-passport", "people": [1], "units": 0}]}, "also.0.units"),
    ({"also": [{"service": "new-passport", "people": [1]}] * 11}, "also"),
    ({"fast_lane": True}, "fast_lane"),
]


def count_requests(core: Core) -> int:
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(Request))


def test_a_request_is_answered_with_a_verdict_a_receipt_and_its_address(citizen):
    amal = citizen()
    answer = amal.ask()
    assert answer.status_code == 201, answer.text
    asked = answer.json()
    assert (asked["decision"], asked["state"]) == ("accept", "accepted")
    assert len(bytes.fromhex(asked["receipt"])) == 32
    seen = amal.get(answer.headers["location"].removeprefix("/api/v1")).json()
    assert seen["reference"] == asked["reference"]
    assert asked["log"] is seen["log"] is None, "no checkpoint yet"
    size = sequence(amal.core).size
    logged = amal.get(answer.headers["location"].removeprefix("/api/v1")).json()["log"]
    assert (logged["index"], logged["checkpoint"].split("\n")[1]) == (size - 1, str(size))
    assert seen["offices"] == ["damascus"]
    assert seen["weekdays"] == [0, 1, 2, 3, 4, 5, 6]
    assert seen["appointment"] is None


def test_a_visit_for_several_services_is_asked_for_shown_and_given_up_in_part(citizen):
    amal = citizen()
    number = eligible_number(amal.core, never_had_passport=True)
    son = a_member(amal.core, amal.account_id, number=number)
    answer = amal.ask(also=[{"service": "new-passport", "people": [son]}])
    assert answer.status_code == 201, answer.text
    path = answer.headers["location"].removeprefix("/api/v1")
    seen = amal.get(path).json()
    assert [one["code"] for one in seen["services"]] == ["passport-renewal", "new-passport"]
    assert (seen["service"], len(seen["people"])) == ("passport-renewal", 2)
    [line] = amal.get("/requests").json()["requests"]
    assert [one["code"] for one in line["services"]] == ["passport-renewal", "new-passport"]

    wish = {name: seen[name] for name in ("receipt", "offices", "bands", "weekdays")}
    people = [*amal.members[:1], son]
    changed = amal.put(f"{path}/wish", wish | {"people": people, "services": ["new-passport"]})

    assert changed.status_code == 200, changed.text
    after = amal.get(path).json()
    assert ([one["code"] for one in after["services"]], len(after["people"])) == (["new-passport"], 1)


def test_whose_account_is_gone_is_told_so_while_a_session_is_left(citizen):
    amal = citizen()
    amal.account_id = uuid4()
    amal.sign_in_again()

    answer = amal.ask()

    assert (answer.status_code, answer.json()["code"]) == (409, "account_left")


def test_a_limited_call_reports_what_is_left_to_the_account_that_asks(citizen, core):
    """Two accounts act for the same person: neither learns that the other one asked."""
    number = (eligible_number(core),)
    for asker in (citizen(numbers=number), citizen(numbers=number)):
        answer = asker.ask()
        assert answer.headers["ratelimit-policy"] == '"person";q=8;w=3600'
        assert re.fullmatch(r'"person";r=7;t=\d+', answer.headers["ratelimit"])
        withdrawn = asker.post(f"/requests/{answer.json()['reference']}/withdrawal")
        assert withdrawn.status_code == 200, withdrawn.text


@pytest.mark.alone
def test_the_same_key_gets_the_same_answer_and_creates_nothing_new(citizen, core):
    amal = citizen()
    first = amal.ask(key="one")
    size = sequence(core).size
    again = amal.ask(key="one")
    logged = again.json()["log"]
    assert (logged["index"], logged["checkpoint"].split("\n")[1]) == (size - 1, str(size))
    assert again.json() | {"log": None} == first.json()
    assert again.status_code == 201
    assert again.headers["location"] == first.headers["location"]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert count_requests(core) == 1


@pytest.mark.alone
def test_the_same_key_with_another_wish_is_a_conflict(citizen, core):
    amal = citizen()
    amal.ask(key="one")
    answer = amal.ask(key="one", offices=["homs"])
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    assert count_requests(core) == 1


@pytest.mark.alone
def test_a_request_without_a_key_is_not_accepted(citizen, core):
    answer = citizen().ask(key="")
    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "field": "Idempotency-Key",
        "reason": "missing",
        "detail": "Answer this question.",
    }
    assert count_requests(core) == 0


def test_a_person_has_one_live_request(citizen):
    amal = citizen()
    amal.ask()
    assert amal.ask().json()["code"] == "already_live"


def test_a_phone_is_confirmed_before_asking(citizen):
    answer = citizen(confirmed=False).ask(people=[1])
    assert (answer.status_code, answer.json()["code"]) == (403, "phone_not_confirmed")


@pytest.mark.alone
def test_an_unusable_wish_names_its_field_and_changes_nothing(citizen, core):
    amal = citizen()
    for changes, field in UNUSABLE:
        answer = amal.ask(**changes)
        assert answer.status_code == 422, changes
        problem = answer.json()
        assert field in [error["field"] for error in problem["errors"]], changes
        assert all(error["detail"] for error in problem["errors"])
    assert count_requests(core) == 0


def test_ids_of_others_look_unknown(citizen):
    amal, karim = citizen(), citizen()
    mine, wrong = amal.ask(people=karim.members), amal.ask(people=[999_999])
    assert mine.status_code == 422
    assert mine.json()["errors"] == wrong.json()["errors"]


def test_requests_of_others_are_not_found(citizen):
    amal, karim = citizen(), citizen()
    reference = amal.ask().json()["reference"]
    for path in ("", "/withdrawal", "/challenge-answer", "/challenge-codes", "/appeal"):
        call = karim.get if not path else karim.post
        body = {"/challenge-answer": [{"code": "123456"}], "/appeal": [{"words": "Why?"}]}.get(path, [])
        answer = call(f"/requests/{reference}{path}", *body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert amal.get(f"/requests/{reference}").json()["state"] == "accepted"


def test_references_are_read_as_people_write_them(citizen):
    amal = citizen()
    reference = amal.ask().json()["reference"]
    typed = "-".join([reference[:3], reference[3:6], reference[6:]]).lower()
    assert amal.get(f"/requests/{typed}").json()["reference"] == reference


def test_a_mistyped_reference_differs_from_an_unknown_one(citizen):
    answer = citizen().get("/requests/ABC-DEF-GHJ")
    assert (answer.status_code, answer.json()["errors"][0]["reason"]) == (422, "reference_misread")


def test_the_list_has_the_latest_request_first(citizen, clock):
    amal = citizen()
    first = amal.ask().json()["reference"]
    amal.post(f"/requests/{first}/withdrawal")
    clock.advance(timedelta(minutes=5))
    second = amal.ask().json()["reference"]
    assert [line["reference"] for line in amal.get("/requests").json()["requests"]] == [second, first]


def test_a_withdrawn_request_frees_its_people(citizen):
    amal = citizen()
    reference = amal.ask().json()["reference"]
    answer = amal.post(f"/requests/{reference}/withdrawal")
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert amal.post(f"/requests/{reference}/withdrawal").json()["code"] == "illegal_move"
    assert amal.ask().status_code == 201


@pytest.mark.alone
def test_a_check_is_answered_with_a_code(citizen, core, clock, suspicious):
    amal = citizen()
    asked = amal.ask().json()
    assert (asked["decision"], asked["state"]) == ("challenge", "challenged")
    assert {"ar", "code", "en"} == set(asked["reasons"][0])
    path = f"/requests/{asked['reference']}"
    assert amal.get(f"{path}/challenge").json()["code_sent"] is False
    assert amal.post(f"{path}/challenge-codes").status_code == 202
    assert amal.get(f"{path}/challenge").json()["code_sent"] is True
    assert amal.post(f"{path}/challenge-answer", {"code": "000000x"}).json()["code"] == "wrong_code"
    clock.advance(timedelta(minutes=1))
    assert amal.post(f"{path}/challenge-codes").status_code == 202
    code = last_secret(core, amal.account_id, "challenge")
    assert amal.post(f"{path}/challenge-answer", {"code": code}).json()["state"] == "accepted"


def refuse(core: Core, reference: str) -> None:
    with core.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
        request.state = RequestState.REFUSED
        for member in request.members:
            member.live = False


def test_a_refusal_is_appealed_once(citizen, core):
    amal = citizen()
    reference = amal.ask().json()["reference"]
    assert amal.post(f"/requests/{reference}/appeal", {"words": "Please look again."}).json()["code"] == (
        "nothing_to_appeal"
    )
    refuse(core, reference)
    answer = amal.post(f"/requests/{reference}/appeal", {"words": "انتهى جوازي.\nأرجو النظر مجددًا."}, key="mine")
    assert (answer.status_code, answer.json()["state"], answer.json()["appeal"]) == (201, "under_review", "open")
    assert amal.post(f"/requests/{reference}/appeal", {"words": "Again!"}).json()["code"] == "appeal_exists"
    replay = amal.post(f"/requests/{reference}/appeal", {"words": "انتهى جوازي.\nأرجو النظر مجددًا."}, key="mine")
    assert replay.json() == answer.json()
    assert replay.headers["idempotent-replayed"] == "true"


def test_an_appeal_needs_a_text_that_can_be_stored(citizen, core):
    amal = citizen()
    reference = amal.ask().json()["reference"]
    refuse(core, reference)
    for words in ("", "   ", "x" * 2_001, "x" * 5_000, "a\x00b", None, 5):
        answer = amal.post(f"/requests/{reference}/appeal", {"words": words})
        assert answer.status_code == 422, words
        assert answer.json()["errors"][0]["field"] == "words"


@pytest.mark.alone
def test_a_change_keeps_the_turn_and_needs_the_receipt_that_was_read(citizen):
    amal = citizen()
    asked = amal.ask().json()
    address, wish = (
        f"/requests/{asked['reference']}/wish",
        {"people": amal.members, "bands": ["morning"], "weekdays": [0, 1]},
    )

    changed = amal.put(address, {**wish, "offices": ["homs"], "receipt": asked["receipt"]})
    stale = amal.put(address, {**wish, "offices": ["aleppo"], "receipt": asked["receipt"]})
    joins = amal.put(address, {**wish, "offices": ["homs"], "people": [999_999], "receipt": changed.json()["receipt"]})

    assert (changed.status_code, changed.json()["offices"]) == (200, ["homs"])
    drawn = amal.put(address, {**wish, "offices": ["hama"], "receipt": changed.json()["receipt"], "lost_draws": 1})

    assert (drawn.status_code, drawn.json()["code"]) == (409, "draw_lost_meanwhile")
    counts = ["lost_draws", "lost_draws_without_a_place", "lost_draws_that_rest"]
    assert [changed.json()[name] for name in counts] == [0, 0, 0]
    assert changed.json()["receipt"] != asked["receipt"]
    assert (changed.json()["edited_at"] is None, changed.json()["frozen"]) == (False, False)
    assert (stale.status_code, stale.json()["code"]) == (409, "edited_meanwhile")
    assert (joins.status_code, joins.json()["errors"][0]["reason"]) == (422, "nobody_joins")
