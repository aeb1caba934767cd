"""Windows in which axe is at home: pages are copied into them, where axe runs in half the time of a page just opened.

In a page just opened the browser first has to read axe, compile it and learn how it runs. What axe judges of a page is
its elements, attributes and styles, in one width and light; a copy has the same, and what is typed, chosen and focused.
A page that a copy could not show as it is stays where it is: one with other styles than ours, with attributes of style,
which our policy would refuse, with a dialog on top, or one that opens itself again.
"""

from typing import Any

from playwright.sync_api import Browser, Page
from starlette.responses import HTMLResponse

from api.door.headers import CONTENT_SECURITY_POLICY

PATH = "/judge"
HOME = HTMLResponse(
    "<!doctype html><title>Judge</title><body></body>",
    headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
)
COPY = """() => {
  const { documentElement: whole } = document, styles = [...document.querySelectorAll("[rel=stylesheet]")];
  const own = styles.length && styles.every(({ href }) => new URL(href).origin === location.origin);
  if (!own || devicePixelRatio !== 1 || !location.protocol.startsWith("http")) return null;
  if (document.querySelector("style, [style], [http-equiv=refresh], :modal, canvas, video")) return null;
  const copy = whole.cloneNode(true), all = [...whole.querySelectorAll("*")], copies = copy.querySelectorAll("*");
  all.forEach((one, number) => {
    if (one instanceof HTMLInputElement) {
      copies[number].toggleAttribute("checked", one.checked);
      copies[number].setAttribute("value", one.value);
    }
    if (one instanceof HTMLTextAreaElement) copies[number].textContent = one.value;
    if (one instanceof HTMLOptionElement) copies[number].toggleAttribute("selected", one.selected);
  });
  copies[all.indexOf(document.activeElement)]?.toggleAttribute("data-focused", true);
  for (const one of copy.querySelectorAll("noscript")) one.replaceWith(...(one.children.length ? one.childNodes : []));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return { text: copy.outerHTML, styles: styles.map(({ href }) => href), dark, width: innerWidth, height: innerHeight };
}"""
"""A function of JavaScript: gives what shows the page elsewhere, or null where a copy would not be the same."""
_SHOW = """async ({ text, styles }) => {
  const came = new DOMParser().parseFromString(text, "text/html"), { documentElement: whole } = document;
  for (const one of came.querySelectorAll("script, [rel~=icon], [rel=manifest], [rel=stylesheet]")) one.remove();
  for (const { name } of [...whole.attributes]) whole.removeAttribute(name);
  for (const { name, value } of came.documentElement.attributes) whole.setAttribute(name, value);
  if (!document.querySelector("[rel=stylesheet]"))
    await Promise.all(styles.map((href) => new Promise((onload, onerror) => {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload, onerror }));
    })));
  for (const one of [...document.head.children]) if (one.rel !== "stylesheet") one.remove();
  document.head.append(...[...came.head.children].map((one) => document.adoptNode(one)));
  document.body.replaceWith(document.adoptNode(came.body));
  document.querySelector("[data-focused]")?.focus();
}"""


class Judge:
    """The windows of one browser: one for each list of styles, opened when the first page with them comes."""

    def __init__(self, browser: Browser, site: str) -> None:
        self._context = browser.new_context(reduced_motion="reduce")
        self._context.set_default_timeout(90_000)
        self._site = site
        self._windows: dict[tuple[str, ...], Page] = {}
        self._shown: dict[Page, tuple[int, int, bool]] = {}

    def show(self, copied: dict[str, Any]) -> Page:
        """Show what ``COPY`` gave; return the page that axe may look at."""
        styles = tuple(copied["styles"])
        page = self._windows.get(styles)
        if page is None:
            page = self._windows[styles] = self._context.new_page()
            page.goto(self._site + PATH)
        shown = copied["width"], copied["height"], copied["dark"]
        if shown != self._shown.get(page):
            page.set_viewport_size({"width": shown[0], "height": shown[1]})
            page.emulate_media(color_scheme="dark" if shown[2] else "light")
            self._shown[page] = shown
        page.evaluate(_SHOW, copied)
        return page
