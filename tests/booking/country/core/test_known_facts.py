"""Many people are asked about in few questions."""

import dataclasses

from booking.country.core.known_facts import facts_of_many
from booking.country.core.register import MOST_PEOPLE, RegisterAwayError, seal_grant, seal_national_number
from booking.platform.models import HouseholdMember, Person
from booking.platform.models.identity import IdentityLevel


class Fails:
    """A register that answers all questions about many but the second one, with the number in place of facts."""

    def __init__(self):
        self.asked = []

    def facts(self, number, grant):
        return self.facts_of_many([(number, grant)])[0]

    def facts_of_many(self, asked):
        self.asked.append(len(asked))
        if len(self.asked) == 2:
            raise RegisterAwayError
        return [number for number, _ in asked]


def a_member(core, number, level=IdentityLevel.PROVEN):
    sealed = seal_national_number(core.vault, str(number))
    person = Person(national_number_ciphertext=sealed.ciphertext, national_number_hash=sealed.hash)
    member = HouseholdMember(id=number, person=person, level=level)
    if level is IdentityLevel.PROVEN:
        member.grant_ciphertext = seal_grant(core.vault, number, "a grant")
    return member


def test_a_question_that_fails_leaves_only_its_own_people_out(country):
    register = Fails()
    core = dataclasses.replace(country, register=register)
    members = [a_member(core, number) for number in range(2 * MOST_PEOPLE + 1)]
    claimed = a_member(core, 5000, IdentityLevel.CLAIMED)

    known = facts_of_many(core, [*members, claimed])

    assert register.asked == [MOST_PEOPLE, MOST_PEOPLE, 1]
    answered = [*range(MOST_PEOPLE), 2 * MOST_PEOPLE]
    assert known == {number: str(number) for number in answered} | {5000: None}
