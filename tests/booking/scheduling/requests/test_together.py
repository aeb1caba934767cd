from sqlalchemy import select

from booking.platform.models import Request
from booking.scheduling.requests.ask import ask
from tests.support.country import a_member, a_wish, an_account, an_origin


def together(core):
    with core.sessions() as session:
        return {one.reference: one.together for one in session.scalars(select(Request))}


def test_asking_to_come_together_links_the_households_waiting_requests(country):
    account, stranger = an_account(country), an_account(country)

    def asks(who, **changes):
        member = a_member(country, who, name=f"شخص خيالي {len(together(country))}")
        return ask(country, account_id=who, wish=a_wish((member,), **changes), origin=an_origin()).reference

    first, elsewhere = asks(account), asks(stranger)
    assert not any(together(country).values())

    second = asks(account, together=True)

    assert together(country) == {first: True, second: True, elsewhere: False}
