"""What a draw was decided by, read back from its files in either format."""

from collections.abc import Mapping

from booking.platform.models import Draw
from booking.scheduling.draws.files import Frozen, read_frozen
from booking.scheduling.draws.format2.closing import read_bound_line, read_facts, read_in_line
from booking.scheduling.draws.format2.tables import STATEMENT
from booking.scheduling.draws.formats import DamagedFileError
from booking.transparency.beacons.values import value_of


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
    bound = read_bound_line(contents, read_facts(contents, STATEMENT))
    return read_in_line(contents, bound).frozen(value_of(draw.beacon_signature))
