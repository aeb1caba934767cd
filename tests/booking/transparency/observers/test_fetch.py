"""An observer's own side: what the office answers becomes files in a folder, or words."""

import json

import httpx2
import pytest

from booking.scheduling.draws.format2.tables import FOR_OBSERVERS, STATEMENT
from booking.transparency.observers.fetch import FetchError, Source, fetch_draw
from booking.transparency.observers.keys import ObserverKey, SignedCall

KEY = ObserverKey.new("high-court")
SITE = "https://mawid.example"
OPEN = {STATEMENT: b"{}", "line.csv": b"leaf"}
CLOSED = {"requests.jsonl.gz": b"wishes", "turns.jsonl.gz": b"turns", "plan.csv": b"places"}


def streamed(content, status=200):
    return httpx2.Response(status, content=iter([content]))


def source(answer):
    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return Source(f"{SITE}/", KEY, "ar", client, now=lambda: 1_000.0)


def fetched(source, folder):
    return fetch_draw(source, "d1", folder, closed=FOR_OBSERVERS, since=STATEMENT)


def office(request):
    """An office that gives its observers what they sign for, and everyone the rest."""
    assert request.headers["accept-language"] == "ar"
    name = request.url.path.rpartition("/")[2]
    if request.url.path.startswith("/api/v1/observers/"):
        call = SignedCall.read(request.headers["authorization"])
        call.verify(KEY.verifier.key, method="GET", address=str(request.url))
        return streamed(CLOSED[name])
    assert "authorization" not in request.headers
    if name in OPEN:
        return streamed(OPEN[name])
    return streamed(json.dumps({"files": [{"name": one} for one in OPEN]}).encode())


def test_every_file_is_fetched_and_only_closed_ones_are_signed_for(tmp_path):
    assert len(list(fetched(source(office), tmp_path))) == len(OPEN) + len(CLOSED)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == OPEN | CLOSED


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (200, b'{"files": [{"name": "../../.ssh/keys"}]}', "files that no draw has"),
        (200, b'{"files": []}', "not published"),
        (200, b"[" * 100_000, "cannot be read"),
        (200, b" " * (1 << 20) + b"{}", "too long"),
        (401, b'{"title": "This is for\\u0007 observers", "detail": "Not signed."}', "401 This is for  observers. Not"),
        (302, b"", "302"),
    ],
)
def test_an_office_that_refuses_or_lies_leaves_words_and_no_file(tmp_path, status, content, words):
    with pytest.raises(FetchError, match=words):
        list(fetched(source(lambda _: streamed(content, status)), tmp_path))
    assert list(tmp_path.iterdir()) == []
