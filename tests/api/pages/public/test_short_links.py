"""The addresses in text messages lead to a page, and say nothing about what exists."""

import pytest

REFERENCE = "7K2M9D4Q1"


@pytest.mark.parametrize(
    ("short", "page"),
    [
        ("/r/7K2-M9D-4Q1", f"/requests/{REFERENCE}"),
        ("/a/7k2m9d4q1", f"/appointments/{REFERENCE}"),
        ("/c/7K2-M9D-4Q1", f"/online/cases/{REFERENCE}"),
    ],
)
def test_a_short_address_leads_to_its_page_by_way_of_signing_in(browser, short, page):
    answer = browser.client.get(short, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert browser.go(short).path == f"/sign-in?next={page}"


@pytest.mark.neighbours
@pytest.mark.parametrize("wrong", ["/r/7K2-M9D-4Q2", "/r/%2F%2Fevil.test", "/a/..%2F..%2Fadmin", "/c/x%0d%0aA:b"])
def test_what_is_no_reference_leads_nowhere(browser, wrong):
    answer = browser.client.get(wrong, follow_redirects=False)
    assert answer.status_code in {400, 404}
    assert "location" not in answer.headers
