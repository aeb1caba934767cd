"""Templates and what every page is given."""

import secrets
from collections.abc import Mapping
from functools import cache, lru_cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.deps import (
    DEVICE_COOKIE,
    LANGUAGE_COOKIE,
    cookie_name,
    core_of,
    has_looked,
    is_https,
    known_cookie,
    known_visit,
    session_cookie,
    visit_of,
    words_of,
)
from api.i18n import Words
from api.pages.shared.banners import forget_banner, read_banner
from api.pages.shared.frame import Frames
from api.pages.shared.layout import Translated, WithoutLayout
from api.pages.shared.own_origin import LONGEST_PATH
from api.pages.shared.staff_menu import make_shell
from api.pages.shared.static import versions
from api.pages.shared.tour import read_tour
from booking.country.core.four_eyes import Permission, allows
from booking.country.core.session_data import SessionData
from booking.country.packs.schema import CountrySpec
from booking.entrypoints.demo.stage import is_kept
from booking.platform.base.errors import SessionsUnavailableError
from booking.platform.base.references import shown
from booking.platform.base.settings import Settings
from booking.platform.models.states import Role

FRAME: Final = "shared/frame.html"
REMEMBERED_SECONDS: Final = 400 * 24 * 3600  # the longest that browsers keep a cookie


class Renderer:
    """The templates, once for each language."""

    def __init__(self, settings: Settings, words: Mapping[str, Words], country: CountrySpec) -> None:
        languages = tuple((one.language.code, one.own_name) for one in words.values())
        self._environments = {language: _environment(one, languages) for language, one in words.items()}
        self._frames = {language: Frames(partial(self._filled, language, FRAME)) for language in words}
        self._always = {
            "nation": country,
            "show_outbox": settings.show_outbox,
            "has_demo": is_kept(settings),
            "idle_minutes": int(settings.staff_idle.total_seconds() // 60),
        }

    def render(self, words: Words, template: str, context: dict[str, Any]) -> str:
        """Fill a template."""
        language = words.language.code
        return self._filled(language, template, context | {"make_frame": partial(self._frames[language].get, context)})

    def _filled(self, language: str, template: str, context: Mapping[str, Any]) -> str:
        return self._environments[language].get_template(template).render({**context, **self._always})


@cache
def _environment(words: Words, languages: tuple[tuple[str, str], ...]) -> Environment:
    """Keep the compiled templates of a language, however many applications a process makes."""
    static = {name: f"/static/{name}?v={version}" for name, version in versions().items()}
    environment = Translated(
        words,
        loader=PackageLoader("api", "templates"),
        auto_reload=False,
        cache_size=-1,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", WithoutLayout],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
        words.gettext, words.ngettext, newstyle=True
    )
    environment.globals.update(words=words, language=words.language.code, languages=languages)
    environment.globals.update(direction=words.direction, static=static, pick=words.pick, said=words.said)
    environment.filters.update(
        number=words.number,
        day=words.day,
        short_day=words.short_day,
        hijri=words.hijri,
        time=words.time,
        instant=words.instant,
        weekday=words.weekday,
        country=words.country,
        zone_name=words.zone,
        duration=words.duration,
        percent=words.percent,
        listed=words.listed,
        ref=lambda reference: apart(shown(reference)),
        apart=apart,
        name=words.name,
        names=words.names,
        place=words.place,
    )
    return environment


def apart(text: str) -> Markup:
    """Keep a reference, a phone or a hash in its own left-to-right order inside Arabic text."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(escape(text))


def page(request: Request, template: str, /, status: int = 200, **context: Any) -> HTMLResponse:
    """Answer with a page; its language, its session and the device's cookie come along."""
    core, words = core_of(request), words_of(request)
    session, banner = current_session(request), read_banner(request, core.settings, words)
    made = {
        "session": session,
        "may": allowed(session),
        "csrf": session.csrf if session else "",
        "banner": banner,
        "make_shell": partial(make_shell, request, words, session),
        "tour": read_tour(request, core.settings, words),
    }
    response = answer_page(request, filled(request, template, words, made | context), words, status)
    if banner:
        forget_banner(response, core.settings)
    return response


def filled(request: Request, template: str, words: Words, context: dict[str, Any]) -> str:
    """Fill a template with what a page is given, and with what it may leave out."""
    usual = {"path": request.url.path, "here": address_of(request), "errors": [], "typing": ""}
    html: str = request.app.state.renderer.render(words, template, usual | context)
    return html


def answer_page(request: Request, content: str | bytes, words: Words, status: int = 200) -> HTMLResponse:
    """Answer with a filled page, in its language, and give the browser the cookies that it lacks."""
    response = HTMLResponse(content, status, {"Content-Language": words.language.code, "Vary": "Cookie"})
    give_cookies(request, response, core_of(request).settings)
    return response


def allowed(session: SessionData | None) -> frozenset[str]:
    """Return what the owner of a session may do, as templates name it."""
    return _allowed(session.roles, session.office_id) if session else frozenset()


@lru_cache(maxsize=1_000)
def _allowed(roles: frozenset[Role], office_id: int | None) -> frozenset[str]:
    return frozenset(one.value for one in Permission if allows(roles, office_id, one))


def address_of(request: Request) -> str:
    """Return the address of a page that was looked at, with its query unless that is long; of a form only the path."""
    path, query = request.url.path, request.url.query
    whole = f"{path}?{query}"
    return whole if query and request.method == "GET" and len(whole) <= LONGEST_PATH else path


def current_session(request: Request) -> SessionData | None:
    """Return the session that this request has, or began; None too where the store does not answer."""
    if hasattr(request.state, "session"):
        began: SessionData | None = request.state.session
        return began
    try:
        # not looked for twice, for pages are made in the event loop too; a form that was sent may have changed it
        known = request.method == "GET" and has_looked(request)
        visit = known_visit(request) if known else visit_of(request)
    except SessionsUnavailableError:
        return None
    return visit.session if visit else None


def give_cookies(request: Request, response: Response, settings: Settings) -> None:
    """Give a new browser its device cookie, and a new session its own."""
    device = cookie_name(settings, DEVICE_COOKIE)
    if device not in request.cookies:
        _set_cookie(response, settings, device, secrets.token_urlsafe(16), REMEMBERED_SECONDS)
    token = getattr(request.state, "session_token", None)
    if token is not None:
        set_session(response, settings, token)


def set_session(response: Response, settings: Settings, token: str) -> None:
    """Give the browser a session's token; it forgets it when it is closed."""
    _set_cookie(response, settings, session_cookie(settings), token)


def set_known(response: Response, settings: Settings, token: str) -> None:
    """Give the browser the value by which accounts that were signed in to from it know it."""
    _set_cookie(response, settings, known_cookie(settings), token, REMEMBERED_SECONDS)


def set_language(response: Response, settings: Settings, language: str) -> None:
    """Let the browser remember the language of the pages."""
    _set_cookie(response, settings, cookie_name(settings, LANGUAGE_COOKIE), language, REMEMBERED_SECONDS)


def _set_cookie(response: Response, settings: Settings, name: str, value: str, seconds: int | None = None) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_https(settings), httponly=True, samesite="lax"
    )
