"""The page on which people say how they want to be reached."""

import re
from datetime import timedelta

import pytest

from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.references import new_reference
from booking.platform.models.states import Role
from tests.api.pages.people import add_person, has_asked, last_code, register, register_on_pages
from tests.support.country import METRICS

pytestmark = pytest.mark.neighbours


def test_an_address_is_added_confirmed_preferred_and_removed(browser, clock):
    register(browser)
    browser.go("/me/notices")
    assert "••• 456" in browser.text
    browser.go("/me/notices/email").send(address="amal at mail")
    assert browser.status == 422
    assert 'value="amal at mail"' in browser.text
    browser.send(address="amal@mail.test")
    assert browser.path == "/me/notices/email/confirm", browser.text
    browser.send(code="000000")
    assert browser.status == 422
    clock.advance(timedelta(seconds=1))
    browser.send(1, again=1)
    assert "sent=1" in browser.path
    browser.send(code=last_code(browser, "amal"))
    assert browser.path == "/me/notices", browser.text
    assert "a•••@mail.test" in browser.text

    browser.send(first="email", wanted=["tips"], quiet_from=22, quiet_until=7, time_zone="Europe/Berlin")
    assert browser.path == "/me/notices", browser.text
    chosen = browser.forms()[0].fields
    assert (chosen["first"], chosen["wanted"]) == (["email"], ["tips"])
    assert (chosen["quiet_from"], chosen["time_zone"]) == (["22"], ["Europe/Berlin"])

    browser.go("/me/notices/email/remove").send()
    assert "amal" not in re.sub(r"<header.*?</header>", "", browser.text, flags=re.DOTALL)


def test_forged_choices_are_refused_and_shown_again(browser):
    register(browser)
    browser.go("/me/notices").send(quiet_from=77, time_zone="Mars/Base", wanted=None)
    assert browser.status == 422
    assert 'href="#quiet_from"' in browser.text
    assert browser.forms()[0].fields.get("wanted") is None


def test_channels_that_cannot_be_added_have_no_page(browser):
    register(browser)
    for path in ("/me/notices/sms", "/me/notices/pigeon", "/me/notices/telegram/confirm"):
        assert browser.go(path).status == 404


def test_staff_see_whether_a_message_was_sent_but_not_its_text(browser, staff, core, clock):
    register(browser)
    add_person(browser, core)
    reference = has_asked(browser)
    deliver_waiting(core)
    desk = staff(Role.OFFICER).go("/desk/messages")
    assert desk.go(f"/desk/messages?reference={reference[:-1]}").status == 422
    assert desk.go(f"/desk/messages?reference={new_reference()}").status == 422
    desk.go(f"/desk/messages?reference={reference}")
    assert "استلمتها الشبكة" in desk.text
    assert "456" not in desk.text.partition("<main")[2]
    assert "ويدخل القرعة القادمة" not in desk.text


@pytest.mark.alone
def test_metrics_count_notices_without_naming_anybody(browser, core, clock):
    register_on_pages(browser)
    assert "mawid_notices_waiting 1.0" in browser.client.get("/metrics", headers=METRICS).text
    clock.advance(timedelta(minutes=6))
    assert "mawid_notices_overdue_seconds 360.0" in browser.client.get("/metrics", headers=METRICS).text
    deliver_waiting(core)
    text = browser.client.get("/metrics", headers=METRICS).text
    assert "mawid_notices_overdue_seconds 0.0" in text
    assert 'mawid_notice_tries{channel="sms",outcome="sent"} 1.0' in text
    assert "mawid_notices_dead 0.0" in text


@pytest.mark.alone
def test_in_a_demonstration_the_outbox_page_sends_for_a_phone(browser, core, clock):
    register(browser)
    browser.go("/outbox?username=amal").send(1, message="حالة")
    assert browser.path == "/outbox?username=amal"
    assert "لا طلب لك الآن ولا موعد." in browser.text
    browser.send(1, message=" ")
    assert browser.status == 422
    browser.go("/outbox?username=nobody").send(1, message="STATUS")
    assert browser.status == 422
    assert "لا أحد له هذا الاسم" in browser.text
