"""Groups of witnesses for tests, made as real ones are."""

from dataclasses import dataclass
from functools import cache

from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.beacons.dealing import write_deal
from booking.transparency.beacons.group import Accepted, Group, accept, assemble, read_group
from booking.transparency.beacons.identity import WitnessKeys, write_identity
from booking.transparency.beacons.parts import sign_part

NAMES = ("Al-Ayyam", "bar-association", "نقابة-الصحفيين", "university")


@dataclass(frozen=True)
class Made:
    """All that there is after a ceremony, secrets too."""

    ceremony: Ceremony
    keys: tuple[WitnessKeys, ...]  # by index
    deals: tuple[bytes, ...]
    accepted: tuple[Accepted, ...]
    file: bytes
    group: Group

    def parts(self, message: bytes, *indices: int) -> dict[int, bytes]:
        """The parts of the witnesses with these indices."""
        return {index: sign_part(self.accepted[index - 1].share, message) for index in indices}


def begun(number: int, need: int) -> tuple[Ceremony, tuple[WitnessKeys, ...]]:
    """A ceremony in which nobody has dealt, and the witnesses' keys by index."""
    keys = [WitnessKeys.new() for _ in range(number)]
    ceremony = Ceremony.of([write_identity(one, name=name) for one, name in zip(keys, NAMES, strict=False)], need)
    by_key = {one.signing.public_key().public_bytes_raw(): one for one in keys}
    return ceremony, tuple(by_key[one.vkey.key] for one in ceremony.witnesses)


@cache
def made(number: int = 4, need: int = 3) -> Made:
    """A whole group."""
    ceremony, keys = begun(number, need)
    deals = tuple(write_deal(one, ceremony) for one in keys)
    accepted = tuple(accept(one, ceremony, deals) for one in keys)
    file = assemble(accepted[0], ceremony, [one.acceptance for one in accepted])
    return Made(ceremony, keys, deals, accepted, file, read_group(file))
