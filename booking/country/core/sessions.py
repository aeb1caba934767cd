"""Sessions in Redis: who is signed in or half way, and the form that a person is filling in.

The token is known to the browser only: its hash is the key, and what is stored is encrypted and bound to that key, so
someone who can read or write the store can neither use nor plant a session. Nothing here outlives ``session_lifetime``.
Every call raises SessionsUnavailableError where the store does not answer.

Random values that one visit may bring back once: challenges of passkeys, the state of a sign-in elsewhere.

Redis keeps a mark of what is open or, where anybody can have a value made, of what is used up. It lies under a keyed
hash of value, session and purpose, so nobody can plant one by writing the store, and a value that was given to another
session is worth nothing.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import redis

from booking.country.core import visitors
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.session_data import SessionData, open_sealed, seal
from booking.country.core.session_ends import mark_end
from booking.country.core.together import answer_of
from booking.platform.base.errors import SessionsUnavailableError
from booking.platform.models.base import Json
from booking.platform.models.states import Door, Role
from fraud.limiting.outage_log import OutageLog

LARGEST_FORM: Final = 16 * 1024
TOKEN_BYTES: Final = 32
NOTED_EVERY: Final = timedelta(minutes=5)
"""How rough the time of the last use is: noting each use would make every page write."""
STAFF_NOTED_EVERY: Final = timedelta(minutes=1)
"""The same for staff, whose sessions end sooner when they are not used."""

_OUTAGES: Final = OutageLog("sessions")


class FormTooLargeError(ValueError):
    """A form in progress is larger than any page needs; a mistake of the caller, who bounds what is typed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A session on its account's list; ``id`` ends it and is not a token."""

    id: str
    data: SessionData


@contextmanager
def answering_store() -> Iterator[None]:
    """Turn every failure of the store into SessionsUnavailableError; whether to try again the client knows.

    The log says why, once for each time that the store goes away.
    """
    try:
        yield
    except redis.WatchError:
        raise
    except (redis.RedisError, OSError) as error:
        _OUTAGES.failed(error)
        raise SessionsUnavailableError from error
    _OUTAGES.worked()


def create(
    core: Core,
    *,
    account_id: UUID | None,
    language: str,
    door: Door,
    roles: Sequence[str] = (),
    office_id: int | None = None,
    form: Json | None = None,
    proving: UUID | None = None,
    device: str = "",
    lifetime: timedelta | None = None,
) -> tuple[str, SessionData]:
    """Begin a session and return its token, which nobody else learns, and its data.

    Where the account has more than the settings' ``sessions_at_most`` by then, those that were used longest ago end.

    Parameters
    ----------
    proving
        The account whose second step this session is for; then ``account_id`` is None.
    lifetime
        By default the settings' ``session_lifetime``.
    """
    now, lifetime = core.clock.now(), lifetime or core.settings.session_lifetime
    token = secrets.token_urlsafe(TOKEN_BYTES)
    data = SessionData(
        account_id=account_id,
        csrf=secrets.token_urlsafe(TOKEN_BYTES),
        roles=frozenset(map(Role, roles)),
        language=language,
        door=door,
        office_id=office_id,
        created_at=now,
        expires_at=now + lifetime,
        used_at=now,
        form=form or {},
        proving=proving,
        device=device,
        proved_at=None if account_id is None else now,
    )
    hashed, owner = _hash(token), account_id or proving
    with answering_store():
        pipeline = core.redis.pipeline()
        if owner is not None:
            # The list comes first: a session that it does not name could not be ended by a new password.
            mine = _of_account(owner)
            pipeline.zremrangebyscore(mine, "-inf", now.timestamp())
            pipeline.zadd(mine, {hashed: data.expires_at.timestamp()})
            pipeline.expire(mine, int(core.settings.session_lifetime.total_seconds()))
        pipeline.set(_key(hashed), seal(core.vault, _key(hashed), data), ex=int(lifetime.total_seconds()))
        pipeline.execute()
    if account_id is not None:
        _end_those_too_many(core, account_id, hashed)
    return token, data


class Wanted(NamedTuple):
    """A session that is looked for by its token; ``used`` as `read` has it."""

    core: Core
    token: str
    used: bool


def read(core: Core, token: str, *, used: bool = True) -> SessionData | None:
    """Find a session by its token; None when there is none (any more). A visitor's own browser keeps theirs.

    ``used`` is False for what a page asks by itself: it does not keep a session alive that nobody uses.
    """
    if token.startswith(visitors.MARK):
        return visitors.read(core, token)
    [found] = read_all([Wanted(core, token, used)])
    if isinstance(found, Exception):
        raise found
    return found


async def read_in_loop(core: Core, token: str, *, used: bool = True) -> SessionData | None:
    """Do as `read` in an event loop: all that calls look for meanwhile is one question to the store."""
    if token.startswith(visitors.MARK):
        return visitors.read(core, token)
    return await core.together.join(read_all, Wanted(core, token, used))


def read_all(wanted: Sequence[Wanted]) -> list[SessionData | Exception | None]:
    """Find stored sessions of one core, each as `read` does: what that would raise is an answer here."""
    core, keys = wanted[0].core, [_key(_hash(one.token)) for one in wanted]
    with answering_store():
        stored = cast("list[bytes | None]", core.redis.mget(keys))
    return [answer_of(partial(_found, *found)) for found in zip(wanted, keys, stored, strict=True)]


def _found(wanted: Wanted, key: str, stored: bytes | None) -> SessionData | None:
    """Return the session that the store has under a key, and note its use; one that was left idle is ended."""
    core, token, used = wanted
    data = open_sealed(core.vault, key, stored, now := core.clock.now())
    if data is None or data.account_id is None:
        return data
    if _is_idle(core, data):
        _end(core, data.account_id, [_hash(token)])
        return None
    if used and now - data.used_at >= (STAFF_NOTED_EVERY if is_staff(data.roles) else NOTED_EVERY):
        return _change(core, token, {"used_at": now})
    return data


def delete(core: Core, token: str) -> None:
    """End a session, whether or not there is one."""
    data = read(core, token)
    _end(core, (data.account_id or data.proving) if data else None, [_hash(token)])


def list_all(core: Core, account_id: UUID) -> list[Listed]:
    """List an account's sessions, the one used last first."""
    with answering_store():
        hashes = [hashed.decode() for hashed in cast("list[bytes]", core.redis.zrange(_of_account(account_id), 0, -1))]
        stored = cast("list[bytes | None]", core.redis.mget([_key(hashed) for hashed in hashes])) if hashes else []
    now, found = core.clock.now(), []
    for hashed, sealed in zip(hashes, stored, strict=True):
        data = open_sealed(core.vault, _key(hashed), sealed, now)
        if data is not None and data.account_id == account_id and not _is_idle(core, data):
            found.append(Listed(hashed, data))
    return sorted(found, key=lambda one: one.data.used_at, reverse=True)


def listed_as(token: str) -> str:
    """Return the id under which a session is on its account's list."""
    return _hash(token)


def delete_listed(core: Core, account_id: UUID, listed: str) -> bool:
    """End one session of an account by its id; False where the account has no such session (any more)."""
    if listed not in {one.id for one in list_all(core, account_id)}:
        return False
    _end(core, account_id, [listed])
    return True


def delete_all(core: Core, account_id: UUID, *, but: str = "") -> None:
    """End every session of an account, save the one that has the token ``but``, and what was shown by telephone."""
    with answering_store():
        mark_end(core, account_id)
        hashes = cast("list[bytes]", core.redis.zrange(_of_account(account_id), 0, -1))
    # Only those that were read are taken off the list: one that begins now stays on it.
    _end(core, account_id, [one for one in (hashed.decode() for hashed in hashes) if one != _hash(but)])


def update_form(core: Core, token: str, form: Json) -> SessionData | None:
    """Replace the form in progress; None when the session is over, and then nothing is kept.

    Raises
    ------
    FormTooLargeError
        The form is over 16 KiB as JSON.
    """
    if len(json.dumps(form).encode()) > LARGEST_FORM:
        raise FormTooLargeError(f"a form in progress has at most {LARGEST_FORM} bytes")
    return _change(core, token, {"form": form})


def set_language(core: Core, token: str, language: str) -> SessionData | None:
    """Change the language of a session; None when it is over."""
    return _change(core, token, {"language": language})


def note_proof(core: Core, token: str) -> SessionData | None:
    """Note that the owner of a session has just proved again who they are; None when it is over."""
    return _change(core, token, {"proved_at": core.clock.now()})


def _is_idle(core: Core, data: SessionData) -> bool:
    """Return whether a session of an account was left alone for too long."""
    longest = core.settings.staff_idle if is_staff(data.roles) else core.settings.citizen_idle
    return core.clock.now() - data.used_at >= longest


def _end_those_too_many(core: Core, account_id: UUID, newest: str) -> None:
    with answering_store():
        many = core.redis.zcard(_of_account(account_id)) > core.settings.sessions_at_most
    if many:
        others = [one.id for one in list_all(core, account_id) if one.id != newest]
        _end(core, account_id, others[core.settings.sessions_at_most - 1 :])


def _end(core: Core, owner: UUID | None, hashes: Sequence[str]) -> None:
    if not hashes:
        return
    with answering_store():
        pipeline = core.redis.pipeline()
        pipeline.delete(*(_key(hashed) for hashed in hashes))
        if owner is not None:
            pipeline.zrem(_of_account(owner), *hashes)
        pipeline.execute()


def _change(core: Core, token: str, changes: Mapping[str, Any]) -> SessionData | None:
    """Change a live session and nothing else: two tabs at once lose nothing, and an ended session stays ended."""
    key = _key(_hash(token))
    while True:
        try:
            with answering_store(), core.redis.pipeline() as pipeline:
                pipeline.watch(key)  # type: ignore[no-untyped-call] # redis-py left it out
                data = open_sealed(core.vault, key, cast("bytes | None", pipeline.get(key)), core.clock.now())
                if data is None:
                    return None
                data = replace(data, **changes)
                pipeline.multi()
                pipeline.set(key, seal(core.vault, key, data), xx=True, keepttl=True)
                pipeline.execute()
                return data
        except redis.WatchError:
            continue  # someone else changed it in between, and got on: look again


def _hash(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


def _key(hashed: str) -> str:
    return f"{{mawid}}:session:{hashed}"


def _of_account(account_id: UUID) -> str:
    return f"{{mawid}}:sessions:{account_id}"


_BYTES: Final = 32
_KEY: Final = "{mawid}:once:"


def issue(core: Core, purpose: str, token: str) -> bytes:
    """Return 32 random bytes that the session ``token`` can `redeem` within the lifetime of a one-time code.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
    value = secrets.token_bytes(_BYTES)
    with answering_store():
        core.redis.set(_mark(core, purpose, token, value), b"1", ex=int(core.settings.otp_lifetime.total_seconds()))
    return value


def redeem(core: Core, purpose: str, token: str, value: bytes) -> bool:
    """Use a value up; of any number at once, exactly one gets True.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
    with answering_store():
        return core.redis.delete(_mark(core, purpose, token, value)) == 1


def spend(core: Core, purpose: str, token: str, value: bytes) -> bool:
    """Use up a value that was not issued here, because the visitor's own sealed session kept it; True the first time.

    The mark stays as long as a one-time code lives: the caller knows that the value lives no longer.

    Raises
    ------
    SessionsUnavailableError
        The session store does not answer.
    """
    mark, seconds = _mark(core, purpose, token, value), int(core.settings.otp_lifetime.total_seconds())
    with answering_store():
        return bool(core.redis.set(mark, b"1", nx=True, ex=seconds))


def _mark(core: Core, purpose: str, token: str, value: bytes) -> str:
    return _KEY + core.vault.lookup_hash(f"{listed_as(token)}\0{value.hex()}", purpose).hex()
