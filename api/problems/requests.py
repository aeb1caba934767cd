"""The refusals of requests, of their checks, appeals and cases, as a status and words."""

from collections.abc import Mapping
from typing import Final

from api.i18n import N_
from api.problems.kind import Kind
from booking.platform.base import errors
from booking.scheduling.requests import prove
from booking.scheduling.requests.receipt import DrawLostMeanwhileError, EditedMeanwhileError

REQUEST_KINDS: Final[Mapping[type[errors.MawidError], Kind]] = {
    errors.AlreadyLiveError: Kind(
        409,
        N_("There is a live request already"),
        N_(
            "One of the people has a live request or appointment for this kind of service. Change it or withdraw it "
            "under “My requests”. If another account asked for it, see “Who acts for me” there."
        ),
    ),
    errors.IdempotencyConflictError: Kind(
        409,
        N_("This form was sent before with other answers"),
        N_("Your first answers count. Open your requests to see them, or start a new request."),
    ),
    EditedMeanwhileError: Kind(
        409,
        N_("This request was changed meanwhile"),
        N_(
            "You changed it in another window or on another device. Check what it says now, then change it again if "
            "you need to."
        ),
    ),
    DrawLostMeanwhileError: Kind(
        409,
        N_("A draw was held meanwhile"),
        N_("Look again at how many lost draws count, then save the change if you still want it."),
    ),
    errors.AppealExistsError: Kind(
        409, N_("You appealed already"), N_("An officer reads your appeal and answers. You do not need to do anything.")
    ),
    errors.NothingToAppealError: Kind(
        409, N_("There is nothing to appeal"), N_("Only a refused request can be appealed.")
    ),
    errors.CaseClosedError: Kind(
        409, N_("This case is closed already"), N_("Open it again to see who decided it, and how. Nothing was changed.")
    ),
    errors.CaseChangedError: Kind(
        409,
        N_("This case has grown meanwhile"),
        N_("More accounts were found. Read it again before you decide. Nothing was changed."),
    ),
    errors.OtherOfficerNeededError: Kind(
        409,
        N_("A colleague must decide this appeal"),
        N_("You made the decision in question. It stays on the list for someone else."),
    ),
    prove.WrongProofError: Kind(
        422,
        N_("The computation does not fit"),
        N_("It is for another request or visit, or damaged. Let the device compute again, or use the code."),
    ),
    prove.ProofExpiredError: Kind(
        422,
        N_("The computation came too late"),
        N_("The page was open for over an hour. Let the device compute again, or use the code."),
    ),
    prove.ProofSpentError: Kind(
        409,
        N_("This computation was used already"),
        N_("Each one counts once. Open the page again to see where your request stands."),
    ),
    prove.ProofNotEnoughError: Kind(
        409,
        N_("This request needs the code from your phone"),
        N_("A computation is not enough here. Have a code sent to your phone and enter it. Nothing is lost."),
    ),
    prove.ProofUnavailableError: Kind(
        503,
        N_("The computation cannot be checked right now"),
        N_("Part of our system is not working. Nothing was changed. Use the code from your phone instead."),
    ),
}
