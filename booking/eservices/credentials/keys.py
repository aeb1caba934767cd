"""The issuer's key, and how everyone learns it."""

from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey, KeySet

from booking.platform.base.vault import Vault

PURPOSES: Final = ("credential signature, first half", "credential signature, second half")
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256: how many points its generator makes (SEC 2, 2.4.2)."""


def issuer_key(vault: Vault) -> ECKey:
    """Return the key that signs credentials and status lists: P-256, from the lasting key.

    512 derived bits, reduced, favour no key (FIPS 186-5, A.2.1). Wallets know this curve everywhere, Ed25519 seldom.
    """
    derived = int.from_bytes(b"".join(map(vault.key, PURPOSES)))
    return ECKey.import_key(ec.derive_private_key(derived % (_ORDER - 1) + 1, ec.SECP256R1()))


def published_keys(vault: Vault) -> dict[str, Any]:
    """Return the public keys that hold, as a JWK set: the one in use alone.

    A lasting key is replaced after a leak. Whoever has it could sign anything, and a check without the network asks no
    database: so nothing that the one before signed may hold there. Wallets fetch their credentials anew.
    """
    key = issuer_key(vault)
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "ES256"}]}


def names_of(keys: KeySet) -> list[str]:
    """Return what keys are called: their thumbprints, worked out, since a document can say any ``kid`` of a key."""
    return [key.thumbprint() for key in keys.keys]


def key_set(jwks: dict[str, Any]) -> KeySet:
    """Read a JWK set; raises ValueError, KeyError or joserfc's errors for what is none."""
    return KeySet([ECKey.import_key(one) for one in jwks["keys"] if one["kty"] == "EC"])
