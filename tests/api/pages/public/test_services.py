"""Every service has its page in both languages; whoever looks for one finds it, however it is spelt."""

import re
from html import escape

import pytest
from sqlalchemy import update

from booking.country.packs.loading import load_pack
from booking.platform.models import Service
from tests.api.pages.outline import check_outline

pytestmark = pytest.mark.neighbours

PACK = load_pack("syria")
FOUND = '<a href="/services/{}"> <svg class="icon"'


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_service_has_its_whole_page(browser, language):
    client = browser.go(f"/language/{language}").client
    for service in PACK.services:
        answer = client.get(f"/services/{service.code}")
        assert answer.status_code == 200, service.code
        page = answer.text
        check_outline(page)
        assert f'<html lang="{language}"' in page
        said = [service.name, service.description, service.result.name, PACK.agency(service.agency).name]
        said += [one.name for one in (*service.documents, *service.fields, *service.legal)]
        said += [one.name for one in service.fees if one.amount]
        for words in said:
            assert escape(words[language], quote=True).replace("&#x27;", "&#39;") in page, (
                service.code,
                words[language],
            )
        for one in service.prerequisites:
            assert (f'href="/services/{one.service}"' if one.service else one.name[language]) in page, service.code


def test_services_are_listed_by_group_and_link_to_their_pages(browser):
    page = browser.go("/services").text

    check_outline(page)
    assert all(f'href="/services/{service.code}"' in page for service in PACK.services)
    order = [page.index(f'<h2 id="{group.code}">') for group in PACK.groups]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("sought", "first"),
    [("تجديد الجواز", "passport-renewal"), ("بدل هويه ضايعه", "identity-card-replacement"), ("fishing", None)],
)
def test_the_search_works_without_javascript_and_keeps_what_was_typed(browser, sought, first):
    answer = browser.client.get("/services", params={"q": sought})

    check_outline(answer.text)
    assert f'value="{sought}"' in answer.text
    listed = re.findall(FOUND.format("([a-z-]+)"), answer.text)
    assert listed[:1] == ([first] if first else [])
    assert first or 'id="passports"' in answer.text, "where nothing is found the groups are shown"


def test_a_search_text_is_escaped_and_cut_when_too_long(browser):
    answer = browser.client.get("/services", params={"q": "<script>alert(1)</script>" + "جواز " * 500})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "“<bdi>&lt;script&gt;" in answer.text or "«<bdi>&lt;script&gt;" in answer.text
    assert len(answer.text) < 40_000


def test_a_service_that_is_not_there_is_not_found(browser):
    assert browser.client.get("/services/flying-lessons").status_code == 404


@pytest.mark.alone
def test_a_service_loaded_again_under_another_name_is_found_by_it(browser, core):
    assert FOUND.format("tax-number") not in browser.client.get("/services?q=fish").text

    with core.sessions.begin() as session:
        session.execute(update(Service).where(Service.code == "tax-number").values(name_en="Fish"))
    core.known_services.look_again()

    assert FOUND.format("tax-number") in browser.client.get("/services?q=fish").text


def test_a_premium_names_the_answer_it_depends_on(browser):
    page = browser.go("/language/en").go("/services/compulsory-car-insurance").text

    assert "only if you answer “Kind of vehicle” with: Taxi" in page
    assert "Done" not in page


def test_people_abroad_see_which_papers_a_consulate_must_inspect(browser):
    assert "الوثيقة نفسها، بتوقيعاتها وأختامها الأصلية" in browser.go("/services/document-legalisation").text
    assert "ترسلها بالبريد أو تحضرها بنفسك" in browser.text
    assert "الأوراق الأصلية" not in browser.go("/services/clearance-certificate").text
