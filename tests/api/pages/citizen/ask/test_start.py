from datetime import timedelta

import pytest

from tests.api.pages import people
from tests.support.country import PASSWORD

pytestmark = pytest.mark.neighbours


def test_the_start_page_shows_a_countrys_consulates_and_their_weekend(browser):
    browser.go("/language/en?back=/abroad").go("/abroad?country=DE")

    assert browser.text.index("Berlin") < browser.text.index("Have ready")
    assert "Central European Standard Time" in browser.text
    assert "Closed: Saturday, Sunday" in browser.text.replace("\n", "") or "Closed: Sunday, Saturday" in browser.text
    assert "/abroad/begin/passport-renewal?country=DE" in browser.text
    assert browser.go("/abroad?country=XX").status == 200


def test_the_service_and_the_country_outlive_signing_in(browser):
    people.register(browser, door="abroad", phone="+4915123456789")
    browser.go("/sign-out").send()
    browser.go("/abroad/begin/passport-renewal?country=AT").send(username="amal", password=PASSWORD)
    assert browser.path == "/abroad/people"
    assert browser.go("/abroad/begin/a-palace").path == "/abroad"


def test_a_visit_home_can_be_ranked_beside_consulates_of_ones_country(browser, core):
    people.register(browser, door="abroad", phone="+4915123456789")
    people.add_person(browser, core)
    browser.go("/abroad/begin/passport-renewal?country=DE").send(reason="")
    assert browser.path == "/abroad/where"
    assert browser.text.index("للمقيمين في ألمانيا") < browser.text.index("في زيارة للوطن")

    browser.send(first="berlin", second="homs")
    assert browser.status == 422
    assert "اكتب أول يوم وآخر يوم من زيارتك" in browser.text
    first = core.today() + timedelta(days=20)
    browser.send(home_first=first.isoformat(), home_last=(first + timedelta(days=9)).isoformat())

    assert browser.path == "/abroad/review"
    assert "زيارة الوطن" in browser.text
    core.clock.advance(timedelta(seconds=90))
    browser.send()
    assert browser.path.startswith("/requests/"), browser.text
    assert "زيارة الوطن" in browser.text
