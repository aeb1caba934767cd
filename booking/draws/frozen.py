"""What a draw was decided by, read back from its files in either format."""

from collections.abc import Mapping

from booking.beacons.values import value_of
from booking.draws.files import Frozen, read_frozen
from booking.draws.format2.closing import read_closing
from booking.draws.formats import DamagedFileError
from booking.models import Draw


def frozen_of(draw: Draw, contents: Mapping[str, bytes]) -> Frozen:
    """Return what a drawn draw was decided by, beside its seed.

    Raises
    ------
    DamagedFileError
        The files are damaged, or the draw has no value of its beacon.
    """
    if draw.format == 1:
        return read_frozen(contents)
    if draw.beacon_signature is None:
        raise DamagedFileError(f"draw {draw.reference} has no value of its beacon")
    return read_closing(contents).frozen(value_of(draw.beacon_signature))
