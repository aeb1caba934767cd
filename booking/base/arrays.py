"""Whole columns as PostgreSQL arrays: one parameter for thousands of rows."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, String, Uuid, any_, literal

Kind = type[BigInteger] | type[String] | type[Uuid[Any]]


def any_of(values: Iterable[object], kind: Kind) -> Any:
    """Write ``= ANY(values)`` with a single parameter; ``IN`` needs one for each and ends at 65,535."""
    array: BindParameter[Any] = literal(list(values), ARRAY(kind))
    return any_(array)
