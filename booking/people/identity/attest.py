"""A proof that Mawid itself saw: an officer compared face and document, or the state's provider signed somebody in."""

from collections.abc import Callable
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.identity.ask import Asked, ask_about
from booking.people.identity.errors import ProofRefusedError
from booking.people.identity.raise_level import raise_level
from booking.platform.models.identity import ProofKind

Seen = Literal[ProofKind.PROVIDER, ProofKind.OFFICER]


def attest(core: Core, *, account_id: UUID, member_id: int, kind: Seen, by: str) -> None:
    """Ask the register for its grant and write the proof, for those who write nothing else with it.

    Raises
    ------
    ProofRefusedError
        The register knows no such living person.
    NotFoundError
        The account has no such member.
    booking.country.core.register.RegisterAwayError
        The register does not answer; nothing has changed.
    """
    asked, grant = ask_to_attest(core, account_id=account_id, member_id=member_id, kind=kind, by=by)
    with core.sessions.begin() as session:
        attest_in(session, core, asked=asked, kind=kind, grant=grant)


def ask_to_attest(
    core: Core,
    *,
    account_id: UUID,
    member_id: int,
    kind: Seen,
    by: str,
    check: Callable[[Asked], None] = lambda _: None,
) -> tuple[Asked, str]:
    """Ask the register for its grant, before the transaction that `attest_in` is called in.

    Parameters
    ----------
    by
        Who saw the proof, as a reference that the register can ask about: never a name.
    check
        Refuses what was typed where it is not what was seen, before the register hears that it was.

    Raises
    ------
    ProofRefusedError
        The register knows no such living person.
    NotFoundError
        The account has no such member.
    booking.country.core.register.RegisterAwayError
        The register does not answer.
    """
    asked = ask_about(core, account_id, member_id)
    check(asked)
    grant = core.register.attest(asked.identity, kind, by=by)
    if grant is None:
        raise ProofRefusedError
    return asked, grant


def attest_in(session: Session, core: Core, *, asked: Asked, kind: Seen, grant: str) -> None:
    """Write a proof that Mawid saw in the caller's transaction, which also says who saw it.

    Raises
    ------
    NotFoundError
        The account removed the member meanwhile, or typed another person in their place.
    """
    raise_level(session, core, asked, kind, grant)
