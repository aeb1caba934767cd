"""The reference in an address, as people write it."""

from typing import Annotated

from fastapi import Depends

from booking.base.errors import FieldError, NotFoundError
from booking.base.references import read_reference


def reference_of(reference: str) -> str:
    """Read the reference in an address, with or without dashes; one that cannot exist counts as unknown."""
    try:
        return read_reference(reference)
    except FieldError:
        raise NotFoundError from None


ReferenceDep = Annotated[str, Depends(reference_of)]
