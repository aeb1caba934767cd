"""Staff sign in by the organisation's provider: a real one, over HTTP, honest or lying in one point at a time."""

import base64
import io
import json
import re
import urllib.request
from urllib.error import HTTPError

import pyotp
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from pydantic import SecretStr
from sqlalchemy import select

from booking.opening import open_core
from booking.people.staff.change import close_account, link_provider
from booking.platform.base import logs
from booking.platform.base.settings import SecondFactor
from booking.platform.models import Account, AuditEntry, ProviderSubject
from booking.platform.models.states import Role
from tests.support import planted
from tests.support.country import a_colleague, cheap_settings
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, running


@pytest.fixture
def provider(clock):
    with running(clock) as provider:
        yield provider


@pytest.fixture
def core(country_url, redis_url, clock, provider):
    settings = cheap_settings(
        staff_second_factor=SecondFactor.REQUIRED,
        oidc_issuer=provider.address,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        oidc_required_claims="groups=mawid, hd=example.org",
        oidc_trusted_acr="gold",
        oidc_trusted_amr="hwk",
    )
    provider.claims = {"groups": ["staff", "mawid"], "hd": "example.org"}
    with open_core(settings, database_url=country_url, redis_url=redis_url, clock=clock) as core:
        yield core


@pytest.fixture
def nour(core, provider):
    """A linked clerk."""
    account_id = a_colleague(core, Role.OFFICER, office="damascus")
    link_provider(core, by=None, account_id=account_id, subject=provider.subject, reason="first day")
    return account_id


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def go_there(address):
    """What the browser does at the provider: follow the address, and come back with what it was given."""
    try:
        urllib.request.build_opener(_Stay).open(address)
    except HTTPError as answer:
        return answer.headers["location"].removeprefix("http://localhost:8000")
    raise AssertionError("the provider sends everyone back")


def begin(browser, path="/sign-in/staff/begin?next=/desk"):
    answer = browser.client.get(path)
    assert answer.status_code == 303, answer.text
    return go_there(answer.headers["location"])


def entries(core):
    with core.sessions() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()


def refused(browser):
    return browser.status == 422 and "did not let you in" in browser.text and signed_out(browser)


def signed_out(browser):
    return browser.client.get("/me").headers["location"].startswith("/sign-in?next=")


@pytest.fixture
def browser(browser):
    browser.go("/language/en?back=/how")
    return browser


def test_a_linked_colleague_signs_in_and_our_second_step_follows(core, browser, provider, nour):
    back = begin(browser)
    assert provider.asked["acr_values"] == "gold"
    assert provider.asked["redirect_uri"] == "http://localhost:8000/sign-in/staff/return"

    assert browser.go(back).path == "/sign-in/set-up"
    key = re.search(r"<strong><bdi dir=\"ltr\">([A-Z2-7 ]+)</bdi>", browser.text).group(1)
    browser.send(code=pyotp.TOTP(key.replace(" ", "")).at(core.clock.now()))
    assert 'href="/desk"' in browser.text
    assert browser.go("/desk").status == 200
    assert entries(core)[-2].action == "sign_in.by_provider"
    assert entries(core)[-2].details["trusted"] is False


@pytest.mark.parametrize("said", [{"acr": "gold"}, {"amr": ["pwd", "hwk"]}])
def test_a_trusted_second_factor_of_the_provider_replaces_ours(core, browser, provider, nour, said):
    provider.claims |= said

    assert browser.go(begin(browser)).path == "/desk"

    last = entries(core)[-1]
    assert (last.action, last.account_id, last.details["trusted"]) == ("sign_in.by_provider", nour, True)


def test_an_untrusted_claim_does_not_replace_our_second_step(browser, provider, nour):
    provider.claims |= {"acr": "", "amr": ["pwd", "gold"]}

    assert browser.go(begin(browser)).path == "/sign-in/set-up"


def test_a_token_with_any_false_claim_is_refused(core, browser, provider, nour):
    provider.claims |= {"acr": "gold"}
    honest, now = provider.claims, int(core.clock.now().timestamp())
    lies = {
        "another issuer": {"iss": "https://evil.example"},
        "another client": {"aud": "someone else"},
        "for us and others, asked for by another": {"aud": [CLIENT_ID, "other"], "azp": "other"},
        "expired": {"exp": now - 61, "iat": now - 400},
        "without an end": {"exp": None},
        "from the future": {"iat": now + 600, "exp": now + 900},
        "another sign-in": {"nonce": "another"},
        "no sign-in": {"nonce": None},
        "another access token": {"at_hash": "AAAA"},
        "nobody": {"sub": None},
        "an empty name": {"sub": ""},
        "a number": {"sub": 4711},
        "a name that the database cannot keep": {"sub": "u\0"},
        "without a required group": {"groups": ["staff"]},
        "of another organisation": {"hd": "example.com"},
    }
    for lie in lies.values():
        provider.claims = honest | lie
        assert refused(browser.go(begin(browser))), lie
    provider.claims = honest
    assert browser.go(begin(browser)).path == "/desk"


def test_a_token_without_the_providers_signature_is_refused(browser, provider, nour):
    provider.claims |= {"acr": "gold"}
    provider.shows = ECKey.generate_key("P-256", {"kid": "1"})
    assert refused(browser.go(begin(browser)))
    provider.shows = None

    token = provider.token
    forgeries = {
        "unsigned": lambda said: f"{part({'alg': 'none'})}.{part(said)}.",
        "with the client's secret": lambda said: jwt.encode(
            {"alg": "HS256"}, said, OctKey.import_key(CLIENT_SECRET.encode() * 2)
        ),
        "no token": lambda _: "a.b",
        "nothing": lambda _: None,
    }
    for forge in forgeries.values():

        def forged(sent, authorization, forge=forge):
            status, body = token(sent, authorization)
            said = jwt.decode(_id_token(body), provider.signs_with).claims
            return status, json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": forge(said)}).encode()

        provider.token = forged
        assert refused(browser.go(begin(browser)))
    provider.token = token
    assert browser.go(begin(browser)).path == "/desk"


def part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _id_token(body):
    return json.loads(body)["id_token"]


def test_the_return_address_works_once_and_only_in_its_own_visit(browser, new_browser, provider, nour):
    provider.claims |= {"acr": "gold"}
    stranger = new_browser()
    stranger.go("/language/en?back=/how")
    back = begin(browser)
    assert refused(stranger.go(back))  # someone else's link: signed in as nobody
    stranger.go("/sign-in")
    assert refused(stranger.go(back))

    assert refused(browser.go(back.replace("state=", "state=0")))
    assert refused(browser.go(back + "&iss=https://evil.example"))
    left = browser.client.cookies["mawid"]
    assert browser.go(back).path == "/desk"
    browser.client.cookies.delete("mawid")
    assert refused(browser.go(back))
    browser.client.cookies.set("mawid", left)
    assert refused(browser.go(back))  # used up
    provider.refuses = "access_denied"
    assert refused(browser.go(begin(browser)))


def test_who_leaves_or_comes_back_with_an_invented_code_leaves_nothing_here(core, browser, clock):
    """Each call of an anonymous program kept a key for ten minutes."""
    back = begin(browser)
    answer = browser.client.get(re.sub("code=[^&]+", "code=invented", back))

    assert answer.status_code == 422
    assert not list(core.redis.scan_iter("*:once:*"))
    clock.advance(core.settings.otp_lifetime)
    assert browser.client.get(back).status_code == answer.status_code, "too late"


def test_an_unknown_subject_and_a_closed_account_are_refused_and_logged(core, browser, provider, nour):
    provider.claims |= {"acr": "gold"}
    provider.subject = "u-0815"
    assert browser.go(begin(browser)).status == 403
    assert "is not linked here" in browser.text
    assert signed_out(browser)
    assert (entries(core)[-1].action, entries(core)[-1].details) == ("sign_in.not_linked", {"subject": "u-0815"})

    provider.subject = "u-4711"
    provider.claims |= {"email": "nour@example.org"}
    close_account(core, by=None, account_id=nour, reason="left")
    assert browser.go(begin(browser)).status == 403
    assert "This account is closed" in browser.text
    assert (entries(core)[-1].action, entries(core)[-1].account_id) == ("sign_in.closed", nour)


def test_a_matching_name_or_email_address_does_not_link_an_account(core, browser, provider):
    account_id = a_colleague(core, Role.OFFICER, office="damascus")
    with core.sessions() as session:
        username = session.get_one(Account, account_id).username
    provider.subject = username
    provider.claims |= {"acr": "gold", "email": f"{username}@example.org", "preferred_username": username}

    assert browser.go(begin(browser)).status == 403


def test_a_link_of_another_issuer_does_not_count(core, browser, provider, nour):
    provider.claims |= {"acr": "gold"}
    with core.sessions.begin() as session:
        session.get_one(ProviderSubject, nour).issuer = "https://former.example"

    assert browser.go(begin(browser)).status == 403


def test_a_failing_provider_is_reported_and_the_password_still_works(core, browser, provider, nour):
    wrong = [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": 7},
    ]
    for metadata in wrong:
        provider.metadata = metadata
        assert browser.go("/sign-in/staff/begin?next=/desk").status == 503
        assert 'href="/sign-in?next=/desk"' in browser.text
    provider.metadata = {}
    logs.configure(stream := io.StringIO())
    quotes = json.dumps({"error": planted.NAME, "error_description": planted.MAIL}).encode()
    for answer in ((500, b"{}"), (200, b"<html>"), (200, b"[]"), (302, b""), (400, quotes)):
        back = begin(browser)
        provider.token_answer = answer
        assert browser.go(back).status in {422, 503}, answer
        assert signed_out(browser)
        provider.token_answer = None
    assert "a word of its own" in stream.getvalue()
    assert planted.found_in(stream.getvalue()) == []
    back = begin(browser)
    provider.metadata = {"jwks_uri": "http://127.0.0.1:1/keys"}
    assert browser.go(back).status == 503
    object.__setattr__(core, "settings", core.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:1"}))
    assert browser.go("/sign-in/staff/begin").status == 503
    assert "does not answer" in browser.text


def test_provider_sign_in_is_hidden_from_citizens_and_absent_by_default(core, browser):
    for path in ("/sign-in", "/sign-in?next=/me", "/register", "/"):
        assert "/sign-in/staff" not in browser.go(path).text
    browser.go("/desk")
    assert 'href="/sign-in/staff?next=/desk"' in browser.text
    assert 'href="/sign-in/staff/begin?next=/desk"' in browser.go("/sign-in/staff?next=/desk").text

    none = {"oidc_issuer": None, "oidc_client_id": None, "oidc_client_secret": None}
    object.__setattr__(core, "settings", core.settings.model_copy(update=none))
    assert "/sign-in/staff" not in browser.go("/sign-in?next=/desk").text
    for path in ("", "/begin", "/return?code=1&state=2"):
        assert browser.go(f"/sign-in/staff{path}").status == 404
