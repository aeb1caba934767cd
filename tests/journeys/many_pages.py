"""Hundreds of pages in one window: each is fetched and laid out, and axe runs on every kind of page among them.

axe judges what no journey has shown yet, as it does of a page that is opened. Every page, of a known kind or not, must
lead nowhere else, fit the screen, and have no id twice and no empty label. Kinds of pages are told without their
language, so that two windows compare.
"""

from playwright.sync_api import Page

from tests.journeys.barriers import Kinds, put_axe_into
from tests.journeys.judging import JUDGING
from tests.support.effort import Effort

_LOOK = """(thorough) => {
  const { skeleton, judge } = JUDGING;
  const known = new Set(), seen = new Set();
  const faults = () => {
    const found = [], ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) found.push(`${wide} pixels wider than the screen`);
    if (new Set(ids).size < ids.length) found.push("an id stands twice");
    for (const one of document.querySelectorAll("label, legend, h1, h2, a, button"))
      if (!one.textContent.trim() && !one.querySelector("svg, img")) found.push(`empty: ${one.outerHTML}`);
    return found;
  };
  const lookAt = async (path, typed) => {
    const csrf = document.querySelector("[name=csrf]")?.value;
    const body = typed && new URLSearchParams({ ...typed, csrf });
    const answer = await fetch(path, typed ? { method: "POST", body } : {});
    const came = new DOMParser().parseFromString(await answer.text(), "text/html");
    const style = "[rel=stylesheet]";
    const other = [came, document].map((one) => one.querySelectorAll(style).length).join() !== "1,1"
      || came.querySelector(style).getAttribute("href") !== document.querySelector(style).getAttribute("href");
    for (const { name, value } of came.documentElement.attributes) document.documentElement.setAttribute(name, value);
    document.title = came.title;
    document.body.replaceWith(document.adoptNode(came.body));
    const found = faults(), kind = skeleton(document.documentElement);
    const told = document.querySelector("#error-summary")?.textContent.trim() ?? "";
    if (!typed && answer.redirected) found.push(`leads to ${new URL(answer.url).pathname}`);
    if (other) found.push("other styles");
    if (answer.status === 422 && !told) found.push("refused without a message");
    const isNew = !seen.has(kind), { judged, wrong } = await judge(known, thorough);
    seen.add(kind);
    judged.forEach((name) => known.add(name));
    for (const { id, nodes } of wrong) found.push(`${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    const ofAnyLanguage = kind.replace(/ (lang|hreflang|dir)=[^ >]*/g, "");
    return { status: answer.status, found, kind: isNew ? ofAnyLanguage : "", judged };
  };
  window.lookAtAll = async (steps, news) => {
    news.forEach((name) => known.add(name));
    const all = [];
    for (const step of steps) all.push(await lookAt(...step));
    return all;
  };
}""".replace("JUDGING", JUDGING)


class ManyPages:
    """A window of somebody who is signed in, in front of one page after the other."""

    def __init__(self, page: Page, judged: Kinds) -> None:
        self.page = page
        self._judged = judged
        self._told: set[str] = set()
        self.faults: list[str] = []
        self.kinds: set[str] = set()
        self.seen = 0
        put_axe_into(page)
        page.evaluate(_LOOK, Effort.thorough)

    def look(self, path: str, typed: dict[str, str] | None = None) -> int:
        """Open a page, or send what is typed with the token of the page before; give the status where it ends."""
        return self.look_at_all([(path, typed)])[0]

    def look_at_all(self, steps: list[tuple[str, dict[str, str] | None]]) -> list[int]:
        """Do several steps at once, which costs less; give the status of each."""
        news = self._judged.known() - self._told
        told = self.page.evaluate("(told) => lookAtAll(...told)", [[list(step) for step in steps], sorted(news)])
        for (path, _), one in zip(steps, told, strict=True):
            self.seen += 1
            self.kinds |= {one["kind"]} - {""}
            self._judged.learn(one["judged"])
            self.faults += [f"{path} {fault}" for fault in one["found"]]
        self._told |= news.union(*(one["judged"] for one in told))
        return [int(one["status"]) for one in told]
