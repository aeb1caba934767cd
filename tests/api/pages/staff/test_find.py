"""The search above every page of staff: references, pages and colleagues; people only at the counter, on record."""

from booking.platform.models.states import Role
from tests.booking.antifraud.gate.people import under_review
from tests.support.country import a_colleague

NOTHING = "Nothing that you may open has this reference or name."


def searching(browser):
    browser.go("/language/en?back=/staff/find")
    csrf = browser.text.partition('name="csrf" value="')[2].partition('"')[0]
    return lambda text: browser.post("/staff/find", {"csrf": csrf, "palette": text})


def test_references_pages_and_colleagues_are_found_and_people_only_by_the_counter(core, staff):
    clerk, manager = searching(staff(Role.OFFICER)), searching(staff(Role.ADMINISTRATOR))
    _, reference = under_review(core)
    name = "reviewer-"
    a_colleague(core, Role.REVIEWER)

    typed = f" {reference[:3]}-{reference[3:]} ".lower()
    assert clerk(typed).path == f"/desk/reviews/{reference}"
    assert clerk("طلبات بانتظار").path == "/desk"
    assert clerk("Urgent cases").path == "/desk/urgent"  # not what hands them over
    assert NOTHING in clerk(name).text
    assert clerk(name).send().path == "/desk/today"  # where the search is on record
    assert manager(name).path.startswith("/admin/staff/")
    assert NOTHING in manager(typed).text
    assert manager("13000000005").forms() == []
