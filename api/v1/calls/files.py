"""Files in calls: the raw bytes as the body, of the type that the file has or of none in particular."""

from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request

from api.incoming.bodies import FILE, reads
from api.v1.calls.guards import Caller

DOCUMENTED: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in sorted(FILE.types)},
    }
}
"""What a route adds to its documentation."""


@reads(FILE)
async def read_file(request: Request, _caller: Caller) -> bytes:
    """Read a file; the door holds that it is no longer, and of no other type, than files may be."""
    return await request.body()


FileDep = Annotated[bytes, Depends(read_file)]
