"""The pages on which people say whom they ask for."""

import re

import pytest

from tests.api.pages.people import add_person, has_asked, register
from tests.support.country import eligible_number, prove_newest_member

pytestmark = pytest.mark.neighbours

TYPED = {"relation": "child", "name": "أمل الخيالية", "birth_day": "17", "birth_month": "5", "birth_year": "1990"}


def edit_page(browser):
    return browser.go(re.search(r"/household/\d+/edit", browser.go("/household").text).group())


def test_a_name_is_corrected_and_what_was_typed_wrong_is_shown_again(browser, core):
    register(browser)
    browser.go("/household/add").send(**TYPED, national_number=eligible_number(core))
    edit_page(browser).send(name="")
    assert browser.status == 422
    browser.send(name="أمل المتخيلة", relation="spouse")
    assert browser.path == "/household"
    assert "أمل المتخيلة" in browser.text
    assert "غير مثبت" in browser.text
    assert re.search(r'href="/household/\d+/prove"', browser.text)


def test_the_page_of_a_proven_person_says_that_another_name_is_proven_again(browser, core):
    register(browser)
    browser.go("/household/add").send(**TYPED, national_number=eligible_number(core))
    assert "وجب إثباته من جديد" not in edit_page(browser).text
    prove_newest_member(core)

    assert "وجب إثباته من جديد" in edit_page(browser).text
    assert "/prove" not in browser.go("/household").text


def test_a_name_of_a_live_request_is_not_edited(browser, core):
    register(browser)
    add_person(browser, core)
    has_asked(browser)

    edit_page(browser).send(name="هالة الوهمي")

    assert browser.status == 409
    assert 'value="هالة الوهمي"' in browser.text


def test_a_second_number_of_one_person_is_asked_about_once(browser, core):
    register(browser)
    add_person(browser, core)
    number = eligible_number(core)
    browser.go("/household/add").send(**TYPED, national_number=number)
    assert browser.status == 422
    assert 'href="#sure"' in browser.text

    browser.send(**TYPED, national_number=number, sure="1")
    assert browser.path == "/household"
    assert browser.text.count("/edit") == 2
