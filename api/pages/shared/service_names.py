"""The names of services that have appointments, in the page's language."""

from api.i18n import Words
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.references import read_reference


def service_names(core: Core, words: Words) -> dict[str, str]:
    """Return the name of each service that has appointments in the page's language, by code."""
    return {service.code: words.name(service) for service in catalogue.list_appointment_services(core)}


async def reference_of(reference: str) -> str:
    """Read the reference in an address, with or without dashes; one that cannot exist counts as unknown."""
    try:
        return read_reference(reference)
    except FieldError:
        raise NotFoundError from None
