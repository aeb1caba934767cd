"""Every service for axe: what it is, questions, refusals, papers, review, payment, its case.

What a service is stands there in both languages. Its form is filled in in one, turn about, and wherever it shows a kind
of page that the other language has not shown yet, in the other as well. On each submission services come that between
them ask every kind of question, want every kind of paper and end in every way; each night all of them.
"""

from dataclasses import dataclass
from datetime import date

import pytest

from booking.country.core import sessions
from booking.country.packs.loading import load_pack
from booking.country.packs.service import ServiceSpec
from booking.country.packs.service_form import form_parts
from booking.eservices.online import decide
from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import Door
from tests.journeys.many_pages import ManyPages
from tests.journeys.online.different_services import different, in_order, traits_of
from tests.support.country import BORN, a_member, an_account
from tests.support.effort import Effort
from tests.support.online_cases import Asked, a_caseworker, decided, pay, put_papers, stored, valid_answers

SERVICES = load_pack("syria").services
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
        windows.append(ManyPages(visitor.page, visitor.kinds))
    return Family(account, grown, child, tuple(windows))


def test_pages_of_every_service_have_no_accessibility_barriers(site, families):
    core, services = site.core, in_order(SERVICES) if Effort.thorough else different(SERVICES)
    officers = {agency: a_caseworker(core, agency) for agency in {one.agency for one in services if one.online}}
    for number, spec in enumerate(services):
        family = families["expatriate" if spec.audience == "expatriate" else "resident"]
        for window in family.windows:
            assert window.look(f"/services/{spec.code}") == 200
        if spec.online:
            look_at_form(core, spec, family, officers[spec.agency], family.windows[:: 1 if number % 2 else -1])

    for family in families.values():
        arabic, english = family.windows
        assert arabic.faults + english.faults == []
        assert sorted(arabic.kinds ^ english.kinds) == []
    assert sum(window.seen for family in families.values() for window in family.windows) > 10 * len(services)


def test_the_services_of_each_submission_have_all_that_any_service_has():
    chosen = different(SERVICES)
    assert set().union(*map(traits_of, chosen)) == set().union(*map(traits_of, SERVICES))
    assert len(chosen) < len(SERVICES) / 2
    codes = [one.code for one in chosen]
    for one in chosen:
        firsts = [first.service for first in one.prerequisites if first.service]
        assert {*firsts} <= {*codes[: codes.index(one.code)]}


def look_at_form(core, spec: ServiceSpec, family: Family, officer, windows: tuple[ManyPages, ManyPages]) -> None:
    """Fill a form page by page, first wrong and then right, and send it; it is issued where others need it."""
    grown = spec.eligibility.max_age is None or spec.eligibility.max_age > 18
    member = family.grown if grown else family.child
    reference = begin_case(core, account_id=family.account, service=spec.code, member_id=member)
    case = f"/online/cases/{reference}"
    review, form, papers = f"{case}/review", f"/online/services/{spec.code}", (f"{case}/papers", None)
    parts = form_parts(spec.fields)
    wrong = {f"answer-{field.code}": "x" * 2001 for field in spec.fields}
    questions = [(f"{case}/questions/{part[0].code}", typed) for part in parts for typed in (None, wrong)]
    look(windows, [(form, None), papers, *questions], [200, 200, *(200, 422) * len(parts)])
    keep_answers(core, account_id=family.account, reference=reference, answers=valid_answers(core, spec))
    put_papers(core, reference)
    look(windows, [papers, (review, None), (review, {})], [200, 200, 422])
    assert windows[0].look(review, {"declared": "yes"}) == 200
    asked = Asked(family.account, member, reference)
    if stored(core, reference).state is OnlineState.AWAITING_PAYMENT:
        look(windows, [(f"{case}/pay", None)], [200])
        pay(core, asked)
    if spec.code in FIRST and stored(core, reference).state is OnlineState.SUBMITTED:
        decided(core, asked, officer)
        decide.issue(core, officer_id=officer, reference=reference, day=None, time="", place="")
    look(windows, [(case, None)], [200])


def look(
    windows: tuple[ManyPages, ManyPages], steps: list[tuple[str, dict[str, str] | None]], status: list[int]
) -> None:
    """Do steps in one language, and in the other where that showed what the other has not seen."""
    one, other = windows
    assert one.look_at_all(steps) == status
    if not one.kinds <= other.kinds:
        assert other.look_at_all(steps) == status
