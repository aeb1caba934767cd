"""The refusals of services asked for online and of payments, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.eservices.online import errors
from booking.eservices.online.begin import (
    HAS_PASSPORT,
    NEEDS_PASSPORT,
    NOT_FOR_RESIDENCE,
    OTHER_GENDER,
    TOO_OLD,
    TOO_YOUNG,
)
from booking.eservices.online.issue import ThingTakenError
from booking.people.payments.provider import ForgedEventError, ProviderUnavailableError
from booking.platform.base.errors import MawidError

ONLINE_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.NotOfferedError: Kind(
        409,
        N_("This service cannot be asked for online yet"),
        N_("Nobody of its agency handles it here, or there is no way to pay its fee. Nothing was changed."),
    ),
    errors.NotEligibleError: Kind(
        409, N_("This person cannot ask for this service"), N_("Choose another person, or read who the service is for.")
    ),
    errors.AlreadyAskedError: Kind(
        409,
        N_("This was asked for already"),
        N_("There is a request for this person and the same thing that is not over. Open it under “My requests”."),
    ),
    errors.TooManyDraftsError: Kind(
        409,
        N_("You have too many unfinished requests"),
        N_("Send some of them, or withdraw them. You find them under “My requests”."),
    ),
    ThingTakenError: Kind(
        409,
        N_("There is a valid document for this already"),
        N_("For one thing, only one can be valid on a day. Choose a later first day, or check what you typed."),
    ),
    ForgedEventError: Kind(
        400, N_("This does not come from the payment provider"), N_("It is not signed, was changed, or is too old.")
    ),
    ProviderUnavailableError: Kind(
        503,
        N_("The payment provider does not answer"),
        N_("Nothing was paid. Please try again in a few minutes; you cannot pay twice."),
    ),
}

WHY_NOT: Final[Mapping[str, str]] = {
    NOT_FOR_RESIDENCE: N_("The service is not for people who live where your account says."),
    TOO_YOUNG: N_("This person is too young for the service."),
    TOO_OLD: N_("This person is older than the service allows."),
    OTHER_GENDER: N_("By law this service is for men only or for women only, and not for this person."),
    HAS_PASSPORT: N_("The service is for people without a passport."),
    NEEDS_PASSPORT: N_("The service is for people who hold a passport."),
}
"""A sentence for each reason of `booking.eservices.online.begin`."""
