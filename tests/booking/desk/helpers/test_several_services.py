"""A shop at a consulate asks for several services of one visit, for the one person who consented."""

from sqlalchemy import select

from booking.desk.helpers import views
from booking.desk.helpers.ask import ask_for
from booking.platform.models import Request
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import Also
from tests.booking.desk.helpers.helped import a_helper, agreed
from tests.support.country import a_wish, an_origin


def test_one_person_can_be_asked_for_with_several_services_of_one_visit(country):
    shop = a_helper(country, office="berlin")
    consent = agreed(country, shop)
    also = (Also("power-of-attorney-abroad", (10**6,)),)
    wish = a_wish((), also=also, door=Door.ABROAD, office="berlin")

    asked = ask_for(country, by=shop, consent_id=consent, wish=wish, origin=an_origin())

    with country.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        assert [service.code for service in request.services] == ["passport-renewal", "power-of-attorney-abroad"]
        assert request.party_size == 1
    seen = views.person(country, by=shop, consent_id=consent).request
    assert [service.code for service in seen.services] == ["passport-renewal", "power-of-attorney-abroad"]
