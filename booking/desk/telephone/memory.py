"""What is remembered of a call while it lasts, and of a request in progress when it breaks off: in Valkey, sealed.

A call's memory is found by the gateway's name for the call, and answers its own number alone. What is kept of a request
that was begun is the account's: only somebody who has shown again who they are goes on with it.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

import redis
from cryptography.exceptions import InvalidTag

from booking.country.core.core import Core
from booking.country.core.security import By, Origin
from booking.country.core.session_ends import is_over
from booking.country.core.sessions import answering_store
from booking.platform.base.errors import MawidError

LONGEST_TYPED: Final = 20
"""What somebody types for one step is cut here: the longest that a step reads is a national number."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, as they are told: anybody can forge the number.

    Parameters
    ----------
    by
        The way: `By.USSD`, `By.VOICE` or `By.SMS`.
    session
        The gateway's name for this call; a later call has another one.
    phone
        The caller's number as the gateway writes it; "" where it is withheld.
    """

    by: By
    session: str
    phone: str

    def counted(self, phone: str) -> str:
        """Return as whom a call of ``phone`` (E.164) is counted: who forges one way uses up nothing of another."""
        return f"{phone} by {self.by.value}"

    def origin(self, seconds: float | None = None) -> Origin:
        """Return where what is asked in this call came from: no network and no device."""
        return Origin(network="", device="", seconds=seconds, by=self.by)


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown or said next, and how many digits are then awaited at most; 0: the call ends."""

    text: str
    digits: int
    language: str

    @property
    def ends(self) -> bool:
        """Whether nothing is awaited any more."""
        return self.digits == 0

    def as_dict(self) -> dict[str, str | int]:
        """Return it as plain data."""
        return {"text": self.text, "digits": self.digits, "language": self.language}

    @classmethod
    def of(cls, kept: Mapping[str, str | int]) -> "Screen":
        """Read what `as_dict` returned."""
        return cls(str(kept["text"]), int(kept["digits"]), str(kept["language"]))


class CallBusyError(MawidError):
    """The same call is being answered at this moment: the gateway passed something on twice at once."""

    code = "call_busy"


LASTS: Final = timedelta(minutes=10)
"""Since the last key: longer than any operator lets a USSD session live, and than anybody looks for a card."""
LONGEST: Final = timedelta(minutes=30)
"""In all: a gateway cannot hold what its caller showed open for longer."""
DRAFT_LASTS: Final = timedelta(hours=6)
_ANSWERED_WITHIN: Final = timedelta(seconds=30)
"""After which a call whose process was killed in the middle of an answer can go on."""


@dataclass(slots=True)
class Memory:
    """A call so far.

    Parameters
    ----------
    phone
        The keyed hash of the caller's number, as hex; "" where it is withheld.
    since
        When the call began.
    step
        Where it is; what ``keys`` mean there, as they were said; which page of it.
    answers
        By the names of the dialogue's answers.
    account
        Who the caller showed to be; None before that. ``holder`` is who they will be after a second step.
    mark
        The account's last end when they began to show it; see `booking.country.core.session_ends`.
    began
        When the request in progress was begun.
    read
        How many inputs were taken, the digest of those, and ids of messages that were answered: what the gateway
        repeats changes nothing.
    shown
        The last answer, for whoever asks again.
    """

    phone: str
    language: str
    step: str
    since: str
    keys: dict[str, str] = field(default_factory=dict)
    page: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    account: str | None = None
    holder: str | None = None
    mark: str = ""
    began: str | None = None
    misread: int = 0
    turns: int = 0
    read: int = 0
    digest: str = ""
    answered: list[str] = field(default_factory=list)
    shown: dict[str, Any] = field(default_factory=dict)

    @property
    def account_id(self) -> UUID | None:
        """The account that the caller showed to be theirs."""
        return None if self.account is None else UUID(self.account)

    def is_over(self, core: Core) -> bool:
        """Return whether the account's owner ended all that was open since the caller began to show who they are.

        Raises SessionsUnavailableError.
        """
        shown = self.account or self.holder
        if shown is None:
            return False
        with answering_store():
            return is_over(core, UUID(shown), self.mark)

    @property
    def begun_at(self) -> datetime | None:
        """When the request in progress was begun."""
        return None if self.began is None else datetime.fromisoformat(self.began)


@contextmanager
def alone(core: Core, call: Call) -> Iterator[None]:
    """Answer one call's messages one at a time.

    Raises
    ------
    CallBusyError
        Another message of the same call is being answered.
    SessionsUnavailableError
        The store does not answer.
    """
    lock = core.redis.lock(f"{_key(call)}:lock", timeout=_ANSWERED_WITHIN.total_seconds(), blocking=False)
    with answering_store():
        mine = lock.acquire()
    if not mine:
        raise CallBusyError
    try:
        yield
    finally:
        try:
            with answering_store():
                lock.release()
        except redis.exceptions.LockError:
            pass  # it took so long that the lock is another one's by now


def recall(core: Core, call: Call) -> Memory | None:
    """Return what is remembered of a call; None where it is new, or over."""
    found = _read(core, _key(call))
    memory = None if found is None else Memory(**found)
    if memory is None or core.clock.now() - datetime.fromisoformat(memory.since) < LONGEST:
        return memory
    return None


def keep(core: Core, call: Call, memory: Memory) -> None:
    """Remember a call; raises SessionsUnavailableError."""
    sealed = core.vault.encrypt(json.dumps(asdict(memory)), _key(call))
    with answering_store():
        core.redis.set(_key(call), sealed, ex=LASTS)


def forget(core: Core, call: Call) -> None:
    """Forget a call, so that another one of its name can begin."""
    with answering_store():
        core.redis.delete(_key(call))


@dataclass(frozen=True, slots=True)
class Draft:
    """A request in progress whose call broke off: where, with which answers, begun when."""

    step: str
    answers: dict[str, Any]
    began: str | None


def keep_draft(core: Core, account_id: UUID, draft: Draft) -> None:
    """Keep a request in progress for the account; the latest call's replaces an earlier one's."""
    key = _draft_key(account_id)
    sealed = core.vault.encrypt(json.dumps(asdict(draft)), key)
    with answering_store():
        core.redis.set(key, sealed, ex=DRAFT_LASTS)


def read_draft(core: Core, account_id: UUID) -> Draft | None:
    """Return the account's request in progress; None where there is none."""
    found = _read(core, _draft_key(account_id))
    return None if found is None else Draft(**found)


def forget_draft(core: Core, account_id: UUID) -> None:
    """Forget the account's request in progress."""
    with answering_store():
        core.redis.delete(_draft_key(account_id))


def _read(core: Core, key: str) -> dict[str, Any] | None:
    """Read what is kept under a key; what was changed, or sealed with a secret that is gone, is as good as nothing."""
    with answering_store():
        kept = cast("bytes | None", core.redis.get(key))
    if kept is None:
        return None
    try:
        return cast("dict[str, Any]", json.loads(core.vault.decrypt(kept, key)))
    except InvalidTag:
        return None


def _key(call: Call) -> str:
    name = sha256(f"{call.by.value}\0{call.session}".encode()).hexdigest()
    return f"{{mawid}}:call:{name}"


def _draft_key(account_id: UUID) -> str:
    return f"{{mawid}}:call-draft:{account_id}"
