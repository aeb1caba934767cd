"""Parsers of what proves something about a caller: webhooks, cookies, proofs of work, passkeys."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from benchmarks.hostile_inputs.target import Target, header, typed
from booking.country.core import session_data, visitors
from booking.eservices.credentials.key_proof import PROOF_KIND, read_key_proof
from booking.eservices.credentials.token import WalletRefusedError
from booking.people.accounts.errors import WrongPasskeyError
from booking.people.accounts.passkey_ceremony import check_answer, check_new, read_answer, read_new
from booking.platform.base.clock import SettableClock
from booking.platform.base.vault import Vault
from booking.platform.base.webhooks import UnsignedWebhookError, WrongSignatureError, check, signed_headers
from fraud.challenges.proof_of_work import check_solution, make_challenge
from tests.support.a_wallet import Wallet

NOW: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)
VAULT: Final = Vault(b"a secret of a fuzzer that is long enough")
SECRET: Final = "whsec_" + "A" * 32
SETTINGS: Final = SimpleNamespace(base_url="https://mawid.example", session_lifetime=timedelta(hours=12))
SITE: Any = SimpleNamespace(vault=VAULT, clock=SettableClock(NOW), settings=SETTINGS)


def _webhook(data: bytes) -> None:
    head, _, body = data.partition(b"\n\n")
    headers = dict(one.partition(": ")[::2] for one in head.decode("latin-1").split("\n"))
    check((SECRET,), body=body, headers=headers, now=NOW)


def _some_webhook() -> bytes:
    headers = signed_headers(SECRET, message_id="one", body=b'{"id":"1"}', at=NOW)
    return "\n".join(f"{name}: {value}" for name, value in headers.items()).encode() + b'\n\n{"id":"1"}'


def _cookie(data: bytes) -> None:
    visitors.read(SITE, header(data))
    session_data.open_sealed(VAULT, "a place", data, NOW)


def _solution(data: bytes) -> None:
    check_solution(typed(data), key=b"k" * 32, subject="amal", now=NOW)


def _some_solution() -> bytes:
    made = make_challenge(key=b"k" * 32, subject="amal", now=NOW, tries=3)
    return b64encode(json.dumps({"challenge": made, "solution": {"counter": 1, "derivedKey": "00" * 32}}).encode())


def _passkey(data: bytes) -> None:
    text = typed(data)
    try:
        credential, challenge = read_new(text)
        check_new(SITE.settings, credential, challenge=challenge)
    except WrongPasskeyError:
        check_answer(SITE.settings, read_answer(text), public_key=b"\xa5" + bytes(60))


def _wallet_proof(data: bytes) -> None:
    read_key_proof(typed(data), issuer=SETTINGS.base_url, now=NOW)


def _some_wallet_proof() -> bytes:
    wallet = Wallet()
    claims = {"aud": SETTINGS.base_url, "iat": int(NOW.timestamp()), "nonce": "n"}
    return wallet.sign(claims, kind=PROOF_KIND, jwk=wallet.jwk).encode()


CLIENT: Final = (
    "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiQUFBQSIsIm9yaWdpbiI6Imh0dHBzOi8vbWF3aWQuZXhhbXBsZSJ9"
)
NEW: Final = {"clientDataJSON": CLIENT, "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA"}
ANSWER: Final = {"clientDataJSON": CLIENT, "authenticatorData": "AAAA", "signature": "AAAA"}


def targets() -> tuple[Target, ...]:
    """Return the targets."""
    return (
        Target("webhooks", _webhook, (UnsignedWebhookError, WrongSignatureError), (_some_webhook(),), (b"v1,", b": ")),
        Target(
            "cookies", _cookie, (), (visitors.begin(SITE, language="ar")[0].encode(), b"~AAAA", b"mw1\0" + bytes(40))
        ),
        Target(
            "wallet-proofs", _wallet_proof, (WalletRefusedError,), (_some_wallet_proof(),), (b"eyJ", b"."), longest=9000
        ),
        Target("proofs-of-work", _solution, (), (_some_solution(), b"e30=", b"bnVsbA=="), longest=8192),
        Target(
            "passkeys",
            _passkey,
            (WrongPasskeyError,),
            tuple(
                json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": one}).encode()
                for one in (NEW, ANSWER)
            ),
            (b"rawId", b"response", b"clientDataJSON", b"attestationObject", b"null", b"o2NmbXRk"),
        ),
    )
