"""Helpers as those who answer for them see them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.core.permissions import Permission, Reach, reach, require
from booking.desk.helpers.caps import Left, left
from booking.desk.helpers.figures import HelperFigures, helper_figures
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Helper, Office
from booking.platform.models.accounts.person import has_any
from booking.platform.models.states import Role


@dataclass(frozen=True, slots=True)
class Registered:
    """A helper with what it did lately; ``sets_up``: its account has no second step yet."""

    helper: Helper
    username: str
    left: Left
    sets_up: bool
    figures: HelperFigures


def list_helpers(core: Core, *, by: UUID) -> list[Helper]:
    """List the helpers for whom somebody answers, suspended ones last; raises ForbiddenError."""
    with core.sessions() as session:
        office = _office(require(session.get(Account, by), Permission.MANAGE_HELPERS))
        statement = select(Helper).order_by(Helper.state, Helper.organisation, Helper.id)
        return list(session.scalars(statement if office is None else statement.where(Helper.office_id == office)))


def find_helper(core: Core, *, by: UUID, helper_id: UUID) -> Registered:
    """Show one helper.

    Raises
    ------
    NotFoundError
        There is no such helper.
    ForbiddenError
        The helper is another office's, or ``by`` may not manage helpers.
    """
    with core.sessions() as session:
        helper = session.get(Helper, helper_id)
        if helper is None:
            raise NotFoundError
        require(session.get(Account, by), Permission.MANAGE_HELPERS, office_id=helper.office_id)
        has_factor = bool(session.scalar(select(has_any(helper.account_id))))
        return Registered(
            helper=helper,
            username=helper.account.username,
            left=left(session, core, helper),
            sets_up=not has_factor,
            figures=helper_figures(session, core, helper_id),
        )


def offices_for(core: Core, *, by: UUID) -> list[Office]:
    """List the offices for which somebody may register helpers; raises ForbiddenError."""
    with core.sessions() as session:
        office = _office(require(session.get(Account, by), Permission.MANAGE_HELPERS))
        statement = select(Office).where(Office.active).order_by(Office.kind, Office.id)
        return list(session.scalars(statement if office is None else statement.where(Office.id == office)))


def _office(account: Account) -> int | None:
    """Return the office that somebody answers for, None for every office."""
    far = reach([Role(role) for role in account.roles], Permission.MANAGE_HELPERS)
    return None if far is Reach.EVERY_OFFICE else account.office_id
