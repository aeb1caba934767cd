"""What managing webhooks refuses."""

from booking.platform.base.errors import MawidError


class AddressInsideError(MawidError):
    """A receiver's name leads to an address that nothing is sent to; the message names no address."""

    code = "address_inside"


class NoReceiverError(MawidError):
    """Nothing is sent to this subscription (any more): it waits for agreement, was refused, or ended."""

    code = "no_receiver"


class ReplayUnderWayError(MawidError):
    """Past days are being sent to this system already; one replay at a time."""

    code = "replay_under_way"


class TooManySubscriptionsError(MawidError):
    """The agency, or the country, has as many subscriptions as it may."""

    code = "too_many_subscriptions"
