"""Analysts change quotas on pages, without JavaScript: rows, faults, two at once, two people, the way back."""

from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from booking.country.policy.quota_table import Level, Scope
from booking.platform.models import AuditEntry, Office, QuotaPolicy, Slot, SlotPool
from booking.platform.models.states import Pool
from booking.scheduling.quotas import drafts
from booking.scheduling.quotas.drafts import read_quota
from booking.scheduling.quotas.views import read_draft

DAMASCUS = Scope(Level.OFFICE, "damascus")
MORE_DRAW = {"unit": "shares", "draw": "75", "urgent": "8", "instant": "5", "walk_in": "8", "accessible": "4"}


def begin(browser):
    """Begin a draft of what decides and give its id."""
    browser.go("/analyst/quotas").send(0, based_on="")
    return UUID(browser.path.rpartition("/")[2])


def open_row(browser, draft_id, scope="office.damascus"):
    return browser.go(f"/analyst/quotas/drafts/{draft_id}/rows/{scope}")


def change_damascus(browser):
    """Give Damascus a row of its own in a new draft; give the draft's id."""
    draft_id = begin(browser)
    open_row(browser, draft_id).send(0, **MORE_DRAW, action="save")
    return draft_id


def propose(browser, draft_id):
    browser.go(f"/analyst/quotas/drafts/{draft_id}").send(1, action="propose", reason="Many wait in Damascus")
    return browser.path


def active(core):
    with core.sessions() as session:
        return session.scalars(select(QuotaPolicy.version).where(QuotaPolicy.active)).one()


def places(core, pool, office="damascus"):
    with core.sessions() as session:
        return session.scalar(
            select(func.sum(SlotPool.places))
            .join(Slot, Slot.id == SlotPool.slot_id)
            .join(Office, Office.id == Slot.office_id)
            .where(Office.code == office, SlotPool.pool == pool)
        )


@pytest.mark.neighbours
def test_an_office_gets_a_row_of_its_own_and_inherits_again(core, new_analyst):
    browser, _ = new_analyst()
    draft_id = begin(browser)
    assert "They say the same." in browser.text
    open_row(browser, draft_id)
    assert "These values are inherited: Branches, every day." in browser.text
    assert 'value="70"' in browser.text

    browser.send(0, **MORE_DRAW, action="save")
    assert read_draft(core, draft_id).table.rows[DAMASCUS] == read_quota("shares", MORE_DRAW)
    assert "Damascus Immigration and Passports Branch, every day: a row of its own, Draw 75%" in browser.text
    assert browser.text.count("its own row") == 2, "that of all branches, and this one"

    open_row(browser, draft_id).send(0, action="inherit")
    assert DAMASCUS not in read_draft(core, draft_id).table.rows
    assert "They say the same." in browser.text


FAULTS = [
    ({"draw": "60"}, "The shares add to 85%. 15% is missing.", "مجموع النسب 85%. ينقص 15%."),
    ({"draw": "80.5"}, "That is 5.5% too much.", "هذا زائد بمقدار 5.5%."),
    ({"urgent": "-8"}, "This is below zero.", "هذا أقل من صفر."),
    ({"urgent": "eight"}, "This is not a number.", "هذا ليس عددًا."),
    ({"urgent": "8.001"}, "At most two decimals", "رقمان بعد الفاصلة على الأكثر"),
    ({"unit": "places", "urgent": "7.5"}, "Places are whole numbers", "الأماكن أعداد صحيحة"),
    ({"unit": "places", "urgent": "10000"}, "At most 9,999 places", "لا يزيد عدد الأماكن في اليوم على 9,999"),
    ({"unit": "none"}, "Choose one of the answers.", "اختر"),
]


@pytest.mark.neighbours
def test_each_fault_of_a_row_is_explained_at_its_field_in_both_languages(core, new_analyst):
    browser, _ = new_analyst()
    draft_id = begin(browser)
    for typed, told, _ in FAULTS:
        open_row(browser, draft_id).send(0, **(MORE_DRAW | typed), action="save")
        assert browser.status == 422
        assert told in browser.text
        assert 'aria-invalid="true"' in browser.text or typed == {"unit": "none"}
        assert all(f'value="{value}"' in browser.text for name, value in typed.items() if name != "unit")
    assert read_draft(core, draft_id).row.revision == 1
    csrf = browser.forms()[0].fields["csrf"][0]
    browser.go("/language/ar")
    for typed, _, told in FAULTS:
        fields = MORE_DRAW | typed | {"csrf": csrf, "scope": "office.damascus"}
        answer = browser.post("/analyst/quotas/check", fields).response.json()
        assert told in " ".join(answer["faults"].values())
        assert answer["split"] == []


@pytest.mark.neighbours
def test_a_valid_row_is_previewed_for_a_day_without_being_saved(core, new_analyst):
    browser, _ = new_analyst()
    draft_id = begin(browser)
    open_row(browser, draft_id)

    arabic_digits = MORE_DRAW | {"draw": "٧٤٫٥", "instant": "5,5%"}
    browser.send(0, **arabic_digits, action="look")
    assert '<dd data-pool="draw">358</dd>' in browser.text, "74.5 per cent of 20 counters' 24 quarter hours"
    assert '<dd data-pool="instant">26</dd>' in browser.text
    csrf = browser.forms()[0].fields["csrf"][0]
    answer = browser.post(
        "/analyst/quotas/check",
        {"csrf": csrf, "scope": "office.damascus", "unit": "places", "urgent": "40", "instant": "20"},
    ).response.json()
    assert answer["split"] == [
        ["draw", "Draw", "420"],
        ["urgent", "Urgent", "40"],
        ["instant", "Instant", "20"],
        ["walk_in", "Walk-in", "0"],
        ["accessible", "Accessible", "0"],
    ]
    assert read_draft(core, draft_id).row.revision == 1


@pytest.mark.neighbours
def test_rows_from_which_others_inherit_stay_in_shares(core, new_analyst):
    browser, _ = new_analyst()
    draft_id = begin(browser)
    open_row(browser, draft_id, "kind.branch")
    assert "Inherit again" not in browser.text

    for fields in ({"unit": "places", "urgent": "4"}, {"action": "inherit"}):
        open_row(browser, draft_id, "kind.branch").send(0, **({"action": "save"} | fields))
        assert browser.status == 422
        assert "All branches and all consulates need shares" in browser.text
    assert read_draft(core, draft_id).row.revision == 1
    for nowhere in ("office.atlantis", "kind.branch.7", "damascus", "office.damascus.0.1"):
        assert open_row(browser, draft_id, nowhere).status == 404


@pytest.mark.neighbours
def test_weekdays_and_regions_are_shown_with_what_they_inherit(core, new_analyst):
    browser, _ = new_analyst()
    draft_id = begin(browser)
    open_row(browser, draft_id, "region.damascus.0").send(0, **MORE_DRAW, action="save")

    browser.go(f"/analyst/quotas/drafts/{draft_id}?day=0&where=damascus")
    assert "inherited: Damascus, Monday" in browser.text
    assert "Rif Dimashq" not in browser.text.partition("<tbody>")[2]
    browser.go(f"/analyst/quotas/drafts/{draft_id}?where=consulate")
    assert "inherited: Consulates, every day" in browser.text
    for wrong in ("day=9", "where=atlantis"):
        assert browser.go(f"/analyst/quotas/drafts/{draft_id}?{wrong}").status == 404


@pytest.mark.neighbours
def test_a_conflicting_save_of_a_row_shows_both_and_loses_nothing(core, new_analyst):
    browser, _ = new_analyst()
    _, colleague = new_analyst()
    draft_id = begin(browser)
    open_row(browser, draft_id)
    theirs = read_quota("places", {"urgent": "33"})
    drafts.set_row(core, draft_id=draft_id, revision=1, scope=DAMASCUS, quota=theirs, by=colleague)

    browser.send(0, **MORE_DRAW, action="save")

    assert browser.status == 409
    assert "Urgent 33" in browser.text
    assert "Draw 75%" in browser.text
    assert read_draft(core, draft_id).table.rows[DAMASCUS] == theirs
    browser.send(0, action="save")  # they have seen it now
    assert read_draft(core, draft_id).table.rows[DAMASCUS] == read_quota("shares", MORE_DRAW)


def test_two_people_activate_quotas_and_one_step_rolls_them_back(core, new_analyst):
    author, _ = new_analyst()
    colleague, _ = new_analyst()
    before = places(core, Pool.DRAW)
    draft_id = begin(author)
    author.send(1, action="propose", reason="Nothing yet")
    assert author.status == 409
    assert "This draft changes nothing" in author.text
    open_row(author, draft_id).send(0, **MORE_DRAW, action="save")
    path = propose(author, draft_id)
    assert path == "/analyst/quotas/2"
    assert "Many wait in Damascus" in author.text
    assert open_row(author, draft_id).send(0, **MORE_DRAW, action="save").status == 409

    author.go(path).send(0, action="activate", reason="Now")
    assert author.status == 409
    assert "A second person must decide this" in author.text
    assert colleague.go(path).send(0, action="activate", reason="").status == 422
    colleague.send(0, action="activate", reason="It looks right")
    assert active(core) == 2
    assert places(core, Pool.DRAW) > before
    assert "It looks right" in colleague.text
    assert "version 2" in colleague.go("/analyst/quotas").text.partition("<h2>Versions</h2>")[2].partition("</tr>")[2]

    colleague.send(1, reason="Walk-ins complained")
    assert active(core) == 1
    assert places(core, Pool.DRAW) == before
    with core.sessions() as session:
        kept = session.execute(
            select(AuditEntry.action, AuditEntry.details["reason"].astext)
            .where(AuditEntry.action.startswith("quotas."), AuditEntry.details.has_key("reason"))
            .order_by(AuditEntry.sequence)
        ).all()
    assert [tuple(one) for one in kept] == [
        ("quotas.proposed", "Many wait in Damascus"),
        ("quotas.activated", "It looks right"),
        ("quotas.rolled_back", "Walk-ins complained"),
    ]
    author.go("/analyst/quotas/2/against/1")
    assert "a row of its own" in author.text
    assert author.go("/analyst/quotas/9").status == 404


def test_days_with_more_taken_are_listed_and_kept_only_when_chosen(core, new_analyst):
    author, _ = new_analyst()
    colleague, _ = new_analyst()
    path = propose(author, change_damascus(author))
    with core.sessions.begin() as session:  # every instant place of a coming day is booked
        office_id = session.scalars(select(Office.id).where(Office.code == "damascus")).one()
        day = session.scalars(
            select(Slot.local_day).where(Slot.office_id == office_id).order_by(Slot.local_day.desc()).limit(1)
        ).one()
        slots = select(Slot.id).where(Slot.office_id == office_id, Slot.local_day == day)
        session.execute(
            update(SlotPool)
            .where(SlotPool.slot_id.in_(slots), SlotPool.pool == Pool.INSTANT)
            .values(taken=SlotPool.places)
        )

    colleague.go(path).send(0, action="activate", reason="Try")
    assert colleague.status == 409
    assert "On 1 day more places are taken than the policy would leave" in colleague.text
    assert "<td>48</td><td>24</td>" in colleague.text
    assert "Try" in colleague.text
    assert active(core) == 1
    colleague.send(0, action="activate", keep="yes")
    assert active(core) == 2


def test_a_version_can_be_withdrawn_and_a_draft_discarded(core, new_analyst):
    author, _ = new_analyst()
    colleague, _ = new_analyst()
    path = propose(author, change_damascus(author))
    colleague.go(path).send(0, action="reject", reason="Not now")
    assert "Not now" in colleague.text
    assert "retired" in colleague.text
    again = colleague.forms()[0].fields | {"action": "activate", "reason": "After all"}
    assert colleague.post(path, again).status == 404

    draft_id = begin(author)
    author.send(1, action="drop")
    assert str(draft_id) not in author.text
    assert "Nobody is writing a draft." in author.text
    assert active(core) == 1
