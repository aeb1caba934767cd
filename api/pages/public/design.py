"""Every component of the pages with its states, to look at: only where the outbox is shown, so never in production."""

from datetime import timedelta
from types import SimpleNamespace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.charts.pieces import Bar, Meaning, Piece
from api.deps import CoreDep
from api.pages.shared.banners import Banner
from api.pages.shared.forms import Form
from api.pages.shared.rendering import page
from api.pages.shared.tour import Touring
from booking.platform.base.errors import NotFoundError

router = APIRouter()


def _bar() -> Bar:
    share = 100 / len(Meaning)
    return Bar("…", "…", [Piece(one, at * share, share) for at, one in enumerate(Meaning)])


@router.get("/design")
def design(request: Request, core: CoreDep) -> Response:
    """Show the components; what is wrong in the form, and what was done, are made up."""
    if not core.settings.show_outbox:
        raise NotFoundError
    today = core.today()
    wrong = SimpleNamespace(field="phone", detail="…")
    return page(
        request,
        "public/design.html",
        drawn=SimpleNamespace(legend=[(one, one.name.lower()) for one in Meaning], bars=[_bar()]),
        days=[today + timedelta(days=ahead) for ahead in range(9)],
        errors=[wrong],
        wrong={wrong.field: wrong.detail},
        typed=Form({"phone": ["12"], "colour": ["paper"]}),
        problem=None,
        stale=False,
        banner=Banner("…", "/design"),
        tour=Touring(number=2, all=9, title="…", look="…", after="…"),
    )
