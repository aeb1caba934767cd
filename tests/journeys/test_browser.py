"""What the browser of a worker leaves to the other tests of its process."""

import asyncio


def test_a_started_browser_leaves_its_thread_free_for_other_event_loops(started_chromium):
    assert asyncio.run(asyncio.sleep(0, result=True))
