"""A published file is read and compressed once for all who fetch it, and sent in pieces from a copy of bounded size."""

import asyncio
import gzip
from hashlib import sha256
from types import SimpleNamespace

from starlette.requests import Request

from api.outgoing.published import PublishedFiles, send_published
from booking.core.published import PublishedFile
from tests.api.one_call import scope_of

WORDS = b"office,asked\ndamascus,5\n" * 40_000


class Shelf:
    """Published files of one process, and which were read."""

    def __init__(self, most=10**9):
        self.read = []
        self.app = SimpleNamespace(state=SimpleNamespace(published_files=PublishedFiles(most=most)))

    def file(self, name, content=WORDS, media_type="text/csv; charset=utf-8"):
        def pieces():
            self.read.append(name)
            yield from (content[at : at + 100_000] for at in range(0, len(content), 100_000))

        return PublishedFile(name, media_type, len(content), sha256(name.encode()).hexdigest(), pieces)

    async def fetch(self, file, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(scope_of("GET", "/open-data/days/2026-11-01/a.csv", named) | {"app": self.app})
        return await send_published(request, file, as_name=file.name)


async def body(answer):
    return b"".join([piece async for piece in answer.body_iterator])


def test_twenty_readers_at_once_cost_one_reading():
    shelf = Shelf()

    async def everyone():
        answers = await asyncio.gather(*(shelf.fetch(shelf.file("a"), accept_encoding="gzip") for _ in range(20)))
        return [await body(one) for one in answers], answers[0].headers

    bodies, headers = asyncio.run(everyone())

    assert shelf.read == ["a"]
    assert {gzip.decompress(one) for one in bodies} == {WORDS}
    assert int(headers["content-length"]) == len(bodies[0]) < len(WORDS) / 20
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")


def test_who_cannot_read_gzip_gets_the_bytes_under_another_tag():
    shelf = Shelf()

    async def both():
        plain = await shelf.fetch(shelf.file("a"))
        packed = await shelf.fetch(shelf.file("a"), accept_encoding="gzip, br")
        again = await shelf.fetch(shelf.file("a"), accept_encoding="gzip", if_none_match=packed.headers["etag"])
        parquet = await shelf.fetch(
            shelf.file("b", media_type="application/vnd.apache.parquet"), accept_encoding="gzip"
        )
        return plain, await body(plain), packed, again, parquet

    plain, content, packed, again, parquet = asyncio.run(both())

    assert content == WORDS
    assert plain.headers["etag"] != packed.headers["etag"]
    assert (again.status_code, again.body) == (304, b"")
    assert "content-encoding" not in parquet.headers


def test_a_copy_that_made_room_is_still_sent_to_its_end():
    shelf = Shelf(most=len(WORDS))

    async def slowly():
        first = await shelf.fetch(shelf.file("a"))
        for name in ("b", "c", "a"):
            await shelf.fetch(shelf.file(name))
        return await body(first)

    assert asyncio.run(slowly()) == WORDS
    assert shelf.read == ["a", "b", "c", "a"]
