"""What a route is given: the core, the visitor's language, origin and session, and the roles that it needs.

Nothing here commits or changes anything: code after ``yield`` would run when the answer is already sent. What waits for
nothing is ``async``, because each plain function would wait for a thread.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, cast
from urllib.parse import unquote
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from api.errors import NotSignedInError
from api.i18n import Words, preferred
from api.incoming.client_address import client_address
from booking.country.core import sessions, visitors
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, allows, is_staff
from booking.country.core.security import Origin
from booking.country.core.session_data import SessionData
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.base.settings import Settings

DEVICE_COOKIE: Final = "mawid_device"
KNOWN_COOKIE: Final = "mawid_known"
LANGUAGE_COOKIE: Final = "mawid_language"
WAITING: Final = "/staff/waiting"
"""Where pages of staff ask by themselves what waits: no use of the session, which still ends when it is left alone."""
_LONGEST_KNOWN: Final = 64
_VISIT: Final = "visit"
_PAGES: Final = "api.pages."
_DEVICE: Final = re.compile(r"[A-Za-z0-9_-]{22}")


def core_of(request: Request) -> Core:
    """Return the core that the application was made with."""
    return cast("Core", request.app.state.core)


def is_https(settings: Settings) -> bool:
    """Return whether people reach the site by https; then cookies are secure and prefixed."""
    return settings.base_url.startswith("https://")


def session_cookie(settings: Settings) -> str:
    """Return the name of the session's cookie."""
    return cookie_name(settings, "mawid")


def known_cookie(settings: Settings) -> str:
    """Return the name of the cookie by which accounts know a browser (`booking.people.accounts.known_devices`)."""
    return cookie_name(settings, KNOWN_COOKIE)


def cookie_name(settings: Settings, name: str) -> str:
    """Return a cookie's whole name; ``__Host-`` binds it to this host, and browsers allow that by https only."""
    return f"__Host-{name}" if is_https(settings) else name


def words_of(request: Request) -> Words:
    """Choose the language: the visitor's choice (cookie), for programs what they accept, else the settings'."""
    settings = core_of(request).settings
    chosen, default = request.cookies.get(cookie_name(settings, LANGUAGE_COOKIE), ""), settings.language
    every = cast("Mapping[str, Words]", request.app.state.words)
    if chosen in every:
        return _spoken_there(request, every, chosen)
    if is_api(request):
        return every[preferred(request.headers.get("accept-language"), every, default)]
    return _spoken_there(request, every, default)


def _spoken_there(request: Request, every: Mapping[str, Words], chosen: str) -> Words:
    """Return the language if this page speaks it, else the first one behind it that it does."""
    module = getattr(request.scope.get("endpoint"), "__module__", "")
    page = module.removeprefix(_PAGES).replace(".", "/") if module.startswith(_PAGES) else ""
    behind = (every[code] for code in every[chosen].codes if code in every)
    return next(one for one in behind if not page or one.language.is_spoken_on(page))


def is_api(request: Request) -> bool:
    """Return whether a program asks, which wants problem documents, and not a person's browser."""
    return request.url.path.startswith("/api/")


def origin_of(request: Request) -> Origin:
    """Describe where a call came from; the device is known only when the browser brought its cookie back."""
    settings = core_of(request).settings
    device = request.cookies.get(cookie_name(settings, DEVICE_COOKIE), "")
    return Origin(
        network=client_address(request, settings.trusted_proxies),
        device=device if _DEVICE.fullmatch(device) else "",
        known=request.cookies.get(known_cookie(settings), "")[:_LONGEST_KNOWN],
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """A session with its token; ``by_cookie`` is False for programs that send it as a bearer token."""

    token: str
    session: SessionData
    by_cookie: bool

    @property
    def stored(self) -> bool:
        """Whether we keep the session; that of who has not signed in is kept by their browser alone."""
        return not self.token.startswith(visitors.MARK)


def visit_of(request: Request) -> Visit | None:
    """Find the visitor's session, signed in or not; None when there is none (any more)."""
    token, by_cookie = _sent(request)
    session = sessions.read(core_of(request), token, used=_is_use(request)) if token else None
    return _noted(request, token, session, by_cookie=by_cookie)


async def find_visit(request: Request) -> Visit | None:
    """Do as `visit_of` in the event loop."""
    token, by_cookie = _sent(request)
    session = await sessions.read_in_loop(core_of(request), token, used=_is_use(request)) if token else None
    return _noted(request, token, session, by_cookie=by_cookie)


def _sent(request: Request) -> tuple[str, bool]:
    """Return the session's token as it was sent, "" for none, and whether by a cookie."""
    cookie = request.cookies.get(session_cookie(core_of(request).settings), "")
    return token_of(request.headers.get("authorization", ""), cookie)


def token_of(authorization: str, cookie: str) -> tuple[str, bool]:
    """Return the session's token of a call with this field and this cookie of ours, and whether it is the cookie's."""
    scheme, _, bearer = authorization.partition(" ")
    return (bearer.strip(), False) if scheme.lower() == "bearer" else (cookie, True)


def _is_use(request: Request) -> bool:
    return bool(request.scope["path"] != WAITING)


def _noted(request: Request, token: str, session: SessionData | None, *, by_cookie: bool) -> Visit | None:
    request.state.visitor = session  # for the security event, where this call is refused
    return Visit(token, session, by_cookie) if session is not None else None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account that is signed in."""

    account_id: UUID
    visit: Visit

    @property
    def session(self) -> SessionData:
        """The session's data."""
        return self.visit.session


async def given_visit(request: Request) -> Visit | None:
    """Return what `find_visit` does, read once for all that a route is given; what the door has read already is not."""
    if not has_looked(request):
        request.state.visit = await find_visit(request)
    return known_visit(request)


def has_looked(request: Request) -> bool:
    """Return whether the visitor's session was looked for already, found or not."""
    return hasattr(request.state, _VISIT)


def known_visit(request: Request) -> Visit | None:
    """Return the visit that a route was given; None where it was given none."""
    return cast("Visit | None", getattr(request.state, _VISIT, None))


def account_of(visit: Visit | None) -> SignedIn:
    """Return the account of a visit; raises NotSignedInError."""
    if visit is None or visit.session.account_id is None:
        raise NotSignedInError
    return SignedIn(visit.session.account_id, visit)


async def signed_in(visit: Annotated[Visit | None, Depends(given_visit)]) -> SignedIn:
    """Return the account that is signed in; raises NotSignedInError."""
    return account_of(visit)


async def staff(account: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
    """Return an account that has a role of staff; for others there is no such page.

    Raises
    ------
    NotFoundError
        It is a citizen's.
    """
    if not is_staff(account.session.roles):
        raise NotFoundError
    return account


class Guard:
    """A dependency that lets in only accounts with ``permission``; others get ForbiddenError."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, account: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
        """Check the session's roles; for cases of one office the use case looks again."""
        return self.check(account)

    def check(self, account: SignedIn) -> SignedIn:
        """Return an account that has the permission; raises ForbiddenError."""
        if not allows(account.session.roles, account.session.office_id, self.permission):
            raise ForbiddenError
        return account


async def printable_address(request: Request) -> None:
    """Refuse an address with control characters: nothing here has such a name, and the database could not read it.

    Raises
    ------
    NotFoundError
        The path or the query holds one.
    """
    path = request.scope["path"]
    if "%" not in path and path.isprintable() and not request.scope["query_string"]:  # as nearly always
        return
    texts = [path, *(text for pair in request.query_params.multi_items() for text in pair)]
    if not all(unquote(text).isprintable() for text in texts):
        raise NotFoundError


def request_id(request: Request) -> str:
    """Return the id under which this request is logged."""
    return cast("str", request.scope.get("state", {}).get("request_id", ""))


async def _given_core(request: Request) -> Core:
    """Return the core without waiting for a thread, as a plain function would: nothing here blocks."""
    return core_of(request)


async def _given_words(request: Request) -> Words:
    """Return the language of the answer; nothing here blocks."""
    return words_of(request)


async def _given_origin(request: Request) -> Origin:
    """Return where the call came from; nothing here blocks."""
    return origin_of(request)


CoreDep = Annotated[Core, Depends(_given_core)]
WordsDep = Annotated[Words, Depends(_given_words)]
OriginDep = Annotated[Origin, Depends(_given_origin)]
VisitDep = Annotated[Visit | None, Depends(given_visit)]
AccountDep = Annotated[SignedIn, Depends(signed_in)]
StaffDep = Annotated[SignedIn, Depends(staff)]
ClosingDep = Annotated[SignedIn, Depends(Guard(Permission.CLOSE_OFFICE))]
RosterDep = Annotated[SignedIn, Depends(Guard(Permission.PLAN_ROSTER))]
CounterDep = Annotated[SignedIn, Depends(Guard(Permission.SERVE_COUNTER))]
OfficerDep = Annotated[SignedIn, Depends(Guard(Permission.USE_DESK))]
DeciderDep = Annotated[SignedIn, Depends(Guard(Permission.DECIDE_REVIEWS))]
WatcherDep = Annotated[SignedIn, Depends(Guard(Permission.WATCH_APPROVALS))]
UrgentOfficerDep = Annotated[SignedIn, Depends(Guard(Permission.DECIDE_URGENT))]
OnlineOfficerDep = Annotated[SignedIn, Depends(Guard(Permission.HANDLE_ONLINE))]
PostOfficerDep = Annotated[SignedIn, Depends(Guard(Permission.HANDLE_POST))]
AnalystDep = Annotated[SignedIn, Depends(Guard(Permission.CHANGE_POLICIES))]
AdministratorDep = Annotated[SignedIn, Depends(Guard(Permission.MANAGE_STAFF))]
HelperDep = Annotated[SignedIn, Depends(Guard(Permission.HELP_PEOPLE))]
HelperManagerDep = Annotated[SignedIn, Depends(Guard(Permission.MANAGE_HELPERS))]
IdentifierDep = Annotated[SignedIn, Depends(Guard(Permission.REIDENTIFY))]
WebhooksDep = Annotated[SignedIn, Depends(Guard(Permission.MANAGE_WEBHOOKS))]
AuditorDep = Annotated[SignedIn, Depends(Guard(Permission.READ_AUDIT))]
