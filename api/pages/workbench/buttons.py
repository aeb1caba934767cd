"""Where a button leads that has no page of its own, for an analyst who had to sign in again after pressing it."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep

BUTTONS: Final = {
    "/analyst/rules/drafts": "/analyst/rules",
    "/analyst/quotas/drafts": "/analyst/quotas",
    "/analyst/forecast/draft": "/analyst/forecast",
}

router = APIRouter()


def page_of_button(request: Request, _analyst: AnalystDep) -> Response:
    """Lead to the page that the button is on: it is pressed again there."""
    return RedirectResponse(BUTTONS[request.url.path], 303)


for button in BUTTONS:
    router.add_api_route(button, page_of_button, methods=["GET"])
