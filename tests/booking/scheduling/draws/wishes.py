"""The wishes in a published draw, as observers read them."""

import json
from collections.abc import Mapping

from booking.scheduling.draws.format2.kept import read_requests
from booking.scheduling.draws.format2.line import read_line
from booking.scheduling.draws.format2.tables import STATEMENT
from booking.scheduling.draws.leaf import Leaf


def leaves_of(files: Mapping[str, bytes]) -> list[Leaf]:
    """Read the wishes that observers may see, with all that the draw knew of them."""
    line = read_line(files, most=1 << 20)
    return [each.leaf for each in read_requests(files, line, json.loads(files[STATEMENT])["reference"])]
