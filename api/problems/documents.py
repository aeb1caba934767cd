"""Every refusal as a status and words: RFC 9457 problem documents for programs, sentences for people.

The core raises plain errors; this table is the only place that knows their HTTP status. A test holds that every
error of the project has a row here, and words in both languages.
"""

import random
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from starlette.responses import JSONResponse

from api import errors as web
from api.i18n import N_, Words
from api.outgoing.rate_limits import rate_limit_headers
from api.problems.accounts import ACCOUNT_KINDS
from api.problems.adapters import ADAPTER_KINDS, OUTSIDE
from api.problems.appointments import APPOINTMENT_KINDS
from api.problems.counter import COUNTER_KINDS
from api.problems.door import DOOR_KINDS
from api.problems.draws import DRAW_KINDS
from api.problems.fields import field_sentence
from api.problems.hall import HALL_KINDS
from api.problems.hands import HANDS_KINDS
from api.problems.helpers import HELPING_KINDS
from api.problems.identity import IDENTITY_KINDS
from api.problems.kind import TRY_LATER, Kind
from api.problems.messages import REACHING_KINDS
from api.problems.observers import OBSERVER_KINDS
from api.problems.online import ONLINE_KINDS, WHY_NOT
from api.problems.prerequisites import PREREQUISITE_KINDS
from api.problems.quotas import QUOTA_KINDS
from api.problems.requests import REQUEST_KINDS
from api.problems.rights import RIGHTS_KINDS
from api.problems.rosters import ROSTER_KINDS
from api.problems.staff import STAFF_KINDS
from api.problems.swaps import SWAP_KINDS
from api.problems.urgent import URGENT_KINDS
from api.problems.webhooks import WEBHOOK_KINDS
from api.problems.workbench import WORKBENCH_KINDS
from booking.country.figures.read_only import TooMuchAskedError
from booking.eservices.online.errors import NotEligibleError
from booking.people.identity.levels import IdentityLevelError
from booking.people.prerequisites.standing import PrerequisiteMissingError
from booking.platform.base import errors as core
from booking.transparency.observers.keys import SCHEME, NotAnObserverError, ObserversClockError

MEDIA_TYPE: Final = "application/problem+json"
UNAVAILABLE: Final = 503
BACK_AFTER: Final = (5, 20)
"""Between how many seconds later to try again where a part of the system is away: not all at the same moment."""

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
    core.TooManyAttemptsError: Kind(
        429, N_("Too many attempts"), N_("Wait a little, then try again. Nothing is lost.")
    ),
    **ACCOUNT_KINDS,
    **REQUEST_KINDS,
    **IDENTITY_KINDS,
    **DRAW_KINDS,
    **APPOINTMENT_KINDS,
    **REACHING_KINDS,
    **COUNTER_KINDS,
    **HALL_KINDS,
    **ROSTER_KINDS,
    **SWAP_KINDS,
    **HANDS_KINDS,
    **ONLINE_KINDS,
    **RIGHTS_KINDS,
    **URGENT_KINDS,
    **QUOTA_KINDS,
    **WORKBENCH_KINDS,
    **PREREQUISITE_KINDS,
    **HELPING_KINDS,
    **DOOR_KINDS,
    **STAFF_KINDS,
    **OBSERVER_KINDS,
    **WEBHOOK_KINDS,
    **ADAPTER_KINDS,
    web.UnexpectedError: Kind(500, N_("Something went wrong on our side"), TRY_LATER),
    web.UnavailableError: Kind(
        503,
        N_("Part of our system is not working now"),
        N_("Please try again in a few minutes. If you had just sent something, look first whether it was kept."),
    ),
}


def kind_of(error: core.MawidError) -> Kind:
    """Find the row of an error; a class without one of its own is shown as its nearest parent."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def detail_of(error: core.MawidError, words: Words) -> str:
    """Return what can be done about an error; for a limit, when."""
    detail = words.gettext(kind_of(error).detail)
    if isinstance(error, core.TooManyAttemptsError):
        minutes = max(1, -(-error.retry_after // 60))
        again = words.ngettext("Try again in %(n)s minute.", "Try again in %(n)s minutes.", minutes)
        detail = f"{detail} {again % {'n': words.number(minutes)}}"
    if isinstance(error, NotEligibleError):
        detail = " ".join(words.gettext(WHY_NOT[reason]) for reason in error.reasons)
    if isinstance(error, web.OutsideMawidError):
        detail = words.gettext(OUTSIDE[error.why])
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
    if isinstance(error, IdentityLevelError):
        document["members"], document["needed"] = list(error.members), error.needed.value
    if isinstance(error, PrerequisiteMissingError):
        document["missing"] = [asdict(lack) for lack in error.lacks]
    return document


def problem_response(error: core.MawidError, words: Words, request_id: str) -> JSONResponse:
    """Return the problem document as an answer, with the headers that its status asks for."""
    document = problem_document(error, words, request_id)
    headers = {"Content-Language": words.language.code, **extra_headers(error)}
    return JSONResponse(document, document["status"], headers, MEDIA_TYPE)


def extra_headers(error: core.MawidError) -> dict[str, str]:
    """Return the headers that go with an error, whatever its body looks like."""
    if isinstance(error, core.TooManyAttemptsError | core.BusyError):
        limit = getattr(error, "limit", None)
        limited = {} if limit is None else rate_limit_headers(limit, 0, error.retry_after)
        return {"Retry-After": str(error.retry_after), **limited}
    if isinstance(error, web.UploadVersionError):
        return {"Tus-Version": "1.0.0"}
    if isinstance(error, web.NotSignedInError):
        return {"WWW-Authenticate": 'Bearer realm="mawid"'}
    if isinstance(error, NotAnObserverError | ObserversClockError):
        return {"WWW-Authenticate": f'{SCHEME} realm="mawid"'}
    if kind_of(error).status == UNAVAILABLE:
        return {"Retry-After": str(random.randint(*BACK_AFTER))}  # noqa: S311 - no secret
    return {}
