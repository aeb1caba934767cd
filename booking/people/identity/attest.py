"""A proof that Mawid itself saw: an officer compared face and document, or the state's provider signed somebody in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.accounts.codes import Purpose, keep_code, spend_code
from booking.people.identity.ask import Asked, ask_about
from booking.people.identity.levels import ProofRefusedError
from booking.people.identity.prove import raise_level
from booking.platform.base.errors import NotFoundError
from booking.platform.models import HouseholdMember
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


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code, to be read out at a counter before it ends."""

    code: str
    ends_at: datetime


def show_counter_code(core: Core, *, account_id: UUID, member_id: int) -> ShownCode:
    """Make the code for one person of an account; an earlier one stops working.

    Raises
    ------
    NotFoundError
        The account has no such member.
    """
    with core.sessions.begin() as session:
        member = session.get(HouseholdMember, member_id)
        if member is None or member.account_id != account_id:
            raise NotFoundError
        code, ends_at = keep_code(
            session, core, account_id=account_id, purpose=Purpose.AT_COUNTER, subject=str(member_id)
        )
        return ShownCode(code, ends_at)


def whose_code_in(
    session: Session, core: Core, entries: Sequence[HouseholdMember], code: str, *, only_try: bool = False
) -> HouseholdMember | None:
    """Find which account's page shows a code for a person, in the caller's transaction; a right one is spent.

    A wrong one counts as a try of every account that shows one for this person, so the caller commits then too.

    Parameters
    ----------
    entries
        The person's entries in all households.
    only_try
        A right code is not spent yet; see `booking.people.accounts.codes.spend_code`.
    """
    for entry in entries:
        if spend_code(
            session,
            core,
            account_id=entry.account_id,
            purpose=Purpose.AT_COUNTER,
            subject=str(entry.id),
            code=code,
            only_try=only_try,
        ):
            return entry
    return None
