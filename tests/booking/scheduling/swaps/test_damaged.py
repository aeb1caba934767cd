"""A decided night that somebody damages: it gives out what it can, may be mended, and ends; the next one comes."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from booking.country.core import audit
from booking.eservices.credentials.documents import own_pass
from booking.eservices.credentials.status import status_list
from booking.platform.base.vault import Vault
from booking.platform.models import AuditEntry, IssuedCredential, LogEntry, SwapNight, SwapOutcome, SwapState
from booking.platform.models.states import Pool
from booking.scheduling.swaps import give_out
from booking.scheduling.swaps.carry_out import keep_outcomes
from booking.scheduling.swaps.damaged import MENDED_WITHIN, Damage
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.errors import DamagedNightError
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.nights import found as found_night
from booking.scheduling.swaps.schedule import advance_swaps
from booking.scheduling.swaps.verification import verify_files
from booking.transparency.log.audit_heads import append_head_in
from booking.transparency.log.log import sequence
from tests.booking.desk.counter.closed_days import DAY, an_appointment, check_places, found, told
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import (
    KilledError,
    any_time,
    closed,
    day_of,
    killed_at,
    outcomes,
    waiting,
    wishes,
)
from tests.support.roles import past_the_roles

FIRST, SECOND, THIRD = FIRST_DAY, FIRST_DAY + DAY, FIRST_DAY + 2 * DAY
MOVED, NO_PLACE, KEPT = [SwapOutcome.MOVED], [SwapOutcome.NO_PLACE], [SwapOutcome.KEPT]


@pytest.fixture
def holders(world, days, monkeypatch):
    """Two at *a* and two at *b* who move, the second of *b* to the place of the first, and one who does not.

    Their night is decided, and its process died before anybody moved; it gives out one chain at a time.
    """
    monkeypatch.setattr(give_out, "_AT_ONCE", 1)
    world.office("b")
    early, _, late = (world.slots("b", day, {Pool.DRAW: [1]})[0] for day in (FIRST, SECOND, THIRD))
    have = [("a", days[0][0]), ("a", days[0][1]), ("b", early), ("b", late), ("a", days[2][0])]
    holders = [an_appointment(world, {slot: 1}, office) for office, slot in have]
    for holder, (office, _), day in zip(holders, have, [SECOND, SECOND, SECOND, FIRST, FIRST + 20 * DAY], strict=True):
        wishes(world, holder, any_time(office, day))
    closed(world)
    with pytest.raises(KilledError), killed_at(world, 2):
        decide(world.core, "x-1")
    return holders


def became(world, holders):
    return [outcomes(world, one) for one in holders]


def rename(world, before, after):
    with world.core.sessions.begin() as session:
        session.execute(
            text("UPDATE office SET code = :after WHERE code = :before"), {"before": before, "after": after}
        )


def damage_by(world, statement, **values):
    """An insider with all rights on the database changes it, past its guards."""
    with past_the_roles(world.core) as session:
        session.execute(text("SET session_replication_role = replica"))
        session.execute(text(statement), values)


@pytest.mark.parametrize("mended", [True, False])
def test_a_renamed_office_holds_its_own_moves_alone_until_it_is_mended_or_too_late(world, holders, mended):
    had = day_of(world, holders[2]), day_of(world, holders[3])
    rename(world, "b", "renamed")
    assert decide(world.core, "x-1").waits_for == Damage.ROWS
    assert advance_swaps(world.core) == ["x-1 waits: damaged_rows"]
    assert became(world, holders) == [MOVED, MOVED, [None], [None], KEPT]
    if mended:
        rename(world, "renamed", "b")
        assert advance_swaps(world.core) == ["x-1 waits: damaged_rows"]  # looked at again in ten minutes, or when asked
    else:
        ahead = world.clock.now() + 365 * DAY  # a time that nobody waits for
        damage_by(world, "UPDATE swap_night SET looked_at = :ahead WHERE reference = 'x-1'", ahead=ahead)
        world.clock.advance(MENDED_WITHIN)
    done = advance_swaps(world.core, at_once=mended)
    assert (done[0], len(done), done[1].endswith(" announced")) == ("x-1 done", 2, True)

    assert became(world, holders) == [MOVED, MOVED, *([MOVED, MOVED] if mended else [NO_PLACE, NO_PLACE]), KEPT]
    assert ((day_of(world, holders[2]), day_of(world, holders[3])) == had) is not mended
    check_places(world)
    moved = 4 if mended else 2
    assert verify_files(night_files(world.core, "x-1"))[-1].startswith(f"{moved} moved; {4 - moved} could not any more")
    with world.session() as session:
        steps = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "x-1")).all()
    assert (steps.count("exchange.damaged"), steps.count("exchange.withheld")) == (1, not mended)


def test_an_entry_that_was_planted_before_ends_no_damaged_night(world, holders):
    """The twelve hours are counted from when the public log had it, if that was after the night was decided."""
    with world.core.sessions.begin() as session:
        before = world.clock.now() - 2 * MENDED_WITHIN
        planted = {"actor": "exchange", "action": "exchange.damaged", "subject": "x-1"}
        _, unreadable = (audit.append(session, at=before, **planted).sequence for _ in range(2))
        first = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).first()
        append_head_in(session, world.core, first.sequence, first.hash)
    sequence(world.core)
    damage_by(world, "UPDATE audit_entry SET at = 'infinity' WHERE sequence = :number", number=unreadable)
    change = "UPDATE audit_entry SET action = :action, subject = :subject WHERE sequence = :number"
    damage_by(world, change, number=first.sequence, action="exchange.damaged", subject="x-1")
    world.clock.advance(MENDED_WITHIN)
    rename(world, "b", "renamed")
    assert decide(world.core, "x-1").waits_for == Damage.ROWS
    world.clock.advance(MENDED_WITHIN - DAY / 1440)
    assert decide(world.core, "x-1").waits_for == Damage.ROWS
    world.clock.advance(DAY / 1440)
    assert decide(world.core, "x-1").state is SwapState.DONE


def test_whoever_counts_on_somebody_who_cannot_move_stays_and_nobody_else(world, holders):
    """The appointment behind one number is another one; the places are as they were."""
    damage_by(
        world,
        "UPDATE swap_entry SET appointment_id = :other WHERE appointment_id = :own",
        own=found(world, holders[2]).id,
        other=found(world, holders[4]).id,
    )
    assert decide(world.core, "x-1").waits_for == Damage.ROWS
    world.clock.advance(MENDED_WITHIN)
    assert decide(world.core, "x-1").figures == {"holders": 5, "moved": 2, "first_wish": 4, "left": 2}
    assert [day_of(world, one) for one in holders[2:4]] == [FIRST, THIRD]
    check_places(world)


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ("UPDATE swap_night SET places = '{}'", 0),
        ("UPDATE swap_entry SET places = '[[\"x\", 1]]' WHERE appointment_id = :own", 2),
    ],
)
def test_places_that_cannot_be_read_hold_those_who_count_on_them(world, holders, change, moved):
    damage_by(world, change, own=found(world, holders[2]).id)
    assert decide(world.core, "x-1").waits_for == Damage.ROWS
    world.clock.advance(MENDED_WITHIN)
    assert decide(world.core, "x-1").figures["moved"] == moved
    assert became(world, holders) == [*[MOVED] * moved, *[NO_PLACE] * (4 - moved), KEPT]


def test_a_new_lasting_key_keeps_nobody_from_moving(world, holders):
    secret = world.core.settings.secret_key.get_secret_value().encode()
    with_another = replace(world.core, vault=Vault(secret, lasting=(*world.core.vault.lasting, b"another")))
    assert decide(with_another, "x-1").figures["moved"] == 4


def test_what_became_of_somebody_is_said_once_and_found_again_where_it_was_removed(world, holders):
    with pytest.raises(KilledError), killed_at(world, 2):
        decide(world.core, "x-1")
    first, *_ = [one for one in holders if outcomes(world, one) == MOVED]
    with world.session() as session:
        night = found_night(session, "x-1")
    erase = "UPDATE swap_entry SET outcome = NULL WHERE outcome IS NOT NULL"
    for change, why in {erase: "never changes", "DELETE FROM swap_entry": "until it is over"}.items():
        with pytest.raises(DBAPIError, match=why), world.core.sessions.begin() as session:
            session.execute(text(change))
    with pytest.raises(DamagedNightError), world.core.sessions.begin() as session:
        keep_outcomes(session, night, {(1, number): SwapOutcome.LEFT for number in range(5)})
    damage_by(world, erase)

    assert decide(world.core, "x-1").state is SwapState.DONE
    assert became(world, holders) == [*[MOVED] * 4, KEPT]
    assert told(world, first) == ["exchanged"]
    check_places(world)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE swap_night SET beacon_signature = '\\x00'",
        "UPDATE swap_night SET inputs = '{}', closes_at = '2099-01-01'",
        "UPDATE log_entry SET key = 'x-7' WHERE kind = 'exchange_statement'",
        "UPDATE swap_night SET seed_ciphertext = '\\x00'",
    ],
)
def test_a_night_that_cannot_be_worked_out_again_is_given_up_with_what_it_gave(world, holders, damage):
    with pytest.raises(KilledError), killed_at(world, 2):
        decide(world.core, "x-1")
    damage_by(world, damage)
    assert advance_swaps(world.core) == ["x-1 waits: damaged_decision"]
    world.clock.advance(MENDED_WITHIN)
    done = advance_swaps(world.core)
    assert (done[0], done[1].endswith(" announced")) == ("x-1 abandoned", True)

    moved = became(world, holders).count(MOVED)
    assert len(waiting(world)) == len(holders) - moved < len(holders)
    with world.session() as session:
        night = found_night(session, "x-1")
        last = session.scalars(
            select(LogEntry.kind).where(LogEntry.key == "x-1").order_by(LogEntry.index.desc())
        ).first()
    assert (night.figures, night.seed, last) == ({"moved": moved}, None, "exchange_abandoned")
    check_places(world)


def test_a_pass_that_was_made_after_the_move_holds_while_its_night_goes_on(world, holders):
    with pytest.raises(KilledError), killed_at(world, 2):
        decide(world.core, "x-1")
    first, *_ = [one for one in holders if outcomes(world, one) == MOVED]
    account, stays = found(world, first).request.account_id, found(world, holders[4]).id

    def ends(position, appointment_id):
        world.clock.advance(DAY / 1440)
        before = status_list(world.core, 0).same.split()[2]
        with world.core.sessions.begin() as session:
            row = IssuedCredential(
                list=0, position=position, appointment_id=appointment_id, issued_at=world.clock.now()
            )
            session.add(row)
        return status_list(world.core, 0).same.split()[2] != before

    assert not ends(1, found(world, first).id)
    assert not ends(2, stays)
    with world.core.sessions.begin() as session:
        since = own_pass(session, world.core, account_id=account, reference=first).since
        assert session.scalars(select(SwapNight.state)).one() is SwapState.CLOSED
    assert since < world.clock.now()
