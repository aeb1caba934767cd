"""Answers are kept by one statement: what else was kept or sent since the form was read is never overwritten."""

from dataclasses import replace

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from booking.eservices.online.answer import CaseForm, Part, keep_locked, keep_part, keep_parts, own_form
from booking.eservices.online.rows import OneCase
from booking.eservices.online.send import withdraw_case_in
from booking.platform.base.errors import IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.models.online.case import OnlineState
from tests.support.meanwhile import refused_after, right_after
from tests.support.online_cases import INSURANCE, a_filled_draft, sent, stored
from tests.support.roles import past_the_roles

pytestmark = pytest.mark.neighbours

READ = "FROM online_case"


@pytest.fixture
def draft(country):
    """A form of two parts, filled in."""
    return a_filled_draft(country, INSURANCE)


def keep(core, asked, **typed):
    """Keep answers to the part of the first of them, all else in it as it is."""
    own = {"account_id": asked.account, "reference": asked.reference}
    before = {code: str(answer) for code, answer in own_form(core, **own).answers.items()}
    return lambda: keep_part(core, **own, code=next(iter(typed)), typed=before | typed)


def answers(core, asked):
    return own_form(core, account_id=asked.account, reference=asked.reference).answers


def part(core, asked, **typed):
    """What was typed for the part of the first of these answers, all of it."""
    return Part(OneCase(core, asked.account, asked.reference), next(iter(typed)), typed)


CAR = {"make": "Kia Rio", "months": "6"}
PLATE = {"plate-governorate": "damascus", "plate": "765432", "vehicle-class": "private"}


def test_of_answers_kept_together_each_fares_as_if_it_came_alone(country, draft):
    day = country.today().isoformat()
    late, other = a_filled_draft(country, INSURANCE), a_filled_draft(country, INSURANCE)
    sent(country, late)

    kept = keep_parts(
        [
            part(country, draft, **PLATE),
            part(country, replace(draft, account=other.account), **PLATE),
            part(country, other, **CAR | {"starts": day}),
            part(country, other, **CAR | {"starts": day, "months": "often"}),
            part(country, late, **PLATE),
        ]
    )

    assert [type(one) for one in kept[1::2]] == [NotFoundError, InvalidInputError]
    assert isinstance(kept[4], IllegalMoveError)
    assert answers(country, draft) == kept[0].answers
    assert answers(country, other) == kept[2].answers
    assert (kept[0].answers["plate"], kept[2].answers["make"]) == ("765432", "Kia Rio")


def test_of_two_answers_to_a_case_that_come_together_one_waits_and_neither_is_lost(country, draft):
    day = country.today().isoformat()
    both = [part(country, draft, **PLATE), part(country, draft, **CAR | {"starts": day})]

    kept = keep_parts(both)
    [waited] = [one for one, done in zip(both, kept, strict=True) if done is None]
    locks, engine = [], country.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note := lambda *call: locks.append("FOR UPDATE" in call[2]))
    wrong, later = (
        part(country, draft, **PLATE | {"plate": "none"}),
        part(country, draft, **PLATE | {"plate": "765433"}),
    )
    held = keep_locked([waited, wrong, later])
    event.remove(engine, "before_cursor_execute", note)

    assert [type(one) for one in held] == [CaseForm, InvalidInputError, CaseForm]
    assert answers(country, draft) == held[2].answers
    assert held[2].answers.items() >= {"plate": "765433", "make": "Kia Rio"}.items()
    assert sum(locks) == 1, "however many wait for a case, they wait once"


REFUSING = """
CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE check_violation; END $$;
CREATE TRIGGER refuse_one BEFORE UPDATE ON online_case FOR EACH ROW WHEN (NEW.reference = '{}')
EXECUTE FUNCTION refuse_one()
"""


def test_what_the_database_refuses_of_answers_kept_together_fails_none_of_the_others(country, draft):
    other, before = a_filled_draft(country, INSURANCE), answers(country, draft)
    both = [part(country, one, **PLATE) for one in (draft, other)]
    with past_the_roles(country) as session:
        session.execute(text(REFUSING.format(draft.reference)))
    try:
        together, (refused, kept) = keep_parts(both), keep_locked(both)
        [alone, wrong] = keep_parts([both[0], part(country, other, **PLATE | {"plate": "none"})])
    finally:
        with past_the_roles(country) as session:
            session.execute(text("DROP FUNCTION refuse_one CASCADE"))

    assert [*together, alone] == [None, None, None]
    assert isinstance(refused, IntegrityError)
    assert isinstance(wrong, InvalidInputError), "its own answer, not what the database said of the other one"
    assert answers(country, draft) == before
    assert answers(country, other) == kept.answers


def test_two_parts_kept_at_once_are_both_kept(country, draft):
    first, second = keep(country, draft, plate="765432"), keep(country, draft, make="Kia Rio")
    with right_after(country, READ, second):
        form = first()

    assert (form.answers["plate"], form.answers["make"]) == ("765432", "Kia Rio")
    assert answers(country, draft) == form.answers


def test_of_one_part_kept_twice_at_once_the_last_one_stays(country, draft):
    first, second = keep(country, draft, plate="765432"), keep(country, draft, plate="111111")
    with right_after(country, READ, second):
        first()

    assert answers(country, draft)["plate"] == "765432"


def test_a_case_that_was_sent_meanwhile_is_not_changed(country, draft):
    late, before = keep(country, draft, plate="765432"), answers(country, draft)
    with right_after(country, READ, lambda: sent(country, draft)), pytest.raises(IllegalMoveError):
        late()

    assert stored(country, draft.reference).state is OnlineState.AWAITING_PAYMENT
    assert answers(country, draft) == before


def test_answers_wait_for_a_case_that_is_being_taken_back(country, draft):
    late, before = keep(country, draft, plate="765432"), answers(country, draft)

    def take_back(session):
        withdraw_case_in(session, country, account_id=draft.account, reference=draft.reference)

    assert isinstance(refused_after(country, take_back, late), IllegalMoveError)
    assert answers(country, draft) == before
