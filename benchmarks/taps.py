"""Taps and pages that ten journeys take, counted while a browser makes them as a person would who knows what they want.

Run with ``./run demo --people 300 --port 8878 > said.txt`` in one terminal and then, once its accounts are printed,
``.venv/bin/python -P benchmarks/taps.py http://localhost:8878 said.txt [NAME …]`` in another; ``--into docs/face.md``
writes the numbers there. Every run uses up what the play left for the ready accounts (an offer, an urgent case): a
second one needs a new demonstration.

A tap is a link or button pressed, a box or a circle ticked, a list opened and chosen from, a field entered to type in
it or a file chosen; typing itself is not counted. A page is one that came after a tap. What is optional is left out.
Signing in, and what makes room for a journey (what was asked for before is given up), is not counted.

A journey is a list of moves, each for one kind of page of any version: on every page those that it has are made, fields
first, and then the first press that it has.
"""

import argparse
import re
import runpy
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page
from rich.console import Console
from rich.table import Table

SCREEN = runpy.run_path(str(Path(__file__).with_name("at_the_screen.py")))
TEN = runpy.run_path(str(Path(__file__).with_name("ten_journeys.py")))
TABLES = runpy.run_path(str(Path(__file__).with_name("into_tables.py")))
PHONE: Final = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
_MOST_PAGES: Final = 30
_READING: Final = 6_000  # milliseconds on a page with fields; whoever is faster than a hand is asked for a check


@dataclass
class Hand:
    """A person's hand on a page, which counts."""

    page: Page
    paper: Path
    taps: int = 0
    pages: int = 0
    steps: list[str] = field(default_factory=list)
    spent: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """Where the browser is."""
        return "/" + self.page.url.split("/", 3)[3].partition("?")[0].partition("#")[0]

    def visible(self, find: str) -> list[Locator]:
        """Return the controls of the page that a person sees and can use."""
        return [one for one in self.page.locator(find).all() if one.is_visible() and one.is_enabled()]

    def fill_in(self, move: Any) -> None:
        """Make one move about fields, where the page has them and they are empty."""
        found = self.visible(move.find)
        if not found or (move.do == "tick" and any(one.is_checked() for one in found)):
            return
        for one in found if move.do == "every" else found[:1]:
            self.taps += _filled(one, move, self.paper)

    def press(self, moves: Sequence[Any]) -> None:
        """Press the first that the page has; a link is followed once, or a journey would go round.

        Raises
        ------
        LookupError
            The page has none of them.
        """
        for move in moves:
            once = f"{move.find} {self.path}" if "button" in move.find or "summary" in move.find else move.find
            found = [] if once in self.spent and "button" not in move.find else self.visible(move.find)
            if found:
                if self.steps[-2:] == [f"{self.path}: {move.find}"] * 2:
                    break
                self.spent.add(once)
                self.steps.append(f"{self.path}: {move.find}")
                self.taps += 1
                self._tap(found[0])
                return
        raise LookupError(f"{self.path} leads nowhere: {self.page.locator('main').inner_text()[:300]}")

    def _is_over(self, journey: Any) -> bool:
        there = re.fullmatch(journey.where, self.path) and re.fullmatch(journey.through, self.steps[-1])
        return bool(there) and bool(self.visible(journey.until))

    def _tap(self, one: Locator) -> None:
        if one.evaluate("one => one.localName") == "summary":
            one.click()
            return
        with self.page.expect_event("load"):
            one.click(no_wait_after=True)
        self.pages += 1

    def go(self, address: str, journey: Any) -> None:
        """Make a whole journey.

        Raises
        ------
        LookupError
            A page offers no way on, or the end is never reached.
        """
        self.page.goto(address + journey.start)
        presses = [move for move in journey.moves if move.do == "press"]
        for _ in range(_MOST_PAGES):
            if self.pages and self._is_over(journey):
                return
            before = self.taps
            for move in journey.moves:
                if move.do != "press":
                    self.fill_in(move)
            if self.taps > before:
                self.page.wait_for_timeout(_READING)
            self.press(presses)
        raise LookupError(f"after {_MOST_PAGES} pages still at {self.path}: {self.steps}")


def _filled(one: Locator, move: Any, paper: Path) -> bool:
    """Fill in a field unless it is; return whether that took a tap."""
    if move.do == "attach":
        one.set_input_files(paper)
        return True
    if one.is_checked() if move.do in {"tick", "every"} else one.input_value():
        return False
    if move.do == "type":
        one.fill(move.what)
    elif move.do != "choose":
        one.check()
    elif move.what.isdigit():
        one.select_option(index=int(move.what))
    else:
        one.select_option(move.what)
    return True


def make_room(page: Page, address: str) -> None:
    """Withdraw the live requests of who is signed in, and cancel their appointments, uncounted."""
    page.goto(f"{address}/me")
    ends = [f"{one}/withdraw" for one in SCREEN["leads"](page, r"/requests/\w+")]
    for end in [*(f"{one}/cancel" for one in SCREEN["leads"](page, r"/appointments/\w+")), *ends]:
        page.goto(address + end)
        if page.locator("main form[method=post] button").count():
            page.locator("main form[method=post] button").first.click()


def take(browser: Browser, address: str, accounts: Mapping[str, str], name: str, paper: Path) -> Hand:
    """Make one journey in a window of its own; what it took until it failed, where it does."""
    journey = TEN["JOURNEYS"][name]
    context = SCREEN["a_screen"](browser, address, "ar", **PHONE)
    hand = Hand(context.new_page(), paper)
    try:
        if journey.who:
            SCREEN["sign_in"](hand.page, address, journey.who, accounts)
        if journey.room:
            make_room(hand.page, address)
        hand.go(address, journey)
    except Exception as error:  # noqa: BLE001 - the other journeys are counted all the same
        hand.steps.append(f"failed: {error}")
    context.close()
    return hand


def main() -> None:
    """Make the journeys and print what they took."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("address", nargs="?")
    asked.add_argument("said", nargs="?", type=Path)
    asked.add_argument("--into", type=Path, help="the page whose table is filled in")
    asked.add_argument("names", nargs="*", help="of journeys; all where none is named")
    given = asked.parse_args()
    console = Console(width=120)
    if given.said is None:
        console.print("Give the address of a running demonstration, and the file with what it printed.")
        return
    accounts = SCREEN["accounts_said"](given.said)
    table, counted = Table("journey", "taps", "pages", "", box=None), dict[str, Hand]()
    with SCREEN["chromium"]() as browser, tempfile.TemporaryDirectory() as folder:
        paper = SCREEN["a_paper"](Path(folder))
        for name in given.names or TEN["JOURNEYS"]:
            hand = take(browser, given.address, accounts, name, paper)
            failed = next((step for step in hand.steps if step.startswith("failed")), "")
            table.add_row(name, str(hand.taps), str(hand.pages), failed)
            counted |= {} if failed else {name: hand}
            console.print("\n".join([name, *(f"  {step}" for step in hand.steps)]), style="dim", markup=False)
    console.print(table)
    if given.into:
        numbers = {
            kind: {name: str(getattr(hand, kind)) for name, hand in counted.items()} for kind in ("taps", "pages")
        }
        TABLES["fill_in"](given.into, "Taps and pages", {f"{kind} after": of for kind, of in numbers.items()})


if __name__ == "__main__":
    main()
