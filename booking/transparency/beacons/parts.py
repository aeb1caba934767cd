"""The part of one witness in a group's signature, and the signature that any ``need`` of them make: always the same."""

from collections.abc import Mapping

from booking.transparency.beacons import bls
from booking.transparency.beacons.bls import together_in_g1, weights
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.group import Group
from booking.transparency.beacons.values import WITNESSES_DST


def sign_part(share: int, message: bytes) -> bytes:
    """Return a witness's part of the signature for a message of `booking.transparency.beacons.values`, 48 bytes."""
    return bls.sign(share, message, dst=WITNESSES_DST)


def check_part(group: Group, index: int, message: bytes, signature: bytes) -> None:
    """Check the part of the witness with an index.

    Raises
    ------
    BeaconError
        The group has no such witness, or this is not its part; the message names it.
    """
    if not 1 <= index <= len(group.keys):
        raise BeaconError(f"the group has no witness {index}")
    try:
        bls.verify(group.keys[index - 1], message, signature, dst=WITNESSES_DST)
    except BeaconError as error:
        raise BeaconError(f"this is not the part of {group.names[index - 1]}: {error}") from None


def combine(group: Group, message: bytes, parts: Mapping[int, bytes]) -> bytes:
    """Return the group's signature from parts by index: from whichever it is made, its bytes are the same.

    Raises
    ------
    BeaconError
        There are fewer than needed, or one is wrong; the message names whose.
    """
    if len(parts) < group.ceremony.need:
        raise BeaconError(f"{len(parts)} parts are here, and {group.ceremony.need} are needed")
    for index, signature in parts.items():
        check_part(group, index, message, signature)
    used = sorted(parts)[: group.ceremony.need]
    points = [bls.read_signature(parts[index]) for index in used]
    whole = together_in_g1(points, weights(used)).to_compressed_bytes()
    bls.verify(group.key, message, whole, dst=WITNESSES_DST)
    return whole
