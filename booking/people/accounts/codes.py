"""One-time codes sent to an account's phone: made, sent, checked a bounded number of times, spent once."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.country.core import messages
from booking.country.core.core import Core
from booking.platform.base.errors import WrongCodeError
from booking.platform.base.message_states import Channel
from booking.platform.models import PhoneCode
from fraud.challenges.codes import ATTEMPTS, DIGITS, CodeResult, KeptCode, new_code
from fraud.challenges.codes import check_code as checked

_KEY: Final = "one-time code"


class Purpose(StrEnum):
    """What a code may do; a code of one purpose does nothing else."""

    CONFIRM_PHONE = "confirm_phone"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
    LONG_RESET = "long_reset"
    CHALLENGE = "challenge"
    CONFIRM_CHANNEL = "confirm_channel"
    CANCEL_BY_SMS = "cancel_by_sms"
    HELPER_CONSENT = "helper_consent"
    TAKE_OVER = "take_over"
    AT_COUNTER = "at_counter"
    REOPEN_ACCOUNT = "reopen_account"
    PHONE_BEFORE = "phone_before"
    PHONE_TO_BE = "phone_to_be"
    LOST_FACTOR = "lost_factor"
    LOST_AT_COUNTER = "lost_at_counter"
    TELEPHONE = "telephone"


def issue_code(
    session: Session,
    core: Core,
    *,
    account_id: UUID,
    purpose: Purpose,
    subject: str = "",
    channel: Channel | None = None,
    phone: bytes | None = None,
    shows_subject: bool = True,
    **values: str,
) -> None:
    """Make a code and write the notice that carries it, in the caller's transaction.

    The account's earlier codes for the same purpose and subject stop working.

    Parameters
    ----------
    subject
        What the code is about, where the account can have several: a reference, or the name of a channel.
    channel
        The channel that the code proves; none: the phone.
    phone
        The sealed phone to which it goes, where that is not the account's.
    shows_subject
        Whether the notice names the subject.
    values
        What else the notice says.
    """
    code, _ = keep_code(session, core, account_id=account_id, purpose=purpose, subject=subject)
    minutes = -(-core.settings.otp_lifetime // timedelta(minutes=1))
    about = {"reference": subject} if subject and shows_subject and channel is None and not values else {}
    messages.tell_secret(
        session, core, account_id, purpose.value, code, channel, phone, minutes=minutes, **about, **values
    )


def keep_code(
    session: Session,
    core: Core,
    *,
    account_id: UUID,
    purpose: Purpose,
    subject: str = "",
    digits: int = DIGITS,
    lifetime: timedelta | None = None,
) -> tuple[str, datetime]:
    """Make a code for the caller to show, which takes the place of earlier ones; returns it and when it ends."""
    now = core.clock.now()
    session.execute(
        delete(PhoneCode).where(
            PhoneCode.account_id == account_id, PhoneCode.purpose == purpose.value, PhoneCode.subject == subject
        )
    )
    code, kept = new_code(
        key=core.vault.key(_KEY),
        purpose=_bound_to(account_id, purpose, subject),
        now=now,
        digits=digits,
        lifetime=lifetime or core.settings.otp_lifetime,
    )
    session.add(
        PhoneCode(
            account_id=account_id,
            purpose=purpose.value,
            subject=subject,
            code_hash=kept.digest,
            created_at=now,
            expires_at=kept.expires_at,
        )
    )
    return code, kept.expires_at


def spend_code(
    session: Session,
    core: Core,
    *,
    account_id: UUID,
    purpose: Purpose,
    code: str,
    subject: str = "",
    only_try: bool = False,
    counts: bool = True,
) -> bool:
    """Try a code in the caller's transaction and return whether it was right; a right one is spent.

    The row stays locked until the caller commits, so two tries of one code are judged one after the other.
    The caller commits when the answer is no, too: the try is counted only then. See `check_code`.

    Parameters
    ----------
    only_try
        A right code is not spent yet: something costly follows before the transaction that spends it.
    counts
        A wrong try leaves one less. Not of a code so long that nobody guesses it, or strangers could use it up.
    """
    sent = session.scalars(
        select(PhoneCode)
        .where(PhoneCode.account_id == account_id, PhoneCode.purpose == purpose.value, PhoneCode.subject == subject)
        .order_by(PhoneCode.created_at.desc(), PhoneCode.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if sent is None:
        return False
    left = 0 if sent.used_at else ATTEMPTS - sent.attempts
    now = core.clock.now()
    result, kept = checked(
        KeptCode(sent.code_hash, sent.expires_at, left),
        code,
        key=core.vault.key(_KEY),
        purpose=_bound_to(account_id, purpose, subject),
        now=now,
    )
    if result is CodeResult.RIGHT:
        sent.used_at = None if only_try else now
        return True
    sent.attempts += (left - kept.attempts_left) * counts
    return False


def check_code(core: Core, *, account_id: UUID, purpose: Purpose, code: str, subject: str = "") -> None:
    """Try a code in a transaction of its own.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, too old, or was tried too often. The try is counted all the same.
    """
    with core.sessions.begin() as session:
        right = spend_code(session, core, account_id=account_id, purpose=purpose, code=code, subject=subject)
    if not right:
        raise WrongCodeError


def forget_codes(session: Session, account_id: UUID) -> None:
    """Let every code that was sent to an account stop working, as when its phone is another one from now on."""
    session.execute(delete(PhoneCode).where(PhoneCode.account_id == account_id))


def _bound_to(account_id: UUID, purpose: Purpose, subject: str) -> str:
    return f"{purpose.value}:{account_id}:{subject}"
