"""That who shows a credential has the key to which it is bound (RFC 9901, section 4.3: SD-JWT+KB)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from booking.eservices.credentials.holder import NotSignedError, public_part, read_signed_by, whole_seconds
from booking.eservices.credentials.sd_jwt import ForgedCredentialError, digest

BINDING_KIND: Final = "kb+jwt"
CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By so much may a phone's clock be ahead of the gate's."""
BINDING_LASTS: Final = timedelta(minutes=5)
"""After which what a holder signed is too old, by the phone's clock."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate asks the holder to sign: a value that it made just now for this showing, and who it is."""

    nonce: str
    audience: str


def check_binding(binding: str, bound: str, cnf: object, *, asked: Asked, at: datetime) -> None:
    """Check what the holder signed over a credential, as the gate asked for it.

    Raises
    ------
    ForgedCredentialError
        Another key signed it, over something else, for another gate or showing, or at another time.
    """
    try:
        claims = _read(binding, cnf)
        made = whole_seconds(claims, "iat") - at.timestamp()
    except NotSignedError as error:
        raise ForgedCredentialError(f"its holder's signature: {error}") from error
    if claims.get("sd_hash") != digest(bound):
        raise ForgedCredentialError("its holder signed that something else is shown")
    if claims.get("nonce") != asked.nonce or claims.get("aud") != asked.audience:
        raise ForgedCredentialError("its holder signed it for another gate or another showing")
    if not -BINDING_LASTS.total_seconds() <= made <= CLOCKS_DIFFER.total_seconds():
        raise ForgedCredentialError("its holder signed it at another time")


def _read(binding: str, cnf: object) -> dict[str, Any]:
    if not isinstance(cnf, dict):
        raise NotSignedError("the credential is bound to no key")
    return read_signed_by(public_part(cnf.get("jwk")), binding, kind=BINDING_KIND)
