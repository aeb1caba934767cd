"""What an action did is said once, and only where it really was done here."""

import pytest

from api.pages.shared.banners import BANNER_COOKIE, DEEDS, tell

DONE = "تم تسجيل خروجك"


def test_a_banner_is_said_once(browser):
    assert DONE in browser.go("/sign-out").send().text
    assert DONE not in browser.go("/how").text


def test_a_link_cannot_make_a_page_claim_something(client):
    page = client.get(f"/how?{BANNER_COOKIE}=signed-out&banner=signed-out")
    assert 'class="banner"' not in page.text


@pytest.mark.neighbours
@pytest.mark.parametrize("value", ["nothing-we-do", "signed-out.<script>", "../../", "signed-out." + "9" * 99, "é"])
def test_a_cookie_that_we_did_not_write_says_nothing(client, value):
    client.cookies.set(BANNER_COOKIE, value.encode("ascii", "ignore").decode())
    page = client.get("/how")
    assert page.status_code == 200
    assert 'class="banner"' not in page.text


def test_every_deed_that_can_be_undone_leads_to_one_thing():
    assert [code for code, deed in DEEDS.items() if deed.undo and deed.undo.count("%s") != 1] == []


def test_only_a_known_deed_can_be_told(core, client):
    with pytest.raises(KeyError):
        tell(client.get("/how"), core.settings, "nothing-we-do")
