"""Every refusal as a status and words: RFC 9457 problem documents for programs, sentences for people.

The core raises plain errors; this table is the only place that knows their HTTP status. A test holds that every
error of the project has a row here, and words in both languages.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from starlette.responses import JSONResponse

from api import errors as web
from api.i18n import N_, Words
from api.outgoing.rate_limits import rate_limit_headers
from api.problems.accounts import SIGN_IN_KINDS
from api.problems.appointments import INSTANT_KINDS
from api.problems.counter import COUNTER_KINDS
from api.problems.door import DOOR_KINDS
from api.problems.fields import field_sentence
from api.problems.helpers import HELPING_KINDS
from api.problems.kind import Kind
from api.problems.messages import REACHING_KINDS
from api.problems.online import ONLINE_KINDS, WHY_NOT
from api.problems.prerequisites import PREREQUISITE_KINDS
from api.problems.quotas import QUOTA_KINDS
from api.problems.urgent import URGENT_KINDS
from api.problems.workbench import WORKBENCH_KINDS
from booking.base import errors as core
from booking.figures.read_only import TooMuchAskedError
from booking.online.errors import NotEligibleError
from booking.prerequisites.errors import PrerequisiteMissingError
from booking.requests import proof_errors

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"


_TRY_LATER: Final = N_("Nothing was changed. Please try again in a few minutes.")

KINDS: Final[Mapping[type[core.MawidError], Kind]] = {
    core.MawidError: Kind(409, N_("This is not possible"), N_("Nothing was changed.")),
    core.IllegalMoveError: Kind(
        409,
        N_("This step is no longer possible"),
        N_("It was done already, or something changed meanwhile. Open the page again to see where it stands."),
    ),
    TooMuchAskedError: Kind(
        422, N_("This is too much at once"), N_("Choose a shorter period, or one office or service, and try again.")
    ),
    core.NotFoundError: Kind(
        404,
        N_("We did not find this page"),
        N_("Check the address or the reference. If it was sent to you, open it from the account it belongs to."),
    ),
    core.ForbiddenError: Kind(
        403, N_("This page is not for your account"), N_("It needs a role that your account does not have.")
    ),
    core.FieldError: Kind(422, N_("Something needs to be corrected"), N_("One of the answers cannot be used.")),
    core.InvalidInputError: Kind(422, N_("Something needs to be corrected"), N_("Some answers cannot be used.")),
    core.UsernameTakenError: Kind(
        409, N_("This user name is taken"), N_("Someone else has this user name. Choose another one.")
    ),
    core.WrongCredentialsError: Kind(
        401, N_("User name or password is wrong"), N_("Check both, and the keyboard's language, and try again.")
    ),
    core.WrongCodeError: Kind(
        422,
        N_("The code is not right"),
        N_("It may be mistyped, used already or too old. Check the last message, or ask for a new code."),
    ),
    core.PhoneNotConfirmedError: Kind(
        403, N_("Confirm your phone first"), N_("We sent a code to your phone. Enter it, then go on.")
    ),
    core.HouseholdFullError: Kind(
        409,
        N_("Your household is full"),
        N_("An account acts for a limited number of people. Remove someone before you add another."),
    ),
    core.PersonInUseError: Kind(
        409,
        N_("This person is part of a live request"),
        N_("Withdraw the request or wait until it is over, then remove them."),
    ),
    core.AlreadyLiveError: Kind(
        409,
        N_("There is a live request already"),
        N_("One of the people has a live request or appointment for this kind of service. Follow it or withdraw it."),
    ),
    core.SessionsUnavailableError: Kind(503, N_("Nobody can be signed in right now"), _TRY_LATER),
    core.TooManyAttemptsError: Kind(
        429, N_("Too many attempts"), N_("Wait a little, then try again. Nothing is lost.")
    ),
    core.TooManyCodesError: Kind(
        429,
        N_("No code can be sent right now"),
        N_("A code that you already have works for ten minutes. Or wait, or use another way on the page."),
    ),
    proof_errors.WrongProofError: Kind(
        422,
        N_("The computation does not fit"),
        N_("It is for another request or visit, or damaged. Let the device compute again, or use the code."),
    ),
    proof_errors.ProofExpiredError: Kind(
        422,
        N_("The computation came too late"),
        N_("The page was open for over an hour. Let the device compute again, or use the code."),
    ),
    proof_errors.ProofSpentError: Kind(
        409,
        N_("This computation was used already"),
        N_("Each one counts once. Open the page again to see where your request stands."),
    ),
    proof_errors.ProofNotEnoughError: Kind(
        409,
        N_("This request needs the code from your phone"),
        N_("A computation is not enough here. Have a code sent to your phone and enter it. Nothing is lost."),
    ),
    proof_errors.ProofUnavailableError: Kind(
        503,
        N_("The computation cannot be checked right now"),
        N_("Part of our system is not working. Nothing was changed. Use the code from your phone instead."),
    ),
    core.DrawRunningError: Kind(
        409, N_("The draw is running"), N_("Your request is in it. Try again in a few minutes, when it is published.")
    ),
    core.OfferLapsedError: Kind(
        409,
        N_("The time to confirm is over"),
        N_("The place goes to a later draw. You can ask again at any time."),
    ),
    core.TooLateToCancelError: Kind(
        409, N_("It is too late to change this appointment"), N_("It has begun, is over, or is too close.")
    ),
    core.AppealExistsError: Kind(
        409, N_("You appealed already"), N_("An officer will read your appeal and answer. You need do nothing.")
    ),
    core.NothingToAppealError: Kind(
        409, N_("There is nothing to appeal"), N_("Only a refused request can be appealed.")
    ),
    core.CaseClosedError: Kind(
        409, N_("This case is closed already"), N_("Open it again to see who decided it, and how. Nothing was changed.")
    ),
    core.CaseChangedError: Kind(
        409,
        N_("This case has grown meanwhile"),
        N_("More accounts were found. Read it again before you decide. Nothing was changed."),
    ),
    core.DrawNotReadyError: Kind(
        409, N_("The draw is not ready for this"), N_("This step comes at another time of the draw.")
    ),
    core.IdempotencyConflictError: Kind(
        409,
        N_("This form was sent before with other answers"),
        N_("Your first answers count. Open your requests to see them, or start a new request."),
    ),
    core.PolicyMissingError: Kind(503, N_("Requests are not open yet"), _TRY_LATER),
    core.SecondPersonNeededError: Kind(
        409,
        N_("A second person must decide this"),
        N_("Who proposed a version cannot make it active. Ask a colleague to look at it."),
    ),
    core.OtherOfficerNeededError: Kind(
        409,
        N_("A colleague must decide this appeal"),
        N_("You made the decision that it is about. It stays on the list for someone else."),
    ),
    core.FairnessBoundError: Kind(
        409,
        N_("This model is not fair enough to be used"),
        N_("It would trouble honest people of one group much more than others. The old version stays active."),
    ),
    core.CapacityChangedError: Kind(
        409,
        N_("Places of this draw changed"),
        N_("Staff must look at it before it can go on. Nothing was changed."),
    ),
    core.TooManyMovesError: Kind(
        409,
        N_("This appointment cannot be moved again"),
        N_("It was moved as often as the rules allow. You can keep it or cancel it."),
    ),
    **INSTANT_KINDS,
    **SIGN_IN_KINDS,
    **REACHING_KINDS,
    **COUNTER_KINDS,
    **ONLINE_KINDS,
    **URGENT_KINDS,
    **QUOTA_KINDS,
    **WORKBENCH_KINDS,
    **PREREQUISITE_KINDS,
    **HELPING_KINDS,
    **DOOR_KINDS,
    web.UnexpectedError: Kind(500, N_("Something went wrong on our side"), _TRY_LATER),
    web.UnavailableError: Kind(503, N_("Part of our system is not working now"), _TRY_LATER),
}


def kind_of(error: core.MawidError) -> Kind:
    """Find the row of an error; a class without one of its own is shown as its nearest parent."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def detail_of(error: core.MawidError, words: Words) -> str:
    """Say what can be done about an error; for a limit, when."""
    detail = words.gettext(kind_of(error).detail)
    if isinstance(error, core.TooManyAttemptsError):
        minutes = max(1, -(-error.retry_after // 60))
        again = words.ngettext("Try again in %(n)s minute.", "Try again in %(n)s minutes.", minutes)
        detail = f"{detail} {again % {'n': words.number(minutes)}}"
    if isinstance(error, NotEligibleError):
        detail = " ".join(words.gettext(WHY_NOT[reason]) for reason in error.reasons)
    return detail


def field_problems(error: core.MawidError, words: Words) -> list[dict[str, str]]:
    """List what is wrong, field by field, in words; empty for an error that is not about fields."""
    if isinstance(error, core.FieldError):
        errors = [error]
    elif isinstance(error, core.InvalidInputError):
        errors = error.errors
    else:
        return []
    return [
        {"field": one.field, "reason": one.reason, "detail": field_sentence(one.field, one.reason, one.values, words)}
        for one in errors
    ]


def problem_document(error: core.MawidError, words: Words, request_id: str) -> dict[str, Any]:
    """Return the RFC 9457 document of an error, with our ``code``, ``errors`` (by field) and ``request_id``."""
    kind = kind_of(error)
    document: dict[str, Any] = {
        "type": f"urn:mawid:problem:{error.code}",
        "title": words.gettext(kind.title),
        "status": kind.status,
        "detail": detail_of(error, words),
        "code": error.code,
        "request_id": request_id,
    }
    if fields := field_problems(error, words):
        document["errors"] = fields
    if isinstance(error, core.TooManyAttemptsError | core.BusyError):
        document["retry_after"] = error.retry_after
    if isinstance(error, core.VerdictError):
        document["reasons"] = error.reasons
    if isinstance(error, PrerequisiteMissingError):
        document["missing"] = [asdict(lack) for lack in error.lacks]
    return document


def problem_response(error: core.MawidError, words: Words, request_id: str) -> JSONResponse:
    """Return the problem document as an answer, with the headers that its status asks for."""
    document = problem_document(error, words, request_id)
    headers = {"Content-Language": words.language.value, **extra_headers(error)}
    return JSONResponse(document, document["status"], headers, MEDIA_TYPE)


def extra_headers(error: core.MawidError) -> dict[str, str]:
    """Return the headers that go with an error, whatever its body looks like."""
    if isinstance(error, core.TooManyAttemptsError):
        limited = {} if error.limit is None else rate_limit_headers(error.limit, 0, error.retry_after)
        return {"Retry-After": str(error.retry_after), **limited}
    if isinstance(error, core.BusyError):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, web.UploadVersionError):
        return {"Tus-Version": "1.0.0"}
    if isinstance(error, web.NotSignedInError):
        return {"WWW-Authenticate": 'Bearer realm="mawid"'}
    return {}
