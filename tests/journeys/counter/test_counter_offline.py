"""An hour without the network at the counter: passes are checked, people checked in, and everything comes in later."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from booking.country.core import sessions
from booking.desk.counter.arrive import check_in
from booking.platform.models import Account
from booking.platform.models.states import AppointmentState, Role
from tests.booking.desk.counter.visits import a_visit
from tests.journeys import steps
from tests.support.country import a_colleague

KEPT = """async () => {
  const known = await indexedDB.databases();
  if (!known.some((one) => one.name === "mawid-counter")) return null;
  const open = indexedDB.open("mawid-counter");
  await new Promise((done) => (open.onsuccess = done));
  const counts = {};
  for (const name of ["kept", "queue", "told"]) {
    const asked = open.result.transaction(name).objectStore(name).getAll();
    await new Promise((done) => (asked.onsuccess = done));
    counts[name] = asked.result.map((one) => JSON.stringify(one)).join();
  }
  open.result.close();
  return counts;
}"""

# Some browsers do not tell a page that the network is back.
DEAF = "addEventListener('online', (event) => event.stopImmediatePropagation());"

NO_NAMES = f"async () => !(await ({KEPT})()).kept.includes('sheet-')"
SINCE = re.compile("من دون شبكة منذ 9:[3-5][0-9]")  # the server's clock stands at 9:30, the browser's runs


def forged(text):
    """A pass with one letter of its signature changed."""
    return text[:60] + ("B" if text[60] == "A" else "A") + text[61:]


@pytest.fixture
def visits(site):
    """Four people of today, one of tomorrow, one of another office."""
    found = [a_visit(site.core, name=name) for name in ("أمل الخيالية", "سامر الافتراضي", "ليلى النموذجية", "نور")]
    found += [a_visit(site.core, days=4), a_visit(site.core, office="aleppo")]
    site.clock.set(found[0].starts_at)
    return found


@pytest.fixture
def officer(site):
    return a_colleague(site.core, Role.OFFICER, office="damascus")


def another_window(page, site, text):
    """Open a second window: it reads no names, checks a pass all the same, and takes the check-in back."""
    other = page.context.new_page()
    other.goto(f"{site.address}/desk/today")
    expect(other.locator("#no-sheet")).to_be_visible()
    expect(other.locator("#text")).to_be_focused()  # where a scanner types
    other.keyboard.insert_text(text)
    other.keyboard.press("Enter")
    expect(other.locator("#arrival h2")).to_have_text("سُجّل الحضور على هذا الحاسوب")
    other.locator("#arrival button").click()
    expect(other.locator("#arrival h2")).to_have_text("تراجعت عن تسجيل الحضور")
    other.close()


def sign_in_again(clerk, username):
    """Follow the link to the sign-in page, which removes the names from this computer, and sign in."""
    clerk.page.locator("#sign-in a").click()
    expect(clerk.page.locator("script[src*='counter-leave']")).to_be_attached()
    steps.wait_until(clerk.page, NO_NAMES)
    steps.sign_in(clerk, username)


def tomorrow(page, site):
    """Open the page without the network on the next day: what was kept of the day before is gone."""
    page.context.set_offline(True)
    other = page.context.new_page()
    other.clock.set_system_time(time.time() + 24 * 3600)
    other.goto(f"{site.address}/desk/today")
    expect(other.locator("#nothing")).to_be_visible()
    expect(other.locator("#desk")).to_be_hidden()
    assert "sheet-" not in other.evaluate(KEPT)["kept"]
    other.close()
    page.context.set_offline(False)


def test_a_counter_works_an_hour_without_the_network(visit, site, visits, officer):
    with site.core.sessions() as session:
        username = session.get_one(Account, officer).username
    clerk = visit(language="ar", width=1024)
    page, said = clerk.page, clerk.page.locator("#arrival h2")
    page.context.add_init_script(DEAF)
    clerk.open("/sign-in?next=/desk/today")
    steps.sign_in(clerk, username)
    ready = page.locator("html[data-kept]")
    expect(ready).to_be_attached()

    page.context.set_offline(True)
    # a step that the page with the network began goes on without it
    page.locator(f"form[action='/desk/today/{visits[1].reference}'] button").click()
    expect(page.locator("#lost h2")).to_contain_text(SINCE)
    expect(said).to_have_text("سُجّل الحضور على هذا الحاسوب")
    for one, words in (
        (visits[1].scanned, "سُجّل الحضور من قبل"),
        (visits[0].scanned, "سُجّل الحضور على هذا الحاسوب"),
        (visits[0].scanned, "سُجّل الحضور من قبل"),
        (visits[4].scanned, "يوم آخر"),
        (visits[5].scanned, "فرع آخر"),
        (forged(visits[2].scanned), "هذه ليست بطاقة صالحة"),
        (visits[2].scanned.lower(), "سُجّل الحضور على هذا الحاسوب"),
    ):
        page.keyboard.insert_text(one)  # as fast as a scanner
        page.keyboard.press("Enter")
        expect(said).to_have_text(words)
    expect(page.locator("#arrival .big")).to_have_text("ليلى النموذجية")
    expect(page.locator("#lines tr")).to_have_count(4)
    expect(page.locator("#kept")).to_contain_text("3")
    clerk.look()
    assert {one.row.state for one in visits} == {AppointmentState.CONFIRMED}
    # what is written down has no names that could be read, and another window reads none
    assert not any("أمل" in text for text in page.evaluate(KEPT).values())
    another_window(page, site, visits[3].scanned)

    # meanwhile another counter received one of them, and the session ended
    check_in(site.core, officer_id=officer, reference=visits[2].reference)
    sessions.delete_all(site.core, officer)
    page.context.set_offline(False)
    expect(page.locator("#sign-in")).to_be_visible()
    clerk.look()
    sign_in_again(clerk, username)
    expect(page.locator("#kept li")).to_contain_text("كان حضورهم مسجّلًا من قبل")
    expect(page.locator(".sheet .tag.good")).to_have_count(3)  # the page shows who came meanwhile
    clerk.look()
    rows = [one.row for one in visits]
    assert [one.state is AppointmentState.CHECKED_IN for one in rows] == [True] * 3 + [False] * 3
    assert rows[0].checked_in_at - visits[0].starts_at < timedelta(hours=1)  # by the server, not by the browser
    page.locator("#kept li button").click()
    expect(page.locator("#kept")).to_be_hidden()

    tomorrow(page, site)
    clerk.open("/language/en?back=/desk/today")
    expect(page.locator("html[data-kept]")).to_be_attached()
    assert "sheet-" in page.evaluate(KEPT)["kept"]
    clerk.open("/desk/today/offline")
    page.set_viewport_size({"width": 360, "height": 720})
    page.emulate_media(color_scheme="dark")
    clerk.look()
    clerk.open("/sign-out")
    page.locator("main button").click()
    page.wait_for_url(f"{site.address}/")
    assert page.evaluate(KEPT) == {"kept": "", "queue": "", "told": ""}
    assert page.evaluate("caches.has('mawid-counter')") is False
