"""Every kind of page under the conditions that break pages: 400 % zoom, large text, forced colours, keyboard alone.

Usage: python -m benchmarks.extremes [FOLDER | TESTS …]   (tests/api/pages unless told)

Shows each kind of page that tests see, in both languages and without scripts, in the system's Chromium, and looks for

- sideways scrolling and cut text in a window of 320 × 256 (1280 × 1024 at 400 %), and at 360 with text of 200 %,
- what forced colours make disappear: areas that only a background draws, signs in the colour of the ground,
- what still moves for a reader who wants no motion,
- what the keyboard reaches without showing it, or covered, or in an order that is not the page's.

Of the kinds of an address it shows the largest, in each language. Prints each fault once with the pages that have it.
Status 1 where there is one.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, Route

from api.pages.shared.static import MEDIA_TYPES, read_static
from benchmarks.at_the_screen import chromium
from benchmarks.kept_pages import kept_pages, largest_of_each, route_of

ADDRESS: Final = "http://pages.test"
ZOOMED: Final = {"width": 320, "height": 256}
PHONE: Final = {"width": 360, "height": 640}

NAME: Final = """
const name = one => one.tagName.toLowerCase() + (one.id ? "#" + one.id : "")
  + [...one.classList].map(c => "." + c).join("") + (one.name ? `[name=${one.name}]` : "");
"""
TOO_WIDE: Final = f"""() => {{ {NAME}
  const root = document.scrollingElement, width = document.documentElement.clientWidth;
  if (root.scrollWidth <= width + 1) return [];
  const scrolls = one => one && one !== document.body
    && (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  const out = [...document.body.querySelectorAll("*")].filter(one => {{
    const box = one.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && !scrolls(one.parentElement);
  }});
  return out.filter(one => !out.some(other => other !== one && one.contains(other))).slice(0, 3)
    .map(name).concat(out.length ? [] : ["the page"]);
}}"""
CUT: Final = f"""() => {{ {NAME}
  return [...document.body.querySelectorAll("*")].filter(one => {{
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const cuts = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
    return cuts && box.width > 2 && box.height > 2 && one.innerText?.trim() && style.clipPath === "none"
      && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
  }}).map(name);
}}"""
MARK: Final = """() => {
  const seen = colour => !/^rgba.*, 0\\)$/.test(colour);
  for (const one of document.body.querySelectorAll("*:not(svg, svg *, option)")) {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const draws = seen(style.backgroundColor) || style.backgroundImage !== "none";
    const ground = one.parentElement && getComputedStyle(one.parentElement).backgroundColor;
    if (draws && ground !== style.backgroundColor && box.width > 3 && box.height > 3 && !one.textContent.trim()
      && !["IMG", "INPUT", "SELECT", "TEXTAREA"].includes(one.tagName)) one.dataset.drawn = "yes";
  }
}"""
VANISHED: Final = f"""() => {{ {NAME}
  const light = colour => {{
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }};
  const ground = one => {{
    for (let at = one; at; at = at.parentElement) {{
      const colour = getComputedStyle(at).backgroundColor;
      if (!/^rgba.*, 0\\)$/.test(colour)) return colour;
    }}
    return getComputedStyle(document.documentElement).backgroundColor;
  }};
  const gone = [...document.querySelectorAll("[data-drawn]")].filter(one => {{
    const style = getComputedStyle(one);
    const bordered = ["Top", "Left"].some(side => parseFloat(style[`border${{side}}Width`]) > 0);
    return !bordered && style.outlineStyle === "none" && style.forcedColorAdjust !== "none"
      && light(style.backgroundColor) === light(ground(one.parentElement));
  }});
  const blends = (shape, behind) => {{
    const style = getComputedStyle(shape);
    const own = [style.fill, style.stroke].filter(c => /^rgb/.test(c) && !/^rgba.*, 0\\)$/.test(c));
    return own.every(colour => Math.abs(light(colour) - behind) < 40);
  }};
  const signs = [...document.body.querySelectorAll("svg")].filter(one => {{
    const drawn = ":is(path, rect, circle, line, polygon):not(defs *, symbol *, clipPath *, mask *)";
    const shapes = [...one.querySelectorAll(drawn)], behind = light(ground(one.parentElement));
    return one.getBoundingClientRect().width && shapes.length && shapes.every(shape => blends(shape, behind));
  }});
  return [...gone.map(name), ...signs.map(one => "sign in " + name(one.parentElement))];
}}"""
MOVES: Final = f"""() => {{ {NAME}
  return [...document.querySelectorAll("*")].filter(one => {{
    const style = getComputedStyle(one), longest = text => Math.max(...text.split(",").map(parseFloat));
    return (style.animationName !== "none" && longest(style.animationDuration) > 0.01)
      || longest(style.transitionDuration) > 0.01;
  }}).map(name);
}}"""
STOPS: Final = f"""() => {{ {NAME}
  const ring = of => of && getComputedStyle(of).outlineStyle !== "none"
    && parseFloat(getComputedStyle(of).outlineWidth) > 0;
  const faults = [], all = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]";
  for (const one of document.querySelectorAll(all)) {{
    if (one.tabIndex > 0) faults.push("out of the page's order: " + name(one));
    if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({{visibilityProperty: true}})) continue;
    one.focus();
    if (document.activeElement !== one) {{ faults.push("not reached: " + name(one)); continue; }}
    const box = one.getClientRects()[0], label = one.labels?.[0];
    const x = Math.min(Math.max((box.left + box.right) / 2, 1), innerWidth - 2);
    const y = Math.min(Math.max((box.top + box.bottom) / 2, 1), innerHeight - 2);
    const top = document.elementFromPoint(x, y), shows = [one, label, one.parentElement].some(ring);
    if (!shows) faults.push("not shown: " + name(one));
    if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth)
      faults.push("out of the window: " + name(one));
    else if (box.width > 1 && box.height > 1 && top
      && !(one.contains(top) || top.contains(one) || label?.contains(top)))
      faults.push("covered: " + name(one));
  }}
  return faults;
}}"""
"""After one Tab, what has the focus shows it. Without scripts only the reader moves it, so that nothing is a trap."""


def main(given: list[str]) -> int:
    """Show the pages, and print each fault once with the pages that have it."""
    faults: dict[str, set[str]] = defaultdict(set)
    with kept_pages(given) as folder, chromium() as browser:
        pages = largest_of_each(folder)
        screen = browser.new_context(java_script_enabled=False, viewport=ZOOMED)
        screen.route("**/*", lambda route: _serve(route, folder))
        page = screen.new_page()
        for one in pages:
            for fault in _faults(page, one.name):
                faults[fault].add(f"{route_of(one)} ({one.name})")
    print(f"{len(pages)} pages, {len(faults)} faults")
    for fault, routes in sorted(faults.items(), key=lambda item: -len(item[1])):
        print(f"- {fault}: {len(routes)} pages, as {min(routes)}")
    return int(bool(faults))


def _serve(route: Route, folder: Path) -> None:
    path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
    name = path.rpartition("/")[2]
    if path.startswith("/static/") and name in MEDIA_TYPES:
        route.fulfill(body=read_static(name), content_type=MEDIA_TYPES[name])
    elif (file := folder / name).suffix == ".html" and file.is_file():
        route.fulfill(body=file.read_bytes(), content_type="text/html; charset=utf-8")
    elif path == "/emblem.svg":
        route.fulfill(body=read_static("mawid.svg"), content_type="image/svg+xml")
    else:
        route.fulfill(status=204)


def _faults(page: Page, name: str) -> Iterator[str]:
    page.set_viewport_size(ZOOMED)
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    page.goto(f"{ADDRESS}/{name}", wait_until="load")
    yield from (f"at 400 %, wider than the window: {one}" for one in page.evaluate(TOO_WIDE))
    yield from (f"at 400 %, cut: {one}" for one in page.evaluate(CUT))
    page.keyboard.press("Tab")
    yield from (f"by keyboard, {one}" for one in page.evaluate(STOPS))
    page.evaluate(MARK)
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    yield from (f"in forced colours, gone: {one}" for one in page.evaluate(VANISHED))
    page.emulate_media(forced_colors="active", reduced_motion="reduce", color_scheme="dark")
    yield from (f"in dark forced colours, gone: {one}" for one in page.evaluate(VANISHED))
    yield from (f"moves without being wanted: {one}" for one in page.evaluate(MOVES))
    page.emulate_media(forced_colors="none", reduced_motion="reduce", color_scheme="light")
    page.set_viewport_size(PHONE)
    page.evaluate("() => document.documentElement.style.fontSize = '200%'")
    yield from (f"with large text, wider than the window: {one}" for one in page.evaluate(TOO_WIDE))
    yield from (f"with large text, cut: {one}" for one in page.evaluate(CUT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
