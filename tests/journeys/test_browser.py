"""What the browser of a worker leaves to the other tests of its process, and what a visitor in it sees."""

import asyncio

import pytest

PAGE = """<!doctype html><html lang="en"><head><title>Quiet</title></head>
<body><main><h1>A picture</h1>{}</main><script>document.title = "A script ran"</script></body></html>"""
PALE = "<style>h2 { color: #999; background: #fff }</style>"
FAULTS = {
    "image-alt": '<img src="data:,">',
    "pixels wider": "<pre>" + "a wall " * 99 + "</pre>",
    "color-contrast": f'{PALE}<h2 lang="ar" dir="rtl">معاينة</h2>',
}


def test_a_started_browser_leaves_its_thread_free_for_other_event_loops(started_chromium):
    assert asyncio.run(asyncio.sleep(0, result=True))


def test_a_fault_is_seen_each_time_where_scripts_never_run(visit):
    visitor = visit(language="en", width=320, scripts=False)
    for fault, picture in (*FAULTS.items(), *FAULTS.items()):
        visitor.page.set_content(PAGE.format(picture))
        with pytest.raises(AssertionError, match=fault):
            visitor.look()
        assert visitor.page.title() == "Quiet"


def test_a_new_shade_is_measured_on_a_known_kind_of_page(visit):
    visitor = visit(language="en", width=320)
    heading = "<h2>A word</h2>"
    visitor.page.set_content(PAGE.format(PALE.replace("#999", "#222") + heading))
    visitor.look()
    visitor.page.set_content(PAGE.format(PALE + heading))
    with pytest.raises(AssertionError, match="color-contrast"):
        visitor.look()
    assert visitor.page.locator("h2").inner_text() == "A word"
