"""The refusals to helpers, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.desk.helpers import errors
from booking.platform.base.errors import MawidError

HELPING_KINDS: Final[Mapping[type[MawidError], Kind]] = {
    errors.HelperSuspendedError: Kind(
        403,
        N_("You may not help people now"),
        N_("Your registration is suspended. Ask the office that registered you. Nobody lost a request by it."),
    ),
    errors.HelperCapReachedError: Kind(
        409,
        N_("You sent as many requests as you may"),
        N_("Your registration has a number for each day and month. The person can still ask elsewhere."),
    ),
    errors.TooManyAtOnceError: Kind(
        409,
        N_("Finish with the others first"),
        N_("You are helping as many people as you may at once. Send their requests, or wait until their consent ends."),
    ),
    errors.ConsentMissingError: Kind(
        409,
        N_("The person’s consent is missing"),
        N_("It was not given, was withdrawn, or is too old. Ask them again."),
    ),
    errors.ClientNotProvenError: Kind(
        409,
        N_("The person must be proven first"),
        N_(
            "Enter the number of their identity card, which they show you. Without it they go to the counter of an "
            "office."
        ),
    ),
    errors.ConsentUsedError: Kind(
        409,
        N_("This consent was used already"),
        N_("Each consent is for one request. For another one, ask the person again."),
    ),
    errors.PaperMissingError: Kind(
        409,
        N_("The signed paper is missing"),
        N_("Print the form, have the person sign it, and send a photo of it. Then send the request."),
    ),
    errors.PaperCapReachedError: Kind(
        409,
        N_("You sent as many requests on paper today as you may"),
        N_("Send this one tomorrow: the paper counts until its last day. The person can also go to a counter."),
    ),
    errors.NothingToTakeOverError: Kind(
        409,
        N_("This request is in an account already"),
        N_("Sign in with the user name and password of that account; the request is there."),
    ),
}
