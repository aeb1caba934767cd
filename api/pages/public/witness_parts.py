"""Where a witness brings its part of the value that decides a draw; what it signed says that it is the witness's."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.incoming.bodies import WITNESS_PART, reads
from booking.transparency.beacons.bring import Part, take_part

router = APIRouter(include_in_schema=False)


@reads(WITNESS_PART)
async def brought(request: Request) -> Part:
    """Read a part from a body of one line; raises BeaconError."""
    return Part.of(await request.body())


@router.post("/log/parts", status_code=204, response_class=Response)
def take(part: Annotated[Part, Depends(brought)], core: CoreDep) -> None:
    """Keep the right part of a signature that is awaited; 404 where it is not, or not yet."""
    take_part(core, part)
