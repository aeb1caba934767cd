"""Nothing that programs were told of is taken away unannounced, and the check finds every break that is planted."""

import json
from copy import deepcopy
from datetime import date

import pytest

from api.main import declared_routes
from api.v1.documentation import make_document
from deploy.checks.api_breaks import Break, breaks_between, main, read_allowed
from tests.support.root import ROOT

pytestmark = pytest.mark.slow

RELEASED, ALLOWED = ROOT / "docs/api/released.openapi.json", ROOT / "docs/api/allowed.toml"
TODAY = date(2026, 11, 28)
WISH = {
    "type": "object",
    "additionalProperties": False,
    "required": ["service"],
    "properties": {
        "service": {"type": "string", "maxLength": 60},
        "band": {"enum": ["morning", "midday"], "type": "string"},
        "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "people": {"type": "array", "items": {"type": "integer"}},
        "count": {"type": "number", "maximum": 12},
    },
}
ASKED = {
    "type": "object",
    "required": ["reference", "state"],
    "properties": {
        "reference": {"type": "string"},
        "state": {"$ref": "#/components/schemas/State"},
        "at": {"type": "string", "format": "date-time"},
        "last": {"anyOf": [{"$ref": "#/components/schemas/Asked"}, {"type": "null"}]},
        "numbers": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


def content(name):
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


OLD = {
    "paths": {
        "/requests/{reference}": {
            "put": {
                "operationId": "requests.change",
                "parameters": [
                    {"in": "path", "name": "reference", "required": True, "schema": {"type": "string"}},
                    {"in": "query", "name": "language", "schema": {"type": "string"}},
                ],
                "requestBody": {"required": True, **content("Wish")},
                "responses": {"200": content("Asked"), "404": content("Problem")},
            }
        },
        "/services": {"get": {"operationId": "services.all", "responses": {"200": {"content": {"text/csv": {}}}}}},
    },
    "components": {
        "schemas": {
            "Wish": WISH,
            "Asked": ASKED,
            "State": {"type": "string", "enum": ["waiting", "drawn"]},
            "Problem": {},
        }
    },
}
PUT = ("paths", "/requests/{reference}", "put")
SCHEMAS = ("components", "schemas")
WISHED, ANSWERED = (*SCHEMAS, "Wish", "properties"), (*SCHEMAS, "Asked", "properties")
GONE = object()


def changed(*changes, of=OLD):
    """Return a document in which each (path, value) is set, or removed."""
    new = deepcopy(of)
    for path, value in changes:
        inside = new
        for name in path[:-1]:
            inside = inside[name]
        if value is GONE:
            del inside[path[-1]]
        else:
            inside[path[-1]] = value
    return new


PARAMETERS = OLD["paths"]["/requests/{reference}"]["put"]["parameters"]
BREAKS = {
    "a removed path": ([(("paths", "/services"), GONE)], "GET /services: is gone"),
    "a removed method": ([(PUT, GONE)], "PUT /requests/{reference}: is gone"),
    "another name in programs": ([((*PUT, "operationId"), "requests.edit")], "is called requests.edit"),
    "a token": ([((*PUT, "security"), [{"HTTPBearer": []}])], "needs a token now"),
    "a removed parameter": ([((*PUT, "parameters", 1), GONE)], "query language: is not taken any more"),
    "a parameter that is required": ([((*PUT, "parameters", 1, "required"), True)], "query language: is required now"),
    "a new required parameter": (
        [((*PUT, "parameters"), [*PARAMETERS, {"in": "header", "name": "Key", "required": True, "schema": {}}])],
        "header Key: is new and required",
    ),
    "a new required field": (
        [((*SCHEMAS, "Wish", "required"), ["service", "band"])],
        "Wish (sent).band: is required now",
    ),
    "a field that is not taken": ([((*WISHED, "day"), GONE)], "Wish (sent).day: is not taken any more"),
    "a narrowed list of words": (
        [((*WISHED, "band", "enum"), ["morning"])],
        'Wish (sent).band: does not take "midday" any more',
    ),
    "words where any were taken": (
        [((*WISHED, "service"), {"enum": ["passport"], "type": "string"})],
        "Wish (sent).service: takes only some words now",
    ),
    "a shorter text": ([((*WISHED, "service", "maxLength"), 40)], "Wish (sent).service: has maxLength 40 now"),
    "a pattern": ([((*WISHED, "service", "pattern"), "^[a-z]+$")], "Wish (sent).service: must match"),
    "a null that is not taken": (
        [((*WISHED, "day"), {"type": "string", "format": "date"})],
        "Wish (sent).day: is string now",
    ),
    "another type inside a list": (
        [((*WISHED, "people", "items"), {"type": "string"})],
        "Wish (sent).people[]: is string now, and was integer",
    ),
    "whole numbers alone": ([((*WISHED, "count", "type"), "integer")], "Wish (sent).count: is integer now"),
    "a body of another kind": (
        [((*PUT, "requestBody", "content"), {"text/plain": {}})],
        "body: is not application/json any more",
    ),
    "a removed answer": ([((*PUT, "responses", "200"), GONE)], "200: is not answered any more"),
    "an answer of another kind": (
        [(("paths", "/services", "get", "responses", "200", "content"), {"text/html": {}})],
        "GET /services 200: is not text/csv any more",
    ),
    "a removed field of an answer": ([((*ANSWERED, "at"), GONE)], "Asked (given).at: is not given any more"),
    "a field that may be missing": (
        [((*SCHEMAS, "Asked", "required"), ["reference"])],
        "Asked (given).state: may be missing now",
    ),
    "a changed type of an answer": (
        [((*ANSWERED, "reference", "type"), "integer")],
        "Asked (given).reference: is integer now, and was string",
    ),
    "an answer that may be null": (
        [((*ANSWERED, "at"), {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]})],
        "Asked (given).at: is null now, and was string",
    ),
    "another format": ([((*ANSWERED, "at", "format"), "date")], "Asked (given).at: has the format date now"),
    "a word that nobody knows": (
        [((*SCHEMAS, "State", "enum"), ["waiting", "drawn", "held"])],
        'State (given): says "held" now',
    ),
    "a changed type in a map": (
        [((*ANSWERED, "numbers", "additionalProperties"), {"type": "number"})],
        "Asked (given).numbers[]: is number now, and was integer",
    ),
}
NONE = {
    "nothing": [],
    "a new path": [(("paths", "/offices"), {"get": {"operationId": "x", "responses": {}}})],
    "a new field of an answer": [((*ANSWERED, "more"), {"type": "string"})],
    "a new field that may be sent": [((*WISHED, "more"), {"type": "string"})],
    "a new word that may be sent": [((*WISHED, "band", "enum"), ["morning", "midday", "evening"])],
    "a longer text": [((*WISHED, "service", "maxLength"), 90)],
    "a null that may be sent": [((*WISHED, "service"), {"anyOf": [{"type": "string"}, {"type": "null"}]})],
    "fewer words in an answer": [((*SCHEMAS, "State", "enum"), ["waiting"])],
    "a parameter of another name in a path": [
        (("paths", "/requests/{code}"), deepcopy(OLD["paths"]["/requests/{reference}"])),
        (("paths", "/requests/{reference}"), GONE),
    ],
    "another code of a refusal": [((*PUT, "responses", "404"), GONE)],
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_planted_break_is_found(name):
    changes, told = BREAKS[name]
    found = breaks_between(OLD, changed(*changes), today=TODAY)
    assert [one for one in found if told in f"{one.where}: {one.what}"], found
    assert len(found) == 1, found


@pytest.mark.parametrize("name", NONE)
def test_what_programs_survive_is_no_break(name):
    assert breaks_between(OLD, changed(*NONE[name]), today=TODAY) == []


def test_what_was_announced_may_go_once_its_end_has_come():
    announced = changed(((*PUT, "deprecated"), True), ((*PUT, "x-sunset"), "2026-11-28"))
    gone = changed((PUT, GONE), of=announced)
    assert breaks_between(announced, gone, today=date(2026, 11, 27)) == [Break("PUT /requests/{reference}", "is gone")]
    assert breaks_between(announced, gone, today=TODAY) == []


def test_an_alternative_is_no_way_round_a_break_inside_it():
    both = {"anyOf": [{"$ref": "#/components/schemas/Asked"}, {"type": "object", "properties": ASKED["properties"]}]}
    old = changed((("components", "schemas", "Problem"), both), ((*PUT, "responses", "200"), content("Problem")))
    new = changed(((*SCHEMAS, "State", "enum"), ["waiting", "drawn", "held"]), of=old)
    assert breaks_between(old, new, today=TODAY)


def test_this_version_breaks_no_program_of_the_last_release(tmp_path):
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    found = breaks_between(released, make_document(declared_routes()), today=TODAY)
    allowed = read_allowed(ALLOWED)
    assert [one for one in found if one not in allowed] == [], "see docs/api-changes.md"
    assert [one for one in allowed if one not in found] == [], "allowed, and nothing breaks so"


def test_the_check_ends_with_1_and_says_what_breaks(tmp_path, capsys):
    old, new, allowed = (tmp_path / name for name in ("old.json", "new.json", "allowed.toml"))
    old.write_text(json.dumps(OLD), encoding="utf-8")
    new.write_text(json.dumps(changed((PUT, GONE))), encoding="utf-8")
    assert main(["compare", str(old), str(old)]) == 0
    assert main(["compare", str(old), str(new)]) == 1
    assert capsys.readouterr().out == "PUT /requests/{reference}: is gone\n"
    row = '[[allowed]]\nwhere = "PUT /requests/{reference}"\nwhat = "is gone"\nbecause = "%s"\n'
    for because, status in (("nobody could call it", 0), (" ", 1)):
        allowed.write_text(row % because, encoding="utf-8")
        assert main(["compare", str(old), str(new), str(allowed)]) == status
    assert main(["nonsense"]) == 2
