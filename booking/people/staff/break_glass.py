"""Breaking the glass: one person at the server's terminal does what two administrators should, and all hear of it.

Until there are two open administrators' accounts the terminal is the way to make them. From then on each use of it is
in the audit log before it happens, an event of its own for those who watch, and a notice to every administrator. One of
them may close the others' accounts alone, so those that were closed lately count, and are told, as if they were open.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import any_, literal, or_, select

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import SecondAdministratorNeededError
from booking.country.core.messages import tell_at_once
from booking.people.staff.create import SYSTEM
from booking.platform.base import fields
from booking.platform.models import Account
from booking.platform.models.accounts.person import IS_STAFF
from booking.platform.models.states import Role

LATELY: Final = timedelta(days=30)
"""How long an administrator whose account was closed still counts."""


def at_the_terminal(core: Core, *, what: str, about: str, reason: str, break_glass: bool) -> None:
    """Allow what one person is about to do at the terminal, and tell everybody where two could have done it.

    Parameters
    ----------
    what, about
        The command, and the user name that it is about.
    break_glass
        Whether the person said that they know that this is for two.

    Raises
    ------
    SecondAdministratorNeededError
        There are two administrators, and the glass is whole.
    InvalidInputError
        The glass is broken without a reason.
    """
    with core.sessions.begin() as session:
        rules = literal(Role.ADMINISTRATOR.value) == any_(Account.roles)
        counts = or_(Account.closed_at.is_(None), Account.closed_at > core.clock.now() - LATELY)
        administrators = session.scalars(select(Account.id).where(IS_STAFF, rules, counts)).all()
        if len(administrators) < 2:  # noqa: PLR2004 - nobody could confirm it
            return
        if not break_glass:
            raise SecondAdministratorNeededError
        details = {"what": what, "username": about, "reason": fields.words("reason", reason)}
        action = "staff.break_glass"
        audit.append(session, at=core.clock.now(), actor=SYSTEM, action=action, subject="staff", details=details)
        for account_id in administrators:
            tell_at_once(session, core, account_id, "break_glass")
