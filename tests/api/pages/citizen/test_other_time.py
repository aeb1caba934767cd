"""A holder says which day they prefer, sees that the appointment stays, gets it in the night, and reads how it went."""

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from api.deps import LANGUAGE_COOKIE
from booking.entrypoints.commands.exchange import app as commands
from booking.platform.models import Appointment, AppointmentPlaces, Draw, SlotPool, SwapEntry, SwapOutcome, SwapWish
from booking.platform.models.states import AppointmentState, DrawState, Pool
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.nights import announce, close
from booking.scheduling.swaps.schedule import forget_nights
from booking.scheduling.swaps.wish import Wished
from tests.booking.desk.counter.visits import a_visit


@pytest.fixture
def visit(core):
    """An appointment in a place of the draw, as after a draw that gave the days around it."""
    visit = a_visit(core, days=4)
    with core.sessions.begin() as session:
        place = session.scalars(
            select(AppointmentPlaces).join(Appointment).where(Appointment.reference == visit.reference)
        ).one()
        for pool, change in ((Pool.INSTANT, -1), (Pool.DRAW, 1)):
            session.execute(
                update(SlotPool)
                .where(SlotPool.slot_id == place.slot_id, SlotPool.pool == pool)
                .values(taken=SlotPool.taken + change * place.places)
            )
        place.pool = Pool.DRAW
    return visit


@pytest.fixture
def amal(sign_in, visit):
    return sign_in(visit.account_id).given(LANGUAGE_COOKIE, "en")


def days_away(core, days):
    return (core.today() + timedelta(days=days)).isoformat()


def test_a_holder_wishes_is_moved_in_the_night_and_reads_how_it_went(core, amal, visit, clock, tmp_path):
    amal.go(f"/appointments/{visit.reference}")
    assert "I would rather come another day" in amal.text
    amal.go(f"/appointments/{visit.reference}/other")
    amal.send(office_1="damascus", first_1=days_away(core, 5), last_1=days_away(core, 9))
    assert "We look for it each night." in amal.text
    assert "This appointment stays yours until" in amal.text

    with core.sessions.begin() as session:
        session.execute(update(Draw).values(state=DrawState.ABANDONED, reason="for the test"))
        session.add(_a_draw_that_gave(core))
    announce(core, reference="x-1", closes_at=core.clock.now() + timedelta(hours=1))
    amal.go(f"/appointments/{visit.reference}")
    own = amal.client.get(f"/appointments/{visit.reference}/other/wish.json")
    assert own.headers["content-disposition"] == f'attachment; filename="mawid-wish-{visit.reference}.json"'
    assert Wished.of(own.json()["wish"]).receipt().hex() in amal.text
    (tmp_path / "wish.json").write_bytes(own.content)
    clock.advance(timedelta(hours=1))
    close(core, "x-1")
    amal.go(f"/appointments/{visit.reference}")
    assert "exchange is being decided" in amal.text
    decide(core, "x-1")

    after = visit.row
    assert after.starts_at > visit.starts_at
    amal.go(f"/appointments/{visit.reference}")
    assert "This is the appointment that you preferred." in amal.text
    amal.go("/exchange/x-1")
    assert "People who took part" in amal.text
    part = amal.client.get(f"/appointments/{visit.reference}/other/part.json")
    assert part.headers["content-disposition"] == f'attachment; filename="{visit.reference}.json"'
    (tmp_path / "part.json").write_bytes(part.content)
    answer = amal.client.get("/exchange/x-1/all.zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert "x-1" in amal.go("/exchange").text

    with ZipFile(BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path / "night")
    checked = CliRunner().invoke(commands, ["verify", str(tmp_path / "night"), "--part", str(tmp_path / "part.json")])
    assert checked.exit_code == 0, checked.output
    local = after.starts_at.astimezone(ZoneInfo("Asia/Damascus")).date().isoformat()
    assert f"the rule gives you: damascus {local}" in checked.output
    checked = CliRunner().invoke(commands, ["verify", str(tmp_path / "night"), "--part", str(tmp_path / "wish.json")])
    assert "your wish took part as you made it: size 1, line 0" in checked.output
    (tmp_path / "night" / "outcome.json").write_bytes(b"{}")
    assert CliRunner().invoke(commands, ["verify", str(tmp_path / "night")]).exit_code == 1


def test_a_holder_who_changes_while_a_night_counts_on_them_is_left_out_of_it(core, amal, visit, clock):
    amal.go(f"/appointments/{visit.reference}/other")
    amal.send(office_1="damascus", first_1=days_away(core, 5), last_1=days_away(core, 9))
    with core.sessions.begin() as session:
        session.execute(update(Draw).values(state=DrawState.ABANDONED, reason="for the test"))
        session.add(_a_draw_that_gave(core))
    announce(core, reference="x-1", closes_at=core.clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    close(core, "x-1")
    amal.go(f"/appointments/{visit.reference}/time")
    amal.go(re.findall(rf'href="(/appointments/{visit.reference}/time/\d+)"', amal.text)[-1])
    assert "We then stop looking for another appointment each night." in amal.text
    amal.send()
    assert "Your appointment is changed." in amal.text
    decide(core, "x-1")
    with core.sessions.begin() as session:
        [entry] = session.scalars(select(SwapEntry))
        assert (entry.outcome, visit.row.state) == (SwapOutcome.LEFT, AppointmentState.CANCELLED)
    forget_nights(core)
    with core.sessions() as session:
        assert session.scalars(select(SwapWish)).all() == []
    assert "Show the pass" in amal.go(amal.path).text


def test_a_holder_stops_looking(core, amal, visit):
    amal.go(f"/appointments/{visit.reference}/other")
    amal.send(office_1="damascus", first_1=days_away(core, 5))
    forms = [form.action.rpartition("/")[2] for form in amal.forms()]
    amal.send(forms.index("end"))
    assert "We stopped looking." in amal.text
    with core.sessions() as session:
        assert session.scalars(select(SwapWish)).all() == []


def test_what_cannot_be_read_is_shown_again_with_all_that_was_typed(core, amal, visit):
    amal.go(f"/appointments/{visit.reference}/other")
    amal.send(office_1="aleppo", first_1="", office_2="damascus", first_2=days_away(core, 9), last_2=days_away(core, 8))
    assert amal.status == 422
    assert 'value="aleppo" selected' in amal.text
    assert days_away(core, 8) in amal.text


def test_what_was_booked_at_once_has_no_such_way(core, sign_in):
    visit = a_visit(core, days=4)
    other = sign_in(visit.account_id).given(LANGUAGE_COOKIE, "en")
    assert "I would rather come another day" not in other.go(f"/appointments/{visit.reference}").text
    assert_closed(core, other, visit)


def test_what_is_too_near_says_so_and_what_can_be_done_instead(core, sign_in, visit, clock):
    ways = [f"/appointments/{visit.reference}/{way}" for way in ("time", "move", "cancel")]
    for hours, open_ways in ((30, ways), (20, ways[2:]), (0, [])):
        clock.set(visit.starts_at - timedelta(hours=hours))
        holder = sign_in(visit.account_id).given(LANGUAGE_COOKIE, "en")
        assert_closed(core, holder, visit)
        assert [way for way in ways if way in holder.text] == open_ways


def assert_closed(core, holder, visit):
    """The page of another time says why there is no form; a form that is sent anyway is refused."""
    token = holder.go(f"/appointments/{visit.reference}/cancel").forms()[0].fields["csrf"]
    wished = {"csrf": token, "office_1": ["damascus"], "first_1": [days_away(core, 5)]}
    page = f"/appointments/{visit.reference}/other"
    for look in (lambda: holder.post(page, wished), lambda: holder.go(page)):
        assert look().status == 409
        assert "This appointment cannot be exchanged" in holder.text
        assert "office_1" not in holder.text
    with core.sessions() as session:
        assert session.scalars(select(SwapWish)).all() == []


def _a_draw_that_gave(core):
    return Draw(
        reference="gave",
        state=DrawState.DRAWN,
        opens_at=core.clock.now() - timedelta(days=2),
        closes_at=core.clock.now() - timedelta(days=1),
        horizon_first=core.today(),
        horizon_last=core.today() + timedelta(days=20),
        confirm_seconds=60,
        seed_commitment=b"x",
        seed_ciphertext=b"x",
        figures={},
        announced_at=core.clock.now() - timedelta(days=2),
    )
