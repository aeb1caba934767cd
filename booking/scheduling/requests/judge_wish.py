"""From wishes as typed to verdicts: form, limits, gate. Asking and instant booking both come this way.

Everything is read outside the transaction that writes, and once for all attempts that came together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from booking.antifraud.gate.replay import PHONES_COUNT_FOR
from booking.country.core.attempts import Charge, charge, charge_all
from booking.country.core.core import Core
from booking.country.core.policies import GatePolicy
from booking.country.core.security import Origin
from booking.country.core.together import answer_of
from booking.people.accounts.known_devices import Change, changed_phones, had_lately
from booking.platform.base.outages import is_outage
from booking.scheduling.requests.asking.background import Background, read_background
from booking.scheduling.requests.asking.check_form import Asking, FormRows, charges_of, check_form, read_form_rows
from booking.scheduling.requests.asking.screen import Screened, screen
from booking.scheduling.requests.wish import Checked, Wish
from booking.scheduling.requests.wish_again import may_ask
from fraud.limiting.limits import LimitDecision


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt whose form is right, with the gate's verdict, and what is left of its limits."""

    checked: Checked
    screened: Screened
    limits: Sequence[LimitDecision]


@dataclass(frozen=True, slots=True)
class _Admitted:
    """An attempt whose form is right and whose limits are not reached; ``seconds`` is what asking for those took.

    The last of the limits is that of all of its subjects.
    """

    asking: Asking
    checked: Checked
    limits: Sequence[LimitDecision]
    seconds: float


class _Ready(NamedTuple):
    """An attempt whose form is right, what is left on phones that its account had, and what else it is charged."""

    checked: Checked
    before: Sequence[LimitDecision]
    charge: Charge


def judge_wish(
    session: Session,
    core: Core,
    *,
    action: str,
    account_id: UUID,
    wish: Wish,
    origin: Origin,
    seen: bool = False,
    instead_of: UUID | None = None,
) -> tuple[Checked, Screened]:
    """Check a wish's form, spend one attempt of ``action`` on its limits, and have the gate judge it.

    Parameters
    ----------
    seen
        A clerk sees face and document of everybody, while the register cannot agree: no level is needed to ask.
    instead_of
        The request of the same people that ends as this one begins: it is no second one.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on ``action`` is reached, for the account or helper, the first person, the phone, device or network.
    AlreadyLiveError
        One of the people has a live request or appointment for this kind of service.
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    [judged] = judge_wishes(session, core, action, [Asking(core, account_id, wish, origin, seen, instead_of)])
    if isinstance(judged, Exception):
        raise judged
    return judged.checked, judged.screened


def judge_wishes(session: Session, core: Core, action: str, asked: Sequence[Asking]) -> list[Judged | Exception]:
    """Judge attempts that came together, each as `judge_wish` does: what that would raise is an answer here.

    Raises
    ------
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    policy, now = core.gate_policies.active(session), core.clock.now()
    rows = read_form_rows(session, [(one.account_id, one.wish) for one in asked])
    changes = changed_phones(session, accounts=rows.accounts, since=now - PHONES_COUNT_FOR)
    answers = _admit_all(action, asked, rows, policy, changes)
    admitted = [one for one in answers if isinstance(one, _Admitted)]
    judged = iter(_judge_all(session, core, admitted, policy, changes) if admitted else [])
    return [next(judged) if isinstance(one, _Admitted) else one for one in answers]


def _judge_all(
    session: Session,
    core: Core,
    admitted: Sequence[_Admitted],
    policy: GatePolicy,
    changes: Mapping[UUID, Sequence[Change]],
) -> list[Judged | Exception]:
    """Read what is known around attempts and judge them; where that cannot be read of one of them, each by itself."""
    began = perf_counter()
    try:
        background = read_background(session, core, [(one.checked, one.asking.origin) for one in admitted], changes)
    except Exception as error:
        if len(admitted) == 1:
            return [error]
        if is_outage(error):
            raise  # the database is away for all of them
        session.rollback()
        return [judged for one in admitted for judged in _judge_all(session, core, [one], policy, changes)]
    took = (perf_counter() - began) / len(admitted)
    return [answer_of(partial(_judge, one, policy, background, place, took)) for place, one in enumerate(admitted)]


def _admit_all(
    action: str,
    asked: Sequence[Asking],
    rows: FormRows,
    policy: GatePolicy,
    changes: Mapping[UUID, Sequence[Change]],
) -> list[_Admitted | Exception]:
    """Check each form and spend an attempt, all of them in one trip; what `judge_wish` would raise is an answer."""
    found = [answer_of(partial(_check, action, one, rows, policy, changes)) for one in asked]
    ready = [one for one in found if isinstance(one, _Ready)]
    began = perf_counter()
    decided = iter(charge_all([one.charge for one in ready]))
    took = (perf_counter() - began) / max(1, len(ready))
    answers: list[_Admitted | Exception] = []
    for asking, one in zip(asked, found, strict=True):
        if isinstance(one, Exception):
            answers.append(one)
        elif isinstance(limits := next(decided), Exception):
            answers.append(limits)
        else:
            answers.append(_Admitted(asking, one.checked, [*one.before, limits], took))
    return answers


def _check(
    action: str, asking: Asking, rows: FormRows, policy: GatePolicy, changes: Mapping[UUID, Sequence[Change]]
) -> _Ready:
    """Check a form, and spend an attempt on phones that the account had; raises what `judge_wish` says of both."""
    core = asking.core
    checked = check_form(core, rows, asking, limits=policy.of_wishes)
    phones = had_lately(changes.get(asking.account_id, ()), core.clock.now())
    *before, own = charges_of(core, action, checked, asking.origin, phones)
    return _Ready(checked, [charge(core, action, one.subjects, helper=one.helper) for one in before], own)


def _judge(admitted: _Admitted, policy: GatePolicy, background: Background, place: int, took: float) -> Judged:
    """Check what has to be there, and ask the gate; raises what `judge_wish` says of both."""
    core, wish, origin = admitted.asking.core, admitted.asking.wish, admitted.asking.origin
    began = perf_counter()
    checked = replace(
        admitted.checked,
        must_hold=may_ask(core, admitted.checked, wish.door, background.known),
        helpers_device=origin.device_hash(core.vault) in background.helpers,
    )
    screened = screen(
        core,
        checked=checked,
        wish=wish,
        origin=origin,
        limits=admitted.limits[-1],
        policy=policy,
        background=background,
        place=place,
        instead_of=admitted.asking.instead_of,
    )
    of_verdict = screened.verdict.seconds
    facts = took + perf_counter() - began - sum(of_verdict.values())
    core.gate_times.observe({"limits": admitted.seconds, "facts": facts, **of_verdict})
    return Judged(checked, screened, admitted.limits)
