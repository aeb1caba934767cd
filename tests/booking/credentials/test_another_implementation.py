"""Another implementation (OpenWallet Foundation's, in JavaScript) accepts what Mawid issues, and what it ended not."""

import json
import shutil
import subprocess

import pytest
from sqlalchemy import update

from booking.credentials.issue import issue_credential
from booking.credentials.keys import published_keys
from booking.credentials.status import status_list
from booking.models import IssuedResult
from tests.online_cases import INSURANCE, result_of, with_agency
from tests.root import ROOT

INSTALLED = ROOT / ".venv/wallet"


def asked(core, text, **more):
    """What the other implementation says."""
    if shutil.which("node") is None or not (INSTALLED / "node_modules").exists():
        pytest.skip("no other implementation here: ./run conformance installs tests/wallet/package-lock.json by npm")
    shutil.copy(ROOT / "tests/wallet/check.mjs", INSTALLED)
    given = {
        "credential": text,
        "jwks": published_keys(core.vault),
        "list": status_list(core, 0).text,
        "now": int(core.clock.now().timestamp()),
    }
    done = subprocess.run(
        ["node", "check.mjs"],
        input=json.dumps(given | more),
        cwd=INSTALLED,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_another_implementation_accepts_what_holds_and_nothing_else(country):
    policy = with_agency(country, INSURANCE)
    given = issue_credential(country, account_id=policy.account, reference=policy.reference, with_name=True)
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
