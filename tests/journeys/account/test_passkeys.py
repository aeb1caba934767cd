"""Staff make and use passkeys in a real browser, with an authenticator that Chromium plays (WebAuthn over CDP)."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking.people.accounts.passkeys import list_passkeys
from booking.platform.models import Account, AuditEntry, Passkey
from booking.platform.models.states import Role
from tests.journeys import steps
from tests.journeys.visitor import Visitor
from tests.support.country import a_colleague


class Authenticator:
    """A security key in the hands of whoever sits at the page."""

    def __init__(self, page: Page, transport: str = "usb") -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": transport, "hasUserVerification": True, "isUserVerified": True}
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = {"authenticatorId": added["authenticatorId"]}

    def credentials(self) -> list[dict]:
        return self._session.send("WebAuthn.getCredentials", self._id)["credentials"]

    def verify(self, *, right: bool) -> None:
        """Let the next fingers be the owner's, or a stranger's."""
        self._session.send("WebAuthn.setUserVerified", {**self._id, "isUserVerified": right})

    def touch(self, *, by_itself: bool) -> None:
        """Touch the key whenever it blinks, or leave it alone."""
        self._session.send("WebAuthn.setAutomaticPresenceSimulation", {**self._id, "enabled": by_itself})

    def turn_back(self, credential: dict, count: int) -> None:
        """Be the copy that was made when the counter stood at ``count``."""
        self._session.send("WebAuthn.removeCredential", {**self._id, "credentialId": credential["credentialId"]})
        self._session.send("WebAuthn.addCredential", {**self._id, "credential": {**credential, "signCount": count}})


def status(page: Page):
    return page.locator("#passkey-status")


def sets_up(visitor: Visitor, key: Authenticator, name: str) -> list[str]:
    """The first sign-in sets up a passkey instead of an app; give the recovery codes."""
    page = visitor.page
    visitor.open("/sign-in")
    steps.sign_in(visitor, name)
    assert visitor.path == "/sign-in/set-up"
    key.verify(right=False)
    page.locator("#passkey button").click()
    expect(status(page)).to_contain_text("That did not work")
    key.verify(right=True)
    page.fill("#passkey_name", "")
    page.locator("#passkey button").click()
    expect(status(page)).to_contain_text("Give the device a name.")
    page.fill("#passkey_name", "My key")
    page.locator("#passkey button").click()
    expect(page.locator("h1")).to_have_text("Your recovery codes")
    return page.locator("main li strong").all_inner_texts()


def adds_and_removes(visitor: Visitor, key: Authenticator) -> None:
    """The same key is not made twice; another device is added, and removed; the last one stays."""
    page = visitor.page
    visitor.open("/me/security")
    visitor.follow("main a[href='/me/security/passkeys']")
    page.locator("#passkey button").click()
    expect(status(page)).to_contain_text("already has a passkey")
    key.touch(by_itself=False)
    phone = Authenticator(page, "internal")
    page.fill("#passkey_name", "My phone")
    page.locator("#passkey button").click()
    expect(page.locator("main")).to_contain_text("My phone")
    assert len(phone.credentials()) == 1
    phone.touch(by_itself=False)
    key.touch(by_itself=True)
    visitor.look()
    visitor.follow("main li:has-text('My phone') a")
    visitor.press()
    expect(page.locator("main")).not_to_contain_text("My phone")
    visitor.follow("main li:has-text('My key') a")
    visitor.press()
    expect(page.locator("#error-summary")).to_contain_text("This is your last second step")


def signs_in(visitor: Visitor, name: str) -> str:
    """Later the key is the second step, to which other pages lead; give what was sent."""
    page = visitor.page
    visitor.open("/sign-in")
    steps.sign_in(visitor, name)
    visitor.open("/desk/appeals")
    assert visitor.path == "/sign-in/second-step"
    with page.expect_request(lambda sent: sent.method == "POST") as sent:
        page.locator("#passkey button").click()
    expect(page).to_have_url(f"{visitor.site.address}/desk/appeals")
    return sent.value.post_data_json["credential"]


def test_a_clerk_creates_uses_and_loses_a_passkey(visit, named_site):
    core = named_site.core
    account_id = a_colleague(core, Role.OFFICER, office="damascus")
    with core.sessions() as session:
        name = session.get_one(Account, account_id).username
    visitor = visit(language="en", width=1280)
    page, key = visitor.page, Authenticator(visitor.page)
    codes = sets_up(visitor, key, name)
    assert [one["rpId"] for one in key.credentials()] == ["localhost"]
    adds_and_removes(visitor, key)
    seen = signs_in(visitor, name)

    # An answer that was seen once is worth nothing.
    visitor.open("/sign-in")
    steps.sign_in(visitor, name)
    csrf = page.locator("#passkey input[name=csrf]").get_attribute("value")
    address = f"{named_site.address}/sign-in/second-step"
    replayed = page.request.post(address, form={"csrf": csrf, "credential": seen})
    assert replayed.status == 422
    assert "This passkey was not accepted" in replayed.text()

    # A copy of the key falls behind: neither is believed, and a recovery code remains.
    (credential,) = key.credentials()
    assert list_passkeys(core, account_id)[0].sign_count == credential["signCount"] > 1
    key.turn_back(credential, 0)
    page.locator("#passkey button").click()
    expect(page.locator("#error-summary")).to_contain_text("no longer accepted")
    assert page.locator("#passkey").count() == 0
    page.fill("#code", codes[0])
    page.locator("main form button").click()
    visitor.open("/me/security")
    expect(page.locator("main li:has-text('My key')")).to_contain_text("no longer accepted")
    with core.sessions() as session:
        assert session.scalars(select(Passkey.copied_at)).one() is not None
        assert "second_factor.passkey_copied" in session.scalars(select(AuditEntry.action)).all()
