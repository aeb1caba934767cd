"""What the page of a draw tells everyone: how places are given, and the chances of each group."""

import json
import re
from datetime import timedelta
from unittest.mock import Mock

import pytest

from api.i18n import load_words
from api.pages.shared.chances import chance_tables
from booking.antifraud.gate.versions import publish_limits
from booking.platform.base.settings import Settings
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws import drawing
from booking.scheduling.draws.format2.own_receipt import read_own_receipt
from booking.scheduling.draws.publish_audit import publish_audit
from booking.transparency.log.entries import write_entry
from booking.transparency.log.log import log_keys
from booking.transparency.log.proofs import read_proof
from tests.api.pages import people
from tests.support.country import a_request

SENTENCES = {
    ("ar", "exchange"): "يُخدَم أكبر عدد ممكن",
    ("en", "exchange"): "As many people as possible are served",
    ("ar", "in-line-order"): "كلٌّ في دوره يأخذ أفضل موعد باقٍ.",
    ("en", "in-line-order"): "Each in turn takes the best appointment that is left.",
}
A_GROUP = {"asked": 4, "asked_people": 6, "served": 1, "served_people": 2, "share": 0.25}


@pytest.mark.parametrize("mechanism", ["exchange", "in-line-order"])
def test_a_citizen_reads_in_one_sentence_how_places_are_given(browser, core, a_draw, draw_it, mechanism):
    publish_limits(core, changes={"draw_mechanism": mechanism})
    reference = a_draw()
    people.register(browser)
    people.add_person(browser, core)
    request = people.has_asked(browser)
    before = browser.go(f"/draws/{reference}").text

    draw_it(reference)
    people.come_back(browser, "amal", f"/requests/{request}")
    asked = browser.text
    after = {language: browser.go(f"/language/{language}?back=/draws/{reference}").text for language in ("ar", "en")}

    assert SENTENCES["ar", mechanism] in before
    assert SENTENCES["ar", mechanism] in asked
    assert {language: SENTENCES[language, mechanism] in text for language, text in after.items()} == {
        "ar": True,
        "en": True,
    }
    assert browser.client.get(f"/api/v1/draws/{reference}").json()["mechanism"] == mechanism


def test_the_owner_of_a_request_alone_gets_its_receipt_which_the_log_proves(
    browser, new_browser, core, a_draw, draw_it
):
    reference = a_draw()
    people.register(browser)
    people.add_person(browser, core)
    asked = f"/requests/{people.has_asked(browser)}"
    address = f"{asked}/receipt.json"
    assert browser.client.get(address).status_code == 404  # before its draw closed
    draw_it(reference)
    people.come_back(browser, "amal", asked)
    answer, stranger = browser.client.get(address), new_browser()
    own = read_own_receipt(answer.content)
    assert "attachment" in answer.headers["content-disposition"]
    assert "no-store" in answer.headers["cache-control"]
    proof = read_proof(stranger.client.get(f"/log/proof/receipt/{own.asked.hex()}").content)
    proof.check(write_entry("receipt", {"receipt": own.asked.hex()}), log_keys(core))
    people.register(stranger, "basma", phone="0944 123 457")
    assert stranger.client.get(address).status_code == 404


def test_the_page_and_the_api_show_the_published_report(browser, core, a_draw, draw_it):
    reference = a_draw()
    for _ in range(3):
        a_request(core)
    draw_it(reference)

    page = browser.go("/language/en").go(f"/draws/{reference}").text
    figures = browser.client.get(f"/api/v1/draws/{reference}").json()["figures"]
    report = json.loads(browser.client.get(f"/draws/{reference}/files/report.json").content)

    titles = re.findall(r"<h3 [^>]*>(By [^<]*)</h3>", page)
    rows = re.findall(
        r'<tr><th scope="row">([^<]*)</th><td>([^<]*)</td><td>(\d+)</td><td>(\d+)</td><td>(\d+)</td>', page
    )
    assert figures | report == figures
    assert report["asked_requests"] == 3
    assert titles == [
        "By service",
        "By number of people",
        "By residence",
        "By draws lost before",
        "By need for step-free access",
    ]
    assert rows == [("All others together", "100%", "3", "3", "3")] * len(titles)


def test_the_page_tells_how_many_have_their_result_while_it_is_given_out(browser, core, clock, a_draw, monkeypatch):
    reference = a_draw()
    a_request(core)
    clock.advance(timedelta(days=1))
    draws.close(core, reference)
    assert "closed, being drawn" in browser.go("/language/en").go(f"/draws/{reference}").text
    with monkeypatch.context() as until:
        until.setattr(drawing, "apply", Mock(side_effect=LookupError))
        with pytest.raises(LookupError):
            draws.run(core, reference)

    page = browser.go(f"/draws/{reference}?then").text
    assert "drawn, results are being given out" in page
    assert "Requests that have their result: 0 of 1." in page


def test_the_page_tells_when_the_sample_is_awaited_and_which_lines_were_picked(browser, core, a_draw, draw_it):
    reference = a_draw()
    a_request(core)
    draw_it(reference)
    page = browser.go("/language/en").go(f"/draws/{reference}")
    assert "has been awaited since" in page.text
    before = browser.client.get(f"/draws/{reference}/all.zip").headers

    assert publish_audit(core, reference)

    for language, words in {"en": "The installation alone made it", "ar": "العيّنة التي يفتحها المراقبون"}.items():
        assert words in browser.go(f"/language/{language}?back=/draws/{reference}").text
    assert json.loads(browser.client.get(f"/draws/{reference}/files/audit.json").content)["reference"] == reference
    zipped = browser.client.get(f"/draws/{reference}/all.zip").headers
    assert zipped["etag"] != before["etag"]
    assert "immutable" not in zipped["cache-control"]


@pytest.fixture(scope="module")
def words():
    return load_words(Settings(_env_file=None))


def test_groups_are_in_the_order_that_people_expect(words):
    groups = {
        "service": {"unknown-to-the-pack": A_GROUP, "b": A_GROUP, "a": A_GROUP},
        "party": {"10": A_GROUP, "2": A_GROUP},
        "door": {"abroad": A_GROUP, "home": A_GROUP},
        "priority": {},
    }

    tables = chance_tables({"groups": groups}, {"a": "First", "b": "Second"}, words["en"])

    assert [(table.title, [row.name for row in table.rows]) for table in tables] == [
        ("By service", ["First", "Second", "unknown-to-the-pack"]),
        ("By number of people", ["2", "10"]),
        ("By residence", ["At home", "Abroad"]),
    ]
    assert {(row.asked, row.people, row.served, row.share) for table in tables for row in table.rows} == {
        (4, 6, 1, 0.25)
    }


def test_a_draw_without_figures_has_no_tables(words):
    assert chance_tables({}, {}, words["ar"]) == []
