from datetime import timedelta

from booking.scheduling.appointments import passes
from booking.scheduling.appointments.expire import lapse_offers
from tests.api.v1.conftest import CHECK_EVERYONE
from tests.support.country import a_member, eligible_number, last_secret, put_rules_in_force


def test_an_offer_is_confirmed_and_gives_a_pass_and_a_calendar_file(offered, core):
    amal, reference = offered
    path = f"/appointments/{reference}"
    assert amal.get(path).json()["state"] == "offered"
    assert amal.get(f"{path}/pass").status_code == 404
    assert amal.get(f"{path}/calendar.ics").status_code == 404
    for _ in range(2):
        answer = amal.post(f"{path}/confirmation")
        assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    content = passes.read(amal.get(f"{path}/pass").json()["text"], core.vault.signing_key().public_key())
    assert (content.reference, content.party_size) == (reference, 1)
    assert amal.get(f"{path}/pass").json()["svg"].startswith("<svg")
    calendar = amal.get(f"{path}/calendar.ics")
    assert calendar.headers["content-type"] == "text/calendar; charset=utf-8"
    assert calendar.text.startswith("BEGIN:VCALENDAR")
    assert "Passport renewal" in calendar.text


def test_an_offer_cannot_be_confirmed_too_late(offered, clock):
    amal, reference = offered
    clock.advance(timedelta(days=3))
    amal.sign_in_again()
    assert amal.post(f"/appointments/{reference}/confirmation").json()["code"] == "offer_lapsed"


def test_a_cancelled_appointment_cannot_be_used(offered):
    amal, reference = offered
    answer = amal.post(f"/appointments/{reference}/cancellation")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    for step in ("confirmation", "cancellation", "move"):
        assert amal.post(f"/appointments/{reference}/{step}").json()["code"] == "illegal_move", step


def test_moving_an_appointment_asks_once_for_the_same_again(offered):
    amal, reference = offered
    first, again = (amal.post(f"/appointments/{reference}/move", key="k") for _ in range(2))
    assert first.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert amal.get(first.headers["location"].removeprefix("/api/v1")).json()["state"] == "accepted"
    assert len(amal.get("/requests").json()["requests"]) == 2


def test_appointments_of_others_are_not_found(offered, citizen):
    _, reference = offered
    karim = citizen()
    for path in ("", "/pass", "/calendar.ics"):
        assert karim.get(f"/appointments/{reference}{path}").status_code == 404, path
    for path in ("confirmation", "cancellation", "move"):
        assert karim.post(f"/appointments/{reference}/{path}").status_code == 404, path
    assert karim.post(f"/holds/{reference}/confirmation").status_code == 404


def test_a_place_is_held_and_confirmed(citizen):
    amal = citizen()
    held = amal.hold()
    assert held.status_code == 201, held.text
    path = held.headers["location"].removeprefix("/api/v1")
    seen = amal.get(path).json()
    assert (seen["state"], seen["held"]) == ("offered", True)
    confirmed = amal.post(f"/holds/{held.json()['reference']}/confirmation").json()
    assert (confirmed["state"], confirmed["held"]) == ("confirmed", False)


def test_the_same_key_holds_one_place(citizen):
    amal = citizen()
    slot = amal.a_slot()
    first, again = (amal.hold(slot=slot, key="k") for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


def test_several_services_of_one_visit_are_held_together_or_not_at_all(citizen, core):
    amal = citizen()
    son = a_member(core, amal.account_id, number=eligible_number(core, never_had_passport=True))
    refused = amal.hold(also=[{"service": "passport-renewal", "people": [son]}])
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, ["also"])
    held = amal.hold(also=[{"service": "new-passport", "people": [son]}])
    assert held.status_code == 201, held.text
    seen = amal.get(held.headers["location"].removeprefix("/api/v1")).json()
    assert [one["code"] for one in seen["services"]] == ["passport-renewal", "new-passport"]
    [line] = amal.get("/requests").json()["requests"]
    assert line["state"] == "held"


def test_an_unconfirmed_hold_expires(citizen, core, clock):
    amal = citizen()
    reference = amal.hold().json()["reference"]
    clock.advance(core.settings.hold_lifetime)
    assert amal.post(f"/holds/{reference}/confirmation").json()["code"] == "hold_expired"


def test_a_held_place_that_needs_a_check_is_confirmed_after_it(citizen, core, suspicious):
    amal = citizen()
    held = amal.hold().json()
    assert held["state"] == "challenged"
    assert amal.get(f"/appointments/{held['reference']}").json()["needs_check"] is True
    for way in (f"/holds/{held['reference']}", f"/appointments/{held['reference']}"):
        assert amal.post(f"{way}/confirmation").json()["code"] == "illegal_move"
    request = f"/requests/{held['request']}"
    assert amal.get(f"{request}/challenge").status_code == 200
    assert amal.post(f"{request}/challenge-codes").status_code == 202
    code = last_secret(core, amal.account_id, "challenge")
    assert amal.post(f"{request}/challenge-answer", {"code": code}).json()["state"] == "held"
    confirmed = amal.post(f"/holds/{held['reference']}/confirmation").json()
    assert (confirmed["state"], confirmed["needs_check"]) == ("confirmed", False)


def test_a_check_of_a_held_place_expires_with_the_hold(citizen, core, clock, suspicious):
    amal = citizen()
    request = f"/requests/{amal.hold().json()['request']}"
    clock.advance(core.settings.hold_lifetime)
    lapse_offers(core)
    assert amal.get(f"{request}/challenge").json()["code"] == "hold_expired"
    assert amal.post(f"{request}/challenge-codes").json()["code"] == "hold_expired"


def test_a_hold_that_needs_an_officer_is_referred_to_the_draw(citizen, core):
    put_rules_in_force(core, source=CHECK_EVERYONE.replace('"challenge"', '"review"'))
    amal = citizen()
    answer = amal.hold()
    assert (answer.status_code, answer.json()["code"]) == (409, "review_needed")
    assert answer.json()["reasons"][0].keys() == {"code", "ar", "en"}
    assert amal.ask().json()["state"] == "under_review"


def test_impossible_holds_are_refused(citizen, core):
    amal = citizen()
    assert amal.hold(slot=2_000_000_000).json()["code"] == "not_bookable"
    assert amal.hold(door="abroad").json()["code"] == "not_bookable"
    for changes in ({"slot": 0}, {"slot": 2**63}, {"slot": "1"}, {"people": []}, {"people": amal.members * 2}):
        assert amal.hold(**changes).status_code == 422, changes


def last_slots(program):
    return program.get("/instant-slots?service=passport-renewal&office=damascus").json()["slots"][-2:]


def test_a_free_time_replaces_the_appointment_in_one_call(citizen):
    amal = citizen()
    first, second = (slot["id"] for slot in last_slots(amal))
    held = amal.hold(slot=first).json()["reference"]
    amal.post(f"/holds/{held}/confirmation")
    same = amal.post(f"/appointments/{held}/change", {"slot": first})
    assert (same.status_code, same.json()["code"]) == (409, "same_time")
    assert amal.get(f"/appointments/{held}").json()["state"] == "confirmed"

    changed = amal.post(f"/appointments/{held}/change", {"slot": second}, key="once")

    new = changed.json()["reference"]
    assert (changed.status_code, changed.headers["Location"]) == (201, f"/api/v1/appointments/{new}")
    assert amal.get(f"/appointments/{new}").json()["state"] == "confirmed"
    assert amal.get(f"/appointments/{held}").json()["state"] == "cancelled"
    assert amal.post(f"/appointments/{held}/change", {"slot": second}, key="once").json() == changed.json()
    assert amal.post(f"/appointments/{held}/change", {"slot": first}).json()["code"] == "not_changeable"


def test_a_check_that_the_gate_wants_first_leaves_the_appointment(citizen, core):
    amal = citizen()
    first, second = (slot["id"] for slot in last_slots(amal))
    held = amal.hold(slot=first).json()["reference"]
    amal.post(f"/holds/{held}/confirmation")
    put_rules_in_force(core, source=CHECK_EVERYONE)
    refused = amal.post(f"/appointments/{held}/change", {"slot": second}).json()
    assert (refused["code"], refused["reasons"][0]["en"]) == ("check_first", "We ask for one short check.")
    assert amal.get(f"/appointments/{held}").json()["state"] == "confirmed"
