"""An authenticator in software, for tests: it makes passkeys and signs, honestly unless it is told otherwise."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

SITE = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftwarePasskey:
    """One key pair (ES256). ``count`` is its counter; ``counts`` is False for those that never count."""

    origin: str
    counts: bool = True
    count: int = 0
    flags: int = PRESENT | VERIFIED
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: str) -> str:
        """Answer the options of ``navigator.credentials.create``, as the page sends it."""
        asked = json.loads(options)
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(asked["rp"]["id"], ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._sent(attestationObject=statement, clientDataJSON=self._client("webauthn.create", asked))

    def answer(self, options: str) -> str:
        """Answer the options of ``navigator.credentials.get``, as the page sends it."""
        asked = json.loads(options)
        self.count += self.counts
        client, data = self._client("webauthn.get", asked), self._data(asked["rpId"], 0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._sent(authenticatorData=data, clientDataJSON=client, signature=signature)

    def _data(self, rp_id: str, more: int) -> bytes:
        flags = (self.flags | more).to_bytes(1, "big")
        return hashlib.sha256(rp_id.encode()).digest() + flags + self.count.to_bytes(4, "big")

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _sent(self, **said: bytes) -> str:
        response = {name: text(value) for name, value in said.items()}
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})


def text(value: bytes) -> str:
    """Write bytes as pages do: base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def from_text(value: str) -> bytes:
    """Read them back."""
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))
