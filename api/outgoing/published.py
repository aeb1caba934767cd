"""Published files, read and compressed once for all who fetch them, and sent in pieces.

A copy lies in a temporary file that has no name, so a process that is killed leaves none. Who reads slowly holds a
piece in memory, and never a thread; for who has left no more is read.
"""

import asyncio
import errno
import os
import weakref
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Final

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from api.errors import UnavailableError
from api.incoming.route_table import HEAD_ALONE
from api.outgoing.caching import PUBLISHED_SECONDS, is_known
from api.outgoing.ranges import part_of, wants_part
from booking.country.core.published import PublishedFile

_log: structlog.stdlib.BoundLogger = structlog.get_logger("mawid.published")

MOST_KEPT: Final = 1024 * 1024 * 1024
"""Bytes of all copies of a process; the one fetched longest ago makes room.

The files of a draw of a million, as they are and compressed, take half of it: who fetches one after the other would
else have each of them made anew, again and again.
"""
SENT_AT_ONCE: Final = 256 * 1024
COPIED_AT_ONCE: Final = 2

HAS_LEFT: Final = "has_left"
"""In the state of a call that comes over `api.door.wire`: a function that says whether whoever called has hung up."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_GZIP: Final = 16 + zlib.MAX_WBITS
_Key = tuple[str, bool]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Copy:
    """A file ready to send, as the number of an open one; its bytes stay until the last who reads it has ended."""

    descriptor: int
    size: int


class PublishedFiles:
    """The copies of one process, by the hash of what they hold. For one event loop."""

    def __init__(self, *, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[_Key, Copy] = OrderedDict()
        self._making: dict[_Key, asyncio.Task[Copy]] = {}
        self._threads = CapacityLimiter(COPIED_AT_ONCE)

    async def get(self, file: PublishedFile, *, compressed: bool) -> Copy:
        """Return the copy of a file; while one is made, others who want it wait for it without a thread.

        Raises
        ------
        UnavailableError
            The disk of temporary files is full; all copies that were kept make room for the next who ask.
        """
        key = file.sha256, compressed
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        making = self._making.get(key)
        if making is None:
            making = asyncio.create_task(to_thread.run_sync(_copy, file, compressed, limiter=self._threads))
            self._making[key] = making
            making.add_done_callback(lambda done: self._done(key, done))
        try:
            return await asyncio.shield(making)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            _log.error("no_room_for_copies", kept=len(self._kept))
            self._kept.clear()
            raise UnavailableError from error

    def _done(self, key: _Key, done: asyncio.Task[Copy]) -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[key] = done.result()
        # the latest stays, however large: who fetches it in parts would else have it made anew for each
        while len(self._kept) > 1 and sum(one.size for one in self._kept.values()) > self._most:
            self._kept.popitem(last=False)


EVERYWHERE: Final = f"public, max-age={PUBLISHED_SECONDS}, immutable"
NOWHERE: Final = "private, no-store"
"""Where an answer may be kept: in any cache, for everyone; in none, for it is one caller's."""


async def send_published(request: Request, file: PublishedFile, *, as_name: str, kept: str = EVERYWHERE) -> Response:
    """Answer with a published file under a name, compressed where that helps and the caller can read it.

    With 304 where the caller has it already; with 206 and a part to who wants one, and with 416 where it is beyond the
    end. A compressed answer has a tag of its own: its bytes are others.
    """
    readable = "gzip" in request.headers.get("accept-encoding", "") and not wants_part(request)
    compressed = _is_text(file.media_type) and readable
    tag = f'"{file.sha256}-gzip"' if compressed else f'"{file.sha256}"'
    headers = {
        "ETag": tag,
        "Cache-Control": kept,
        "Vary": "Accept-Encoding",
        "Content-Disposition": f'attachment; filename="{as_name}"',
        "Accept-Ranges": "bytes",
    }
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    copies: PublishedFiles = request.app.state.published_files
    copy = await copies.get(file, compressed=compressed)
    part = part_of(request, tag, copy.size)
    if part is not None and not part:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{copy.size}"})
    sent = range(copy.size) if part is None else part
    headers["Content-Length"] = str(len(sent))
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{copy.size}"
    if compressed:
        headers["Content-Encoding"] = "gzip"
    if HEAD_ALONE in request.scope:  # nobody reads what would be sent, so nobody would slow it down
        return Response(status_code=200, headers=headers, media_type=file.media_type)
    has_left = request.scope.get("state", {}).get(HAS_LEFT, _stays)
    return _InPieces(_pieces(copy, sent, has_left), 200 if part is None else 206, headers, file.media_type)


class _InPieces(StreamingResponse):
    """Sends without listening to what the caller still sends: nothing of it is read."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.partition(";")[0] == "application/json"


def _stays() -> bool:
    return False


async def _pieces(copy: Copy, sent: range, has_left: Callable[[], bool]) -> AsyncIterator[bytes]:
    while sent and not has_left():
        piece = await run_in_threadpool(os.pread, copy.descriptor, min(SENT_AT_ONCE, len(sent)), sent.start)
        yield piece
        sent = sent[len(piece) :]


def _copy(file: PublishedFile, compressed: bool) -> Copy:  # noqa: FBT001 - of a call in a thread
    packer = zlib.compressobj(wbits=_GZIP)
    with TemporaryFile() as made:
        for piece in file.pieces():
            made.write(packer.compress(piece) if compressed else piece)
        if compressed:
            made.write(packer.flush())
        made.flush()
        copy = Copy(os.dup(made.fileno()), made.tell())
    weakref.finalize(copy, os.close, copy.descriptor)
    return copy
