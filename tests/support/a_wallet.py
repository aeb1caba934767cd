"""A wallet for tests: it reads an offer, proves that it has keys, and shows what it holds."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from booking.country.core.core import Core
from booking.eservices.credentials.give import give_credentials
from booking.eservices.credentials.key_binding import BINDING_KIND
from booking.eservices.credentials.key_proof import PROOF_KIND
from booking.eservices.credentials.offer import PRE_AUTHORIZED, Offer
from booking.eservices.credentials.sd_jwt import digest
from booking.eservices.credentials.token import exchange_code, new_nonce
from booking.platform.base.references import encoded


def read_offer(address: str) -> tuple[str, str]:
    """The kind and the code that an offer's address says."""
    [said] = parse_qs(urlsplit(address).query)["credential_offer"]
    offer = json.loads(said)
    [kind] = offer["credential_configuration_ids"]
    return kind, offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"]


class Wallet:
    """An app with a key of its own."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256")
        self.jwk: dict[str, Any] = dict(self.key.as_dict(private=False))

    def sign(self, claims: dict[str, Any], *, kind: str, key: ECKey | None = None, **header: Any) -> str:
        """Whatever it is told to sign; of the header None leaves a field out."""
        said = {"alg": "ES256", "typ": kind, **header}
        made = {name: value for name, value in said.items() if value is not None}
        text = ".".join(encoded(json.dumps(one).encode()) for one in (made, claims))
        pair = decode_dss_signature((key or self.key).private_key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{encoded(b''.join(one.to_bytes(32) for one in pair))}"

    def proof(self, core: Core, **changed: Any) -> str:
        """A proof of its key with a fresh value, for this issuer, now."""
        claims = {"aud": core.settings.base_url, "iat": int(core.clock.now().timestamp()), "nonce": new_nonce(core)}
        return self.sign(claims | changed, kind=PROOF_KIND, jwk=self.jwk)

    def take(self, core: Core, offer: Offer, *, proofs: list[str] | None = None) -> list[str]:
        """What it gets for an offer whose transaction code was typed."""
        kind, code = read_offer(offer.address)
        token = exchange_code(core, code=code, transaction_code=offer.transaction_code)
        return give_credentials(core, token=token.text, kind=kind, proofs=proofs or [self.proof(core)])

    def show(self, credential: str, *, nonce: str, audience: str, at: datetime, **changed: Any) -> str:
        """A credential with its signature that it is shown there and then."""
        claims = {"nonce": nonce, "aud": audience, "iat": int(at.timestamp()), "sd_hash": digest(credential)}
        return credential + self.sign(claims | changed, kind=BINDING_KIND)
