"""A service's file as it was loaded, from the row in the database."""

import json
from typing import Final

from booking.models import Service
from booking.packs.service import ServiceSpec

_ADDED: Final = frozenset({"reasons", "max_party"})
"""What the row's ``spec`` holds besides the file."""


def definition_of(service: Service) -> ServiceSpec:
    """Return everything that the service's file says: form, fees, papers, prerequisites, result."""
    written = {key: value for key, value in service.spec.items() if key not in _ADDED}
    return ServiceSpec.model_validate_json(json.dumps(written))
