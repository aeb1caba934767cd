"""Citizens come by a certified provider of others: oidc-provider, with its own pages, keys, codes and refusals."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from booking.opening import open_core
from booking.people.registers.synthetic import Enrolled
from booking.platform.models import AuditEntry, CitizenSubject
from tests.api.pages import people
from tests.oidc.provider import CLIENT_ID, SECRET, SITE, Visitor, is_installed, running
from tests.support.country import BORN, cheap_settings, eligible_number

NAME = "أمل الخيالية"
SKEW, TOKEN_LIFE = 60, 300

pytestmark = pytest.mark.skipif(
    not is_installed(), reason="no other provider here: ./run conformance installs tests/oidc/package-lock.json by npm"
)


@pytest.fixture(scope="module")
def process():
    with running() as provider:
        yield provider


@pytest.fixture
def core(country_url, redis_url, clock, process):
    settings = cheap_settings(
        citizen_oidc_issuer=process.issuer,
        citizen_oidc_client_id=CLIENT_ID,
        citizen_oidc_client_secret=SecretStr(SECRET),
        citizen_oidc_number_claim="nid",
        citizen_oidc_scope="openid profile civil",
        show_outbox=True,
    )
    with open_core(settings, database_url=country_url, redis_url=redis_url, clock=clock) as core:
        yield core


@pytest.fixture
def provider(core, clock, process):
    number = eligible_number(core)
    core.register.enrol(number, Enrolled(NAME, BORN))
    process.set_up(
        clock,
        client_id=CLIENT_ID,
        secret=SECRET,
        return_to=f"{SITE}/sign-in/state/return",
        method="client_secret_basic",
        algorithm="ES256",
        in_token=False,
        claims={"nid": number, "name": NAME, "birthdate": BORN.isoformat()},
    )
    return process


def a_visitor():
    visitor = Visitor()
    yield visitor
    visitor.close()


visitor, another = pytest.fixture(a_visitor), pytest.fixture(a_visitor)


@pytest.fixture
def amal(browser, provider):
    """Who has an account with herself in its household."""
    people.register_on_pages(browser, "amal")
    browser.go("/language/en?next=/me")
    browser.go("/household/add").send(
        relation="self",
        name=NAME,
        national_number=provider.setup["claims"]["nid"],
        birth_day="17",
        birth_month="5",
        birth_year="1990",
    )
    return browser


def leave(browser):
    """Where a browser is sent from here."""
    return browser.client.get("/sign-in/state/begin").headers["location"]


def visit(browser, visitor, **as_who):
    """Go to the provider, sign in there and come back."""
    return browser.go(visitor.visit(leave(browser), **as_who))


def link(amal, visitor):
    visit(amal, visitor)
    assert "You can ask for everything for this person." in amal.text


def actions(core):
    with core.sessions() as session:
        return session.scalars(
            select(AuditEntry.action).where(AuditEntry.actor == "amal").order_by(AuditEntry.sequence)
        ).all()


def is_refused(browser):
    return browser.status == 422 and browser.go("/me").path.startswith("/sign-in")


@pytest.mark.parametrize(
    "setup",
    [
        {"algorithm": "RS256", "method": "client_secret_basic", "in_token": False},
        {"algorithm": "PS256", "method": "client_secret_post", "in_token": True},
        {"algorithm": "ES256", "method": "client_secret_basic", "in_token": True},
        {"algorithm": "Ed25519", "method": "client_secret_post", "in_token": False},
    ],
    ids=lambda setup: "-".join(map(str, setup.values())),
)
def test_a_citizen_proves_themselves_and_signs_in_without_a_password(
    setup, amal, core, clock, provider, visitor, new_browser
):
    provider.set_up(clock, **setup)
    link(amal, visitor)
    assert visitor.asked == ["login", "consent"]
    assert actions(core)[-2:] == ["citizen.linked", "citizen.proven"]
    with core.sessions() as session:
        assert session.scalars(select(CitizenSubject.subject)).all() == ["u-4711"]

    other = visit(new_browser(), visitor)
    assert (other.path, visitor.asked) == ("/me", []), "the provider still knows who that is"
    assert NAME in other.go("/household").text


def test_a_key_that_is_replaced_in_the_middle_of_a_visit_is_seen(amal, clock, provider, visitor, new_browser):
    link(amal, visitor)
    other = new_browser()
    back = visitor.visit(leave(other))
    provider.set_up(clock, renew=True)
    assert other.go(back).path == "/me"
    provider.set_up(clock, renew=True, algorithm="RS256")
    assert visit(new_browser(), visitor).path == "/me"


def test_who_cancels_is_told_so_and_can_go_again(amal, core, visitor, another, new_browser):
    visit(amal, visitor, cancel=True)
    assert amal.status == 422
    assert "citizen.linked" not in actions(core)
    link(amal, visitor)
    assert is_refused(visit(new_browser(), another, cancel=True))


def test_a_provider_that_is_down_is_said_and_leaves_everything_as_it_was(amal, core, clock, provider, visitor):
    back = visitor.visit(leave(amal))
    provider.go_down()
    assert amal.go(back).status == 503
    assert amal.go("/sign-in/state/begin").status == 503
    assert amal.go("/me").path == "/me", "nobody is signed out by it"
    assert "citizen.linked" not in actions(core)
    provider.set_up(clock)
    link(amal, visitor)


def test_clocks_may_differ_by_a_minute_and_no_token_counts_after_its_end(amal, clock, provider, visitor, new_browser):
    link(amal, visitor)
    for apart, comes_in in ((SKEW - 5, True), (5 - SKEW, True), (SKEW + 30, False), (-TOKEN_LIFE - SKEW - 5, False)):
        provider.set_up(clock, apart=apart)
        other = visit(new_browser(), visitor)
        assert (other.path == "/me") is comes_in, apart
        assert comes_in or is_refused(other)


def test_whom_the_provider_still_knows_signs_in_there_anew_to_prove_anybody(amal, core, clock, provider, visitor):
    link(amal, visitor)
    visit(amal, visitor)
    assert visitor.asked == ["login"], "max_age=0"
    proven = actions(core).count("citizen.proven")
    clock.advance(timedelta(minutes=5))
    provider.set_up(clock)
    for instead in ("", "&max_age=3600"):
        amal.go(visitor.visit(leave(amal).replace("&max_age=0", instead)))
        assert (amal.status, visitor.asked) == (422, []), "whoever sat there before was asked for nothing"
    assert actions(core).count("citizen.proven") == proven


def test_a_code_of_another_visit_lets_nobody_in_and_nobody_twice(amal, visitor, new_browser):
    link(amal, visitor)
    victim, thief = new_browser(), new_browser()
    code_of = {who: visitor.visit(leave(who)) for who in (victim, thief)}
    state = {who: back.partition("state=")[2].partition("&")[0] for who, back in code_of.items()}
    assert is_refused(thief.go(code_of[victim])), "another state"
    injected = code_of[victim].replace(state[victim], state[thief])
    assert is_refused(thief.go(injected)), "another code verifier"
    assert victim.go(code_of[victim]).path == "/me"
    assert victim.go(code_of[victim]).status == 422, "a second time"


def test_another_subject_or_a_client_that_it_does_not_know_comes_to_no_account(
    amal, core, clock, provider, visitor, another, new_browser
):
    link(amal, visitor)
    assert visit(new_browser(), another, login="u-0815").status == 403
    provider.set_up(clock, secret="another secret, long enough")
    assert is_refused(visit(new_browser(), visitor))
    with core.sessions() as session:
        assert session.scalars(select(CitizenSubject.subject)).all() == ["u-4711"]
