"""Text at twice its size loses nothing, and what people take to the office prints black on white, on one sheet."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking.platform.models import Request
from tests.booking.antifraud.gate.people import an_appointment
from tests.journeys import steps

NARROW = 320


@pytest.fixture
def booked(visit, site):
    """Someone with a confirmed appointment, signed in on a narrow screen; and the pages that matter to them."""
    reference, _, _ = an_appointment(site.core)
    with site.core.sessions() as session:
        request, account = session.execute(select(Request.reference, Request.account_id)).one()
    visitor = visit(language="ar", width=NARROW, dark=True)
    steps.come_signed_in(visitor, account, "/me")
    return visitor, {
        "appointment": f"/appointments/{reference}",
        "pass": f"/appointments/{reference}/pass",
        "request": f"/requests/{request}",
        "notices": "/me/notices",
        "requests": "/me",
        "plan": "/plan/passport-renewal",
        "services": "/services?q=جواز",
        "service": "/services/compulsory-car-insurance",
        "status": "/status",
        "check": "/check",
        "abroad": "/abroad",
        "not sent": "/without-network/form",
    }


def test_pages_work_at_double_text_size_and_on_paper(booked):
    visitor, paths = booked
    page = visitor.page
    for name, path in paths.items():
        page.emulate_media(media="screen", color_scheme="dark")
        page.goto(visitor.site.address + path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        visitor.look()
        cut = page.evaluate(
            """[...document.querySelectorAll('main *, header *, footer *')].filter(one =>
               !one.closest('.unseen, .skip, svg, select') && one.scrollWidth > one.clientWidth + 1
               && one.clientWidth > 0 && getComputedStyle(one).overflowX !== 'visible').map(one => one.outerHTML)"""
        )
        assert cut == [], path
        page.evaluate("document.documentElement.style.fontSize = ''")

        page.emulate_media(media="print", color_scheme="dark")
        for selector in ("header", "footer", "main .back", "main button", "main a.button", "main form"):
            for one in page.locator(selector).all():
                assert not one.is_visible(), (path, selector)
        dark = page.evaluate(
            """[...document.querySelectorAll('main *')].filter(one => one.checkVisibility()
               && !one.closest('svg') && !['rgb(0, 0, 0)', 'rgb(51, 51, 51)'].includes(getComputedStyle(one).color)
               ).map(one => one.outerHTML)"""
        )
        assert dark == [], path
        if name in {"pass", "appointment"}:
            assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1, path


def test_a_receipt_folded_on_the_screen_is_printed(booked):
    visitor, paths = booked
    visitor.open(paths["request"])
    receipt = visitor.page.locator("main details .hash").first
    expect(receipt).to_be_hidden()
    visitor.page.emulate_media(media="print")
    expect(receipt).to_be_visible()
