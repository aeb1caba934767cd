"""Somebody knows a stranger's national number, and tries what it opens. All of it once succeeded."""

import secrets
from datetime import date

import pytest

from booking.desk.plans.views import Unknown, plan_view
from booking.people.accounts.household import add_member, list_members
from booking.people.identity.levels import IdentityLevelError, ProofRefusedError
from booking.people.identity.prove import prove_by_serial
from booking.people.registers.synthetic import CONSCRIPT_PREFIX, Enrolled, serial_of
from booking.platform.base.errors import TooManyAttemptsError
from booking.platform.models.identity import ProofKind
from booking.platform.models.online.case import OnlineState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.asking.check_form import check_answers
from tests.support.country import BORN, a_wish, an_account, an_origin, eligible_number
from tests.support.online_cases import a_caseworker, a_filled_draft, sent, stored

SERIALS_AN_HOUR = 6
NAME, WRONG = "سلمى الورد", date(1909, 1, 1)


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def number(core):
    """The number of somebody whom the register knows, and who has no account yet."""
    found = eligible_number(core)
    core.register.enrol(found, Enrolled(NAME, BORN))
    return found


def claim(core, number, *, name=NAME, born=BORN):
    account_id = an_account(core)
    words = {"name": name, "national_number": number, "birth_date": born, "relation": "self"}
    return account_id, add_member(core, account_id=account_id, **words)


def owns(core, number):
    """The owner proves their number, and asks for what they need."""
    account_id, member_id = claim(core, number)
    kind, origin = ProofKind.CARD, an_origin()
    serial = serial_of(number, kind)
    prove_by_serial(core, account_id=account_id, member_id=member_id, kind=kind, serial=serial, origin=origin)
    return account_id, member_id


def test_no_plan_tells_a_stranger_of_a_deferral_or_of_conscription(core):
    """A plan showed whether a man holds a deferral, until when, and whether he needs a travel permission."""
    deferred, called_up, woman = (
        f"{start}{secrets.randbelow(10**8):08d}" for start in (f"{CONSCRIPT_PREFIX}1", f"{CONSCRIPT_PREFIX}0", "010")
    )

    plans = []
    for number in (deferred, called_up, woman):
        account_id, member_id = claim(core, number)
        view = plan_view(core, account_id=account_id, goal="passport-renewal", member_id=member_id)
        assert view.unknown is Unknown.NOT_PROVEN
        plans.append([(line.service.code, line.link.state, line.link.held, line.step) for line in view.lines])

    assert plans[0] == plans[1] == plans[2]


def test_a_wrong_birth_date_does_not_lock_the_owner_out(core, number):
    """Whoever typed a number first decided on its birth date, and everybody else was refused, at counters too."""
    claim(core, number, born=WRONG)

    account_id, member_id = owns(core, number)

    ask(core, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())


def test_tries_of_strangers_do_not_use_up_the_owners(core, number):
    """Six tries a day on a number, by whomever, gave its owner "too many attempts"."""
    for n in range(8):
        claim(core, number, name=f"غريب {'ا' * (n + 1)}")
    stranger, member = claim(core, number)
    for n in range(SERIALS_AN_HOUR + 1):
        refusal = TooManyAttemptsError if n == SERIALS_AN_HOUR else ProofRefusedError
        kind, origin = ProofKind.CARD, an_origin()
        with pytest.raises(refusal):
            prove_by_serial(core, account_id=stranger, member_id=member, kind=kind, serial=f"C{n:08d}", origin=origin)

    owns(core, number)


def test_a_stranger_does_not_learn_of_the_owners_request(core, number):
    """Number and birth date together told that there was a live request for it."""
    owner, member_id = owns(core, number)
    free, asked = eligible_number(core), number
    core.register.enrol(free, Enrolled(NAME, BORN))
    ask(core, account_id=owner, wish=a_wish((member_id,)), origin=an_origin())

    answers = []
    for one in (free, asked):
        account_id, theirs = claim(core, one)
        for act in (
            lambda account_id=account_id, theirs=theirs: ask(
                core, account_id=account_id, wish=a_wish((theirs,)), origin=an_origin()
            ),
            lambda account_id=account_id, theirs=theirs: check_answers(
                core, account_id=account_id, wish=a_wish((theirs,)), fields={"service", "people"}
            ),
        ):
            with pytest.raises(IdentityLevelError) as refused:
                act()
            answers.append(refused.value.needed)

    assert len(set(answers)) == 1


def test_an_invented_name_is_given_no_certificate(core):
    """An invented name with a grey square as a paper got an insurance policy that the check called valid."""
    a_caseworker(core)
    asked = a_filled_draft(core, proven=False)

    with pytest.raises(IdentityLevelError):
        sent(core, asked)


def test_what_a_stranger_began_ends_when_the_owner_comes(core, number):
    """The stranger went on acting for the owner, beside them, for ever."""
    a_caseworker(core)
    asked = a_filled_draft(core, number=number, proven=False)

    core.register.enrol(number, Enrolled(NAME, BORN))
    owns(core, number)

    assert list_members(core, account_id=asked.account) == []
    assert stored(core, asked.reference).state is OnlineState.WITHDRAWN
