"""How many one-time codes are sent: by phone, by its neighbours and country, by network, and in all.

Fraudsters who earn on SMS traffic have codes sent to many numbers of one range ("SMS pumping"), each from another
account, device and network. What they cannot change is the range that pays them, and the budget that they empty.
"""

from typing import Final

import phonenumbers
import structlog

from booking.base.errors import TooManyCodesError
from booking.base.message_states import Channel
from booking.core.attempts import attempt
from booking.core.core import Core
from booking.core.origin import Origin
from fraud.limiting.limits import LimitDecision

_log = structlog.get_logger("mawid.codes")

NEIGHBOURS: Final = 4
"""Last digits in which the numbers of one prefix differ: ranges are rented by the ten thousand."""
ALL: Final = "all"
PUMPED: Final = frozenset({"prefix", "country", "everyone"})
"""Limits that one person's haste does not reach: somebody should look. The others are counted only."""


def phone_ranges(phone: str, region: str) -> dict[str, str]:
    """Return the subjects ``prefix`` and, for a phone from elsewhere than ``region`` (ISO 3166), ``country``.

    ``phone`` is in E.164.
    """
    calling_code = phonenumbers.parse(phone).country_code
    foreign = calling_code != phonenumbers.country_code_for_region(region)
    return {"prefix": phone[:-NEIGHBOURS]} | ({"country": str(calling_code)} if foreign else {})


def charge_code(core: Core, *, origin: Origin, phone: str, account: str = "") -> None:
    """Charge one code to ``phone`` (E.164) to all that limits it, or to nothing.

    Raises
    ------
    TooManyCodesError
        Nothing may be sent now; the error says for how long.
    """
    about = {"account": account} if account else {}
    ranges = phone_ranges(phone, core.pack.country.phone_region)
    _refuse(core, attempt(core, "code", origin.subjects(**about, **ranges, phone=phone, everyone=ALL)))
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


def charge_secretly(core: Core, *, origin: Origin, name: str, phone: str = "") -> bool:
    """Charge one code that is asked for by user name; return whether to send it. ``phone`` is "" where nobody has it.

    Whether anybody has the name, and what happened to their phone before, must not show. So what refuses openly is
    counted by the name alone, as if it had a phone of its own; and what only real codes may use up (the phone, its
    range, the budget, which invented names could empty for nothing otherwise) holds the code back in silence.

    Raises
    ------
    TooManyCodesError
        Too many codes were asked for from this network or device, or for this name.
    """
    _refuse(core, attempt(core, "code", origin.subjects(account=name, phone=f"the phone of the name {name}")))
    if not phone:
        return False
    ranges = phone_ranges(phone, core.pack.country.phone_region)
    silent = attempt(core, "code", {"phone": phone, "everyone": ALL} | ranges)
    if not silent.allowed:
        _held_back(core, silent)
        return False
    _count(core)
    return True


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
