"""What wallets and gates ask for without signing in."""

from booking.eservices.credentials.verify import read_issuer
from tests.support.online_cases import INSURANCE


def test_a_gate_gets_keys_and_lists_that_caches_keep_and_other_sites_read(browser, core):
    issuer = browser.client.get("/.well-known/jwt-vc-issuer")
    listed = browser.client.get("/credentials/status-lists.json")
    [address] = listed.json()["status_lists"]
    path = address.removeprefix(core.settings.base_url)
    found = browser.client.get(path)
    assert found.headers["content-type"] == "application/statuslist+jwt"
    assert read_issuer(issuer.content, [found.text]).lists.keys() == {address}
    for one in (issuer, listed, found):
        assert one.headers["access-control-allow-origin"] == "*"
        assert one.headers["cache-control"] == "public, max-age=300"
    again = browser.client.get(path, headers={"If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_wallet_learns_what_a_kind_is_called_where_there_is_one(browser):
    said = browser.client.get(f"/credentials/types/{INSURANCE}").json()
    assert said["vct"].endswith(f"/credentials/types/{INSURANCE}")
    assert {one["locale"] for one in said["display"]} >= {"ar", "en"}
    for path in ("types/passport-renewal", "types/nothing", "status/1", "status/-1", f"status/{1 << 40}", "status/x"):
        assert browser.client.get(f"/credentials/{path}").status_code in {404, 422}, path
