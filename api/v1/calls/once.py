"""A repeated POST creates nothing twice and gets the first answer again.

Twins that arrive together wait for each other. Requests and holds keep their key in the transaction that makes them
(`booking.country.core.idempotency`); what cannot be made twice anyway only has its answer remembered, sealed, for two
days.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Annotated, Any, Final, cast

from cryptography.exceptions import InvalidTag
from fastapi import Header
from redis.exceptions import RedisError
from starlette.responses import JSONResponse, Response

from booking.country.core.core import Core
from booking.country.core.idempotency import KEY_LIFETIME
from booking.platform.base.errors import IdempotencyConflictError

LONGEST_WORK_SECONDS: Final = 20
REPLAYED: Final = "Idempotent-Replayed"
_LOOK_AGAIN_SECONDS: Final = 0.02

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=80,
        pattern=r"^[\x21-\x7e]+$",
        description="Your own random name for this call, a UUID for instance. Repeat it when you repeat the call.",
    ),
]


@dataclass(frozen=True, slots=True)
class Created:
    """What a call made: the answer's body and where the new thing is."""

    body: Any
    location: str


@contextmanager
def alone(core: Core, scope: str, key: str) -> Iterator[None]:
    """Let twins of one call through one after the other.

    This only spares them work and limits: a twin that comes through all the same, because the first took very long or
    Redis does not answer, meets the database's constraints.
    """
    lock = core.redis.lock(
        f"{_name(scope, key)}:lock",
        timeout=LONGEST_WORK_SECONDS,
        sleep=_LOOK_AGAIN_SECONDS,
        blocking_timeout=LONGEST_WORK_SECONDS,
        thread_local=False,
    )
    held = False
    with suppress(RedisError):
        held = lock.acquire()
    try:
        yield
    finally:
        if held:
            with suppress(RedisError):  # or it took so long that the lock had ended by itself
                lock.release()


def once(core: Core, *, scope: str, key: str, content: Any, make: Callable[[], Created]) -> Response:
    """Answer 201 with what ``make`` makes, or with what it made when this key came before.

    Parameters
    ----------
    scope
        Whose key it is, and for which call: keys of different accounts or calls have nothing to do with each other.
    content
        What a repetition must repeat.

    Raises
    ------
    IdempotencyConflictError
        The key came before with other content.
    """
    fingerprint = core.vault.lookup_hash(json.dumps(content, sort_keys=True, default=str), "idempotency").hex()
    name = _name(scope, key)
    with alone(core, scope, key):
        kept = _read(core, name)
        if kept is not None:
            if kept["fingerprint"] != fingerprint:
                raise IdempotencyConflictError
            return created(Created(kept["body"], kept["location"]), replayed=True)
        made = make()
        answer = {"fingerprint": fingerprint, **asdict(made)}
        with suppress(RedisError):  # it is made: a repetition will be refused, which is better than to say it failed
            core.redis.set(name, core.vault.encrypt(json.dumps(answer), name), ex=KEY_LIFETIME)
    return created(made, replayed=False)


def created(made: Created, *, replayed: bool) -> Response:
    """Return a 201 answer; a replay says that it is one."""
    headers = {"Location": made.location} | ({REPLAYED: "true"} if replayed else {})
    return JSONResponse(made.body, 201, headers)


def _name(scope: str, key: str) -> str:
    return "{mawid}:once:" + sha256(f"{scope}\0{key}".encode()).hexdigest()


def _read(core: Core, name: str) -> dict[str, Any] | None:
    sealed = cast("bytes | None", core.redis.get(name))
    if sealed is None:
        return None
    try:
        return cast("dict[str, Any]", json.loads(core.vault.decrypt(sealed, name)))
    except InvalidTag:
        return None  # damaged, or written under another secret
