"""Papers by post, as people and a consulate use the pages: no script runs here."""

import pytest

from booking.eservices.online.post_desk import sign_sheet
from booking.platform.models.online.case import OnlineState, OriginalsState
from booking.platform.models.states import Door, Role
from tests.api.pages.outline import check_outline
from tests.booking.eservices.online.posted_papers import originals_of
from tests.support.online_cases import a_caseworker, a_filled_draft, pay, stored


@pytest.fixture
def abroad(core, sign_in):
    """Somebody abroad before the choice, at a browser."""
    a_caseworker(core, "foreign-affairs")
    asked = a_filled_draft(core, "document-legalisation", door=Door.ABROAD)
    return asked, sign_in(asked.account)


def test_a_person_abroad_sends_papers_and_the_consulate_takes_them_in(core, abroad, staff):
    asked, browser = abroad
    base = f"/online/cases/{asked.reference}"
    assert browser.go(base).path == f"{base}/originals"
    check_outline(browser.text)
    browser.send()
    assert browser.status == 422
    browser.send(way="post", consulate="tripoli")
    assert browser.status == 422
    assert 'id="consulate-error"' in browser.text
    browser.send(way="post", consulate="berlin")
    assert browser.path == f"{base}/review"
    browser.go(f"{base}/originals").send(consulate="bonn")
    browser.go(f"{base}/originals").send(consulate="berlin")
    browser.send(declared="yes")
    assert browser.path == f"{base}/checkout"
    assert browser.go(f"{base}/cover").path == base, "nothing to send before the fee is paid"
    pay(core, asked)

    browser.go(base)
    kept = originals_of(core, asked.reference)
    assert "Rauchstraße" in browser.text
    sheet = browser.go(f"{base}/cover").text
    check_outline(sheet)
    assert "<svg" in sheet
    assert "☐" in sheet
    assert "أمل" not in sheet, "the sheet names nobody"
    assert browser.go(f"{base}/originals").path == base, "the choice is made"

    clerk = staff(Role.OFFICER, "berlin")
    assert "/desk/post" in clerk.go("/desk").text
    assert "/desk/post" not in staff(Role.OFFICER, "damascus").go("/desk").text
    assert asked.reference in clerk.go("/desk/post").text
    clerk.send(code="forged" * 30)
    assert clerk.status == 422
    clerk.send(code=sign_sheet(core.vault, asked.reference, kept.office_id))
    assert clerk.path == f"/desk/post/{asked.reference}"
    assert "أمل" not in clerk.text
    form = clerk.forms()[0].fields
    clerk.send()
    assert stored(core, asked.reference).state is OnlineState.SUBMITTED
    assert clerk.post(f"/desk/post/{asked.reference}", form).status == 409, "scanned twice"
    assert originals_of(core, asked.reference).state is OriginalsState.ARRIVED
    assert staff(Role.OFFICER, "bonn").go(f"/desk/post/{asked.reference}").status == 403
