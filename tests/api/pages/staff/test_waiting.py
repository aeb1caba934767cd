"""The numbers in the side navigation, as pages and their script get them."""

from booking.platform.models.states import Role
from tests.booking.antifraud.gate.people import under_review
from tests.support.country import an_account


def test_the_side_shows_what_waits_and_the_script_asks_only_what_changed(core, staff, sign_in):
    _, reference = under_review(core)
    clerk = staff(Role.REVIEWER)
    assert '<b class="waits" data-work="reviews">' in clerk.go("/desk/appeals").text
    assert '<a href="/desk/appeals" aria-current="page">' in clerk.text
    assert "/desk/urgent" not in clerk.text
    found = clerk.client.get("/staff/waiting")
    assert found.json() == {"reviews": "1", "appeals": "", "people": "", "all": "1"}
    known = {"if-none-match": found.headers["etag"]}
    assert clerk.client.get("/staff/waiting", headers=known).status_code == 304

    clerk.go(f"/desk/reviews/{reference}").send(decision="accept", note="known here")

    assert "قُبل الطلب، ونخبر صاحبه." in clerk.text
    assert '<b class="waits" data-work="reviews" hidden>' in clerk.text
    assert clerk.client.get("/staff/waiting", headers=known).json()["all"] == ""
    assert sign_in(an_account(core)).client.get("/staff/waiting").status_code == 404
