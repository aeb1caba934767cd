"""The proof that a wallet has the key to which its credential is bound (OpenID4VCI 1.0, appendix F.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from booking.eservices.credentials.holder import NotSignedError, public_part, read_header, read_signed_by, whole_seconds
from booking.eservices.credentials.token import Refusal, WalletRefusedError

PROOF_KIND: Final = "openid4vci-proof+jwt"
CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By so much may a phone's clock be ahead of ours."""
PROOF_LASTS: Final = timedelta(minutes=5)
"""After which a proof is too old, by the phone's clock."""
_OTHER_KEYS: Final = ("kid", "x5c", "trust_chain")


@dataclass(frozen=True, slots=True)
class KeyProof:
    """A key that its holder has, and the value of ours that was signed with it."""

    jwk: dict[str, str]
    nonce: str


def read_key_proof(text: str, *, issuer: str, now: datetime) -> KeyProof:
    """Check all of a proof but its nonce: the key in its header signed it, for this issuer, just now.

    Raises
    ------
    WalletRefusedError
        It proves nothing; of the standard's ``invalid_proof``.
    """
    try:
        return _read(text, issuer, int(now.timestamp()))
    except NotSignedError as error:
        raise WalletRefusedError(Refusal.INVALID_PROOF, str(error)) from error


def _read(text: str, issuer: str, now: int) -> KeyProof:
    header = read_header(text)
    if any(name in header for name in _OTHER_KEYS):
        raise NotSignedError("the header names more than one key")
    jwk = public_part(header.get("jwk"))
    claims = read_signed_by(jwk, text, kind=PROOF_KIND)
    made = whole_seconds(claims, "iat") - now
    if not -PROOF_LASTS.total_seconds() <= made <= CLOCKS_DIFFER.total_seconds():
        raise NotSignedError("the proof is of another time")
    if "exp" in claims and whole_seconds(claims, "exp") <= now:
        raise NotSignedError("the proof is over")
    if claims.get("aud") not in (issuer, [issuer]):
        raise NotSignedError("the proof is for another issuer")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        raise NotSignedError("the proof has no nonce")
    return KeyProof(jwk, nonce)
