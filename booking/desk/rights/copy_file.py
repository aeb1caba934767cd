"""The file of a copy: a ZIP with everything as JSON, as a page to read, and the papers that were sent in."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.desk.helpers.papers import consent_store
from booking.desk.rights.own_rows import OwnRows
from booking.desk.rights.tables import tables
from booking.desk.rights.words import column_words
from booking.eservices.online.papers import paper_store
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.store import EvidenceStore
from booking.platform.models import Consent, ConsentPaper, OnlineCase, OnlinePaper, UrgentEvidence, UrgentRequest
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
