"""Asked once on the page; from then on a phone that can only send text messages is enough."""

import json
import re
from itertools import count

import httpx2
import pytest
from playwright.sync_api import expect
from pydantic import SecretStr

from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.webhooks import signed_headers
from tests.journeys import steps
from tests.support.country import a_member, an_account
from tests.support.gateway import a_gateway

SECRET = "whsec_" + "Z2F0ZXdh" * 4
PHONE = "+963944123456"


class Phone:
    """A phone without a browser: it sends to the gateway's number and reads what comes back."""

    def __init__(self, site, gateway) -> None:
        self.site, self.gateway, self.numbers = site, gateway, count(1)

    def send(self, text: str) -> str:
        """Send a message, as the gateway passes it on, and read the answer."""
        sent = f"p-{next(self.numbers)}"
        body = json.dumps({"id": sent, "from": PHONE, "text": text}).encode()
        headers = signed_headers(SECRET, message_id=sent, body=body, at=self.site.clock.now())
        headers |= {"content-type": "application/json"}
        answer = httpx2.post(f"{self.site.address}/api/v1/incoming-sms", content=body, headers=headers)
        assert answer.status_code == 204, answer.text
        return self.read()

    def read(self) -> str:
        """Read the latest message."""
        deliver_waiting(self.site.core)
        return self.gateway.texts(PHONE)[-1]


@pytest.fixture
def phone(site):
    """A phone on the site whose text messages go both ways."""
    with a_gateway() as gateway:
        changes = {
            "gateway_sms": SecretStr(gateway.url()),
            "incoming_sms_number": "1515",
            "incoming_sms_secret": SecretStr(SECRET),
        }
        object.__setattr__(site.core, "settings", site.core.settings.model_copy(update=changes))
        yield Phone(site, gateway)


def leave_the_outbox(site) -> None:
    """From now on messages leave; while the outbox is shown none does."""
    object.__setattr__(site.core, "settings", site.core.settings.model_copy(update={"show_outbox": False}))


def test_a_request_is_confirmed_and_cancelled_by_text_message(visit, site, phone):
    site.announce("2026-11-02")
    visitor = visit(language="ar", width=320, scripts=False)
    account_id = an_account(site.core, username="amal", phone=PHONE)
    a_member(site.core, account_id)
    steps.come_signed_in(visitor, account_id, "/household")
    request = steps.ask(visitor)
    leave_the_outbox(site)
    assert "قُبل طلبك" in phone.read()

    site.draw("2026-11-02")

    offer = phone.read()
    reference = re.search(r"تأكيد ([0-9A-Z-]{11})", offer).group(1)
    assert offer.startswith("نلت موعدًا: ")
    assert f"/a/{reference}" in offer
    assert "1515" in offer
    assert "موعدك ينتظر تأكيدك قبل" in phone.send("حاله")
    assert "موعدك مؤكد" in phone.send(f"تاكيد {reference.lower()}")
    assert "موعدك مؤكد" in phone.send("STATUS")
    code = re.search(r"\b\d{6}\b", phone.send(f"إلغاء {reference}")).group()
    assert "الرمز خطأ" in phone.send("000000" if code != "000000" else "111111")
    assert phone.send(code).startswith("أُلغي موعدك: ")
    assert phone.send("حالة").startswith("لا طلب لك الآن ولا موعد.")

    visitor.open(request)
    steps.sign_in(visitor, "amal")
    visitor.open(f"/appointments/{reference.replace('-', '')}")
    expect(visitor.page.locator("main .tag").first).to_have_text("ملغى")
    visitor.open("/me/notices")
    expect(visitor.page.locator("main")).to_contain_text("أُلغي موعدك")
    expect(visitor.page.locator("main")).to_contain_text("1515")
