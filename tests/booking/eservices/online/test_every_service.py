"""Every service that is asked for online: a wrong case is refused with words, a right one is issued and verifies."""

from collections.abc import Sequence
from datetime import date

import pytest

from api.i18n import load_words
from api.problems.fields import SENTENCES, field_sentence
from booking.country.packs.loading import load_pack
from booking.country.packs.schema import Pack, ServiceSpec
from booking.eservices.online import decide
from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.eservices.online.check import Standing, check_result, code_of, make_certificate
from booking.eservices.online.send import send_case, withdraw_case
from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import InvalidInputError
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import Door
from tests.support.country import BORN, START, a_member, an_account, an_origin, cheap_settings
from tests.support.effort import Effort
from tests.support.online_cases import Asked, a_caseworker, decided, pay, put_papers, result_of, stored, valid_answers

ONLINE = [one for one in load_pack("syria").services if one.online]


def kinds_of(service: ServiceSpec) -> set[object]:
    """Whatever makes asking for a service another thing than asking for the next one."""
    kinds = {
        (one.answer.type, one.answer.format, one.required, bool(one.choices), bool(one.answer.pattern))
        for one in service.fields
    }
    kinds |= {("needs", one.valid, one.service is None, one.when is None) for one in service.prerequisites}
    kinds |= {("result", service.result.kind, service.issued_at_once, bool(service.result.once_for))}
    eligible = service.eligibility
    kinds |= {("age", eligible.min_age is None, eligible.max_age is None), ("reason", eligible.reason)}
    return kinds | {service.audience, service.delivery, ("papers", bool(service.documents), service.originals is None)}


def some_of_every_kind(services: Sequence[ServiceSpec]) -> list[ServiceSpec]:
    """So many services that they have all kinds between them; each night all."""
    if Effort.thorough:
        return list(services)
    chosen, left = [], set[object]().union(*map(kinds_of, services))
    while left:
        chosen.append(max(services, key=lambda one: len(kinds_of(one) & left)))
        left -= kinds_of(chosen[-1])
    return chosen


TRIED = [one.code for one in some_of_every_kind(ONLINE)]
ON_PAPER = frozenset(TRIED[::14])
"""Drawing a paper takes a while; a few of them stand for all."""
WRONG = {"string": "x" * 2001, "integer": "seven", "number": "seven", "boolean": "perhaps"}


@pytest.fixture(scope="module")
def core(new_country, _servers):
    """A country for all services."""
    url = f"{_servers[1].url}?db=15"
    with open_core(cheap_settings(), database_url=new_country(), redis_url=url, clock=SettableClock(START)) as core:
        yield core


@pytest.fixture(scope="module")
def officers(core):
    """Somebody at every agency."""
    agencies = {one.agency for one in core.pack.services if one.online}
    return {agency: a_caseworker(core, agency) for agency in agencies}


@pytest.fixture(scope="module")
def people(core):
    """An account at home and one abroad, each with an adult and a child, by residence and age."""
    found = {}
    for door, residence in ((Door.HOME, "resident"), (Door.ABROAD, "expatriate")):
        account = an_account(core, door=door)
        for grown, born in ((True, BORN), (False, date(2012, 5, 17))):
            member = a_member(core, account, name="كريم الخيالي", born=born)
            found[residence, grown] = account, member
    return found


@pytest.fixture(scope="module")
def issued(core, people, officers):
    """Ask for a service, once, after what must be there first, and have it issued."""
    done = {}

    def make(code: str) -> Asked:
        if code not in done:
            done[code] = an_issued_one(core, people, officers, make, code)
        return done[code]

    return make


def an_issued_one(core, people, officers, issued, code: str) -> Asked:
    spec = core.pack.service(code)
    residence = "expatriate" if spec.audience == "expatriate" else "resident"
    account, member = people[residence, spec.eligibility.max_age is None or spec.eligibility.max_age > 18]
    answers = valid_answers(core, spec)
    for first in spec.prerequisites_for(answers):
        if first.service is not None:
            issued(first.service)
    reference = begin_case(core, account_id=account, service=code, member_id=member)
    keep_answers(core, account_id=account, reference=reference, answers=answers)
    put_papers(core, reference)
    asked = Asked(account, member, reference)
    if send_case(core, account_id=account, reference=reference, declared=True).unpaid is not None:
        pay(core, asked)
    if stored(core, reference).state is OnlineState.SUBMITTED:
        officer = officers[spec.agency]
        decided(core, asked, officer)
        day = date(2026, 11, 22) if spec.result.kind == "appointment" else None
        decide.issue(core, officer_id=officer, reference=reference, day=day, time="09:30", place="المبنى الثاني")
    return asked


@pytest.mark.parametrize("code", TRIED)
def test_a_valid_case_is_issued_and_verifies_and_an_invalid_one_is_refused(core, issued, code):
    spec = core.pack.service(code)
    asked = issued(code)
    assert stored(core, asked.reference).state is OnlineState.ISSUED
    if spec.result.kind != "none":
        result = result_of(core, asked.reference)
        checked = check_result(core, code_of(core, result), origin=an_origin())
        assert checked.standing in {Standing.VALID, Standing.NOT_YET}
        shown = {row.code for row in checked.content.rows}
        assert set(spec.result.shown) - shown <= {one.code for one in spec.fields if not one.required}
        if code in ON_PAPER:
            assert make_certificate(core, result, spec).startswith(b"%PDF-1.7")

    reference = begin_case(core, account_id=asked.account, service=code, member_id=asked.member)
    words = load_words(core.settings)["ar"]
    wrong = {one.code: WRONG[one.answer.type] for one in spec.fields}
    with pytest.raises(InvalidInputError) as refused:
        keep_answers(core, account_id=asked.account, reference=reference, answers=wrong | {"unasked": "1"})
    assert {one.field for one in refused.value.errors} == {*wrong, "unasked"}
    for one in refused.value.errors:
        assert one.reason in SENTENCES
        assert field_sentence(one.field, one.reason, one.values, words)
    with pytest.raises(InvalidInputError):
        send_case(core, account_id=asked.account, reference=reference, declared=True)
    withdraw_case(core, account_id=asked.account, reference=reference)


def test_every_group_has_services() -> None:
    pack: Pack = load_pack("syria")
    assert len(ONLINE) > 40
    assert {one.group for one in ONLINE} == {one.code for one in pack.groups}
