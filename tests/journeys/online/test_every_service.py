"""Every service for axe, in both languages: what it is, questions, refusals, papers, review, payment, its case."""

from dataclasses import dataclass
from datetime import date

import pytest

from booking.core import sessions
from booking.models.online.states import OnlineState
from booking.models.states import Door
from booking.online import decide
from booking.online.answer import keep_answers
from booking.online.begin import begin_case
from booking.packs.loading import load_pack
from booking.packs.service import ServiceSpec
from tests.country import BORN, a_member, an_account
from tests.journeys.many_pages import ManyPages
from tests.online_cases import Asked, a_caseworker, decided, pay, put_papers, stored, valid_answers

SERVICES = load_pack("syria").services
WRONG = {"answer": "x" * 2001}
FIRST = {first.service for one in SERVICES for first in one.prerequisites}
DOORS = {"resident": Door.HOME, "expatriate": Door.ABROAD}


@dataclass(frozen=True)
class Family:
    """An account with an adult and a child, and their windows: one in each language."""

    account: object
    grown: int
    child: int
    windows: tuple[ManyPages, ManyPages]


@pytest.fixture
def families(site, visit):
    """One at home and one abroad."""
    return {residence: a_family(site, visit, door) for residence, door in DOORS.items()}


def a_family(site, visit, door: Door) -> Family:
    core, account = site.core, an_account(site.core, door=door)
    grown, child = (a_member(core, account, name="كريم الخيالي", born=born) for born in (BORN, date(2012, 5, 17)))
    windows = []
    for language, dark in (("ar", True), ("en", False)):
        visitor = visit(language=language, width=320, dark=dark)
        token, _ = sessions.create(core, account_id=account, language=language, door=door, roles=("citizen",))
        visitor.page.context.add_cookies([{"name": "mawid", "value": token, "url": site.address}])
        visitor.open("/services")
        windows.append(ManyPages(visitor.page))
    return Family(account, grown, child, tuple(windows))


def test_pages_of_every_service_have_no_accessibility_barriers(site, families):
    core = site.core
    officers = {agency: a_caseworker(core, agency) for agency in {one.agency for one in SERVICES if one.online}}
    for spec in in_order():
        family = families["expatriate" if spec.audience == "expatriate" else "resident"]
        for window in family.windows:
            assert window.look(f"/services/{spec.code}") == 200
        if spec.online:
            look_at_form(core, spec, family, officers[spec.agency])

    windows = [window for family in families.values() for window in family.windows]
    assert [fault for window in windows for fault in window.faults] == []
    assert sum(window.seen for window in windows) > 2 * 500
    assert all(window.kinds < window.seen for window in windows)


def in_order() -> list[ServiceSpec]:
    """All services, each after those that must be there first."""
    by_code, found = {one.code: one for one in SERVICES}, {}

    def put(one: ServiceSpec) -> None:
        for first in one.prerequisites:
            if first.service:
                put(by_code[first.service])
        found[one.code] = one

    for one in SERVICES:
        put(one)
    return list(found.values())


def look_at_form(core, spec: ServiceSpec, family: Family, officer) -> None:
    """Fill a form page by page, first wrong and then right, and send it; it is issued where others need it."""
    grown = spec.eligibility.max_age is None or spec.eligibility.max_age > 18
    member = family.grown if grown else family.child
    reference = begin_case(core, account_id=family.account, service=spec.code, member_id=member)
    case = f"/online/cases/{reference}"
    questions = [f"{case}/questions/{field.code}" for field in spec.fields]
    for turn, window in enumerate(family.windows):
        pages = [f"/online/services/{spec.code}", f"{case}/papers", *questions]
        refused = questions[turn::2]  # each in one language; over the catalogue each kind of question in both
        steps = [(page, None) for page in pages] + [step for one in refused for step in ((one, None), (one, WRONG))]
        assert window.look_at_all(steps) == [200] * len(pages) + [200, 422] * len(refused)
    keep_answers(core, account_id=family.account, reference=reference, answers=valid_answers(core, spec))
    put_papers(core, reference)
    for window in family.windows:
        review = f"{case}/review"
        assert window.look_at_all([(f"{case}/papers", None), (review, None), (review, {})]) == [200, 200, 422]
    assert family.windows[0].look(f"{case}/review", {"declared": "yes"}) == 200
    asked = Asked(family.account, member, reference)
    if stored(core, reference).state is OnlineState.AWAITING_PAYMENT:
        for window in family.windows:
            assert window.look(f"{case}/pay") == 200
        pay(core, asked)
    if spec.code in FIRST and stored(core, reference).state is OnlineState.SUBMITTED:
        decided(core, asked, officer)
        decide.issue(core, officer_id=officer, reference=reference, day=None, time="", place="")
    for window in family.windows:
        assert window.look(case) == 200
