"""Making a group's key so that nobody ever has its secret: everyone deals a share of a secret of their own to everyone.

The group's secret is the sum of all dealt secrets, and never stands anywhere: k shares make a signature, k - 1 say
nothing. Joint Feldman as it stands lets the last dealer shift the group's key, never know its secret, which is enough
for signatures of this kind.

Sources: Pedersen, A threshold cryptosystem without a trusted party (1991); Gennaro, Jarecki, Krawczyk, Rabin, Secure
applications of Pedersen's distributed key generation protocol (2003); Boldyreva, Threshold signatures … based on the
gap-Diffie-Hellman-group signature scheme (2003).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from py_arkworks_bls12381 import G2Point

from booking.platform.base.exact_json import canonical, one_line
from booking.transparency.beacons import bls
from booking.transparency.beacons.bls import committed_at, new_polynomial, value_at
from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.identity import KEY_BYTES, SIGNATURE_BYTES, WitnessKeys, shared_key, verify
from booking.transparency.beacons.reading import hex_bytes, items, read_file, whole

FORMAT: Final = "mawid-witness-deal-1"
_MARK: Final = b"mawid-witness-deal-v1\n"
_PROOF: Final = b"mawid-witness-proof-v1\n"
_SEALING: Final = b"mawid-witness-share-v1\n"
PROOF_DST: Final = b"MAWID_WITNESSES_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_NONCE_BYTES: Final = 12
_SEALED_BYTES: Final = _NONCE_BYTES + bls.SCALAR_BYTES + 16


@dataclass(frozen=True, slots=True)
class Deal:
    """What one witness dealt: commitments to its polynomial, and a share for each, sealed.

    Attributes
    ----------
    dealer
        Its index.
    commitments
        Of the coefficients, the constant first, as many as must sign.
    ephemeral
        The X25519 key of this deal alone.
    shares
        By index, each only for its owner.
    digest
        SHA-256 of the file.
    """

    dealer: int
    commitments: tuple[G2Point, ...]
    ephemeral: bytes
    shares: tuple[bytes, ...]
    digest: bytes


def write_deal(keys: WitnessKeys, ceremony: Ceremony) -> bytes:
    """Return the file with which a witness deals: every call deals anew, and one deal counts.

    The dealer gets a sealed share too, so nothing of the polynomial needs to be kept.

    Raises
    ------
    BeaconError
        The keys are of none of the witnesses.
    """
    dealer = ceremony.index_of(keys.signing.public_key().public_bytes_raw())
    polynomial, ephemeral = new_polynomial(ceremony.need), X25519PrivateKey.generate()
    commitments = [bls.public_key(one) for one in polynomial]
    shares = [
        _seal(shared_key(ephemeral, one.exchange), _about(ceremony, dealer, index), value_at(polynomial, index))
        for index, one in enumerate(ceremony.witnesses, 1)
    ]
    proof = bls.sign(polynomial[0], _proven(ceremony, dealer, commitments[0]), dst=PROOF_DST)
    said: dict[str, Any] = {
        "format": FORMAT,
        "ceremony": ceremony.id.hex(),
        "dealer": dealer,
        "commitments": [one.hex() for one in commitments],
        "proof": proof.hex(),
        "ephemeral": ephemeral.public_key().public_bytes_raw().hex(),
        "shares": [one.hex() for one in shares],
    }
    return one_line(said | {"signature": keys.signing.sign(_MARK + canonical(said)).hex()})


def read_deal(content: bytes, ceremony: Ceremony) -> Deal:
    """Read what a witness dealt, and check all that everyone can check.

    Raises
    ------
    BeaconError
        It is no deal of this ceremony, not its dealer's, or without a proof that the dealer knows the secret.
    """
    keys = ("ceremony", "dealer", "commitments", "proof", "ephemeral", "shares", "signature")
    said = read_file(content, "the deal", FORMAT, *keys)
    if said["ceremony"] != ceremony.id.hex():
        raise BeaconError("the deal is for other witnesses, or another number of them that must sign")
    dealer = whole(said["dealer"], "the dealer", 1, len(ceremony.witnesses))
    what = f"the deal of {ceremony.name_of(dealer)}"
    signature = hex_bytes(said.pop("signature"), "the signature", SIGNATURE_BYTES)
    verify(ceremony.witnesses[dealer - 1].vkey, _MARK + canonical(said), signature, what)
    try:
        written = [
            hex_bytes(one, "a commitment", bls.KEY_BYTES)
            for one in items(said["commitments"], "commitments", ceremony.need)
        ]
        commitments = tuple(map(bls.read_key, written))
        proof = hex_bytes(said["proof"], "the proof", bls.SIGNATURE_BYTES)
        bls.verify(written[0], _proven(ceremony, dealer, written[0]), proof, dst=PROOF_DST)
        shares = items(said["shares"], "shares", len(ceremony.witnesses))
        sealed = tuple(hex_bytes(one, "a share", _SEALED_BYTES) for one in shares)
        ephemeral = hex_bytes(said["ephemeral"], "the ephemeral key", KEY_BYTES)
    except BeaconError as error:
        raise BeaconError(f"{what} is wrong: {error}") from None
    return Deal(dealer, commitments, ephemeral, sealed, sha256(content).digest())


def read_deals(contents: Sequence[bytes], ceremony: Ceremony) -> tuple[Deal, ...]:
    """Return the deals of all witnesses by index, from their files in any order.

    Raises
    ------
    BeaconError
        One is wrong, of somebody who dealt twice, or missing; the message names whose.
    """
    deals: dict[int, Deal] = {}
    for deal in (read_deal(content, ceremony) for content in dict.fromkeys(contents)):
        if deal.dealer in deals:
            raise BeaconError(f"{ceremony.name_of(deal.dealer)} dealt twice, and differently")
        deals[deal.dealer] = deal
    missing = [one.name for index, one in enumerate(ceremony.witnesses, 1) if index not in deals]
    if missing:
        raise BeaconError(f"the deal of {' and of '.join(missing)} is missing")
    return tuple(deals[index] for index in sorted(deals))


def open_share(keys: WitnessKeys, ceremony: Ceremony, deal: Deal) -> int:
    """Return the share that a deal has for the owner of the keys, after checking it against the commitments.

    Raises
    ------
    BeaconError
        It cannot be opened, or is not the one that the dealer committed to: the dealer lied, and is named.
    """
    index = ceremony.index_of(keys.signing.public_key().public_bytes_raw())
    dealer = ceremony.name_of(deal.dealer)
    try:
        key = shared_key(keys.exchange, deal.ephemeral)
        share = _open(key, _about(ceremony, deal.dealer, index), deal.shares[index - 1])
    except (BeaconError, InvalidTag):
        raise BeaconError(f"{dealer} lied: the share for {ceremony.name_of(index)} cannot be opened") from None
    if (
        not 0 < share < bls.ORDER
        or bls.public_key(share) != committed_at(deal.commitments, index).to_compressed_bytes()
    ):
        raise BeaconError(f"{dealer} lied: the share for {ceremony.name_of(index)} is not the one committed to")
    return share


def _proven(ceremony: Ceremony, dealer: int, commitment: bytes) -> bytes:
    """Return what a dealer signs with the secret itself, to show that it is known."""
    return sha256(_PROOF + ceremony.id + bytes([dealer]) + commitment).digest()


def _about(ceremony: Ceremony, dealer: int, index: int) -> bytes:
    """Return what a sealed share is bound to, so that none passes for another one."""
    return _SEALING + ceremony.id + bytes([dealer, index])


def _seal(shared: bytes, about: bytes, share: int) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(shared, about).encrypt(nonce, share.to_bytes(bls.SCALAR_BYTES, "big"), about)


def _open(shared: bytes, about: bytes, sealed: bytes) -> int:
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    return int.from_bytes(_cipher(shared, about).decrypt(nonce, rest, about), "big")


def _cipher(shared: bytes, about: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=about).derive(shared))
