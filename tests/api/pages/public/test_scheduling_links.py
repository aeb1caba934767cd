"""Free places in the shape of SMART Scheduling Links, held against the tables of its specification."""

import json
from datetime import datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

pytestmark = pytest.mark.neighbours

MANIFEST = "/open-data/scheduling/$bulk-publish"
SITE = "http://localhost:8000"
TEXT, ID = {"type": "string", "minLength": 1}, {"type": "string", "pattern": "^[A-Za-z0-9_.]{1,64}$"}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
REGISTRY = "http://fhir-registry.smarthealthit.org/StructureDefinition/"


def objects(**fields):
    return {"type": "object", "required": list(fields), "properties": fields}


def lists(item, **more):
    return {"type": "array", "items": item, "minItems": 1} | more


SHAPES = {
    "manifest": objects(
        transactionTime=INSTANT,
        request={"const": SITE + MANIFEST},
        output=lists(objects(type={"enum": ["Location", "Schedule", "Slot"]}, url=TEXT)),
        error={"const": []},
    ),
    "Location": objects(
        resourceType={"const": "Location"},
        id=ID,
        name=TEXT,
        telecom=lists(objects(system={"const": "phone"}, value=TEXT)),
        address=objects(line=lists(TEXT), city=TEXT, state=TEXT),
        position=objects(latitude={"type": "number"}, longitude={"type": "number"}),
    ),
    "Schedule": objects(
        resourceType={"const": "Schedule"},
        id=ID,
        actor=lists(objects(reference={"type": "string", "pattern": "^Location/"}), maxItems=1),
        serviceType=lists(objects(coding=lists(objects(system=TEXT, code=TEXT, display=TEXT)))),
    ),
    "Slot": objects(
        resourceType={"const": "Slot"},
        id=ID,
        schedule=objects(reference={"type": "string", "pattern": "^Schedule/"}),
        status={"enum": ["free", "busy"]},
        start=INSTANT,
        end=INSTANT,
        extension=lists(objects(url={"type": "string", "pattern": f"^{REGISTRY}(booking-deep-link|slot-capacity)$"})),
    ),
}


@pytest.fixture
def read(browser):
    """Read a file of the publication and hold each line against its shape."""

    def read(path, shape):
        answer = browser.client.get(path.removeprefix(SITE))
        assert answer.status_code == 200, path
        assert answer.headers["access-control-allow-origin"] == "*"
        found = [json.loads(line) for line in answer.text.splitlines()]
        for one in found:
            Draft202012Validator(SHAPES[shape]).validate(one)
        return found

    return read


def test_a_program_finds_every_place_from_the_manifest(read, core):
    (manifest,) = read(MANIFEST, "manifest")
    files = {kind: [one["url"] for one in manifest["output"] if one["type"] == kind] for kind in SHAPES}
    locations = read(files["Location"][0], "Location")
    schedules = read(files["Schedule"][0], "Schedule")
    places = {f"Location/{one['id']}" for one in locations}
    assert {one["actor"][0]["reference"] for one in schedules} <= places
    known = {f"Schedule/{one['id']}" for one in schedules}
    ends = ("/damascus/passport-renewal.ndjson", "/berlin/passport-renewal.ndjson")
    some = [url for url in files["Slot"] if url.endswith(ends)]
    assert len(some) == 2
    ids = []
    for url in some:
        slots = read(url, "Slot")
        assert slots
        assert {one["schedule"]["reference"] for one in slots} <= known
        ids += [one["id"] for one in slots]
        begins = [datetime.fromisoformat(one["start"]) for one in slots]
        assert begins == sorted(begins)
        assert begins[0] > core.clock.now()
        assert all(datetime.fromisoformat(one["end"]) > at for one, at in zip(slots, begins, strict=True))
    assert len(ids) == len(set(ids))


def test_times_are_told_by_the_offices_clock(read):
    for office, offset in (("damascus", timedelta(hours=3)), ("berlin", timedelta(hours=1))):
        slots = read(f"/open-data/scheduling/slots/{office}/passport-renewal.ndjson", "Slot")
        assert {datetime.fromisoformat(one["start"]).utcoffset() for one in slots} == {offset}


def test_a_link_leads_to_where_the_time_is_chosen(read, browser):
    (first, *_) = read("/open-data/scheduling/slots/damascus/passport-renewal.ndjson", "Slot")
    link, capacity = first["extension"]
    path = link["valueUrl"].removeprefix(SITE) + "&source=abc&booking-referral=1"
    assert path.startswith("/instant/home/passport-renewal/damascus?day=2026-11-")
    assert browser.go(path).path.startswith("/sign-in?next=")
    assert capacity["valueInteger"] >= 1


@pytest.mark.alone
def test_what_is_taken_is_gone_from_every_file(core, read, clock):
    with core.sessions.begin() as session:
        session.connection().exec_driver_sql("UPDATE slot_pool SET taken = places WHERE pool = 'instant'")
    (manifest,) = read(MANIFEST, "manifest")
    assert [one["type"] for one in manifest["output"]] == ["Location", "Schedule"]
    assert read("/open-data/scheduling/slots/damascus/passport-renewal.ndjson", "Slot") == []


def test_an_unknown_office_or_service_has_no_file(browser):
    for where in ("atlantis/passport-renewal", "damascus/none", "damascus/travel-permission"):
        assert browser.client.get(f"/open-data/scheduling/slots/{where}.ndjson").status_code == 404, where
