"""H1: four anonymous bodies of 32 MB of JSON held a process for 34 s with 3.5 GB, before anyone was asked who they are.

It succeeded on the version that parsed a body first; seen by attacking a running site.
"""

import asyncio
import tracemalloc

import pytest

from api.incoming.bodies import JSON, SIGNED, body_of
from tests.api.incoming.test_bodies import routes
from tests.api.one_call import scope_of

SENT = 32 << 20
PIECE = 64 * 1024
SHAPES = {"deep": b"[", "wide": b"1,", "names": b'{"a":', "text": b'"\\"', "digits": b"9"}


async def pour(app, method, path, shape):
    """Send 32 MB to a route; return the status and how much it took."""
    taken, status = 0, 0
    piece = (SHAPES[shape] * PIECE)[:PIECE]

    async def receive():
        nonlocal taken
        taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": taken < SENT}

    async def send(message):
        nonlocal status
        status = message.get("status", status)

    headers = {"host": "localhost:8000", "content-type": "application/json", "transfer-encoding": "chunked"}
    await app(scope_of(method, path, headers), receive, send)
    return status, taken


@pytest.mark.parametrize("shape", SHAPES)
def test_anonymous_json_of_32_megabytes_is_refused_and_not_kept(app, run, shape):
    paths = {(method, path) for method, path, route in routes(app) if body_of(route) in {JSON, SIGNED}}
    paths = sorted(one for one in paths if "{" not in one[1])

    async def pour_into_all():
        return await asyncio.gather(*(pour(app, method, path, shape) for method, path in paths * 4))

    tracemalloc.start()
    answers = run(pour_into_all)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(answers) > 40
    assert {status for status, _ in answers} <= {303, 401, 404, 413}
    assert max(taken for _, taken in answers) <= JSON.largest + PIECE
    assert peak < SENT


def test_64_kilobytes_of_json_are_refused_before_they_are_parsed(app, run):
    """What is allowed in length and not in depth or number costs no parsing either."""

    async def send_all():
        answers = []
        for piece in SHAPES.values():
            body = (piece * JSON.largest)[: JSON.largest - 1]
            parts = []

            async def receive(body=body):
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message, parts=parts):
                parts.append(message)

            headers = {"host": "localhost:8000", "content-type": "application/json"}
            await app(scope_of("POST", "/api/v1/sessions", headers), receive, send)
            answers.append(parts[0]["status"])
        return answers

    assert set(run(send_all)) <= {400, 422}
