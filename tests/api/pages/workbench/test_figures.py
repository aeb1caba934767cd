"""Analysts look at boards of figures: filters in the address, small counts left out everywhere."""

import io

import pandas as pd
import pytest
from sqlalchemy import select

from booking.country.export.tables import Pseudonyms
from booking.platform.base.references import shown
from booking.platform.models import Request
from booking.platform.models.states import Role
from tests.support.country import a_request


@pytest.fixture
def analyst(staff):
    return staff(Role.ANALYST, None).go("/language/en")


def test_page_table_and_downloads_show_the_same_figures(core, analyst):
    for _ in range(5):
        a_request(core)
    a_request(core, office="aleppo")
    page = analyst.go("/analyst/figures/today?office=damascus&first=2026-11-01&last=2026-11-02").text
    assert "Altogether 5: accepted 5." in page
    assert "What is counted: Sunday 1 November 2026 – Monday 2 November 2026, " in page
    assert '<option value="damascus" selected>' in page
    assert (
        '<tr><th scope="row">Sunday 1 November 2026</th><td>5</td><td>0</td><td>0</td><td>0</td><td>5</td></tr>' in page
    )
    address = "/analyst/figures/today/asked.{}?first=2026-11-01&last=2026-11-02&office=damascus"
    assert address.format("csv").replace("&", "&amp;") in page
    csv = analyst.client.get(address.format("csv"))
    assert csv.text == (
        "row,accept,challenge,review,refuse,all\n2026-11-01,5,0,0,0,5\n2026-11-02,0,0,0,0,0\nall,5,0,0,0,5\n"
    )
    parquet = pd.read_parquet(io.BytesIO(analyst.client.get(address.format("parquet")).content))
    assert parquet.to_csv(index=False) == csv.text


def test_small_numbers_are_exact_on_the_page_and_left_out_of_downloads(core, analyst):
    for office in ("damascus",) * 5 + ("aleppo",):
        a_request(core, office=office)
    query = "?first=2026-11-01&last=2026-11-02&office=aleppo"
    page = analyst.go(f"/analyst/figures/today{query}").text
    assert '<th scope="row">Sunday 1 November 2026</th><td>1</td>' in page
    assert "Downloads leave out numbers of fewer than five people" in page
    text = analyst.client.get(f"/analyst/figures/today/asked.csv{query}").text
    assert text.splitlines()[1:] == ["2026-11-01,,0,0,0,", "2026-11-02,0,0,0,0,0", "all,,0,0,0,"]


def test_an_impossible_filter_is_marked(analyst):
    for query, status, words in (
        ("first=yesterday", 422, "We could not read this"),
        ("first=2026-11-05&last=2026-11-01", 422, "The first day is after the last one."),
        ("first=1926-11-05", 422, "Choose a period of two years at most."),
        ("office=atlantis", 404, "We did not find this page"),
        ("draw=&service=", 200, "Requests and verdicts"),
    ):
        analyst.go(f"/analyst/figures/today?{query}")
        assert (analyst.status, words in analyst.text) == (status, True), analyst.text
        assert (status == 422) == ('href="#first"' in analyst.text) == ('<details class="folds" open>' in analyst.text)


def test_an_administrator_resolves_a_case_code_with_a_reason(core, staff):
    _, asked = a_request(core)
    with core.sessions() as session:
        request = session.scalars(select(Request)).one()
    case = Pseudonyms(core.vault).codes([request.id])[0]
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin/re-identify")
    boss.send(case=case)
    assert (boss.status, "Write the reason." in boss.text) == (422, True)
    boss.send(reason="their place was sold on")
    assert "أمل الخيالية" in boss.text
    assert shown(asked.reference) in boss.text
    boss.go("/admin/audit").send(action="case.")
    assert "case.reidentified" in boss.text
    assert staff(Role.ANALYST, None).go("/admin/re-identify").status == 403
