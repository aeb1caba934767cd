"""Where payment providers report what came of payments: signed, and taken once (`booking.people.payments.capture`)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request

from api.deps import CoreDep
from api.incoming.bodies import SIGNED, reads
from booking.people.payments.capture import take_webhook

router = APIRouter(prefix="/payments", include_in_schema=False)


@reads(SIGNED)
async def read_body(request: Request) -> bytes:
    """Return the exact bytes, which the signature covers."""
    return await request.body()


BodyDep = Annotated[bytes, Depends(read_body)]


@router.post("/{provider}/events")
def event(request: Request, provider: str, body: BodyDep, core: CoreDep) -> dict[str, str]:
    """Take an event; one that was taken before gets the same status and says so, so that nobody sends it for ever."""
    outcome = take_webhook(core, provider=provider, body=body, headers=request.headers)
    return {"outcome": outcome.value}
