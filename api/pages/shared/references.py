"""The reference in an address, as people write it, and the ids in addresses."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.references import read_reference


async def reference_of(reference: str) -> str:
    """Read the reference in an address, with or without dashes; one that cannot exist counts as unknown."""
    try:
        return read_reference(reference)
    except FieldError:
        raise NotFoundError from None


ReferenceDep = Annotated[str, Depends(reference_of)]


def id_of(text: str) -> UUID:
    """Read an id in an address; anything else is as unknown as a wrong one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError from None


def id_in_path(name: str) -> Any:
    """Return the dependency that reads an id in the address of a route."""

    async def read(request: Request) -> UUID:
        return id_of(request.path_params[name])

    return Depends(read)
