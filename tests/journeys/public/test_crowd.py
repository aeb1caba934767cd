"""More people come than can be served: a person who waits has nothing to do, and loses nothing that they typed."""

import pytest
from playwright.sync_api import expect

from api.errors import OverloadedError
from api.incoming.fair_queue import FairQueue
from tests.journeys.screens import on_screens

LONG, SOON = 600, 1  # seconds until a page comes back
WORDS = {"ar": "ليس سباقًا", "en": "asking is not a race"}


@pytest.fixture
def crowd(monkeypatch):
    """Say whether more come than can be served, by after how many seconds they are asked to come back."""
    enter, crowded = FairQueue.enter, []

    async def in_a_crowd(queue, *given):
        if crowded:
            raise OverloadedError(crowded[-1])
        await enter(queue, *given)

    monkeypatch.setattr(FairQueue, "enter", in_a_crowd)
    return crowded


@on_screens("english-phone-dark-scriptless", "arabic-phone")
def test_a_page_that_is_refused_comes_by_itself_when_there_is_room(visit, crowd, screen):
    crowd.append(LONG)
    visitor = visit(**screen)
    answer = visitor.page.goto(visitor.site.address + "/services?q=xyzzy")
    expect(visitor.page.locator("main")).to_contain_text(WORDS[screen["language"]])
    visitor.look()
    crowd.append(SOON)
    visitor.page.reload()
    crowd.clear()

    expect(visitor.page.locator("main input[name=q]")).to_have_value("xyzzy")
    assert answer.status == 503


def test_who_does_not_wait_asks_again_for_the_same_page(visit, crowd):
    crowd.append(LONG)
    visitor = visit(language="en", width=320)
    visitor.page.goto(visitor.site.address + "/services?q=xyzzy")
    crowd.clear()
    visitor.follow("main a.button")

    assert visitor.path == "/services?q=xyzzy"


def test_a_form_that_is_refused_is_sent_again_as_it_was_typed(visit, crowd):
    visitor = visit(language="ar", width=320)
    visitor.open("/reset")
    visitor.page.fill("main input[name=username]", "salma")
    crowd.append(LONG)
    visitor.page.locator("main button").first.click()
    expect(visitor.page.locator("main")).to_contain_text(WORDS["ar"])
    visitor.look()
    crowd.clear()
    visitor.press()

    assert visitor.path.startswith("/reset/new")
