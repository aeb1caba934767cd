from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.platform.models import Draw, Office, OfficeChance
from booking.scheduling.draws.announce import PLACES
from booking.scheduling.draws.draw import announce, close, open_draw, publish, run
from booking.scheduling.draws.format2.tables import FOR_EVERYONE, FOR_OBSERVERS, LEAVES


def test_services_list_what_is_needed_in_both_languages(reader):
    services = {service["code"]: service for service in reader.get("/services?door=home").json()["services"]}
    child = services["child-passport"]
    assert (child["minutes"], child["max_age"], child["needs_reason"]) == (30, 17, "never")
    assert child["documents"][0]["name"].keys() == {"ar", "en"}
    assert {fee["currency"] for fee in child["fees"]} == {"SYP", "USD"}
    assert reader.get("/services/child-passport").json() == child


def test_offices_are_listed_by_door_with_their_own_hours(reader):
    home, abroad = (reader.get(f"/offices?door={door}").json()["offices"] for door in ("home", "abroad"))
    assert len({office["region"]["en"] for office in home}) == 14
    assert {office["time_zone"] for office in home} == {"Asia/Damascus"}
    assert {office["door"] for office in abroad} == {"abroad"}
    assert len(reader.get("/offices").json()["offices"]) == len(home) + len(abroad)
    assert reader.get("/offices/damascus").json()["opening"][0]["opens"].count(":") == 1


def test_chances_name_every_office_even_while_nothing_is_known_of_it(reader):
    with reader.core.sessions.begin() as session:
        berlin = session.scalar(select(Office.id).where(Office.code == "berlin"))
        chances = {"any": [10, 25, 40], "day:0": [0, 5, 10], "band:morning": [20, 30, 45]}
        session.add(OfficeChance(office_id=berlin, draws=3, chances=chances))
    found = {one.pop("office"): one for one in reader.get("/chances?door=abroad").json()["offices"]}
    assert found["berlin"] == {
        "draws": 3,
        "any": {"low": 10, "likely": 25, "high": 40},
        "weekdays": {"mon": {"low": 0, "likely": 5, "high": 10}},
        "bands": {"morning": {"low": 20, "likely": 30, "high": 45}},
    }
    assert found["bonn"] == {"draws": 0, "any": None, "weekdays": {}, "bands": {}}


def test_unknown_and_malformed_names_are_refused(reader):
    assert reader.get("/services/flying-lessons").status_code == 404
    assert reader.get("/offices/atlantis").status_code == 404
    for path in ("/services/..%5Cx", "/offices?door=back", "/services?door=", "/offices/" + "a" * 41):
        assert reader.get(path).status_code == 422, path


def test_the_catalogue_is_cached_and_revalidated(reader):
    first = reader.get("/services")
    assert first.headers["cache-control"] == "public, max-age=300"
    again = reader.get("/services", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.get("/services", **{"If-None-Match": '"another"'}).status_code == 200


def test_personal_answers_are_never_cached(citizen):
    assert citizen().get("/requests").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("day", "reason", "words"),
    [
        ("9999-12-31", "other_years", "This day is too far away. Enter a year from 1900 to 2199."),
        ("1899-12-31", "other_years", "This day is too far away. Enter a year from 1900 to 2199."),
        ("2026-02-30", "unreadable", "We could not read this. Check how it is written."),
        ("1793491200", "unreadable", "We could not read this. Check how it is written."),
    ],
)
def test_a_day_is_of_the_years_that_pages_take_or_refused_in_words(reader, day, reason, words):
    answer = reader.get(f"/instant-slots?service=passport-renewal&office=damascus&to={day}")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "to", "reason": reason, "detail": words}]


def test_instant_slots_are_limited_to_the_requested_days(reader):
    path = "/instant-slots?service=passport-renewal&office=damascus"
    slots = reader.get(f"{path}&from=2026-11-02&to=2026-11-03").json()
    assert slots["complete"]
    assert {slot["local_day"] for slot in slots["slots"]} == {"2026-11-02", "2026-11-03"}
    assert slots["slots"] == sorted(slots["slots"], key=lambda slot: slot["starts_at"])
    assert reader.get(f"{path}&from=2026-11-03&to=2026-11-02").json()["slots"] == []
    assert "ratelimit" in reader.get(path).headers


def test_unusable_searches_are_refused(reader):
    path = "/instant-slots?service=passport-renewal&office=damascus"
    for more in ("&people=0", "&people=7", "&from=yesterday", "&to=2026-13-01", "&from=20261102"):
        assert reader.get(path + more).status_code == 422, more
    assert reader.get("/instant-slots?office=damascus").status_code == 422
    assert reader.get("/instant-slots?service=nothing&office=damascus").status_code == 404


def test_a_draw_commits_first_and_shows_its_seed_and_files_only_when_published(citizen, core, clock):
    amal = citizen()
    amal.ask()
    now = clock.now()
    announce(
        core,
        reference="D-1",
        opens_at=now,
        closes_at=now + timedelta(hours=1),
        horizon_first=(now + timedelta(days=3)).date(),
        horizon_last=(now + timedelta(days=4)).date(),
    )
    announced = amal.get("/draws/D-1").json()
    assert (announced["state"], announced["seed"], announced["files"]) == ("announced", None, [])
    assert len(announced["seed_commitment"]) == 64
    open_draw(core, "D-1")
    clock.advance(timedelta(hours=2))
    close(core, "D-1")
    run(core, "D-1")
    assert amal.get("/draws/D-1/files/plan.csv").status_code == 404
    assert amal.get("/draws/D-1").json()["figures"] == {}
    publish(core, "D-1")
    published = amal.get("/draws/D-1").json()
    assert published["seed_commitment"] == announced["seed_commitment"]
    assert published["seed"]
    for file in published["files"]:
        content = amal.get(file["href"].removeprefix("/api/v1"))
        assert content.status_code == 200
        assert len(content.content) == file["size"]
        assert content.headers["content-type"].startswith(file["media_type"])
    assert {file["name"] for file in published["files"]} == set(FOR_EVERYONE)
    for name in (*FOR_OBSERVERS, LEAVES, PLACES):
        assert amal.get(f"/draws/D-1/files/{name}").status_code == 404, name
    assert [draw["reference"] for draw in amal.get("/draws").json()["draws"]] == ["D-1"]
    with core.sessions() as session:
        assert session.scalars(select(Draw.seed)).one().hex() == published["seed"]


def test_unknown_draws_and_files_are_not_found(reader):
    assert reader.get("/draws/none").status_code == 404
    assert reader.get("/draws/none/files/plan.csv").status_code == 404
    for path in ("/draws/n%C3%A9", "/draws/none/files/..%00", "/draws/" + "x" * 25):
        assert reader.get(path).status_code == 422, path


def test_a_search_finds_services_best_first_in_any_spelling(reader):
    codes = [one["code"] for one in reader.get("/services?q=تامين السياره").json()["services"]]
    assert codes[0] == "compulsory-car-insurance"
    assert reader.get("/services?q=tajdid jawaz&door=abroad").json()["services"][0]["code"] == "passport-renewal"
    abroad = reader.get("/services?q=سند اقامة&door=abroad").json()["services"]
    assert "residence-statement" not in [one["code"] for one in abroad], "it is for residents only"
    assert reader.get("/services?q=xyzzy").json() == {"services": []}
    assert len(reader.get("/services?q=%20").json()["services"]) >= 50
    assert reader.get("/services?q=" + "a" * 121).status_code == 422


def test_an_online_service_lists_prerequisites_and_its_form(reader):
    permission = reader.get("/services/travel-permission").json()
    assert (permission["delivery"], permission["minutes"], permission["gender"]) == ("online", 0, "male")
    assert permission["prerequisites"][0]["service"] == "study-deferral"
    assert permission["prerequisites"][0]["when"] == {"field": "standing", "answers": ["deferred-for-study"]}
    form = reader.get("/services/travel-permission/form?language=en").json()
    assert form["form"]["properties"]["country"]["title"] == "To which country?"
    assert form["example"]["standing"] in form["form"]["properties"]["standing"]["enum"]
    assert reader.get("/services/passport-renewal/form").status_code == 404
    assert reader.get("/services/travel-permission/form?language=fr").status_code == 422
