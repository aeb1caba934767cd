"""Make the rows of a request: its people, offices, nonce and receipt, and the gate's verdict."""

import secrets
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.platform.base.references import new_reference
from booking.platform.models import (
    Office,
    Request,
    RequestErrand,
    RequestMember,
    RequestOffice,
    ShadowScore,
    ShadowVerdict,
    Verdict,
)
from booking.platform.models.base import Json
from booking.platform.models.states import RequestState
from booking.scheduling.requests.asking.screen import Screened
from booking.scheduling.requests.new_request import NewErrand, NewMember, NewOffice, NewRequest
from booking.scheduling.requests.receipt import NONCE_BYTES, WishRow, own_windows, receipt_of
from booking.scheduling.requests.wish import Checked, Wish, is_visit_home

SOON: Final = timedelta(days=21)
"""A displaced wish that ends sooner has no end any more: the next draws give places some days to weeks ahead."""


def new_request(core: Core, checked: Checked, wish: Wish, origin: Origin) -> NewRequest:
    """Make a new request in its first state, with a fresh reference, nonce and receipt."""
    errands = new_errands(checked)
    request = NewRequest(
        id=uuid4(),
        reference=new_reference(),
        account_id=checked.account.id,
        service_id=checked.service.id,
        door=wish.door,
        party_size=len(checked.members),
        units=checked.units,
        service_count=len(checked.errands),
        first_day=wish.first_day or core.today(),
        last_day=wish.last_day,
        weekdays=wish.weekday_mask,
        bands=",".join(sorted(wish.bands)),
        needed_by=wish.needed_by,
        accessible=wish.accessible,
        together=wish.together,
        must_hold=checked.must_hold,
        reason_code=wish.reason,
        device_hash=b"" if checked.helpers_device else origin.device_hash(core.vault),
        network_hash=origin.network_hash(core.vault),
        phone_hash=checked.account.phone_hash,
        created_at=core.clock.now(),
        offices=[NewOffice(rank, office.id, *own_days(office, wish)) for rank, office in enumerate(checked.offices)],
        members=[
            NewMember(
                person_id=member.person_id,
                position=position,
                exclusive_group=own[0].service.exclusive_group,
                units=sum(errand.service.units for errand in own),
                proven=member.is_proven,
            )
            for position, member in enumerate(checked.members)
            for own in (checked.errands_of(member),)
        ],
        errands=errands,
    )
    sign(request, [errand.service.code for errand in checked.errands], wish.offices)
    return request


def new_errands(checked: Checked) -> list[NewErrand]:
    """Make the rows of what each person comes for; none where it is one service for everyone."""
    if len(checked.errands) == 1:
        return []
    return [
        NewErrand(
            person_id=member.person_id,
            service_id=errand.service.id,
            position=position,
            exclusive_group=errand.service.exclusive_group,
            units=errand.service.units,
            reason_code=errand.reason,
        )
        for position, errand in enumerate(checked.errands)
        for member in errand.members
    ]


def asked_again(
    session: Session, core: Core, old: Request, *, displaced: bool = False, at_once: bool = False
) -> Request:
    """End ``old``, and make the rows that ask the same once more, accepted, with the priority it had.

    Who was taken out of it, as its account acts for them no more (`booking.people.identity.acting`), is not asked for
    again, nor what they alone came for.

    Parameters
    ----------
    displaced
        The office closed: the request counts as one more lost draw, not as moved by the person. A wish for days that
        a later draw may not reach any more has no end then, so that it is not over before it could be drawn.
    at_once
        The place was booked at once: its day was the slot's, and as a wish it has no end either where that is soon. Of
        its lost draws those count then that count for any wish.
    """
    counted = [member for member in old.members if member.live]
    staying = counted or old.members  # the version before took the last one out too: then nobody counts, as before
    old.move_to(RequestState.WITHDRAWN)
    session.flush()  # before the same people count once more
    errands = _errands_of(old, {member.person_id for member in staying})
    first = errands[0] if errands else None
    ends = [day for day in (old.last_day, old.needed_by) if day is not None]
    widened = (displaced or at_once) and bool(ends) and min(ends) < core.today() + SOON
    counts_whole = displaced or not widened or old.link_draw is None
    request = Request(
        account_id=old.account_id,
        service_id=first.service_id if first else old.service_id,
        door=old.door,
        state=RequestState.ACCEPTED,
        party_size=len(staying),
        units=sum(member.units for member in staying),
        service_count=len({one.service_id for one in errands}) or 1,
        first_day=max(old.first_day, core.today()),
        last_day=None if widened else old.last_day,
        weekdays=old.weekdays,
        bands=old.bands,
        needed_by=None if widened else old.needed_by,
        accessible=old.accessible,
        together=old.together,
        must_hold=old.must_hold,
        reason_code=first.reason_code if first else old.reason_code,
        lost_draws=(old.lost_draws if counts_whole else old.lasting_draws) + displaced,
        owed_turns=old.owed_turns + displaced,
        lasting_draws=old.lasting_draws + displaced,
        link_draw=old.link_draw,
        link_list=old.link_list,
        link_row=old.link_row,
        reschedules=old.reschedules + (not displaced),
        device_hash=old.device_hash,
        network_hash=old.network_hash,
        phone_hash=old.phone_hash,
        helper_id=old.helper_id,
        offices=[
            RequestOffice(
                rank=choice.rank, office_id=choice.office_id, first_day=choice.first_day, last_day=choice.last_day
            )
            for choice in old.offices
        ],
        members=[
            RequestMember(
                person_id=member.person_id,
                position=position,
                exclusive_group=member.exclusive_group,
                units=member.units,
                live=bool(counted),
                proven=member.proven,
            )
            for position, member in enumerate(staying)
        ],
    )
    services = list(dict.fromkeys(one.service for one in errands)) or [old.service]
    places = {service.id: place for place, service in enumerate(services)}
    request.errands = [
        RequestErrand(
            person_id=one.person_id,
            service_id=one.service_id,
            position=places[one.service_id],
            exclusive_group=one.exclusive_group,
            units=one.units,
            reason_code=one.reason_code,
        )
        for one in (errands if len(services) > 1 else ())
    ]
    return _with_receipt(core, request, [one.code for one in services], ranked_codes(session, old))


def _errands_of(request: Request, people: AbstractSet[UUID]) -> list[RequestErrand]:
    """Return what some of its people come for, in the order of the wish; nothing where it is one service for all."""
    return [one for one in request.errands if one.person_id in people] if request.service_count > 1 else []


def ranked_codes(session: Session, request: Request) -> tuple[str, ...]:
    """Return the codes of the offices of a stored request, first choice first."""
    codes = session.scalars(
        select(Office.code)
        .join(RequestOffice, RequestOffice.office_id == Office.id)
        .where(RequestOffice.request_id == request.id)
        .order_by(RequestOffice.rank)
    )
    return tuple(codes)


def choice(rank: int, office: Office, wish: Wish) -> RequestOffice:
    """Make the row of an office that a stored request ranks from now on."""
    first, last = own_days(office, wish)
    return RequestOffice(rank=rank, office_id=office.id, first_day=first, last_day=last)


def own_days(office: Office, wish: Wish) -> tuple[date | None, date | None]:
    """Return the first and the last day of an office that takes a visit home, which are its own; else none."""
    return (wish.home_first, wish.home_last) if is_visit_home(office, wish.door) else (None, None)


def verdict_row(core: Core, request: Request, screened: Screened) -> Verdict:
    """Make the gate's verdict on a request of a session."""
    columns = verdict_columns(core, request.id, screened)
    return Verdict(
        **columns,
        request=request,
        shadow_scores=[ShadowScore(**one) for one in screened.score_rows(columns["id"])],
        shadow_verdicts=[ShadowVerdict(**one) for one in screened.rule_rows(columns["id"])],
    )


def verdict_columns(core: Core, request_id: UUID, screened: Screened) -> Json:
    """Return what is stored of the gate's verdict on a request."""
    verdict = screened.verdict
    return {
        "id": uuid4(),
        "request_id": request_id,
        "decision": verdict.decision.value,
        "reasons": [dict(reason.as_dict()) for reason in verdict.reasons],
        "score": verdict.score,
        "inputs": screened.inputs,
        "versions": screened.versions,
        "degraded": verdict.degraded,
        "contributions": dict(verdict.contributions),
        "note": "",
        "decided_at": core.clock.now(),
    }


def _with_receipt(core: Core, request: Request, services: Sequence[str], offices: tuple[str, ...]) -> Request:
    request.id, request.reference = uuid4(), new_reference()
    request.created_at = core.clock.now()
    sign(request, services, offices)
    return request


def sign(request: Request | NewRequest, services: Sequence[str], offices: tuple[str, ...]) -> None:
    """Give a request a fresh nonce and the receipt of its wish, given the codes of its services and offices."""
    request.nonce = secrets.token_bytes(NONCE_BYTES)
    request.receipt = receipt_of(wish_row(request, services, offices))


def wish_row(request: Request | NewRequest, services: Sequence[str], offices: tuple[str, ...]) -> WishRow:
    """Return a request's wish as its receipt covers it; services and offices by code, the first ones first."""
    return WishRow(
        service=services[0],
        also=tuple(services[1:]),
        party=request.party_size,
        units=request.units,
        offices=offices,
        first_day=request.first_day,
        last_day=request.last_day,
        weekdays=request.weekdays,
        bands=tuple(request.bands.split(",")),
        needed_by=request.needed_by,
        accessible=request.accessible,
        door=request.door.value,
        nonce=request.nonce,
        windows=own_windows(offices, [(one.first_day, one.last_day) for one in request.offices]),
    )
