"""What the browser of a worker leaves to the other tests of its process, and what a visitor in it sees."""

import asyncio

import pytest

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
