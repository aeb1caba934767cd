"""Sessions of people who have not signed in: kept by their browser, sealed, and by nobody else.

A server that kept them would have to keep as many as anyone likes to open. What a visitor typed is in the seal too;
it is compressed, and of what does not fit into a cookie the largest field is not kept.
"""

import json
import secrets
import zlib
from base64 import b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from booking.country.core.core import Core
from booking.country.core.session_data import SessionData
from booking.platform.models.base import Json
from booking.platform.models.states import Door

MARK: Final = "~"
"""What a sealed session begins with, and a token of a stored one does not."""
LONGEST: Final = 3_600
"""Characters of a sealed session: browsers keep 4 KB of a cookie, its name and what is said about it among them."""

_TOKEN_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_LARGEST: Final = 64 * 1024


def begin(core: Core, *, language: str, form: Json | None = None) -> tuple[str, SessionData]:
    """Begin a session and return it sealed, and its data; see `keep_form`."""
    now = core.clock.now()
    csrf = secrets.token_urlsafe(_TOKEN_BYTES)
    return keep_form(core, _session(csrf, language, now, now + core.settings.session_lifetime, {}), form or {})


def keep_form(core: Core, session: SessionData, form: Json) -> tuple[str, SessionData]:
    """Return a visitor's session sealed with another form, and its data; without the largest fields where too large."""
    sealed = _seal(core, changed := replace(session, form=form))
    if len(sealed) <= LONGEST:
        return sealed, changed
    largest = max(form, key=lambda name: len(json.dumps(form[name])))
    return keep_form(core, session, {name: value for name, value in form.items() if name != largest})


def read(core: Core, sealed: str) -> SessionData | None:
    """Open a sealed session; None where it is over, or was not sealed here."""
    if not sealed.startswith(MARK) or len(sealed) > LONGEST:
        return None
    try:
        content = b64decode(sealed[len(MARK) :].encode(), b"-_", validate=True)
        packed = _cipher(core).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        return None
    csrf, language, created, expires, form = json.loads(zlib.decompressobj().decompress(packed, _LARGEST))
    began = datetime.fromtimestamp(created, UTC)
    session = _session(csrf, language, began, datetime.fromtimestamp(expires, UTC), form)
    return session if core.clock.now() < session.expires_at else None


def _session(csrf: str, language: str, began: datetime, expires_at: datetime, form: Json) -> SessionData:
    return SessionData(
        account_id=None,
        csrf=csrf,
        roles=frozenset(),
        language=language,
        door=Door.HOME,
        office_id=None,
        created_at=began,
        expires_at=expires_at,
        used_at=began,
        form=form,
    )


def _seal(core: Core, session: SessionData) -> str:
    times = [session.created_at.timestamp(), session.expires_at.timestamp()]
    plain = json.dumps([session.csrf, session.language, *times, session.form], ensure_ascii=False)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(core).encrypt(nonce, zlib.compress(plain.encode(errors="replace")), None)
    return MARK + urlsafe_b64encode(nonce + sealed).decode()


def _cipher(core: Core) -> AESGCM:
    return AESGCM(core.vault.key("sessions of visitors"))
