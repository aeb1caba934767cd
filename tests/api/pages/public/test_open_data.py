"""Everyone reads open data, programs at no cost: answers are cached, and not sent again while they are the same."""

import json
from datetime import timedelta

import pytest

from booking.country.open_data import days
from tests.support.country import a_request

PLACES = "/open-data/free-places.json?office=damascus&service=passport-renewal"


@pytest.fixture
def day(core, clock):
    a_request(core)
    clock.advance(timedelta(days=1))
    days.publish_days(core)
    return "2026-11-01"


def test_the_page_leads_to_every_file_with_its_checksum(core, browser, day):
    for language, title in (("ar", "بيانات مفتوحة"), ("en", "Open data")):
        page = browser.go(f"/language/{language}?back=/open-data").text
        assert f"<h1>{title}</h1>" in page
        assert f"/open-data/days/{day}/visits-by-office.parquet" in page
    client = browser.client
    package = client.get("/open-data/datapackage.json").json()
    assert len(package["resources"]) == 6
    for one in package["resources"]:
        answer = client.get(one["path"], headers={"accept-encoding": "identity"})
        assert (len(answer.content), answer.headers["etag"]) == (
            one["bytes"],
            f'"{one["hash"].removeprefix("sha256:")}"',
        )
        assert "immutable" in answer.headers["cache-control"] or "max-age=31536000" in answer.headers["cache-control"]
        kept = {"accept-encoding": "identity", "if-none-match": answer.headers["etag"]}
        again = client.get(one["path"], headers=kept)
        assert (again.status_code, again.content) == (304, b"")
    assert client.get("/open-data/draws.csv").text.startswith("reference,closed_at")
    assert client.get("/open-data/dictionary.json").json()["schema_version"] == package["version"]
    fetched = client.request("GET", package["resources"][0]["path"], content=b"read by nobody")
    assert len(fetched.content) == package["resources"][0]["bytes"]
    for missing in ("days/2026-11-09/visits-by-office.csv", "days/today/x.csv", "draws.exe", "days/2026-11-01/x.csv"):
        assert client.get(f"/open-data/{missing}").status_code == 404


def test_free_places_are_cached_for_half_a_minute(core, browser, clock):
    client = browser.client
    first = client.get(PLACES)
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cache-control"] == "public, max-age=30"
    assert "set-cookie" not in first.headers
    places = first.json()["places"]
    assert len(places) > 10
    listed = {place["service"] for place in client.get("/open-data/free-places.json").json()["places"]}
    assert "passport-renewal" in listed
    assert "clearance-certificate" not in listed, "what is done online has no places"
    same = client.get(PLACES, headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")

    with core.sessions.begin() as session:
        session.connection().exec_driver_sql("UPDATE slot_pool SET taken = places WHERE pool = 'instant'")
    assert client.get(PLACES).json()["places"] == places
    clock.advance(timedelta(seconds=31))
    now = client.get(PLACES, headers={"if-none-match": first.headers["etag"]})
    assert (now.status_code, now.json()["places"]) == (200, [])
    assert client.get("/open-data/free-places.json").json() == {"places": []}
    calendar = client.get(PLACES.replace("json", "ics"))
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert b"VEVENT" not in calendar.content


def test_a_missing_list_is_not_cached(browser):
    client = browser.client
    for query in ("office=atlantis&service=passport-renewal", "office=damascus&service=none"):
        for _ in range(2):
            assert client.get(f"/open-data/free-places.json?{query}").status_code == 404
    assert client.get("/open-data/free-places.ics").status_code == 422
    assert json.loads(client.get("/open-data/free-places.json?office=damascus").content)["places"]
