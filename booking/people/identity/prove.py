"""A person shows that a number is theirs to act for: by a document's serial, a code to their phone, as a guardian.

The register is asked outside of transactions; what it answered is written in one, together with the notice and with the
end of weaker claims. A proof that came before is taken again and tells nobody once more.
"""

from typing import Literal
from uuid import UUID

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.sealed import open_national_number, read_grant
from booking.people.identity import sent_code
from booking.people.identity.ask import Asked, ask_about, charge_try, other_proven
from booking.people.identity.errors import ProofRefusedError
from booking.people.identity.raise_level import raise_level
from booking.platform.models.identity import IdentityLevel, ProofKind


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
    sent_code.keep(core, member_id, core.register.send_code(asked.identity))


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
    handle = sent_code.find(core, member_id)
    if handle is None:
        if asked.level.reaches(IdentityLevel.PROVEN):  # the button was pressed twice
            return
        raise ProofRefusedError
    grant = core.register.check_code(asked.identity, handle=handle, code=code.strip())
    if grant is not None and not sent_code.use_up(core, member_id, handle):
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
