"""Forms: read, proven to come from our own page, and kept when a session ended while they were filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import Visit, core_of, given_visit, visit_of, words_of
from api.errors import BodyTooLargeError, StaleFormError, UnreadableBodyError
from api.incoming.bodies import FORM, body_in, check_type, reads
from api.pages.shared.keeping import typing_key
from api.pages.shared.own_origin import check_origin
from api.pages.shared.rendering import current_session, give_cookies, page
from api.problems.documents import detail_of, extra_headers, field_problems, kind_of
from booking.country.core import sessions, visitors
from booking.country.core.session_data import SessionData
from booking.people.accounts.errors import SecondStepOverError, SignInAgainError
from booking.people.prerequisites.standing import PrerequisiteMissingError
from booking.platform.base.errors import MawidError, PhoneNotConfirmedError

PROVE_AGAIN: Final = "/me/security/again"
"""Where owners prove once more that it is them."""

TOKEN: Final = "csrf"  # noqa: S105 - the name of a field
ONCE: Final = "key"
"""The name of a field with the key by which a form that is sent twice does its work once."""
MOST_KEPT: Final = 8 * 1024  # bytes of a form that is kept over a sign-in
SECRET_FIELDS: Final = frozenset({TOKEN, ONCE, "code", "solution", "credential"})


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed. Every field is a list; a missing one is empty."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return one field, "" where it is missing."""
        values = self.fields.get(name, ())
        return values[-1] if values else ""

    def day_field(self, name: str) -> str:
        """Return the type of a field for a day: "text" where a phone without such fields sent something else."""
        try:
            written = not self.text(name) or date.fromisoformat(self.text(name)).isoformat() == self.text(name)
        except ValueError:
            written = False
        return "date" if written else "text"

    def every(self, name: str) -> list[str]:
        """Return all values of a field with several boxes."""
        return list(self.fields.get(name, ()))

    def number(self, name: str, otherwise: int = 0) -> int:
        """Return one field that our page wrote as a whole number."""
        return next(iter(self.numbers(name)), otherwise)

    def numbers(self, name: str) -> list[int]:
        """Return all values that are whole numbers; others were not written by our page."""
        return [int(value) for value in self.every(name) if value.isascii() and value.isdecimal() and len(value) < 10]  # noqa: PLR2004


@reads(FORM)
async def read_form(request: Request) -> Form:
    """Read the body as a form.

    Raises
    ------
    UnsupportedMediaTypeError
        It is of another type.
    BodyTooLargeError
        One field is longer than any of ours.
    UnreadableBodyError
        It has far more fields than any form of ours.
    """
    check_type(request)
    limits, body = body_in(request), await request.body()
    if max(map(len, body.split(b"&"))) > limits.largest_field:
        raise BodyTooLargeError
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"),
            keep_blank_values=True,
            max_num_fields=limits.most_fields,
            errors="replace",
        )
    except ValueError:
        raise UnreadableBodyError from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\0", "").replace("\r\n", "\n"))
    return Form(fields)


async def posted(
    request: Request, form: Annotated[Form, Depends(read_form)], visit: Annotated[Visit | None, Depends(given_visit)]
) -> Form:
    """Return a form that came from our own page in the visitor's own session.

    Raises
    ------
    ForeignOriginError
        Another site sent it.
    StaleFormError
        The session is over, or another one began meanwhile.
    """
    core = core_of(request)
    check_origin(request, core.settings.base_url)
    if visit is None or not visit.by_cookie or form.text(TOKEN) != visit.session.csrf:
        raise StaleFormError(form.fields)
    if visit.session.form.get("resume", {}).get("path") == request.url.path:
        rest = {k: v for k, v in visit.session.form.items() if k != "resume"}
        await run_in_threadpool(keep_form, request, visit, rest)
    return form


PostedDep = Annotated[Form, Depends(posted)]


def is_secret(name: str) -> bool:
    """Return whether a field holds what is never shown or kept: a password, a code, the session's token."""
    return name in SECRET_FIELDS or "password" in name


def kept_fields(fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return what of a form may be kept in a session: no secrets, and nothing where it is more than any form needs."""
    kept = {name: list(values) for name, values in fields.items() if not is_secret(name)}
    return kept if len(str(kept).encode()) <= MOST_KEPT else {}


def keep_stale_form(request: Request, error: Any) -> Response:
    """Keep what was typed (in a new session if needed) and show the page again, after signing in if needed."""
    resume = {"path": request.url.path, "fields": kept_fields(error.fields)}
    visit = visit_of(request)
    by_cookie = visit if visit is not None and visit.by_cookie else None
    keep_form(request, by_cookie, {**(by_cookie.session.form if by_cookie else {}), "resume": resume})
    return moved(request, request.url.path)


def moved(request: Request, path: str) -> Response:
    """Lead to another page, and give the browser the session that this answer begins or changes."""
    response = RedirectResponse(path, 303)
    give_cookies(request, response, core_of(request).settings)
    return response


def keep_form(request: Request, visit: Visit | None, form: dict[str, Any]) -> None:
    """Replace what a session keeps, a new one where there is none.

    Who has not signed in is given it back, sealed, by an answer that gives cookies (`page`, `give_cookies`).
    """
    core = core_of(request)
    if visit is not None and visit.stored:
        sessions.update_form(core, visit.token, form)
        return
    began = visit.session if visit is not None else getattr(request.state, "session", None)
    token, session = visitors.keep_form(core, began or begin_session(request), form)
    request.state.session, request.state.session_token = session, token


def begin_session(request: Request, form: dict[str, Any] | None = None) -> SessionData:
    """Begin a session for someone who is not signed in; the answer gives the browser its cookie.

    Raises
    ------
    SessionsUnavailableError
        The browser may be signed in, but the store does not answer: the new cookie would end that session.
    """
    visit_of(request)
    token, session = visitors.begin(core_of(request), language=words_of(request).language.code, form=form)
    request.state.session, request.state.session_token = session, token
    return session


def form_page(
    request: Request,
    template: str,
    /,
    typed: Mapping[str, Any] | Form | None = None,
    error: MawidError | None = None,
    **context: Any,
) -> Response:
    """Answer with a form: empty, with what is known, or with what was typed and what is wrong with it.

    People who have not confirmed their phone are led there first, whatever they were about to do; those who took too
    long for the second step begin again, and those whose proof is too old prove once more that it is them.
    """
    if isinstance(error, PhoneNotConfirmedError):
        return RedirectResponse("/confirm-phone", 303)
    if isinstance(error, SecondStepOverError):
        return RedirectResponse("/sign-in", 303)
    if isinstance(error, SignInAgainError):
        return RedirectResponse(f"{PROVE_AGAIN}?next={request.url.path}", 303)
    session = current_session(request) or begin_session(request)
    values = typed if isinstance(typed, Form) else as_form(typed or {})
    stale = False
    resume = session.form.get("resume")
    if error is None and resume and resume["path"] == request.url.path:
        values, stale = Form({**values.fields, **resume["fields"]}), True
    status, errors, problem, headers = 200, [], None, {}
    if error is not None:
        request.state.refused = error
        kind, words = kind_of(error), words_of(request)
        status, headers = kind.status, extra_headers(error)
        errors = _as_on_the_page(field_problems(error, words), values)
        status = 422 if status == 401 else status  # noqa: PLR2004 - wrong credentials are an answer to this form
        if not errors:
            problem = {"title": words.gettext(kind.title), "detail": detail_of(error, words)}
            if isinstance(error, PrerequisiteMissingError):
                problem["plan"] = f"/plan/{error.goal}"
            errors = [{"field": "", "reason": error.code, "detail": problem["title"]}]
    response = page(
        request,
        template,
        status=status,
        typed=values,
        errors=errors,
        wrong={one["field"]: one["detail"] for one in errors},
        problem=problem,
        stale=stale,
        typing=typing_key(core_of(request), session, request.url.path),
        **context,
    )
    headers.pop("WWW-Authenticate", None)
    response.headers.update(headers)
    return response


def _as_on_the_page(errors: list[dict[str, str]], form: Form) -> list[dict[str, str]]:
    """Order errors as their fields were sent, which is the order on the page."""
    order = list(form.fields)
    return sorted(errors, key=lambda one: order.index(one["field"]) if one["field"] in order else len(order))


def as_form(values: Mapping[str, Any]) -> Form:
    """Bring stored answers to the form that pages show."""
    return Form(
        {
            name: [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
            for name, value in values.items()
            if value is not None
        }
    )
