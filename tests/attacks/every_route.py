"""Calls of every route of the application, with planted values wherever a caller can put any."""

import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.incoming.bodies import FILE_FORM, FORM_TYPE, JSON, JSON_TYPE, NOTHING, SIGNED, body_of
from tests.api.test_authorisation import routes
from tests.support import planted

FITTING = {
    "birth_date": planted.BORN.isoformat(),
    "birth_day": str(planted.BORN.day),
    "birth_month": str(planted.BORN.month),
    "birth_year": str(planted.BORN.year),
    "email": planted.MAIL,
    "name": planted.NAME,
    "national_number": planted.NUMBER,
    "number": planted.NUMBER,
    "password": planted.SECRET,
    "phone": planted.PHONE,
    "relation": "self",
    "service": "passport-renewal",
    "door": "home",
    "username": planted.USER,
    "user": planted.USER,
}
"""What a person would type; free words everywhere else."""
HEADERS = {
    "accept-language": planted.LATIN,
    "idempotency-key": planted.USER,
    "referer": f"http://localhost:8000/search?q={quote(planted.NAME)}&phone={quote(planted.PHONE)}",
    "user-agent": f"{planted.LATIN} {planted.MAIL}",
    "x-forwarded-for": planted.LATIN,
    "x-request-id": planted.USER,
}
NO_PAPER = f"%PDF-1.7\n% {planted.NAME} {planted.NUMBER}\n/Title ({planted.LATIN})\nendobj {planted.MAIL}\n%%EOF"
LINE = "planted-boundary"
FORM_WITH_FILE = f"""--{LINE}
Content-Disposition: form-data; name="csrf"

{{csrf}}
--{LINE}
Content-Disposition: form-data; name="file"; filename="{planted.FILE}"
Content-Type: application/pdf

{NO_PAPER}
--{LINE}--
""".replace("\n", "\r\n")


@dataclass(frozen=True)
class Call:
    """One call."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def every_call(app: FastAPI, known: Mapping[str, str]) -> Iterator[tuple[str, Call]]:
    """Yield calls, each with its route's path: reading of planted addresses, writing to those that may be there."""
    for (method, path), route in routes(app).items():
        planted_names = {name: quote(_fitting(name), safe="") for name in re.findall(r"{(\w+)}", path)}
        address = f"{path.format_map(planted_names if method == 'GET' else known)}?{urlencode(_query(route))}"
        for kind, body in _bodies(route) if method != "GET" else [("", b"")]:
            yield path, Call(method, address, HEADERS | ({"content-type": kind} if kind else {}), body)


def _fitting(name: str) -> str:
    return FITTING.get(name, planted.WORDS)


def _query(route: APIRoute) -> dict[str, str]:
    asked = {one.alias: _fitting(one.alias) for one in route.dependant.query_params}
    return asked | {"q": planted.NAME, "national_number": planted.NUMBER}


def _bodies(route: APIRoute) -> Iterator[tuple[str, bytes]]:
    """Yield bodies by their types: JSON of the right form and of the wrong one, a form, a file with a name."""
    wanted = body_of(route)
    if wanted in {JSON, SIGNED}:
        schema = route.body_field.field_info.annotation.model_json_schema() if route.body_field else {"type": "object"}
        right = _like(schema, schema.get("$defs", {}))
        for one in (right, {key: [planted.NAME] for key in {**FITTING, **right}}):
            yield JSON_TYPE, json.dumps(one, ensure_ascii=False).encode()
    elif wanted == FILE_FORM:
        yield f"multipart/form-data; boundary={LINE}", FORM_WITH_FILE.encode()
    elif FORM_TYPE in wanted.types:
        yield FORM_TYPE, urlencode(_fields(route)).encode()
    elif wanted != NOTHING:
        yield min(wanted.types), NO_PAPER.encode()
    else:
        yield "", b""


def _fields(route: APIRoute) -> dict[str, str]:
    """Guess a form's fields by the names in its page's module: too many are there, and none is missing."""
    source = inspect.getsource(sys.modules[route.endpoint.__module__])
    names = sorted(set(re.findall(r'"([a-z][a-z_]{1,24})"', source)))[:150]
    return {name: _fitting(name) for name in names} | FITTING | {"csrf": "{csrf}"}


def _like(schema: Mapping[str, Any], models: Mapping[str, Any], name: str = "") -> Any:
    """Return a value of a schema, planted where it is a text."""
    while "$ref" in schema or "anyOf" in schema:
        schema = models[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
    match schema.get("type"):
        case "object":
            value = {key: _like(one, models, key) for key, one in schema.get("properties", {}).items()}
        case "array":
            value = [_like(schema.get("items", {}), models, name)]
        case "integer" | "number" | "boolean":
            value = schema.get("minimum", 1)
        case _:
            usual = planted.BORN.isoformat() if schema.get("format") == "date" else _fitting(name)
            value = schema.get("enum", [usual])[0]
    return value
