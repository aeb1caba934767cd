"""Services asked for online, as people use the pages: no script runs here."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from booking.eservices.online.check import code_of
from booking.people.evidence.accept import LARGEST_FILE
from booking.people.payments.provider import Sandbox
from booking.platform.models import Account, CredentialOffer
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import Role
from tests.api.pages.browser import SITE, Browser
from tests.api.pages.people import add_person, register
from tests.support.a_wallet import read_offer
from tests.support.country import PASSWORD
from tests.support.online_cases import (
    CLEARANCE,
    INSURANCE,
    NOTE,
    a_caseworker,
    paid_event,
    payment_of,
    put_papers,
    result_of,
    stored,
)
from tests.support.urgent_cases import a_photo

WALLET = ("application/dc+sd-jwt", "no-store")
ANSWERS = {"plate-governorate": "damascus", "plate": "١٢٣٤٥٦", "vehicle-class": "private"}


@pytest.fixture
def driver(browser, core):
    register(browser)
    add_person(browser, core)
    return browser


def begin(browser: Browser, service: str) -> str:
    """Begin a case and give its reference."""
    browser.go(f"/services/{service}")
    browser.send(next(n for n, one in enumerate(browser.forms()) if one.action == f"/online/services/{service}"))
    assert re.fullmatch(r"/online/cases/\w{9}/questions/[a-z-]+", browser.path), browser.text
    return browser.path.split("/")[3]


def answer(browser: Browser, **answers: str) -> Browser:
    """Answer the questions of a part, by their codes."""
    return browser.send(**{f"answer-{code}": said for code, said in answers.items()})


def fill_insurance(browser: Browser, core) -> str:
    """Answer everything about a car, send its paper, and stop at the review."""
    reference = begin(browser, INSURANCE)
    answer(browser, **ANSWERS)
    answer(browser, make="كيا ريو", starts=core.today().isoformat(), months="3")
    assert browser.path == f"/online/cases/{reference}/papers"
    put_papers(core, reference)
    browser.go(f"/online/cases/{reference}")
    assert browser.path == f"/online/cases/{reference}/review", browser.text
    return reference


def go_to_provider(browser):
    """Follow the page that opens the provider's by itself, as a browser does."""
    return browser.go(re.search(rf'content="0; url={SITE}(/sandbox/payments/\w+)"', browser.text).group(1))


def test_a_driver_buys_insurance_and_a_policeman_checks_it(driver, core, new_browser):
    reference = fill_insurance(driver, core)
    assert "195" in driver.text, "three months of a private car"
    driver.send()
    assert driver.status == 422
    assert 'id="declared-error"' in driver.text
    driver.send(declared="yes")
    assert driver.path == f"/online/cases/{reference}/checkout"
    go_to_provider(driver).send(answer="pay")
    assert driver.path == f"/online/cases/{reference}"
    assert result_of(core, reference).number[:3] in driver.text

    paper = driver.client.get(f"/online/cases/{reference}/result.pdf")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")

    own, ends = (number for number, one in enumerate(driver.forms()) if one.action.endswith("/wallet"))
    fields, address = driver.forms()[own].fields, f"/online/cases/{reference}/credential"
    assert f'formaction="{address}"' in driver.text
    files = [driver.client.post(address, data=fields | {"shows": shows}) for shows in ("all", "nothing")]
    assert {(one.headers["content-type"], one.headers["cache-control"]) for one in files} == {WALLET}
    assert [one.text.count("~") > 1 for one in files] == [True, False], "disclosures, and none"
    driver.client.post(f"/online/cases/{reference}/wallet", data=fields)
    with core.sessions() as session:
        assert session.scalars(select(CredentialOffer.whole)).one() is False, "nothing was pressed: no name"

    driver.send(own, shows="nothing")
    [href] = re.findall(r'href="(openid-credential-offer://[^"]+)"', driver.text)
    kind, _ = read_offer(unescape(href))
    assert (kind, "<svg" in driver.text, driver.response.headers["cache-control"]) == (INSURANCE, True, "no-store")
    assert re.search(r'<bdi dir="ltr">\d{6}</bdi>', driver.text)
    driver.go(f"/online/cases/{reference}").send(ends, shows="end")
    assert (driver.path, "أُبطل كل ما في المحافظ" in driver.text) == (f"/online/cases/{reference}", True)

    policeman = new_browser()
    code = code_of(core, result_of(core, reference))
    policeman.go("/check").send(document=f"{SITE}/check#{code}")
    assert 'class="summary good"' in policeman.text
    assert "أمل الخيالية" in policeman.text
    assert "123456" in policeman.text
    for said in ("الاتحاد السوري لشركات التأمين", "مؤمن عليها تأمينًا إلزاميًا", "تسري حتى", "رقم الوثيقة"):
        assert said in policeman.text
    policeman.go("/check").send(document=code[:-9] + ("B" if code[-9] == "A" else "A") + code[-8:])
    assert "غير صحيحة" in policeman.text
    policeman.go("/").send(document=result_of(core, reference).number)
    assert 'class="summary good"' in policeman.text
    assert "الاتحاد السوري لشركات التأمين" in policeman.text
    assert "أمل" not in policeman.text
    policeman.go("/check").send(document="")
    assert policeman.status == 422


def test_an_officer_works_by_the_queue_and_the_person_reads_the_answer(driver, core, new_browser, sign_in):
    with core.sessions() as session:
        name = session.get_one(Account, a_caseworker(core)).username
    officer = new_browser().go("/sign-in").send(username=name, password=PASSWORD)
    assert officer.path == "/desk/online"
    reference = begin(driver, CLEARANCE)
    answer(driver, purpose="work", addressee="")
    assert driver.path.endswith("/papers")
    put_papers(core, reference)
    driver.go(f"/online/cases/{reference}/review").send(declared="yes")
    go_to_provider(driver).send(answer="fail")
    assert "لم ينجح الدفع" in driver.text
    core.clock.advance(timedelta(minutes=1))
    go_to_provider(driver.send()).send(answer="pay")  # one press on the page of the request
    assert stored(core, reference).state is OnlineState.SUBMITTED

    assert '<th scope="col">Request reference</th>' in officer.go("/language/en").go("/desk/online").text
    assert '<th scope="col">رقم الطلب</th>' in officer.go("/language/ar").go("/desk/online").text
    officer.go(re.search(r'href="(/desk/online/\w{9})"', officer.text).group(1))
    assert "أمل الخيالية" not in officer.text, "nobody's name before the case is taken"
    officer.press("claim")
    assert "أمل الخيالية" in officer.text
    paper = re.search(r'src="(/desk/online/\S+?)"', officer.text).group(1)
    assert officer.client.get(paper).headers["content-type"] == "image/jpeg"
    officer.press("ask", reason="unreadable_paper", note="")
    assert officer.status == 422
    officer.press("ask", reason="unreadable_paper", note=NOTE)
    assert officer.path == "/desk/online"

    driver.go(f"/online/cases/{reference}")
    assert NOTE in driver.text
    driver.go(f"/online/cases/{reference}/review").send(declared="yes")
    officer.go(f"/desk/online/{reference}").press("claim").press("approve", reason="all_is_there").press("issue")
    assert stored(core, reference).state is OnlineState.ISSUED
    driver.go("/me")
    assert f"/online/cases/{reference}" in driver.text

    chief = sign_in(a_caseworker(core, role=Role.CASE_SUPERVISOR)).go(f"/desk/online/{reference}")
    chief.press("revoke", reason="issued_by_mistake", note=NOTE)
    driver.go("/check").send(document=result_of(core, reference).number)
    assert "ملغاة" in driver.text
    assert driver.client.get("/check/revoked.json").json()["revoked"][0]["number"] == result_of(core, reference).number


def test_a_service_without_caseworkers_is_not_offered_on_its_page(driver):
    driver.go(f"/services/{CLEARANCE}")
    assert "/online/services/" not in driver.text
    driver.go(f"/online/services/{CLEARANCE}")
    assert "لا أحد من جهتها" in driver.text


def test_an_invalid_answer_is_kept_and_explained_at_its_field(driver, core):
    reference = begin(driver, INSURANCE)
    answer(driver, **ANSWERS | {"plate": "12 طريق"})
    assert driver.status == 422
    assert 'aria-describedby="answer-plate-hint answer-plate-error"' in driver.text
    assert driver.text.count('aria-invalid="true"') == 1, "each question has its own error"
    assert driver.forms()[0].fields["answer-plate"] == ["12 طريق"]
    assert driver.forms()[0].fields["answer-vehicle-class"] == ["private"], "the other answers are still there"
    driver.go(f"/online/cases/{reference}/questions/months?then=review")
    assert driver.path.endswith("/questions/make?then=review"), "a question leads to the part with it"
    answer(driver, months="99")
    assert driver.text.count('aria-invalid="true"') == 3, "what is missing is named together with what is wrong"
    driver.go(f"/online/cases/{reference}")
    assert driver.path.endswith("/questions/plate-governorate"), "it goes on at the first open question"
    driver.go(f"/online/cases/{reference}/questions/nothing")
    assert driver.status == 404


def test_unexpected_form_fields_change_nothing(driver, core):
    reference = begin(driver, INSURANCE)
    others = {"state": ["issued"], "plate": ["1"], "answer-months": ["3"], "account_id": ["x"]}
    answers = {f"answer-{code}": [said] for code, said in ANSWERS.items()}
    driver.post(driver.path, driver.forms()[0].fields | answers | others)
    case = stored(core, reference)
    assert case.state is OnlineState.DRAFT
    assert driver.forms()[0].fields["answer-months"] == [""], "no question of another page"


def test_a_paper_is_added_shown_and_removed_and_a_program_is_refused(driver, core):
    reference = begin(driver, INSURANCE)
    papers = f"/online/cases/{reference}/papers"
    driver.go(papers).send_file_to_a_crowd()
    two = [("paper-registration", ("1.jpg", one, "image/jpeg")) for one in (a_photo(), b"MZ" + bytes(100))]
    driver.send_files(two)
    assert driver.status == 422
    assert 'id="paper-registration-error"' in driver.text
    page = re.search(rf'href="({papers}/\S+/0)"', driver.text).group(1)
    assert driver.client.get(page).headers["content-type"] == "image/jpeg"
    driver.send(0)
    assert page not in driver.text
    assert driver.client.get(page).status_code == 404
    for name, content in (("", b""), ("1.jpg", bytes(LARGEST_FILE + 1))):
        driver.go(papers).send_files([("paper-registration", (name, content, "image/jpeg"))])
        assert driver.status == 422
    assert driver.go(papers).send_files([("paper-else", two[0][1])]).status == 404
    driver.go(papers).send_files(two[:1], more="yes")
    assert driver.path == papers, "the other side of the paper comes next"
    assert driver.send_files(two[:1] * 7, len(driver.forms()) - 1).status == 422, "one turn is not for ever"


def test_a_draft_is_taken_back(driver, core):
    reference = begin(driver, INSURANCE)
    driver.go(f"/online/cases/{reference}/withdraw").send()
    assert driver.path == "/me"
    assert stored(core, reference).state is OnlineState.WITHDRAWN


def test_a_webhook_is_accepted_once_and_a_forged_one_refused(driver, core):
    reference = fill_insurance(driver, core)
    driver.send(declared="yes")
    body, headers = Sandbox(core).signed(paid_event(core, reference))
    address = "/api/v1/payments/sandbox/events"
    assert driver.client.post(address, content=body, headers=headers).json() == {"outcome": "applied"}
    assert driver.client.post(address, content=body, headers=headers).json() == {"outcome": "repeated"}
    forged = driver.client.post(address, content=body.replace(b"195", b"194"), headers=headers)
    assert (forged.status_code, forged.json()["code"]) == (400, "forged_event")
    assert driver.client.post("/api/v1/payments/bank/events", content=body, headers=headers).status_code == 404
    assert payment_of(core, reference).paid_at is not None
