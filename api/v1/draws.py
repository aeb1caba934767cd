"""Draws: announced, committed to, published, and open to anyone who checks them."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from allocation import Mechanism
from api.deps import CoreDep
from api.outgoing.caching import DRAW_SECONDS, public
from api.outgoing.published import send_published
from api.v1.calls.refusals import refusals
from api.v1.calls.values import DrawReference, FileName, Out
from booking.country.catalogue import views as catalogue
from booking.country.core.published import PublishedFile
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import Draw
from booking.platform.models.states import DrawState

router = APIRouter(prefix="/draws", tags=["draws"])


class DrawOut(Out):
    """A draw. ``seed_commitment`` is the SHA-256 of the seed, published before anyone asks; hashes are in hex.

    ``figures`` are those of the published ``report.json``, with the ``seconds`` that the draw took: totals, and in
    ``groups`` the chances by service, party, door, priority and need for access.

    ``format`` is that of its files. ``waits_for``: why a closed draw is not drawn yet: "beacon", for the random number
    that was announced; "witnesses", for their signatures; "late", it closed after it.
    ``reason``: why it was abandoned; ``again_of`` and ``again_reason``: the abandoned draw that it replaces.
    """

    reference: str
    state: DrawState
    opens_at: datetime
    closes_at: datetime
    horizon_first: date
    horizon_last: date
    confirm_seconds: int
    seed_commitment: str
    root: str | None
    format: int
    beacon: dict[str, Any] | None
    beacon_signature: str | None
    waits_for: str | None
    reason: str | None
    again_of: str | None
    again_reason: str | None
    seed: str | None
    published_at: datetime | None
    figures: dict[str, Any]


class FileOut(Out):
    """A published file; ``size`` in bytes."""

    name: str
    media_type: str
    size: int
    sha256: str
    href: str


class DrawDetailsOut(DrawOut):
    """A draw with its files, by which ``mawid draw verify`` repeats it.

    ``mechanism``: how places are given; "in-line-order": each in turn takes the best place that is left; "exchange":
    as many as possible are served, and people ahead move to another place that they accept where that serves
    one more. It is fixed when the draw closes.
    """

    mechanism: Mechanism
    files: list[FileOut]


class DrawsOut(Out):
    """The latest draws, newest first."""

    draws: list[DrawOut]


@router.get("", response_model=DrawsOut, responses=refusals())
def show_all(request: Request, core: CoreDep) -> Response:
    """List the latest draws, newest first."""
    answer = DrawsOut(draws=[DrawOut(**_columns(draw)) for draw in catalogue.list_draws(core)])
    return public(request, answer, seconds=DRAW_SECONDS)


@router.get("/{reference}", response_model=DrawDetailsOut, responses=refusals(InvalidInputError, NotFoundError))
def show(request: Request, core: CoreDep, reference: DrawReference) -> Response:
    """Show a draw and, once it is published, its files."""
    draw = catalogue.find_draw(core, reference)
    files = [_file_out(reference, line) for line in catalogue.list_draw_files(core, reference)]
    return public(
        request,
        DrawDetailsOut(**_columns(draw), mechanism=catalogue.draw_mechanism(core, draw), files=files),
        seconds=DRAW_SECONDS,
    )


@router.get(
    "/{reference}/files/{name}",
    response_class=Response,
    responses=refusals(InvalidInputError, NotFoundError)
    | {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def download(request: Request, core: CoreDep, reference: DrawReference, name: FileName) -> Response:
    """Return a file of a published draw, byte for byte; its media type is the one that the draw names."""
    file = await run_in_threadpool(catalogue.find_draw_file, core, reference, name)
    return await send_published(request, file, as_name=name)


def _columns(draw: Draw) -> dict[str, Any]:
    return {
        "reference": draw.reference,
        "state": draw.state,
        "opens_at": draw.opens_at,
        "closes_at": draw.closes_at,
        "horizon_first": draw.horizon_first,
        "horizon_last": draw.horizon_last,
        "confirm_seconds": draw.confirm_seconds,
        "seed_commitment": draw.seed_commitment.hex(),
        "root": draw.root.hex() if draw.root else None,
        "format": draw.format,
        "beacon": draw.beacon,
        "beacon_signature": draw.beacon_signature.hex() if draw.beacon_signature else None,
        "waits_for": draw.waits_for,
        "reason": draw.reason,
        "again_of": draw.again_of,
        "again_reason": draw.again_reason,
        "seed": draw.seed.hex() if draw.seed else None,
        "published_at": draw.published_at,
        "figures": draw.figures if draw.state is DrawState.PUBLISHED else {},
    }


def _file_out(reference: str, line: PublishedFile) -> FileOut:
    return FileOut(
        name=line.name,
        media_type=line.media_type,
        size=line.size,
        sha256=line.sha256,
        href=f"/api/v1/draws/{reference}/files/{line.name}",
    )
