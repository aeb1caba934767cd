"""Sessions in Redis: who is signed in, and the form that a person is filling in.

The token is known to the browser only: its hash is the key, and what is stored is encrypted and bound to that key, so
someone who can read or write the store can neither use nor plant a session. Nothing here outlives ``session_lifetime``.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import redis
from cryptography.exceptions import InvalidTag

from booking.core import Core
from booking.errors import SessionsUnavailableError
from booking.models.base import Json
from booking.states import Door, Role

LARGEST_FORM: Final = 16 * 1024
TOKEN_BYTES: Final = 32
TRIES: Final = 3
_LONGEST_TOKEN: Final = 64

Answer = TypeVar("Answer")


class FormTooLargeError(ValueError):
    """A form in progress is larger than any page needs; a mistake of the caller, who bounds what is typed."""


@dataclass(frozen=True, slots=True)
class SessionData:
    """What is known of a visitor. ``account_id`` is None before signing in; then there are no roles.

    ``csrf`` is the token that each form of this session must bring back; ``form`` is the form in progress.
    """

    account_id: UUID | None
    csrf: str
    roles: frozenset[Role]
    language: str
    door: Door
    office_id: int | None
    created_at: datetime
    expires_at: datetime
    form: Json


def create(
    core: Core,
    *,
    account_id: UUID | None,
    language: str,
    door: Door,
    roles: Sequence[str] = (),
    office_id: int | None = None,
    form: Json | None = None,
) -> tuple[str, SessionData]:
    """Begin a session and return its token, which is told nobody else, and its data.

    Raises
    ------
    SessionsUnavailableError
        The store does not answer.
    """
    now = core.clock.now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    data = SessionData(
        account_id=account_id,
        csrf=secrets.token_urlsafe(TOKEN_BYTES),
        roles=frozenset(map(Role, roles)),
        language=language,
        door=door,
        office_id=office_id,
        created_at=now,
        expires_at=now + core.settings.session_lifetime,
        form=form or {},
    )
    hashed = _hash(token)
    lifetime = int(core.settings.session_lifetime.total_seconds())

    def store() -> None:
        pipeline = core.redis.pipeline()
        if account_id is not None:
            # The list comes first: a session that it does not name could not be ended by a new password.
            mine = _of_account(account_id)
            pipeline.zremrangebyscore(mine, "-inf", now.timestamp())
            pipeline.zadd(mine, {hashed: data.expires_at.timestamp()})
            pipeline.expire(mine, lifetime)
        pipeline.set(_key(hashed), _seal(core, hashed, data), ex=lifetime)
        pipeline.execute()

    _asking(store)
    return token, data


def read(core: Core, token: str) -> SessionData | None:
    """Find a session by its token; None when there is none (any more). Raises SessionsUnavailableError."""
    if not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    hashed = _hash(token)
    return _open(core, hashed, _asking(lambda: cast("bytes | None", core.redis.get(_key(hashed)))))


def delete(core: Core, token: str) -> None:
    """End a session, whether or not there is one. Raises SessionsUnavailableError."""
    hashed = _hash(token)
    data = read(core, token)

    def remove() -> None:
        pipeline = core.redis.pipeline()
        pipeline.delete(_key(hashed))
        if data is not None and data.account_id is not None:
            pipeline.zrem(_of_account(data.account_id), hashed)
        pipeline.execute()

    _asking(remove)


def delete_all(core: Core, account_id: UUID) -> None:
    """End every session of an account. Raises SessionsUnavailableError."""
    mine = _of_account(account_id)

    def remove() -> None:
        hashes = cast("list[bytes]", core.redis.zrange(mine, 0, -1))
        if hashes:
            keys = [_key(hashed.decode()) for hashed in hashes]
            # Only those that were read are taken off the list: one that begins now stays on it.
            pipeline = core.redis.pipeline()
            pipeline.delete(*keys)
            pipeline.zrem(mine, *hashes)
            pipeline.execute()

    _asking(remove)


def update_form(core: Core, token: str, form: Json) -> SessionData | None:
    """Replace the form in progress; None when the session is over, and then nothing is kept.

    Raises
    ------
    FormTooLargeError
        The form is over 16 KiB as JSON.
    SessionsUnavailableError
        The store does not answer.
    """
    if len(json.dumps(form).encode()) > LARGEST_FORM:
        raise FormTooLargeError(f"a form in progress has at most {LARGEST_FORM} bytes")
    return _change(core, token, {"form": form})


def set_language(core: Core, token: str, language: str) -> SessionData | None:
    """Change the language of a session; None when it is over. Raises SessionsUnavailableError."""
    return _change(core, token, {"language": language})


def _change(core: Core, token: str, changes: Mapping[str, Any]) -> SessionData | None:
    """Change a live session and nothing else: two tabs at once lose nothing, and an ended session stays ended."""
    hashed = _hash(token)
    key = _key(hashed)

    def change() -> SessionData | None:
        with core.redis.pipeline() as pipeline:
            pipeline.watch(key)  # type: ignore[no-untyped-call] # redis-py left it out
            data = _open(core, hashed, cast("bytes | None", pipeline.get(key)))
            if data is None:
                return None
            data = replace(data, **changes)
            pipeline.multi()
            pipeline.set(key, _seal(core, hashed, data), xx=True, keepttl=True)
            pipeline.execute()
            return data

    while True:
        try:
            return _asking(change)
        except redis.WatchError:
            continue  # someone else changed it in between, and got on: look again


def _asking(call: Callable[[], Answer]) -> Answer:
    """Run a call that may be repeated: the client itself never retries."""
    for remaining in reversed(range(TRIES)):
        try:
            return call()
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            if not remaining:
                raise SessionsUnavailableError from error
        except redis.WatchError:
            raise
        except redis.RedisError as error:
            raise SessionsUnavailableError from error
    raise SessionsUnavailableError


def _hash(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


def _key(hashed: str) -> str:
    return f"{{mawid}}:session:{hashed}"


def _of_account(account_id: UUID) -> str:
    return f"{{mawid}}:sessions:{account_id}"


def _seal(core: Core, hashed: str, data: SessionData) -> bytes:
    plain = asdict(data) | {
        "account_id": str(data.account_id) if data.account_id else None,
        "roles": sorted(data.roles),
        "created_at": data.created_at.isoformat(),
        "expires_at": data.expires_at.isoformat(),
    }
    return core.vault.encrypt(json.dumps(plain), _key(hashed))


def _open(core: Core, hashed: str, sealed: bytes | None) -> SessionData | None:
    if sealed is None:
        return None
    try:
        plain = json.loads(core.vault.decrypt(sealed, _key(hashed)))
    except InvalidTag:
        return None  # planted, damaged, or written under another secret: nobody is signed in by it
    data = SessionData(
        account_id=UUID(plain["account_id"]) if plain["account_id"] else None,
        csrf=plain["csrf"],
        roles=frozenset(map(Role, plain["roles"])),
        language=plain["language"],
        door=Door(plain["door"]),
        office_id=plain["office_id"],
        created_at=datetime.fromisoformat(plain["created_at"]),
        expires_at=datetime.fromisoformat(plain["expires_at"]),
        form=plain["form"],
    )
    # The store's own expiry only tidies up: the core's clock decides.
    return data if core.clock.now() < data.expires_at else None
