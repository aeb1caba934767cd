"""The payment provider that the settings name: the sandbox, or a package that is installed beside Mawid."""

from importlib.metadata import entry_points
from typing import Final

from booking.country.core.core import Core
from booking.people.payments.provider import SANDBOX, PaymentProvider
from booking.people.payments.sandbox import Sandbox

GROUP: Final = "mawid.payment_providers"


def provider_of(core: Core) -> PaymentProvider | None:
    """Return the provider that the settings name; None where they name none."""
    name = core.settings.payment_provider
    if name is None:
        return None
    if name == SANDBOX:
        return Sandbox(core)
    made: PaymentProvider = entry_points(group=GROUP)[name].load()(core)
    return made
