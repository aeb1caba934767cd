"""A shop asks for people who cannot: their consent, the caps, whose the request is, and who sees it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from booking.country.core import audit
from booking.country.core.register import open_phone
from booking.desk.helpers import clients, follow, views
from booking.desk.helpers.ask import USE_WITHIN, ask_for, give_consent
from booking.desk.helpers.errors import (
    ClientNotProvenError,
    ConsentMissingError,
    ConsentUsedError,
    HelperCapReachedError,
    HelperSuspendedError,
    TooManyAtOnceError,
)
from booking.desk.helpers.register import change_caps, reinstate, suspend
from booking.desk.helpers.take_over import withdraw_consent
from booking.people.accounts.household import list_members
from booking.platform.base.errors import (
    AlreadyLiveError,
    ForbiddenError,
    IllegalMoveError,
    InvalidInputError,
    NotFoundError,
    WrongCodeError,
)
from booking.platform.models import Account, AuditEntry, HelperUse, Message, Request
from booking.platform.models.states import Role
from tests.booking.desk.helpers.helped import CAPS, a_helper, a_person, agreed, ask_it, code_of, helper_id_of, owner_of
from tests.support.country import (
    BORN,
    a_colleague,
    a_member,
    a_wish,
    an_account,
    an_origin,
    eligible_number,
    prove_household,
)
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.neighbours


@pytest.fixture
def core(country):
    return country


def test_request_receipt_and_notices_belong_to_the_person(core):
    shop = a_helper(core)
    consent = agreed(core, shop)
    asked = ask_it(core, shop, consent)

    owner = owner_of(core, consent)
    assert owner.id != shop
    assert owner.phone_confirmed_at is not None
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        assert request.account_id == owner.id
        assert request.helper_id == helper_id_of(core, shop)
        assert (request.device_hash, request.phone_hash) == (b"", owner.phone_hash)
        told = session.scalars(select(Message.kind).where(Message.account_id == owner.id)).all()
        assert {"helper_consent", "helped_request", "helped_receipt", f"request_{asked.state}"} <= set(told)
        receipt = session.scalars(select(Message.values).filter_by(kind="helped_receipt", account_id=owner.id)).one()
        assert receipt["receipt"] == asked.receipt
        assert not session.scalar(select(func.count()).where(Message.account_id == shop))
        entries = session.scalars(select(AuditEntry.subject).filter_by(action="helper.asked", account_id=shop)).all()
        assert entries == [asked.reference]
        audit.verify(session)


def test_a_consent_is_for_one_request(core):
    shop = a_helper(core)
    consent = agreed(core, shop)
    ask_it(core, shop, consent)
    with pytest.raises(ConsentUsedError):
        ask_it(core, shop, consent)


def test_a_helper_cannot_ask_without_the_persons_own_code(core):
    shop = a_helper(core)
    consent, other = a_person(core, shop), a_person(core, shop)
    with pytest.raises(ConsentMissingError):
        ask_it(core, shop, consent)
    with pytest.raises(WrongCodeError):
        give_consent(core, by=shop, consent_id=consent, code=code_of(core, other))
    with pytest.raises(ConsentMissingError):
        ask_it(core, shop, consent)


def test_a_code_works_once_and_an_old_one_never(core, clock):
    shop, phone, number = a_helper(core), "+963966111222", eligible_number(core)
    first = agreed(core, shop, phone=phone, number=number)
    code = code_of(core, first)
    clock.advance(timedelta(minutes=1))
    second = a_person(core, shop, phone=phone, number=number)
    assert owner_of(core, second).id == owner_of(core, first).id
    if code_of(core, second) != code:
        with pytest.raises(WrongCodeError):
            give_consent(core, by=shop, consent_id=second, code=code)
    clock.advance(core.settings.otp_lifetime)
    with pytest.raises(WrongCodeError):
        give_consent(core, by=shop, consent_id=second, code=code_of(core, second))


def test_consent_ends_by_itself_before_and_after_it_is_given(core, clock):
    shop = a_helper(core)
    given, asked = agreed(core, shop), a_person(core, shop)
    clock.advance(max(USE_WITHIN, clients.ANSWER_WITHIN))
    with pytest.raises(ConsentMissingError):
        ask_it(core, shop, given)
    with pytest.raises(ConsentMissingError):
        give_consent(core, by=shop, consent_id=asked, code=code_of(core, asked))
    with pytest.raises(ConsentMissingError):
        clients.send_again(core, by=shop, consent_id=asked, origin=an_origin())


def test_a_helper_cannot_see_another_helpers_people(core):
    shop, other = a_helper(core), a_helper(core)
    consent = agreed(core, shop)
    for act in (
        lambda: views.person(core, by=other, consent_id=consent),
        lambda: give_consent(core, by=other, consent_id=consent, code="000000"),
        lambda: ask_it(core, other, consent),
        lambda: follow.confirm(core, by=other, consent_id=consent),
        lambda: follow.answer_check(core, by=other, consent_id=consent, code="000000"),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert views.overview(core, by=other).people == []


def test_a_helper_sees_only_the_first_name_and_three_digits(core):
    shop, number = a_helper(core), eligible_number(core)
    consent = agreed(core, shop, number=number, phone="+963966333444")
    line = views.person(core, by=shop, consent_id=consent)
    assert (line.first_name, line.number_ends, line.phone) == ("سعاد", number[-3:], "••• 444")
    assert number not in repr(views.overview(core, by=shop))


def test_withdrawing_consent_keeps_the_request_and_hides_the_person(core):
    shop = a_helper(core)
    consent = agreed(core, shop)
    asked = ask_it(core, shop, consent)
    withdraw_consent(core, account_id=owner_of(core, consent).id, reference=asked.reference)

    line = views.person(core, by=shop, consent_id=consent)
    assert (line.over, line.request, line.appointment) == (True, None, None)
    assert views.overview(core, by=shop).people == []
    with pytest.raises(ConsentMissingError):
        follow.confirm(core, by=shop, consent_id=consent)
    with core.sessions() as session:
        assert session.scalars(select(Request.state).where(Request.reference == asked.reference)).one() == asked.state
    with pytest.raises(IllegalMoveError):
        withdraw_consent(core, account_id=owner_of(core, consent).id, reference=asked.reference)


def test_the_request_goes_to_a_persons_existing_account_unchanged(core, clock):
    shop, number = a_helper(core), eligible_number(core)
    mine = an_account(core)
    a_member(core, mine, number=number, name="منى الخيالية", relation="self")
    with core.sessions() as session:
        phone = open_phone(core.vault, session.get_one(Account, mine))
    consent = agreed(core, shop, number=number, phone=phone)
    assert owner_of(core, consent).id == mine
    assert views.person(core, by=shop, consent_id=consent).first_name == "منى"
    ask_it(core, shop, consent)
    clock.advance(timedelta(minutes=1))
    again = agreed(core, shop, number=number, phone=phone)
    with pytest.raises(AlreadyLiveError):
        ask_it(core, shop, again)
    with core.sessions() as session:  # what failed was not counted
        assert set(session.scalars(select(HelperUse.taken).filter_by(helper_id=helper_id_of(core, shop)))) == {1}


def test_a_helper_asks_for_nobody_who_is_not_proven_and_the_consent_still_counts(core):
    consent = agreed(core, shop := a_helper(core), proven=False)
    with pytest.raises(ClientNotProvenError):
        ask_it(core, shop, consent)

    prove_household(core, owner_of(core, consent).id)
    assert ask_it(core, shop, consent).reference


def test_a_mistyped_birth_date_locks_nobody_out(core):
    shop, number = a_helper(core), eligible_number(core)
    wrong, right = a_person(core, shop, number=number, birth_date="1/1/1950"), a_person(core, shop, number=number)
    for consent, born in ((wrong, date(1950, 1, 1)), (right, BORN)):
        [member] = list_members(core, account_id=owner_of(core, consent).id)
        assert member.birth_date == born


def test_simultaneous_requests_never_exceed_the_helpers_cap(core):
    shop = a_helper(core, per_day=2, per_month=2)
    consents = [agreed(core, shop) for _ in range(5)]
    start, outcomes = Barrier(len(consents), timeout=PATIENCE), []

    def try_it(consent):
        start.wait()
        try:
            outcomes.append(ask_it(core, shop, consent).reference)
        except HelperCapReachedError:
            outcomes.append(None)

    with ThreadPoolExecutor(len(consents)) as threads:
        list(threads.map(try_it, consents, timeout=PATIENCE))
    assert sorted(one is None for one in outcomes) == [False] * 2 + [True] * 3
    with core.sessions() as session:
        assert session.scalar(select(func.count()).where(Request.helper_id == helper_id_of(core, shop))) == 2
        assert set(session.scalars(select(HelperUse.taken).filter_by(helper_id=helper_id_of(core, shop)))) == {2}


def test_a_new_day_resets_the_daily_cap_but_not_the_monthly_one(core, clock):
    shop = a_helper(core, per_day=1, per_month=2)
    for _ in range(2):
        ask_it(core, shop, agreed(core, shop))
        with pytest.raises(HelperCapReachedError):
            ask_it(core, shop, agreed(core, shop))
        clock.advance(timedelta(days=1))
    with pytest.raises(HelperCapReachedError):
        ask_it(core, shop, agreed(core, shop))
    assert views.overview(core, by=shop).left.month == 0


def test_the_number_of_people_in_progress_is_limited(core):
    shop = a_helper(core, at_once=2)
    first = agreed(core, shop)
    a_person(core, shop)
    with pytest.raises(TooManyAtOnceError):
        a_person(core, shop)
    ask_it(core, shop, first)
    a_person(core, shop)


def test_a_suspended_helper_cannot_continue_anything(core):
    shop = a_helper(core)
    given, asked, used = agreed(core, shop), a_person(core, shop), agreed(core, shop)
    ask_it(core, shop, used)
    boss = a_colleague(core, Role.SUPERVISOR, office="damascus")
    suspend(core, by=boss, helper_id=helper_id_of(core, shop), reason="complaints of two people")
    for act in (
        lambda: a_person(core, shop),
        lambda: give_consent(core, by=shop, consent_id=asked, code=code_of(core, asked)),
        lambda: ask_it(core, shop, given),
        lambda: follow.confirm(core, by=shop, consent_id=used),
        lambda: clients.send_again(core, by=shop, consent_id=asked, origin=an_origin()),
    ):
        with pytest.raises(HelperSuspendedError):
            act()
    with core.sessions() as session:
        assert session.get_one(Account, shop).registered_helper is False
    assert views.overview(core, by=shop).suspended_reason == "complaints of two people"
    reinstate(core, by=boss, helper_id=helper_id_of(core, shop), reason="talked it over")
    ask_it(core, shop, given)
    with core.sessions() as session:
        actions = session.scalars(select(AuditEntry.action).filter_by(account_id=boss)).all()
    assert actions.count("helper.suspended") == actions.count("helper.reinstated") == 1


def test_supervisors_manage_helpers_of_their_own_office_only(core):
    shop = a_helper(core)
    foreign = a_colleague(core, Role.SUPERVISOR, office="berlin")
    with pytest.raises(ForbiddenError):
        suspend(core, by=foreign, helper_id=helper_id_of(core, shop), reason="not mine")
    with pytest.raises(ForbiddenError):
        a_helper(core, by=foreign)
    with pytest.raises(ForbiddenError):
        a_helper(core, by=a_colleague(core, Role.OFFICER, office="damascus"))
    admin = a_colleague(core, Role.ADMINISTRATOR)
    change_caps(core, by=admin, helper_id=helper_id_of(core, shop), caps=CAPS | {"per_day": "١"}, reason="fewer")
    assert views.overview(core, by=shop).left.today == 1


@pytest.mark.parametrize(
    ("caps", "wrong"),
    [
        ({"per_day": "0"}, {"per_day"}),
        ({"per_day": "31", "per_month": "30"}, {"per_day"}),
        ({"at_once": "many", "per_month": ""}, {"at_once", "per_month"}),
        ({"at_once": "501"}, {"at_once"}),
    ],
)
def test_impossible_caps_are_refused_by_name(core, caps, wrong):
    with pytest.raises(InvalidInputError) as refused:
        a_helper(core, **caps)
    assert {error.field for error in refused.value.errors} == wrong


def test_only_a_registered_helper_can_help(core):
    for who in (an_account(core), a_colleague(core, Role.SUPERVISOR, office="damascus")):
        with pytest.raises(ForbiddenError):
            a_person(core, who)


def test_a_wish_cannot_name_other_people(core):
    shop, stranger = a_helper(core), an_account(core)
    member, consent = a_member(core, stranger), agreed(core, shop)
    asked = ask_for(core, by=shop, consent_id=consent, wish=a_wish((member,)), origin=an_origin())
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        assert request.account_id == owner_of(core, consent).id
        assert len(request.members) == 1
