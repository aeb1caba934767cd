"""A person shows that a number is theirs to act for: by a document's serial, a code to their phone, as a guardian.

The register is asked outside of transactions; what it answered is written in one, together with the notice and with the
end of weaker claims. A proof that came before is taken again and tells nobody once more.
"""

from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.register import open_national_number, read_grant, seal_grant, seal_national_number
from booking.country.core.security import Origin
from booking.people.identity.acting import WEAK, count_live_requests, end_weaker_claims, tell_who_else_acts
from booking.people.identity.ask import Asked, ask_about, charge_try, other_proven, read_asked
from booking.people.identity.levels import ProofRefusedError
from booking.platform.base.errors import NotFoundError
from booking.platform.models import HouseholdMember, Person
from booking.platform.models.identity import IdentityLevel, ProofKind

_KEY: Final = "{mawid}:register-code:"
_ABOUT: Final = "register code"


def keep(core: Core, member_id: int, handle: str | None) -> None:
    """Keep the register's handle for a member in place of the one before; none where nothing was sent."""
    with sessions.answering_store():
        if handle is None:
            core.redis.delete(_key(core, member_id))
            return
        sealed = core.vault.encrypt(handle, f"{_ABOUT} {member_id}")
        core.redis.set(_key(core, member_id), sealed, ex=int(core.settings.otp_lifetime.total_seconds()))


def find(core: Core, member_id: int) -> str | None:
    """Return the handle that is kept for a member; None where none is, or no longer."""
    with sessions.answering_store():
        sealed = cast("bytes | None", core.redis.get(_key(core, member_id)))
    return None if sealed is None else core.vault.decrypt(sealed, f"{_ABOUT} {member_id}")


def use_up(core: Core, member_id: int, handle: str) -> bool:
    """Forget a handle; of any number who do it at once, exactly one gets True."""
    if find(core, member_id) != handle:
        return False
    with sessions.answering_store():
        return core.redis.delete(_key(core, member_id)) == 1


def _key(core: Core, member_id: int) -> str:
    return _KEY + core.vault.lookup_hash(str(member_id), _ABOUT).hex()


def raise_level(session: Session, core: Core, asked: Asked, kind: ProofKind, grant: str) -> None:
    """Make a member proven, or seen by an officer; the person's row is held until commit.

    By what a member was proven first stays on record, but for an officer's comparison, which says more.

    Two who prove the same number take turns at its person. The birth date that the register agreed to is the person's
    from now on.

    Raises
    ------
    NotFoundError
        The account removed the member meanwhile, or what it typed of them is not what the register was asked about.
    """
    number = seal_national_number(core.vault, asked.identity.number).hash
    person = session.scalars(
        select(Person).where(Person.national_number_hash == number).with_for_update(key_share=True)
    ).one_or_none()
    member = session.scalars(
        select(HouseholdMember).where(HouseholdMember.id == asked.member_id).with_for_update(of=HouseholdMember)
    ).one_or_none()
    if person is None or member is None:
        raise NotFoundError
    if read_asked(session, core, asked.account_id, asked.member_id).identity != asked.identity:
        raise NotFoundError
    before = member.level
    member.grant_ciphertext = seal_grant(core.vault, member.id, grant)
    member.level = max(before, _level_of(kind), key=lambda level: level.rank)
    if member.level is not before or member.proved_by is None or _says_more(kind, member.proved_by):
        member.proved_by, member.proved_at = kind, core.clock.now()
    person.birth_date = asked.identity.birth_date
    session.flush()
    end_weaker_claims(session, core, member)
    count_live_requests(session, member)
    if before in WEAK:
        tell_who_else_acts(session, core, member)
    if member.level is not before:
        tell(session, core, asked.account_id, "identity_proven")


def _says_more(kind: ProofKind, before: ProofKind) -> bool:
    return kind is ProofKind.OFFICER and before is not ProofKind.OFFICER


def _level_of(kind: ProofKind) -> IdentityLevel:
    return IdentityLevel.SEEN if kind is ProofKind.OFFICER else IdentityLevel.PROVEN


def prove_by_serial(
    core: Core,
    *,
    account_id: UUID,
    member_id: int,
    kind: Literal[ProofKind.CARD, ProofKind.PASSPORT],
    serial: str,
    origin: Origin,
) -> None:
    """Take the serial of a person's identity card or passport as a proof.

    Raises
    ------
    ProofRefusedError
        The register does not know the person with these words, or not with this document.
    NotFoundError
        The account has no such member.
    TooManyAttemptsError
        Too many tries by this account, by it on this number, from this device or network.
    booking.country.core.register.RegisterAwayError
        The register does not answer; the try was counted, all else is as before.
    """
    asked = ask_about(core, account_id, member_id)
    charge_try(core, asked, origin)
    _write(core, asked, kind, core.register.prove(asked.identity, kind, serial))


def send_register_code(core: Core, *, account_id: UUID, member_id: int, origin: Origin) -> None:
    """Let the register send a code to the phone that it has of a person; whether it did is not said.

    Raises
    ------
    NotFoundError
        The account has no such member.
    TooManyAttemptsError
        Too many tries by this account, by it on this number, from this device or network.
    booking.country.core.register.RegisterAwayError
        The register does not answer; the try was counted, all else is as before.
    SessionsUnavailableError
        The session store, which keeps what the code is checked with, does not answer.
    """
    asked = ask_about(core, account_id, member_id)
    charge_try(core, asked, origin)
    keep(core, member_id, core.register.send_code(asked.identity))


def prove_by_code(core: Core, *, account_id: UUID, member_id: int, code: str, origin: Origin) -> None:
    """Take the code that the register sent as a proof, once.

    Raises
    ------
    ProofRefusedError
        The code is wrong, used or too old, or none was sent.
    NotFoundError
        The account has no such member.
    TooManyAttemptsError
        Too many tries by this account, by it on this number, from this device or network.
    booking.country.core.register.RegisterAwayError
        The register does not answer; the try was counted, the code can still be used.
    SessionsUnavailableError
        The session store, which keeps what the code is checked with, does not answer.
    """
    asked = ask_about(core, account_id, member_id)
    charge_try(core, asked, origin)
    handle = find(core, member_id)
    if handle is None:
        if asked.level.reaches(IdentityLevel.PROVEN):  # the button was pressed twice
            return
        raise ProofRefusedError
    grant = core.register.check_code(asked.identity, handle=handle, code=code.strip())
    if grant is not None and not use_up(core, member_id, handle):
        grant = None
    _write(core, asked, ProofKind.PHONE, grant)


def prove_by_guardian(core: Core, *, account_id: UUID, member_id: int, origin: Origin) -> None:
    """Take it as a proof for a child that the register knows a proven person of the same household as a guardian.

    Raises
    ------
    ProofRefusedError
        The register knows nobody of the household who is proven as a guardian of this minor.
    NotFoundError
        The account has no such member.
    TooManyAttemptsError
        Too many tries by this account, by it on this number, from this device or network.
    booking.country.core.register.RegisterAwayError
        The register does not answer; the try was counted, all else is as before.
    """
    asked = ask_about(core, account_id, member_id)
    charge_try(core, asked, origin)
    found = None
    for guardian in other_proven(core, account_id, member_id):
        number, grant = open_national_number(core.vault, guardian.person), read_grant(core.vault, guardian)
        found = core.register.prove_guardian(asked.identity, guardian=number, grant=grant or "")
        if found is not None:
            break
    _write(core, asked, ProofKind.GUARDIAN, found)


def _write(core: Core, asked: Asked, kind: ProofKind, grant: str | None) -> None:
    if grant is None:
        raise ProofRefusedError
    with core.sessions.begin() as session:
        raise_level(session, core, asked, kind, grant)
