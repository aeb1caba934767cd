"""How long a page waits before it tries the network again: soon while something waits, seldom where nothing does."""

from itertools import pairwise

import pytest

from api.pages.shared.static import read_static

SCRIPTS = ("again.js", "counter-store.js", "counter-network.js")
PAUSES = 8
FAST = """
{
  // A pause is over at once and noted; the last of them never ends.
  const real = setTimeout;
  window.pauses = [];
  window.setTimeout = (done, pause, ...given) => {
    if (pause === 0) return real(done, 0, ...given);
    pauses.push(pause);
    return pauses.length < PAUSES ? real(done, 0, ...given) : 0;
  };
}
""".replace("PAUSES", str(PAUSES))
RECORD = "counterStore.record({ id: 'one', text: 'pass', office: 1, at: '2026-11-01T06:00:00Z' })"
SHEET = {"now": 0, "until": 1 << 50, "lines": [], "token": "t", "office": {"id": 1}}


@pytest.fixture
def counter(chromium):
    """A page with the scripts of the counter, on a computer whose network a test switches."""
    context = chromium.new_context()
    context.add_init_script(FAST)
    context.route("**/*", lambda asked: asked.abort())
    context.route("**/page", lambda asked: asked.fulfill(body="<!doctype html>", content_type="text/html"))
    page = context.new_page()
    page.goto("http://localhost/page")
    for name in SCRIPTS:
        page.add_script_tag(content=read_static(name).decode())
    yield page
    context.close()


def pauses_of(page):
    """The pauses between tries, in seconds."""
    page.evaluate("void counterNetwork.keepMeeting(() => {}, 15_000)")
    page.wait_for_function(f"pauses.length === {PAUSES}")
    return [pause / 1000 for pause in page.evaluate("pauses")]


def within(pauses, longest):
    """Whether each pause is in the second half of its longest one."""
    return all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


def test_a_counter_with_waiting_check_ins_tries_again_soon(counter):
    counter.evaluate("sheet => counterStore.keep(sheet)", SHEET)
    counter.evaluate(RECORD)
    pauses = pauses_of(counter)
    assert within(pauses, [1, 2, 4, 8, 10, 10, 10, 10])
    assert all(one != another for one, another in pairwise(pauses[4:])), "all counters would come back at once"


def test_waiting_check_ins_of_another_office_cause_no_retries(counter):
    counter.evaluate("sheet => counterStore.keep(sheet)", SHEET | {"office": {"id": 2}})
    counter.evaluate(RECORD)
    assert within(pauses_of(counter), [15] * PAUSES)


def test_an_offline_counter_with_nothing_waiting_still_looks_for_the_network(counter):
    assert within(pauses_of(counter), [15] * PAUSES)
    counter.evaluate(RECORD)
    assert within(counter.evaluate(f"pauses.slice({PAUSES})"), [1_000])


def test_an_online_counter_with_nothing_waiting_sends_nothing(counter):
    counter.route("**/desk/today/sheet", lambda asked: asked.fulfill(json=SHEET))
    assert within(pauses_of(counter), [160] * PAUSES)
    counter.evaluate(RECORD)  # it may still be undone for a moment
    assert within(counter.evaluate(f"pauses.slice({PAUSES})"), [10_000])


def test_a_page_tries_again_when_the_network_returns(counter):
    pauses_of(counter)
    counter.evaluate("dispatchEvent(new Event('online'))")
    assert within(counter.evaluate(f"pauses.slice({PAUSES})"), [1_000])
