"""Every route has the body that the table gives it: nobody makes the site read more, or before it knows who calls."""

import asyncio
import json
import re

import pytest
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from api.deps import signed_in
from api.errors import UnreadableBodyError
from api.incoming import bodies
from api.incoming.bodies import (
    FILE,
    FILE_FORM,
    FORM,
    JSON,
    NOTE,
    NOTHING,
    PART,
    RULES,
    SIGNED,
    SIGNED_FORM,
    TOKEN_FORM,
    WITNESS_PART,
    body_of,
    calls_of,
    check_json,
)
from api.v1.calls.guards import bearer
from tests.api.one_call import scope_of
from tests.api.test_authorisation import OTHERS

KINDS = (NOTHING, JSON, SIGNED, SIGNED_FORM, TOKEN_FORM, NOTE, WITNESS_PART, FILE, PART, FORM, RULES, FILE_FORM)
PIECE = 16 * 1024


def routes(app):
    """Every method and address that may have a body, with its route."""
    found = [one for one in iter_route_contexts(app.routes) if one.path]
    return [(method, one.path, one.route) for one in found for method in one.methods - {"GET", "HEAD"}]


def send(client, method, path, *, media_type, length, stated, token=""):
    """Send a body in pieces; return the status and how many bytes of it the application took."""
    taken = 0

    async def call():
        status = 0

        async def receive():
            nonlocal taken
            if taken >= length:
                return await asyncio.Event().wait()
            taken += PIECE
            return {"type": "http.request", "body": b"[" * PIECE, "more_body": taken < length}

        async def answer(message):
            nonlocal status
            status = message.get("status", status)

        headers = {"host": "localhost:8000", "content-type": media_type}
        headers |= {"content-length": str(length)} if stated else {"transfer-encoding": "chunked"}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        await client.app(scope_of(method, path, headers), receive, answer)
        return status

    return client.portal.call(call), taken


def test_each_route_reads_only_the_body_that_the_table_declares(app):
    declared = {(method, path): body_of(route) for method, path, route in routes(app)}

    assert set(declared.values()) == set(KINDS)
    for (method, path), body in declared.items():
        assert method == "POST" or path.startswith("/api/") or body is PART, (method, path)
        assert not path.startswith("/api/") or not body.from_strangers, (method, path)
    assert {path for (_, path), body in declared.items() if body in {FILE, PART, FILE_FORM}} == {
        "/api/v1/online/cases/{reference}/papers/{paper}",
        "/api/v1/requests/{reference}/urgent/uploads/{upload_id}",
        "/helper/people/{consent_id}/photo",
        "/online/cases/{reference}/papers",
        "/requests/{reference}/urgent/evidence",
        "/requests/{reference}/urgent/uploads/{upload_id}",
    }


@pytest.mark.parametrize("stated", [True, False])
def test_no_route_reads_more_than_a_form_from_a_stranger(app, client, stated):
    """32 MB to every route; one that needs a token or an account, other than a form, reads nothing at all."""
    for method, path, route in routes(app):
        body, filled = body_of(route), re.sub(r"{(\w+)}", lambda name: OTHERS.get(name[1], "7K2M9D4QX"), path)
        media_type = next(iter(body.types))
        status, taken = send(client, method, filled, media_type=media_type, length=32 << 20, stated=stated)
        strangers = body.from_strangers or not calls_of(route) & {bearer, signed_in}
        assert status < 500, (method, path)
        assert taken <= (body.largest + PIECE if strangers and not stated else 0), (method, path)
        assert status in {401, 415} or bearer not in calls_of(route), (method, path, status)


def test_a_route_that_declares_nothing_can_read_nothing(app, client):
    @app.post("/careless")
    async def careless(request: Request) -> int:
        return len(await request.body())

    app.router.routes.insert(0, app.router.routes.pop())  # before the table, which was made of the others
    assert send(client, "POST", "/careless", media_type="application/json", length=PIECE, stated=False)[0] == 413


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 17,
        b'{"a":' * 17 + b"1" + b"}" * 17,
        b"[" + b"1," * 4_001 + b"1]",
        b'["' + b"\\\\" * 9 + b'", ' + b"[" * 17,
        '["ا"]'.encode("utf-16"),
        b'["\xff"]',
        b'{"a": "\0"}',
        b'{"\\ud800": 1}',
        b'["\\\\\\udfff"]',
        b'["\\uDE00\\ud83d"]',
    ],
    ids=["deep list", "deep names", "many values", "escapes", "utf-16", "no utf-8", "nul", "half", "last", "swapped"],
)
def test_json_beyond_all_limits_is_refused_before_it_is_parsed(content):
    with pytest.raises(UnreadableBodyError):
        check_json(content, JSON)


def test_escaped_pairs_and_backslashes_are_no_half_pairs():
    check_json(b'{"\\ud83d\\ude00": "\\\\ud800", "a": "\\u0627"}', JSON)


def test_brackets_within_strings_are_not_counted_as_nesting():
    check_json(b'{"a": "[[[[[[[[[[[[[[[[[[[[[[[[", "b\\"[[[[[[[[[[[[[[[[[[[[[[[": [1, {"c": "," }]}', JSON)
    check_json('{"كلمات": "[{"}'.encode(), JSON)


def test_as_many_texts_as_a_call_may_have_are_not_too_many():
    check_json(json.dumps(["", *['"' * 5] * 2_000, *["\\"] * 1_000]).encode(), JSON)
    check_json(json.dumps(dict.fromkeys(map(str, range(1_900)), "a")).encode(), JSON)


def test_an_unterminated_string_is_scanned_only_once():
    assert len(bodies._STRING.findall(b'"' + b'\\"' * 30_000 + b"\\")) == 1


def test_a_form_has_limits_of_its_own(client):
    def post(content):
        headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://localhost:8000"}
        return client.post("/register", content=content, headers=headers).status_code

    assert post(b"a=b&" * 199 + b"a=b") == 303
    assert post(b"a=b&" * 200 + b"a=b") == 400
    assert post(b"a=" + b"b" * FORM.largest_field) == 413
