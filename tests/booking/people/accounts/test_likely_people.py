from booking.people.accounts.household import likely_people, list_members
from booking.platform.models import Request
from booking.platform.models.states import RequestState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import a_member, a_wish, an_account, an_origin


def test_who_got_nothing_last_time_is_ticked_again_and_nobody_else(country):
    core = country
    account = an_account(core)
    first = a_member(core, account, number="01234567890")

    def ticked(account_id=account):
        return likely_people(core, account_id=account_id, members=list_members(core, account_id=account_id))

    assert ticked() == [first], "alone"
    second = a_member(core, account, number="01234567891")
    a_member(core, account, number="01234567892")
    assert ticked() == []
    reference = ask(core, account_id=account, wish=a_wish((first, second)), origin=an_origin()).reference
    assert ticked() == [], "these two wait already"

    withdraw(core, account_id=account, reference=reference)
    assert set(ticked()) == {first, second}
    assert ticked(an_account(core)) == []

    with core.sessions.begin() as session:
        session.query(Request).one().state = RequestState.COMPLETED
    assert ticked() == [], "they have what they asked for"
