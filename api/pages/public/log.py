"""The public log: a page that says what it is, and what programs read to check it (C2SP tlog-tiles)."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.deps import CoreDep
from api.incoming.bodies import NOTE, reads
from api.outgoing.caching import OPEN, PUBLISHED_SECONDS, public_bytes
from api.pages.shared.rendering import page
from booking.transparency.log import views
from booking.transparency.log.notes import NoteError

router = APIRouter(prefix="/log")

CHECKPOINT_SECONDS: Final = 5
KEY_SECONDS: Final = 300
PROOF_SECONDS: Final = 30
_RECEIPT: Final = re.compile("[0-9a-f]{64}")
_TEXT: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"


@router.get("")
def show(request: Request, core: CoreDep, receipt: str = "") -> Response:
    """Say what the log is, how large it is, and who watches it; and of a receipt whether another one replaced it."""
    asked = receipt.strip().lower()
    found = views.find_receipt(core, asked) if _RECEIPT.fullmatch(asked) else None
    zone = core.pack.country.time_zone
    return page(request, "public/log.html", log=views.show_log(core), asked=asked, found=found, zone=zone)


@router.get("/checkpoint")
def checkpoint(request: Request, core: CoreDep) -> Response:
    """Return the newest signed checkpoint."""
    return _open(request, views.checkpoint_text(core).encode(), _TEXT, CHECKPOINT_SECONDS)


@router.get("/key")
def key(request: Request, core: CoreDep) -> Response:
    """Return the log's verifier keys, a line each."""
    return _open(request, views.key_text(core).encode(), _TEXT, KEY_SECONDS)


@router.get("/tile/{level}/{first}")  # noqa: FAST003 - the parts are read as one address
@router.get("/tile/{level}/{first}/{second}")
@router.get("/tile/{level}/{first}/{second}/{third}")
@router.get("/tile/{level}/{first}/{second}/{third}/{fourth}")
def tile(request: Request, level: str, core: CoreDep) -> Response:
    """Return a tile of hashes, or a bundle of entries; a thousand tiles on have one part more in their address."""
    path = "/".join(part for name, part in request.path_params.items() if name != "level")
    content = views.bundle(core, path) if level == "entries" else views.tile(core, level, path)
    return _open(request, content, _BYTES, PUBLISHED_SECONDS)


@router.get("/proof/{kind}/{name}")
def proof(request: Request, kind: str, name: str, core: CoreDep) -> Response:
    """Return the proof that an entry of a kind is in the log."""
    return _open(request, views.proof_text(core, kind, name).encode(), _TEXT, PROOF_SECONDS)


@reads(NOTE)
async def read_note(request: Request) -> bytes:
    """Return the exact bytes of the note."""
    return await request.body()


@router.post("/cosignatures")
def cosign(content: Annotated[bytes, Depends(read_note)], core: CoreDep) -> Response:
    """Take a witness's signature of a checkpoint: the note with its line."""
    try:
        views.take_cosignature(core, content)
    except NoteError as error:
        return PlainTextResponse(f"{error}\n", 422)
    return Response(status_code=204)


def _open(request: Request, content: bytes, media_type: str, seconds: int) -> Response:
    answer = public_bytes(request, content, media_type, seconds=seconds)
    answer.headers.update(OPEN)
    return answer
