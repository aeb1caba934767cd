"""Wishes that end, in the caller's transaction."""

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import SwapWish
from booking.transparency.log.entries import instant


def end_wishes(session: Session, core: Core, which: ColumnElement[bool]) -> None:
    """Remove wishes: the public log says that they ended now, by the clock that all else in it has its times from."""
    session.execute(select(func.set_config("mawid.ended_at", instant(core.clock.now()), True)))  # noqa: FBT003 - local
    session.execute(delete(SwapWish).where(which))
