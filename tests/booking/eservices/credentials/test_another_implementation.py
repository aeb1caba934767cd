"""Wallets of others (OpenWallet Foundation's, in JavaScript) fetch and accept what Mawid issues, and no more."""

import json
import shutil
import subprocess

import pytest
from sqlalchemy import update

from api.main import create_app
from booking.eservices.credentials.give import issue_credential
from booking.eservices.credentials.keys import published_keys
from booking.eservices.credentials.offer import offer_result
from booking.eservices.credentials.status import status_list
from booking.opening import open_core
from booking.platform.models import IssuedResult
from tests.journeys.serving import a_server
from tests.support.country import an_origin, cheap_settings
from tests.support.online_cases import INSURANCE, result_of, with_agency
from tests.support.roles import as_app
from tests.support.root import ROOT

INSTALLED = ROOT / ".venv/wallet"


def run(script, given):
    """What a script with the other implementation says."""
    if shutil.which("node") is None or not (INSTALLED / "node_modules/@openid4vc").exists():
        pytest.skip("no other implementation here: ./run conformance installs tests/wallet/package-lock.json by npm")
    shutil.copy(ROOT / "tests/wallet" / script, INSTALLED)
    done = subprocess.run(
        ["node", script], input=json.dumps(given), cwd=INSTALLED, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def asked(core, text, **more):
    """What the other implementation says of a credential."""
    now = int(core.clock.now().timestamp())
    given = {"credential": text, "jwks": published_keys(core.vault), "list": status_list(core, 0).text, "now": now}
    return run("check.mjs", given | more)


def test_another_implementation_accepts_what_holds_and_nothing_else(country):
    policy = with_agency(country, INSURANCE)
    given = issue_credential(
        country, account_id=policy.account, reference=policy.reference, with_name=True, origin=an_origin()
    )
    assert asked(country, given.text)["payload"]["number"] == given.number
    shown = asked(country, given.text, frame={"number": True})["payload"]
    assert (shown["number"], "holder" in shown) == (given.number, False)
    place = given.text.index("~") - 9
    changed = given.text[:place] + ("B" if given.text[place] == "A" else "A") + given.text[place + 1 :]
    assert "refused" in asked(country, changed)
    with country.sessions.begin() as session:
        session.execute(
            update(IssuedResult)
            .where(IssuedResult.id == result_of(country, policy.reference).id)
            .values(revoked_at=country.clock.now(), revoked_reason="error")
        )
    assert "refused" in asked(country, given.text)


def test_another_implementation_fetches_what_a_page_offers_and_only_once(country_url, redis_url, clock):
    with a_server() as server:
        settings = cheap_settings(base_url=server.address)
        opened = open_core(settings, database_url=as_app(country_url), redis_url=redis_url, clock=clock)
        with opened as core, server.serving(create_app(core)):
            policy = with_agency(core, INSURANCE)
            own = {"account_id": policy.account, "reference": policy.reference}
            offer = offer_result(core, **own, whole=True, origin=an_origin())
            given = {"offer": offer.address, "now": int(clock.now().timestamp())}
            wrong = run("fetch.mjs", given | {"transactionCode": "none"})
            assert wrong["refused"] == {"at": "token", "error": "invalid_grant", "status": 400}
            taken = run("fetch.mjs", given | {"transactionCode": offer.transaction_code})
            again = run("fetch.mjs", given | {"transactionCode": offer.transaction_code})
            [text] = [one["credential"] for one in taken["credentials"]]
            number = result_of(core, policy.reference).number
            shown = asked(core, text)["payload"]
    assert (shown["cnf"]["jwk"], shown["number"]) == (taken["holder"], number)
    assert taken["again"] == "invalid_token", "it was used"
    assert again["refused"] == {"at": "token", "error": "invalid_grant", "status": 400}
