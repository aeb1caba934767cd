"""What the helped person does: withdraw the consent, and take over the account that was opened for them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.register import open_phone, seal_phone
from booking.country.core.security import Origin
from booking.country.packs.phone import normalise_phone
from booking.desk.helpers.errors import NothingToTakeOverError
from booking.people.accounts.codes import Purpose, charge_secretly, issue_code, spend_code
from booking.people.accounts.opening import find_account
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, NotFoundError, UsernameTakenError, WrongCodeError
from booking.platform.base.fields import noted
from booking.platform.base.references import read_reference
from booking.platform.models import Account, Consent, Helper, Request
from booking.platform.models.accounts.helper import ConsentState


@dataclass(frozen=True, slots=True)
class HelpedBy:
    """Who asked in a person's name, and whether they still see the request."""

    organisation: str
    sees: bool


def helped_by(core: Core, *, account_id: UUID, reference: str) -> HelpedBy | None:
    """Return to the owner of a request the helper who asked for it; None where they asked themselves."""
    with core.sessions() as session:
        found = session.execute(
            select(Helper.organisation, Consent)
            .join(Consent, Consent.helper_id == Helper.id)
            .join(Request, Request.id == Consent.request_id)
            .where(Request.account_id == account_id, Request.reference == reference)
        ).one_or_none()
    if found is None:
        return None
    organisation, consent = found
    return HelpedBy(organisation, sees=not consent.is_over(core.clock.now()))


def withdraw_consent(core: Core, *, account_id: UUID, reference: str) -> None:
    """Withdraw the consent for a request of one's own: the helper no longer sees it. The request itself stays.

    Raises
    ------
    NotFoundError
        The account has no such request, or no helper asked for it.
    IllegalMoveError
        The consent is withdrawn already.
    """
    with core.sessions.begin() as session:
        withdraw_in(session, core, account_id, reference)


def send_code(core: Core, *, reference: str, phone: str, origin: Origin) -> None:
    """Send a code to the phone of a helped request, if there is one with this phone; the caller cannot tell.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    TooManyCodesError
        Too many codes were asked for from this network or device, or for this reference and phone.
    """
    errors: list[FieldError] = []
    with noted(errors):
        reference = read_reference(reference)
    with noted(errors):
        phone = normalise_phone(fields.number("phone", phone), core.pack.country.phone_region)
    fields.raise_all(errors)
    with core.sessions() as session:
        owner = _owner(session, core, reference, phone)
        number = "" if owner is None else open_phone(core.vault, owner)
    if charge_secretly(core, origin=origin, name=f"{reference} {phone}", phone=number) and owner is not None:
        with core.sessions.begin() as session:
            issue_code(session, core, account_id=owner.id, purpose=Purpose.TAKE_OVER, subject=reference)


def withdraw_by_code(core: Core, *, reference: str, phone: str, code: str, origin: Origin) -> None:
    """Withdraw the consent for a helped request with the code from its phone, without signing in.

    Raises
    ------
    WrongCodeError
        The code, the phone or the reference is not right.
    TooManyAttemptsError
        Too many were tried for this reference, network or device.
    IllegalMoveError
        The consent is withdrawn already; the code is not spent.
    """
    proof = _charged(core, reference, phone, code, origin)
    with core.sessions.begin() as session:
        owner = _proven(session, core, proof)
        if owner is not None:
            withdraw_in(session, core, owner, proof.reference)
    if owner is None:
        raise WrongCodeError


def take_over(
    core: Core, *, reference: str, phone: str, code: str, username: str, password: str, origin: Origin
) -> None:
    """Give the account that was opened for a helped person a user name and password of their own.

    Raises
    ------
    InvalidInputError
        The user name or password is unusable; the code was not tried.
    WrongCodeError
        The code, the phone or the reference is not right.
    TooManyAttemptsError
        Too many were tried for this reference, network or device.
    NothingToTakeOverError
        The request is in an account that has a user name already: the person signs in there.
    UsernameTakenError
        Another account has the user name. Only somebody with the code learns this, and the code is not spent.
    BusyError
        Too many passwords are being hashed; the code is not spent.
    """
    errors: list[FieldError] = []
    with noted(errors):
        password = fields.password(password, username=username)
    with noted(errors):
        username = fields.username(username)
    fields.raise_all(errors)
    proof = _charged(core, reference, phone, code, origin)
    with core.sessions.begin() as session:
        owner = _proven(session, core, proof, only_try=True)
        if owner is not None:
            _check_free(session, owner, username)
    if owner is None:
        raise WrongCodeError
    password_hash = core.passwords.hash(password)
    with core.sessions.begin() as session:
        owner = _proven(session, core, proof)
        if owner is not None:
            _claim(session, core, owner, username, password_hash)
    if owner is None:
        raise WrongCodeError


def _check_free(session: Session, owner: UUID, username: str) -> Account:
    account = session.get_one(Account, owner, with_for_update=True, populate_existing=True)
    if not account.unclaimed:
        raise NothingToTakeOverError
    if find_account(session, username) is not None:
        raise UsernameTakenError
    return account


def _claim(session: Session, core: Core, owner: UUID, username: str, password_hash: str) -> None:
    account = _check_free(session, owner, username)
    account.username, account.password_hash, account.unclaimed = username, password_hash, False
    try:
        session.flush()
    except IntegrityError as error:
        raise UsernameTakenError from error
    tell(session, core, account.id, "account_taken_over")


@dataclass(frozen=True, slots=True)
class _Proof:
    """What somebody without an account shows, in its stored form."""

    reference: str
    phone: str
    code: str


def _charged(core: Core, reference: str, phone: str, code: str, origin: Origin) -> _Proof:
    """Charge one try; raises WrongCodeError for what nobody can have, TooManyAttemptsError."""
    try:
        reference = read_reference(reference)
        phone = normalise_phone(fields.number("phone", phone), core.pack.country.phone_region)
    except FieldError:
        raise WrongCodeError from None
    charge(core, "signin", origin.subjects(account=reference, visitor=origin.visitor(reference)))
    return _Proof(reference, phone, code)


def _proven(session: Session, core: Core, proof: _Proof, *, only_try: bool = False) -> UUID | None:
    """Try or spend the code in the caller's transaction; return the owner's id, or None, which counts."""
    owner = _owner(session, core, proof.reference, proof.phone)
    right = owner is not None and spend_code(
        session,
        core,
        account_id=owner.id,
        purpose=Purpose.TAKE_OVER,
        subject=proof.reference,
        code=proof.code,
        only_try=only_try,
    )
    return owner.id if owner is not None and right else None


def _owner(session: Session, core: Core, reference: str, phone: str) -> Account | None:
    return session.scalar(
        select(Account)
        .join(Request, Request.account_id == Account.id)
        .join(Consent, Consent.request_id == Request.id)
        .where(Request.reference == reference, Account.phone_hash == seal_phone(core.vault, phone).hash)
    )


def withdraw_in(session: Session, core: Core, account_id: UUID, reference: str) -> None:
    """Withdraw the consent for a request of an account, in the caller's transaction.

    Raises
    ------
    NotFoundError
        The account has no such request, or no helper asked for it.
    IllegalMoveError
        The consent is withdrawn already.
    """
    consent = session.scalar(
        select(Consent)
        .join(Request, Request.id == Consent.request_id)
        .where(Request.account_id == account_id, Request.reference == reference)
        .with_for_update(of=Consent)
    )
    if consent is None:
        raise NotFoundError
    consent.move_to(ConsentState.WITHDRAWN)
    consent.withdrawn_at = core.clock.now()
    tell(session, core, account_id, "consent_withdrawn", reference=reference)
