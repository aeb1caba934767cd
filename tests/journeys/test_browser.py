"""What the browser of a worker leaves to the other tests of its process, and what a visitor in it sees."""

import asyncio

import pytest
from playwright.sync_api import expect

from tests.journeys.barriers import barriers
from tests.journeys.judge import COPY, Judge

PAGE = """<!doctype html><html lang="en"><head><title>Quiet</title></head>
<body><main><h1>A picture</h1>{}</main><script>document.title = "A script ran"</script></body></html>"""
FAULTS = {"image-alt": '<img src="data:,">', "pixels wider": "<pre>" + "a wall " * 99 + "</pre>"}


def test_a_started_browser_leaves_its_thread_free_for_other_event_loops(started_chromium):
    assert asyncio.run(asyncio.sleep(0, result=True))


def test_a_fault_is_seen_each_time_where_scripts_never_run(visit):
    visitor = visit(language="en", width=320, scripts=False)
    for fault, picture in (*FAULTS.items(), *FAULTS.items()):
        visitor.page.set_content(PAGE.format(picture))
        with pytest.raises(AssertionError, match=fault):
            visitor.look()
        assert visitor.page.title() == "Quiet"


def test_a_copy_shows_axe_what_the_page_shows_and_a_fault_in_it_is_seen(visit, site):
    visitor = visit(language="en", width=320, dark=True)
    visitor.open("/register")
    page, look = visitor.page, "[innerWidth, getComputedStyle(document.querySelector('h1')).color].join()"
    page.fill("#username", "amal")
    page.evaluate("document.querySelector('main').append(new Image())")
    copy = Judge(page.context.browser, site.address).show(page.evaluate(COPY))
    assert "image-alt" in barriers(copy)
    expect(copy.locator("#username")).to_have_value("amal")
    expect(copy.locator("#username")).to_be_focused()
    assert copy.evaluate(look) == page.evaluate(look)
    copy.context.close()
    with pytest.raises(AssertionError, match="image-alt"):
        visitor.look()
