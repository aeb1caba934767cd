"""Who calls: a code that only their account's phone receives, and the code of their second step where they have one.

A caller's number is forged by whoever likes. So nothing here says whether it, or the national number, is known: a code
is said to be on its way in every case, and a wrong number is refused as a wrong code.
"""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.attempts import attempt
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.register import seal_national_number, seal_phone
from booking.country.core.security import reported
from booking.country.core.session_ends import last_end
from booking.country.core.sessions import answering_store
from booking.desk.telephone.turn import Turn
from booking.people.accounts import second_factor
from booking.people.accounts.codes import ALL, Purpose, issue_code, may_send, spend_code
from booking.people.accounts.errors import WrongSecondFactorError
from booking.people.accounts.lost_factor import call_off
from booking.people.accounts.opening import accounts_of_phone
from booking.platform.base.errors import BusyError, WrongCodeError
from booking.platform.models import Account, HouseholdMember, Person

ACTION: Final = "telephone_proof"
"""What a code sent, or a code tried, counts as where limits are set."""
_SELF: Final = "self"


def send_code(turn: Turn) -> str:
    """Send a code to the caller's number where an account has both; say "sent" in any case."""
    if not _may_try(turn):
        return "too-many"
    with turn.core.sessions() as session:
        account = _account(session, turn)
    # Who has codes for passwords sent to a phone must not keep its owner, who may have no other way, from calling.
    if account is not None and may_send(turn.core, phone=turn.phone, apart=ACTION):
        with turn.core.sessions.begin() as session:
            issue_code(session, turn.core, account_id=account.id, purpose=Purpose.TELEPHONE)
    return "sent"


def check_code(turn: Turn) -> str:
    """Spend the code; a right one shows whose call it is, unless the account asks for a second step."""
    if not _may_try(turn):
        return "too-many"
    code = turn.answers.pop("code", "")
    with turn.core.sessions() as session:
        account = _account(session, turn)
    mark = _mark(turn, account)  # before the code: what ends in between ends this too
    try:
        with reported(turn.core, "sign_in.telephone", turn.origin(), account_id=account.id if account else None):
            needs_second, has_codes = _spend(turn, account, code)
    except WrongCodeError:
        return "wrong"
    turn.answers.pop("number", None)
    turn.memory.mark = mark
    if needs_second:
        turn.memory.holder = str(account.id) if account else None
        return "second" if has_codes else "page"
    return _show(turn, account.id if account else None)


def check_second(turn: Turn) -> str:
    """Use up a code of the authenticator, by the limits of signing in."""
    code, holder = turn.answers.pop("second", ""), turn.memory.holder
    if holder is None:
        return "wrong"
    account_id = UUID(holder)
    core = turn.core
    if not attempt(core, second_factor.ACTION, {"account": holder}).allowed:
        return "too-many"
    try:
        typed = second_factor.read_code(core, account_id, code)
    except BusyError:
        return "wrong"
    try:
        with reported(core, "sign_in.second_step", turn.origin(), account_id=account_id):
            _use_up(core, account_id, typed)
    except WrongSecondFactorError:
        return "wrong"
    return _show(turn, account_id)


def _use_up(core: Core, account_id: UUID, typed: second_factor.TypedCode) -> None:
    """Use up a code of the second step; raises WrongSecondFactorError."""
    with core.sessions.begin() as session:
        used = second_factor.spend(session, core, account_id=account_id, code=typed)
        if used is not None:
            call_off(session, account_id)
        second_factor.note_recovery(session, core, account_id=account_id, used=used)
    if used is None:
        raise WrongSecondFactorError


def _show(turn: Turn, account_id: UUID | None) -> str:
    turn.memory.account, turn.memory.holder = None if account_id is None else str(account_id), None
    return "right"


def _mark(turn: Turn, account: Account | None) -> str:
    if account is None:
        return ""
    with answering_store():
        return last_end(turn.core, account.id)


def _spend(turn: Turn, account: Account | None, code: str) -> tuple[bool, bool]:
    """Spend a code, and return whether the account has a second step, and codes for it; raises WrongCodeError."""
    if account is None:
        raise WrongCodeError
    with turn.core.sessions.begin() as session:
        right = spend_code(session, turn.core, account_id=account.id, purpose=Purpose.TELEPHONE, code=code)
        second = second_factor.has_second_factor(session, account.id)
        codes = second and second_factor.has_codes(session, account.id)
    if not right:
        raise WrongCodeError
    return second, codes


def _may_try(turn: Turn) -> bool:
    return attempt(turn.core, ACTION, {"phone": turn.call.counted(turn.phone), "everyone": ALL}).allowed


def _account(session: Session, turn: Turn) -> Account | None:
    """Find the account whose confirmed phone calls and in which the national number is somebody's.

    The account whose own holder has the number comes first; where several could be meant, none is. No account of staff
    is found: theirs open on pages, with a second step.
    """
    vault = turn.core.vault
    number = seal_national_number(vault, turn.answers.get("number", "")).hash
    found = session.execute(
        accounts_of_phone(seal_phone(vault, turn.phone).hash)
        .join(HouseholdMember, HouseholdMember.account_id == Account.id)
        .join(Person, Person.id == HouseholdMember.person_id)
        .where(Person.national_number_hash == number)
        .add_columns(HouseholdMember.relation)
    ).all()
    citizens = [(account, relation) for account, relation in found if not is_staff(account.roles)]
    own = [account for account, relation in citizens if relation == _SELF]
    every = own or [account for account, _ in citizens]
    return every[0] if len(every) == 1 else None
