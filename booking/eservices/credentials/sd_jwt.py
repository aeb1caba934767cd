"""SD-JWT (RFC 9901): a signed text whose holder chooses what of it to show.

What may be left out is not in the signed part. There is its digest alone; the words themselves follow as disclosures,
each with a random salt, and whoever leaves one out leaves a digest behind that says nothing.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from booking.platform.base.errors import MawidError
from booking.platform.base.exact_json import without_repetition
from booking.platform.base.references import decoded, encoded

ALGORITHM: Final = "ES256"
LARGEST: Final = 64 * 1024
"""Characters of a credential; ours have some two thousand."""
NEVER_HIDDEN: Final = frozenset({"iss", "iat", "nbf", "exp", "vct", "status", "cnf"})
"""What a check needs, which no disclosure may bring (SD-JWT VC, 2.2.2.2)."""

_DIGESTS: Final = "_sd"
_OURS: Final = frozenset({_DIGESTS, "_sd_alg", "..."})
_PADDED_TO: Final = 8
_PARTS: Final = 3


class ForgedCredentialError(MawidError):
    """The text is no credential of this issuer: damaged, put together, or not signed by one of its keys."""

    code = "forged_credential"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a credential that holds says: ``claims`` for everyone, ``chosen`` as its holder shows it.

    ``binding`` is what the holder's key signed over ``bound``, the text before it; of that nothing was checked here.
    """

    claims: Mapping[str, Any]
    chosen: Mapping[str, Any]
    bound: str
    binding: str = ""


def write(claims: Mapping[str, Any], hidden: Mapping[str, Any], key: ECKey, *, kind: str) -> str:
    """Sign a text with every disclosure; digests that belong to nothing keep the number of ``hidden`` from sight.

    Parameters
    ----------
    kind
        Its type, in the header.
    """
    disclosures = [_disclosure(name, value) for name, value in hidden.items()]
    digests = [digest(one) for one in disclosures]
    digests += [encoded(secrets.token_bytes(32)) for _ in range(-len(digests) % _PADDED_TO)]
    body = {**claims, _DIGESTS: sorted(digests), "_sd_alg": "sha-256"}
    return "~".join([sign(body, key, kind=kind), *disclosures, ""])


def sign(body: Mapping[str, Any], key: ECKey, *, kind: str) -> str:
    """Sign a JWT with the issuer's key, which its header names."""
    header = {"alg": ALGORITHM, "typ": kind, "kid": key.thumbprint()}
    return jws.serialize_compact(header, json.dumps(body, ensure_ascii=False), key, algorithms=[ALGORITHM])


def show_only(text: str, names: Collection[str]) -> str:
    """Leave out every disclosure of a credential but those with these names; who holds it may."""
    signed, *disclosures, _ = text.split("~")
    return "~".join([signed, *(one for one in disclosures if _read_disclosure(one)[0] in names), ""])


def read(text: str, keys: KeySet, *, kind: str) -> Shown:
    """Check signature and disclosures of a credential; raises ForgedCredentialError."""
    bound, end, binding = text.strip().rpartition("~") if len(text) <= LARGEST else ("", "", "")
    signed, *disclosures = bound.split("~")
    if not end:
        raise ForgedCredentialError("it is no credential")
    claims = read_signed(signed, keys, kind=kind)
    if binding and "cnf" not in claims:
        raise ForgedCredentialError("something stands behind it, and it is bound to no key")
    digests = claims.pop(_DIGESTS, [])
    if claims.pop("_sd_alg", "sha-256") != "sha-256" or not isinstance(digests, list):
        raise ForgedCredentialError("its digests are of another kind")
    left, chosen = set(map(str, digests)), dict[str, Any]()
    if len(left) != len(digests):
        raise ForgedCredentialError("a digest stands twice")
    for one in disclosures:
        name, value = _read_disclosure(one)
        if digest(one) not in left:
            raise ForgedCredentialError("something is shown that was not signed")
        left.remove(digest(one))
        if name in claims or name in chosen or name in NEVER_HIDDEN | _OURS:
            raise ForgedCredentialError("something is shown under a name that is taken")
        chosen[name] = value
    return Shown(claims, chosen, bound + end, binding)


def read_signed(signed: str, keys: KeySet, *, kind: str) -> dict[str, Any]:
    """Read a JWT of a kind that one of these keys signed; raises ForgedCredentialError."""
    try:
        found = jws.deserialize_compact(signed, keys, algorithms=[ALGORITHM])
        body = json.loads(found.payload, object_pairs_hook=without_repetition)
    except (JoseError, ValueError, TypeError, RecursionError) as error:  # TypeError: a header such as {"crit": 1}
        raise ForgedCredentialError("no key of the issuer signed it") from error
    headers = found.headers()
    if headers.get("typ") != kind or "kid" not in headers or not isinstance(body, dict):
        raise ForgedCredentialError(f"it is no {kind}")
    return body


def digest(disclosure: str) -> str:
    """Return what stands for a disclosure in the signed part."""
    return encoded(sha256(disclosure.encode("ascii")).digest())


def _disclosure(name: str, value: object) -> str:
    return encoded(json.dumps([encoded(secrets.token_bytes(16)), name, value], ensure_ascii=False).encode())


def _read_disclosure(text: str) -> tuple[str, Any]:
    try:
        parts = json.loads(decoded(text), object_pairs_hook=without_repetition)
    except (ValueError, RecursionError) as error:
        raise ForgedCredentialError("a disclosure cannot be read") from error
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise ForgedCredentialError("a disclosure cannot be read")
    salt, name, value = parts
    if not isinstance(salt, str) or not isinstance(name, str):
        raise ForgedCredentialError("a disclosure cannot be read")
    return name, value


KIND: Final = "dc+sd-jwt"
LIST_KIND: Final = "statuslist+jwt"
WELL_KNOWN: Final = "/.well-known/jwt-vc-issuer"
WALLETS_WELL_KNOWN: Final = "/.well-known/openid-credential-issuer"
TOKENS_WELL_KNOWN: Final = "/.well-known/oauth-authorization-server"
TOKEN: Final = "/api/wallets/token"  # noqa: S105 - an address
NONCE: Final = "/api/wallets/nonce"
CREDENTIAL: Final = "/api/wallets/credential"
PASS: Final = "appointment-pass"  # noqa: S105 - a kind
"""The kind of the one credential that is of no service asked for online."""
LISTS: Final = "/credentials/status-lists.json"
OF_EVERY_RESULT: Final = ("holder", "number", "issued-on")
"""What we say of each result ourselves, which no answer to a form may replace."""

_KINDS: Final = "/credentials/types/"
_STATUS: Final = "/credentials/status/"


def claim_of(code: str) -> str:
    """Return what a line of a result is called in its credential: its code, unless the issuer speaks under that name.

    ``form:number`` is what somebody typed; no code has a colon, so no two lines share a name.
    """
    return f"form:{code}" if code in NEVER_HIDDEN or code in OF_EVERY_RESULT else code


def type_address(issuer: str, service_code: str = "") -> str:
    """Return the name of a kind of credentials (``vct``), where its description lies; without one, how all begin."""
    return f"{issuer}{_KINDS}{service_code}"


def list_address(issuer: str, number: int | None = None) -> str:
    """Return where a status list lies; how all begin, without a number."""
    return f"{issuer}{_STATUS}{'' if number is None else number}"
