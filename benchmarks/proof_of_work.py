"""How long the short check computes in a browser, down to an old phone's speed; what it costs us, and a machine.

Run with ``./run bench proof_of_work``. Chromium runs the page's own script on the page's own policy. Its emulated
slowness (CDP ``Emulation.setCPUThrottlingRate``) slows the page's thread alone, and browsers compute PBKDF2 on others.
So the rows "everything" stop all of Chromium's processes five sixths of the time, and the last also takes the
processor's SHA instructions away, which old phones lack.
"""

import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import statistics
import threading
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import altcha
from playwright.sync_api import Browser, sync_playwright

from api.door.headers import CONTENT_SECURITY_POLICY
from api.pages.shared.static import read_static
from booking.country.policy.limits import ChallengeLimits
from fraud.challenges.proof_of_work import ITERATIONS, check_solution, make_challenge

TRIES = ChallengeLimits().proof_tries
SLOWNESS = 6
ROUNDS = 5
WITHOUT_SHA = ":~0x20000000"  # BoringSSL's switch for instructions that it shall not use: SHA is bit 29 of leaf 7
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = secrets.token_bytes(32)
PAGE = """<!doctype html><meta charset="utf-8"><script src="/proof.js" defer></script>
<form id="proof" hidden data-steps='["0", "1", "2", "3"]' data-done="done" data-failed="failed">
<input name="solution"><button>compute</button><p id="proof-status"></p></form>"""
ALL_TRIES = """async (challenge) => {
    const form = document.getElementById("proof"), status = document.getElementById("proof-status");
    form.dataset.challenge = challenge;
    let longest = 0, last = performance.now();
    const beat = setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
    }, 1);
    const ended = new Promise((resolve) => {
        new MutationObserver(() => { if (status.textContent === "failed") resolve(); })
            .observe(status, { childList: true });
    });
    status.textContent = "";
    const began = performance.now();
    form.requestSubmit();
    await ended;
    clearInterval(beat);
    return { seconds: (performance.now() - began) / 1000, longest };
}"""


class Site(BaseHTTPRequestHandler):
    """The page and its script, under the site's own content security policy."""

    def do_GET(self) -> None:
        """Answer with the one or the other."""
        script = self.path == "/proof.js"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.end_headers()
        self.wfile.write(read_static("proof.js") if script else PAGE.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def unsolvable(tries: int) -> str:
    """Make a challenge of so many tries of which none is right: the longest that a person can wait."""
    challenge = make_challenge(key=KEY, subject="benchmark", tries=tries, now=NOW)
    challenge["parameters"]["keyPrefix"] = "no key begins so"
    return json.dumps(challenge)


@contextmanager
def stopped_mostly(browser: Browser) -> Iterator[None]:
    """Let all processes of a browser run for one part of ``SLOWNESS`` parts of the time."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    processes, over = [int(one["id"]) for one in found], threading.Event()

    def slow() -> None:
        while not over.is_set():
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            time.sleep(0.005 * (SLOWNESS - 1))
            for process in processes:
                os.kill(process, signal.SIGCONT)
            time.sleep(0.005)

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def rounds(page, tries: int) -> tuple[list[float], float]:  # noqa: ANN001 - playwright's page
    """Seconds of each round, and the longest time (ms) that the page did not answer."""
    measured = [page.evaluate(ALL_TRIES, unsolvable(tries)) for _ in range(ROUNDS)]
    return sorted(one["seconds"] for one in measured), max(one["longest"] for one in measured)


def show(name: str, seconds: list[float], longest: float) -> None:
    """Print one row."""
    print(f"| {name} | {seconds[0]:.2f} | {statistics.median(seconds):.2f} | {seconds[-1]:.2f} | {longest:.0f} |")


def in_a_browser(address: str) -> None:
    """Measure the page's script at several speeds."""
    print(f"\nall {TRIES} tries of {ITERATIONS:,} iterations (on average half of them are needed), {ROUNDS} rounds")
    print("| browser | best s | median s | worst s | longest wait of the page ms |")
    with sync_playwright() as playwright:
        for sha in (True, False):
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--headless", "--no-sandbox", "--disable-gpu"],
                env=dict(os.environ) | ({} if sha else {"OPENSSL_ia32cap": WITHOUT_SHA}),
            )
            page = browser.new_page()
            page.goto(address)
            page.evaluate(ALL_TRIES, unsolvable(8))
            without = "" if sha else ", no SHA instructions"
            show(f"as it is{without}", *rounds(page, TRIES))
            if sha:
                session = page.context.new_cdp_session(page)
                session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWNESS})
                show(f"page's thread {SLOWNESS} × slower", *rounds(page, TRIES))
                session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            with stopped_mostly(browser):
                show(f"everything {SLOWNESS} × slower{without}", *rounds(page, TRIES))
            browser.close()


def each(call: Callable[[], object]) -> float:
    """Seconds of one call, in the best of some rounds: other load is not what is measured here."""
    return min(timeit.repeat(call, number=5, repeat=100)) / 5


def on_a_server() -> None:
    """Measure what a challenge costs us, and what a solution costs a machine that needs no browser."""
    challenge = make_challenge(key=KEY, subject="benchmark", tries=1, now=NOW)
    found = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    solved = {"challenge": challenge, "solution": found.to_dict()}
    sent = base64.b64encode(json.dumps(solved).encode()).decode()
    make = each(lambda: make_challenge(key=KEY, subject="benchmark", tries=TRIES, now=NOW))
    check = each(lambda: check_solution(sent, key=KEY, subject="benchmark", now=NOW))
    one_try = each(lambda: hashlib.pbkdf2_hmac("sha256", b"p" * 20, b"s" * 16, ITERATIONS))
    print(f"\nmake a challenge {make * 1e3:.2f} ms, check a solution {check * 1e6:.0f} µs")
    print(f"a machine solves a thousand base challenges in {one_try * TRIES / 2 * 1_000:.0f} s of one core")


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    on_a_server()
    in_a_browser(f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
