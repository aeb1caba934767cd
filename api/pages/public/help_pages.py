"""Where people go who need help: the questions asked most, whom to reach, privacy, accessibility, the site map."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.pages.public.help_topics import BY_CODE, TOPICS
from api.pages.public.site_map import SITE
from api.pages.shared.rendering import page
from booking.base.errors import NotFoundError
from booking.rights.kept_for import kept_for

router = APIRouter()


@router.get("/help")
def help_page(request: Request) -> Response:
    """List the questions."""
    return page(request, "public/help.html", topics=TOPICS)


@router.get("/help/{code}")
def help_topic(request: Request, code: str) -> Response:
    """Answer one question."""
    if code not in BY_CODE:
        raise NotFoundError
    return page(request, "public/help_topic.html", topic=BY_CODE[code], topics=TOPICS)


@router.get("/contact")
def contact(request: Request) -> Response:
    """Say how people reach a person, from the country pack."""
    return page(request, "public/contact.html")


@router.get("/privacy")
def privacy(request: Request, core: CoreDep) -> Response:
    """Say what is kept and for how long, from the rules that remove it."""
    return page(request, "public/privacy.html", kept=kept_for(core))


@router.get("/accessibility")
def accessibility(request: Request) -> Response:
    """State how far the site can be used by everyone, how that is tested, and what is missing."""
    return page(request, "public/accessibility.html")


@router.get("/site-map")
def site_map(request: Request) -> Response:
    """List every page that a visitor can open without an account."""
    return page(request, "public/site_map.html", site=SITE)
