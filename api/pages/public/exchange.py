"""The nights that exchange appointments, for everyone: how they work, what came out, and their files."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.caching import DRAW_SECONDS, OPEN
from api.outgoing.published import send_published
from api.pages.shared.kept_pages import kept_page
from booking.scheduling.swaps.files import find_night_zip
from booking.scheduling.swaps.views import list_nights, night_view

router = APIRouter(prefix="/exchange")


@router.get("")
async def nights(request: Request, core: CoreDep) -> Response:
    """Say how the exchange works, and list its nights."""
    return await kept_page(
        request,
        "public/exchange.html",
        lambda: {"nights": list_nights(core), "zone": core.pack.country.time_zone},
    )


@router.get("/{reference}")
async def night(request: Request, reference: str, core: CoreDep) -> Response:
    """Show what came out of a night, and its files."""
    return await kept_page(
        request,
        "public/exchange_night.html",
        lambda: {"night": night_view(core, reference), "zone": core.pack.country.time_zone},
    )


@router.get("/{reference}/all.zip")
async def night_files(request: Request, reference: str, core: CoreDep) -> Response:
    """Return the files of a night as one archive, compressed once for all who fetch it."""
    file = await run_in_threadpool(find_night_zip, core, reference)
    answer = await send_published(request, file, as_name=file.name, kept=f"public, max-age={DRAW_SECONDS}")
    answer.headers.update(OPEN)
    return answer
