"""How many one-time codes are sent: by phone, by its neighbours and country, by network, and in all.

Fraudsters who earn on SMS traffic have codes sent to many numbers of one range ("SMS pumping"), each from another
account, device and network. What they cannot change is the range that pays them, and the budget that they empty.
"""

from typing import Final

import phonenumbers
import structlog

from booking.country.core.attempts import attempt
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.platform.base.errors import TooManyCodesError
from booking.platform.base.message_states import Channel
from fraud.limiting.limits import LimitDecision

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
