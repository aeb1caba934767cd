"""Takes pictures of a demonstration: twelve pages in Arabic on a phone and in English at a desk, some for handbooks.

Run ``./run demo --people 300 --port 8878 > said.txt`` in one terminal and then, once its accounts are printed,
``.venv/bin/python -P benchmarks/pictures.py http://localhost:8878 said.txt docs/screenshots/after`` in another,
before `taps.py` uses up the offer. Each is a WebP of at most 60 KB. A policy is asked for on the way and paid in the
sandbox.
"""

import argparse
import io
import runpy
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page

SCREEN = runpy.run_path(str(Path(__file__).with_name("at_the_screen.py")))
TEN = runpy.run_path(str(Path(__file__).with_name("ten_journeys.py")))
HANDBOOK = runpy.run_path(str(Path(__file__).with_name("handbook_pictures.py")))
TAPS = runpy.run_path(str(Path(__file__).with_name("taps.py")))
MOST: Final = 60_000  # bytes
_PAPER: Final = 1.2
SCREENS: Final[Mapping[str, Mapping[str, object]]] = {
    "ar-phone": {"viewport": {"width": 360, "height": 780}, "device_scale_factor": 2, "is_mobile": True},
    "en-desk": {"viewport": {"width": 1280, "height": 860}},
    "ar-tablet": {"viewport": {"width": 1024, "height": 860}},
}
BOTH: Final = ("ar-phone", "en-desk")
_MOVE: Final = TEN["Move"]
_POLICY: Final = "compulsory-car-insurance"
INSURANCE: Final = TEN["Journey"](
    "citizen",
    f"/services/{_POLICY}",
    (
        _MOVE("tick", "main input[name=person]"),
        _MOVE("choose", "main select[name=answer-plate-governorate]", "1"),
        _MOVE("type", "main input[name=answer-plate]", "123456"),
        _MOVE("tick", "main input[name=answer-vehicle-class]"),
        _MOVE("type", "main input[name=answer-make]", "كيا ريو"),
        _MOVE("type", "main input[name=answer-starts]", TEN["SOON"]),
        _MOVE("type", "main input[name=answer-months]", "3"),
        _MOVE("attach", "main input[type=file]"),
        _MOVE("press", f"main form[action='/online/services/{_POLICY}'] button.button"),
        _MOVE("press", "main form[enctype] button.button"),
        _MOVE("press", "button[name=answer][value=pay]"),
        *TEN["SEND"],
    ),
    "main a[href$='/result.pdf']",
    "/online/cases/[^/]+",
)


@dataclass(frozen=True, slots=True)
class Gallery:
    """Where pictures are taken, and where they go."""

    browser: Browser
    address: str
    accounts: Mapping[str, str]
    folder: Path
    paper: Path

    @contextmanager
    def sitting(self, who: str, screen: str) -> Iterator[Page]:
        """Yield a page of somebody who has signed in, or of a stranger where ``who`` is empty."""
        context = SCREEN["a_screen"](self.browser, self.address, screen[:2], **SCREENS[screen])
        page = context.new_page()
        if who:
            SCREEN["sign_in"](page, self.address, who, self.accounts)
        yield page
        context.close()

    def take(self, name: str, screen: str, page: Page, path: str) -> None:
        """Open a path and keep what the screen shows."""
        answer = page.goto(self.address + path, wait_until="networkidle")
        assert answer is not None, path
        assert answer.ok, (path, answer.status)
        self.shoot(name, screen, page)

    def shoot(self, name: str, screen: str, page: Page) -> None:
        """Keep what a screen shows as it is."""
        page.evaluate("document.fonts.ready.then(() => true)")
        self.keep(name, screen, Image.open(io.BytesIO(page.screenshot())))

    def first(self, page: Page, path: str, pattern: str) -> str:
        """Return where the first link of a kind leads that a page has.

        Raises
        ------
        NotThereError
            The page has none.
        """
        page.goto(self.address + path)
        found: list[str] = SCREEN["leads"](page, pattern)
        if not found:
            raise SCREEN["NotThereError"](f"{path} has no link of the kind {pattern}")
        return found[0]

    def keep(self, name: str, screen: str, image: Image.Image) -> None:
        """Write a picture as small as it must be."""
        for quality in range(86, 20, -6):
            output = io.BytesIO()
            image.convert("RGB").save(output, "WEBP", quality=quality, method=6)
            if output.tell() <= MOST:
                break
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}-{screen}.webp").write_bytes(output.getvalue())
        print(f"{name}-{screen}.webp {output.tell() / 1000:.0f} KB")


def of_everyone(gallery: Gallery, screen: str) -> None:
    """Take the pages that need no account."""
    with gallery.sitting("", screen) as page:
        gallery.take("home", screen, page, "/")
        gallery.take("search", screen, page, "/services?q=jawaz" if screen.startswith("en") else "/services?q=جواز")


def of_citizens(gallery: Gallery, screen: str) -> None:
    """Take what people see who asked: the form, a receipt, an offer, a pass."""
    with gallery.sitting("expatriate", screen) as page:
        gallery.take("receipt", screen, page, gallery.first(page, "/me", r"/requests/\w+"))
    with gallery.sitting("citizen", screen) as page:
        gallery.take("ask", screen, page, "/ask")
        gallery.take("offer", screen, page, gallery.first(page, "/me", r"/appointments/\w+"))
    with gallery.sitting("today-6", screen) as page:
        gallery.take("pass", screen, page, gallery.first(page, "/me", r"/appointments/\w+") + "/pass")


def of_a_draw(gallery: Gallery, screen: str) -> None:
    """Take what somebody reads whom a draw left without a place."""
    with gallery.sitting("", screen) as page:
        gallery.take("lost", screen, page, SCREEN["a_lost_request"](page, gallery.address, gallery.accounts))


def of_a_certificate(gallery: Gallery, screen: str) -> None:
    """Ask for a policy until it is issued, unless that was done before, and take its first page as paper."""
    with gallery.sitting("citizen", screen) as page:
        page.goto(gallery.address + "/me")
        for case in SCREEN["leads"](page, r"/online/cases/\w+"):
            page.goto(gallery.address + case)
            if page.locator(INSURANCE.until).count():
                break
        else:
            TAPS["Hand"](page, gallery.paper).go(gallery.address, INSURANCE)
        result = page.locator(INSURANCE.until).first.get_attribute("href")
        content = page.request.get(f"{gallery.address}{result}").body()
    gallery.keep("certificate", screen, pypdfium2.PdfDocument(content)[0].render(scale=_PAPER).to_pil())


def of_staff(gallery: Gallery, screen: str) -> None:
    """Take what staff work on."""
    with gallery.sitting("officer", screen) as page:
        gallery.take("desk", screen, page, "/desk")
        gallery.take("urgent-case", screen, page, _claimed(gallery, page))
    with gallery.sitting("analyst", screen) as page:
        gallery.take("board", screen, page, "/analyst/figures")
    with gallery.sitting("administrator", screen) as page:
        gallery.take("administration", screen, page, "/admin")


def _claimed(gallery: Gallery, page: Page) -> str:
    """Return an urgent case that is in the officer's hands; the first one is left for `taps.py`."""
    page.goto(gallery.address + "/desk/urgent")
    path = str(SCREEN["leads"](page, r"/desk/urgent/\w+")[1])
    page.goto(gallery.address + path)
    claim = page.locator("main button[data-key=c]")
    if claim.count():
        claim.click()
        claim.wait_for(state="detached")
    return path


PARTS: Final[tuple[Callable[[Gallery, str], None], ...]] = (
    of_everyone,
    of_citizens,
    of_a_draw,
    of_a_certificate,
    of_staff,
)


def main() -> None:
    """Take them all."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("address", nargs="?")
    asked.add_argument("said", nargs="?", type=Path)
    asked.add_argument("folder", nargs="?", type=Path)
    asked.add_argument(
        "parts", nargs="*", help=f"of {', '.join(one.__name__ for one in (*PARTS, *HANDBOOK['PARTS']))}; all by default"
    )
    given = asked.parse_args()
    if given.folder is None:
        print("Give the address of a running demonstration, the file with what it printed, and a folder.")
        return
    with SCREEN["chromium"]() as browser, tempfile.TemporaryDirectory() as papers:
        paper = SCREEN["a_paper"](Path(papers))
        gallery = Gallery(browser, given.address, SCREEN["accounts_said"](given.said), given.folder, paper)
        jobs = [(part.__name__, screen, partial(part, gallery, screen)) for screen in BOTH for part in PARTS]
        jobs += [(part.__name__, "for handbooks", partial(part, gallery)) for part in HANDBOOK["PARTS"]]
        for name, where, take in jobs:
            if given.parts and name not in given.parts:
                continue
            try:
                take()
            except Exception as error:  # noqa: BLE001 - the others are taken all the same
                print(f"{where}: {name}: {error}")


if __name__ == "__main__":
    main()
