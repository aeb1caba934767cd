"""The whole way of a citizen, without a line of JavaScript."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from booking.country.core.session_ends import last_end
from booking.platform.models import CredentialOffer, Request
from tests.api.pages import people
from tests.api.pages.browser import form_to


def test_a_citizen_registers_asks_is_drawn_confirms_shows_the_pass_and_cancels(browser, core, a_draw, draw_it):
    reference = a_draw()
    people.register_on_pages(browser)
    people.add_person_on_pages(browser, core)
    request = people.ask(browser)
    assert "وصل طلبك" in browser.text

    draw_it(reference)

    people.come_back(browser, "amal", f"/requests/{request}")
    assert "نلت موعدًا في اختيارك الأول" in browser.text
    appointment = re.search(r"/appointments/(\w+)", browser.text).group(1)
    assert re.search(r'class="count"><strong><b>\d+</b>', browser.go(f"/appointments/{appointment}").text)
    assert f'href="/requests/{request}"' in browser.go("/").text
    browser.send(form_to(browser, f"/appointments/{appointment}/confirm"))
    assert "مؤكّد" in browser.text
    browser.send(form_to(browser, f"/appointments/{appointment}/wallet"), shows="nothing")
    assert "openid-credential-offer://?credential_offer=" in browser.text
    browser.go("/me/security").send(form_to(browser, "/me/security"), session="others")
    with core.sessions() as session:
        assert session.scalars(select(CredentialOffer)).all() == [], "whoever waits with an offer is out as well"
        assert last_end(core, session.scalars(select(Request.account_id)).one()), "and whoever calls by telephone"
    browser.go(f"/appointments/{appointment}/pass")
    assert "<svg" in browser.text
    calendar = browser.client.get(f"/appointments/{appointment}/calendar.ics")
    assert b"BEGIN:VEVENT" in calendar.content
    assert f'href="/appointments/{appointment}/cancel"' in browser.go("/").text
    browser.go(f"/appointments/{appointment}/cancel").send()
    assert "ملغى" in browser.text
    assert "أُلغي موعدك" in browser.text
    assert request not in browser.go("/").text
    assert request in browser.go("/me").text


def test_an_expatriate_asks_abroad_and_sees_the_consulates_local_time(browser, core, a_draw, draw_it):
    reference = a_draw()
    people.register_on_pages(browser, door="abroad", phone="+4915123456789")
    people.add_person(browser, core)
    request = people.ask(browser, base="/abroad", offices=("berlin", "bonn"))

    draw_it(reference)

    people.come_back(browser, "amal", f"/requests/{request}")
    browser.go("/language/en?back=" + f"/requests/{request}")
    appointment = re.search(r"/appointments/(\w+)", browser.text).group(1)
    browser.go(f"/appointments/{appointment}")
    assert "local time at the consulate" in browser.text


@pytest.fixture
def one_place_only(core, clock):
    with core.sessions.begin() as session:
        session.execute(text("UPDATE slot_pool SET places = 0, taken = 0"))
        session.execute(
            text(
                "UPDATE slot_pool SET places = 1 WHERE pool = 'draw' AND slot_id IN (SELECT min(s.id) FROM slot s "
                "JOIN office o ON o.id = s.office_id WHERE o.code IN ('damascus', 'homs') AND s.local_day = :day "
                "GROUP BY o.id)"
            ),
            {"day": clock.now().date() + timedelta(days=7)},
        )


@pytest.mark.usefixtures("one_place_only")
def test_a_person_not_drawn_reads_why_and_adds_what_would_have_helped(new_browser, core, a_draw, draw_it):
    reference = a_draw()
    browsers = [new_browser(), new_browser()]
    requests = []
    for number, one in enumerate(browsers):
        people.register(one, username=f"user{number}", phone=f"094412345{number}")
        people.add_person(one, core)
        requests.append(people.has_asked(one))

    draw_it(reference)

    for number, (one, request) in enumerate(zip(browsers, requests, strict=True)):
        people.come_back(one, f"user{number}", f"/requests/{request}")
    loser = next(one for one in browsers if "لم يبقَ موعد حين وصل دورك" in one.text)
    assert "سبقك شخص واحد طلب الفروع نفسها" in loser.text
    assert "خسرت قرعة واحدة" in loser.text
    before = re.search(r"[0-9a-f]{64}", loser.text)[0]
    loser.go(loser.path.split("?")[0] + "/change?better=1")
    assert 'value="homs" selected' in loser.text
    loser.send()
    assert "عُدّل طلبك. بقي دوره" in loser.text
    assert "خسرت قرعة واحدة" in loser.text
    assert re.search(r"[0-9a-f]{64}", loser.text)[0] != before
    loser.send()
    assert "تُراجع عن تعديلك" in loser.text
    assert "حمص" not in re.search(r"<dl.*?</dl>", loser.text, re.DOTALL)[0]
    with core.sessions.begin() as session:  # as if nothing had fitted what was asked
        session.execute(update(Request).values(lasting_draws=0))
    loser.go(loser.path.split("?")[0] + "/change?better=1")
    assert "منها قرعات لم يكن فيها موعد يناسب طلبك: 1" in loser.text
    with core.sessions.begin() as session:  # another draw, while the page is open
        session.execute(update(Request).values(lost_draws=2))
    loser.send()
    assert "جرت قرعة في هذه الأثناء" in loser.text
    loser.send()
    assert "لا تُحسب له الآن" in loser.text
    assert "قرعات خسرتها ولم تعد تُحسب: 2" in loser.text
