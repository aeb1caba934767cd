"""A copy of one's data: asked for with a fresh proof, made by a job, fetched once with another, kept for some days."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.country.core.messages import tell_at_once
from booking.country.core.security import Origin
from booking.desk.helpers.papers import consent_store
from booking.desk.rights.errors import CopyNotThereError, CopyWaitsError
from booking.desk.rights.own_rows import OwnRows
from booking.desk.rights.tables import tables
from booking.desk.rights.words import column_words
from booking.eservices.online.rows import paper_store
from booking.people.accounts.change_phone import refuse_phone_alone
from booking.people.accounts.second_step import Proof, prove_owner
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.retention import remove_strays
from booking.people.evidence.store import EvidenceStore
from booking.platform.models import (
    Account,
    AccountCopy,
    Consent,
    ConsentPaper,
    OnlineCase,
    OnlinePaper,
    UrgentEvidence,
    UrgentRequest,
)
from booking.platform.models.base import Json
from booking.platform.models.stored_file import StoredFile
from booking.scheduling.urgent.evidence import evidence_store

FORMAT: Final = "mawid-account-copy"
VERSION: Final = 1
_TITLE: Final = ("نسخة بياناتك في موعد", "Your Mawid data")
_NOTHING: Final = ("لا شيء", "Nothing")
_STYLE: Final = (
    "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "dl{display:grid;grid-template-columns:12rem 1fr;gap:.2rem 1rem;border-top:1px solid;padding-top:.5rem}dd{margin:0}"
)


def make_file(session: Session, core: Core, account_id: UUID, language: str) -> bytes:
    """Return the ZIP of what is kept of an account: data.json, index.html and the pages under ``files/``."""
    own = OwnRows(session, core, account_id)
    data = {name: own.read(name) for name, table in tables().items() if table.copied}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": core.clock.now().isoformat(),
        "not_copied": {name: table.not_copied for name, table in tables().items() if table.not_copied},
        "data": data,
    }
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(document, ensure_ascii=False, indent=2, sort_keys=False))
        file.writestr("index.html", read_page(data, core.languages.of(language).written))
        for name, page in _pages(session, core, account_id):
            file.writestr(name, page, zipfile.ZIP_STORED)
    return output.getvalue()


def read_page(data: Mapping[str, list[Json]], language: str) -> str:
    """Write the rows as one HTML page without scripts; tables without a row are left out."""
    at = 0 if language == "ar" else 1
    sections = "".join(
        f"<h2>{escape(tables()[name].title[at])}</h2>" + "".join(_row(row, at) for row in rows)
        for name, rows in data.items()
        if rows
    )
    return (
        f'<!doctype html><html lang="{language}" dir="{"rtl" if at == 0 else "ltr"}"><meta charset="utf-8">'
        f"<title>{_TITLE[at]}</title><style>{_STYLE}</style><h1>{_TITLE[at]}</h1>{sections or _NOTHING[at]}</html>"
    )


def _row(row: Json, at: int) -> str:
    shown = ((column_words()[name][at], value) for name, value in row.items() if value not in (None, "", [], {}))
    return f"<dl>{''.join(f'<dt>{escape(word)}</dt><dd>{_value(value)}</dd>' for word, value in shown)}</dl>"


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else str(value)
    return f"<bdi>{escape(text)}</bdi>"


def _pages(session: Session, core: Core, account_id: UUID) -> Iterator[tuple[str, bytes]]:
    """Yield the pages that are still kept; one that is missing is left out, for the rest is theirs all the same."""
    urgent = select(UrgentEvidence).join(UrgentEvidence.case).where(UrgentRequest.account_id == account_id)
    online = select(OnlinePaper).join(OnlinePaper.case).where(OnlineCase.account_id == account_id)
    signed = select(ConsentPaper).join(Consent).where(Consent.account_id == account_id)
    for files, store in ((urgent, evidence_store), (online, paper_store), (signed, consent_store)):
        kept: list[StoredFile] = [one for one in session.scalars(files) if one.removed_at is None]
        for one in kept:
            yield from _pages_of(store(core), one)


def _pages_of(store: EvidenceStore, file: StoredFile) -> Iterator[tuple[str, bytes]]:
    for number in range(file.pages):
        try:
            yield f"files/{file.id}-{number + 1}.jpg", store.get(file.id, number)
        except EvidenceUnavailableError:
            continue


FOLDER: Final = "copies"
KEPT: Final = timedelta(days=7)
AGAIN_AFTER: Final = timedelta(days=1)
"""How soon another copy can be asked for: each reads all that an account ever did."""
PART: Final = 4 << 20
"""Bytes of one encrypted file of a copy."""


@dataclass(frozen=True, slots=True)
class CopyState:
    """Where the last copy of an account stands; ``until`` is when it goes, None while it is being made."""

    asked_at: datetime
    until: datetime | None


def copy_store(core: Core) -> EvidenceStore:
    """Return where copies are kept."""
    return EvidenceStore(core.files, core.vault, FOLDER)


def ask_for_copy(core: Core, *, account_id: UUID, proof: Proof, origin: Origin) -> None:
    """Have a copy made; its owner is told when it is there.

    Raises
    ------
    CopyWaitsError
        One was asked for since yesterday, or waits to be fetched.
    PhoneAloneError
        The password came by a code to the phone a few days ago.
    WrongSecondFactorError
        ``proof`` has no code of the account's second factor.
    WrongPasskeyError
        ``proof`` is not an answer of the account's passkey.
    PasskeyCopiedError
        The passkey's counter fell behind.
    WrongCredentialsError
        ``proof`` is not the password of an account without a second factor.
    NotFoundError
        There is no such account.
    TooManyAttemptsError
        Too many proofs were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    """
    prove_owner(core, account_id=account_id, proof=proof, origin=origin)
    now = core.clock.now()
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        refuse_phone_alone(session, core, account)
        lately = exists().where(AccountCopy.account_id == account_id, AccountCopy.asked_at > now - AGAIN_AFTER)
        new = insert(AccountCopy).values(id=uuid4(), account_id=account_id, language=account.language, asked_at=now)
        copy_id = (
            None
            if account.closed_at is not None or session.scalar(select(lately))
            else session.scalar(new.on_conflict_do_nothing().returning(AccountCopy.id))
        )
        if copy_id is None:
            raise CopyWaitsError
        enqueue(session, "copy_account", copy_id=str(copy_id))


def make_copy(core: Core, copy_id: UUID) -> None:
    """Make a copy that was asked for; repeated, it changes nothing. Raises EvidenceUnavailableError."""
    waiting = select(AccountCopy).where(
        AccountCopy.id == copy_id, AccountCopy.made_at.is_(None), AccountCopy.removed_at.is_(None)
    )
    with core.sessions.begin() as session:
        copy = session.scalar(waiting.with_for_update(skip_locked=True))  # two workers would mix their parts
        if copy is None:
            return
        content = make_file(session, core, copy.account_id, copy.language)
        parts = [content[start : start + PART] for start in range(0, len(content), PART)]
        for number, part in enumerate(parts):
            copy_store(core).put(copy_id, number, part)
        copy.made_at, copy.parts, copy.size = core.clock.now(), len(parts), len(content)
        tell_at_once(session, core, copy.account_id, "copy_ready")


def fetch_copy(core: Core, *, account_id: UUID, proof: Proof, origin: Origin) -> bytes:
    """Return the ZIP of a copy, this once: it is gone then.

    Raises
    ------
    CopyNotThereError
        None is there: not made yet, fetched, or too old.
    PhoneAloneError
        The password came by a code to the phone a few days ago.
    EvidenceUnavailableError
        It cannot be read now; it can be fetched later.
    WrongSecondFactorError
        ``proof`` has no code of the account's second factor.
    WrongPasskeyError
        ``proof`` is not an answer of the account's passkey.
    PasskeyCopiedError
        The passkey's counter fell behind.
    WrongCredentialsError
        ``proof`` is not the password of an account without a second factor.
    NotFoundError
        There is no such account.
    TooManyAttemptsError
        Too many proofs were tried for this account, network or device.
    BusyError
        Too many passwords are being compared.
    """
    prove_owner(core, account_id=account_id, proof=proof, origin=origin)
    now, store = core.clock.now(), copy_store(core)
    with core.sessions.begin() as session:
        refuse_phone_alone(session, core, session.get_one(Account, account_id))
        fetched = session.execute(
            update(AccountCopy)
            .where(
                AccountCopy.account_id == account_id,
                AccountCopy.removed_at.is_(None),
                AccountCopy.made_at > now - KEPT,
            )
            .values(fetched_at=now, removed_at=now)
            .returning(AccountCopy.id, AccountCopy.parts)
        ).one_or_none()
        if fetched is None:
            raise CopyNotThereError
        content = b"".join(store.get(fetched.id, number) for number in range(fetched.parts))
    store.remove(fetched.id, fetched.parts)
    return content


def copy_state(core: Core, account_id: UUID) -> CopyState | None:
    """Return where the copy of an account stands that is not gone; None without one."""
    with core.sessions() as session:
        kept = session.scalar(
            select(AccountCopy).where(AccountCopy.account_id == account_id, AccountCopy.removed_at.is_(None))
        )
    if kept is None:
        return None
    return CopyState(kept.asked_at, None if kept.made_at is None else kept.made_at + KEPT)


def drop_copies_in(session: Session, core: Core, account_id: UUID) -> list[tuple[UUID, int]]:
    """Let the copy of an account count no more; return its id and parts, for `forget_files` once it is committed."""
    gone = update(AccountCopy).where(AccountCopy.account_id == account_id, AccountCopy.removed_at.is_(None))
    dropped = gone.values(removed_at=core.clock.now()).returning(AccountCopy.id, AccountCopy.parts)
    return [(row.id, row.parts) for row in session.execute(dropped)]


def forget_files(core: Core, copies: list[tuple[UUID, int]]) -> None:
    """Remove the files of copies that count no more."""
    for copy_id, parts in copies:
        copy_store(core).remove(copy_id, parts)


def remove_old_copies(core: Core) -> int:
    """Remove copies that nobody fetched in time, and files of which no row knows; return how many copies."""
    now, store = core.clock.now(), copy_store(core)
    with core.sessions.begin() as session:
        old = update(AccountCopy).where(AccountCopy.removed_at.is_(None), AccountCopy.asked_at < now - KEPT)
        gone = [
            (row.id, row.parts)
            for row in session.execute(old.values(removed_at=now).returning(AccountCopy.id, AccountCopy.parts))
        ]
    forget_files(core, gone)
    remove_strays(core, store, select(AccountCopy.id).where(AccountCopy.removed_at.is_(None)))
    return len(gone)
