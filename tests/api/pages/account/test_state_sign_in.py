"""Citizens come by the state's provider: a real one, over HTTP."""

import urllib.request
from urllib.error import HTTPError

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from booking.opening import open_core
from booking.people.accounts.fresh import FRESH
from booking.people.registers.synthetic import Enrolled
from booking.platform.models import Account, AuditEntry, CitizenSubject
from booking.platform.models.states import Role
from tests.api.pages import people
from tests.support.country import BORN, cheap_settings, eligible_number
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, running


@pytest.fixture
def provider(clock):
    with running(clock) as provider:
        yield provider


@pytest.fixture
def core(country_url, redis_url, clock, provider):
    settings = cheap_settings(
        citizen_oidc_issuer=provider.address,
        citizen_oidc_client_id=CLIENT_ID,
        citizen_oidc_client_secret=SecretStr(CLIENT_SECRET),
        citizen_oidc_number_claim="nid",
        show_outbox=True,
    )
    with open_core(settings, database_url=country_url, redis_url=redis_url, clock=clock) as core:
        yield core


@pytest.fixture
def number(core, provider):
    number = eligible_number(core)
    core.register.enrol(number, Enrolled("أمل الخيالية", BORN))
    provider.claims = {"nid": number, "name": "أمل الخيالية", "birthdate": BORN.isoformat()}
    return number


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def visit(browser):
    """Go to the provider and come back, as the browser would."""
    left = browser.client.get("/sign-in/state/begin").headers["location"]
    try:
        urllib.request.build_opener(_Stay).open(left)
    except HTTPError as answer:
        back = answer.headers["location"]
    return browser.go(back.partition("//")[2].partition("/")[1] + back.partition("//")[2].partition("/")[2])


@pytest.fixture
def amal(browser):
    people.register_on_pages(browser, "amal")
    browser.go("/language/en?next=/me")
    return browser


def actions(core):
    with core.sessions() as session:
        return session.scalars(
            select(AuditEntry.action).where(AuditEntry.actor == "amal").order_by(AuditEntry.sequence)
        ).all()


def type_in(amal, number):
    amal.go("/household/add").send(
        relation="self", name="أمل الخيالية", national_number=number, birth_day="17", birth_month="5", birth_year="1990"
    )


def test_a_visit_proves_the_person_of_that_number_and_links_the_account(amal, core, number, new_browser):
    type_in(amal, number)
    visit(amal)
    assert "You can ask for everything for this person." in amal.text
    assert actions(core)[-2:] == ["citizen.linked", "citizen.proven"]

    other = visit(new_browser())
    assert other.path == "/me"
    visit(amal)
    assert actions(core)[-1] == "citizen.proven", "the same visit again changes no link"


def test_a_number_that_the_household_has_not_proves_nobody(amal, core, number):
    visit(amal)
    assert "None of your people has the national number" in amal.text
    assert "citizen.proven" not in actions(core)


def test_what_was_typed_before_signing_in_there_comes_back(amal, number, new_browser):
    visit(amal)
    other = new_browser()
    other.post("/household/add", {"csrf": "of a session that is over", "name": "سعاد الخيالية"})
    assert other.path.startswith("/sign-in?next=/household/add")

    assert visit(other).path == "/me"
    assert other.go("/household/add").forms()[0].fields["name"] == ["سعاد الخيالية"]


def test_a_subject_that_nobody_linked_is_nobody(core, number, new_browser):
    assert visit(new_browser()).status == 403
    with core.sessions() as session:
        assert session.scalars(select(CitizenSubject)).all() == []


def test_a_subject_belongs_to_one_account(amal, number, new_browser, core):
    visit(amal)
    thief = new_browser()
    people.register_on_pages(thief, "thief", "0944 777 888")
    assert visit(thief).status == 403
    assert "organisation" not in thief.text


def test_an_open_page_alone_links_nobody(amal, core, clock, number):
    """Whoever finds it open would link an identity of their own, and come in by it from then on."""
    clock.advance(FRESH)
    asked = amal.client.get("/sign-in/state/begin?next=/household")
    assert asked.headers["location"] == "/me/security/again?next=%2Fsign-in%2Fstate%3Fnext%3D%2Fhousehold"
    with core.sessions() as session:
        assert session.scalars(select(CitizenSubject)).all() == []


def test_a_linked_account_that_became_a_colleagues_is_not_opened(amal, number, new_browser, core):
    visit(amal)
    with core.sessions.begin() as session:
        account = session.scalars(select(Account).where(Account.username == "amal")).one()
        account.roles = [Role.ANALYST]
    assert visit(new_browser()).status == 403


def test_a_provider_that_says_otherwise_proves_and_links_nothing(amal, core, number, provider):
    type_in(amal, number)
    provider.claims |= {"name": "سعاد الخيالية", "birthdate": "1990-05-18"}
    visit(amal)
    assert amal.status == 422
    assert "another name" in amal.text
    assert "another birth date" in amal.text
    assert not {"citizen.linked", "citizen.proven"} & set(actions(core))


def test_whom_the_provider_knew_before_the_visit_proves_nothing(amal, core, number, provider):
    type_in(amal, number)
    for signed_in in (None, int(core.clock.now().timestamp()) - 600):
        provider.claims["auth_time"] = signed_in
        visit(amal)
        assert amal.status == 422
    assert provider.asked["max_age"] == "0"
    assert not {"citizen.linked", "citizen.proven"} & set(actions(core))


def test_what_is_told_beside_the_token_counts_for_its_subject_alone(amal, core, number, provider):
    type_in(amal, number)
    provider.beside, provider.claims = {**provider.claims, "sub": "somebody else"}, {}
    visit(amal)
    assert amal.status == 422

    del provider.beside["sub"]
    visit(amal)
    assert actions(core)[-1] == "citizen.proven"


@pytest.mark.parametrize("claims", [{}, {"nid": ""}, {"nid": "12"}, {"nid": ["x"]}])
def test_a_token_without_a_readable_number_proves_and_links_nothing(amal, core, provider, claims):
    provider.claims = claims
    visit(amal)
    assert amal.status == 422
    assert "The state&#39;s sign-in did not confirm who you are" in amal.text
    with core.sessions() as session:
        assert session.scalars(select(CitizenSubject)).all() == []


def test_a_lying_provider_lets_nobody_in(amal, number, provider, new_browser):
    visit(amal)
    provider.claims |= {"aud": "somebody else"}
    assert visit(new_browser()).status == 422


def test_a_way_back_cannot_be_taken_by_the_door_of_staff(amal, number, new_browser, core):
    left = amal.client.get("/sign-in/state/begin").headers["location"]
    state = left.partition("state=")[2].partition("&")[0]
    assert amal.go(f"/sign-in/staff/return?state={state}&code=x").status == 404
