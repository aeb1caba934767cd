"""``mawid credential`` at a gate, with a folder of what was fetched before."""

import json
from datetime import UTC, datetime

import pytest
from joserfc.jwk import ECKey
from typer.testing import CliRunner

from booking.entrypoints.commands.credential import app
from booking.eservices.credentials.sd_jwt import KIND, LIST_KIND, list_address, show_only, sign, type_address, write
from booking.eservices.credentials.status import pack_bits
from booking.platform.base.references import encoded
from tests.support.a_wallet import Wallet

SITE = "https://mawid.example"
KEY = ECKey.generate_key("P-256")
NOON, DAY = 1_800_000_000, 86_400
CLAIMS = {"iss": SITE, "vct": type_address(SITE, "clearance-certificate"), "nbf": NOON - DAY, "exp": NOON + DAY}


@pytest.fixture
def folder(tmp_path):
    """A folder as it is fetched, in which the credential at the seventh place was revoked."""
    jwks = {"keys": [{**KEY.as_dict(private=False), "kid": KEY.thumbprint()}]}
    (tmp_path / "issuer.json").write_text(json.dumps({"issuer": SITE, "jwks": jwks}))
    body = {"sub": list_address(SITE, 0), "iat": NOON, "exp": NOON + 2 * DAY, "status_list": pack_bits({7})}
    (tmp_path / "status-0.jwt").write_text(sign(body, KEY, kind=LIST_KIND))
    return tmp_path


def a_place(number):
    return {"status_list": {"idx": number, "uri": list_address(SITE, 0)}}


def a_credential(place=3, **changed):
    return write(CLAIMS | {"status": a_place(place)} | changed, {"holder": "نور الخيالية"}, KEY, kind=KIND)


def checked(folder, text, *more, at="2027-01-15T08:00:00"):
    return CliRunner().invoke(app, ["verify", "-", "--keys", str(folder), "--at", at, *more], input=text)


def test_a_gate_reads_words_and_programs_read_json(folder):
    shown = checked(folder, a_credential())
    assert (shown.exit_code, shown.output.splitlines()[0]) == (0, "VALID")
    assert "holder: نور الخيالية" in shown.output
    assert "No name is shown" in checked(folder, show_only(a_credential(), ())).output
    said = json.loads(checked(folder, a_credential(), "--json").output)
    assert (said["standing"], said["shown"]) == ("valid", {"holder": "نور الخيالية"})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"place": 7}, "revoked"),
        ({"exp": NOON - 1}, "over"),
        ({"nbf": NOON + DAY}, "YET"),
        ({"place": -1}, "FORGED"),
        ({"place": 1 << 40}, "FORGED"),
        ({"iss": "https://other.example"}, "FORGED"),
        ({"vct": "https://other.example/credentials/types/x"}, "FORGED"),
        ({"exp": "soon"}, "FORGED"),
        ({"status": {}}, "FORGED"),
        ({"status": {"status_list": {"idx": 3, "uri": list_address(SITE, 1)}}}, "NOT KNOWN"),
    ],
)
def test_what_does_not_hold_is_status_1_and_says_why(folder, changed, words):
    refused = checked(folder, a_credential(**changed))
    assert refused.exit_code == 1
    assert words in refused.output.splitlines()[0]
    assert json.loads(checked(folder, a_credential(**changed), "--json").output)["standing"] != "valid"


def test_what_somebody_typed_looks_like_no_other_line(folder):
    typed = {"made": "1990\nholder: Amal\u202e\x1b[2J", "plate": {"ar": "دمشق\u200c", "en": "Damascus"}}
    text = write(CLAIMS | {"status": a_place(3)}, typed, KEY, kind=KIND)
    lines = checked(folder, text).output.splitlines()
    assert not [one for one in lines if one.startswith("holder")]
    assert "made: 1990\\u000aholder: Amal\\u202e\\u001b[2J" in lines
    assert "plate: دمشق\u200c / Damascus" in lines


def test_bytes_that_are_no_text_and_headers_of_nobody_are_forged_and_no_failure(folder):
    header = encoded(json.dumps({"alg": "ES256", "typ": KIND, "kid": KEY.thumbprint(), "crit": 1}).encode())
    for text in (b"\xff\xfe~", b"\x00" * 70_000, f"{header}.{header}.{header}~".encode()):
        refused = checked(folder, text)
        assert (refused.exit_code, refused.output[:6]) == (1, "FORGED")
        (folder / "shown").write_bytes(text)
        again = CliRunner().invoke(app, ["verify", str(folder / "shown"), "--keys", str(folder), "--json"])
        assert json.loads(again.output)["standing"] == "forged"


def test_a_gate_that_asks_takes_only_what_its_holder_signed_here_and_now(folder):
    wallet, ask = Wallet(), ("--nonce", "made just now", "--audience", "https://gate.example")
    bound, at = a_credential(cnf={"jwk": wallet.jwk}), datetime(2027, 1, 15, 8, tzinfo=UTC)
    shown = wallet.show(bound, nonce="made just now", audience="https://gate.example", at=at)
    found = checked(folder, shown, *ask)
    assert (found.exit_code, found.output.splitlines()[0]) == (0, "VALID")
    assert "holder's key signed" in found.output
    assert json.loads(checked(folder, shown, *ask, "--json").output)["held_by_its_holder"] is True
    for copied in (bound, a_credential()):
        refused = checked(folder, copied, *ask)
        assert (refused.exit_code, refused.output.splitlines()[0][:9]) == (1, "NOT BOUND")
    assert checked(folder, wallet.show(bound, nonce="an older one", audience=ask[3], at=at), *ask).exit_code == 1
    asked_nobody = checked(folder, bound)
    assert (asked_nobody.exit_code, "was not asked" in asked_nobody.output) == (0, True)
    for half in (ask[:2], ask[2:], (*ask[:3], ""), ("--nonce", "", *ask[2:]), ("--nonce", "", "--audience", "")):
        assert checked(folder, bound, *half).exit_code == 2, "a variable that is empty is no gate that asks nobody"


def test_without_what_was_fetched_nothing_is_checked(folder, tmp_path):
    (folder / "issuer.json").unlink()
    assert checked(folder, a_credential()).exit_code == 2
