"""The refusals of events for other systems, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.people.webhooks import signing
from booking.platform.base.errors import MawidError

WEBHOOK_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    signing.AddressInsideError: Kind(
        422, N_("Nothing is sent to this address"), N_("It leads into our own network. Enter one that is public.")
    ),
    signing.NoReceiverError: Kind(
        409,
        N_("Nothing is sent to this system now"),
        N_("Its subscription waits for agreement, is paused, was refused, or ended."),
    ),
    signing.ReplayUnderWayError: Kind(
        409, N_("Past days are being sent already"), N_("Wait until they have been sent, then ask again.")
    ),
    signing.TooManySubscriptionsError: Kind(
        409, N_("There are too many subscriptions"), N_("End one that is no longer needed, then try again.")
    ),
}
