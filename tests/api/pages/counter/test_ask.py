"""At the counter: a man without a phone takes a printed receipt home, and comes back to confirm."""

import re

from sqlalchemy import select

from booking.antifraud.gate.versions import publish_limits
from booking.platform.models import Request
from booking.platform.models.states import Role
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import a_typed_person, eligible_number


def test_a_clerk_asks_for_a_man_without_a_phone_until_he_has_a_pass(core, staff, browser, a_draw, draw_it):
    draw = a_draw()
    clerk, number = staff(Role.OFFICER), a_typed_person(core).number
    clerk.go("/desk/ask").send(name="حسن الخيالي", national_number="12", birth_day="3", service="passport-renewal")
    assert clerk.status == 422
    assert "حسن الخيالي" in clerk.text
    clerk.send(
        name="حسن الخيالي", national_number=number, birth_day="3", birth_month="4", birth_year="1950",
        service="passport-renewal",
    )  # fmt: skip
    assert clerk.status == 200, clerk.text
    assert 'name="also"' not in clerk.text  # nothing that a branch offers goes with a passport of the same person
    clerk.send(weekdays=None)
    assert clerk.status == 422
    clerk.send(weekdays=[6, 0, 1, 2, 3])
    assert re.fullmatch(r"/desk/ask/[0-9A-Z]{9}", clerk.path), clerk.text
    page, reference = clerk.path, clerk.path[-9:]
    assert "حسن الخيالي" in clerk.text
    assert number not in clerk.text
    assert "48 ساعة" in clerk.text or "يومان" in clerk.text

    browser.go("/status").send(reference=reference, national_number=eligible_number(core))
    assert browser.status == 422
    browser.send(reference=reference, national_number=number)
    assert browser.status == 200, browser.text
    assert "حسن" not in browser.text

    draw_it(draw)
    clerk = staff(Role.SUPERVISOR).go(f"/desk/ask?reference={reference[:3]}-{reference[3:6]}-{reference[6:]}")
    assert clerk.path == page
    clerk.send()
    assert clerk.path == page
    assert "<svg" in clerk.text
    assert staff(Role.OFFICER, "berlin").go(page).status == 403
    assert clerk.go("/desk/ask?reference=nothing").status == 422


def test_a_consulates_receipt_names_its_time_zone(core, staff, a_draw, draw_it):
    draw, clerk = a_draw(), staff(Role.OFFICER, "berlin").go("/desk/ask")
    number = a_typed_person(core).number
    clerk.send(
        name="حسن الخيالي", national_number=number, birth_day="3", birth_month="4", birth_year="1950",
        service="passport-renewal",
    )  # fmt: skip
    clerk.send(weekdays=[6, 0, 1, 2, 3, 4])
    page = clerk.path
    assert re.fullmatch(r"/desk/ask/[0-9A-Z]{9}", page), clerk.text
    draw_it(draw)
    clerk = staff(Role.OFFICER, "berlin").go(page)
    assert clerk.status == 200
    assert "بتوقيت مكان القنصلية" in clerk.text


def test_a_consulates_clerk_asks_for_two_services_of_one_visit(core, staff, a_draw):
    a_draw()
    clerk = staff(Role.OFFICER, "berlin").go("/language/en").go("/desk/ask")
    clerk.send(
        name="حسن الخيالي", national_number=a_typed_person(core).number,
        birth_day="3", birth_month="4", birth_year="1950", service="passport-renewal",
    )  # fmt: skip
    clerk.send(weekdays=[], also=["power-of-attorney-abroad"])
    assert clerk.status == 422
    assert re.search(r'value="power-of-attorney-abroad" checked', clerk.text)

    publish_limits(core, changes={"services": 1})
    clerk.send(weekdays=[6, 0, 1, 2, 3, 4])
    assert clerk.status == 422, "what was ticked before the policy changed is refused, and not left out"
    assert 'name="also"' not in clerk.text
    publish_limits(core, changes={"services": 2})
    clerk.send(weekdays=[6, 0, 1, 2, 3, 4], also=["power-of-attorney-abroad"])

    with core.sessions() as session:
        request = session.scalars(select(Request)).one()
        services = [service.code for service in request.services]
    assert services == ["passport-renewal", "power-of-attorney-abroad"]
    assert request.units == 2
    assert "Power of attorney" in clerk.text


def test_a_clerk_sees_that_the_known_name_is_used(core, staff, a_draw):
    a_draw()
    clerk, number = staff(Role.OFFICER).go("/language/en"), a_typed_person(core).number
    for name, told in (("حسن الخيالي", False), ("حسين خيالي", True)):
        clerk.go("/desk/ask").send(
            name=name, national_number=number, birth_day="3", birth_month="4", birth_year="1950",
            service="passport-renewal",
        )  # fmt: skip
        clerk.send()
        assert ("This person is known under the name below." in clerk.text) == told, clerk.text
        assert "حسن الخيالي" in clerk.text
        reference = re.search(r"/desk/ask/(\w{9})", clerk.path).group(1)
        with core.sessions() as session:
            request = session.scalars(select(Request).where(Request.reference == reference)).one()
        withdraw(core, account_id=request.account_id, reference=reference)
    assert "حسين" not in clerk.path + clerk.text
