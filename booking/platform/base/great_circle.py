"""How far two places are apart on the globe."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_KM: Final = 6371.0


def great_circle_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Return the great-circle distance in kilometres, coordinates in degrees; the haversine formula (Sinnott 1984)."""
    from_phi, to_phi = radians(latitude), radians(to_latitude)
    half = (
        sin((to_phi - from_phi) / 2) ** 2
        + cos(from_phi) * cos(to_phi) * sin(radians(to_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))
