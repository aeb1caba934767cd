"""The second step at a terminal: whoever names an account of theirs proves that it is."""

from typing import Final
from uuid import UUID

import typer

from booking.country.core.core import Core
from booking.country.core.security import Origin, reported
from booking.people.accounts.second_factor import has_second_factor
from booking.people.accounts.second_step import Proof, prove_owner
from booking.platform.base.settings import SecondFactor

TERMINAL: Final = Origin("terminal", "")


def prove_at_terminal(core: Core, account_id: UUID) -> None:
    """Ask for a code of the account's second step, as pages do before a file leaves; it is not shown.

    Where staff sign in by the password alone, as in a demonstration, there is nothing to prove.

    Raises
    ------
    typer.BadParameter
        The account must have a second step, and has none yet.
    WrongSecondFactorError
        The code is wrong, of another time, or was used.
    TooManyAttemptsError
        Too many were tried for this account.
    """
    with core.sessions() as session:
        known = has_second_factor(session, account_id)
    if known:
        code = typer.prompt("Code of the authenticator, or a recovery code", hide_input=True)
        with reported(core, "sign_in.again", TERMINAL, account_id=account_id):
            prove_owner(core, account_id=account_id, proof=Proof("", code=code), origin=TERMINAL)
    elif core.settings.staff_second_factor is SecondFactor.REQUIRED:
        raise typer.BadParameter("has no second step yet: sign in on the pages first", param_hint="--by")
