"""The hall as a clerk works it, as everyone with a number sees it, and as a person sees their own wait."""

import re

import pytest

from api.deps import LANGUAGE_COOKIE
from booking.platform.models.states import Role
from tests.booking.desk.hall.halls import a_hall


@pytest.fixture
def hall(core):
    return a_hall(core)


@pytest.fixture
def clerk(staff, hall):
    return staff(Role.OFFICER, "damascus").given(LANGUAGE_COOKIE, "en")


def test_appointments_are_called_sent_on_put_back_and_served(hall, clerk):
    for visit in hall.visits:
        hall.come(visit)
    clerk.go("/desk/hall").send(action="call", counter="3")
    assert clerk.path == "/desk/hall?counter=3"
    assert hall.visits[0].reference in clerk.text.replace("-", "")
    clerk.send(send="1", to="")
    assert "Enter the number of the other counter." in clerk.text
    clerk.send(send="1", to="5")
    assert hall.visits[0].row.counter == 5
    assert "<strong>5</strong>" in clerk.go("/desk/hall").text  # who was sent on is seen there, though it called nobody
    clerk.go("/desk/hall?counter=5").send(back="1")
    assert hall.visits[0].row.called_at is None
    clerk.send(action="call", counter="5").send(served_visit=hall.visits[1].reference)
    assert hall.visits[1].row.state == "served"
    clerk.send(action="break", counter="5", minutes="0")
    assert clerk.status == 422
    clerk.send(action="break", counter="5", minutes="15")
    assert "In a break until" in clerk.text
    clerk.send(action="close", counter="5")
    assert [one.counter for one in hall.now.counters] == []


def test_every_service_of_a_visit_is_shown_with_how_many_come_for_it(hall, clerk):
    family = hall.family()
    hall.come(family)
    both = re.compile(r"Passport renewal: 1 person<br>\s*First passport: 1 person")
    assert both.search(clerk.go("/desk/hall").text)
    clerk.send(action="call", counter="3")
    assert "At my counter" in clerk.text
    assert both.search(clerk.text)


def test_priority_is_shown_with_whom_the_law_means_and_not_why(hall, clerk):
    hall.come(hall.visits[0])
    hall.come(hall.visits[1])
    clerk.go("/desk/hall")
    assert "people of 65 years or more" in clerk.text
    clerk.send(1, first="2")
    assert hall.visits[1].row.priority
    assert hall.now.line[0][0].number == 2


def test_everyone_with_a_number_reads_how_long_they_wait_and_nobodys_name(hall, clerk, new_browser):
    hall.come(hall.visits[0])
    hall.come(hall.visits[1])
    clerk.go("/desk/hall").send(action="call", counter="4")
    waiting = new_browser().given(LANGUAGE_COOKIE, "en")
    assert "minutes" in waiting.go("/wait/damascus?number=٢").text
    assert "Go to counter 4 now." in waiting.go("/wait/damascus?number=1").text
    for number in ("9", "x", "12345678"):
        assert "Nobody of this number waits here now." in waiting.go(f"/wait/damascus?number={number}").text
    assert waiting.go("/wait/nowhere").status == 404
    display = waiting.go("/calls/damascus").text
    assert "<td>1</td><td>4</td>" in display
    assert "Minutes, about" in display
    from_left = r'<bdi dir="ltr">\d+–\d+</bdi>'  # also where the page reads to the left
    assert re.search(rf"<td>2</td><td>{from_left}</td>", display)
    assert "زائر" not in display + waiting.go("/wait/damascus").text


def test_people_see_their_own_wait_on_the_day_only(hall, clerk, sign_in):
    visit = hall.visits[0]
    hall.come(hall.visits[1])
    clerk.go("/desk/hall").send(action="call", counter="4")
    citizen = sign_in(visit.account_id).given(LANGUAGE_COOKIE, "en")
    assert "Your wait" in citizen.go(f"/appointments/{visit.reference}").text
    hall.come(visit)
    assert "Your number in the hall" in citizen.go(f"/appointments/{visit.reference}").text
    clerk.go("/desk/hall").send(action="call", counter="6")
    assert "Go to counter 6 now." in citizen.go(f"/appointments/{visit.reference}").text
    hall.pass_by(-60 * 24)
    assert "Your wait" not in citizen.go(f"/appointments/{visit.reference}").text
