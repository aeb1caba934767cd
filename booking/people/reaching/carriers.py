"""Who takes a notice to a person: one carrier for each channel that is set up."""

import logging
from collections.abc import Mapping
from typing import Final

from booking.people.reaching.apprise_carrier import AppriseCarrier
from booking.people.reaching.carrier import Carrier, Letter
from booking.platform.base.message_states import Channel
from booking.platform.base.settings import Environment, Settings
from booking.platform.base.settings_reaching import GOVSTACK

_log = logging.getLogger(__name__)


class OutboxCarrier:
    """Sends nothing: in demonstrations people read their notices on the outbox page."""

    def send(self, address: str, letter: Letter, key: str) -> None:  # noqa: ARG002 - nobody gets it
        """Note that a notice left, without who gets it or what it says."""
        _log.debug("notice of %d characters to an address of %d", len(letter.text), len(address))


OUTBOX: Final = OutboxCarrier()


def carriers_of(settings: Settings) -> Mapping[Channel, Carrier]:
    """Return the carrier of each channel that is set up; in a demonstration the outbox stands for the others.

    Where the outbox page is shown, nothing leaves: invented people may have the numbers of real ones.
    """
    if settings.show_outbox:
        return dict.fromkeys(Channel, OUTBOX)
    ours = {channel: carrier_to(address, settings.gateway_calls) for channel, address in addresses_of(settings).items()}
    missing = set(Channel) - set(ours) if settings.environment is Environment.DEMO else set()
    return ours | dict.fromkeys(missing, OUTBOX)


def addresses_of(settings: Settings) -> Mapping[Channel, str]:
    """Return the addresses of gateways to which something leaves: none where the outbox page is shown."""
    gateways = {} if settings.show_outbox else settings.gateways()
    return {channel: address.get_secret_value() for channel, address in gateways.items()}


def carrier_to(address: str, calls: int) -> Carrier:
    """Return what sends to a gateway; to one that takes JSON connections are kept, for a draw tells a million."""
    scheme = address.partition("://")[0].lower()
    if scheme in GOVSTACK:
        from booking.people.reaching.govstack_carrier import GovStackCarrier  # noqa: PLC0415 - web processes send nothing

        return GovStackCarrier(address, connections=calls)
    if scheme not in {"json", "jsons"}:
        return AppriseCarrier(address)
    from booking.people.reaching.json_carrier import JsonCarrier  # noqa: PLC0415 - as above

    return JsonCarrier(address, connections=calls)


def offered(settings: Settings) -> tuple[Channel, ...]:
    """List the channels that an account may have, in their order."""
    if settings.environment is Environment.DEMO:
        return tuple(Channel)
    return tuple(channel for channel in Channel if channel in settings.gateways())
