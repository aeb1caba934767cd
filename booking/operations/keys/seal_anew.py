"""Seal with the secret in use what one before it sealed, in batches, beside people who use Mawid.

Every column that holds bytes, and what becomes of it when the secret is replaced.

A test compares this with the models: a new column of bytes stands here or the test fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, and_, bindparam, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from booking.country.core.core import Core
from booking.country.core.messages import ABOUT_SECRET
from booking.country.core.register import ABOUT_ADDRESS, ABOUT_NUMBER, ABOUT_PHONE, about_grant
from booking.desk.helpers.papers import consent_store
from booking.desk.rights.copy import copy_store
from booking.eservices.online.issue import about_result
from booking.eservices.online.rows import about_answers, paper_store
from booking.people.accounts.second_factor import about_factor
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.store import EvidenceStore
from booking.people.webhooks.signing import about_secret
from booking.platform.base.vault import HEAD_BYTES
from booking.platform.models import (
    Account,
    ConsentPaper,
    ContactChannel,
    Draw,
    HouseholdMember,
    IssuedResult,
    Message,
    OnlineCase,
    OnlinePaper,
    Person,
    PhoneChange,
    SecondFactor,
    StaffChange,
    SwapNight,
    UrgentEvidence,
    WebhookSecret,
)
from booking.scheduling.draws.announce import ABOUT_SEED
from booking.scheduling.swaps.nights import ABOUT_SEED as ABOUT_NIGHT
from booking.scheduling.urgent.evidence import evidence_store


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of values that the secret sealed.

    ``about`` gives what the value of a row is bound to, from the row's key. Where it is None nothing can seal the
    value anew, and its row ends by itself within days.
    """

    key: InstrumentedAttribute[Any]
    column: InstrumentedAttribute[Any]
    about: Callable[[Any], str] | None

    @property
    def table(self) -> str:
        """The table's name."""
        return str(self.column.class_.__tablename__)


def _always(about: str) -> Callable[[object], str]:
    return lambda _: about


SEALED: Final[Sequence[SealedColumn]] = (
    SealedColumn(Account.id, Account.phone_ciphertext, _always(ABOUT_PHONE)),
    SealedColumn(Person.id, Person.national_number_ciphertext, _always(ABOUT_NUMBER)),
    SealedColumn(HouseholdMember.id, HouseholdMember.grant_ciphertext, about_grant),
    SealedColumn(ContactChannel.id, ContactChannel.address_ciphertext, _always(ABOUT_ADDRESS)),
    SealedColumn(Message.id, Message.secret, _always(ABOUT_SECRET)),
    SealedColumn(Message.id, Message.phone_ciphertext, _always(ABOUT_PHONE)),
    SealedColumn(PhoneChange.id, PhoneChange.new_ciphertext, _always(ABOUT_PHONE)),
    SealedColumn(SecondFactor.account_id, SecondFactor.secret_ciphertext, about_factor),
    SealedColumn(Draw.id, Draw.seed_ciphertext, _always(ABOUT_SEED)),
    SealedColumn(SwapNight.id, SwapNight.seed_ciphertext, _always(ABOUT_NIGHT)),
    SealedColumn(OnlineCase.id, OnlineCase.answers, about_answers),
    SealedColumn(IssuedResult.id, IssuedResult.content, about_result),
    SealedColumn(WebhookSecret.id, WebhookSecret.ciphertext, about_secret),
    SealedColumn(StaffChange.id, StaffChange.wanted, None),  # a trigger keeps a proposal as it was proposed
)
"""What is sealed anew."""

LASTING: Final[Mapping[str, str]] = {
    "account": "phone_hash",
    "calendar_feed": "secret_hash",
    "helper_device": "device_hash",
    "incoming_message": "phone_hash",
    "issued_result": "thing",
    "known_device": "token_hash",
    "lost_factor": "stop_hash",
    "online_case": "subject",
    "outcome": "device_hash phone_hash",
    "person": "national_number_hash",
    "phone_change": "old_hash new_hash stop_hash",
    "recovery_code": "code_hash",
    "request": "device_hash network_hash phone_hash",
    "rule_exception": "subject",
    "walk_in": "person_hash",
}
"""By table: lookup hashes, which a new secret leaves as they are, and with them every unique index.

A new lasting key hashes them again.
"""

ONCE: Final[Mapping[str, str]] = {
    "credential_offer": "code_hash transaction_hash token_hash",
    "draw_entry": "person_draw_id",
    "phone_code": "code_hash",
    "swap_entry": "person_draw_id",
}
"""By table: other hashes under the lasting key, for one draw and for some minutes."""

WITHOUT_KEY: Final[Mapping[str, str]] = {
    "audit_entry": "previous hash",
    "beacon_part": "key message signature",
    "beacon_round": "key message sha256",
    "consent_paper": "sha256",
    "draw": "beacon_signature seed_commitment seed root",
    "draw_file": "content",
    "draw_file_part": "content",
    "draw_outcome": "base",
    "draw_turn": "receipt",
    "idempotency_key": "fingerprint",
    "key_check": "value lasting",
    "log_checkpoint": "root",
    "log_entry": "body",
    "log_pending": "body",
    "log_tile": "hashes root",
    "model_version": "artifact",
    "no_show_model_version": "artifact",
    "observer": "public_key",
    "online_paper": "sha256",
    "open_data_file": "content",
    "passkey": "credential_id public_key",
    "recovery_code": "salt",
    "request": "nonce receipt",
    "request_edit": "receipt",
    "swap_night": "beacon_signature inputs result seed seed_commitment",
    "swap_wish": "nonce receipt",
    "urgent_evidence": "sha256",
}
"""By table: bytes that no secret is in, and what `booking.country.core.key_check` keeps."""


class RotationError(Exception):
    """The secret cannot be replaced now; the message says what to do first."""


BATCH: Final = 500


def seal_rows_anew(core: Core, sealed: SealedColumn, told: Callable[[int], None] = lambda _: None) -> int:
    """Seal a column's values anew and return how many cannot be read; each batch is a transaction of its own.

    Rows that others hold at the moment are passed by, and values that changed meanwhile stay as they are: the next run
    finds them. Broken off, it goes on where it was, for what is done is no longer found.
    """
    if sealed.about is None:
        return 0
    last, unreadable = None, 0
    while True:
        keys, failed = _batch(core, sealed, last)
        if not keys:
            return unreadable
        last, unreadable = keys[-1], unreadable + failed
        told(len(keys))


def seal_files_anew(core: Core, told: Callable[[int], None] = lambda _: None) -> int:
    """Seal the pages of evidence anew and return how many cannot be read."""
    unreadable = 0
    for store in stores(core):
        for evidence_id, page, named in store.heads():
            if named == core.vault.present.key_id.hex():
                continue
            try:
                store.seal_anew(evidence_id, page)
            except EvidenceUnavailableError:
                unreadable += 1
            told(1)
    return unreadable


def stores(core: Core) -> tuple[EvidenceStore, ...]:
    """Return the folders in which evidence is kept, of every kind."""
    return evidence_store(core), consent_store(core), paper_store(core), copy_store(core)


def require_files(core: Core) -> None:
    """Require that the files are seen from here: else none would be found, and their secret thrown away.

    Raises
    ------
    RotationError
        The database knows of files, and there is none.
    """
    tables: tuple[type[UrgentEvidence | ConsentPaper | OnlinePaper], ...] = (UrgentEvidence, ConsentPaper, OnlinePaper)
    with core.sessions() as session:
        for table, store in zip(tables, stores(core), strict=False):
            kept = session.scalar(select(table.id).where(table.removed_at.is_(None)).limit(1))
            if kept is not None and next(store.heads(), None) is None:
                raise RotationError(
                    f"the files of {table.__tablename__} are not in {core.files.where}: run this on a machine"
                    " that sees them; nothing was changed"
                )


def is_sealed(sealed: SealedColumn) -> ColumnElement[bool]:
    """Return the condition for rows that have a value."""
    return and_(sealed.column.is_not(None), sealed.column != b"")


def head_of(sealed: SealedColumn) -> ColumnElement[bytes]:
    """Return what a column's value begins with, where the id of its secret stands."""
    return func.substring(sealed.column, 1, HEAD_BYTES)


def _batch(core: Core, sealed: SealedColumn, last: object) -> tuple[list[Any], int]:
    """Seal the next rows after a key; return their keys, and how many of them cannot be read."""
    found = select(sealed.key, sealed.column).where(is_sealed(sealed), head_of(sealed) != core.vault.present.head)
    if last is not None:
        found = found.where(sealed.key > last)
    table = sealed.column.class_.__table__
    key, column = table.c[sealed.key.key], table.c[sealed.column.key]
    anew = update(table).where(key == bindparam("at"), column == bindparam("old")).values({column: bindparam("new")})
    with core.sessions.begin() as session:
        locked = found.order_by(sealed.key).limit(BATCH).with_for_update(key_share=True, skip_locked=True)
        rows = session.execute(locked).all()
        values = [{"at": at, "old": old, "new": new} for at, old in rows if (new := _anew(core, sealed, at, old))]
        if values:
            session.connection().execute(anew, values)
    return [at for at, _ in rows], len(rows) - len(values)


def _anew(core: Core, sealed: SealedColumn, at: object, old: bytes) -> bytes | None:
    """Seal a value with the secret in use; None where no known secret opens it."""
    about = "" if sealed.about is None else sealed.about(at)
    try:
        return core.vault.seal(core.vault.unseal(old, about.encode()), about.encode())
    except InvalidTag:
        return None
