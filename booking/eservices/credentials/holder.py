"""The key of a wallet: read where it stands, and what it signed (RFC 7515, RFC 7517)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from booking.eservices.credentials.sd_jwt import ALGORITHM
from booking.platform.base.exact_json import without_repetition
from booking.platform.base.references import decoded

LARGEST: Final = 8 * 1024
"""Characters of a text that a wallet signed; those of the standards have some four hundred."""
_LATEST: Final = 1 << 53
_CURVE: Final = {"kty": "EC", "crv": "P-256"}
_COORDINATE: Final = 32
"""Octets of a coordinate on P-256, zeros at its beginning too (RFC 7518, 6.2.1.2)."""
_SECRET: Final = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})


class _Registry(jws.JWSRegistry):
    max_header_length = LARGEST


_MORE_IN_HEADERS: Final = _Registry(algorithms=[ALGORITHM], strict_check_header=False)
"""Wallets say more than we read, such as who attests their key: joserfc's own bound of 512 bytes is too small."""


class NotSignedError(ValueError):
    """A text was not signed by the key that it has to be signed by, or says otherwise what it is; the message says."""


def public_part(jwk: object) -> dict[str, str]:
    """Return the public key on P-256 that a JWK is, and nothing else of it.

    Raises
    ------
    NotSignedError
        It is of another kind, no point of the curve, or a private key, which is nobody's secret any more.
    """
    if not isinstance(jwk, dict) or _SECRET & set(jwk):
        raise NotSignedError("the key is none, or a private one")
    key = {name: jwk.get(name) for name in ("kty", "crv", "x", "y")}
    if {name: key[name] for name in _CURVE} != _CURVE or not all(isinstance(one, str) for one in key.values()):
        raise NotSignedError("the key is none of P-256")
    public = {name: str(value) for name, value in key.items()}
    try:
        sizes = {len(decoded(public[name])) for name in ("x", "y")}
        _imported(public).get_op_key("verify")
    except (JoseError, ValueError) as error:
        raise NotSignedError("the key is no point of P-256") from error
    if sizes != {_COORDINATE}:  # else one key could be written in many ways, and signed by us at any length
        raise NotSignedError("the key is not written as those of P-256 are")
    return public


def read_header(text: str) -> dict[str, Any]:
    """Return the header of a signed text, of which nothing was checked; raises NotSignedError."""
    if len(text) > LARGEST or text.count(".") != 2:  # noqa: PLR2004 - header, body, signature
        raise NotSignedError("it is no signed text")
    return _object(text.partition(".")[0])


def read_signed_by(jwk: dict[str, str], text: str, *, kind: str) -> dict[str, Any]:
    """Read what this key signed with ES256, of a kind; raises NotSignedError."""
    header = read_header(text)
    if header.get("typ") != kind or header.get("alg") != ALGORITHM or "crit" in header:
        raise NotSignedError(f"it is no {kind} that is signed with {ALGORITHM}")
    try:
        jws.deserialize_compact(text, _imported(jwk), registry=_MORE_IN_HEADERS)
    except (JoseError, ValueError) as error:
        raise NotSignedError("the key did not sign it") from error
    return _object(text.split(".")[1])


def whole_seconds(claims: dict[str, Any], name: str) -> int:
    """Return a claim that counts seconds since 1970; raises NotSignedError."""
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise NotSignedError(f"{name} is no whole number of seconds")
    return value


def _imported(jwk: Mapping[str, str]) -> ECKey:
    fields: dict[str, str | list[str]] = {**jwk}
    return ECKey.import_key(fields)


def _object(part: str) -> dict[str, Any]:
    try:
        said = json.loads(decoded(part), object_pairs_hook=without_repetition)
    except (ValueError, RecursionError) as error:
        raise NotSignedError("it cannot be read") from error
    if not isinstance(said, dict):
        raise NotSignedError("it cannot be read")
    return said
