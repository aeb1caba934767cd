"""A supervisor comes by the organisation's provider, on another site, in a browser that keeps strict rules."""

from playwright.sync_api import expect
from pydantic import SecretStr

from booking.people.staff.change import link_provider
from booking.platform.models.states import Role
from tests.support.country import a_colleague
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, running


def test_a_supervisor_signs_in_by_the_provider(visit, named_site):
    core, subject = named_site.core, "u-4711"
    with running(named_site.clock) as provider:
        changes = {
            "oidc_issuer": provider.address,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SecretStr(CLIENT_SECRET),
            "oidc_trusted_acr": ("gold",),
        }
        object.__setattr__(core, "settings", core.settings.model_copy(update=changes))
        account_id = a_colleague(core, Role.SUPERVISOR, office="damascus")
        provider.claims = {"acr": "gold"}
        visitor = visit(language="ar", width=360)
        visitor.open("/desk/urgent")
        visitor.follow("main a[href^='/sign-in/staff']")
        visitor.follow("main a.button")
        expect(visitor.page.locator("#error-summary")).to_contain_text("غير مرتبط هنا")

        link_provider(core, by=None, account_id=account_id, subject=subject, reason="first day")
        visitor.follow("main a.button")
        assert visitor.path == "/desk/urgent"
