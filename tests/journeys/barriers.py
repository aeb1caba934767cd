"""Barriers that axe finds in pages: each kind of page is looked at once in a run, whichever worker sees it first."""

from hashlib import sha256
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.journeys.skeleton import SKELETON

_PATH = "/axe.js"
_SCRIPT = Response(AXE_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "max-age=86400, immutable"})
_FETCH = f"""() => new Promise((done) => {{
  if ("axe" in window) return void done(true);
  const script = document.createElement("script");
  script.onload = script.onerror = () => {{ script.remove(); done("axe" in window); }};
  script.src = "{_PATH}";
  document.documentElement.append(script);
}})"""
_RUN = f"""async () => {{
  if (!(await ({_FETCH})())) return null;
  const {{ violations }} = await axe.run({{ resultTypes: ["violations"] }});
  return violations;
}}"""
_LOOK = f"""() => {{
  const {{ documentElement: whole }} = document;
  const wide = whole.scrollWidth - whole.clientWidth;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const seen = [({SKELETON})(whole), innerWidth, devicePixelRatio, getComputedStyle(whole).fontSize, dark];
  return [wide, seen.join()];
}}"""


def with_axe(app: ASGIApp) -> ASGIApp:
    """Serve axe beside an application: a browser fetches it in a third of the time that it takes to be told it."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await (_SCRIPT if scope.get("path") == _PATH else app)(scope, receive, send)

    return serve


def put_axe_into(page: Page) -> None:
    """Make axe known to the page that is open."""
    assert page.evaluate(_FETCH)


class Kinds:
    """The kinds of pages in which axe found nothing, in all journeys of this run: a file each, named by its hash."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder

    def report(self, page: Page) -> str:
        """Return how much wider than the screen a page is, or its barriers if it is the first of its kind; else "".

        Pages are told apart as axe does: by skeleton, size and colours.
        """
        wide, kind = page.evaluate(_LOOK)
        if wide > 0:
            return f"{wide} pixels wider than the screen"
        known = self._folder / sha256(kind.encode()).hexdigest()
        if known.exists():
            return ""
        violations = page.evaluate(_RUN)
        if violations is None:  # there is no network
            page.evaluate(AXE_SCRIPT)
            violations = page.evaluate(_RUN)
        results = AxeResults({"violations": violations})
        if results.violations_count:
            return results.generate_report()
        known.touch()
        return ""
