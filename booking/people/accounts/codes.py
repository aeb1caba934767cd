"""One-time codes sent to an account's phone: made, sent, checked a bounded number of times, spent once.

How many one-time codes are sent: by phone, by its neighbours and country, by network, and in all.

Fraudsters who earn on SMS traffic have codes sent to many numbers of one range ("SMS pumping"), each from another
account, device and network. What they cannot change is the range that pays them, and the budget that they empty.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import phonenumbers
import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.country.core import messages
from booking.country.core.attempts import attempt
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.platform.base.errors import TooManyCodesError, WrongCodeError
from booking.platform.base.message_states import Channel
from booking.platform.models import PhoneCode
from fraud.challenges.codes import ATTEMPTS, DIGITS, CodeResult, KeptCode, new_code
from fraud.challenges.codes import check_code as checked
from fraud.limiting.limits import LimitDecision

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


_log = structlog.get_logger("mawid.codes")

NEIGHBOURS: Final = 4
"""Last digits in which the numbers of one prefix differ: ranges are rented by the ten thousand."""
ALL: Final = "all"
_OF_THE_NAME: Final = frozenset({"account", "phone"})
PUMPED: Final = frozenset({"prefix", "country", "everyone"})
"""Limits that one person's haste does not reach: somebody should look. The others are counted only."""


def phone_ranges(phone: str, region: str) -> dict[str, str]:
    """Return the subjects ``prefix`` and, for a phone from elsewhere than ``region`` (ISO 3166), ``country``.

    ``phone`` is in E.164.
    """
    calling_code = phonenumbers.parse(phone).country_code
    foreign = calling_code != phonenumbers.country_code_for_region(region)
    return {"prefix": phone[:-NEIGHBOURS]} | ({"country": str(calling_code)} if foreign else {})


def charge_code(core: Core, *, origin: Origin, phone: str, account: str = "", confirmed: bool = False) -> None:
    """Charge one code to ``phone`` (E.164) to all that limits it, or to nothing.

    Where ``account`` has ``confirmed`` the phone, its codes are counted apart: strangers who have codes sent to it use
    up none of its owner's.

    Raises
    ------
    TooManyCodesError
        Nothing may be sent now; the error says for how long.
    """
    about = {"account": account} if account else {}
    ranges = phone_ranges(phone, core.pack.country.phone_region)
    counted = f"{phone} of {account}" if confirmed else phone
    _refuse(core, attempt(core, "code", origin.subjects(**about, **ranges, phone=counted, everyone=ALL)))
    _count(core)


def charge_address(core: Core, *, origin: Origin, channel: Channel, address: str, account: str) -> None:
    """Charge one code to an address of an account; a number at a messenger counts as the phone that it is.

    Raises
    ------
    TooManyCodesError
        Nothing may be sent now; the error says for how long.
    """
    if channel is Channel.WHATSAPP:
        charge_code(core, origin=origin, phone=address, account=account)
        return
    subjects = origin.subjects(account=account, phone=f"{channel.value} {address}", everyone=ALL)
    _refuse(core, attempt(core, "code", subjects))
    _count(core)


def charge_request(core: Core, *, origin: Origin, subject: str) -> None:
    """Charge one request for a code to what somebody typed: a user name, or a phone. Whose it is, is not asked yet.

    Whether anybody has the name, and what happened to their phone before, must not show. So what refuses openly is
    counted by what was typed alone, as if it had a phone of its own; see `may_send` for the rest.

    Raises
    ------
    TooManyCodesError
        Too many codes were asked for from this network or device, or for this name.
    """
    subjects = origin.subjects(account=subject, phone=f"the phone of the name {subject}")
    _refuse(core, attempt(core, "code", subjects))


def charge_request_or_long(core: Core, *, origin: Origin, subject: str) -> bool:
    """Charge one request for a code as `charge_request` does; return False where others used up the name's own.

    Then a long code may go to the phone (`may_send_long`), so that they keep nobody from theirs.

    Raises
    ------
    TooManyCodesError
        Too many codes were asked for from this network or device.
    """
    try:
        charge_request(core, origin=origin, subject=subject)
    except TooManyCodesError as error:
        if error.limit is None or error.limit.subject not in _OF_THE_NAME:
            raise
        _refuse(core, attempt(core, "long_code", origin.subjects(visitor=origin.visitor(subject))))
        return False
    return True


def may_send_long(core: Core, *, phone: str) -> bool:
    """Charge one long code to ``phone``, of which strangers have none sent while one is valid; see `may_send`."""
    silent = attempt(core, "long_code", {"phone": phone, "everyone": ALL})
    if silent.allowed:
        _count(core)
    else:
        _held_back(core, silent)
    return silent.allowed


def may_send(core: Core, *, phone: str, apart: str = "") -> bool:
    """Charge one code to ``phone`` (E.164), its range and the budget; False where one of them has nothing left.

    Only real codes use these up: invented names could empty them for nothing otherwise. Nobody is told.

    Parameters
    ----------
    apart
        For what the phone has a budget of its own, which codes for anything else do not use up.
    """
    ranges = phone_ranges(phone, core.pack.country.phone_region)
    counted = f"{phone} for {apart}" if apart else phone
    silent = attempt(core, "code", {"phone": counted, "everyone": ALL} | ranges)
    if not silent.allowed:
        _held_back(core, silent)
        return False
    _count(core)
    return True


def charge_secretly(core: Core, *, origin: Origin, name: str, phone: str = "") -> bool:
    """Charge one code by `charge_request`, and by `may_send`; return whether to send it.

    ``phone`` is "" where nobody has it.

    Raises
    ------
    TooManyCodesError
        Too many codes were asked for from this network or device, or for this name.
    """
    charge_request(core, origin=origin, subject=name)
    return bool(phone) and may_send(core, phone=phone)


def charge_known(core: Core, *, account: str) -> None:
    """Charge one code that a known device of ``account`` asked for: nobody else uses up its budget.

    Raises
    ------
    TooManyCodesError
        Too many codes were asked for from devices of the account.
    """
    _refuse(core, attempt(core, "code_known", {"account": account, "everyone": ALL}))
    _count(core)


def _refuse(core: Core, decision: LimitDecision) -> None:
    if not decision.allowed:
        _held_back(core, decision)
        raise TooManyCodesError(decision.retry_after_seconds, decision.tightest)


def _held_back(core: Core, decision: LimitDecision) -> None:
    subject = decision.tightest.subject if decision.tightest else "none"
    core.code_counts.held_back(subject)
    if subject in PUMPED:
        _log.warning("a code was held back", limit=subject)


def _count(core: Core) -> None:
    warning = not attempt(core, "code_warning", {"everyone": ALL}).allowed
    core.code_counts.sent(warning=warning)
    if warning:
        _log.warning("the budget for codes is nearly used")
