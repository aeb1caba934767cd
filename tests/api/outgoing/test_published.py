"""A published file is read and compressed once for all who fetch it, and sent in pieces from a copy of bounded size."""

import asyncio
import gzip
import resource
from hashlib import sha256
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from api.errors import UnavailableError
from api.incoming.route_table import HEAD_ALONE
from api.outgoing.published import HAS_LEFT, SENT_AT_ONCE, PublishedFiles, send_published
from booking.country.core.published import PublishedFile
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

    async def fetch(self, file, *, head=False, has_left=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        own = {"app": self.app} | ({HEAD_ALONE: True} if head else {})
        own |= {"state": {HAS_LEFT: has_left}} if has_left else {}
        request = Request(scope_of("GET", "/open-data/days/2026-11-01/a.csv", named) | own)
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


def test_a_full_disk_refuses_a_copy_and_gives_back_the_room_of_the_others():
    """A process may not write a byte more than a file of so many: what is written beyond it fails as on a full disk."""
    shelf = Shelf()

    async def three():
        kept = await shelf.fetch(shelf.file("kept", b"x" * 10_000))
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with pytest.raises(UnavailableError):
                await shelf.fetch(shelf.file("large"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        again = await shelf.fetch(shelf.file("kept", b"x" * 10_000))
        return await body(kept), await body(again), await body(await shelf.fetch(shelf.file("large")))

    assert asyncio.run(three()) == (b"x" * 10_000, b"x" * 10_000, WORDS)
    assert shelf.read == ["kept", "large", "kept", "large"], "the room was given back, and the rest is as before"


def test_a_call_of_head_is_told_the_same_and_reads_no_piece():
    shelf = Shelf()

    async def both():
        return await shelf.fetch(shelf.file("a")), await shelf.fetch(shelf.file("a"), head=True)

    whole, head = asyncio.run(both())

    assert (head.status_code, head.headers) == (whole.status_code, whole.headers)
    assert not hasattr(head, "body_iterator")


def test_no_more_is_read_for_who_has_left():
    shelf, looks = Shelf(), iter([False, False, True])

    async def fetched():
        return await body(await shelf.fetch(shelf.file("a"), has_left=lambda: next(looks)))

    sent = asyncio.run(fetched())

    assert sent == WORDS[: 2 * SENT_AT_ONCE]
    assert len(sent) < len(WORDS)


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


LAST = len(WORDS) - 1


@pytest.mark.parametrize(
    ("asked", "status", "sent", "says"),
    [
        ("bytes=0-9", 206, WORDS[:10], f"bytes 0-9/{LAST + 1}"),
        ("bytes=300000-599999", 206, WORDS[300_000:600_000], f"bytes 300000-599999/{LAST + 1}"),
        (f"bytes={LAST}-", 206, WORDS[-1:], f"bytes {LAST}-{LAST}/{LAST + 1}"),
        (f"bytes=7-{LAST + 100}", 206, WORDS[7:], f"bytes 7-{LAST}/{LAST + 1}"),
        ("bytes=-5", 206, WORDS[-5:], f"bytes {LAST - 4}-{LAST}/{LAST + 1}"),
        (f"bytes=-{LAST + 100}", 206, WORDS, f"bytes 0-{LAST}/{LAST + 1}"),
        (f"bytes={LAST + 1}-", 416, b"", f"bytes */{LAST + 1}"),
        ("bytes=-0", 416, b"", f"bytes */{LAST + 1}"),
        ("bytes=9-3", 200, WORDS, None),
        ("bytes=0-1,5-6", 200, WORDS, None),
        ("bytes=-", 200, WORDS, None),
        ("lines=1-2", 200, WORDS, None),
        ("bytes=" + "9" * 30 + "-", 200, WORDS, None),
    ],
)
def test_a_part_of_a_file_is_one_of_its_bytes_as_they_are(asked, status, sent, says):
    shelf = Shelf()

    async def fetched():
        answer = await shelf.fetch(shelf.file("a"), accept_encoding="gzip", range=asked)
        return answer, await body(answer) if status != 416 else answer.body

    answer, content = asyncio.run(fetched())

    assert (answer.status_code, answer.headers.get("content-range")) == (status, says)
    assert content == sent
    assert int(answer.headers["content-length"]) == len(sent)
    assert "content-encoding" not in answer.headers


def test_a_download_goes_on_only_where_the_file_is_still_the_same():
    shelf = Shelf(most=0)

    async def both():
        known = (await shelf.fetch(shelf.file("a"))).headers["etag"]
        same = await shelf.fetch(shelf.file("a"), range="bytes=5-", if_range=known)
        packed = await shelf.fetch(shelf.file("a"), range="bytes=5-", if_range=known[:-1] + '-gzip"')
        return [await body(same), await body(packed)]

    assert asyncio.run(both()) == [WORDS[5:], WORDS]
    assert shelf.read == ["a"]  # the latest copy stays, although it is larger than all of them may be
