"""Which columns leave the database, and how: an allow-list. A column that is not here does not leave."""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.platform.base.errors import FieldError
from booking.platform.base.vault import Vault
from booking.platform.models import Account

# ruff: noqa: S608 - made of our own words


class How(StrEnum):
    """What is done with a column."""

    PLAIN = "plain"
    MINUTE = "minute"
    CASE = "case"
    ACCOUNT = "account"
    PERSON = "person"
    DEVICE = "device"
    NETWORK = "network"
    PHONE = "phone"
    DRAW = "draw"
    APPOINTMENT = "appointment"
    URGENT = "urgent"
    AGE = "age"
    GIVEN = "given"
    JSON = "json"
    CODES = "codes"
    FACTS = "facts"


TOKENS: Final = frozenset(
    {How.ACCOUNT, How.PERSON, How.DEVICE, How.NETWORK, How.PHONE, How.DRAW, How.APPOINTMENT, How.URGENT}
)
"""One-way: the same token in every table, and no way back."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that leaves. ``plain`` columns as they are, ``others`` changed; ``within`` the period, by SQL."""

    name: str
    source: str
    plain: str
    others: tuple[tuple[str, How], ...] = ()
    within: str = ""

    @property
    def columns(self) -> tuple[tuple[str, How], ...]:
        """Every column with what is done to it."""
        return (*self.others, *((one, How.PLAIN) for one in self.plain.split()))


def _at(column: str) -> str:
    return f"{column} >= :first AND {column} < :until"


_OF_REQUESTS: Final = f"request_id IN (SELECT id FROM request WHERE {_at('created_at')})"
_CASE: Final = ("request_id", How.CASE)

TABLES: Final = (
    Table(
        "offices",
        "office",
        "id code kind name_ar name_en region_code latitude longitude time_zone counters accessible active",
    ),
    Table("services", "service", "id code exclusive_group name_ar name_en units audience maximum_wait_days active"),
    Table("holidays", "holiday", "day office_id name_en"),
    Table(
        "requests",
        "request",
        "service_id service_count door state party_size units first_day last_day weekdays bands needed_by accessible "
        "reason_code lost_draws reschedules together",
        (
            ("id", How.CASE),
            ("account_id", How.ACCOUNT),
            ("device_hash", How.DEVICE),
            ("network_hash", How.NETWORK),
            ("phone_hash", How.PHONE),
            ("draw_id", How.DRAW),
            ("created_at", How.MINUTE),
            ("decided_at", How.MINUTE),
        ),
        _at("created_at"),
    ),
    Table("choices", "request_office", "office_id rank first_day last_day", (_CASE,), _OF_REQUESTS),
    Table(
        "errands",
        "request_errand",
        "service_id position units reason_code",
        (_CASE, ("person_id", How.PERSON)),
        _OF_REQUESTS,
    ),
    Table("parties", "request_member", "position units live", (_CASE, ("person_id", How.PERSON)), _OF_REQUESTS),
    Table("people", "person", "", (("id", How.PERSON), ("birth_date", How.AGE))),
    Table(
        "accounts",
        "account",
        "door registered_helper",
        (("id", How.ACCOUNT), ("phone_hash", How.PHONE), ("created_at", How.MINUTE)),
        "roles = '{citizen}'",
    ),
    Table(
        "verdicts",
        "verdict",
        "decision score degraded",
        (
            _CASE,
            ("reasons", How.CODES),
            ("versions", How.JSON),
            ("officer_id", How.GIVEN),
            ("decided_at", How.MINUTE),
            ("inputs", How.FACTS),
        ),
        _at("decided_at"),
    ),
    Table(
        "appeals", "appeal", "state", (_CASE, ("created_at", How.MINUTE), ("decided_at", How.MINUTE)), _at("created_at")
    ),
    Table("labels", "label", "kind value source", (_CASE, ("known_at", How.MINUTE)), _at("known_at")),
    Table(
        "draws",
        "draw",
        "reference state opens_at closes_at horizon_first horizon_last confirm_seconds policy_version published_at",
        (("id", How.DRAW), ("figures", How.JSON)),
        _at("closes_at"),
    ),
    Table("left_out_of_draws", "draw_left_out", "", (("draw_id", How.DRAW), _CASE), _OF_REQUESTS),
    Table("draw_entries", "draw_entry", "priority position served rank", (("draw_id", How.DRAW), _CASE), _OF_REQUESTS),
    Table(
        "appointments",
        "appointment",
        "office_id state starts_at ends_at confirm_by",
        (
            ("id", How.APPOINTMENT),
            _CASE,
            ("draw_id", How.DRAW),
            ("urgent_request_id", How.URGENT),
            ("created_at", How.MINUTE),
            ("confirmed_at", How.MINUTE),
            ("checked_in_at", How.MINUTE),
            ("ended_at", How.MINUTE),
        ),
        _at("created_at"),
    ),
    Table(
        "appointment_places",
        "appointment_places",
        "slot_id pool places",
        (("appointment_id", How.APPOINTMENT),),
        f"appointment_id IN (SELECT id FROM appointment WHERE {_at('created_at')})",
    ),
    Table(
        "corrections",
        "outcome_correction",
        "kind",
        (("appointment_id", How.APPOINTMENT), ("at", How.MINUTE)),
        _at("at"),
    ),
    Table(
        "urgent_cases",
        "urgent_request",
        "office_id state reason_code severity needed_by for_supervisor over_pool level",
        (
            ("id", How.URGENT),
            _CASE,
            ("submitted_at", How.MINUTE),
            ("assigned_at", How.MINUTE),
            ("closed_at", How.MINUTE),
        ),
        _at("created_at"),
    ),
    Table(
        "urgent_decisions",
        "urgent_decision",
        "act position reason_code",
        (("urgent_request_id", How.URGENT), ("at", How.MINUTE), ("undone_at", How.MINUTE)),
        _at("at"),
    ),
    Table("slots", "slot", "id office_id local_day band starts_at ends_at counters", (), _at("starts_at")),
    Table(
        "places",
        "slot_pool",
        "slot_id pool places taken overbooked",
        (),
        f"slot_id IN (SELECT id FROM slot WHERE {_at('starts_at')})",
    ),
    Table(
        "walk_ins",
        "walk_in",
        "office_id local_day ticket service_id places state",
        (("person_hash", How.PERSON), ("arrived_at", How.MINUTE), ("called_at", How.MINUTE), ("ended_at", How.MINUTE)),
        _at("arrived_at"),
    ),
    Table(
        "closures", "closure", "office_id local_day counters state asked_at planned_at ended_at", (), _at("asked_at")
    ),
    Table("quota_policies", "quota_policy", "version active created_at", (("shares", How.JSON), ("limits", How.JSON))),
    Table("rule_sets", "rule_set_version", "version state created_at activated_at source"),
    Table("gate_measures", "gate_measure", "name subject value measured_at"),
    Table("replays", "replay_run", "day finished_at repeated skipped"),
)
"""In an order that reads well; a table that holds a period is cut to it."""


def note_taken_in(session: Session, core: Core, who: Account, what: str, *, rows: int, **about: Any) -> None:
    """Put on record, in the caller's transaction, that somebody takes a file away.

    Parameters
    ----------
    what
        Which file: words of ours.
    about
        What else tells it from others of its kind: days, an office, a table.
    """
    audit.record(session, core, who, "data.exported", what, rows=rows, **about)


def note_taken(core: Core, *, by: UUID, permission: Permission, what: str, rows: int, **about: Any) -> None:
    """Put on record that somebody takes a file away; see `note_taken_in`.

    Raises
    ------
    ForbiddenError
        The account may not have it.
    """
    with core.sessions.begin() as session:
        note_taken_in(session, core, require(session.get(Account, by), permission), what, rows=rows, **about)


_BLOCK: Final = 16
_CODE_LENGTH: Final = 26
_TOKEN_LENGTH: Final = 16


class Pseudonyms:
    """Pseudonyms under keys of their own.

    A case code is the request's id as one block of AES-256: a permutation of random ids, so it says nothing and two
    are never alike. A token is a keyed hash (HMAC-SHA-256), so nobody who has one can go back.
    """

    def __init__(self, vault: Vault) -> None:
        # ECB of single random blocks is the bare permutation, which is what is wanted here.
        self._cipher = Cipher(algorithms.AES256(vault.key("case codes")), modes.ECB())  # noqa: S305
        self._tokens = vault.key("export tokens")

    def codes(self, requests: Iterable[UUID]) -> list[str]:
        """Return the case codes of requests: 26 letters and digits."""
        encryptor = self._cipher.encryptor()
        blocks = encryptor.update(b"".join(request.bytes for request in requests)) + encryptor.finalize()
        return [
            base64.b32encode(blocks[start : start + _BLOCK]).decode()[:_CODE_LENGTH]
            for start in range(0, len(blocks), _BLOCK)
        ]

    def request_of(self, code: str) -> UUID:
        """Return the request of a case code; FieldError ``case`` where it cannot be one."""
        typed = code.strip().upper().replace(" ", "").replace("-", "")
        try:
            block = base64.b32decode(typed + "=" * (-len(typed) % 8))
        except ValueError:
            raise FieldError("case", "unreadable") from None
        if len(typed) != _CODE_LENGTH or len(block) != _BLOCK:
            raise FieldError("case", "unreadable")
        decryptor = self._cipher.decryptor()
        return UUID(bytes=decryptor.update(block) + decryptor.finalize())

    def token(self, kind: str, value: UUID | bytes) -> str:
        """Return the token of an account, person, device, network or phone: the same in every table of that kind."""
        content = value.bytes if isinstance(value, UUID) else bytes(value)
        return hmac.new(self._tokens, kind.encode() + b"\0" + content, sha256).hexdigest()[:_TOKEN_LENGTH]
