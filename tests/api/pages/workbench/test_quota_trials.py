"""Analysts try quotas on past draws and on the next one, and are given suggestions, on pages without JavaScript."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update

from booking.country.policy.quota_table import Level, OfficeRef, Scope
from booking.platform.models import DrawFile, Office, QuotaTrial, Slot, SlotPool
from booking.platform.models.states import Role
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.files import PLAN
from booking.scheduling.draws.format2.tables import STATEMENT
from booking.scheduling.quotas import trial_work
from booking.scheduling.quotas.views import day_split, read_draft, read_table
from tests.support.country import a_request
from tests.support.roles import past_the_roles

REFERENCE = "2026-11-02"


@pytest.fixture
def analyst(staff):
    """Sign an analyst in at a browser in English."""
    return lambda: staff(Role.ANALYST, None).go("/language/en")


@pytest.fixture
def scarce(core, clock):
    """Twelve people ask for a day on which Damascus has four counters for half an hour: five places for the draw."""
    now = clock.now()
    first = now.date() + timedelta(days=8)
    with past_the_roles(core) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # slots stay for good
        office = session.scalars(select(Office).where(Office.code == "damascus")).one()
        of_day = (Slot.office_id == office.id, Slot.local_day == first)
        kept = session.scalars(select(Slot).where(*of_day).order_by(Slot.starts_at)).first()
        others = select(Slot.id).where(*of_day, Slot.id != kept.id)
        session.execute(delete(SlotPool).where(SlotPool.slot_id.in_(others)))
        session.execute(delete(Slot).where(Slot.id.in_(others)))
        kept.counters = 4
        split = day_split(read_table(core, 1).quota_of(OfficeRef("damascus", "damascus", "branch"), None), 8)
        for pool, places in split.items():
            session.execute(
                update(SlotPool).where(SlotPool.slot_id == kept.id, SlotPool.pool == pool).values(places=places)
            )
    for number in range(12):
        a_request(core, offices=("damascus", "homs") if number % 4 == 0 else ("damascus",))
    draws.announce(
        core,
        reference=REFERENCE,
        opens_at=now,
        closes_at=now + timedelta(days=1),
        horizon_first=first,
        horizon_last=first,
    )
    draws.open_draw(core, REFERENCE)
    return first


def work(core, browser):
    """Let the job of the trial that is shown run, and look again."""
    trial_work.run(core, UUID(browser.path.rpartition("/")[2]))
    return browser.go(browser.path)


def a_draft(core, browser):
    """Begin a draft that gives all of Damascus's places but the urgent ones to the draw."""
    browser.go("/analyst/quotas").send(0, based_on="")
    draft_id = browser.path.rpartition("/")[2]
    browser.go(f"/analyst/quotas/drafts/{draft_id}/rows/office.damascus")
    browser.send(0, unit="shares", draw="92", urgent="8", instant="0", walk_in="0", accessible="0", action="save")
    return draft_id


def test_a_draft_is_tried_on_a_past_draw_and_compared_with_today(core, analyst, scarce, draw_it):
    browser = analyst()
    browser.go("/analyst/quotas/what-if")
    assert f"Draw {REFERENCE} collects requests at this moment" in browser.text
    assert browser.send(0, draws=REFERENCE).status == 409
    assert "There is no draw to try this on yet" in browser.text
    draw_it(REFERENCE)
    browser = analyst()
    draft_id = a_draft(core, browser)
    browser.go(f"/analyst/quotas/what-if?draft={draft_id}")
    assert "collects requests" not in browser.text
    assert browser.send(0, draws="2026-11-03").status == 422
    assert "One of these draws is not published." in browser.text
    assert browser.send(0, draws=None).status == 422
    assert "Choose at least one draw" in browser.text
    browser.send(0, draws=REFERENCE)
    assert "It waits for its turn" in browser.text

    address = work(core, browser).path

    rows = dict(re.findall(r'<tr><th scope="row">([^<]+)</th>((?:<td>[^<]*</td>)+)</tr>', browser.text))
    assert rows["People who asked"] == "<td>12</td><td>12</td><td>0</td>"
    served = rows["People who got an appointment"]
    assert served == "<td>8</td><td>10</td><td>+2</td>", "five and seven places in Damascus; three also take Homs"
    assert rows["Days to wait, the longest"].startswith("<td>8</td>")
    assert "Gender is not asked for" in browser.text
    assert browser.text.count('<figure class="chart"') == 4
    table = csv.DictReader(io.StringIO(browser.client.get(f"{address}/outcome.csv").text))
    told = {(row["group"], row["value"], row["measure"]): (row["today"], row["tried"]) for row in table}
    assert told["office", "damascus", "served"] == ("8", "10")
    assert told["age", "18-39", "asked"] == ("12", "12")
    assert browser.client.get(f"{address}/moves.csv").status_code == 404
    again = analyst().go(address)
    assert again.text.count('<figure class="chart"') == 4, "a colleague sees it at the same address"
    assert "What if" in browser.go(f"/analyst/quotas/what-if?draft={draft_id}").text.partition("Tried before")[2]


def test_the_next_draw_is_tried_as_it_is_expected(core, clock, analyst, scarce):
    clock.advance(timedelta(hours=1))
    browser = analyst()
    browser.go("/analyst/quotas/what-if").send(0, draws=None, forecast="yes")
    work(core, browser)
    assert "This is a forecast." in browser.text
    assert "Requests that wait already: 12. Requests invented as the forecast expects them: 0." in browser.text
    assert "Both give exactly the same, for everybody." in browser.text
    clock.advance(timedelta(days=7))
    browser = analyst()
    browser.go("/analyst/quotas/what-if").send(0, draws=None, forecast="yes")
    work(core, browser)
    assert re.search(r"as the forecast expects them: [1-9]", browser.text)


def test_a_trial_can_be_stopped_and_a_failed_one_is_marked(core, analyst, scarce, draw_it):
    draw_it(REFERENCE)
    browser = analyst()
    browser.go("/analyst/quotas/what-if").send(0)
    address = browser.path
    browser.send(0, action="stop")
    assert "It was stopped" in browser.text
    work(core, browser)
    assert "It was stopped" in browser.text
    assert browser.client.get(f"{address}/outcome.csv").status_code == 404

    for name, before, after in (
        (PLAN, b",", b", "),
        (STATEMENT, b'"mechanism":"exchange"', b'"mechanism":"in-line-order"'),
    ):
        browser.go("/analyst/quotas/suggestions").send(0)
        with core.sessions.begin() as session:
            kept = session.scalars(select(DrawFile).where(DrawFile.name == name)).one()
            was, kept.content = kept.content, kept.content.replace(before, after)
        work(core, browser)
        assert "It failed on our side." in browser.text, name
        with core.sessions.begin() as session:
            session.execute(update(DrawFile).where(DrawFile.name == name).values(content=was))
    with core.sessions() as session:
        assert set(session.scalars(select(QuotaTrial.failure))) == {None, "DamagedFileError"}
    for nowhere in ("00000000-0000-4000-8000-000000000000", "first"):
        assert browser.go(f"/analyst/quotas/trials/{nowhere}").status == 404


def test_a_suggestion_shows_its_reason_and_becomes_a_draft(core, analyst, scarce, draw_it):
    draw_it(REFERENCE)
    browser = analyst()
    browser.go("/analyst/quotas/suggestions").send(0, points="21", counters="x", goal="")
    assert browser.status == 422
    assert browser.text.count("Enter a whole number from 0 to 20.") == 4, "in the summary, and at each field"

    browser.send(0, points="20", counters="0", goal="most")
    address = work(core, browser).path

    assert "Damascus:" in browser.text
    assert "more people when the draw is run again" in browser.text
    assert "People who wait for it and got no appointment: fewer than five." in browser.text
    assert "one more counter here would serve" in browser.text
    moves = list(csv.DictReader(io.StringIO(browser.client.get(f"{address}/moves.csv").text)))
    assert {row["office"] for row in moves} == {"damascus"}
    browser.send(0, action="draft")
    draft = read_draft(core, UUID(browser.path.rpartition("/")[2]))
    assert Scope(Level.OFFICE, "damascus") in draft.table.rows
    assert f"Suggested from draw {REFERENCE}" in browser.text


def test_demand_is_compared_with_capacity_on_a_map_and_by_weekday(analyst, scarce, draw_it):
    draw_it(REFERENCE)
    browser = analyst()
    address = f"/analyst/quotas/map?draw={REFERENCE}"
    browser.go(address)
    assert "Most is asked here: Damascus, 2.4 for each place." in browser.text
    damascus = browser.text.partition('<th scope="row">Damascus Immigration and Passports Branch</th>')[2]
    assert damascus.startswith("<td>12</td><td>12</td><td>5</td><td>2.4</td><td>up to two and a half</td>")
    assert f"{address}&amp;where=branch" in browser.text
    assert '<circle class="is-warn"' in browser.text
    browser.go(f"{address}&where=consulate")
    assert "Nothing was counted." in browser.text
    for wrong in ("draw=2026-11-09", "where=moon", "version=9", "draft=x"):
        assert browser.go(f"/analyst/quotas/map?{wrong}").status == 404
