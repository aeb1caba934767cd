"""HTTP/1.1 as it is read from a connection: bounded in bytes and in time, whatever the other side sends.

The web server (`uvicorn`) gives each connection one of these. A head that is too large gets 431; a head or a body that
does not come in time, whatever follows an answer that was given early, and an answer that nobody reads, end the
connection.
"""

import asyncio
from enum import Enum
from http import HTTPStatus
from typing import Any, ClassVar, Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.door.turned_away import Answer, TurnedAway
from api.door.typed_again import LARGEST
from api.door.unreadable import refusal
from api.incoming.moments import MOST_SLOWED, in_a_moment, pause
from api.outgoing.published import HAS_LEFT

LARGEST_HEAD: Final = 32 * 1024
"""Bytes of the request line and all fields of a head, or of a trailer and the framing of chunks beyond their due."""
MOST_FIELDS: Final = 100
BODY_RATE: Final = 2 * 1024
LINGER_BYTES: Final = 32 * 1024 * 1024
"""Thrown away after an answer that came before the body's end, so that browsers, which read last, see the answer."""
_FRAMING: Final = 16  # bytes around each byte of a body that comes in chunks of one


class _Reading(Enum):
    """What comes next on the connection."""

    HEAD = 1
    BODY = 2
    NOTHING = 3  # it is refused; what still comes is thrown away
    TURNED_AWAY = 4  # the end of a call that is answered without being one


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol with limits of its own; the parser under it has none.

    Attributes
    ----------
    head_seconds, body_seconds
        For a whole head, and for a body; each 2 KiB of it that come give a second more, so that a slow phone can send a
        photo.
    linger_seconds
        For what follows an answer that came early.
    unread_seconds
        In each so many, 2 KiB a second of an answer that waits to be sent must go out.
    leaving_seconds
        That an idle connection stays open when the server ends.
    turned_away
        The connections of this process on which somebody is told in a moment that too many are here.
    """

    head_seconds: ClassVar = 20.0
    body_seconds: ClassVar = 30.0
    linger_seconds: ClassVar = 30.0
    unread_seconds: ClassVar = 30.0
    leaving_seconds: ClassVar = 2.0
    turned_away: ClassVar[set["BoundedHttp"]] = set()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reading = _Reading.HEAD
        self._timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._answer: Answer = b""
        self._answering, self._ending, self._began, self._form = False, False, 0.0, b""
        self._head_bytes = self._body_bytes = self._framing_bytes = self._thrown_bytes = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._set_timer(self.head_seconds)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._set_timer(None)
        self._stop_watching()
        self._end_answering()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._reading is _Reading.NOTHING:
            self._throw_away(len(data))
            return
        was, began, body_before = self._reading, self._began, self._body_bytes
        if was is _Reading.HEAD:
            self._head_bytes += len(data)
            if self._timer is None:
                self._set_timer(self.head_seconds)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._reading is _Reading.HEAD and self._head_bytes > LARGEST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif was is self._reading is _Reading.BODY and began == self._began:
            self._framing_bytes += len(data) - (self._body_bytes - body_before)
            if self._framing_bytes > LARGEST_HEAD + _FRAMING * self._body_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading is _Reading.HEAD:  # a trailer says nothing that is read here
            super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        if self._reading is _Reading.NOTHING:
            return
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > LARGEST_HEAD or len(self.headers) > MOST_FIELDS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):  # RFC 9112, 3.2
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        if self._answering:  # sent behind a call that is turned away, before its answer
            self._reading = _Reading.NOTHING
            self.transport.close()
            return
        answer = self._turned_away()
        if answer is not None:
            self._reading, self._head_bytes, self._answer, self._form = _Reading.TURNED_AWAY, 0, answer, b""
            if not isinstance(answer, bytes):
                self._set_timer(self.body_seconds)
            return
        self._reading = _Reading.BODY
        self._head_bytes = self._body_bytes = self._framing_bytes = self._thrown_bytes = 0
        self._began = self.loop.time()
        self._set_timer(self.body_seconds)
        super().on_headers_complete()
        cycle = self.cycle
        self.scope["state"][HAS_LEFT] = lambda: cycle.disconnected
        if self._ending:
            cycle.keep_alive = False

    @override
    def on_body(self, body: bytes) -> None:
        if self._reading is _Reading.TURNED_AWAY:
            self._form += body[: LARGEST - len(self._form)]
        if self._reading is not _Reading.BODY:
            return
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            self._throw_away(len(body))
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        if self._reading is _Reading.TURNED_AWAY:
            self._reading = _Reading.HEAD
            self._set_timer(None)
            self.flow.pause_reading()
            seconds = pause() if len(self.turned_away) < MOST_SLOWED else 0.0
            self.turned_away.add(self)
            self._answering = True
            in_a_moment(self.loop, seconds, self._turn_away)
            return
        if self._reading is not _Reading.BODY:
            return
        self._reading = _Reading.HEAD
        self._set_timer(None)
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._reading is _Reading.BODY and not self.transport.is_closing():
            self._set_timer(self.linger_seconds)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reader()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._watch_reader()

    @override
    def send_400_response(self, msg: str) -> None:
        if self._reading is not _Reading.NOTHING:
            super().send_400_response(msg)

    @override
    def shutdown(self) -> None:
        """Close it when it was idle for a moment, in which a proxy may send a call: that one is still answered."""
        if self._reading is _Reading.NOTHING:
            self.transport.close()
            return
        self._ending = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(self.leaving_seconds, self._leave_who_is_idle)
        else:
            self.cycle.keep_alive = False

    def _leave_who_is_idle(self) -> None:
        if self._answering or self._reading is _Reading.TURNED_AWAY:
            self.loop.call_later(self.leaving_seconds, self._leave_who_is_idle)
        elif self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _turned_away(self) -> Answer | None:
        """Return the answer to a call that is turned away; None where it goes on, as one does behind another."""
        if self.cycle is not None and not self.cycle.response_complete:
            return None
        state = getattr(self.app, "state", None)
        ready: TurnedAway | None = getattr(state, "turned_away", None)
        if ready is None:
            return None
        return ready.answer(self.parser.get_method(), self.url, self.headers, self.server_state.default_headers)

    def _turn_away(self) -> None:
        answer, form = self._answer, self._form
        self._end_answering()
        if self.transport.is_closing():
            return
        self.transport.write(answer if isinstance(answer, bytes) else answer(form))
        if self.parser.should_keep_alive():
            super().on_response_complete()
        else:
            self.transport.close()

    def _end_answering(self) -> None:
        """Forget what was typed, too: others' calls may come by this connection."""
        self._answering, self._answer, self._form = False, b"", b""
        self.turned_away.discard(self)

    def _throw_away(self, size: int) -> None:
        self._thrown_bytes += size
        if self._thrown_bytes > LINGER_BYTES:
            self.transport.close()

    def _watch_reader(self) -> None:
        self._stop_watching()
        waiting = self.transport.get_write_buffer_size()
        self._unread_timer = self.loop.call_later(self.unread_seconds, self._leave_who_does_not_read, waiting)

    def _stop_watching(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
        self._unread_timer = None

    def _leave_who_does_not_read(self, waited: int) -> None:
        """End the connection where too little went out, closed already or not: what is left is thrown away."""
        self._unread_timer = None
        waiting = self.transport.get_write_buffer_size()
        if waiting and waited - waiting < BODY_RATE * self.unread_seconds:
            self.transport.abort()
        elif waiting:
            self._watch_reader()

    def _set_timer(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._time_is_over)

    def _time_is_over(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._reading is _Reading.BODY and not self.cycle.response_complete:
            left = self._began + self.body_seconds + self._body_bytes / BODY_RATE - self.loop.time()
            if left > 0:
                self._set_timer(left)
                return
        silent = self._reading is _Reading.HEAD and not self._head_bytes
        if silent or self._reading is _Reading.NOTHING or (self.cycle is not None and self.cycle.response_complete):
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer in words where no other answer has begun, and read nothing more."""
        self._reading = _Reading.NOTHING
        self._thrown_bytes = 0
        under_way = self.cycle is not None and not self.cycle.response_complete
        if under_way:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if under_way and self.cycle.response_started:
            self.transport.close()
            return
        self.transport.write(refusal(status))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._set_timer(self.linger_seconds)
