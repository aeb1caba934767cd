"""Where people go who need help: the questions asked most, whom to reach, privacy, accessibility, the site map."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.pages.public.help_topics import BY_CODE, TOPICS
from api.pages.public.site_map import SITE
from api.pages.shared.kept_pages import kept_page
from booking.desk.rights.erase import kept_for
from booking.platform.base.errors import NotFoundError

router = APIRouter()


@router.get("/help")
async def help_page(request: Request) -> Response:
    """List the questions."""
    return await kept_page(request, "public/help.html", lambda: {"topics": TOPICS})


@router.get("/help/{code}")
async def help_topic(request: Request, code: str) -> Response:
    """Answer one question."""
    if code not in BY_CODE:
        raise NotFoundError
    return await kept_page(request, "public/help_topic.html", lambda: {"topic": BY_CODE[code], "topics": TOPICS})


@router.get("/contact")
async def contact(request: Request, core: CoreDep) -> Response:
    """Say how people reach a person, from the country pack, and which numbers answer phones with keys."""
    numbers = {"ussd": core.settings.ussd_number, "voice": core.settings.voice_number}
    return await kept_page(request, "public/contact.html", lambda: numbers)


@router.get("/privacy")
async def privacy(request: Request, core: CoreDep) -> Response:
    """Say what is kept and for how long, from the rules that remove it."""
    return await kept_page(request, "public/privacy.html", lambda: {"kept": kept_for(core)})


@router.get("/accessibility")
async def accessibility(request: Request) -> Response:
    """State how far the site can be used by everyone, how that is tested, and what is missing."""
    return await kept_page(request, "public/accessibility.html", dict)


@router.get("/site-map")
async def site_map(request: Request) -> Response:
    """List every page that a visitor can open without an account."""
    return await kept_page(request, "public/site_map.html", lambda: {"site": SITE})
