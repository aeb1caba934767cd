"""Barriers that axe finds in pages: each kind of page is looked at once in a run, whichever worker sees it first."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.journeys.judging import JUDGING
from tests.support.effort import Effort

_PATH = "/axe.js"
_SCRIPT = Response(AXE_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "max-age=86400, immutable"})
_FETCH = f"""() => new Promise((done) => {{
  if ("axe" in window) return void done(true);
  const script = document.createElement("script");
  script.onload = script.onerror = () => {{ script.remove(); done("axe" in window); }};
  script.src = "{_PATH}";
  document.documentElement.append(script);
}})"""
_LOOK = f"(thorough) => {JUDGING}.look(thorough)"
_JUDGE = f"""async ([known, thorough]) => {{
  if (!(await ({_FETCH})())) return null;
  return {JUDGING}.judge(new Set(known), thorough);
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
    """The kinds of pages and shades of text in which axe found nothing, in all journeys of this run: a file each."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._known: set[str] = set()

    def known(self) -> set[str]:
        """Return the names of all that any journey of this run has found without barriers."""
        self._known.update(file.name for file in self._folder.iterdir())
        return self._known

    def learn(self, names: Iterable[str]) -> None:
        """Remember in which kinds and shades nothing was found."""
        for name in names:
            (self._folder / name).touch()

    def report(self, page: Page) -> str:
        """Return how much wider than the screen a page is, or the barriers in what is new of it; else ""."""
        seen = page.evaluate(_LOOK, Effort.thorough)
        if seen["wide"] > 0:
            return f"{seen['wide']} pixels wider than the screen"
        kind, shades = seen["kind"], {shade: f"{seen['kind']}-{shade}" for shade in seen["shades"]}
        names = {kind, *shades, *shades.values()}
        known = names & self._known
        if not is_all_known(known, kind, shades):
            known = names & self.known()
        if is_all_known(known, kind, shades):
            return ""
        found = page.evaluate(_JUDGE, [sorted(known), Effort.thorough])
        if found is None:  # there is no network
            page.evaluate(AXE_SCRIPT)
            found = page.evaluate(_JUDGE, [sorted(known), Effort.thorough])
        self.learn(found["judged"])
        results = AxeResults({"violations": found["wrong"]})
        return results.generate_report() if results.violations_count else ""


def is_all_known(known: AbstractSet[str], kind: str, shades: Mapping[str, str]) -> bool:
    """Tell whether axe has judged this kind of page, and each shade somewhere, or at least in this kind of page."""
    return kind in known and all(shade in known or here in known for shade, here in shades.items())
