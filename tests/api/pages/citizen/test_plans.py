import re
import secrets

import pytest

from booking.people.registers.synthetic import CONSCRIPT_PREFIX
from tests.api.pages import people
from tests.support.country import prove_newest_member


@pytest.fixture
def student(browser, core):
    people.register(browser)
    while True:
        number = f"{CONSCRIPT_PREFIX}0{secrets.randbelow(10**8):08d}"
        record = core.register.made_of(number)
        if not record.application_pending and 0 <= record.passport_days_left(core.today()) <= 365:
            break
    browser.go("/household/add").send(
        relation="self",
        name="كريم الخيالي",
        national_number=number,
        birth_day="17",
        birth_month="5",
        birth_year="2004",
    )
    prove_newest_member(core)
    return browser


def test_a_student_sees_the_whole_chain_and_starts_it(student, a_draw):
    a_draw()
    student.go("/plan/passport-renewal")
    assert "جزء من الخطة يتعلق بجواب منك" in student.text
    student.go("/plan/passport-renewal?travel-permission.standing=deferred-for-study")
    titles = re.findall(r"<h3>(\d)\. (.*?)</h3>", student.text)
    assert [number for number, _ in titles] == ["1", "2", "3"]
    assert titles[2][1] == "تجديد جواز السفر"
    assert "زيارة واحدة لفرع" in student.text

    student.send(first="atlantis")
    assert student.status == 422
    assert 'id="error-summary"' in student.text
    student.send(first="damascus")

    assert student.path.startswith("/plan/passport-renewal?person=")
    assert "travel-permission.standing=deferred-for-study" in student.path
    assert "ينتظر القرعة" in student.text
    student.go("/me")
    assert "خطتي" in student.text


def test_a_waiting_request_shows_what_is_missing(student, a_draw, draw_it):
    reference = a_draw()
    student.go("/plan/passport-renewal").send(first="damascus")
    request = student.text.split("/requests/")[1].split('"')[0]
    draw_it(reference)

    people.come_back(student, "amal", f"/requests/{request}")

    assert "ما زال شيء ناقصًا" in student.text
    assert "إذن سفر" in student.text


def test_an_unreadable_day_is_named_and_an_early_one_is_moved(student):
    student.go("/plan/passport-renewal?day=soon")
    assert student.status == 422
    assert student.go("/plan/passport-renewal?day=2020-01-01").status == 200
    assert student.go("/plan/a-free-car").status == 404
    assert student.go("/plan/passport-renewal?person=999999").status == 404


def test_a_second_request_can_be_joined_with_the_first(browser, core):
    people.register(browser)
    people.add_person(browser, core)
    people.answer_until_review(browser)
    assert 'name="together"' not in browser.go("/ask/where").text
    browser.send().send()
    assert browser.path.startswith("/requests/")
    people.add_person(browser, core, name="سلمى الخيالية", relation="spouse")
    browser.go("/ask/begin/passport-renewal")
    newest = re.findall(r'name="people" value="(\d+)"', browser.text)[-1:]
    browser.send(people=newest, reason="")

    browser.send(first="damascus", together="yes")

    assert "زيارات أقل" in browser.text
