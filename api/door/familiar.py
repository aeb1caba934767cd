"""Who goes first where calls wait: staff, then those whom this process has served lately, then whoever is new.

Only a session that was really read, or begun here, is familiar: a made-up token is not, and moves nobody forward.
"""

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from starlette.requests import Request
from starlette.types import Message

from api.deps import Visit, known_visit, session_cookie
from api.incoming.fair_queue import Rank
from booking.country.core import visitors
from booking.country.core.four_eyes import is_staff

LATELY_SECONDS: Final = 600
MOST: Final = 100_000
"""Of each kind and ten minutes; the memory of a process that has more is shorter."""
_BYTES: Final = 16
SAFE: Final = frozenset({"GET", "HEAD"})


class _Lately:
    """Keys that were noted in this span of time or in the one before."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._over = now, now() + LATELY_SECONDS
        self._present: set[bytes] = set()
        self._before: set[bytes] = set()

    def note(self, key: bytes) -> None:
        if len(self._present) >= MOST or self._now() >= self._over:
            self._before, self._present, self._over = self._present, set(), self._now() + LATELY_SECONDS
        self._present.add(key)

    def __contains__(self, key: bytes) -> bool:
        return key in self._present or key in self._before


class Familiar:
    """The sessions that this process served lately, by hashes with a key that nobody has."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._key = secrets.token_bytes(_BYTES)
        self._staff, self._signed_in, self._visitors = (_Lately(now) for _ in range(3))

    def rank(self, token: str, method: str) -> Rank:
        """Return the rank of a call with a session's token, as a cookie or a bearer's field has it; "" for none.

        Who has not signed in can have as many sessions as they like, and so goes first only with what they send.
        """
        if not token:
            return Rank.NEW
        key = self._hash(token.rpartition(" ")[2])
        if key in self._staff:
            return Rank.STAFF
        known = key in self._signed_in or (method not in SAFE and key in self._visitors)
        return Rank.UNDER_WAY if known else Rank.NEW

    def note(self, request: Request, answer: Message) -> None:
        """Remember the session that a call was found to have, and the one that its answer begins."""
        visit = known_visit(request)
        if visit is not None:
            self.note_visit(visit)
        for name, value in answer["headers"]:
            if name == b"set-cookie" and (token := _token_of(request, value.decode("latin-1"))):
                (self._visitors if token.startswith(visitors.MARK) else self._signed_in).note(self._hash(token))

    def note_visit(self, visit: Visit) -> None:
        """Remember a session that was read."""
        signed_in = visit.session.account_id is not None
        kind = self._staff if is_staff(visit.session.roles) else self._signed_in if signed_in else self._visitors
        kind.note(self._hash(visit.token))

    def _hash(self, token: str) -> bytes:
        return blake2b(token.encode(errors="replace"), key=self._key, digest_size=_BYTES).digest()


def _token_of(request: Request, cookie: str) -> str:
    """Return the token of the session that a cookie of ours gives the browser; "" for another cookie."""
    name, _, value = cookie.partition(";")[0].partition("=")
    return value.strip('"') if name == session_cookie(request.app.state.core.settings) else ""
