"""Which accounts belong together and resell: what they share, communities, how likely each resells, who is who in it.

`find_rings` finds the rings in a frame of bookings; `neighbourhoods` invents such frames, of which all is known. See
docs/linkage.md.
"""

from fraud.rings.find import Rings, find_rings
from fraud.rings.neighbourhoods import neighbourhoods
from fraud.rings.roles import Role

__all__ = ["Rings", "Role", "find_rings", "neighbourhoods"]
