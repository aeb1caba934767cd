"""The public file of a group of witnesses: who they are, whose part is checked with which key, and what all signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from py_arkworks_bls12381 import G2Point

from booking.platform.base.exact_json import canonical, one_line
from booking.transparency.beacons import bls
from booking.transparency.beacons.bls import committed_at, together_in_g2, weights
from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.beacons.dealing import open_share, read_deals
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.identity import SIGNATURE_BYTES, WitnessKeys, identity_of, verify
from booking.transparency.beacons.reading import hex_bytes, items, need_keys, read_file, whole
from booking.transparency.beacons.terms import MOST_WITNESSES, WitnessesTerms

FORMAT: Final = "mawid-witness-group-1"
ACCEPTED: Final = "mawid-witness-accept-1"
_MARK: Final = b"mawid-witness-group-v1\n"


@dataclass(frozen=True, slots=True)
class Group:
    """A group that all its witnesses signed.

    Attributes
    ----------
    ceremony
        Who they are, and how many must sign.
    key
        Of the signature that ``need`` of them make together, 96 bytes.
    keys
        Of the part of each, by index, 96 bytes.
    """

    ceremony: Ceremony
    key: bytes
    keys: tuple[bytes, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The witnesses' names, by index."""
        return tuple(one.name for one in self.ceremony.witnesses)

    @property
    def terms(self) -> WitnessesTerms:
        """What an announcement says of the group."""
        return WitnessesTerms(self.key, self.ceremony.need, self.names)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a witness has after it found all deals right.

    Attributes
    ----------
    share
        Its part of the secret: for its owner alone.
    group
        The group's file as it will be, without signatures; the same for everyone.
    acceptance
        The file with its signature of the group, for `assemble`.
    """

    share: int
    group: bytes
    acceptance: bytes


def accept(keys: WitnessKeys, ceremony: Ceremony, deals: Sequence[bytes]) -> Accepted:
    """Check all deals, take one's shares of them, and sign the group that comes of it.

    Raises
    ------
    BeaconError
        A deal is wrong or missing, or its share is; the message names who lied. Then nothing is signed.
    """
    index = ceremony.index_of(keys.signing.public_key().public_bytes_raw())
    read = read_deals(deals, ceremony)
    share = sum(open_share(keys, ceremony, deal) for deal in read) % bls.ORDER
    commitments = [sum_of([deal.commitments[power] for deal in read]) for power in range(ceremony.need)]
    said: dict[str, Any] = {
        "format": FORMAT,
        "need": ceremony.need,
        "key": commitments[0].to_compressed_bytes().hex(),
        "witnesses": [
            one.shown() | {"key": committed_at(commitments, place).to_compressed_bytes().hex()}
            for place, one in enumerate(ceremony.witnesses, 1)
        ],
        "deals": [deal.digest.hex() for deal in read],
    }
    group = canonical(said)
    digest = sha256(group).digest()
    acceptance = {
        "format": ACCEPTED,
        "group": digest.hex(),
        "index": index,
        "signature": keys.signing.sign(_MARK + digest).hex(),
    }
    return Accepted(share, group, one_line(acceptance))


def assemble(accepted: Accepted, ceremony: Ceremony, acceptances: Sequence[bytes]) -> bytes:
    """Return the group's file, from what one accepted and the acceptances of all, in any order.

    Raises
    ------
    BeaconError
        An acceptance is of another group (somebody got other deals), not its witness's, or missing.
    """
    digest = sha256(accepted.group).digest()
    signatures: dict[int, str] = {}
    for content in acceptances:
        said = read_file(content, "the acceptance", ACCEPTED, "group", "index", "signature")
        index = whole(said["index"], "index", 1, len(ceremony.witnesses))
        name = ceremony.name_of(index)
        if said["group"] != digest.hex():
            raise BeaconError(f"{name} accepted another group: compare the deals that each of you has")
        signature = hex_bytes(said["signature"], "the signature", SIGNATURE_BYTES)
        verify(ceremony.witnesses[index - 1].vkey, _MARK + digest, signature, f"the acceptance of {name}")
        signatures[index] = signature.hex()
    missing = [one.name for index, one in enumerate(ceremony.witnesses, 1) if index not in signatures]
    if missing:
        raise BeaconError(f"the acceptance of {' and of '.join(missing)} is missing")
    # It is exact JSON, so another key can only be put where the order of keys has it.
    body = read_file(accepted.group + b"\n", "the group", FORMAT, "need", "key", "witnesses", "deals")
    return one_line(body | {"signatures": [signatures[index] for index in sorted(signatures)]})


def read_group(content: bytes) -> Group:
    """Read a group's file, and check all that it says: who trusts the witnesses' keys need trust nobody else.

    Raises
    ------
    BeaconError
        It is no such file, a witness did not sign it, or the keys of the parts do not make the group's key.
    """
    said = read_file(content, "the group", FORMAT, "need", "key", "witnesses", "deals", "signatures")
    listed = said["witnesses"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_WITNESSES:
        raise BeaconError(f"witnesses is not a list of 1 to {MOST_WITNESSES}")
    need = whole(said["need"], "need", 1, len(listed))
    keys = tuple(map(_part_key, listed))
    ceremony = Ceremony.among([identity_of(one) for one in listed], need)
    if [one["vkey"] for one in listed] != [one.vkey.text for one in ceremony.witnesses]:
        raise BeaconError("witnesses do not stand in the order of their names")
    for one in items(said["deals"], "deals", len(listed)):
        hex_bytes(one, "a deal", 32)
    signatures = items(said.pop("signatures"), "signatures", len(listed))
    digest = sha256(canonical(said)).digest()
    for witness, signature in zip(ceremony.witnesses, signatures, strict=True):
        written = hex_bytes(signature, f"the signature of {witness.name}", SIGNATURE_BYTES)
        verify(witness.vkey, _MARK + digest, written, "the group")
    key = hex_bytes(said["key"], "key", bls.KEY_BYTES)
    _refuse_other_keys(key, keys, need)
    return Group(ceremony, key, keys)


def sum_of(points: Sequence[G2Point]) -> G2Point:
    """Return the sum of points of G2."""
    return sum(points, G2Point.identity())


def _part_key(said: Any) -> bytes:
    need_keys(said, "a witness", "vkey", "exchange", "url", "key")
    key = hex_bytes(said["key"], "a witness's key", bls.KEY_BYTES)
    bls.read_key(key)
    return key


def _refuse_other_keys(key: bytes, keys: Sequence[bytes], need: int) -> None:
    """Pass keys on one polynomial of the right degree whose value at 0 is the group's key: any parts make one value."""
    points: Mapping[int, G2Point] = dict(enumerate(map(bls.read_key, keys), 1))
    first = range(1, need + 1)
    for place, expected in [(0, bls.read_key(key)), *((index, points[index]) for index in points if index > need)]:
        if together_in_g2([points[index] for index in first], weights(first, place)) != expected:
            raise BeaconError("the keys of the parts do not make the group's key")
