"""The register knows the people of the demonstration, and households prove themselves as people do."""

from datetime import date

import pytest
from sqlalchemy import select

from booking.country.core.register import Identity, read_grant
from booking.country.packs.loading import load_pack
from booking.entrypoints.demo.brokers import CARDS_AT_HAND
from booking.entrypoints.demo.people import Applicant, Kind, Person
from booking.entrypoints.demo.progress import add_proven, enrol, prove
from booking.opening import open_core
from booking.people.accounts.household import add_member
from booking.people.registers.choose import invented
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Door
from tests.booking.entrypoints.demo.test_population import applicants
from tests.support.country import an_account, cheap_settings

BORN = date(1980, 1, 1)


@pytest.fixture
def settings(tmp_path):
    return cheap_settings(state_dir=tmp_path)


def applicant_of(people):
    return Applicant(1, Kind.CITIZEN, "user1", "+963940000001", "ar", Door.HOME, "10.0.0.1", "phone", BORN, people, ())


def members(core):
    with core.sessions() as session:
        rows = session.scalars(select(HouseholdMember).order_by(HouseholdMember.id))
        return [(row.level, row.proved_by, read_grant(core.vault, row)) for row in rows]


def test_the_register_knows_everyone_whom_no_hoarder_made_up(clock, settings):
    everybody = applicants(people=200)
    enrol(settings, everybody)
    register = invented(settings, load_pack("syria"), clock)

    for applicant in everybody:
        for one in applicant.people:
            said = register.match(Identity(one.number, one.name, one.born)).person
            assert (said == "yes") is not one.invented


def test_hoarders_have_the_cards_of_some_real_people_and_of_nobody_invented():
    for kind, share in CARDS_AT_HAND.items():
        people = [one for each in applicants(people=3000) if each.kind is kind for one in each.people]
        real = [one for one in people if not one.invented]

        assert not any(one.card_at_hand for one in people if one.invented)
        assert sum(one.card_at_hand for one in real) / len(real) == pytest.approx(share, abs=0.15)


@pytest.fixture
def played(settings, database_url, redis_url, clock):
    with open_core(settings, database_url=database_url, redis_url=redis_url, clock=clock) as core:
        yield core


def test_cards_prove_adults_and_a_parent_proves_a_child(played):
    parent = Person("01000000001", "أمل الخيالية", BORN, "self")
    child = Person("01000000002", "كريم الخيالي", date(2018, 5, 5), "child", card_at_hand=False)
    without = Person("01000000003", "ريم المثال", BORN, "other", card_at_hand=False)
    stranger = Person("01000000004", "نادر المثال", BORN, "other", invented=True)
    people = (parent, child, without, stranger)
    account_id = an_account(played)
    enrol(played.settings, [applicant_of(people)])
    added = [
        add_member(
            played,
            account_id=account_id,
            name=one.name,
            national_number=one.number,
            birth_date=one.born,
            relation=one.relation,
        )
        for one in people
    ]

    assert prove(played, list(zip(added, people, strict=True))) == 2

    found = members(played)
    assert [kind for _, kind, _ in found] == [ProofKind.CARD, ProofKind.GUARDIAN, None, None]
    assert [level is IdentityLevel.PROVEN for level, _, _ in found] == [True, True, False, False]
    for person, (_, _, grant) in zip(people[:2], found, strict=False):
        assert played.register.facts(person.number, grant) is not None


def test_somebody_added_with_their_card_is_proven(played):
    add_proven(
        played, account_id=an_account(played), name="أمل الخيالية", number="01000000009", born=BORN, relation="self"
    )

    assert members(played)[0][:2] == (IdentityLevel.PROVEN, ProofKind.CARD)
