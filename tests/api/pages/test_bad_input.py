"""What people and programs send that cannot be right: a clear message, what was typed is kept, nothing changes."""

import re
from datetime import timedelta

import pytest
import redis
from sqlalchemy import func, select

from booking.platform.models import Account, Request
from tests.api.pages import people
from tests.api.pages.browser import FORM
from tests.support.country import PASSWORD, eligible_number

pytestmark = pytest.mark.neighbours


def count(core, model) -> int:
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(model))


@pytest.mark.alone
def test_a_form_with_mistakes_returns_with_all_of_them_and_its_text(browser, core):
    browser.go("/register").send(username="a", phone="12", password="short")
    assert browser.status == 422
    assert 'href="#username"' in browser.text
    assert 'href="#phone"' in browser.text
    assert 'href="#password"' in browser.text
    assert 'value="12"' in browser.text
    assert "short" not in browser.text
    assert count(core, Account) == 0


def test_a_siblings_number_is_refused_beside_its_field_and_nothing_typed_is_lost(browser, core):
    people.register(browser)
    number, child = (
        eligible_number(core),
        {"relation": "child", "birth_day": "2", "birth_month": "3", "birth_year": "2015"},
    )
    browser.go("/household/add").send(name="ليلى الخيالية", national_number=number, **child)
    browser.go("/household/add").send(name="سامي الخيالي", national_number=number, **child)
    assert browser.status == 422
    assert 'id="national_number-error"' in browser.text
    for typed in (f'value="{number}"', 'value="سامي الخيالي"', 'value="2015"', 'value="child" checked'):
        assert typed in browser.text, typed
    assert "ليلى الخيالية" in browser.go("/household").text


def test_arabic_digits_are_accepted_like_latin_ones(browser, core):
    browser.go("/register").send(username="amal", phone="٠٩٤٤١٢٣٤٥٦", password=PASSWORD)
    assert browser.path == "/confirm-phone"


def test_an_expired_session_keeps_what_was_typed_and_leads_back_after_signing_in(browser, core, clock):
    people.register(browser)
    browser.go("/household/add")
    clock.advance(timedelta(hours=13))
    browser.send(name="أمل الخيالية", national_number="123", relation="self", birth_day="1")
    assert browser.path.startswith("/sign-in")
    browser.send(username="amal", password=PASSWORD)
    assert browser.path == "/household/add"
    assert "أمل الخيالية" in browser.text
    assert 'value="123"' in browser.text


@pytest.mark.alone
def test_the_answers_so_far_outlive_the_session(browser, core, clock, a_draw):
    people.register(browser)
    people.add_person(browser, core)
    people.answer_until_review(browser)
    clock.advance(timedelta(hours=13))
    browser.send()
    browser.send(username="amal", password=PASSWORD)
    assert browser.path == "/ask/review"
    browser.send()
    assert browser.path.startswith("/requests/")


@pytest.mark.alone
def test_an_old_token_keeps_what_was_typed(browser, core):
    browser.go("/register")
    browser.send(csrf="old", username="amal", phone="0944123456", password=PASSWORD)
    assert "بقيت الصفحة مفتوحة مدة طويلة" in browser.text
    assert 'value="amal"' in browser.text
    assert PASSWORD not in browser.text
    assert count(core, Account) == 0


@pytest.mark.alone
@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}, {"origin": "https://["}]
)
def test_a_form_from_another_site_changes_nothing(browser, core, headers):
    browser.go("/register").send(username="amal", phone="0944123456", password=PASSWORD, headers=headers)
    assert browser.status == 403
    assert count(core, Account) == 0


@pytest.mark.alone
def test_a_double_click_sends_one_request(browser, core, a_draw):
    a_draw()
    people.register(browser)
    people.add_person(browser, core)
    people.answer_until_review(browser)
    form = browser.forms()[0]
    browser.post(form.action, form.fields)
    first = browser.path
    browser.post(form.action, form.fields)
    assert first.partition("?")[0] == browser.path.partition("?")[0]
    assert count(core, Request) == 1


def test_people_of_other_households_cannot_be_chosen(browser, core):
    people.register(browser)
    people.add_person(browser, core)
    browser.go("/ask/begin/passport-renewal").send(people=["999"])
    assert browser.status == 422
    assert "اختر شخصًا واحدًا على الأقل" in browser.text


def test_each_question_explains_what_is_wrong_with_its_answer(browser, core):
    people.register(browser)
    people.add_person(browser, core)
    people.answer_until_review(browser)
    for step, values, words in [
        ("people", {"people": None, "reason": None}, "اختر أحد الأجوبة"),
        ("where", {"first": ""}, "اختر فرعًا أو قنصلية على الأقل"),
        ("where", {"first": "atlantis"}, "أحد الفروع أو القنصليات غير متاح لهذا"),
        ("where", {"first": "berlin"}, "أحد الفروع أو القنصليات غير متاح لهذا"),
        ("where", {"weekdays": None, "bands": None}, "اترك يومًا واحدًا على الأقل"),
        ("where", {"weekdays": ["4"]}, "لا يفتح أي من الأماكن التي اخترتها"),
        ("where", {"needed_by": "2026-02-30"}, "آخر يوم ينفعني: لا يوجد يوم كهذا"),
    ]:
        browser.go(f"/ask/{step}").send(**values)
        assert browser.status == 422, values
        assert words in browser.text, values


@pytest.mark.alone
def test_impossible_days_are_explained_at_their_field_and_kept(browser, core):
    people.register(browser)
    people.add_person(browser, core)
    people.answer_until_review(browser)
    for typed, wrong in [
        ({"needed_by": "2020-01-01"}, "needed_by"),
        ({"first_day": "2026-10-20"}, "first_day"),
        ({"first_day": "2026-12-20", "needed_by": "2026-12-10"}, "needed_by"),
        ({"needed_by": "2031-12-10"}, "needed_by"),
        ({"first_day": "2026-11-13", "needed_by": "2026-11-14"}, "needed_by"),  # a weekend, on which nothing is ticked
    ]:
        browser.go("/ask/where").send(**{"needed_by": "", "first_day": ""} | typed)
        assert (browser.path, browser.status) == ("/ask/where", 422), typed
        assert f'id="{wrong}-error"' in browser.text, typed
        for name, value in typed.items():
            assert re.search(rf'name="{name}"[^>]*value="{value}"', browser.text), typed
    assert browser.go("/ask/review").status == 200
    assert count(core, Request) == 0


def test_a_day_that_has_passed_by_the_review_is_reported_there(browser, core, clock):
    people.register(browser)
    people.add_person(browser, core)
    people.answer_until_review(browser)
    browser.go("/ask/where").send(needed_by="2026-11-03")
    assert browser.path == "/ask/review"
    clock.advance(timedelta(days=4))
    people.come_back(browser, "amal", "/ask/review")
    assert browser.status == 422
    assert re.search(r'class="summary bad".*href="/ask/where#needed_by"', browser.text, re.DOTALL)


@pytest.mark.alone
def test_a_second_request_of_a_person_is_reported_when_choosing_people(browser, core, a_draw):
    a_draw()
    people.register(browser)
    people.add_person(browser, core)
    people.has_asked(browser)
    browser.go("/ask/begin/passport-renewal")
    member = re.search(r'name="people" value="(\d+)" checked', browser.text).group(1)
    browser.send(reason="")
    assert (browser.path, browser.status) == ("/ask/people", 409)
    assert "يوجد طلب قائم" in browser.text
    assert f'value="{member}" checked' in browser.text
    assert count(core, Request) == 1


def test_a_question_opened_too_early_leads_to_the_first_one_without_an_answer(browser):
    people.register(browser)
    assert browser.go("/ask/review").path == "/ask"


def test_bodies_too_long_or_of_another_type_are_refused(browser):
    assert browser.client.post("/register", content="x=" + "a" * 70_000, headers=FORM).status_code == 413
    answer = browser.client.post("/register", content=b"{}", headers={"content-type": "application/json"})
    assert answer.status_code == 415
    chunked = browser.client.post("/register", content=iter([b"a=" + b"b" * 40_000, b"c" * 40_000]), headers=FORM)
    assert chunked.status_code == 413


def test_a_wrong_method_shows_a_page_that_says_so(browser):
    answer = browser.client.delete("/how")
    assert answer.status_code == 405
    assert "تعمل هذه الصفحة بطريقة أخرى" in answer.text


@pytest.mark.parametrize("target", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "x"])
def test_signing_in_never_leads_to_another_site(browser, target):
    people.register(browser)
    browser.go("/sign-out").send()
    browser.go("/sign-in?next=" + target).send(username="amal", password=PASSWORD)
    assert browser.path == "/me"


def test_arbitrary_bytes_in_a_form_never_break_a_page(browser):
    browser.go("/register")
    token = browser.forms()[0].fields["csrf"][0]
    body = f"csrf={token}&username=%00%ff%ed%a0%80&phone=%E2%80%8F&password=%00".encode()
    assert browser.client.post("/register", content=body, headers=FORM).status_code == 422
    assert browser.client.post("/register", content=b"&&==%%%&" + b"a=1&" * 300, headers=FORM).status_code == 400
    assert browser.go("/draws/%00").status == 404
    assert browser.go("/services/%ff").status == 404


@pytest.mark.alone
def test_an_unreachable_session_store_shows_an_explanation(browser, new_browser, core):
    class Dead:
        def __getattr__(self, name):
            raise redis.ConnectionError

    visitor = new_browser()
    visitor.go("/register")
    people.register(browser)
    signed_in = browser.client.cookies["mawid"]
    object.__setattr__(core, "redis", Dead())
    assert browser.go("/how").status == 200
    assert visitor.go("/sign-in").status == 200, "whoever has not signed in brings their session along"
    assert browser.go("/sign-in").status == 503
    assert browser.client.cookies["mawid"] == signed_in
    assert "لا يمكن تسجيل الدخول الآن" in browser.text
